"""`bridge consent import FILE.csv`: a file of consents, read row by row however long it is.

check     every row is read; one bad row, and nothing is imported
import    the same rows again, some at a time in a transaction of their own

What is on file already is left as it is. So a run that was cut off, by a crash or an outage, is
finished by running it again.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TextIO

from bridge.commands.opt_outs import ACTOR
from bridge.consent.consents import record_consents
from bridge.domain.consent_entries import FIELDS, BadEntry, read_entry
from bridge.domain.consents import NewConsent
from bridge.runtime import Runtime
from bridge.store.console import audit
from bridge.store.console.audit import Action

_AT_ONCE = 500
_FIRST_LINE = 1


@dataclass(frozen=True)
class BadRow:
    """A row that can't be imported."""

    line: int
    """Where it begins in the file; the first line is 1."""
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}"


@dataclass(frozen=True)
class Imported:
    """What became of a file without a bad row."""

    rows: int
    added: int
    ended: int
    """Of those added: how many were refused since they were given."""


@dataclass(frozen=True)
class _Row:
    line: int
    read: NewConsent | BadRow


def bad_rows(runtime: Runtime, file: TextIO, now: datetime) -> Iterator[BadRow]:
    """What is wrong with the file, in its order; nothing is stored."""
    rows = 0
    for row in _rows(runtime, file, now):
        rows += 1
        if isinstance(row.read, BadRow):
            yield row.read
    if not rows:
        yield BadRow(_FIRST_LINE + 1, "there is no row")


def import_rows(runtime: Runtime, file: TextIO, name: str, by: str, now: datetime) -> Imported:
    """Store what isn't on file yet.

    Raises:
        BadEntry: a row is bad that wasn't when the file was checked: it was changed meanwhile.
        OperationalError, TimeoutError: the database can't be reached; run it again.
    """
    rows = added = ended = 0
    left = _rows(runtime, file, now)
    while some := list(islice(left, _AT_ONCE)):
        rows += len(some)
        with runtime.db.begin() as connection:
            stored = record_consents(runtime, connection, [_good(row) for row in some], by)
            if stored:
                audit.record(
                    connection,
                    actor=ACTOR.format(by),
                    action=Action.CONSENTS_IMPORTED,
                    subject=name,
                    reason=f"{len(stored)} from lines {some[0].line} to {some[-1].line}",
                    now=runtime.clock(),
                )
        added += len(stored)
        ended += sum(consent.revoked_at is not None for consent in stored)
    return Imported(rows, added, ended)


def _good(row: _Row) -> NewConsent:
    if isinstance(row.read, BadRow):
        raise BadEntry(f"{row.read}: the file was changed while it was imported; run it again")
    return row.read


def _rows(runtime: Runtime, file: TextIO, now: datetime) -> Iterator[_Row]:
    """Every row of the file from its beginning, as consent or as what is wrong with it."""
    file.seek(0)
    reader = csv.reader(file)
    try:
        header = [name.strip().lower().replace(" ", "_") for name in next(reader, [])]
        why = _wrong_header(header)
        if why is not None:
            yield _bad(_FIRST_LINE, why)
            return
        line = reader.line_num + 1
        for fields in reader:
            if fields:
                yield _Row(line, _read(runtime, header, fields, line, now))
            line = reader.line_num + 1
    except UnicodeDecodeError:
        yield _bad(reader.line_num + 1, "from here on the file is not UTF-8 text")
    except csv.Error as error:
        yield _bad(reader.line_num, f"it is not CSV: {error}")


def _bad(line: int, why: str) -> _Row:
    return _Row(line, BadRow(line, why))


def _wrong_header(header: list[str]) -> str | None:
    missing = [name for name in FIELDS if name not in header]
    if missing:
        return f"the first line should name the columns; missing: {', '.join(missing)}"
    twice = [name for name in FIELDS if header.count(name) > 1]
    return f"{', '.join(twice)} stands there twice" if twice else None


def _read(
    runtime: Runtime, header: list[str], fields: list[str], line: int, now: datetime
) -> NewConsent | BadRow:
    if len(fields) > len(header):
        return BadRow(line, "it has more fields than the first line has columns")
    entered: Mapping[str, str | None] = dict(zip(header, fields, strict=False))
    settings = runtime.settings
    try:
        return read_entry(
            entered, own_numbers=settings.own_numbers, zone=settings.firm_zone, now=now
        )
    except BadEntry as error:
        return BadRow(line, str(error))
