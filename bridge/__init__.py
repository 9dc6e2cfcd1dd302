"""The bridge between Twilio and a law firm's cases in SmartAdvocate.

Two roads run through it:

    a callback comes in   web/ → callbacks/ → consent/ (what the person says) → reporting/
    a case is due         dialing/ → Twilio → a callback comes in

Rooms by subject; each `__init__.py` lists its modules:

    callbacks/     callbacks from Twilio: kept, processed; calls in; what they say of our attempts
    consent/       texts and keys of people: opt-outs, opt-ins, what they have agreed to, cases held
    dialing/       poll, claim, plan, reserve, place, reconcile, and the dialer's loop
    reporting/     all that SmartAdvocate is told: case reports, ends of turns, delivery
    checking/      is everything in order: what `bridge check` and the page Setup show
    agreement.py         what a person has agreed to at a number: consent on file, attestations
    agents.py            how the firm's agents stand: who may be rung, who rests
    background.py        what is known of the people of some cases, read for all of them at once
    phone_choices.py     which phone of a case is called, and which is texted
    eligibility.py       decides on a contact by what is known of its person
    explanation.py       what would happen with a case, and why, for people
    call_flow.py         what a caller hears and a texter reads in reply
    circuit_breaker.py   while SmartAdvocate or Twilio is down, one probe asks instead of all

    domain/        the rules, as pure functions and tables; time and settings are arguments
    adapters/      the only code that knows a vendor: twilio/, smartadvocate/, geography.py
    store/         the only code that speaks SQL, by aggregate, in the same words as the rooms
    web/           routes and their guards (routes.py, gate.py), limits; app.py, server.py
    commands/      what the operator's commands do; cli.py has their names and options
    worker.py      the worker's loop; sweep.py does what is due from time to time, errands.py
                   what the console asks for
    runtime.py     what all of this runs on, built in one function and passed by hand
    heartbeat.py   each process says that it lives
    settings.py    every setting; environment.py reads them, setting_parsers.py their forms
    counts.py  logs.py  errors.py    counts, log lines, failures
    sandbox/       a pretend Twilio and SmartAdvocate over HTTP; shares no code with the rest

Rooms import one way (a test holds it):

    web, worker, commands → dialing → callbacks → consent → reporting → eligibility
        → background → store, adapters → domain

Where to change what:

    a new status of Twilio                    adapters/twilio/vocabulary.py, domain/progress.py
    a new kind or field of callbacks          adapters/twilio/callback_kinds.py, shapes.py
    what an error of Twilio means             adapters/twilio/codes.json
    what a call hears                         adapters/twilio/twiml.py
    SmartAdvocate's paths, names and labels   adapters/smartadvocate/api_mapping.py
    how fast SmartAdvocate is asked           adapters/smartadvocate/client.py
    how long to stay away after failures      circuit_breaker.py, domain/backoff.py
    another case system                       beside adapters/smartadvocate/client.py; runtime.py
    what the end of a call means for its case domain/outcomes.py, notes.py
    the wording of notes                      domain/notes.py
    which facts a note has                    reporting/case_reports.py, from callback_kinds.py on
    who may be reached, and when              domain/eligibility.py, hours.py, caps.py
    whether a call under way goes on          domain/calls_under_way.py
    whether a machine may speak to a person   domain/voice.py
    who at the firm is rung, keys, rests      domain/agents.py, office_hours.py, agents.py
    how long a case waits for an agent        dialing/call_takers.py
    a fact that the rules are to know         background.py, domain/contact_facts.py, store/
    a state's rules                           domain/state_rules.json, state_holidays.json
    a new area code that is laid over another adapters/area_codes.json
    another country: places, zones, numbers   adapters/geography.py, domain/state_rules.json
    what counts as consent, and its end       domain/consents.py, consent/consents.py
    what the do-not-call registry means       domain/registry.py, registry_list.py
    what a pause can be about                 domain/contact_facts.py, commands/options.py
    a phrase that counts as a refusal         domain/opt_out_language/english.py, spanish.py
    a phrase that limits or ends contact      domain/opt_out_language/limits.py, endings.py
    how a person may want to be reached       domain/preferences.py
    what a text seems to want of that         domain/opt_out_language/suggestions.py
    a spelling of a word in texts             domain/opt_out_language/spelling.py
    a word that opts out at once              domain/opt_out_language/classifier.py
    what somebody at the firm is asked        domain/questions.py, store/console/to_do.py
    whose refusal it is                       domain/shared_phones.py
    a page or route                           web/routes.py, gate.py, a module of its own
    what is kept with a decision              domain/decision_inputs.py, evidence_sentences.py
    what a lawyer is handed about a case      domain/evidence.py, store/evidence/case_record.py
    which tables the evidence's chain covers  domain/evidence_chain.py, store/evidence/chain.py
    what a page or a command lists            the aggregate's module in store/
    a setting                                 settings.py, .env.example, docs/reference/

Words are explained in docs/glossary.md, changes step by step in docs/contributing.md.
"""

import gc

__version__ = "0.1.0"

# Much code is loaded, none of which is garbage: to look for some after 50,000 new objects instead
# of 700 saves a tenth of each process's start.
gc.set_threshold(50_000)
