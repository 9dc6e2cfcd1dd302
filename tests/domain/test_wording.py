"""What is said to people reveals nothing of their matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.wording import complaint, doubts, filled

GOOD = (
    "{firm} will call you shortly about your matter. Questions? Call {phone}. "
    "Reply STOP to opt out."
)


@pytest.mark.parametrize("words", [GOOD, "Please call {firm} at {phone}.", "Hello {{you}}", "x"])
def test_what_may_be_said(words: str) -> None:
    assert complaint(words, most=1600) is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("{firm}: your case is {status}.", "{status}"),
        ("About your {injury}: call {phone}", "{injury}"),
        ("{firm} against {defendant}", "{defendant}"),
        ("Dear {name}", "{name}"),
        ("{}", "{}"),
        ("{firm.__class__}", "{firm.__class__}"),
        ("{firm!r}", "form of their own"),
        ("{firm:>999999}", "form of their own"),
        ("{firm", "braces"),
        ("firm}", "braces"),
        ("{firm} about your accident", "'accident'"),
        ("{firm}: your LAWSUIT moves on", "'LAWSUIT'"),
        ("News on your insurance claim", "'insurance claim'"),
        ("The settlements are here", "'settlements'"),
        ("x" * 1601, "1601 characters"),
    ],
)
def test_what_may_not_and_why(words: str, says: str) -> None:
    why = complaint(words, most=1600)
    assert why is not None
    assert says in why


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (GOOD.replace("{firm}", "We"), "{firm} is missing"),
        (GOOD.replace("STOP", "NO"), "no way to opt out"),
        ("{firm}: don’t worry. STOP", "’"),
        (GOOD + "x" * 100, "several parts"),
    ],
)
def test_doubts_for_the_operator(words: str, says: str) -> None:
    assert any(says in one for one in doubts(words))


def test_no_doubts_about_the_default() -> None:
    assert doubts(GOOD) == []


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_name_can_be_filled_in(firm: str, phone: str) -> None:
    assert filled("{firm}/{phone}", firm=firm, phone=phone) == f"{firm}/{phone}"


@given(st.text(max_size=300))
def test_what_is_let_through_can_be_filled_in(words: str) -> None:
    if complaint(words, most=300) is None:
        filled(words, firm="Example & Partners", phone="(402) 555-0100")
