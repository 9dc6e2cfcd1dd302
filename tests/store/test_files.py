"""SQLite's files are the owner's alone, and what is erased is gone from them."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bridge.store.db import Database
from bridge.store.migrate import migrate


@pytest.fixture
def lax() -> Iterator[None]:
    """As on a host whose new files everybody may read."""
    before = os.umask(0)
    yield
    os.umask(before)


def _modes(home: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}


@pytest.mark.usefixtures("lax")
def test_new_files_and_their_directory_are_the_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "var"
    db = Database(f"sqlite:///{home / 'bridge.db'}", connections=2)
    migrate(db)
    assert _modes(home) == dict.fromkeys(("bridge.db", "bridge.db-wal", "bridge.db-shm"), 384)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    db.close()


@pytest.mark.usefixtures("lax")
def test_files_that_stood_open_are_closed_and_a_directory_of_the_hosts_is_not(
    tmp_path: Path,
) -> None:
    home = tmp_path / "shared"
    home.mkdir(mode=0o755)
    for name in ("bridge.db", "bridge.db-wal"):
        (home / name).touch(0o644)
    Database(f"sqlite:///{home / 'bridge.db'}", connections=1).close()
    assert _modes(home) == {"bridge.db": 0o600, "bridge.db-wal": 0o600}
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


def test_what_is_deleted_is_gone_from_the_files_too(tmp_path: Path) -> None:
    file = tmp_path / "bridge.db"
    db = Database(f"sqlite:///{file}", connections=1)
    with db.begin() as connection:
        connection.execute(text("CREATE TABLE said (words TEXT)"))
        for number in range(50):
            words = {"words": f"{number}: I fell off a ladder" * 20}
            connection.execute(text("INSERT INTO said VALUES (:words)"), words)
    with db.begin() as connection:
        connection.execute(text("DELETE FROM said"))
    with db.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN").execute("SELECT name FROM sqlite_schema").fetchall()
        assert not db.truncate_log(), "somebody reads: the log must stay"
    assert db.truncate_log()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ladder" not in left
    db.close()


_TAKES_THE_FILE = """
import fcntl, sys
with open(sys.argv[1], "r+b") as database:
    # The bytes that SQLite's connections lock while they use the file.
    fcntl.lockf(database, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
"""


def test_another_database_of_this_process_drops_no_locks(tmp_path: Path) -> None:
    """What holds them is SQLite alone: without, another process would take the log for unused."""
    path = tmp_path / "bridge.db"
    db = Database(f"sqlite:///{path}", connections=1)
    migrate(db)
    Database(f"sqlite:///{path}", connections=1).close()
    taken = subprocess.run(
        [sys.executable, "-c", _TAKES_THE_FILE, str(path)], capture_output=True, check=False
    )
    assert taken.returncode != 0
    assert b"BlockingIOError" in taken.stderr
    db.close()
