"""Wherever a fault strikes in a case's way, nobody is reached twice, and nothing is forgotten.

For each commit and each remote request, k = 1 … K, the story is told anew: a process dies before it
or after it; a request never arrives, or its answer is lost, and the process lives on. A new process
recovers. `python -m tests.fault_places` prints the places, K and the time.
"""

import time
from collections.abc import Callable

import pytest

from bridge.store.db import Database
from tests.fault_places.stories import STORIES, compare, struck, tell
from tests.support.struck_places import PROPERTY

_PARTS = {"talk": 4, "stop-while-planned": 2, "stop-while-ringing": 2}
"""So many tests share the faults of a story: the workers of a parallel run take them one by one.

Each tells the story without a fault first, so there are no more of them than make a difference.
"""


@pytest.mark.parametrize(
    ("name", "part"), [(name, part) for name in STORIES for part in range(_PARTS[name])]
)
def test_every_place(
    db: Database, name: str, part: int, record_property: Callable[[str, object], None]
) -> None:
    begun, story = time.perf_counter(), STORIES[name]
    plain = tell(story, db)
    assert plain.broken == []
    faults = struck(story, plain)[part :: _PARTS[name]]
    wrong = {str(fault): compare(plain, tell(story, db, fault)) for fault in faults}
    where = "SQLite" if db.is_sqlite else "PostgreSQL"
    took = time.perf_counter() - begun
    record_property(PROPERTY, [name, where, len(plain.places), len(faults), took])
    assert {fault: found for fault, found in wrong.items() if found} == {}
