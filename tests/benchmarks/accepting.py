"""(a) and (d): accepting callbacks, against the same server doing less, and over a full table."""

import random
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.store.db import Database
from bridge.store.tables import callbacks
from tests.benchmarks.traffic import Accepted, flood, new_sid, steady
from tests.support.processes import Bridge, from_nothing

_OLD_ROWS_A_TIME = 20_000


@dataclass(frozen=True)
class AgainstLimits:
    """Medians over the rounds; the ratios are medians of the rounds' own ratios."""

    check: Accepted
    insert: Accepted
    bridge: Accepted
    of_check: float
    of_insert: float


@dataclass(frozen=True)
class WithOldRows:
    """Callbacks a second, by the bridge over an empty and over a full table."""

    empty: float
    full: float
    ratio: float
    """The median of the rounds' own ratios."""


def against_limits(
    url: str, home: Path, chance: random.Random, *, rounds: int, seconds: int
) -> AgainstLimits:
    taken: dict[str, list[Accepted]] = {"check": [], "insert": [], "bridge": []}
    commands = {
        "check": ("tests.benchmarks.limits", "check"),
        "insert": ("tests.benchmarks.limits", "insert"),
        "bridge": ("bridge", "web"),
    }
    for _ in range(rounds):
        for name, command in commands.items():
            with _serving(url, home, *command) as server:
                taken[name].append(flood(server.url, seconds, home, chance))
    return AgainstLimits(
        check=_median(taken["check"]),
        insert=_median(taken["insert"]),
        bridge=_median(taken["bridge"]),
        of_check=_ratio(taken["bridge"], taken["check"]),
        of_insert=_ratio(taken["bridge"], taken["insert"]),
    )


def table(figures: AgainstLimits) -> list[str]:
    rows = [("", "per second", "p50 ms", "p99 ms", "refused")]
    for name, one in (
        ("signature check alone", figures.check),
        ("check and one bare INSERT", figures.insert),
        ("the bridge", figures.bridge),
    ):
        rows.append(
            (name, f"{one.per_second:.0f}", f"{one.p50:.1f}", f"{one.p99:.1f}", str(one.refused))
        )
    lines = ["{:<28}{:>12}{:>10}{:>10}{:>10}".format(*row) for row in rows]
    lines.append(f"of the check {figures.of_check:.2f}, of the bare INSERT {figures.of_insert:.2f}")
    return lines


def at_200_per_second(url: str, home: Path, chance: random.Random) -> Accepted:
    with _serving(url, home, "bridge", "web") as server:
        steady(server.url, 200, 2, chance)
        return steady(server.url, 200, 8, chance)


def with_old_rows(
    empty: str,
    full: str,
    home: Path,
    chance: random.Random,
    *,
    old_rows: int,
    rounds: int,
    seconds: int,
) -> WithOldRows:
    """Over an empty and a full database in turn, so that a drifting machine moves both."""
    _refill(empty, 0, chance)
    _refill(full, old_rows, chance)
    taken: list[tuple[float, float]] = []
    for _ in range(rounds):
        rates = []
        for url in (empty, full):
            with _serving(url, home, "bridge", "web") as server:
                rates.append(flood(server.url, seconds, home, chance).per_second)
        taken.append((rates[0], rates[1]))
    return WithOldRows(
        empty=statistics.median(one for one, _ in taken),
        full=statistics.median(other for _, other in taken),
        ratio=statistics.median(other / one for one, other in taken),
    )


def _refill(url: str, rows: int, chance: random.Random) -> None:
    db = Database(url, connections=1)
    with db.begin() as connection:
        connection.execute(callbacks.delete())
    before = datetime.now(UTC) - timedelta(days=30)
    for begun in range(0, rows, _OLD_ROWS_A_TIME):
        with db.begin() as connection:
            connection.execute(
                callbacks.insert(),
                [
                    {
                        "received_at": before + timedelta(seconds=begun + number),
                        "channel": "call",
                        "sid": new_sid(chance),
                        "event": "completed|3||human|7",
                        "status": "completed",
                        "verdict": "matched",
                        "case_id": 7,
                        "target": "/twilio/voice/status?CaseID=7",
                        "body": b"x" * 800,
                    }
                    for number in range(min(_OLD_ROWS_A_TIME, rows - begun))
                ],
            )
    with db.read() as connection:
        connection.exec_driver_sql("VACUUM" if db.is_sqlite else "VACUUM ANALYZE callbacks")
    db.close()


@contextmanager
def _serving(url: str, home: Path, *command: str) -> Iterator[Bridge]:
    bridge = Bridge(home, url, "http://127.0.0.1:9", from_nothing)
    try:
        server = bridge.start(*command)
        bridge.wait_ready()
        yield bridge
        server.stop()
    finally:
        bridge.close()


def _median(taken: list[Accepted]) -> Accepted:
    fields = [asdict(one) for one in taken]
    return Accepted(
        per_second=statistics.median(one["per_second"] for one in fields),
        p50=statistics.median(one["p50"] for one in fields),
        p99=statistics.median(one["p99"] for one in fields),
        refused=sum(one["refused"] for one in fields),
    )


def _ratio(ours: list[Accepted], limit: list[Accepted]) -> float:
    return statistics.median(
        one.per_second / other.per_second for one, other in zip(ours, limit, strict=True)
    )
