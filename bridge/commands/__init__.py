"""The commands behind the command line.

cli.py, *_commands      what can be typed: thin, with their options (`options`)
startup                 settings, database and runtime of a command
listings, list_output   what each list shows; as a table, JSON or CSV
explain, plan, pause    `bridge dial`
opt_outs                `bridge optouts`
consents, consent_import
                        `bridge consent`
dnc                     `bridge dnc`: the do-not-call registry's list
wrong_numbers           `bridge wrong-numbers`
check_report            `bridge check`; what it looks at is bridge/checking/
probe, probe_guesses, env_file
                        `bridge check --probe`: how SmartAdvocate wants to be called
secret                  `bridge secret`
erase                   `bridge erase`
evidence                `bridge evidence`
moments                 times as the commands read and write them
"""
