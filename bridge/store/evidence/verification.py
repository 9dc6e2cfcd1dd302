"""The rows held against the chain: read as they are at one moment, a few at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from sqlalchemy import Connection, Select, select, tuple_

from bridge.domain.evidence_chain import COVERED, Covered, Kind, Link, Row, unpack
from bridge.domain.evidence_verification import (
    Finding,
    Said,
    Verified,
    check_chain,
    check_table,
)
from bridge.store.evidence.chain import newest, read_link, values_of
from bridge.store.tables import checkpoints, metadata

_LINKS, _ROWS = 100, 1000


@dataclass(frozen=True)
class Verification:
    """What came of it."""

    checkpoints: int
    since: datetime | None
    """When the chain begins; None where there is none."""
    newest: Link | None
    has_hash: bool
    """Whether the chain has the hash that was asked for."""
    first: Finding | None
    """The first row that isn't what the chain says; of checkpoints before all others."""
    tables: dict[str, Verified]

    @property
    def findings(self) -> int:
        """How many rows aren't what the chain says."""
        return sum(found.findings for found in self.tables.values())


def verify(connection: Connection, printed: str | None = None) -> Verification:
    """Hold everything against the chain; `printed` is a hash that the chain should have had."""
    of_chain = Verified()
    since: datetime | None = None
    has_hash = printed is None
    for made, finding in check_chain(_links(connection)):
        since = since or made.made_at
        has_hash = has_hash or made.chain == printed
        if finding is None:
            of_chain.rows += 1
        else:
            of_chain.report(finding)
    last = newest(connection)
    tables = {"checkpoints": of_chain}
    for table in COVERED:
        tables[table.name] = check_table(
            table,
            _said(connection, table),
            _rows(connection, table),
            last.until if last else None,
        )
    first = next((found.first for found in tables.values() if found.first), None)
    return Verification(of_chain.rows, since, last, has_hash, first, tables)


def _links(connection: Connection) -> Iterator[Link]:
    query = select(checkpoints).order_by(checkpoints.c.id).limit(_LINKS)
    page = connection.execute(query).all()
    while page:
        yield from map(read_link, page)
        page = connection.execute(query.where(checkpoints.c.id > page[-1].id)).all()


def _said(connection: Connection, table: Covered) -> Iterator[Said]:
    """What the chain says of a table's rows, by their ids.

    Checkpoints overlap where rows were committed late, or ended: no more is held than overlaps.
    """
    waiting: list[tuple[int, int, Kind, bytes]] = []
    for made in _links_of(connection, table):
        while waiting and waiting[0][0] < made.first_id:
            yield Said(*heappop(waiting))
        for identity, digest in unpack(made.rows):
            heappush(waiting, (identity, made.id, made.kind, digest))
    while waiting:
        yield Said(*heappop(waiting))


def _links_of(connection: Connection, table: Covered) -> Iterator[Link]:
    key = (checkpoints.c.first_id, checkpoints.c.id)
    query = select(checkpoints).where(checkpoints.c.covers == table.name).order_by(*key)
    query = query.limit(_LINKS)
    page = connection.execute(query).all()
    while page:
        yield from map(read_link, page)
        after = (page[-1].first_id, page[-1].id)
        page = connection.execute(query.where(tuple_(*key) > tuple_(*after))).all()


def _rows(connection: Connection, of: Covered) -> Iterator[tuple[int, Row]]:
    table = metadata.tables[of.name]
    query: Select[Any] = (
        select(table.c.id, *(table.c[name] for name in of.columns))
        .order_by(table.c.id)
        .limit(_ROWS)
    )
    page = connection.execute(query).all()
    while page:
        for row in page:
            yield row.id, values_of(row)
        page = connection.execute(query.where(table.c.id > page[-1].id)).all()
