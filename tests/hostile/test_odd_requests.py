"""Thousands of hostile requests: no 5xx, nobody gets in unsigned, nothing is retried for ever."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bridge.store.db import Database
from bridge.store.tables import callbacks, communications, deliveries, opt_outs
from tests.hostile.odd_requests import Odd, signed, unsigned
from tests.hostile.sockets import Answered, Line
from tests.support.processes import AUTH_TOKEN, Bridge, wait_until

_UNSIGNED = 4200
_SIGNED = 1000
_DONE = {200, 204, 400, 413}
_OPEN = {b"/healthz", b"/readyz"}


@pytest.fixture
def bridge(database_url: str, tmp_path: Path) -> Iterator[Bridge]:
    made = Bridge(tmp_path, database_url, "http://127.0.0.1:9")
    made.start_web()
    yield made
    made.close()


@pytest.fixture
def db(bridge: Bridge) -> Iterator[Database]:
    made = Database(bridge.environment["DATABASE_URL"], connections=1)
    yield made
    made.close()


def test_nobody_gets_in_unsigned_and_nothing_breaks(bridge: Bridge, db: Database) -> None:
    odd = list(unsigned(_UNSIGNED, random.Random(20261125)))
    answers = _ask(bridge, odd)
    assert not [one for one in _paired(odd, answers) if one[1].status >= 500]
    let_in = [one for one in _paired(odd, answers) if 200 <= one[1].status < 300]
    assert {one.raw.split(maxsplit=2)[1].partition(b"?")[0] for one, _ in let_in} <= _OPEN
    assert not [one for one in answers if "location" in one.headers]
    assert _rows(db) == {"callbacks": 0, "communications": 0, "deliveries": 0, "opt_outs": 0}
    assert Counter(one.status for one in answers)[403] > _UNSIGNED / 10, "the gate was reached"


def test_what_is_signed_is_kept_or_refused_and_then_done_with(bridge: Bridge, db: Database) -> None:
    odd = list(signed(_SIGNED, random.Random(20261125), bridge.url, AUTH_TOKEN))
    answers = _ask(bridge, odd)
    assert not [one for one in _paired(odd, answers) if one[1].status not in _DONE]
    bridge.start_worker()
    wait_until(lambda: _new(db) == 0, "some callbacks are never done with", 60)
    statuses = Counter(one.status for one in answers)
    assert min(statuses[200] + statuses[204], statuses[400]) > _SIGNED / 20, statuses
    assert "Traceback" not in bridge.said()


def _ask(bridge: Bridge, odd: Sequence[Odd]) -> list[Answered]:
    with Line(bridge.port) as line:
        return [line.ask(one.raw) for one in odd]


def _paired(odd: Sequence[Odd], answers: Sequence[Answered]) -> list[tuple[Odd, Answered]]:
    return list(zip(odd, answers, strict=True))


def _rows(db: Database) -> dict[str, int]:
    with db.read() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (callbacks, communications, deliveries, opt_outs)
        }


def _new(db: Database) -> int:
    with db.read() as connection:
        found = select(func.count()).where(callbacks.c.verdict == "new")
        return connection.scalar(found) or 0
