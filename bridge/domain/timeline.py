"""What has happened with a case, a line each, in the words in which people are shown it.

A line's time and what stands beside it are the page's; here is what it says. Lines that say the
same, one after the other, become one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from enum import StrEnum

from bridge.domain.case_updates import CaseReport, DialerStatus, UpdatePlan
from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.decisions import Permission
from bridge.domain.events import Channel, Direction
from bridge.domain.local_time import local
from bridge.domain.phones import E164
from bridge.domain.redaction import without_numbers


class Tone(StrEnum):
    """What kind of thing a line tells."""

    QUIET = "quiet"
    """Found, decided, planned."""
    CONTACT = "contact"
    """A call, a text, a key."""
    TOLD = "told"
    """SmartAdvocate was told."""
    HELD = "held"
    """Held back, refused, not taken."""
    FIRM = "firm"
    """Somebody at the firm did it."""


@dataclass(frozen=True)
class Line:
    """One line of a case's history."""

    at: datetime
    tone: Tone
    says: str
    detail: str = ""
    words: str = field(default="", repr=False)
    """A person's own."""
    outcome: ContactOutcome | None = None
    length: int | None = None
    """Seconds of a call."""
    sid: str = ""
    """The call or text whose callbacks stand behind it."""
    same: str = ""
    """What a line right after it must have too in order to be told together with it."""
    times: int = 1
    until: datetime | None = None
    """When the last of them was."""
    rank: int = 2
    """Its place among lines of one moment: found due, decided on, all else."""


_ORDER = (Tone.QUIET, Tone.CONTACT, Tone.HELD, Tone.TOLD, Tone.FIRM)
_CALL_OR_TEXT = {Channel.CALL: "Call", Channel.TEXT: "Text"}


def together(lines: Iterable[Line]) -> list[Line]:
    """The lines in order of time; those that say the same one after the other become one."""
    told: list[Line] = []
    for line in sorted(lines, key=_place):
        last = told[-1] if told else None
        if last is not None and line.same and line.same == last.same:
            told[-1] = replace(last, says=line.says, times=last.times + 1, until=line.at)
        else:
            told.append(line)
    return told


def _place(line: Line) -> tuple[datetime, int, int]:
    return line.at, line.rank, _ORDER.index(line.tone)


def end_of(phone: E164 | None) -> str:
    """A phone by its last digits."""
    return f"…{phone[-4:]}" if phone else "a number that is not shown"


def contact(channel: Channel, direction: Direction, phone: E164 | None) -> str:
    """A call or text, by its phone."""
    way = "from" if direction is Direction.INBOUND else "to"
    return f"{_CALL_OR_TEXT[channel]} {way} {end_of(phone)}"


def found(attempts: int) -> str:
    """A poll found the case due."""
    so_far = f"{attempts} attempt{'s' * (attempts != 1)} so far"
    return f"Due: SmartAdvocate lists it to be called ({so_far})."


def decided(
    channel: Channel, answer: Permission, until: datetime | None, why: str, zone: tzinfo
) -> str:
    """A decision."""
    if answer is Permission.ALLOW:
        return f"May be reached by {channel}."
    reasons = without_numbers(why)
    if answer is Permission.REFUSE:
        return f"Not by {channel}: {reasons}."
    when = f", not before {local(until, zone)}" if until else ""
    return f"Not now by {channel}{when}: {reasons}."


def key_pressed(digits: str) -> str:
    """A key on a call."""
    means = {"1": ", to be connected with the firm", "9": ", not to be contacted again"}
    return f"Pressed {digits}{means.get(digits, '')}."


def status_to_tell(report: CaseReport, zone: tzinfo) -> str:
    """A status that SmartAdvocate is still to be told, or was not."""
    parts = [
        "Do not Dial"
        if report.next_call is None
        else f"To Dial, next call {local(report.next_call, zone)}"
    ]
    if report.disposition:
        parts.append(f"disposition {report.disposition}")
    return ", ".join(parts)


def status_told(report: CaseReport, plan: UpdatePlan | None, zone: tzinfo) -> str:
    """A status that SmartAdvocate has taken."""
    if plan is None:
        return f"SmartAdvocate was told: {status_to_tell(report, zone)}."
    attempts = f"{plan.attempts} attempt{'s' * (plan.attempts != 1)}"
    if plan.left_alone:
        as_it_was = plan.label or plan.status or "as it was"
        return f"The case remains {as_it_was} in SmartAdvocate, {attempts}."
    is_next = plan.status is DialerStatus.TO_DIAL
    parts = [
        str(plan.status or "status unchanged"),
        *([f"next call {local(plan.next_call, zone)}"] if is_next and plan.next_call else []),
        attempts,
        *([f"disposition {report.disposition}"] if report.disposition else []),
    ]
    last = " That attempt was the last." if plan.gave_up else ""
    return f"SmartAdvocate was told: {', '.join(parts)}.{last}"


def window(lines: Sequence[Line], most: int) -> Sequence[Line]:
    """The newest lines, in order; more than `most` where several are of one moment."""
    if len(lines) <= most:
        return lines
    first = lines[-most].at
    return [line for line in lines if line.at >= first]
