"""Which phone of a case is texted, and which is called.

Texts go to a phone that takes texts, the primary first. The call goes to the primary phone (the
first of several; without one the first phone), and at the next attempts to the others in turn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.domain.case_updates import CasePhone
from bridge.domain.dialable import why_not_dialable
from bridge.domain.phones import E164, parse_phone


@dataclass(frozen=True)
class SkippedPhone:
    """A phone that was passed over, and why."""

    number: str
    """As SmartAdvocate holds it."""
    why: str


@dataclass(frozen=True)
class Usable:
    """A phone that may be dialed, in E.164 form."""

    phone: E164
    text: bool


@dataclass(frozen=True)
class Choice:
    """The phones of a case in the order in which they are called, and the one to be texted."""

    calls: tuple[E164, ...]
    text: E164 | None
    passed: tuple[SkippedPhone, ...] = ()

    @property
    def call(self) -> E164 | None:
        """The phone to be called now."""
        return self.calls[0] if self.calls else None


def choose(
    phones: Sequence[CasePhone],
    *,
    last_called: E164 | None,
    unfit_for_calls: Callable[[E164], str | None],
    unfit_for_texts: Callable[[E164], str | None],
) -> Choice:
    """Decide on the phones; the last two arguments say why a number is out of use, if it is."""
    in_order, passed = _in_order(phones)
    callable_ones, texted = [], None
    for usable in in_order:
        why = unfit_for_calls(usable.phone)
        if why is None:
            callable_ones.append(usable.phone)
        else:
            passed.append(SkippedPhone(usable.phone, why))
        if texted is None and usable.text and unfit_for_texts(usable.phone) is None:
            texted = usable.phone
    numbers = [one.phone for one in in_order]
    return Choice(_turned(numbers, callable_ones, last_called), texted, tuple(passed))


def _in_order(phones: Sequence[CasePhone]) -> tuple[list[Usable], list[SkippedPhone]]:
    """The dialable phones, the primary one first, each number once."""
    found: dict[E164, Usable] = {}
    passed = []
    for one in sorted(phones, key=lambda phone: not phone.primary):
        phone = parse_phone(one.number)
        why = "it is no phone number" if phone is None else why_not_dialable(phone)
        if phone is None or why is not None:
            passed.append(SkippedPhone(one.number, why or ""))
        else:
            before = found.get(phone)
            takes_texts = one.text or (before is not None and before.text)
            found[phone] = Usable(phone, takes_texts)
    return list(found.values()), passed


def _turned(
    numbers: Sequence[E164], usable: Sequence[E164], last_called: E164 | None
) -> tuple[E164, ...]:
    """The usable numbers, beginning behind the one that was called last."""
    if last_called not in numbers:
        return tuple(usable)
    start = numbers.index(last_called) + 1
    turned = [*numbers[start:], *numbers[:start]]
    return tuple(one for one in turned if one in usable)
