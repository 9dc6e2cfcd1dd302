"""Whether SmartAdvocate truncated a list of due cases, which it doesn't say.

Lists are truncated at round lengths. Two lists in a row of such a length, shorter than requested
and without a case that can be claimed, are suspected. Then one case is moved out: the next list is
one shorter if the list was complete, and as long as before if it was truncated.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

_ROUND_LENGTHS = (10, 25)


@dataclass(frozen=True)
class Limit:
    """What is known about one campaign's lists."""

    most: int | None = None
    """They are truncated at this length."""
    suspected: int | None = None
    """A list of this length may be truncated; it is tested by moving one case out."""
    moved_case: int | None = None
    whole: int | None = None
    """A list of this length was complete."""
    longest: int = 0
    """The longest list ever seen: shorter ones aren't truncated."""


class Step(StrEnum):
    """What to do with a list without a case that can be claimed."""

    NOTHING = "nothing"
    MOVE_ONE = "move-one"
    """Move one case out of it and compare the next list."""
    MOVE_ALL = "move-all"
    """It is truncated: move all of its cases on."""


def observe(known: Limit, length: int) -> Limit:
    """What is known after a list of `length` cases."""
    most = None if known.most is not None and length > known.most else known.most
    return replace(known, most=most, longest=max(known.longest, length))


def next_step(
    known: Limit, length: int, asked_for: int, case_ids: Collection[int | None]
) -> tuple[Step, Limit]:
    """What to do with a list of `length` cases (`case_ids`), and what is known after it."""
    known = observe(known, length)
    if known.most is not None:
        return (Step.MOVE_ALL if length == known.most else Step.NOTHING), known
    if known.moved_case is not None:
        return _after_move(known, length, case_ids)
    is_round = length > 0 and any(length % step == 0 for step in _ROUND_LENGTHS)
    is_complete = length >= asked_for or length < known.longest or length == known.whole
    if is_complete or not is_round:
        return Step.NOTHING, replace(known, suspected=None)
    if known.suspected == length:
        return Step.MOVE_ONE, known
    return Step.NOTHING, replace(known, suspected=length)


def _after_move(known: Limit, length: int, case_ids: Collection[int | None]) -> tuple[Step, Limit]:
    """What the list shows after a case was moved out."""
    if known.moved_case in case_ids:
        return Step.NOTHING, known  # its new date isn't written yet
    if length == known.suspected:
        return Step.MOVE_ALL, Limit(most=length, longest=known.longest)
    return Step.NOTHING, Limit(whole=known.suspected, longest=known.longest)
