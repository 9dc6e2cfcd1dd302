"""The notes on a case: one or two short sentences that a paralegal can read.

They hold our own words (and a reason from our list of error codes), and at most one quotation of a
person's (`quoting.py`), which nobody can close from inside. A note is one line, escaped since
SmartAdvocate renders notes as HTML (docs/reference/smartadvocate.md#notes). It ends with a
reference to the call or text, since there is no idempotency key by which a double could be told.
docs/reference/notes.md lists every note.
"""

from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from html import escape

from bridge.domain.case_updates import DialerStatus, UpdatePlan
from bridge.domain.local_time import local
from bridge.domain.outcomes import OutcomeKind
from bridge.domain.phones import E164, display
from bridge.domain.quoting import plain, quoted

_MINUTE = 60
_OUTCOMES: dict[OutcomeKind, str] = {
    OutcomeKind.REACHED: "Call to {who}: answered{lasted}.",
    OutcomeKind.MACHINE: "Call to {who}: answering machine.",
    OutcomeKind.BUSY: "Call to {who}: busy.",
    OutcomeKind.NO_ANSWER: "Call to {who}: no answer{rang}.",
    OutcomeKind.CUT_SHORT: (
        "Call to {who}: answered, but the call ended before a conversation{lasted}."
    ),
    OutcomeKind.NOT_CONNECTED: (
        "Call to {who}: answered and asked to be connected, but nobody at the firm picked up."
    ),
    OutcomeKind.NOT_GREETED: (
        "Call to {who}: answered, but we hung up without a greeting{reason}."
    ),
    OutcomeKind.HUNG_UP: "Call to {who}: answered, but hung up before the message ended{lasted}.",
    OutcomeKind.HEARD_ALONE: (
        "Call to {who}: answered and heard the message, did not ask to be connected{lasted}."
    ),
    OutcomeKind.HEARD: "Call to {who}: answered and heard the message{lasted}.",
    OutcomeKind.VOICEMAIL: "Call to {who}: a voicemail was left.",
    OutcomeKind.WRONG_PERSON: (
        "Call to {who}: wrong person. This number is not called again. Please check it."
    ),
    OutcomeKind.REFUSED: "Call to {who}: answered and asked us not to call again{talked}.",
    OutcomeKind.FAILED: "Call to {who}: could not be connected{reason}.",
    OutcomeKind.TEXT_DELIVERED: "Text to {who}: delivered.",
    OutcomeKind.TEXT_FAILED: "Text to {who}: not delivered{reason}.",
    OutcomeKind.CALLED_IN: "Call from {who}: answered{lasted}.",
    OutcomeKind.CALLED_BACK: (
        "Call from {who}: answered{talked}. Planned calls wait until the next business day."
    ),
    OutcomeKind.REACHED_US: "Call from {who}: answered{talked}. Planned calls are canceled.",
    OutcomeKind.MISSED: "Call from {who}: missed.",
}
_CONNECTED = "Call to {who}: connected to the firm{talked}."
"""What became of a call of ours that reached the person, who was put through."""


