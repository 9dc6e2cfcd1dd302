"""Whether a person who calls in is put through to the firm.

Two things must never happen: that a call goes in a circle, since the firm's phone forwards to the
number that puts callers through to it; and that one phone holds the firm's lines or runs up its
bill. The first shows by who calls and who forwarded; the second by a count (CALLS_IN_PER_HOUR).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.domain.phones import E164

COUNTED_FOR = timedelta(hours=1)
ANSWERED_WITHIN = timedelta(seconds=15)
"""Twilio waits no longer for what a caller is to hear: by then it was decided
(docs/reference/twilio.md#time-limits-and-retries)."""
PHONES_WITHHELD = 6
"""All callers without a number may call as often as so many phones together."""
_NOTED = "-noted"


class Reception(StrEnum):
    """What a person who calls in hears."""

    PUT_THROUGH = "put-through"
    REJECTED = "rejected"
    """From our own numbers, or forwarded by them: Twilio says that the number is not in service."""
    BUSY = "busy-signal"
    """More calls of this phone within the hour than are put through; or of all without a number."""


_TURNED_AWAY = (Reception.REJECTED, Reception.BUSY)
TURNED_AWAY_MARKS = [f"{how}{noted}" for how in _TURNED_AWAY for noted in ("", _NOTED)]
"""The marks of calls that were turned away (`marked_as`)."""


@dataclass(frozen=True)
class Caller:
    """Who calls, and how the call came here."""

    phone: E164 | None
    """None: withheld, or no number."""
    called: E164 | None
    """The number of ours that was called."""
    forwarded_by: E164 | None
    """The phone that forwarded the call here, as far as the carrier says."""


def screen(
    caller: Caller, own: Collection[E164], earlier: Mapping[str | None, int], most: int
) -> Reception:
    """Decide on one call in.

    `earlier` counts the calls in of the same phone within the hour by their marks (see `mark`); at
    most `most` of them are put through. Callers whose number is withheld share one count, which is
    as wide as that of `PHONES_WITHHELD` phones.

    On ordinary calls some carriers give the called number itself as the one that forwarded them
    (seen in recorded webhooks), so that says nothing.
    """
    ours = {*own, caller.called} - {None}
    if caller.phone in ours or (
        caller.forwarded_by != caller.called and caller.forwarded_by in ours
    ):
        return Reception.REJECTED
    put_through = sum(count for said, count in earlier.items() if turned_away(said) is None)
    allowed = most if caller.phone is not None else most * PHONES_WITHHELD
    return Reception.PUT_THROUGH if put_through < allowed else Reception.BUSY


def was_answered(received_at: datetime, now: datetime) -> bool:
    """Whether a call that came in then has been answered by now, and so was put through.

    Whoever can't be asked whether a caller is turned away has put the caller through.
    """
    return now - received_at >= ANSWERED_WITHIN


def count_times(most: int) -> str:
    """How often somebody may call, as a note says it after "more than"."""
    return "once" if most == 1 else f"{most} times"


def marked_as(reception: Reception, earlier: Mapping[str | None, int]) -> tuple[str | None, bool]:
    """The mark that is kept with a call, and whether its case gets a note.

    One note an hour for each phone and reason: whoever is turned away tends to try again.
    """
    if reception is Reception.PUT_THROUGH:
        return None, False
    told = f"{reception}{_NOTED}"
    return (str(reception), False) if earlier.get(told) else (told, True)


def turned_away(kept: str | None) -> Reception | None:
    """How a call with this mark was turned away; None if it was put through."""
    said = (kept or "").removesuffix(_NOTED)
    return next((reception for reception in _TURNED_AWAY if reception == said), None)
