"""`python -m tests.fault_places`: every place of each story, K, and the time that it takes.

On a new SQLite file and, where it is installed, on PostgreSQL.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.fault_places.stories import STORIES, Story, compare, struck, tell
from tests.support import memory, routes, statements
from tests.support.postgres import find_programs, running


def main() -> int:
    memory.use_for_temporary_files()
    statements.compile_once()
    routes.compile_once()
    failed = 0
    for where, url in _databases():
        db = Database(url, connections=1)
        migrate(db)
        failed += sum(_tell(where, db, story) for story in STORIES.values())
        db.close()
    return 1 if failed else 0


def _tell(where: str, db: Database, story: Story) -> int:
    """Strike everywhere; return how many faults broke a promise."""
    begun, failed = time.perf_counter(), 0
    plain = tell(story, db)
    _say(f"--- {story.name} on {where}")
    for place in plain.places:
        _say(f"    {place}")
    faults = struck(story, plain)
    for fault in faults:
        found = compare(plain, tell(story, db, fault))
        failed += bool(found)
        for line in found:
            _say(f"{fault}: {line}")
    took = time.perf_counter() - begun
    _say(f"K = {len(plain.places)}, {len(faults)} faults in {took:.1f} s, {failed} broke a promise")
    return failed


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="bridge-places-") as folder:
        yield "SQLite", f"sqlite:///{Path(folder) / 'bridge.db'}"
    programs = find_programs()
    if programs is not None:
        with running(programs) as server:
            yield "PostgreSQL", server.url(server.new_database())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
