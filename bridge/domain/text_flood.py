"""Many texts of one phone: the first ones are noted one by one, the rest in one note an hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from bridge.domain.local_time import local
from bridge.domain.opt_out_language.classifier import Intent

COUNTED_FOR = timedelta(hours=1)
NOTED_APART = 10
"""Texts of one phone within an hour that get a note each."""

_HEARD, _HELD = "heard-", "held-"
_REFUSES = frozenset({Intent.REFUSAL, Intent.WRONG_NUMBER})
_SUSPENDS = _REFUSES | {Intent.LIMIT, Intent.ENDED}
_AGAIN = frozenset(f"{_HELD}{intent}" for intent in (*_REFUSES, Intent.STOP))
HELD = tuple(f"{_HELD}{intent}" for intent in Intent)
"""The marks of texts that wait for the next summary."""

SUMMED_UP = "summed-up"
"""The mark of a text that a summary has told of."""


def is_held(intent: Intent, earlier: Mapping[str | None, int]) -> bool:
    """Whether a text waits for the summary instead of having a note of its own.

    `earlier` counts the phone's texts within the hour by their marks. What holds contact back is
    noted whatever its place: STOP by what it ends, once; free words once an hour for their kind.
    """
    if intent is Intent.STOP or not is_full(earlier):
        return False
    return intent not in _SUSPENDS or earlier.get(marked_as(intent, held=False), 0) > 0


def is_full(earlier: Mapping[str | None, int]) -> bool:
    """Whether as many texts came within the hour as are noted one by one."""
    return sum(earlier.values()) >= NOTED_APART


def marked_as(intent: Intent, *, held: bool) -> str:
    """What is kept with a text to know it by."""
    return f"{_HELD if held else _HEARD}{intent}"


def is_stop(mark: str | None) -> bool:
    """Whether a text with this mark opted the person out by a word such as STOP."""
    return mark in {marked_as(Intent.STOP, held=held) for held in (True, False)}


def summary(held: Sequence[tuple[str, datetime]], zone: tzinfo) -> str:
    """What the summary says behind the last text's own words.

    `held` are the marks and moments of the texts that waited, in the order in which they came.
    """
    first, last = held[0][1], held[-1][1]
    where = (
        f"This is the last of {len(held)} more texts between {local(first, zone)} and "
        f"{local(last, zone)}. The others have no note of their own."
    )
    late = f"This note is late: more than {NOTED_APART} texts came within an hour."
    sentences = [where if len(held) > 1 else late]
    refusals = sum(mark in _AGAIN for mark, _ in held)
    if refusals:
        verb = "sounds" if refusals == 1 else "sound"
        sentences.append(f"{refusals} of them {verb} like an opt-out again.")
    if any(mark == marked_as(Intent.START, held=True) for mark, _ in held):
        sentences.append(
            "START was among them but did not lift the opt-out, because so many texts came at "
            "once. Please ask the person to send it again."
        )
    return " ".join(sentences)
