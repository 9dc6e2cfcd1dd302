"""What makes the evidence tamper-evident: a short hash of every row, and a chain over the hashes.

    row_hash       a row as it is, alike on both databases
    hashes_of      the same, and as it was before what may happen to it later
    Link           a checkpoint of the chain: which rows it names, and the chain up to it
    pack, unpack   rows and their hashes as a checkpoint keeps them

A checkpoint names rows for one of four reasons (`Kind`). The newest that is said of a row is what
it must still be. A row whose end isn't in the chain yet may have ended meanwhile, and nothing else:
what an opt-out may become on the way stands in `_BEFORE`.

The chain is a plain SHA-256, so that anybody can compute it anew. Whoever can write to the database
can also write a whole new chain: a hash that was printed before shows it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import combinations
from typing import Any

Row = Mapping[str, Any]
"""A row's values by its columns."""

_SHORT = 16
_ID = 8
_ENTRY = _ID + _SHORT
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""One spelling of a value, whichever database it comes from."""


class Kind(StrEnum):
    """Why a checkpoint names rows."""

    ADDED = "added"
    """They came."""
    ENDED = "ended"
    """They were lifted or revoked."""
    ERASED = "erased"
    """Words in them were erased."""
    EXPIRED = "expired"
    """They were deleted because they were kept for long enough."""


@dataclass(frozen=True)
class Covered:
    """A table that the chain covers."""

    name: str
    columns: tuple[str, ...]
    """All columns but the id. One that is added later is not among them: old hashes stay valid."""
    came: str
    """The column that says when a row came."""
    ended: str | None = None
    """The column that says when it ended; None where rows never change."""
    of_end: tuple[str, ...] = ()
    """The columns that its end sets."""


COVERED = (
    Covered(
        "decisions",
        (
            "decided_at",
            "stage",
            "case_id",
            "attempt_id",
            "channel",
            "answer",
            "until",
            "why",
            "inputs",
        ),
        "decided_at",
    ),
    Covered(
        "opt_outs",
        (
            "phone",
            "case_id",
            "channel",
            "source",
            "sid",
            "created_at",
            "recorded_at",
            "scope",
            "recorded_by",
            "reason",
            "words",
            "words_erased_at",
            "lifted_at",
            "lifted_by",
            "lift_reason",
        ),
        "recorded_at",
        "lifted_at",
        ("lifted_at", "lifted_by", "lift_reason"),
    ),
    Covered(
        "consents",
        (
            "phone",
            "channel",
            "purpose",
            "words",
            "source",
            "evidence",
            "given_at",
            "recorded_at",
            "recorded_by",
            "revoked_at",
            "revoked_by",
            "revoked_how",
        ),
        "recorded_at",
        "revoked_at",
        ("revoked_at", "revoked_by", "revoked_how"),
    ),
    Covered("audit", ("at", "actor", "action", "subject", "reason", "case_id"), "at"),
)
"""The tables, in the order in which they are looked at."""


def covered(name: str) -> Covered | None:
    """The covered table of this name; None for any other table."""
    return next((table for table in COVERED if table.name == name), None)


def row_hash(table: Covered, identity: int, row: Row) -> bytes:
    """A short hash of a row.

    What only an end means is left out before that: START leaves its mark on an opt-out that it
    doesn't lift.
    """
    values = {column: _plain(row[column]) for column in table.columns}
    if table.ended is not None and row[table.ended] is None:
        values.update(dict.fromkeys(table.of_end))
    said = _ENCODE([table.name, identity, values])
    return hashlib.sha256(said.encode()).digest()[:_SHORT]


def hashes_of(table: Covered, identity: int, row: Row) -> Iterator[bytes]:
    """The hash of a row, and then those that it may have had before, without ever having ended."""
    yield row_hash(table, identity, row)
    before = [back for back in (*_end(table), *_BEFORE.get(table.name, ())) if back(row)]
    for count in range(1, len(before) + 1):
        for steps in combinations(before, count):
            earlier = dict(row)
            for step in steps:
                earlier.update(step(row))
            yield row_hash(table, identity, earlier)


def _end(table: Covered) -> Iterator[Callable[[Row], Row]]:
    if table.ended is not None:
        column = table.ended
        yield lambda row: dict.fromkeys(table.of_end) if row[column] is not None else {}


_BEFORE: Mapping[str, Sequence[Callable[[Row], Row]]] = {
    "opt_outs": (
        # Somebody at the firm has said whose it was.
        lambda row: {"case_id": None} if row["case_id"] is not None else {},
        # START came from the number, which others use too. It leaves its mark.
        lambda row: (
            {"scope": "person"} if row["scope"] == "case" and row["lifted_by"] is not None else {}
        ),
        # A process of an older release has stored it in a deploy; when it came was added.
        lambda row: {"recorded_at": None} if row["recorded_at"] is not None else {},
    )
}
"""What may happen to a row before its end: each gives what the row was before, or nothing."""


def pack(rows: Iterable[tuple[int, bytes]]) -> bytes:
    """Rows by id, each with its hash."""
    return b"".join(
        identity.to_bytes(_ID, "big", signed=True) + digest for identity, digest in sorted(rows)
    )


def unpack(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """The rows of a checkpoint, by id. A rest that is too short for a row is no row."""
    for start in range(0, len(packed) - _ENTRY + 1, _ENTRY):
        entry = packed[start : start + _ENTRY]
        yield int.from_bytes(entry[:_ID], "big", signed=True), entry[_ID:]


@dataclass(frozen=True)
class Link:
    """A checkpoint. What the next one chains to is its `chain`."""

    id: int
    made_at: datetime
    until: datetime | None
    """All rows of this time or older are in the chain by now; None as long as none was made."""
    covers: str
    kind: Kind
    first_id: int
    last_id: int
    rows: bytes = field(repr=False)
    chain: str


def link(
    before: Link | None,
    *,
    made_at: datetime,
    until: datetime | None,
    covers: str,
    kind: Kind,
    rows: Iterable[tuple[int, bytes]],
) -> Link:
    """The checkpoint that follows on another one; the first follows on None."""
    packed = pack(rows)
    ids = [identity for identity, _ in unpack(packed)] or [0]
    made = Link(
        id=before.id + 1 if before else 1,
        made_at=made_at,
        until=until,
        covers=covers,
        kind=kind,
        first_id=ids[0],
        last_id=ids[-1],
        rows=packed,
        chain="",
    )
    return Link(**{**made.__dict__, "chain": chain_of(made, before.chain if before else "")})


def chain_of(made: Link, before: str) -> str:
    """The chain up to a checkpoint, of which the one before has the chain `before`."""
    parts = [
        before,
        made.id,
        _plain(made.made_at),
        _plain(made.until),
        made.covers,
        made.kind,
        made.first_id,
        made.last_id,
        hashlib.sha256(made.rows).hexdigest(),
    ]
    return hashlib.sha256(_ENCODE(parts).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
