"""A hundred thousand decisions: chained by the worker's sweep, and verified.

As a command: `python -m tests.benchmarks.verifying [URL] [COUNT]`; without a URL, on a new SQLite
file.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.store.db import Database
from bridge.store.evidence import chain
from bridge.store.evidence.verification import verify
from bridge.store.migrate import migrate
from bridge.store.tables import decisions
from tests.support.bulk_rows import insert

LIMIT_SECONDS = 20
_MANY = 100_000
_AT_ONCE = 2000
_BEGAN = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Took:
    """Seconds."""

    covering: float
    verifying: float
    processor: float
    """Of the seconds of verifying: what is left waits for others on a busy machine."""


def measure(db: Database, count: int = _MANY) -> Took:
    """Fill an empty database, chain it and verify it."""
    insert(db, decisions, (_row(number) for number in range(count)))
    now = _BEGAN + timedelta(minutes=count, hours=1)
    began = time.monotonic()
    while True:
        with db.snapshot() as connection:
            links = chain.next_links(connection, now, _AT_ONCE)
        if not links:
            break
        with db.begin() as connection:
            chain.append(connection, links)
    covered, processor = time.monotonic(), time.process_time()
    with db.snapshot() as connection:
        found = verify(connection)
    verified, processed = time.monotonic(), time.process_time()
    if found.first is not None or found.tables["decisions"].rows != count:
        raise AssertionError(found.first, found.tables)
    return Took(covered - began, verified - covered, processed - processor)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        url = arguments[0] if arguments else f"sqlite:///{Path(folder) / 'bridge.db'}"
        count = int(arguments[1]) if len(arguments) > 1 else _MANY
        db = Database(url, connections=1)
        migrate(db)
        took = measure(db, count)
        db.close()
    print(f"{line(took, count)}; limit {LIMIT_SECONDS} s for {_MANY:,}")


def line(took: Took, count: int) -> str:
    """What was measured, in words."""
    return (
        f"{count:,} decisions: chained in {took.covering:.1f} s, verified in "
        f"{took.verifying:.1f} s ({took.processor:.1f} s of the processor)"
    )


def _row(number: int) -> dict[str, object]:
    at = _BEGAN + timedelta(minutes=number)
    return {
        "decided_at": at,
        "stage": "place",
        "case_id": number // 20,
        "attempt_id": f"{number:032x}",
        "channel": "call",
        "answer": "allow",
        "until": None,
        "why": "",
        "inputs": {
            "number": "0114",
            "campaign": "Intake follow-up",
            "purpose": "lead",
            "basis": None,
            "zones": ["America/Chicago", "America/New_York"],
            "states": ["FL", "AL"],
            "local": {"America/Chicago": at.isoformat(), "America/New_York": at.isoformat()},
            "windows": [
                {
                    "of": whose,
                    "zones": ["America/Chicago", "America/New_York"],
                    "day": f"{at:%Y-%m-%d}",
                    "window": [540, 1200],
                    "holiday": None,
                }
                for whose in ("firm", "AL", "FL")
            ],
            "attempts": number % 8,
            "max_attempts": 8,
            "contacts": [["call", at.isoformat()]] * 3,
            "caps": [2, 1, 3, 7],
            "limits": {"calls_a_day": 2, "texts_a_day": 1, "contacts_a_day": 3},
            "counted": {"calls_a_day": 1, "texts_a_day": 1, "contacts_a_day": 2},
            "opt_outs": [],
            "pauses": [],
            "rules": "55e3f40e8f9a",
            "sources": {"FL": {"read": "2026-11", "statute": "", "at": ["https://example.com"]}},
        },
    }


if __name__ == "__main__":
    main(sys.argv[1:])
