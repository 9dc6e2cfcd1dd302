"""(f): the pace that real workers reach when there is work, and the most calls in any second."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.domain.events import Topic
from bridge.store.callbacks.callbacks import NewCallback, insert
from bridge.store.db import Database
from tests.benchmarks.duty import Duty, Line
from tests.support.processes import Bridge, from_nothing, wait_until

PACES = (1, 5, 30)
WORKERS = 2
_SECONDS = 5


@dataclass(frozen=True)
class Paced:
    """Calls as they arrived at Twilio's stand-in."""

    allowed: int
    reached: float
    """Calls a second, from the first to the last."""
    most: int
    """In any one second."""


def measure(url: str, home: Path, allowed: int) -> Paced:
    count = allowed * _SECONDS + 1
    duty, line = Duty(count), Line()
    bridge = Bridge(home, url, duty.url, from_nothing)
    bridge.environment |= {
        "TWILIO_API_URL": line.url,
        "TWILIO_FROM_NUMBER": "+14025550100",
        "FIRM_NAME": "Example & Partners",
        "FIRM_PHONE": "+14025550199",
        "DIAL_ENABLED": "true",
        "DIAL_POLL_SECONDS": "1",
        "DIAL_BATCH": "1000",
        "DIAL_CALLS_PER_SECOND": str(allowed),
        "DIAL_MAX_CALLS": "1000",
        "DIAL_HOURS": "00:00-24:00",
        "DIAL_DAYS": "mon,tue,wed,thu,fri,sat,sun",
        "DIAL_SKIP_HOLIDAYS": "false",
        "DIAL_STATE_RULES": "off",
    }
    try:
        _hear(url)
        for _ in range(WORKERS):
            bridge.start_worker()
        wait_until(lambda: len(line.asked) >= count, "calls are missing", 60)
    finally:
        bridge.close()
        duty.close()
        line.close()
    moments = sorted(line.asked)
    return Paced(
        allowed,
        (len(moments) - 1) / (moments[-1] - moments[0]),
        max(sum(one <= other < one + 1 for other in moments) for one in moments),
    )


def _hear(url: str) -> None:
    """Twilio is heard for as long as this lasts: else calls would go out one at a time."""
    db = Database(url, connections=1)
    soon = datetime.now(UTC) + timedelta(minutes=5)
    heard = NewCallback(soon, Topic.CALL, "CA" + "0" * 32, "heard", "ringing", "", b"", None, "")
    insert(db, [heard])
    db.close()


def table(figures: list[Paced]) -> list[str]:
    return [
        (
            f"{one.allowed} calls/s allowed: {one.reached:.2f}/s reached "
            f"({one.reached / one.allowed:.0%}), {one.most} in the fullest second"
        )
        for one in figures
    ]
