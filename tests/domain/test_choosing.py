"""Which phone is texted and which is called."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from bridge.domain.case_updates import CasePhone
from bridge.domain.dialable import why_not_dialable
from bridge.domain.phone_choice import choose_phones
from bridge.domain.phones import E164, parse_phone

A, B, C = "4025550101", "4025550102", "4025550103"


def _phones(*raw: tuple[str, bool, bool]) -> list[CasePhone]:
    return [CasePhone(number, primary=primary, text=text) for number, primary, text in raw]


def _choose(
    phones: list[CasePhone], last: str | None = None, bad: str = ""
) -> tuple[list[str], str]:
    chosen = choose_phones(
        phones,
        last_called=E164(f"+1{last}") if last else None,
        unfit_for_calls=lambda phone: "gone" if phone == f"+1{bad}" else None,
        unfit_for_texts=lambda phone: "gone" if phone == f"+1{bad}" else None,
    )
    return [called[2:] for called in chosen.calls], (chosen.text or "")[2:]


@pytest.mark.parametrize(
    ("phones", "last", "bad", "calls", "text"),
    [
        (_phones((A, True, True), (B, False, True)), None, "", [A, B], A),
        (_phones((A, False, True), (B, True, True)), None, "", [B, A], B),
        (_phones((A, False, True), (B, True, False)), None, "", [B, A], A),
        (_phones((A, True, False), (B, True, True)), None, "", [A, B], B),
        (_phones((A, False, False), (B, False, False)), None, "", [A, B], ""),
        (_phones((A, True, True), (B, False, True), (C, False, False)), A, "", [B, C, A], A),
        (_phones((A, True, True), (B, False, True), (C, False, False)), C, "", [A, B, C], A),
        (_phones((A, True, True), (B, False, True)), None, A, [B], B),
        (_phones((A, True, True), (B, False, True)), A, A, [B], B),
        (_phones((A, True, True)), A, "", [A], A),
        (_phones((A, True, True)), None, A, [], ""),
        (_phones((A, True, False), (A, False, True)), None, "", [A], A),
        (_phones(("8005550100", True, True), (B, False, False)), None, "", [B], ""),
        (_phones(("", True, True), ("n/a", False, True), (B, False, True)), None, "", [B], B),
        ([], None, "", [], ""),
    ],
)
def test_who_comes_first(
    phones: list[CasePhone], last: str | None, bad: str, calls: list[str], text: str
) -> None:
    assert _choose(phones, last, bad) == (calls, text)


@pytest.mark.parametrize(
    "raw",
    [
        "(402) 555-0101",
        "402.555.0101",
        "1-402-555-0101",
        "+1 402 555 0101",
        "4025550101 x12",
        "(402)555-0101 ext. 4",
        "1 (402) 555-0101",
    ],
)
def test_every_form_is_one_number(raw: str) -> None:
    assert _choose([CasePhone(raw, primary=True)])[0] == [A]


@pytest.mark.parametrize(
    "number",
    [
        "9005550100",
        "4029760100",
        "4029115010",
        "2115550100",
        "8885550100",
        "8335550100",
        "+442079460018",
        "+14165550100",
        "+52 55 5555 0100",
    ],
)
def test_numbers_that_are_never_dialed(number: str) -> None:
    phone = parse_phone(number)
    assert phone is None or why_not_dialable(phone)
    chosen = choose_phones(
        [CasePhone(number, primary=True, text=True)],
        last_called=None,
        unfit_for_calls=lambda _: None,
        unfit_for_texts=lambda _: None,
    )
    assert (chosen.calls, chosen.text) == ((), None)
    assert chosen.skipped[0].why


@pytest.mark.parametrize("number", ["+17875550100", "+13405550100", "+16715550100", "+14025550100"])
def test_the_whole_country_may_be_dialed(number: str) -> None:
    assert why_not_dialable(E164(number)) is None


numbers = st.sampled_from([A, B, C, "8005550100", "", "junk", "402-555-0104"])
phones = st.lists(st.builds(CasePhone, numbers, st.just(""), st.booleans(), st.booleans()))


@given(phones, st.none() | st.sampled_from([A, B, C]))
def test_every_usable_phone_gets_its_turn_once(held: list[CasePhone], last: str | None) -> None:
    calls, text = _choose(held, last)
    usable = {
        phone[2:]
        for entry in held
        if (phone := parse_phone(entry.number)) and not why_not_dialable(phone)
    }
    assert len(calls) == len(set(calls))
    assert set(calls) == usable
    if len(calls) > 1 and last in usable:
        assert calls[0] != last
    takes_texts = {entry.number.replace("-", "") for entry in held if entry.text} & usable
    assert (text in takes_texts) if takes_texts else text == ""


def test_of_toll_free_and_premium_numbers_none_is_missed_by_its_first_digit() -> None:
    """The phone library is asked of area codes that begin with 8 or 9 alone."""
    missed = [
        number
        for area in range(200, 800)
        for exchange in (234, 976)
        if (number := f"{area}{exchange}0100")
        and why_not_dialable(E164(f"+1{number}")) is None
        and phonenumbers.number_type(phonenumbers.parse(number, "US"))
        in {PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE}
    ]
    assert missed == []
    assert why_not_dialable(E164("+18885550100")) == "it is a toll-free number"
