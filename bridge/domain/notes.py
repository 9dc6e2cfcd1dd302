"""The notes on the case: one or two short sentences that a paralegal can read.

They hold our own words alone (and a reason from our list of error codes), escaped, since
SmartAdvocate renders notes as HTML (smartadvocate.md, 1.6), and end with a reference to the call
or text, since no idempotency key exists by which a double could be told.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape

from bridge.domain.outcomes import Kind
from bridge.domain.phones import E164, display
from bridge.domain.updates import Decision, DialerStatus

_MINUTE = 60
_SAYS: dict[Kind, str] = {
    Kind.REACHED: "Call to {who}: answered{talked}.",
    Kind.MACHINE: "Call to {who}: answering machine.",
    Kind.BUSY: "Call to {who}: busy.",
    Kind.NO_ANSWER: "Call to {who}: no answer{rang}.",
    Kind.CUT_SHORT: "Call to {who}: picked up, but over too soon to have talked{talked}.",
    Kind.FAILED: "Call to {who}: could not be connected{reason}.",
    Kind.TEXT_DELIVERED: "Text to {who}: delivered.",
    Kind.TEXT_FAILED: "Text to {who}: not delivered{reason}.",
    Kind.CALLED_IN: "Call from {who}: answered{talked}.",
    Kind.MISSED: "Call from {who}: missed.",
}


@dataclass(frozen=True)
class Ended:
    """What a note is about: how one call or text ended."""

    kind: Kind
    sid: str
    phone: E164 | None
    talked_for: int | None = None
    """Seconds of talk."""
    rang_for: int | None = None
    """Seconds of ringing before nobody answered."""
    reason: str = ""
    """Why it failed, in plain words."""
    bad_number: bool = False
    opted_out: bool = False
    correction: bool = False
    """A note about this call was written before, on less than is known now."""


def write(ended: Ended, told: Decision | None, zone: tzinfo) -> str:
    """The note as HTML text.

    `told` is what became of the case's status, if anything; times are given in `zone`.
    """
    sentences = [_what_happened(ended)]
    if ended.bad_number:
        sentences.append("The number seems to be out of service: please check it.")
    if ended.opted_out:
        sentences.append("This person no longer accepts texts and counts as opted out.")
    if told is not None:
        sentences.append(_what_comes_next(told, zone))
    sentences.append(f"[{reference(ended.sid)}]")
    return escape(" ".join(filter(None, sentences)), quote=False)


def reference(sid: str) -> str:
    """A short form of a sid that shows which event a note came from: `CA…1f3a`."""
    return f"{sid[:2]}…{sid[-4:]}"


def local(moment: datetime, zone: tzinfo) -> str:
    """A date and time as people write it: `Tue Nov 24, 1:10 PM`."""
    there = moment.astimezone(zone)
    return f"{there:%a %b} {there.day}, {there.hour % 12 or 12}:{there:%M %p}"


def _what_happened(ended: Ended) -> str:
    sentence = _SAYS[ended.kind].format(
        who=display(ended.phone) if ended.phone else "a number that is not shown",
        talked=f", {_length(ended.talked_for)}" if ended.talked_for else "",
        rang=f" after {_length(ended.rang_for)}" if ended.rang_for else "",
        reason=f": {ended.reason}" if ended.reason else "",
    )
    return f"Correction: {sentence}" if ended.correction else sentence


def _what_comes_next(told: Decision, zone: tzinfo) -> str:
    if told.left_alone:
        return "The case says Do not Dial and stays so."
    if told.gave_up:
        return f"That was attempt {told.attempts}: no further calls."
    if told.status is DialerStatus.TO_DIAL and told.next_call is not None:
        return f"Next call {local(told.next_call, zone)}."
    return ""


def _length(seconds: int) -> str:
    if seconds < _MINUTE:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, _MINUTE)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
