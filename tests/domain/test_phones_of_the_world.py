"""Numbers of all countries, and everything that is none."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.phones import E164, display, last_four, parse_phone, ten_digits

EXPECTED = E164("+14025555759")
WITHHELD = {
    "anonymous": "+266696687",
    "restricted": "+7378742833",
    "unavailable": "+86282452253",
    "unknown": "+8656696",
    "blocked": "+2562533",
    "private": "+7748283",
}
_COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)
_STYLES = phonenumbers.PhoneNumberFormat


@pytest.mark.parametrize("country", _COUNTRIES)
def test_a_number_of_every_country_is_read_and_shown(country: str) -> None:
    example = phonenumbers.example_number(country)
    assert example is not None
    e164 = phonenumbers.format_number(example, _STYLES.E164)
    written = phonenumbers.format_number(example, _STYLES.INTERNATIONAL)
    assert parse_phone(e164) == parse_phone(written) == e164
    assert parse_phone(display(E164(e164))) == e164
    assert (ten_digits(E164(e164)) is not None) is (example.country_code == 1)


@pytest.mark.parametrize(
    "raw",
    [
        "\uff14\uff10\uff12\uff15\uff15\uff15\uff15\uff17\uff15\uff19",
        "\u0664\u0660\u0662\u0665\u0665\u0665\u0665\u0667\u0665\u0669",
        "\t(402) 555-5759\n",
        "402\u00a0555\u00a05759",
        "+1 402 555 5759;ext=12",
        "402.555.5759x1",
    ],
)
def test_odd_spellings_mean_the_number_or_nothing(raw: str) -> None:
    assert parse_phone(raw) in {EXPECTED, None}


def test_unicode_digits_are_digits() -> None:
    assert parse_phone("\uff14\uff10\uff12-\uff15\uff15\uff15-\uff15\uff17\uff15\uff19") == EXPECTED


@pytest.mark.parametrize("number", WITHHELD.values(), ids=list(WITHHELD))
def test_a_withheld_caller_has_no_number(number: str) -> None:
    assert parse_phone(number) is None
    assert parse_phone(f" {number} ") is None


_PUNCTUATED = st.text("0123456789+()-./ x#", max_size=24)


@given(_PUNCTUATED | st.text("0123456789+", max_size=18) | st.text(max_size=70))
def test_whatever_is_read_is_e164_and_stays_it(raw: str) -> None:
    phone = parse_phone(raw)
    if phone is None:
        return
    assert re.fullmatch(r"\+[1-9]\d{5,14}", phone)
    assert parse_phone(phone) == phone
    assert parse_phone(display(phone)) == phone
    ten = ten_digits(phone)
    assert ten is None or (re.fullmatch(r"\d{10}", ten) and parse_phone(ten) == phone)
    assert last_four(phone) == f"…{phone[-4:]}"


@given(st.from_regex(r"(client|sip|sips|tel-?gram|messenger):[^\s]{0,30}", fullmatch=True))
def test_addresses_that_are_no_phone(raw: str) -> None:
    assert parse_phone(raw) is None
