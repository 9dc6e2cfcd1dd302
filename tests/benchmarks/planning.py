"""(e): due cases polled, judged, claimed and planned in one poll; and passed over at night.

Planning is compared with a script that inserts the rows that it has written, in transactions as
many and as large: so much of its time is the database's.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, select, update

from bridge.adapters import geography
from bridge.dialing import polling
from bridge.dialing.deciding import CASES_A_TRANSACTION
from bridge.environment import load
from bridge.runtime import Runtime, build, smartadvocate
from bridge.store.db import Connection, Database
from bridge.store.dialing import attempts
from bridge.store.dialing.attempts import AttemptState
from bridge.store.tables import attempts as attempts_table
from bridge.store.tables import case_phones, cases, decisions, turns
from tests.benchmarks.duty import Duty
from tests.benchmarks.footprint import peak_megabytes
from tests.support.processes import ROOT

SIZES = (1_000, 10_000)
LARGE = 100_000
"""Measured only when asked for: it takes minutes."""
_NOON = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # in every zone of the lower 48
_NIGHT = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)  # in none of them
_WRITTEN = (cases, case_phones, decisions, turns)
_SETTINGS = {
    "SMARTADVOCATE_API_KEY": "key",
    "TEXT_ENABLED": "true",
    # Everybody is a client who has agreed to a machine's voice and to texts: nobody waits for an
    # agent of the firm.
    "DIAL_MODE": "client_first",
    "CAMPAIGN_PURPOSES": "*=client",
    "CONSENT_BASIS": "client:voice=the retainer; client:text=the retainer",
    "VOICE_PERMITS": "NE=a registration that is made up",
}


@dataclass(frozen=True)
class Planned:
    """One size: seconds of a poll that plans all, of one that passes all over, and memory."""

    cases: int
    seconds: float
    cpu_seconds: float
    statements_a_case: float
    """As many as are sent; rows that are written together are one."""
    inserting_seconds: float
    """The same rows inserted by a script, in the same process right afterwards."""
    night_seconds: float
    night_again_seconds: float
    """The same poll once more: nothing has changed since."""
    megabytes: float
    """The process's peak, all libraries and data about the US included."""

    @property
    def ratio(self) -> float:
        """How much longer planning takes than inserting."""
        return self.seconds / self.inserting_seconds


def measure(fresh: str, other: str, third: str, *, size: int) -> Planned:
    """Plan `size` cases in the database `fresh`, insert as many rows in `other`, and pass as many
    cases over in the `third`.
    """
    by_day, by_night = (
        _in_a_process(url, also, size, at)
        for url, also, at in ((fresh, other, _NOON), (third, "", _NIGHT))
    )
    assert by_day["planned"] == size, by_day
    assert by_night["planned"] == 0, by_night
    return Planned(
        cases=size,
        seconds=by_day["first"],
        cpu_seconds=by_day["cpu"],
        statements_a_case=by_day["statements"] / size,
        inserting_seconds=by_day["inserting"],
        night_seconds=by_night["first"],
        night_again_seconds=by_night["second"],
        megabytes=max(by_day["megabytes"], by_night["megabytes"]),
    )


def table(figures: list[Planned]) -> list[str]:
    return [
        (
            f"{one.cases:,} due cases planned in {one.seconds:.1f} s ({one.cpu_seconds:.1f} s of "
            f"CPU, {one.statements_a_case:.1f} statements a case), {one.ratio:.1f} times what "
            f"inserting the rows takes; passed over at night in {one.night_seconds:.1f} s, again "
            f"in {one.night_again_seconds:.1f} s; peak {one.megabytes:.0f} MB"
        )
        for one in figures
    ]


def _in_a_process(url: str, other: str, size: int, at: datetime) -> dict[str, float]:
    """Memory is a process's: each measurement has its own."""
    duty = Duty(size)
    try:
        made = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.benchmarks.planning",
                url,
                other,
                duty.url,
                str(size),
                at.isoformat(),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        duty.close()
    said: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return said


def _alone(url: str, other: str, duty_url: str, size: int, at: datetime) -> dict[str, float]:
    settings = load({**_SETTINGS, "DATABASE_URL": url, "SMARTADVOCATE_URL": duty_url})
    settings = replace(settings, dial_batch=size)
    runtime = replace(build(settings, connections=7), clock=lambda: at)
    remote = smartadvocate(settings)
    # A worker does so once, when it begins to dial.
    geography.load()
    gc.freeze()
    geography.holiday(at.date())
    sent = _count_statements(runtime)
    took, cpu, statements = [], [], []
    for _ in range(2):
        before = len(sent)
        begun, worked = time.perf_counter(), time.process_time()
        polling.poll(runtime, remote)
        took.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - worked)
        statements.append(len(sent) - before)
        at += 10 * polling.POLL_LEASE
    peak = peak_megabytes(os.getpid())
    with runtime.db.read() as connection:
        planned = attempts.counts(connection).get(("call", AttemptState.PLANNED), 0)
        inserting = _insert(Database(other, connections=1), connection) if other else 0.0
    runtime.close()
    return {
        "first": took[0],
        "second": took[1],
        "cpu": cpu[0],
        "statements": statements[0],
        "inserting": inserting,
        "planned": planned,
        "megabytes": peak,
    }


def _count_statements(runtime: Runtime) -> Sequence[None]:
    sent: list[None] = []
    event.listen(runtime.db.engine, "before_cursor_execute", lambda *_: sent.append(None))
    return sent


def _insert(db: Database, written: Connection) -> float:
    """Seconds to insert the rows that a poll has written, batch by batch as it has."""
    took = 0.0
    for batch in list(_batches(written)):
        begun = time.perf_counter()
        with db.begin() as connection:
            for table in _WRITTEN:
                connection.execute(table.insert(), batch[table.name])
        of_batch = turns.c.id.in_([row["id"] for row in batch[turns.name]])
        with db.begin() as connection:
            connection.execute(update(turns).where(of_batch).values(claim_mark=_NOON))
        with db.begin() as connection:
            connection.execute(update(turns).where(of_batch).values(state="claimed"))
            connection.execute(attempts_table.insert(), batch[attempts_table.name])
        took += time.perf_counter() - begun
    db.close()
    return took


def _batches(written: Connection) -> Iterator[Mapping[str, list[dict[str, Any]]]]:
    """The rows of each batch, by table."""
    ids = list(written.scalars(select(cases.c.case_id).order_by(cases.c.case_id)))
    for start in range(0, len(ids), CASES_A_TRANSACTION):
        some = ids[start : start + CASES_A_TRANSACTION]
        yield {
            table.name: [
                dict(row._mapping)
                for row in written.execute(table.select().where(table.c.case_id.in_(some)))
            ]
            for table in (*_WRITTEN, attempts_table)
        }


if __name__ == "__main__":
    from bridge import logs

    logs.quiet()
    database, empty, address, count, moment = sys.argv[1:]
    print(json.dumps(_alone(database, empty, address, int(count), datetime.fromisoformat(moment))))
