"""Which phone of a case is texted, and which is called.

A text goes to a phone that takes texts, preferably one with consent to them, and the primary one. A
call goes to the primary phone (or else the first one), and at the next attempts to the others in
turn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.domain.case_updates import CasePhone
from bridge.domain.dialable import why_not_dialable
from bridge.domain.phones import E164, parse_phone


@dataclass(frozen=True)
class SkippedPhone:
    """A phone that is skipped, and why."""

    number: str
    """As SmartAdvocate shows it."""
    why: str


@dataclass(frozen=True)
class DialablePhone:
    """A phone that may be dialed."""

    phone: E164
    takes_texts: bool


@dataclass(frozen=True)
class PhoneChoice:
    """The phones of a case in the order in which they are called, and the one to text."""

    calls: tuple[E164, ...]
    text: E164 | None
    skipped: tuple[SkippedPhone, ...] = ()

    @property
    def call(self) -> E164 | None:
        """The phone to call now."""
        return self.calls[0] if self.calls else None


def choose_phones(
    phones: Sequence[CasePhone],
    *,
    last_called: E164 | None,
    unfit_for_calls: Callable[[E164], str | None],
    unfit_for_texts: Callable[[E164], str | None],
    has_agreed_to_texts: Callable[[E164], bool] = lambda _: True,
) -> PhoneChoice:
    """The choice for a case; `unfit_…` say why a number is out of use, if it is.

    Of several phones that take texts, one whose person has agreed to texts goes first.
    """
    dialable, skipped = _dialable(phones)
    callable_phones, textable = [], []
    for candidate in dialable:
        phone = candidate.phone
        why = unfit_for_calls(phone)
        if why is None:
            callable_phones.append(phone)
        else:
            skipped.append(SkippedPhone(phone, why))
        if candidate.takes_texts and unfit_for_texts(phone) is None:
            textable.append(phone)
    in_turn = _after([candidate.phone for candidate in dialable], last_called)
    calls = tuple(phone for phone in in_turn if phone in callable_phones)
    return PhoneChoice(calls, _texted(textable, has_agreed_to_texts), tuple(skipped))


def _texted(textable: Sequence[E164], has_agreed: Callable[[E164], bool]) -> E164 | None:
    """The first phone that has agreed; the first at all where none has, or only one is left."""
    if len(textable) <= 1:
        return next(iter(textable), None)
    return next((phone for phone in textable if has_agreed(phone)), textable[0])


def _dialable(phones: Sequence[CasePhone]) -> tuple[list[DialablePhone], list[SkippedPhone]]:
    """The dialable phones, the primary one first and each number once; and the others."""
    found: dict[E164, DialablePhone] = {}
    skipped = []
    for held in sorted(phones, key=lambda held: not held.primary):
        phone = parse_phone(held.number)
        why = "it is not a phone number" if phone is None else why_not_dialable(phone)
        if phone is None or why is not None:
            skipped.append(SkippedPhone(held.number, why or ""))
        else:
            takes_texts = held.text or (phone in found and found[phone].takes_texts)
            found[phone] = DialablePhone(phone, takes_texts)
    return list(found.values()), skipped


def _after(numbers: Sequence[E164], last_called: E164 | None) -> Sequence[E164]:
    """The numbers, beginning after the one that was called last."""
    if last_called not in numbers:
        return numbers
    start = numbers.index(last_called) + 1
    return (*numbers[start:], *numbers[:start])
