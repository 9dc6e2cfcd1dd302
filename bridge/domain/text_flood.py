"""Many texts of one phone: the first ones are noted one by one, the rest in one note an hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from bridge.domain.notes import local
from bridge.domain.opt_out_language.classifier import Intent

COUNTED_FOR = timedelta(hours=1)
NOTED_APART = 10
"""So many texts of one phone within an hour have a note each."""

_HEARD, _HELD = "heard-", "held-"
_REFUSES = frozenset({Intent.REFUSAL, Intent.WRONG_NUMBER})
_AGAIN = frozenset(f"{_HELD}{wish}" for wish in (*_REFUSES, Intent.STOP))
HELD = tuple(f"{_HELD}{wish}" for wish in Intent)
"""The marks of texts that wait for the next summary."""

SUMMED_UP = "summed-up"
"""The mark of a text that a summary has told of."""


def is_held(wish: Intent, earlier: Mapping[str | None, int]) -> bool:
    """Whether a text waits for the summary instead of having a note of its own.

    `earlier` counts the phone's texts within the hour by their marks. A refusal is noted whatever
    its place: STOP by what it ends, once; one in free words once an hour for its kind.
    """
    if wish is Intent.STOP or not is_full(earlier):
        return False
    return wish not in _REFUSES or earlier.get(marked_as(wish, held=False), 0) > 0


def is_full(earlier: Mapping[str | None, int]) -> bool:
    """Whether as many texts came within the hour as are noted one by one."""
    return sum(earlier.values()) >= NOTED_APART


def marked_as(wish: Intent, *, held: bool) -> str:
    """What is kept with a text to know it by."""
    return f"{_HELD if held else _HEARD}{wish}"


def summary(held: Sequence[tuple[str, datetime]], zone: tzinfo) -> str:
    """What the summary says behind the last text's own words.

    `held` are the marks and moments of the texts that waited, in the order in which they came.
    """
    first, last = held[0][1], held[-1][1]
    where = (
        f"It is the last of {len(held)} more texts between {local(first, zone)} and "
        f"{local(last, zone)}; the others are not noted one by one."
    )
    late = f"It is noted late: more than {NOTED_APART} texts came within an hour."
    sentences = [where if len(held) > 1 else late]
    refusals = sum(said in _AGAIN for said, _ in held)
    if refusals:
        sentences.append(f"{refusals} of them sound like a refusal again.")
    if any(said == marked_as(Intent.START, held=True) for said, _ in held):
        sentences.append(
            "START among them lifted no opt-out: texts that come in such numbers do not. Please "
            "ask the person to send it again."
        )
    return " ".join(sentences)
