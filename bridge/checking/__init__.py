"""Is everything in order, and if not, what to do? What `bridge check` and the console's Setup show.

examination     everything the bridge depends on, looked at once: settings, database, Twilio,
                SmartAdvocate, the public address
settings_checked  the settings by themselves; agents_checked.py has who takes agent-first calls
smartadvocate   its answers; due_lists.py and list_findings.py have what its lists show
overdue_rules   whether the states' rules were to be reviewed by now
registry_lists  whether the do-not-call registry's lists are new enough
purposes_named  whether campaigns have a purpose, and texts to their people something to rest on
evidence        whether the chain over the evidence goes on
exposure        what others could read or guess
misspelled      environment variables that were meant to be settings
required        which settings a process can't do without
stored          a question to the database, which may not be there yet
voice           who is rung first, and whom a machine greets
webhooks        what Twilio has for the firm's number, beside what it should have
own_phone       whether somebody at the console may have a number called or texted as a test
findings        the lines of the report, and which setting a failure is about
"""
