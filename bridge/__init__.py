"""The bridge between cloud telephony and a law firm's case system.

Two roads run through it. The first is built: a callback comes in, and its case hears of it.

    web/twilio.py     the routes, behind one signature gate
    inbound.py        accept; then, in a worker: understand, match
    telling.py        translate, and queue what the case must be told
    delivery.py       tell SmartAdvocate: in order, once, until it has taken it
    sweep.py          what is erased and purged from time to time

    domain/           the rules: pure functions and tables; time and settings are arguments
    adapters/         the only code that knows a vendor: twilio/, smartadvocate/
    store/            the only code that speaks SQL; lanes.py is the queue
    web/  app.py  server.py      the web app and how it is served
    worker.py         the loop: take in, lease lanes, deliver, sweep, stop cleanly
    runtime.py        what all of this runs on, built in one function and passed by hand
    settings.py  forms.py        the environment, typed and explained
    cli.py  check.py  listings.py    the commands
    counts.py  logs.py  errors.py    counts, lines and failures
    sandbox/          a pretend outside world over HTTP; shares no code with the rest

Where to change what: an outcome's meaning in `domain/outcomes.py`; the words of a note in
`domain/notes.py`; a new field of Twilio's in `adapters/twilio/callbacks.py`; a path or label of
SmartAdvocate's in `adapters/smartadvocate/wire.py`; a setting in `settings.py`, `.env.example` and
the README (a test holds the three together).
"""

__version__ = "0.1.0"
