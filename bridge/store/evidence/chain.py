"""The chain of checkpoints over decisions, opt-outs, consents and the audit trail.

    undated      opt-outs of which nobody has said when they came, and
    date         that they came now: before a checkpoint, which would pass over them
    next_links   what the next checkpoint covers: read without a lock
    append       the same, written: only where nobody has written another one meanwhile
    erased       words in rows were erased: in the transaction that does so
    expired      rows are deleted because they were kept for long enough: likewise
    lock         what these take against each other. Whoever adds rows never does

A row is covered once it is old enough to be committed for certain (`SETTLED`). One that was
committed even later is still taken up, for as long as `LATE`: ids and times say nothing about the
order in which transactions end.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Column, Connection, Row, Table, func, select, text, update

from bridge.domain.evidence_chain import (
    COVERED,
    Covered,
    Kind,
    Link,
    covered,
    link,
    row_hash,
    unpack,
)
from bridge.domain.evidence_verification import LATE
from bridge.store.tables import checkpoints, metadata, opt_outs

SETTLED = timedelta(minutes=2)
"""How old a row is before it is covered: what was written with it is committed by then."""
EVEN_IF_EMPTY = timedelta(hours=1)
"""How often a checkpoint says that nothing came: nothing can be slipped in before it."""

_LOCK = 0x65_76_69_64
_PAGE = 50
_MOST_AT_ONCE = 500


@dataclass(frozen=True)
class _Stream:
    """Rows of a table by the time at which they came, or ended."""

    of: Covered
    kind: Kind
    column: str

    @property
    def table(self) -> Table:
        return metadata.tables[self.of.name]

    @property
    def at(self) -> Column[Any]:
        return self.table.c[self.column]


_STREAMS = tuple(
    _Stream(table, kind, column)
    for table in COVERED
    for kind, column in ((Kind.ADDED, table.came), (Kind.ENDED, table.ended))
    if column is not None
)


def lock(connection: Connection) -> None:
    """Wait until nobody else writes to the chain, and keep others out until this ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def newest(connection: Connection) -> Link | None:
    """The newest checkpoint; None before the first."""
    query = select(checkpoints).order_by(checkpoints.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else read_link(row)


def undated(connection: Connection, limit: int) -> Sequence[int]:
    """Opt-outs that a process of an older release has stored, as it goes on doing in a deploy.

    Without an index all opt-outs are looked at: a firm has some thousands of them.
    """
    query = select(opt_outs.c.id).where(opt_outs.c.recorded_at.is_(None)).limit(limit)
    return connection.scalars(query).all()


def date(connection: Connection, ids: Collection[int], now: datetime) -> None:
    """Say of these opt-outs that they were recorded now.

    Not when they count from: that may be older than what the chain still takes up.
    """
    mine = opt_outs.c.id.in_(ids), opt_outs.c.recorded_at.is_(None)
    connection.execute(update(opt_outs).where(*mine).values(recorded_at=now))


def next_links(connection: Connection, now: datetime, limit: int) -> Sequence[Link]:
    """What follows in the chain: up to so many rows of each table, the oldest first.

    Nothing where nothing came and the last checkpoint is young.
    """
    before = newest(connection)
    horizon = before.until if before else None
    until = now - SETTLED
    if horizon is not None and until <= horizon:
        return ()
    late = {stream: _late(connection, stream, horizon, limit) for stream in _STREAMS}
    if horizon is not None and any(len(rows) == limit for rows in late.values()):
        # There may be more of them: they come first, before they are too old to be taken up.
        until = horizon
    found = {stream: _come(connection, stream, horizon, until, limit) for stream in _STREAMS}
    # Where there are more, all tables are covered up to the same moment.
    for stream, rows in found.items():
        if len(rows) == limit:
            until = min(until, values_of(rows[-1])[stream.column])
    links: list[Link] = []
    for stream, rows in found.items():
        hashes = [
            *_hashes(stream.of, (row for row in rows if values_of(row)[stream.column] <= until)),
            *_hashes(stream.of, rows_of(connection, stream.of, late[stream])),
        ]
        if hashes:
            before = link(
                before,
                made_at=now,
                until=until,
                covers=stream.of.name,
                kind=stream.kind,
                rows=hashes,
            )
            links.append(before)
    if not links and (before is None or now - before.made_at >= EVEN_IF_EMPTY):
        links.append(link(before, made_at=now, until=until, covers="", kind=Kind.ADDED, rows=()))
    return links


def append(connection: Connection, links: Sequence[Link]) -> bool:
    """Write what follows in the chain; False where something else follows by now."""
    lock(connection)
    expected = (connection.scalar(select(func.max(checkpoints.c.id))) or 0) + 1
    if not links or links[0].id != expected:
        return False
    connection.execute(checkpoints.insert(), [dict(made.__dict__) for made in links])
    return True


def covers(table: str) -> bool:
    """Whether the chain covers this table."""
    return covered(table) is not None


def erased(connection: Connection, table: str, ids: Collection[int], now: datetime) -> None:
    """Say what rows are from now on in which words were erased.

    Raises:
        LookupError: the chain doesn't cover this table.
    """
    of = covered(table)
    if of is None:
        raise LookupError(table)
    if ids:
        _say(connection, of, Kind.ERASED, _hashes(of, rows_of(connection, of, ids)), now)


def expired(connection: Connection, of: Covered, ids: Collection[int], now: datetime) -> None:
    """Say which rows are about to be deleted because they were kept for long enough."""
    _say(connection, of, Kind.EXPIRED, _hashes(of, rows_of(connection, of, ids)), now)


def rows_of(connection: Connection, of: Covered, ids: Collection[int]) -> Iterator[Row[Any]]:
    """These rows of a covered table, in any order."""
    table, wanted = metadata.tables[of.name], sorted(ids)
    for start in range(0, len(wanted), _MOST_AT_ONCE):
        some = wanted[start : start + _MOST_AT_ONCE]
        yield from connection.execute(_columns(of).where(table.c.id.in_(some)))


def rows_in(made: Link) -> int:
    """How many rows a checkpoint names."""
    return sum(1 for _ in unpack(made.rows))


def values_of(row: Row[Any]) -> Mapping[str, Any]:
    """A row's values by its columns."""
    return cast(Mapping[str, Any], row._mapping)  # noqa: SLF001 - its public name


def read_link(row: Row[Any]) -> Link:
    """A row of the table as what it is."""
    values = values_of(row)
    return Link(**{**values, "kind": Kind(values["kind"]), "rows": bytes(values["rows"])})


def _say(
    connection: Connection,
    of: Covered,
    kind: Kind,
    hashes: Iterable[tuple[int, bytes]],
    now: datetime,
) -> None:
    lock(connection)
    before = newest(connection)
    until = before.until if before else None
    made = link(before, made_at=now, until=until, covers=of.name, kind=kind, rows=hashes)
    append(connection, [made])


def _come(
    connection: Connection,
    stream: _Stream,
    horizon: datetime | None,
    until: datetime,
    limit: int,
) -> Sequence[Row[Any]]:
    since = () if horizon is None else (stream.at > horizon,)
    return connection.execute(
        _columns(stream.of)
        .where(stream.at.is_not(None), stream.at <= until, *since)
        .order_by(stream.at, stream.table.c.id)
        .limit(limit)
    ).all()


def _late(
    connection: Connection, stream: _Stream, horizon: datetime | None, limit: int
) -> Sequence[int]:
    """Rows that were committed only after others of their time had been covered."""
    if horizon is None:
        return ()
    since = horizon - LATE
    there = connection.scalars(
        select(stream.table.c.id).where(stream.at > since, stream.at <= horizon)
    ).all()
    known = _covered_since(connection, stream, since) if there else set()
    return [identity for identity in there if identity not in known][:limit]


def _covered_since(connection: Connection, stream: _Stream, since: datetime) -> set[int]:
    known: set[int] = set()
    query = select(checkpoints).order_by(checkpoints.c.id.desc()).limit(_PAGE)
    page = connection.execute(query).all()
    while page:
        for made in map(read_link, page):
            if made.until is None or made.until <= since:
                return known
            if made.covers == stream.of.name and made.kind is stream.kind:
                known.update(identity for identity, _ in unpack(made.rows))
        page = connection.execute(query.where(checkpoints.c.id < page[-1].id)).all()
    return known


def _columns(of: Covered) -> Any:
    table = metadata.tables[of.name]
    return select(table.c.id, *(table.c[name] for name in of.columns))


def _hashes(of: Covered, rows: Iterable[Row[Any]]) -> Iterator[tuple[int, bytes]]:
    for row in rows:
        yield row.id, row_hash(of, row.id, values_of(row))
