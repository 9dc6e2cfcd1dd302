"""Cases are decided on and planned together, with the outcome that each would have alone."""

import itertools
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.dialing import claiming, deciding, polling
from bridge.dialing.call_takers import Room
from bridge.dialing.fingerprints import Fingerprints
from bridge.dialing.planning import plan_turns
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.purposes import Purpose
from bridge.environment import load
from bridge.runtime import Runtime, build
from bridge.store.cases import saving
from bridge.store.db import Connection
from bridge.store.dialing import turns
from bridge.store.dialing.skipped import SkippedCase
from tests.support import many_rows, random_worlds
from tests.support.clock import Clock
from tests.support.made_up_contacts import phone_of
from tests.support.postgres import Postgres
from tests.support.query_plans import sent, unbounded
from tests.support.random_people import RandomRemote
from tests.support.random_worlds import RandomWorld
from tests.support.registry import import_lists
from tests.support.statements import counted
from tests.support.world import World, Worldwide

SEEDS = range(12)
_MOST_A_BATCH = 37
_MOST_TO_DECIDE = 24


@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_decides_as_each_case_alone(
    seed: int, database_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = _played(seed, database_url)
    monkeypatch.setattr(polling, "CASES_A_TRANSACTION", 1)
    monkeypatch.setattr(claiming, "_CASES_A_CLAIM", 1)
    alone = _played(seed, _another(database_url, request))
    for table, rows in together.items():
        assert alone[table] == rows, table


def _played(seed: int, url: str) -> Mapping[str, list[dict[str, Any]]]:
    """All rows after the polls of a random world whose cases were stored before, as they stay.

    Where a case is stored only with its batch, who shares a phone depends on the batch.
    """
    world = RandomWorld(seed, keeps_cases=True)
    settings = {
        **world.settings,
        "DATABASE_URL": url,
        "PUBLIC_URL": "https://firm.example.com",
        # No more begin than there is room for: that is seen after each batch.
        "DIAL_MODE": "client_first",
        "DIAL_BATCH": "100",
    }
    # The mark of a claim is made of it.
    loaded = replace(load(settings), database_url="the same")
    ids = itertools.count(1)
    runtime = replace(
        build(load(settings), connections=2),
        settings=loaded,
        clock=lambda: world.now,
        new_id=lambda: f"id-{next(ids)}",
        jitter=lambda: 0.0,
    )
    remote = RandomRemote(seed, is_sound=True)
    with runtime.db.begin() as connection:
        world.fill(connection)
        saving.save_each(connection, world.cases, {}, world.now)
    for shown in world.polls():
        remote.shown = shown
        polling.poll(runtime, cast("SmartAdvocate", remote))
    with runtime.db.read() as connection:
        found = dict(random_worlds.rows(connection))
    runtime.close()
    # Planned by case within a claim: in the order of their turns they are the same.
    planned = sorted(found["attempts"], key=lambda row: (row["turn_id"], row["channel"], row["id"]))
    found["attempts"] = [{name: row[name] for name in row if name != "id"} for row in planned]
    return found


def _another(url: str, request: pytest.FixtureRequest) -> str:
    """A second empty database of the same kind."""
    if url.startswith("sqlite"):
        template: Path = request.getfixturevalue("sqlite_template")
        other = request.getfixturevalue("tmp_path") / "other.db"
        other.write_bytes(template.read_bytes())
        return f"sqlite:///{other}"
    server: Postgres = request.getfixturevalue("postgres")
    name = server.emptied_or_new(request.getfixturevalue("postgres_template"))
    request.addfinalizer(lambda: server.take_back(name))
    return server.url(name)


def test_a_batch_takes_as_many_statements_whatever_its_size(worldwide: Worldwide) -> None:
    world = worldwide()
    _, few, batch, two_batches = (_statements(world, cases) for cases in (1, 5, 25, 50))
    assert batch == few
    assert two_batches - batch <= _MOST_A_BATCH


def _statements(world: World, cases: int) -> int:
    """How many statements a poll takes in which the calls of so many new cases are planned."""
    first = 1 + max((case.case_id for case in world.sa.book.all()), default=0)
    for case_id in range(first, first + cases):
        world.case(case_id, f"4023450{case_id:03d}")
    with counted(world.runtime.db.engine) as said:
        assert world.poll() == cases
    # Workers are told of work at most once in a while.
    return len([statement for statement in said.statements if not statement.startswith("NOTIFY")])


def test_leads_take_few_statements_too(worldwide: Worldwide) -> None:
    world = worldwide(CAMPAIGN_PURPOSES="", CONSENT_BASIS="")
    due = [_due(case_id, world.clock()) for case_id in range(1, 26)]
    with counted(world.runtime.db.engine) as said:
        deciding.decide_some(world.runtime, due, _room(world.clock))
    # A lead is held for want of its area code's list, and Today says so.
    assert len(said.statements) <= _MOST_TO_DECIDE


@pytest.mark.parametrize("purpose", Purpose)
def test_a_batch_reads_what_indexes_lead_to(
    runtime: Runtime, clock: Clock, purpose: Purpose
) -> None:
    many_rows.fill(runtime.db, clock(), 3000)
    import_lists(runtime.db, clock())
    known = replace(runtime.settings, campaign_purposes=(("*", purpose),))
    due = [_due(case_id, clock(), phone_of(case_id)) for case_id in range(1, 26)]
    with sent(runtime.db) as statements:
        results = deciding.decide_some(replace(runtime, settings=known), due, _room(clock))
        begun = [(turn, case) for case, turn in results if not isinstance(turn, SkippedCase)]
        with runtime.db.begin() as connection:
            claimed = begun or [(1, due[0])]
            plan_turns(runtime, connection, claimed, {case.case_id: case for _, case in claimed})
    assert len(statements) > 15
    assert not unbounded(runtime.db, statements)


def test_an_error_takes_no_place_in_the_room(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = [_due(case_id, clock()) for case_id in (1, 2, 3)]
    begin = turns.begin

    def broken(connection: Connection, listed: list[CaseInfo], now: datetime) -> Mapping[int, int]:
        if any(case.case_id == 2 for case in listed):
            raise LookupError("2")
        return begin(connection, listed, now)

    monkeypatch.setattr(turns, "begin", broken)
    clients = replace(runtime.settings, campaign_purposes=(("*", Purpose.CLIENT),))
    results = deciding.decide_some(replace(runtime, settings=clients), due, _room(clock, 2))
    begun = [case.case_id for case, result in results if not isinstance(result, SkippedCase)]
    assert begun == [1, 3]


def test_every_field_of_a_case_is_in_its_fingerprint(runtime: Runtime, clock: Clock) -> None:
    case = _due(7, clock())
    other = CaseInfo(
        8,
        None,
        1,
        None,
        (CasePhone("4025550102", "Home", primary=True, text=True),),
        "Spring",
        "10001",
        ("odd",),
        "Call by hand",
    )
    with runtime.db.read() as connection:
        fingerprints = Fingerprints(runtime, connection)
    same = fingerprints.of(case)
    assert fingerprints.of(replace(case)) == same
    for field in fields(CaseInfo):
        changed = replace(case, **{field.name: getattr(other, field.name)})
        assert fingerprints.of(changed) != same, field.name
    (phone,) = case.phones
    for field in fields(CasePhone):
        changed_phone = replace(phone, **{field.name: getattr(other.phones[0], field.name)})
        assert fingerprints.of(replace(case, phones=(changed_phone,))) != same, field.name


def _due(case_id: int, now: datetime, number: str = "") -> CaseInfo:
    phone = CasePhone(number or f"40234501{case_id:02d}", "Cell")
    listed = now - timedelta(hours=1)
    return CaseInfo(case_id, DialerStatus.TO_DIAL, 0, listed, (phone,), "Intake", "68046")


def _room(clock: Clock, agent_first: int = 99) -> Room:
    return Room(turns=99, agent_first=agent_first, until=clock() + timedelta(minutes=5))
