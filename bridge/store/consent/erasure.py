"""What is kept of what a person wrote: found by the person's number, erased, and looked for.

unread      callbacks of the number that are not processed yet
find        its raw callbacks and its words in messages to SmartAdvocate
sentences   in which something of it stands, such as refusals
look_for    every text of every table

These read, a few rows at a time: they lock nothing and wait for nobody. What they find is written
by `redact`, `erase_callbacks`, `erase_notes` and `erase_refusals`, of which each is called for
`FEW` rows in a transaction of its own: on SQLite everybody else waits for it. `forget_tests` takes
the number off tests that weren't done yet. Rows of the evidence whose words are erased are named
in its chain.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from bridge.domain.phones import E164, ten_digits
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.evidence import chain
from bridge.store.reporting import deliveries as store_deliveries
from bridge.store.reporting import payloads
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.tables import (
    attempts,
    audit,
    callbacks,
    circuit_breakers,
    communications,
    consents,
    deliveries,
    errands,
    metadata,
    notices,
    opt_outs,
    pauses,
    preferences,
    skipped_cases,
    turns,
    wrong_numbers,
)

FEW = 100
"""Rows that one transaction writes."""

_ROWS = 1000
"""Rows that are read at a time."""

_SENTENCES: tuple[Column[Any], ...] = (
    callbacks.c.complaint,
    deliveries.c.refusal,
    turns.c.ending,
    attempts.c.reason,
    circuit_breakers.c.reason,
    skipped_cases.c.reason,
    pauses.c.reason,
    pauses.c.lift_reason,
    audit.c.reason,
    opt_outs.c.reason,
    opt_outs.c.lift_reason,
    preferences.c.lift_reason,
    consents.c.revoked_how,
    wrong_numbers.c.lift_reason,
    notices.c.says,
)
"""Where words of SmartAdvocate, Twilio or an operator are kept, which may repeat a person's."""

_UNDERSTOOD = callbacks.c.verdict != Verdict.NEW
_OF_TEXT = (String, JSON, LargeBinary)

Place = tuple[str, str]
"""A table and one of its columns."""


@dataclass(frozen=True)
class PersonsData:
    """What is kept of what a person wrote."""

    callbacks: Mapping[int, bytes] = field(repr=False)
    """Raw callbacks of the number by their row, empty where only the target is kept."""
    notes: Mapping[int, str] = field(repr=False)
    """The words in messages by their row, empty where only a refusal may be theirs."""
    refusals: Mapping[int, str] = field(repr=False)
    """The words that are kept with opt-outs of the number, by their row."""


@dataclass(frozen=True)
class Sentence:
    """A stored sentence that is to be redacted."""

    column: Column[Any]
    key: Mapping[str, Any]
    """The row: its primary key."""
    was: str = field(repr=False)
    becomes: str = field(repr=False)


def unread(connection: Connection, phone: E164) -> Sequence[int]:
    """The number's callbacks that are not processed yet."""
    new = callbacks.c.verdict == Verdict.NEW
    query = select(callbacks.c.id).where(new, _is_of(connection, phone)).order_by(callbacks.c.id)
    return connection.scalars(query).all()


def find(connection: Connection, phone: E164) -> PersonsData:
    """The number's raw callbacks and messages.

    A callback that is not processed yet stays as it is: an opt-out in it would be lost.
    """
    kept = or_(callbacks.c.body.is_not(None), callbacks.c.target.is_not(None))
    raw = connection.execute(
        select(callbacks.c.id, callbacks.c.body).where(_UNDERSTOOD, kept, _is_of(connection, phone))
    )
    notes = connection.execute(_messages_of(phone))
    refusals = connection.execute(
        select(opt_outs.c.id, opt_outs.c.words).where(
            opt_outs.c.phone == phone, opt_outs.c.words.is_not(None)
        )
    )
    return PersonsData(
        {row.id: row.body or b"" for row in raw},
        {row.id: payloads.words(row.payload) for row in notes},
        {row.id: row.words for row in refusals},
    )


def erase_callbacks(connection: Connection, ids: Collection[int]) -> int:
    """Erase these raw callbacks; the facts stay. Returns how many there were."""
    which = callbacks.c.id.in_(ids) & _UNDERSTOOD
    return connection.execute(
        update(callbacks).where(which).values(body=None, target=None)
    ).rowcount


def erase_notes(connection: Connection, ids: Collection[int]) -> tuple[int, int]:
    """Erase the words in these messages; all else of a payload stays.

    Returns how many had words, and how many of those are still to be delivered to SmartAdvocate.
    """
    notes = pending = 0
    query = select(deliveries).where(deliveries.c.id.in_(ids)).with_for_update()
    for row in connection.execute(query).all():
        words = payloads.words(row.payload)
        store_deliveries.delete_note(connection, row.id, row.payload, row.refusal)
        notes += bool(words)
        pending += bool(words) and row.state == DeliveryState.PENDING
    return notes, pending


