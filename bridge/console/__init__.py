"""The pages at /console/, on which a firm sees and steers its calls.

guard       who may look, who may act: called by the gate ahead of every view
sign_in     signing in and out; passwords.py, sessions in rows
header      what stands on every page: the firm, what is to do, what is paused
pages       how a page is made; formats.py has times, phones and outcomes as people read them
assets      style and script, from packages and from static/, compressed once

A module a page: today, contacts, case, to_do, plan, opt_outs, setup; search and pausing are on all.

contacts    contact_filters.py reads the address
case        case_facts.py and standing.py (how it stands), timeline.py, timeline_lines.py and
            raw_events.py (what has happened), case_actions.py with local_times.py (what is done)

Pages read the store and fill a template. What they change, they change through the room that owns
it (consent, dialing, reporting), in one transaction with its line in the audit trail. Nobody
outside is asked here: what only the worker may do is an errand (store/console/errands.py).
"""
