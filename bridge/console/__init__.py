"""The pages at /console/, on which a firm sees and steers its calls.

guard       who may look, who may act: called by the gate ahead of every view
views       every address and its view
sign_in     signing in and out; passwords.py, sessions.py (from the cookie to a row), people.py
header      what stands on every page: the firm, what is to do, what is paused
pages       how a page is made, errors.py too; formats.py has times, phones and outcomes as people
            read them, form_fields.py what they typed, csv_files.py lists as files
assets      style and script, from packages and from static/, compressed once

A module a page; search.py and pausing.py (all calls) are on all of them.

today       charts.py; agents.py (who takes calls)
contacts    contact_filters.py reads the address
case        case_facts.py and standing.py (how it stands), timeline.py, timeline_lines.py and
            raw_events.py (what has happened), case_actions.py with local_times.py (what is done)
evidence    why each contact of a case was made or not, to be printed
to_do       to_do_actions.py
plan        plan_rows.py
opt_outs    opt_out_forms.py
consents    consent_forms.py
setup       checklist.py and test_steps.py (what is shown), setup_actions.py (what is asked for);
            pauses.py, setup_settings.py with setting_words.py, audit_trail.py: its other pages

Pages read the store and fill a template. What they change, they change through the room that owns
it (consent, dialing, reporting), in one transaction with its line in the audit trail. Nobody
outside is asked here: what only the worker may do is an errand (store/console/errands.py).
"""