class NoteKind(StrEnum):
    """What a note says that is not about how a call or a text ended."""

    WROTE = "wrote"
    STOPPED_BY_TEXT = "stopped-by-text"
    STOPPED_BY_KEY = "stopped-by-key"
    STOPPED_CALLING_IN = "stopped-calling-in"
    STOPPED_BY_HAND = "stopped-by-hand"
    LIFTED_BY_HAND = "lifted-by-hand"
    GOES_ON = "goes-on"
    LIMIT_READ = "limit-read"
    PREFERENCE_KEPT = "preference-kept"
    PREFERENCE_LIFTED = "preference-lifted"
    NOT_ENDED = "not-ended"
    NUMBER_RIGHT = "number-right"
    NUMBER_WRONG = "number-wrong"
    NUMBER_LIFTED = "number-lifted"
    NOT_THIS_CLIENT = "not-this-client"
    SHARED_BY_TEXT = "shared-by-text"
    SHARED_BY_KEY = "shared-by-key"
    SHARED_CALLING_IN = "shared-calling-in"
    SHARED_AT_TWILIO = "shared-at-twilio"
    STOPPED_AGAIN = "stopped-again"
    PERHAPS_OPTED_OUT = "perhaps-opted-out"
    PERHAPS_STOPPED = "perhaps-stopped"
    NOT_THIS_CASE = "not-this-case"
    WANTS_TEXTS = "wants-texts"
    STILL_OPTED_OUT = "still-opted-out"
    STAYS_OPTED_OUT = "stays-opted-out"
    STILL_HELD = "still-held"
    STILL_SUSPENDED = "still-suspended"
    REFUSED = "refused"
    LIMITED = "limited"
    ENDED = "ended"
    WRONG_NUMBER = "wrong-number"
    STALE_TEXT = "stale-text"
    STALE_CALL = "stale-call"
    UNDECIDED = "undecided"
    NOT_DIALED = "not-dialed"
    PUT_OFF = "put-off"
    BROKEN = "broken"
    FLOOD = "flood"
    TOO_MANY_CALLS = "too-many-calls"
    CALL_IN_A_CIRCLE = "call-in-a-circle"


