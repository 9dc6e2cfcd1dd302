"""(a) once more, while sockets of each slow kind hang."""

import random
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.traffic import Accepted, steady
from tests.hostile.slow import BEGINNINGS, Silent
from tests.support.processes import Bridge, from_nothing

EACH = 300
_PER_SECOND = 100
_SECONDS = 5  # less than the server lets them hang


@dataclass(frozen=True)
class Beside:
    """Callbacks at a steady pace: alone, and with slow sockets beside them."""

    alone: Accepted
    beside: Accepted


def measure(url: str, home: Path, chance: random.Random) -> Beside:
    bridge = Bridge(home, url, "http://127.0.0.1:9", from_nothing)
    try:
        web = bridge.start_web()
        steady(bridge.url, _PER_SECOND, 2, chance)
        alone = steady(bridge.url, _PER_SECOND, _SECONDS, chance)
        with Silent() as sockets:
            for beginning in BEGINNINGS.values():
                sockets.begin(bridge.port, beginning, EACH)
            beside = steady(bridge.url, _PER_SECOND, _SECONDS, chance)
        web.stop()
    finally:
        bridge.close()
    return Beside(alone, beside)


def line(figures: Beside) -> str:
    one, other = figures.alone, figures.beside
    return (
        f"at {_PER_SECOND}/s, alone and beside {EACH} slow sockets of each kind: "
        f"p50 {one.p50:.1f} and {other.p50:.1f} ms, p99 {one.p99:.1f} and {other.p99:.1f} ms, "
        f"refused {one.refused} and {other.refused}"
    )