def erase_refusals(connection: Connection, ids: Collection[int], now: datetime) -> int:
    """Erase the words in these opt-outs, which stay in effect; return how many there were."""
    chain.lock(connection)
    erased = connection.execute(
        update(opt_outs)
        .where(opt_outs.c.id.in_(ids), opt_outs.c.words.is_not(None))
        .values(words=None, words_erased_at=now)
    ).rowcount
    chain.erased(connection, opt_outs.name, ids, now)
    return erased


def forget_tests(connection: Connection, phone: E164) -> int:
    """Forget the number in tests that weren't done yet, and now won't be; return how many."""
    return connection.execute(
        update(errands).where(errands.c.phone == phone).values(phone=None)
    ).rowcount


def is_left(connection: Connection, phone: E164) -> tuple[int, int]:
    """How many raw callbacks, and messages with words, of the number there are."""
    bodies = connection.execute(
        select(callbacks.c.id).where(callbacks.c.body.is_not(None), _is_of(connection, phone))
    ).all()
    notes = connection.execute(_messages_of(phone)).all()
    return len(bodies), sum(bool(payloads.words(row.payload)) for row in notes)


def sentences(connection: Connection, clean: Callable[[str], str]) -> Iterator[Sentence]:
    """The kept sentences that `clean` changes."""
    for column in _SENTENCES:
        table = metadata.tables[column.table.name]
        for row in _rows(connection, table, [column], column.is_not(None)):
            said = getattr(row, column.name)
            if (cleaned := clean(said)) != said:
                key = {part.name: getattr(row, part.name) for part in table.primary_key.columns}
                yield Sentence(column, key, said, cleaned)


def redact(
    connection: Connection, found: Collection[Sentence], now: datetime
) -> Mapping[Place, int]:
    """Redact these sentences; return how many, by place.

    One that says something else by now stays: whoever looks afterwards sees it.
    """
    changed: Counter[Place] = Counter()
    of_evidence: dict[str, set[int]] = {}
    chain.lock(connection)
    for sentence in found:
        table = metadata.tables[sentence.column.table.name]
        same = [table.c[name] == value for name, value in sentence.key.items()]
        written = connection.execute(
            update(table)
            .where(*same, sentence.column == sentence.was)
            .values({sentence.column: sentence.becomes})
        )
        changed[table.name, sentence.column.name] += written.rowcount
        if chain.covers(table.name):
            of_evidence.setdefault(table.name, set()).add(sentence.key["id"])
    for name, ids in of_evidence.items():
        chain.erased(connection, name, ids, now)
    return changed


def look_for(connection: Connection, has: Callable[[str], bool]) -> Mapping[Place, int]:
    """Where a text is found, and in how many rows: every text column of every table."""
    found: Counter[Place] = Counter()
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, _OF_TEXT)]
        for row in _rows(connection, table, columns) if columns else ():
            texts = {column.name: _text(getattr(row, column.name)) for column in columns}
            if has("\n".join(texts.values())):
                found.update((table.name, name) for name, text in texts.items() if has(text))
    return found


def tables() -> int:
    """How many tables `look_for` searches."""
    return len(metadata.sorted_tables)


def _is_of(connection: Connection, phone: E164) -> ColumnElement[bool]:
    """Callbacks of a call or text with this number, and whatever else has it in its raw form."""
    of_contacts = select(communications.c.sid).where(communications.c.phone == phone)
    of_attempts = select(attempts.c.sid).where(
        attempts.c.phone == phone, attempts.c.sid.is_not(None)
    )
    digits = ten_digits(phone) or phone.removeprefix("+")
    pattern = literal(f"%{digits}%".encode(), LargeBinary())
    named: ColumnElement[bool] = callbacks.c.body.op("~~")(pattern)
    if connection.dialect.name == "sqlite":
        named = func.instr(callbacks.c.body, literal(digits.encode(), LargeBinary())) > 0
    return or_(
        callbacks.c.sid.in_(of_contacts),
        callbacks.c.sid.in_(of_attempts),
        and_(callbacks.c.body.is_not(None), named),
        callbacks.c.target.contains(digits, autoescape=True),
    )


def _messages_of(phone: E164) -> Any:
    of_contacts = select(communications.c.sid).where(communications.c.phone == phone)
    return select(deliveries).where(
        or_(
            deliveries.c.lane == f"phone:{phone}",
            deliveries.c.sid.in_(of_contacts),
            deliveries.c.payload["phone"].as_string() == phone,
        )
    )


def _rows(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    *which: ColumnElement[bool],
) -> Iterator[Row[Any]]:
    """All rows, or those of which this is true, a page at a time by their key."""
    key = list(table.primary_key.columns)
    wanted = [*key, *(column for column in columns if column not in key)]
    query = select(*wanted).where(*which).order_by(*key).limit(_ROWS)
    page: Sequence[Row[Any]] = connection.execute(query).all()
    while page:
        yield from page
        last = tuple(getattr(page[-1], part.name) for part in key)
        page = connection.execute(query.where(tuple_(*key) > tuple_(*last))).all()


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