_ERASED = " (the words are no longer kept)"
_EVENTS: dict[NoteKind, str] = {
    NoteKind.WROTE: "Text from {who}{pictures}{words}.",
    NoteKind.STOPPED_BY_TEXT: "Text from {who}{words}: opted out. {ends}",
    NoteKind.STOPPED_BY_KEY: "Pressed 9 on a call to {who}: opted out. {ends}",
    NoteKind.STOPPED_CALLING_IN: "Call from {who}, pressed 9: opted out. {ends}",
    NoteKind.STOPPED_BY_HAND: "Opt-out recorded by {by}{words}. {ends}",
    NoteKind.LIFTED_BY_HAND: ("Opt-out lifted by {by}{words}. {ends}"),
    NoteKind.GOES_ON: (
        "{by} decided: the text from {who} does not ask to stop. It no longer holds anything back."
    ),
    NoteKind.LIMIT_READ: (
        "{by} has read what the text from {who} asks for. It no longer holds anything back: the "
        "limit must be kept by hand, by the next call or the phones of the case."
    ),
    NoteKind.PREFERENCE_KEPT: (
        "{by} has read what the text from {who} asks for. From now on: {ends}. The text no longer "
        "holds anything back."
    ),
    NoteKind.PREFERENCE_LIFTED: (
        "No longer in effect for this person: {ends}. Lifted by {by}{words}."
    ),
    NoteKind.NOT_ENDED: (
        "{by} decided: the firm's work for this person goes on. The text from {who} no longer "
        "holds anything back."
    ),
    NoteKind.NUMBER_RIGHT: (
        "{by} decided: {who} is the right number. The text that said otherwise no longer holds "
        "anything back."
    ),
    NoteKind.NUMBER_WRONG: (
        "{by} decided{words}: {who} is a wrong number for this client. It is not called or texted "
        "for this case again. Please enter a better number."
    ),
    NoteKind.NUMBER_LIFTED: (
        "{by} decided{words}: {who} is right for this client after all. It may be called and "
        "texted again."
    ),
    NoteKind.NOT_THIS_CLIENT: (
        "{by} decided: it was not this client who opted out at {who}. That number remains opted "
        "out; this case is no longer on hold for it."
    ),
    NoteKind.SHARED_BY_TEXT: (
        "Text from {who}{words}: opted out. Do not call or text this number. Several cases share "
        "it, and the text does not say who opted out. {ends}"
    ),
    NoteKind.SHARED_BY_KEY: (
        "Pressed 9 on a call to {who} about another case: opted out. Do not call or text this "
        "number, which this case has too. {ends}"
    ),
    NoteKind.SHARED_CALLING_IN: (
        "Call from {who}, pressed 9: opted out. Do not call or text this number. Several cases "
        "share it, and the call does not say who opted out. {ends}"
    ),
    NoteKind.SHARED_AT_TWILIO: (
        "Twilio reports that somebody at {who} opted out. Do not call or text this number. "
        "Several cases share it, and it is not known who opted out. {ends}"
    ),
    NoteKind.STOPPED_AGAIN: "Text from {who}{words}: opted out again. {ends}",
    NoteKind.PERHAPS_OPTED_OUT: (
        "Somebody at {who} opted out. It may have been this client: this case has that number, or "
        "shares another number with a case that has it. {ends}"
    ),
    NoteKind.PERHAPS_STOPPED: (
        "Staff set {ends} to Do not Dial, and this case has a phone in common with it. It is on "
        "hold until somebody has said on the console, under To do, whether it is meant, too."
    ),
    NoteKind.NOT_THIS_CASE: (
        "{by} decided: the Do not Dial of {ends} is not meant for this case, which is no longer on "
        "hold for it."
    ),
    NoteKind.WANTS_TEXTS: (
        "Text from {who}{words}: opted in again. The dialer status is unchanged: set it to "
        "To Dial if calls should resume."
    ),
    NoteKind.STILL_OPTED_OUT: (
        "Text from {who}{words}: opted in again by text. This person has also opted out in "
        "another way and remains opted out."
    ),
    NoteKind.STAYS_OPTED_OUT: (
        "Text from {who}{words}: this number opted in again. That does not undo this client's own "
        "opt-out, which remains in effect."
    ),
    NoteKind.STILL_HELD: (
        "Text from {who}{words}: this number opted in again. It is still not known who opted out "
        "before, so cases that are on hold for it remain on hold. {ends}"
    ),
    NoteKind.STILL_SUSPENDED: (
        "Text from {who}{words}: this number opted in again. What is paused remains paused until "
        "somebody at the firm decides. {ends}"
    ),
    NoteKind.REFUSED: (
        "Text from {who}{words}: this sounds like an opt-out. Calls and texts are paused until "
        "somebody at the firm decides."
    ),
    NoteKind.LIMITED: (
        "Text from {who}{words}: this limits when or how the person may be reached. Calls and "
        "texts are paused until somebody at the firm decides."
    ),
    NoteKind.ENDED: (
        "Text from {who}{words}: this may end the firm's work for this person. Calls and texts "
        "are paused until somebody at the firm decides."
    ),
    NoteKind.WRONG_NUMBER: (
        "Text from {who}{words}: this sounds like a wrong number. Calls and texts to this "
        "number are paused. Please check it."
    ),
    NoteKind.STALE_TEXT: "A text to {who} could not be sent in time and was canceled.",
    NoteKind.STALE_CALL: "A call to {who} could not be placed in time and was canceled.",
    NoteKind.UNDECIDED: (
        "A call to {who} may or may not have been placed: Twilio could not tell. "
        "It will be tried again later."
    ),
    NoteKind.NOT_DIALED: (
        "A call to {who} was stopped before it was dialed: {ends}. No attempt was counted."
    ),
    NoteKind.PUT_OFF: "A call to {who} was put off {ends} by {by}. No attempt was counted.",
    NoteKind.BROKEN: (
        "This case cannot be called: {ends}. Please correct it. It will be tried again tomorrow."
    ),
    NoteKind.FLOOD: "Text from {who}{pictures}{words}. {ends}",
    NoteKind.TOO_MANY_CALLS: (
        "{who} called more than {ends} within an hour. For now, further calls from this number "
        "get a busy signal. Please call back."
    ),
    NoteKind.CALL_IN_A_CIRCLE: (
        "Call from {who}: missed. The firm's phone had forwarded it back to us, so it could not be "
        "connected. Please call back."
    ),
}


