"""Whether a list of due cases was cut off, which SmartAdvocate doesn't tell.

Lists are cut at round lengths. Two lists in a row of such a length, shorter than what was asked
for, are suspected when nothing of them can be taken up: with one case moved out, the next list is
one shorter if it was whole, and as long as before if more was behind it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

_ROUND = (10, 25)


@dataclass(frozen=True)
class Limit:
    """What is known of one campaign's lists."""

    most: int | None = None
    """They are cut off at this length."""
    suspected: int | None = None
    """A list of this length was seen; it is being tried once a case is moved out of it."""
    moved_case: int | None = None
    whole: int | None = None
    """A list of this length was found to be whole."""
    longest: int = 0
    """The longest list that was ever seen: shorter ones aren't cut off."""


class Step(StrEnum):
    """What is to be done with a list of which nothing could be taken up."""

    NOTHING = "nothing"
    TRY = "try"
    """Move one case out of it and see what the next list is like."""
    ALL = "all"
    """It is cut off: move all of its cases on."""


def observe(known: Limit, length: int) -> Limit:
    """What is known once a list of `length` cases has come."""
    most = None if known.most is not None and length > known.most else known.most
    return replace(known, most=most, longest=max(known.longest, length))


def next_step(
    known: Limit, length: int, asked_for: int, there: Collection[int | None]
) -> tuple[Step, Limit]:
    """What to do with a list of `length` cases (`there`), and what is known then."""
    known = observe(known, length)
    if known.most is not None:
        return (Step.ALL if length == known.most else Step.NOTHING), known
    if known.moved_case is not None:
        return _judged(known, length, there)
    is_round = any(length and length % one == 0 for one in _ROUND)
    not_cut = length >= asked_for or length < known.longest or length == known.whole
    if not_cut or not is_round:
        return Step.NOTHING, replace(known, suspected=None)
    if known.suspected == length:
        return Step.TRY, known
    return Step.NOTHING, replace(known, suspected=length)


def _judged(known: Limit, length: int, there: Collection[int | None]) -> tuple[Step, Limit]:
    """What the list after a try says."""
    if known.moved_case in there:
        return Step.NOTHING, known  # its new date isn't written yet
    if length == known.suspected:
        return Step.ALL, Limit(most=length, longest=known.longest)
    return Step.NOTHING, Limit(whole=known.suspected, longest=known.longest)
