"""The National Do Not Call Registry's list: imported from a file, and shown by area code."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO

import structlog

from bridge.commands.listings import Column, Listing
from bridge.domain import registry as rules
from bridge.domain import registry_list
from bridge.domain.registry_list import LONGEST_LINE, AreaList, AreaLists
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.consent import registry
from bridge.store.consent.registry import ImportedArea
from bridge.store.notices import NoticeName

MOST_AREAS = 48
"""Area codes that are read at once: each takes 1.3 MB at most. A file with more is read again."""
LEAST_PART = 0.5
"""Of the numbers that an area code's last list had; fewer must be meant."""
_COLUMNS = (
    Column("area_code", "area code"),
    Column("state", "state"),
    Column("age_days", "days old", is_number=True),
    Column("as_of", "downloaded"),
    Column("imported_at", "imported"),
    Column("numbers", "numbers", is_number=True),
    Column("file", "file"),
)

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError)
_CANT_BE_OPENED = (*_BROKEN, RuntimeError, NotImplementedError)
"""Encrypted, or packed in a way that isn't known here."""

log = structlog.get_logger(__name__)


def import_file(
    runtime: Runtime, file: Path, as_of: datetime, *, least_part: float = LEAST_PART
) -> list[ImportedArea]:
    """Put the lists of a file in place of those that its area codes had, one by one.

    Every line is read before anything is written. Of the numbers that an area code's last list
    had, its new one must have `least_part`: from 0, any list will do, to 1.

    Raises:
        ValueError: the file isn't the registry's full list, or an older one than was imported, or
            too small a part of it; `as_of` is in the future. Nothing was imported then.
    """
    now = runtime.clock()
    if as_of > now:
        day = as_of.astimezone(runtime.settings.firm_zone)
        raise ValueError(f"{day:%Y-%m-%d} is in the future: name the day of the download")
    imported: dict[int, ImportedArea] = {}
    is_over = False
    while not is_over:
        with _lines(file) as lines:
            found = registry_list.read(lines, MOST_AREAS, imported)
        if not found.areas and not imported:
            raise ValueError(f"{file.name} {_why_none(found)}: nothing was imported")
        if not imported:
            _need_newer(runtime, found, as_of)
            _need_as_many(runtime, found, least_part)
        for listed in found.areas:
            new = ImportedArea(listed.area_code, as_of, now, listed.numbers, file.name)
            _replace(runtime, new, listed)
            imported[new.area_code] = new
        is_over = not found.others
    log.info("Registry imported", areas=len(imported), file=file.name)
    runtime.notifier.notify()
    return [imported[area_code] for area_code in sorted(imported)]


def report(imported: Sequence[ImportedArea], zone: tzinfo) -> Iterator[str]:
    """What was imported, a line for each area code and one for all."""
    for area in imported:
        yield f"area code {area.area_code}: {_numbers(area.numbers)}"
    total = _numbers(sum(area.numbers for area in imported))
    codes = f"{len(imported)} area code{'s' * (len(imported) != 1)}"
    yield f"{total} of {codes} imported, as of {imported[0].as_of.astimezone(zone):%Y-%m-%d}"


def _numbers(count: int) -> str:
    return f"{count:,} number{'s' * (count != 1)}"


def status(runtime: Runtime) -> Listing:
    """Each area code's list."""
    now = runtime.clock()
    with runtime.db.read() as connection:
        areas = registry.areas(connection)
    rows = [
        {
            "area_code": area.area_code,
            "state": rules.standing(area.as_of, now),
            "age_days": rules.age(area.as_of, now).days,
            "as_of": area.as_of,
            "imported_at": area.imported_at,
            "numbers": area.numbers,
            "file": area.file,
        }
        for area in areas
    ]
    return Listing(_COLUMNS, rows, "No list was imported: leads without consent are held.")


def _replace(runtime: Runtime, new: ImportedArea, listed: AreaList) -> None:
    with runtime.db.begin() as connection:
        registry.replace(connection, new, listed)
        notices.clear(connection, NoticeName.REGISTRY, str(new.area_code))


def _why_none(found: AreaLists) -> str:
    if found.has_header:
        return "holds no number: its first line would be a header, and nothing follows"
    return "is empty"


def _need_newer(runtime: Runtime, found: AreaLists, as_of: datetime) -> None:
    areas, zone = _known(runtime, found), runtime.settings.firm_zone
    day = as_of.astimezone(zone).date()
    for area in areas:
        its_day = area.as_of.astimezone(zone).date()
        if its_day > day:
            raise ValueError(
                f"area code {area.area_code} has a newer list, of {its_day}: nothing was imported. "
                "Download the list again, or correct --as-of"
            )


def _need_as_many(runtime: Runtime, found: AreaLists, least_part: float) -> None:
    """A download that was cut off would free whoever it lacks: a list seldom loses half."""
    counts = {area.area_code: area.numbers for area in found.areas} | dict(found.others)
    for area in _known(runtime, found):
        count = counts[area.area_code]
        if count < area.numbers * least_part:
            raise ValueError(
                f"area code {area.area_code} had {_numbers(area.numbers)} and would have {count:,}:"
                " nothing was imported. The file may be cut off: download it again, or say "
                "--smaller if that is right"
            )


def _known(runtime: Runtime, found: AreaLists) -> list[ImportedArea]:
    """The lists that there are already of the area codes of a file."""
    codes = {area.area_code for area in found.areas} | found.others.keys()
    with runtime.db.read() as connection:
        return [area for area in registry.areas(connection) if area.area_code in codes]


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[bytes]]:
    """The lines of a text, or of the one text in a ZIP archive; an endless one in pieces.

    Raises:
        ValueError: the archive holds several files, or none; it can't be unpacked.
    """
    with ExitStack() as opened:
        try:
            text = _open(file, opened)
        except _CANT_BE_OPENED as error:
            raise _cant_be_unpacked(file, error) from error
        yield _read(file, text)


def _open(file: Path, opened: ExitStack) -> IO[bytes]:
    if not zipfile.is_zipfile(file):
        return opened.enter_context(file.open("rb"))
    archive = opened.enter_context(zipfile.ZipFile(file))
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise ValueError(f"{file.name} should hold one file, and holds {len(members)}: unpack it")
    return opened.enter_context(archive.open(members[0]))


def _read(file: Path, text: IO[bytes]) -> Iterator[bytes]:
    while line := _next_line(file, text):
        yield line


def _next_line(file: Path, text: IO[bytes]) -> bytes:
    try:
        return text.readline(LONGEST_LINE)
    except _BROKEN as error:
        raise _cant_be_unpacked(file, error) from error


def _cant_be_unpacked(file: Path, error: Exception) -> ValueError:
    why = str(error) or "it ends too early"
    return ValueError(
        f"{file.name} can't be unpacked here ({why}): nothing was imported. Download it again, or "
        "unpack it and import the text"
    )
