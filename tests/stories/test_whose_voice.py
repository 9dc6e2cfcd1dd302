"""In real processes: a machine speaks to those only who have agreed to it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from tests.stories.town import Town
from tests.support.processes import wait_until

LEAD, CLIENT, FIRM = "+14025550155", "+14025550156", "+14025550199"


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """Two people with cases that are due: one is to be won, the other is a client."""
    home = tmp_path / "home"
    home.mkdir()
    made = Town(
        home,
        database_url,
        CAMPAIGN_PURPOSES="Intake follow-up=lead; News=client",
        VOICEMAIL_BODY="This is {firm}. Call {phone}.",
        DIAL_HOURS="00:00-24:00",
        TEXT_ENABLED="false",
        DIAL_WRAP_UP="0",
    )
    due = datetime.now(ZoneInfo("America/New_York")) - timedelta(minutes=1)
    dial_at = f"{due:%Y-%m-%dT%H:%M:00}"
    for case_id, number, campaign in ((101, LEAD, "Intake follow-up"), (102, CLIENT, "News")):
        phones = [phone(number[2:])]
        case = Case(case_id, phones, status="To Dial", dial_at=dial_at, campaign=campaign)
        made.smartadvocate.book.add(case)
    # Without a list of their area code, leads are held.
    (home / "registry.txt").write_text("402,5550100\n")
    made.bridge.run("dnc", "import", str(home / "registry.txt"))
    made.manners[FIRM] = Manner(key="1")
    made.manners[CLIENT] = Manner(key="1")
    yield made
    made.close()


def _calls_to(town: Town, number: str) -> list[Call]:
    return [call for call in town.exchange.calls() if call.to == number]


def _run_until_both_are_reached(town: Town) -> None:
    town.bridge.start_web()
    town.start_worker()

    def is_told() -> bool:
        return all(case.disposition == "Successful" for case in town.smartadvocate.book.all())

    try:
        wait_until(is_told, "the cases were not told", 90, every=0.2)
    except AssertionError:
        print(town.bridge.logs())  # noqa: T201 - shown when the test fails
        raise


def test_a_lead_with_nothing_on_file_hears_no_machine_and_a_client_who_agreed_does(
    town: Town,
) -> None:
    _run_until_both_are_reached(town)
    (lead,), (client,) = _calls_to(town, LEAD), _calls_to(town, CLIENT)
    # The lead's phone rang as the leg of a call that the firm had taken.
    by_sid = {call.sid: call for call in town.exchange.calls()}
    assert lead.parent_sid is not None
    assert by_sid[lead.parent_sid].to == FIRM
    assert lead.heard == []
    # The client's was rung first.
    assert client.parent_sid is None
    assert client.heard[0].startswith("Hello, this is Example & Partners. Press 9 to stop")
    assert client.bridged


def test_by_default_no_machine_speaks_to_anybody(town: Town) -> None:
    del town.bridge.environment["DIAL_MODE"]
    _run_until_both_are_reached(town)
    for number in (LEAD, CLIENT):
        (call,) = _calls_to(town, number)
        assert call.parent_sid is not None
        assert call.heard == []
