"""No search through the contacts reads them all, nor sorts more than a page of them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import Channel, Direction
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store import tables
from bridge.store.callbacks import contact_list
from bridge.store.callbacks.contact_list import Key, Wanted
from tests.support.query_plans import analyze, plan_of, sent

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
OWN = {E164("+14025550199")}
BUSY = ContactOutcome.BUSY
WANTED = {
    "all": (Wanted(), "created_at"),
    "case": (Wanted(case_id=7), "case_id"),
    "digits": (Wanted(digits="0114"), "phone_end"),
    "campaign": (Wanted(campaign="Campaign 3"), "campaign"),
    "outcome": (Wanted(outcome=BUSY), "outcome"),
    "channel": (Wanted(channel=Channel.TEXT), "created_at"),
    "direction": (Wanted(direction=Direction.INBOUND), "created_at"),
    "day": (Wanted(since=NOON, until=NOON + timedelta(days=1)), "created_at"),
    "outcome of a day": (Wanted(outcome=BUSY, since=NOON), "outcome"),
    "outcome of a campaign": (Wanted(outcome=BUSY, campaign="Campaign 3"), "campaign"),
}


def _fill(runtime: Runtime) -> None:
    rows = [
        {
            "channel": "call",
            "sid": f"CA{n:032d}",
            "direction": "outbound",
            "case_id": n % 700,
            "evidence": "url",
            "phone": f"+1402555{n % 1000:04d}",
            "phone_end": f"{n % 1000:04d}",
            "status": "completed",
            "answer": "human",
            "campaign": f"Campaign {n % 20}",
            "outcome": ("talked", "busy", "machine", "no-answer")[n % 4],
            "created_at": NOON + timedelta(minutes=n),
            "updated_at": NOON,
        }
        for n in range(20_000)
    ]
    with runtime.db.begin() as connection:
        connection.execute(tables.communications.insert(), rows)
    analyze(runtime.db)


def _plans(runtime: Runtime, search: Callable[[Connection], object]) -> list[str]:
    """How the database answers what a search asks."""
    with runtime.db.read() as connection:
        with sent(runtime.db) as statements:
            search(connection)
        return [plan_of(connection, one) for one in statements]


def _is_slow(plan: str, *, sqlite: bool) -> bool:
    """Whether it reads the whole table, or sorts many more rows than a page looks at."""
    if sqlite:
        scans = [line for line in plan.splitlines() if "SCAN communications" in line]
        return any("USING" not in line for line in scans) or "TEMP B-TREE" in plan
    most_sorted = max(map(int, re.findall(r"Sort .*?rows=(\d+)", plan)), default=0)
    return "Seq Scan on communications" in plan or most_sorted > 2 * contact_list.MOST_EXAMINED


def test_each_is_led_by_an_index_in_order(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_list, "MOST_EXAMINED", 500)
    _fill(runtime)
    place = Key(NOON + timedelta(minutes=10_000), 10_000)
    for name, (wanted, leads) in WANTED.items():
        searches = (
            lambda connection, wanted=wanted: contact_list.older(connection, wanted, OWN, None, 50),
            lambda connection, wanted=wanted: contact_list.older(
                connection, wanted, OWN, place, 50
            ),
            lambda connection, wanted=wanted: contact_list.newer(
                connection, wanted, OWN, place, 50
            ),
        )
        for search in searches:
            for plan in _plans(runtime, search):
                # PostgreSQL may know that another index finds as many as soon.
                index = f"ix_communications_{leads if runtime.db.is_sqlite else ''}"
                assert index in plan, (name, plan)
                assert not _is_slow(plan, sqlite=runtime.db.is_sqlite), (name, plan)


def test_the_campaigns_are_found_one_by_one(runtime: Runtime) -> None:
    _fill(runtime)
    found: list[str] = []
    for plan in _plans(runtime, lambda one: found.extend(contact_list.campaigns(one))):
        assert "ix_communications_campaign" in plan
        assert "Seq Scan on communications" not in plan
    assert found == sorted(f"Campaign {n}" for n in range(20))
