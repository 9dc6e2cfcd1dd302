"""In real processes: who refuses while a phone rings is neither greeted nor dialed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from tests.stories.town import Town
from tests.support.console import PASSWORD, SECRET_KEY, AtTheOffice
from tests.support.processes import wait_until

HERS, FIRM = "+14025550155", "+14025550199"

Townwide = Callable[[str], Town]


@pytest.fixture
def townwide(database_url: str, tmp_path: Path) -> Iterator[Townwide]:
    """A town with one case that is due, whose bridge dials in this mode."""
    made: list[Town] = []

    def make(mode: str) -> Town:
        home = tmp_path / "home"
        home.mkdir()
        town = Town(
            home, database_url, TEXT_ENABLED="false", DIAL_HOURS="00:00-24:00", DIAL_MODE=mode
        )
        made.append(town)
        due = datetime.now(ZoneInfo("America/New_York")) - timedelta(minutes=1)
        dial_at = f"{due:%Y-%m-%dT%H:%M:00}"
        town.smartadvocate.book.add(
            Case(101, [phone(HERS[2:])], status="To Dial", dial_at=dial_at, zip_code="68046")
        )
        return town

    yield make
    for town in made:
        town.close()


def _shown(town: Town) -> Case:
    (case,) = town.smartadvocate.book.all()
    return case


def _await(town: Town, happened: Callable[[], bool], what: str) -> None:
    town.bridge.start_web()
    town.start_worker()
    _wait(town, happened, what)


def _wait(town: Town, happened: Callable[[], bool], what: str) -> None:
    try:
        wait_until(happened, what, 60, every=0.2)
    except AssertionError:
        print(town.bridge.logs())  # noqa: T201 - shown when the test fails
        raise


def test_who_writes_stop_while_her_phone_rings_is_not_greeted(townwide: Townwide) -> None:
    town = townwide("client_first")
    town.manners[HERS] = Manner(key="1", talks_for=1)

    def stop(call: Call) -> None:
        assert town.exchange.text_in(call.to, "STOP")

    town.exchange.on_ringing = stop
    _await(
        town,
        lambda: (
            _shown(town).status == "Do not Dial"
            and any("hung up without a greeting" in note for note in _shown(town).notes)
        ),
        "the case was not told",
    )
    (call,) = town.exchange.calls()
    assert (call.heard, call.status, call.bridged) == ([], "completed", False)
    assert _shown(town).attempts == "1"


def test_who_takes_consent_back_at_the_office_while_the_phone_rings_is_not_greeted(
    townwide: Townwide,
) -> None:
    town = townwide("client_first")
    del town.bridge.environment["CONSENT_BASIS"]
    town.bridge.environment |= {"CONSOLE_PASSWORD": PASSWORD, "SECRET_KEY": SECRET_KEY}
    town.manners[HERS] = Manner(key="1", talks_for=1)
    town.bridge.start_web()
    office = AtTheOffice(town.bridge.url, PASSWORD)
    office.post(
        "/console/consents/new",
        phone=HERS,
        channel="voice",
        purpose="client",
        words="You may call me by machine",
        source="signed agreement",
        evidence="agreement 101, page 3",
        given_at="2026-01-05",
    )
    rung: list[str] = []

    def take_back(call: Call) -> None:
        if not rung:
            office.post("/console/consents/1/revoke", reason="She said so at the counter")
        rung.append(call.to)

    town.exchange.on_ringing = take_back
    town.start_worker()
    _wait(
        town,
        lambda: any("hung up without a greeting" in note for note in _shown(town).notes),
        "the case was not told",
    )
    first = town.exchange.calls()[0]
    assert rung[0] == HERS
    assert (first.to, first.heard, first.bridged) == (HERS, [], False)


def test_a_case_that_staff_stop_while_it_rings_holds_the_persons_other_case(
    townwide: Townwide,
) -> None:
    town = townwide("client_first")
    town.bridge.environment |= {"DIAL_PERSON_GAP": "0", "DIAL_CAPS": "9,9,9,9"}
    town.manners[HERS] = Manner("busy")
    first = _shown(town)
    book = town.smartadvocate.book

    def stop(_: Call) -> None:
        # Somebody at the firm, in SmartAdvocate; the other case comes due after that.
        book.add(replace(first, status="Do not Dial"))
        book.add(replace(first, case_id=102, notes=[]))

    town.exchange.on_ringing = stop
    town.bridge.start_web()
    town.start_worker()
    _wait(town, lambda: len(_noted(town, 102)) > 0, "the other case was not told")
    assert "Staff set case 101 to Do not Dial" in _noted(town, 102)[0]
    assert [call.to for call in town.exchange.calls()] == [HERS]
    assert {case.case_id: case.status for case in book.all()} == {
        101: "Do not Dial",
        102: "To Dial",
    }


def _noted(town: Town, case_id: int) -> list[str]:
    return [
        note
        for case in town.smartadvocate.book.all()
        if case.case_id == case_id
        for note in case.notes
    ]


def test_who_is_suspended_between_ring_and_key_is_not_dialed(townwide: Townwide) -> None:
    town = townwide("agent_first")
    town.manners[FIRM] = Manner(key="1")
    written: list[bool] = []

    def suspend(_: Call) -> None:
        if not written:
            written.append(town.exchange.text_in(HERS, "please take me off your list"))

    town.exchange.on_prompt = suspend
    _await(
        town,
        lambda: any("was stopped before it was dialed" in note for note in _shown(town).notes),
        "the case was not told",
    )
    wait_until(town.exchange.is_quiet, "a call goes on")
    (call,) = town.exchange.calls()
    assert call.to == FIRM
    assert "We did not call this client, whose contact is on hold" in call.heard[-1]
    assert written == [True]
    assert (_shown(town).disposition, _shown(town).attempts) == ("Never Dialed", "")
