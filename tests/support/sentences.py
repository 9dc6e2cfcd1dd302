"""Every sentence that a person can hear or read, made by the bridge's own functions.

python -m tests.support.sentences         all of them, to be read as a whole
python -m tests.support.sentences notes   docs/reference/notes.md
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from bridge.adapters.twilio import twiml
from bridge.consent.by_hand import TO_DIAL
from bridge.consent.held_cases import OF_NOBODY, REMAINS_HELD, instructions
from bridge.domain.case_updates import DialerStatus, UpdatePlan
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.decisions import Rule
from bridge.domain.events import Channel
from bridge.domain.not_dialed_sentences import not_dialed
from bridge.domain.notes import EventNote, NoteKind, OutcomeNote, event_note, outcome_note
from bridge.domain.opt_out_language.classifier import Intent
from bridge.domain.opt_out_sentences import noted, said, written
from bridge.domain.outcomes import OutcomeKind
from bridge.domain.phones import E164
from bridge.domain.text_flood import marked_as, summary
from bridge.web import errors, gate, limits

Rows = Iterator[tuple[str, str, str]]
"""A key, when the sentence is said, and the sentence."""

ZONE = ZoneInfo("America/New_York")
FIRM, FIRM_PHONE = "Example & Partners", E164("+14025550199")
PHONE = E164("+14025550147")
CALL, TEXT = "CA00000000000000000000000000001f3a", "SM0000000000000000000000000000b7c2"
NEXT = datetime(2026, 11, 24, 22, 2, tzinfo=UTC)
CASE = 515512
_HOUR = timedelta(hours=1)

_OUTCOMES: dict[OutcomeKind, tuple[str, OutcomeNote]] = {
    kind: (when, OutcomeNote(kind, CALL, PHONE, talked_for=talked))
    for kind, when, talked in (
        (OutcomeKind.REACHED, "another app's call was answered", 94),
        (OutcomeKind.MACHINE, "a machine or fax answered", None),
        (OutcomeKind.BUSY, "busy", None),
        (OutcomeKind.NO_ANSWER, "nobody answered", None),
        (OutcomeKind.CUT_SHORT, "another app's call, answered, too short for a conversation", 4),
        (OutcomeKind.NOT_CONNECTED, "pressed 1, and nobody at the firm answered", None),
        (OutcomeKind.NOT_GREETED, "answered, and contact was no longer allowed", None),
        (OutcomeKind.HUNG_UP, "hung up before the message ended", 6),
        (OutcomeKind.HEARD_ALONE, "heard the message; the goal was a talk", 22),
        (OutcomeKind.HEARD, "heard the message, which was the goal", 22),
        (OutcomeKind.VOICEMAIL, "the agent pressed 2: left a voicemail", None),
        (OutcomeKind.WRONG_PERSON, "the agent pressed 3: wrong person", None),
        (OutcomeKind.REFUSED, "the agent pressed 4: do not call again", 61),
        (OutcomeKind.FAILED, "could not be connected", None),
        (OutcomeKind.TEXT_DELIVERED, "a text was delivered", None),
        (OutcomeKind.TEXT_FAILED, "a text was not delivered", None),
        (OutcomeKind.CALLED_IN, "an incoming call was answered", 20),
        (OutcomeKind.CALLED_BACK, "an incoming call was a talk; planned calls wait", 185),
        (OutcomeKind.REACHED_US, "an incoming call was a talk; the case is done", 185),
        (OutcomeKind.MISSED, "an incoming call was missed", None),
    )
}
_REASONS = {
    OutcomeKind.NOT_GREETED: "the person opted out (text)",
    OutcomeKind.FAILED: "the number does not exist (SIP 404)",
    OutcomeKind.TEXT_FAILED: "the phone was switched off or out of reach (30003)",
}
_HELD = instructions(CASE)
_PERSON = noted(OptOutScope.PERSON, Channel.TEXT)
_FLOOD = [
    (marked_as(intent, held=True), datetime(2026, 11, 24, 19, minute, tzinfo=UTC))
    for minute, intent in ((0, Intent.STOP), (20, Intent.START), (40, Intent.WORDS))
]
_EVENTS: dict[NoteKind, tuple[str, str, str, str]] = {
    # When; the text or call it refers to; the person's words; how the note ends.
    NoteKind.WROTE: ("a person texted", TEXT, "Can you call me back?", ""),
    NoteKind.STOPPED_BY_TEXT: ("opt-out by text", TEXT, "STOP", _PERSON),
    NoteKind.STOPPED_CALLING_IN: ("opt-out by key 9 of a person who calls us", CALL, "", _PERSON),
    NoteKind.STOPPED_BY_KEY: ("opt-out by key 9", CALL, "", _PERSON),
    NoteKind.STOPPED_BY_HAND: (
        "somebody at the firm recorded an opt-out",
        "hand-1",
        "She said so on the phone",
        _PERSON,
    ),
    NoteKind.LIFTED_BY_HAND: ("it was lifted", "hand-1", "She wants calls again", TO_DIAL),
    NoteKind.GOES_ON: ("a text in free words was no opt-out", TEXT, "", ""),
    NoteKind.LIMIT_READ: ("somebody read a text that limits contact", TEXT, "", ""),
    NoteKind.PREFERENCE_KEPT: (
        "somebody kept how the person wants to be reached",
        TEXT,
        "",
        "no calls or texts before noon in their own time",
    ),
    NoteKind.PREFERENCE_LIFTED: (
        "somebody lifted such a preference",
        "preference-1",
        "She works days now",
        "no calls or texts before noon in their own time",
    ),
    NoteKind.NOT_ENDED: ("a text did not end the firm's work", TEXT, "", ""),
    NoteKind.NUMBER_RIGHT: ("a number was not wrong", TEXT, "", ""),
    NoteKind.NUMBER_WRONG: ("a number is wrong for the client", TEXT, "", ""),
    NoteKind.NUMBER_LIFTED: ("it is right after all", "lifted-wrong-1", "Her new phone", ""),
    NoteKind.NOT_THIS_CLIENT: ("somebody else opted out at a shared phone", "case-1", "", ""),
    NoteKind.SHARED_BY_TEXT: ("opt-out by text from a shared phone", TEXT, "STOP", _HELD),
    NoteKind.SHARED_CALLING_IN: ("the same from a phone that several cases share", CALL, "", _HELD),
    NoteKind.SHARED_BY_KEY: ("opt-out by key 9, on a call for another case", CALL, "", _HELD),
    NoteKind.SHARED_AT_TWILIO: ("Twilio reports an opt-out of a shared phone", TEXT, "", _HELD),
    NoteKind.STOPPED_AGAIN: ("STOP again, with other words", TEXT, "Stop. I told you.", ""),
    NoteKind.PERHAPS_OPTED_OUT: ("somebody who shares a phone opted out", TEXT, "", _HELD),
    NoteKind.PERHAPS_STOPPED: (
        "staff stopped another case of the person",
        "stopped-7",
        "",
        "case 515511",
    ),
    NoteKind.NOT_THIS_CASE: ("it was meant for that case alone", "hold-1", "", "case 515511"),
    NoteKind.WANTS_TEXTS: ("START; nothing else holds the case", TEXT, "START", ""),
    NoteKind.STILL_OPTED_OUT: ("START; opted out in another way too", TEXT, "START", ""),
    NoteKind.STAYS_OPTED_OUT: ("START; another text's opt-out remains", TEXT, "START", ""),
    NoteKind.STILL_HELD: ("START; the case is on hold", TEXT, "START", _HELD),
    NoteKind.STILL_SUSPENDED: (
        "START; paused",
        TEXT,
        "START",
        f"To resume: bridge dial resume --case {CASE}.",
    ),
    NoteKind.REFUSED: ("a refusal in free words", TEXT, "please take me off your list", ""),
    NoteKind.LIMITED: ("a limit to contact", TEXT, "no calls at work", ""),
    NoteKind.ENDED: ("the end of the firm's work", TEXT, "I hired another attorney", ""),
    NoteKind.WRONG_NUMBER: ("a wrong number", TEXT, "You have the wrong number", ""),
    NoteKind.STALE_TEXT: ("a planned text was too late", "a1", "", ""),
    NoteKind.STALE_CALL: ("a planned call was too late", "a1", "", ""),
    NoteKind.UNDECIDED: ("the outcome of a call stayed unknown", "a1", "", ""),
    NoteKind.NOT_DIALED: (
        "the firm took a call, and contact was no longer allowed",
        "a1",
        "",
        "the person opted out (text)",
    ),
    NoteKind.PUT_OFF: ("an agent put a call off", "a1", "", "for an hour"),
    NoteKind.BROKEN: ("a case hides others and can't be called", "a1", "", "it has no phones"),
    NoteKind.FLOOD: ("more than 10 texts within an hour", TEXT, "hello?", summary(_FLOOD, ZONE)),
    NoteKind.TOO_MANY_CALLS: ("a busy signal was given", CALL, "", "10 times"),
    NoteKind.CALL_IN_A_CIRCLE: ("a call would have gone in a circle", CALL, "", ""),
}


def outcomes() -> Rows:
    """How a call or text ended."""
    for kind, (when, plain) in _OUTCOMES.items():
        note = replace(
            plain,
            sid=TEXT if kind.value.startswith("text") else CALL,
            reason=_REASONS.get(kind, ""),
            rang_for=25 if kind is OutcomeKind.NO_ANSWER else None,
        )
        if kind is OutcomeKind.REACHED:
            connected = replace(note, connected=True)
            yield kind, "person and firm were connected", _outcome(connected)
        yield kind, when, _outcome(note)


def additions() -> Rows:
    """What may follow in the note about an outcome."""
    busy = OutcomeNote(OutcomeKind.BUSY, CALL, PHONE)
    to_dial = UpdatePlan(None, DialerStatus.TO_DIAL, NEXT, 1)
    last = replace(to_dial, status=DialerStatus.DO_NOT_DIAL, attempts=8, gave_up=True)
    left = replace(to_dial, left_alone=True)
    for when, note, plan in (
        ("the number is bad", replace(busy, bad_number=True), None),
        ("Twilio says that the person opted out", replace(busy, opted_out=True), None),
        ("there is a next call", busy, to_dial),
        ("the last attempt", busy, last),
        ("the case was Do not Dial already", busy, left),
        ("the case has a status of the firm's own", busy, replace(left, label="Attorney Hold")),
        ("an agent of the firm took it", replace(busy, taken_by="Front desk"), None),
        ("more is known than an earlier note said", replace(busy, correction=True), None),
    ):
        sentence = _outcome(note, plan).removesuffix("[CA…1f3a]")
        yield "", when, sentence.replace("Call to (402) 555-0147: busy.", "…").strip()


def events() -> Rows:
    """What people said, and what happened besides."""
    for kind, (when, sid, words, ends) in _EVENTS.items():
        note = EventNote(kind, sid, PHONE, words, ends=ends, by="Ann Example")
        yield kind, when, unescape(event_note(note))


def opt_outs() -> Rows:
    """What an opt-out ends: in a note, in the reply to a text, on the line."""
    for scope in OptOutScope:
        for channel in Channel:
            if noted(scope, channel):
                yield scope, f"note, by {channel}", noted(scope, channel)
        yield scope, "reply to a text", written(scope, FIRM, FIRM_PHONE)
        yield scope, "on the line", said(scope, FIRM)
    yield "", "note of a case that is on hold already", REMAINS_HELD
    yield "", "a refusal that names nobody (bridge callbacks)", OF_NOBODY


def prompts() -> Rows:
    """What people hear on the line."""
    url = "https://firm.example.com/"
    for when, document in (
        ("the person picks up", twiml.greeting(FIRM, FIRM_PHONE, url)),
        ("after silence", twiml.prompt_again(FIRM, FIRM_PHONE, url)),
        ("a person calls in", twiml.put_caller_through(FIRM, FIRM_PHONE, (url, url), _HOUR)),
        ("pressed 1", twiml.put_through(FIRM, FIRM_PHONE, PHONE, url, _HOUR)),
        ("pressed 9", twiml.opted_out(said(OptOutScope.PERSON, FIRM))),
        ("pressed 9, and it could not be stored", twiml.opt_out_failed(FIRM, FIRM_PHONE)),
        ("the same, without FIRM_PHONE", twiml.opt_out_failed(FIRM, None)),
        ("nobody at the firm answers", twiml.nobody_there(FIRM, FIRM_PHONE)),
        ("an agent is rung", twiml.for_the_agent("Case 5 1 5. Campaign A. Attempt 1.", url)),
        ("the agent puts it off", twiml.put_off("in an hour")),
        ("the agent calls", twiml.put_through_to_person(PHONE, PHONE, 25, (url, url), _HOUR)),
        ("to the agent: the client did not answer", twiml.not_reached()),
        ("to the agent: the client has hung up", twiml.what_was_it(url)),
        ("to the agent: it is stored", twiml.noted()),
        ("to the agent: it could not be stored", twiml.not_noted()),
        ("an agent who is ready again calls in", twiml.is_ready("Front desk")),
        *(
            (f"to the agent: not dialed ({rule})", twiml.not_now(not_dialed([rule])))
            for rule in Rule
        ),
    ):
        heard = [said.text or "" for said in ElementTree.fromstring(document).iter("Say")]
        yield "", when, " … ".join(dict.fromkeys(heard))


def web_lines() -> Rows:
    """The web app's one-line answers to errors."""
    for cut_short in limits.CutShort:
        status, line = cut_short.value
        yield str(status), cut_short.name.lower().replace("_", " "), line
    for code, line in gate.LINES.items():
        yield str(code), "refused at the gate", line.format("wrong")
    yield "404", "no token for /metrics", gate.NO_TOKEN
    yield "503", "the database is unavailable", errors.UNAVAILABLE
    yield "500", "an error inside the bridge", errors.INTERNAL.format("5f0c")