@dataclass(frozen=True)
class EventNote:
    """What such a note is about."""

    say: NoteKind
    sid: str
    phone: E164 | None
    words: str = field(default="", repr=False)
    """The person's own; the reason that somebody at the firm gave."""
    pictures: int = 0
    erased: bool = False
    """Whether there were words, which are no longer kept."""
    ends: str = ""
    """The rest of it: what an opt-out ends and what is to be done, why a case can't be
    called, how often somebody called."""
    by: str = ""
    """Who at the firm did it."""


@dataclass(frozen=True)
class OutcomeNote:
    """What a note is about: how one call or text ended."""

    kind: OutcomeKind
    sid: str
    phone: E164 | None
    talked_for: int | None = None
    """Seconds of talk."""
    rang_for: int | None = None
    """Seconds of ringing before nobody answered."""
    connected: bool = False
    """Whether a call of ours put the person through to the firm."""
    reason: str = ""
    """Why it failed, in plain words."""
    bad_number: bool = False
    opted_out: bool = False
    taken_by: str = ""
    """The agent who took a call that rang an agent first."""
    correction: bool = False
    """A note about this call was written before, on less than is known now."""


def outcome_note(ended: OutcomeNote, told: UpdatePlan | None, zone: tzinfo) -> str:
    """The note as HTML text.

    `told` is what became of the case's status, if anything; times are given in `zone`.
    """
    sentences = [_what_happened(ended)]
    if ended.taken_by:
        sentences.append(f"Taken by {plain(ended.taken_by)}.")
    if ended.bad_number:
        sentences.append("The number seems to be out of service. Please check it.")
    if ended.opted_out:
        sentences.append("This number no longer accepts texts and counts as opted out.")
    if told is not None:
        sentences.append(_what_comes_next(told, zone))
    sentences.append(_bracket(ended.sid))
    return escape(" ".join(filter(None, sentences)), quote=False)


def event_note(about: EventNote) -> str:
    """The note as HTML text; the person's own words are escaped with the rest."""
    count = about.pictures
    pictures = f" with {count} picture{'s' if count > 1 else ''}" if count else ""
    words = quoted(about.words)
    sentence = _EVENTS[about.say].format(
        who=_display(about.phone),
        pictures=pictures,
        words=f": {words}" if words else _ERASED if about.erased else "",
        ends=plain(about.ends),
        by=plain(about.by),
    )
    note = " ".join(f"{sentence} {_bracket(about.sid)}".split())
    return escape(note, quote=False)


def reference(sid: str) -> str:
    """A short form of a sid that shows which event a note came from: `CA…1f3a`."""
    return f"{sid[:2]}…{sid[-4:]}"


def _bracket(sid: str) -> str:
    """The reference as it stands in a note; nothing where no call, text or attempt is meant."""
    return f"[{reference(sid)}]" if sid[:2].isupper() else ""


def _display(phone: E164 | None) -> str:
    return display(phone) if phone else "a number that is not shown"


def _what_happened(ended: OutcomeNote) -> str:
    is_connected = ended.connected and ended.kind is OutcomeKind.REACHED
    spoke = length(ended.talked_for) if ended.talked_for else ""
    sentence = (_CONNECTED if is_connected else _OUTCOMES[ended.kind]).format(
        who=_display(ended.phone),
        talked=f", talked {spoke}" if spoke else "",
        lasted=f" ({spoke})" if spoke else "",
        rang=f" after {length(ended.rang_for)}" if ended.rang_for else "",
        reason=f": {ended.reason}" if ended.reason else "",
    )
    return f"Correction: {sentence}" if ended.correction else sentence


def _what_comes_next(told: UpdatePlan, zone: tzinfo) -> str:
    if told.left_alone:
        return f"The case remains {quoted(told.label) or 'Do not Dial'}."
    if told.gave_up:
        return f"Attempt {told.attempts} was the last: no further calls."
    if told.status is DialerStatus.TO_DIAL and told.next_call is not None:
        return f"Next call {local(told.next_call, zone)}."
    return ""


def length(seconds: int) -> str:
    """A length as people read it: `1 min 34 s`."""
    if seconds < _MINUTE:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, _MINUTE)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
