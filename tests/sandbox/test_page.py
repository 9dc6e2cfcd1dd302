"""The page of cases: dates, phones and colors as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.dialects import PLAIN, named
from bridge.sandbox.page import CasesPage, standing, written_date, written_phone

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "zone", "written"),
    [
        ("2026-11-24T17:02:59", "America/New_York", "Tue Nov 24, 5:02 PM ET"),
        ("2026-11-24T00:07:00", "America/Chicago", "Tue Nov 24, 12:07 AM CT"),
        ("2027-01-05T12:00:00", "UTC", "Tue Jan 5, 2027, 12:00 PM UTC"),
        ("soon", "UTC", "soon"),
    ],
)
def test_dates_are_written_as_people_write_them(date: str, zone: str, written: str) -> None:
    assert written_date(date, ZoneInfo(zone), NOW) == written


@pytest.mark.parametrize(
    ("number", "written"), [("4025550111", "(402) 555-0111"), ("555-0111", "555-0111")]
)
def test_phones_are_written_as_people_write_them(number: str, written: str) -> None:
    assert written_phone(number) == written


@pytest.mark.parametrize(
    ("status", "disposition", "notes", "expected"),
    [
        ("To Dial", "Never Dialed", [], "to-dial"),
        ("To Dial", "Busy", ["Text from (402) 555-0111: may opt out"], "to-dial"),
        ("In the Dialer", "Never Dialed", [], "dialing"),
        ("Do not Dial", "Successful", ["Call: answered, 40 s."], "reached"),
        ("Do not Dial", "No Answer", ["Somebody pressed 9 during a call."], "opted-out"),
        ("Do not Dial", "Never Dialed", ["Text “Stop”: opted out."], "opted-out"),
        ("Do not Dial", "Successful", ["Call: answered.", "Text: opted out."], "opted-out"),
        ("Do not Dial", "No Answer", ["No answer. No further calls."], "closed"),
        ("Attorney Hold", "Busy", [], "other"),
    ],
)
def test_an_opt_out_is_not_a_success(
    status: str, disposition: str, notes: Sequence[str], expected: str
) -> None:
    case = Case(7, [], status=status, disposition=disposition, notes=list(notes))
    assert standing(case, PLAIN) == expected


def test_the_firms_own_label_is_to_dial_too() -> None:
    dialect = named(["own-labels"])
    assert standing(Case(7, [], status="Ready to call"), dialect) == "to-dial"
    assert standing(Case(7, [], status="To Dial"), dialect) == "other"


def test_the_legend_counts_what_there_is() -> None:
    cases = [
        Case(1, [phone("4025550111")], status="To Dial", dial_at="2026-11-24T17:02:00"),
        Case(2, [phone("4025550112")], status="Do not Dial", notes=["Opted out."]),
        Case(3, [phone("4025550113")], status="Do not Dial", notes=["Opted out."]),
    ]
    page = CasesPage(cases, PLAIN, NOW)
    assert page.legend == [("to-dial", "to dial", 1), ("opted-out", "opted out", 2)]
    first, second, _ = page.rows
    assert (first.next_call, first.remark) == ("Tue Nov 24, 5:02 PM ET", "")
    # A date in the past of a case that is no longer called would only mislead.
    assert (second.next_call, second.remark) == ("", "opted out")
