"""SQLite's files are the owner's alone: they hold what people wrote."""

import os
import stat
from contextlib import suppress
from pathlib import Path

_ONLY_OWNER = 0o600
_ONLY_OWNERS_DIRECTORY = 0o700
_BESIDE = ("", "-wal", "-shm", "-journal")
"""SQLite gives the files that it makes beside the database the permissions of that."""


def keep_private(database: Path) -> None:
    """Make the file, if need be with its directory, for its owner alone; close what stood open.

    A directory that is there already stays as it is. Files of another user can't be changed.

    Raises:
        OSError: the directory or the file can't be made.
    """
    database.parent.mkdir(mode=_ONLY_OWNERS_DIRECTORY, parents=True, exist_ok=True)
    # One that is there is never opened: closing it again would drop the locks that SQLite's other
    # connections of this process hold on it (sqlite.org/howtocorrupt.html, section 2.2).
    with suppress(FileExistsError):
        os.close(os.open(database, os.O_RDONLY | os.O_CREAT | os.O_EXCL, _ONLY_OWNER))
    for path in (database.with_name(database.name + suffix) for suffix in _BESIDE):
        if path.exists():
            _close_to_others(path)


def _close_to_others(path: Path) -> None:
    found = path.stat()
    is_open = stat.S_IMODE(found.st_mode) & ~_ONLY_OWNER
    if is_open and found.st_uid == os.geteuid() and stat.S_ISREG(found.st_mode):
        path.chmod(_ONLY_OWNER)
