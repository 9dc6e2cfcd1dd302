"""The bridge between cloud telephony and a law firm's case system.

Two roads run through it, each a folder that reads from top to bottom in its `__init__.py`.

    inbound/          a callback comes in → kept → matched → translated → SmartAdvocate is told
    outbound/         a case is due → judged → claimed → texted, dialed → (a callback comes in)

    domain/           the rules: pure functions and tables; time and settings are arguments
    adapters/         the only code that knows a vendor: twilio/, smartadvocate/, geography.py
    store/            the only code that speaks SQL; lanes.py is the queue
    web/  app.py  server.py      the web app, behind one gate (doors.py, gate.py), and its server
    worker.py         the loop: take in, lease lanes, deliver, sweep, dial, stop cleanly
    sweep.py          what was forgotten: stale plans, orphaned cases, unfinished claims, old bodies

    judging.py        gathers what is known of a person and has `domain/eligibility.py` judge it
    turning.py        how a case's turn ends when no call's outcome ends it
    outage.py         rests while SmartAdvocate or Twilio is away
    runtime.py        what all of this runs on, built in one function and passed by hand
    settings.py  forms.py        the environment, typed and explained
    cli.py  commands/            what the operator types, and what it looks at and changes
    counts.py  logs.py  errors.py    counts, lines and failures
    sandbox/          a pretend outside world over HTTP; shares no code with the rest

The words of the second road: a case has a *turn* (from its claim until its outcome is told), in it
*attempts* (texts and calls, planned, placed, ended), and before each a *verdict*. A *contact* is a
call or text with a person, whoever placed it.

Where to change what: an outcome's meaning in `domain/outcomes.py`; the words of a note in
`domain/notes.py`; who may be reached when in `domain/eligibility.py` and `domain/state_rules.json`;
what counts as a refusal in `domain/refusals.py`, whose it is in
`domain/households.py`; how a person's words are quoted in `domain/quoting.py`; what is cut out of
what is kept and shown in `domain/redaction.py`; what a call hears in
`adapters/twilio/twiml.py`; what an error of Twilio's means in `adapters/twilio/codes.json`; a new
field of Twilio's in `adapters/twilio/callbacks.py`, its shape in `shapes.py`; a path or label of
SmartAdvocate's in
`adapters/smartadvocate/wire.py`; which of its answers mean success in
`adapters/smartadvocate/responses.py`; what is noticed of it in `outbound/list_checks.py`; what a
talk is, and what a campaign's calls are for, in `domain/talks.py` and `domain/goals.py`; a setting
in `settings.py`, `.env.example` and the README (a test holds the three together).
"""

__version__ = "0.1.0"
