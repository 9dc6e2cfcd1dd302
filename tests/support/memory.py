"""What the tests do with the machine's memory: temporary files in it, and seldom tidied up."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 * 2**30
_OBJECTS = 200_000


def use_for_temporary_files() -> None:
    """Have this process, and those it starts, make temporary directories in memory.

    A commit waits for the disk some milliseconds on PostgreSQL and SQLite alike, and an emptied
    table is a new file for each of its indexes. Processes that are killed lose nothing by it: what
    they have written is there as it would be on a disk. Nothing changes where TMPDIR is set, or
    where there is too little room (containers often have 64 MB).
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # it is asked anew


def collect_seldom() -> None:
    """Have the collector look for cycles of this process after many more objects than usual.

    So much code is loaded here that looking through it takes a tenth of a run.
    """
    gc.set_threshold(_OBJECTS)
