"""Whether the rows are still what the chain says of them: the first that isn't, and how many.

check_chain   the checkpoints themselves: none changed, none missing
check_table   a table's rows against what the chain says, both by id
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import merge
from itertools import groupby
from operator import itemgetter

from bridge.domain.evidence_chain import Covered, Kind, Link, Row, chain_of, hashes_of, row_hash

LATE = timedelta(minutes=15)
"""How long after its time a row may still be committed: no transaction takes nearly as long. What
appears in the database with a time before that has been slipped in."""


class Tampering(StrEnum):
    """What was done to a row outside the bridge."""

    CHANGED = "changed"
    REMOVED = "removed"
    SLIPPED_IN = "slipped in"


@dataclass(frozen=True)
class Finding:
    """A row that isn't what the chain says."""

    table: str
    id: int
    what: Tampering


@dataclass
class Verified:
    """What came of looking at a table or at the chain: filled while it is looked at."""

    rows: int = 0
    """Rows that are as the chain says."""
    waiting: int = 0
    """Rows that came too recently to be in the chain, or of which nobody has said when."""
    expired: int = 0
    """Rows that the chain knows to have been deleted in their time."""
    erased: int = 0
    """Rows of which the chain knows that words in them were erased."""
    findings: int = 0
    first: Finding | None = field(default=None)

    def report(self, finding: Finding) -> None:
        """Count a finding; the first one is kept."""
        self.findings += 1
        self.first = self.first or finding


@dataclass(frozen=True)
class Said:
    """What one checkpoint says of one row."""

    row_id: int
    checkpoint: int
    kind: Kind
    digest: bytes


def check_chain(links: Iterable[Link]) -> Iterator[tuple[Link, Finding | None]]:
    """Every checkpoint in order, with what is wrong with it.

    After a gap or a change the chain is taken up again, so that the rest is looked at too.
    """
    chain, expected = "", 1
    for made in links:
        finding = None
        if made.id != expected:
            what = Tampering.REMOVED if made.id > expected else Tampering.SLIPPED_IN
            finding = Finding("checkpoints", min(expected, made.id), what)
        elif chain_of(made, chain) != made.chain:
            finding = Finding("checkpoints", made.id, Tampering.CHANGED)
        yield made, finding
        chain, expected = made.chain, made.id + 1


def check_table(
    table: Covered,
    said: Iterable[Said],
    rows: Iterable[tuple[int, Row]],
    horizon: datetime | None,
) -> Verified:
    """Hold a table's rows against the chain. Both come by id, so little is held at a time.

    All rows until `horizon` are in the chain, but for those that may be committed late.
    """
    look = _Look(table, horizon - LATE if horizon is not None else None)
    of_chain: Iterator[tuple[int, Said | Row]] = ((about.row_id, about) for about in said)
    both = merge(of_chain, rows, key=itemgetter(0))
    for identity, group in groupby(both, key=itemgetter(0)):
        sayings: list[Said] = []
        row: Row | None = None
        for _, each in group:
            if isinstance(each, Said):
                sayings.append(each)
            else:
                row = each
        look.at(identity, row, sorted(sayings, key=lambda about: about.checkpoint))
    return look.found


@dataclass
class _Look:
    """A look at a table, row by row."""

    table: Covered
    since: datetime | None
    """All rows until then are in the chain."""
    found: Verified = field(default_factory=Verified)

    def at(self, identity: int, row: Row | None, said: Sequence[Said]) -> None:
        said = _of_this_row(said)
        newest = said[-1] if said else None
        is_expired = newest is not None and newest.kind is Kind.EXPIRED
        if row is None:
            if is_expired:
                self.found.expired += 1
            else:
                self._report(identity, Tampering.REMOVED)
        elif newest is None or is_expired:
            # Without a time it is one that a worker will date, and cover then.
            if self._is_long_ago(row[self.table.came]):
                self._report(identity, Tampering.SLIPPED_IN)
            else:
                self.found.waiting += 1
        elif _is_replaced(said) or not self._is_as_said(identity, row, said):
            self._report(identity, Tampering.CHANGED)
        else:
            self.found.rows += 1
            self.found.erased += any(about.kind is Kind.ERASED for about in said)

    def _is_as_said(self, identity: int, row: Row, said: Sequence[Said]) -> bool:
        digest = said[-1].digest
        if any(about.kind is Kind.ENDED for about in said):
            return row_hash(self.table, identity, row) == digest
        ended = row[self.table.ended] if self.table.ended is not None else None
        # The end of a row is in the chain as well, once it is long ago.
        return not self._is_long_ago(ended) and digest in hashes_of(self.table, identity, row)

    def _is_long_ago(self, moment: datetime | None) -> bool:
        return moment is not None and self.since is not None and moment <= self.since

    def _report(self, identity: int, what: Tampering) -> None:
        self.found.report(Finding(self.table.name, identity, what))


def _of_this_row(said: Sequence[Said]) -> Sequence[Said]:
    """What is said since a row of the same id was deleted in its time: SQLite gives ids again."""
    ends = [place for place, about in enumerate(said[:-1], 1) if about.kind is Kind.EXPIRED]
    return said[ends[-1] :] if ends else said


def _is_replaced(said: Sequence[Said]) -> bool:
    """Whether another row came in the place of one that the bridge never deleted."""
    return sum(about.kind is Kind.ADDED for about in said) > 1
