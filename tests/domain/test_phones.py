"""Numbers from every form that Twilio or SmartAdvocate may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.phones import E164, display, last_four, parse_phone, ten_digits

EXPECTED = E164("+14025555759")


@pytest.mark.parametrize(
    "raw",
    [
        "4025555759",
        "(402) 555-5759",
        "402-555-5759",
        "402.555.5759",
        "402 555 5759",
        "1-402-555-5759",
        "14025555759",
        "+14025555759",
        "+1 (402) 555-5759",
        " 4025555759 ",
        "(402)555-5759 x12",
        "402-555-5759 ext. 9",
        "4025555759 EXT 1234",
        "4025555759#77",
        "whatsapp:+14025555759",
        "rcs:+14025555759",
        "402-555-5759 extension 12",
        "402-555-5759 ext.",
        "(402) 555-5759 (cell)",
        "Cell: 402-555-5759",
        "tel:+14025555759",
        "402–555–5759",
        "402\u2011555\u20115759",
        "402\u200b5555759",
        "001 402 555 5759",
    ],
)
def test_forms_of_one_number(raw: str) -> None:
    assert parse_phone(raw) == EXPECTED


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        " ",
        "anonymous",
        "unknown",
        "Restricted",
        "+266696687",
        "+7378742833",
        "+86282452253",
        "sip:bob@example.com",
        "sip:4025555759@example.com",
        "client:888",
        "client:4025555759",
        "555-5759",
        "5759",
        "40255557590000",
        "00000000000",
        "XXXX",
        "+",
        "4025555759; DROP TABLE",
        "٤٠٢",
        "messenger:12345",
        "1" * 100,
        "Fax: 4025555759",
    ],
)
def test_what_is_no_usable_number(raw: str | None) -> None:
    assert parse_phone(raw) is None


@given(st.text(max_size=40))
def test_nothing_crashes(raw: str) -> None:
    phone = parse_phone(raw)
    assert phone is None or phone.startswith("+")
    assert len(last_four(raw)) <= 5


@given(st.integers(200, 989), st.integers(200, 999), st.integers(0, 9999))
def test_display_reads_back(area: int, exchange: int, line: int) -> None:
    phone = parse_phone(f"{area}{exchange}{line:04d}")
    if phone is not None:
        assert parse_phone(display(phone)) == phone
        assert ten_digits(phone) == f"{area}{exchange}{line:04d}"


def test_a_foreign_number_shows_its_country_and_has_no_ten_digits() -> None:
    phone = parse_phone("+44 1632 960961")
    assert phone is not None
    assert display(phone) == "+44 1632 960961"
    assert ten_digits(phone) is None


def test_display() -> None:
    assert display(EXPECTED) == "(402) 555-5759"
    assert last_four("(402) 555-5759") == "…5759"
