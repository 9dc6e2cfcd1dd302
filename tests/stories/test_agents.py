"""In real processes: agents take one call at a time, say by key what it was, and rest."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from tests.stories.town import Town
from tests.support.processes import wait_until

AGENTS = tuple(f"+1402555020{number}" for number in range(7))
TEN_MINUTES = 10.0
"""Of the worker's clock, whose minutes are seconds."""
_PATIENCE_SECONDS = 400

Townwide = Callable[..., Town]


@pytest.fixture
def townwide(database_url: str, tmp_path: Path) -> Iterator[Townwide]:
    """A town with so many cases that are due, and so many agents."""
    made: list[Town] = []

    def make(cases: int, agents: int) -> Town:
        home = tmp_path / "home"
        home.mkdir()
        named = "; ".join(f"Agent {number}={AGENTS[number]}" for number in range(agents))
        town = Town(
            home,
            database_url,
            TEXT_ENABLED="false",
            DIAL_HOURS="00:00-24:00",
            DIAL_MODE="agent_first",
            DIAL_AGENTS=named,
            DIAL_WRAP_UP="0",
            DIAL_CALLS_PER_SECOND="20",
        )
        made.append(town)
        due = datetime.now(ZoneInfo("America/New_York")) - timedelta(minutes=1)
        for case_id in range(1, cases + 1):
            case = Case(
                case_id,
                [phone(f"402555{case_id:04}")],
                status="To Dial",
                dial_at=f"{due:%Y-%m-%dT%H:%M:00}",
                zip_code="68046",
            )
            town.smartadvocate.book.add(case)
        return town

    yield make
    for town in made:
        town.close()


def _await(town: Town, happened: Callable[[], bool], what: str) -> None:
    try:
        wait_until(happened, what, _PATIENCE_SECONDS, every=0.2)
    except AssertionError:
        print(town.bridge.logs())  # noqa: T201 - shown when the test fails
        raise


def _told(town: Town) -> set[tuple[str, str, str]]:
    cases = town.smartadvocate.book.all()
    return {(case.status, case.disposition, case.attempts) for case in cases}


def _watch(town: Town) -> list[str]:
    """Phones that were rung while they had another call."""
    twice: list[str] = []

    def rings(ringing: Call) -> None:
        others = [call for call in town.exchange.calls() if call.sid != ringing.sid]
        if any(call.to == ringing.to and not call.is_over for call in others):
            twice.append(ringing.to)

    town.exchange.on_ringing = rings
    return twice


def test_a_phone_that_nobody_picks_up_rings_at_most_twice_in_ten_minutes(
    townwide: Townwide,
) -> None:
    town = townwide(10, 1)
    town.manners[AGENTS[0]] = Manner("no-answer")
    town.bridge.start_web()
    town.start_worker()
    _await(town, lambda: len(town.calls_asked_for()) == 2, "it isn't rung twice")
    first, second = (request.at for request in town.calls_asked_for())
    assert second - first >= TEN_MINUTES
    wait_until(town.exchange.is_quiet, "it still rings")
    attempts = {(disposition, made) for _, disposition, made in _told(town)}
    assert attempts == {("Never Dialed", "")}


@pytest.mark.parametrize(
    ("database_url", "workers"), [("sqlite", 1), ("postgres", 2)], indirect=["database_url"]
)
def test_nobody_is_rung_for_two_calls_at_once(townwide: Townwide, workers: int) -> None:
    """Also when workers die before their request, after it, and before they note it."""
    town = townwide(20, 2)
    town.manners |= dict.fromkeys(AGENTS, Manner(key="11"))
    twice = _watch(town)
    town.bridge.start_web()
    for step in ("request", "answer", "commit"):
        doomed = town.start_worker(dies_at=f"{step}:2")
        wait_until(lambda: not doomed.alive(), f"no worker died at the {step}", _PATIENCE_SECONDS)  # noqa: B023 - awaited here
    for _ in range(workers):
        town.start_worker()
    done = {("Do not Dial", "Successful", "1")}
    _await(town, lambda: _told(town) == done, "somebody is still to be reached")
    reached = [call.to for call in town.exchange.calls() if call.parent_sid]
    assert sorted(reached) == [f"+1402555{case_id:04}" for case_id in range(1, 21)]
    assert twice == []


KEYS = {
    "11": ("Do not Dial", "Successful", "1", "connected to the firm"),
    "12": ("To Dial", "Answering Machine", "1", "a voicemail was left"),
    "13": ("To Dial", "No Answer", "1", "wrong person"),
    "14": ("Do not Dial", "Successful", "1", "asked us not to call again"),
    "1": ("Do not Dial", "Successful", "1", "connected to the firm"),
    "2": ("To Dial", "Never Dialed", "", "put off for an hour"),
    "3": ("To Dial", "Never Dialed", "", "put off until another day"),
}
"""What agents press, and what their cases are told."""


def test_every_key(townwide: Townwide) -> None:
    town = townwide(len(KEYS), len(KEYS))
    town.manners |= {number: Manner(key=keys) for number, keys in zip(AGENTS, KEYS, strict=True)}
    town.bridge.start_web()
    town.start_worker()
    _await(town, lambda: sorted(_by_agent(town)) == list(range(len(KEYS))), "a case is not told")
    assert list(dict(sorted(_by_agent(town).items())).values()) == list(KEYS.values())


def _by_agent(town: Town) -> dict[int, tuple[str, str, str, str]]:
    """How the case stands that each agent took, and what its note says, once it has one."""
    found = {}
    for case in town.smartadvocate.book.all():
        for note in (note for note in case.notes if "Agent " in note):
            number = int(note.partition("Agent ")[2][0])
            says = next((words for *_, words in KEYS.values() if words in note), None)
            # An opt-out or a wrong number is also noted by itself.
            if says is not None:
                found[number] = (case.status, case.disposition, case.attempts, says)
    return found
