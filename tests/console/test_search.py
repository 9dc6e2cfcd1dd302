"""The search box: to the case, to whoever has the phone, or to what may be meant."""

import pytest
from flask.testing import FlaskClient

from bridge.callbacks import intake
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.searching import Sought, read
from bridge.runtime import Runtime
from bridge.store.cases import cases
from tests.support.clock import Clock
from tests.support.console import SignedIn, words
from tests.support.posting import CALL, Twilio
from tests.support.signing import call_fields

HERS, SHARED, STRANGERS = "+14025550114", "+14025550177", "+14025550188"
XSS = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def known(runtime: Runtime, clock: Clock) -> None:
    """Four cases, two of which share a phone; a call with a stranger; a case known by a call."""
    has = {7: (HERS, SHARED), 8: (SHARED,), 114: (), 188: ()}
    with runtime.db.begin() as connection:
        for case_id, phones in has.items():
            case = CaseInfo(
                case_id,
                DialerStatus.TO_DIAL,
                0,
                None,
                tuple(map(CasePhone, phones)),
                campaign=XSS,
                label="To Dial",
            )
            cases.save_case(connection, case, clock())
    twilio, at = Twilio(runtime), {"Timestamp": "Mon, 23 Nov 2026 17:00:00 +0000"}
    twilio.post(CALL, call_fields("CA1", "busy", 3, To=STRANGERS, **at))
    twilio.post(f"{CALL}?CaseID=9188", call_fields("CA2", "busy", 3, To=HERS, **at))
    while intake.process_pending(runtime):
        pass


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("7", "/console/cases/7"),
        (" Case 7 ", "/console/cases/7"),
        ("#8", "/console/cases/8"),
        ("114", "/console/cases/114"),
        ("9188", "/console/cases/9188"),
        ("0114", None),
        ("…0188", "/console/contacts?digits=0188"),
        ("0188", None),
        ("(402) 555-0188", "/console/contacts?digits=0188"),
        ("402.555.0188", "/console/contacts?digits=0188"),
        ("+1 402 555 0188", "/console/contacts?digits=0188"),
        ("1-402-555-0188", "/console/contacts?digits=0188"),
    ],
)
def test_where_it_leads(viewer: SignedIn, typed: str, leads_to: str | None) -> None:
    answer = viewer.get("/console/search", q=typed)
    if leads_to is None:
        assert (answer.status_code, "Which one do you mean" in answer.text) == (200, True)
    else:
        assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


def test_a_phone_of_one_case_leads_to_it(viewer: SignedIn, runtime: Runtime, clock: Clock) -> None:
    with runtime.db.begin() as connection:
        case = CaseInfo(5, DialerStatus.TO_DIAL, 0, None, (CasePhone("(402) 555-0105"),))
        cases.save_case(connection, case, clock())
    answer = viewer.get("/console/search", q="402-555-0105")
    assert answer.headers["Location"] == "/console/cases/5"


def test_a_shared_phone_shows_its_cases(viewer: SignedIn) -> None:
    page = viewer.get("/console/search", q="4025550177")
    assert 'href="/console/cases/7"' in page.text
    assert 'href="/console/cases/8"' in page.text
    assert "To Dial" in words(page)
    assert XSS not in page.text
    assert SHARED not in page.text


def test_four_digits_may_be_a_case_or_a_phone(viewer: SignedIn) -> None:
    page = viewer.get("/console/search", q="0188").text
    assert 'href="/console/cases/188"' in page
    assert 'href="/console/contacts?digits=0188"' in page


@pytest.mark.parametrize("typed", ["99999", "0199", "(212) 555-0199", XSS, "9" * 300, "", "–", "٣"])
def test_nothing_fits(viewer: SignedIn, typed: str) -> None:
    page = viewer.get("/console/search", q=typed)
    assert page.status_code == 200
    assert "the number of a case, such as 1234" in words(page)
    assert XSS not in page.text
    assert ("Nothing fits" in words(page)) is bool(typed)


def test_strangers_find_nothing(stranger: FlaskClient) -> None:
    assert stranger.get("/console/search?q=7").headers["Location"].startswith("/console/sign-in")


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("7", Sought(case_id=7)),
        ("0114", Sought(case_id=114, phone_end="0114")),
        ("...0114", Sought(phone_end="0114")),
        ("xxx-0114", Sought(phone_end="0114")),
        ("4025550114", Sought(case_id=4025550114, phone="+14025550114")),  # type: ignore[arg-type]
        ("9999999999999999999", Sought()),
        ("she", Sought()),
    ],
)
def test_what_may_be_meant(typed: str, sought: Sought) -> None:
    assert read(typed) == sought
