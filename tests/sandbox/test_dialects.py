"""The stand-in speaks each dialect: what it answers, what it refuses, what it keeps in mind."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from bridge.sandbox.casebook import LOCKED, Case, phone
from bridge.sandbox.dialects import NAMES, PLAIN, Dialect, named
from bridge.sandbox.smartadvocate import SmartAdvocate

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
HERE, IN_UTC = "2026-11-23T12:00:00", "2026-11-23T17:00:00"
LIST = {"Campaign": "", "CaseGroup": "", "Records": "50", "Auto-change": "false"}


class Desk:
    """A stand-in that speaks a dialect, with one case that is due, and whoever asks it."""

    def __init__(self, dialect: Dialect) -> None:
        self.standin = SmartAdvocate(api_key="k", clock=lambda: NOW, dialect=dialect)
        self.now = f"{self.standin.book.now():%Y-%m-%dT%H:%M:%S}"
        self.open(7)

    def open(self, case_id: int, **more: Any) -> None:
        spoken = self.standin.dialect
        case = Case(case_id, [phone("4025555759")], attempts="1")
        usual = {"status": spoken.to_dial, "dial_at": self.now}
        self.standin.book.add(replace(case, **usual | more))

    def get(self, call: str, **sent: Any) -> requests.Response:
        return requests.get(
            f"{self.standin.url}/{call}", params=sent, headers={"X-ApiKey": "k"}, timeout=5
        )

    def post(self, call: str, **sent: Any) -> requests.Response:
        return requests.post(
            f"{self.standin.url}/{call}", json=sent, headers={"X-ApiKey": "k"}, timeout=5
        )

    def update(self, case_id: int = 7, **changes: Any) -> requests.Response:
        return self.post("UpdateCaseStatus", Cases=[{"CaseID": case_id, **changes}])

    def shown(self, case_id: int = 7) -> Case:
        return next(case for case in self.standin.book.all() if case.case_id == case_id)


Desks = Callable[..., Desk]


@pytest.fixture
def desks() -> Iterator[Desks]:
    made: list[Desk] = []

    def make(*names: str, **more: Any) -> Desk:
        made.append(Desk(replace(named(names), **more)))
        return made[-1]

    yield make
    for desk in made:
        desk.standin.close()


def test_an_unknown_dialect_is_named_beside_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="'klingon'") as caught:
        named(["post", "klingon"])
    assert all(name in str(caught.value) for name in NAMES)
    assert named([" ", ""]) == PLAIN
    assert len({named([name]) for name in NAMES} | {PLAIN}) == len(NAMES) + 1


def test_plain_it_answers_as_an_asp_net_web_api(desks: Desks) -> None:
    desk = desks()
    nowhere = desk.get("v9/GetCaseInfo", CaseID=7)
    asked = f"{desk.standin.url}/v9/GetCaseInfo?CaseID=7"
    assert (nowhere.status_code, nowhere.json()) == (
        404,
        {
            "Message": f"No HTTP resource was found that matches the request URI '{asked}'.",
            "MessageDetail": "No type was found that matches the controller named 'GetCaseInfo'.",
        },
    )
    unknown = desk.get("GetCaseInfo", CaseID=9)
    assert (unknown.status_code, unknown.json()) == (404, {"Message": "there is no case 9"})
    wrong = desk.post("GetCaseInfo", CaseID=7)
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET")
    assert wrong.json() == {
        "Message": "The requested resource does not support http method 'POST'."
    }
    assert parsedate_to_datetime(nowhere.headers["Date"]) == NOW
    assert desk.get("GetCasesToDial", **LIST).json()[0]["DialDateTime"] == HERE


def test_post_reads_by_post_alone(desks: Desks) -> None:
    desk = desks("post")
    refused = desk.get("GetCaseInfo", CaseID=7)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert desk.get("GetCasesToDial", **LIST).status_code == 405
    assert desk.post("GetCaseInfo", CaseID=7).json()["CaseID"] == 7
    for records, claims in (("50", "false"), (50, False)):
        listed = desk.post("GetCasesToDial", **LIST | {"Records": records, "Auto-change": claims})
        assert [case["CaseID"] for case in listed.json()] == [7]
    assert desk.shown().status == "To Dial"
    assert desk.update(Disposition="Busy").status_code == 200


def test_wrapped_answers_in_camel_case_and_us_dates(desks: Desks) -> None:
    desk = desks("wrapped")
    desk.open(8, dial_at="2020-12-24T13:05:59", status="Do not Dial")
    desk.open(9, dial_at="2020-01-02T00:07:00", status="Do not Dial")
    answer = desk.get("GetCaseInfo", CaseID=8).json()
    assert answer["Success"] is True
    assert set(answer["Data"]) == {
        "caseID",
        "phones",
        "caseStatus",
        "dialerStatus",
        "campaign",
        "attempts",
        "dialDateTime",
        "zipCode",
    }
    assert answer["Data"]["dialDateTime"] == "12/24/2020 1:05 PM"
    assert answer["Data"]["phones"] == [
        {"phoneName": "Cell", "phone": "4025555759", "primary": True, "text": True}
    ]
    listed = desk.get("GetCasesToDial", **LIST).json()
    assert [case["dialDateTime"] for case in listed["Data"]] == ["11/23/2026 12:00 PM"]
    midnight = desk.get("GetCaseInfo", CaseID=9).json()["Data"]
    assert midnight["dialDateTime"] == "1/2/2020 12:07 AM"
    assert desk.update(Disposition="Busy").json() == {"Success": True, "Data": None}
    refused = desk.update(Disposition="busy")
    assert (refused.status_code, refused.json()["Success"]) == (400, False)


def test_utc_dates_are_utc_and_a_wrong_one_is_taken_and_kept_in_mind(desks: Desks) -> None:
    desk = desks("utc")
    assert desk.get("GetCaseInfo", CaseID=7).json()["DialDateTime"] == IN_UTC
    assert desk.get("GetCasesToDial", **LIST).json() != []
    assert desk.update(Status="In the Dialer", NextCall=IN_UTC).status_code == 200
    assert desk.standin.book.lapses() == []
    assert desk.update(Status="In the Dialer", NextCall=HERE).status_code == 200
    (lapse,) = desk.standin.book.lapses()
    assert "case 7: In the Dialer should carry the current time" in lapse


def test_a_fast_clock_lists_early_and_says_so(desks: Desks) -> None:
    desk = desks("fast-clock")
    for case_id, seconds in ((8, 20), (9, 21)):
        due = NOW + timedelta(seconds=seconds)
        desk.open(case_id, dial_at=f"{due.astimezone(PLAIN.zone):%Y-%m-%dT%H:%M:%S}")
    listed = desk.get("GetCasesToDial", **LIST)
    assert [case["CaseID"] for case in listed.json()] == [7, 8]
    assert parsedate_to_datetime(listed.headers["Date"]) == NOW + timedelta(seconds=20)


def test_refusing_takes_all_but_outcomes(desks: Desks) -> None:
    desk = desks("refusing")
    refused = desk.update(Status="Do not Dial", NextCall=HERE, Disposition="Successful")
    assert (refused.status_code, refused.json()) == (200, {"Success": False, "Message": LOCKED})
    assert LOCKED == "The case is locked by another user."
    assert (desk.shown().status, desk.shown().updates) == ("To Dial", 0)
    taken = desk.update(Status="In the Dialer", NextCall=HERE)
    assert (taken.status_code, taken.json()) == (200, {"Success": True})
    assert desk.post("AddCaseNote", CaseID=7, Note="x").json() == {"Success": True}
    assert (desk.shown().status, desk.shown().notes) == ("In the Dialer", ["x"])
    assert [(entry.status, entry.done) for entry in desk.standin.journal()] == [
        (200, False),
        (200, True),
        (200, True),
    ]
    # What is malformed is refused as ever.
    assert desk.update(Disposition="busy").status_code == 400


def test_own_labels_are_read_and_written(desks: Desks) -> None:
    desk = desks("own-labels")
    assert desk.get("GetCasesToDial", **LIST).json()[0]["DialerStatus"] == "Ready to call"
    tomorrow = "2026-11-24T12:00:00"
    refused = desk.update(Status="To Dial", NextCall=tomorrow)
    assert (refused.status_code, desk.shown().updates) == (400, 0)
    assert "Ready to call" in refused.json()["Message"]
    assert desk.update(Status="Ready to call", NextCall=tomorrow).status_code == 200
    assert desk.standin.book.lapses() == []


@pytest.mark.parametrize("names", [(), ("own-labels",)])
def test_whoever_overwrites_a_label_of_staff_is_remembered(
    desks: Desks, names: tuple[str, ...]
) -> None:
    desk = desks(*names)
    desk.standin.book.relabel(7, "Attorney Hold")
    assert (desk.shown().status, desk.shown().dial_at) == ("Attorney Hold", HERE)
    assert desk.get("GetCasesToDial", **LIST).json() == []
    assert desk.update(Disposition="Busy", Attempts=2).status_code == 200
    assert desk.standin.book.lapses() == []
    assert desk.update(Status="Do not Dial", NextCall=HERE).status_code == 200
    assert desk.standin.book.lapses() == ["case 7: Do not Dial overwrote 'Attorney Hold' of staff"]


def test_capped_lists_ten_whatever_is_asked_for(desks: Desks) -> None:
    desk = desks("capped")
    for case_id in range(100, 115):
        desk.open(case_id)
    for records, listed in (("50", 10), ("3", 3)):
        answer = desk.get("GetCasesToDial", **LIST | {"Records": records})
        assert len(answer.json()) == listed


def test_auto_change_claims_unless_its_own_parameter_says_not_to(desks: Desks) -> None:
    desk = desks("auto-change")
    desk.open(8)
    asked = {name: value for name, value in LIST.items() if name != "Auto-change"}
    assert desk.get("GetCasesToDial", **asked, AutoChange="false").status_code == 200
    assert desk.shown().status == "To Dial"
    # The printed spelling is one that it doesn't know.
    listed = desk.get("GetCasesToDial", **LIST | {"Records": "1"}).json()
    assert [(case["CaseID"], case["DialerStatus"]) for case in listed] == [(7, "To Dial")]
    assert (desk.shown(7).status, desk.shown(7).dial_at) == ("In the Dialer", HERE)
    assert desk.shown(8).status == "To Dial"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-11-24T09:00:29", "2026-11-24T09:00:00"),
        ("2026-11-24T09:00:30", "2026-11-24T09:01:00"),
        ("2026-12-31T23:59:45", "2027-01-01T00:00:00"),
    ],
)
def test_dates_are_rounded_where_a_test_wants_it(desks: Desks, sent: str, kept: str) -> None:
    desk = desks()
    assert desk.update(Status="To Dial", NextCall="2026-11-24T10:00:29").status_code == 200
    assert desk.shown().dial_at == "2026-11-24T10:00:29"
    desk.standin.speak(replace(desk.standin.dialect, rounds_dates=True))
    assert desk.update(Status="To Dial", NextCall=sent).status_code == 200
    assert desk.shown().dial_at == kept


def test_dialects_combine(desks: Desks) -> None:
    desk = desks("post", "wrapped", "utc", "own-labels", "auto-change", "refusing")
    listed = desk.post("GetCasesToDial", **LIST).json()["Data"]
    assert listed[0]["dialerStatus"] == "Ready to call"
    assert listed[0]["dialDateTime"] == "11/23/2026 5:00 PM"
    assert desk.shown().status == "In the Dialer"
    assert desk.update(Disposition="Busy").json() == {"Success": False, "Message": LOCKED}
    assert desk.get("GetCaseInfo", CaseID=7).status_code == 405