def notes_page() -> str:
    """docs/reference/notes.md."""
    parts = (
        _PAGE.strip(),
        _table("How a call or text ended", outcomes(), ("Key", "When", "Note")),
        "A canceled call gets no note.",
        _table("What may follow in the same note", additions(), ("When", "Words")),
        _table("What people said and what happened besides", events(), ("Key", "When", "Note")),
        _table("What an opt-out ends", opt_outs(), ("Scope", "Where", "Words")),
    )
    return "\n\n".join(parts) + "\n"


_PAGE = """
# Every note

These are the notes that the bridge writes on a case, with examples filled in. The page is made by
`python -m tests.support.sentences notes`, and a test compares the two.

A note is one line. It ends with a short reference to the call or text, such as `[CA…1f3a]`. A
person's own words stand in one quotation that can't be closed from inside; 500 characters are shown
and the rest is counted. Where words were [erased](../how-to/erase.md) before the note was
delivered, "(the words are no longer kept)" stands in their place. A withheld number is "a number
that is not shown".
"""


def _outcome(note: OutcomeNote, plan: UpdatePlan | None = None) -> str:
    return unescape(outcome_note(note, plan, ZONE))


def _table(title: str, rows: Rows, columns: tuple[str, ...]) -> str:
    lines = [f"## {title}\n", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for key, when, sentence in rows:
        cells = (f"`{key}`" if key else "", when, sentence)[-len(columns) :]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _everything() -> str:
    sections = (outcomes, additions, events, opt_outs, prompts, web_lines)
    return "\n".join(
        f"\n{section.__doc__}\n" + "\n".join(f"  {when}: {words}" for _, when, words in section())
        for section in sections
    )


if __name__ == "__main__":
    sys.stdout.write(notes_page() if sys.argv[1:] == ["notes"] else f"{_everything()}\n")
