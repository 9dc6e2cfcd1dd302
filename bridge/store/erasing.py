"""What is kept of what a person wrote: found by the person's number, erased, and looked for.

unread      callbacks of the number that nobody has understood yet
erase       its raw callbacks and its words in messages to SmartAdvocate
redact      sentences in which something of it may stand, such as refusals
look        every text of every table, a few rows at a time: locks nothing, waits for nobody
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
from bridge.store import deliveries as store_deliveries
from bridge.store import messages
from bridge.store.callbacks import Verdict
from bridge.store.deliveries import State
from bridge.store.tables import (
    attempts,
    breakers,
    callbacks,
    contacts,
    deliveries,
    metadata,
    notices,
    passed_over,
    pauses,
    turns,
)

_ROWS = 1000
"""Rows that are read at a time."""

_SENTENCES: tuple[Column[Any], ...] = (
    callbacks.c.complaint,
    deliveries.c.refusal,
    turns.c.ending,
    attempts.c.reason,
    breakers.c.reason,
    passed_over.c.reason,
    pauses.c.reason,
    notices.c.says,
)
"""Where words of SmartAdvocate, Twilio or an operator are kept, which may repeat a person's."""

_OF_TEXT = (String, JSON, LargeBinary)

Place = tuple[str, str]
"""A table and one of its columns."""


@dataclass
class Erased:
    """What was erased, and what it said."""

    bodies: int = 0
    notes: int = 0
    pending: int = 0
    """Notes among them that are still to be told to SmartAdvocate."""
    raw: list[bytes] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def unread(connection: Connection, phone: E164) -> Sequence[int]:
    """The number's callbacks that nobody has understood yet."""
    new = callbacks.c.verdict == Verdict.NEW
    query = select(callbacks.c.id).where(new, _is_of(connection, phone)).order_by(callbacks.c.id)
    return connection.scalars(query).all()


def erase(connection: Connection, phone: E164) -> Erased:
    """Erase the number's raw callbacks and the words in its messages; facts stay.

    A callback that nobody has understood yet stays as it is: a refusal in it would be lost. So do
    the payloads of messages in all but their words.
    """
    done = Erased()
    understood = callbacks.c.verdict != Verdict.NEW
    kept = or_(callbacks.c.body.is_not(None), callbacks.c.target.is_not(None))
    raw = connection.execute(
        select(callbacks.c.id, callbacks.c.body).where(understood, kept, _is_of(connection, phone))
    ).all()
    for row in raw:
        connection.execute(
            update(callbacks).where(callbacks.c.id == row.id).values(body=None, target=None)
        )
        done.bodies += 1
        done.raw.append(row.body or b"")
    for row in connection.execute(_messages_of(phone).with_for_update()).all():
        words = messages.words(row.payload)
        store_deliveries.forget(connection, row.id, row.payload, row.refusal)
        if words:
            done.notes += 1
            done.pending += row.state == State.PENDING
            done.words.append(words)
    return done


def is_left(connection: Connection, phone: E164) -> tuple[int, int]:
    """How many raw callbacks, and messages with words, of the number there are."""
    bodies = connection.execute(
        select(callbacks.c.id).where(callbacks.c.body.is_not(None), _is_of(connection, phone))
    ).all()
    notes = connection.execute(_messages_of(phone)).all()
    return len(bodies), sum(bool(messages.words(row.payload)) for row in notes)


def redact(connection: Connection, clean: Callable[[str], str]) -> Mapping[Place, int]:
    """Write kept sentences anew as `clean` gives them; return how many that changed, by place."""
    changed: Counter[Place] = Counter()
    for column in _SENTENCES:
        table = metadata.tables[column.table.name]
        for row in _rows(connection, table, [column]):
            said = getattr(row, column.name)
            if said is None or (cleaned := clean(said)) == said:
                continue
            connection.execute(
                update(table).where(_same_row(table, row)).values({column.name: cleaned})
            )
            changed[table.name, column.name] += 1
    return changed


def look(connection: Connection, has: Callable[[str], bool]) -> Mapping[Place, int]:
    """Where a text is found, and in how many rows: every text column of every table."""
    found: Counter[Place] = Counter()
    for table in metadata.sorted_tables:
        columns = [one for one in table.columns if isinstance(one.type, _OF_TEXT)]
        for row in _rows(connection, table, columns) if columns else ():
            texts = {one.name: _text(getattr(row, one.name)) for one in columns}
            if has("\n".join(texts.values())):
                found.update((table.name, name) for name, text in texts.items() if has(text))
    return found


def tables() -> int:
    """How many tables `look` looks through."""
    return len(metadata.sorted_tables)


def _is_of(connection: Connection, phone: E164) -> ColumnElement[bool]:
    """Callbacks of a call or text with this number, and whatever else has it in its raw form."""
    of_contacts = select(contacts.c.sid).where(contacts.c.phone == phone)
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
    of_contacts = select(contacts.c.sid).where(contacts.c.phone == phone)
    return select(deliveries).where(
        or_(
            deliveries.c.lane == f"phone:{phone}",
            deliveries.c.sid.in_(of_contacts),
            deliveries.c.payload["phone"].as_string() == phone,
        )
    )


def _rows(
    connection: Connection, table: Table, columns: Sequence[Column[Any]]
) -> Iterator[Row[Any]]:
    """All rows, a page at a time by their key."""
    key = list(table.primary_key.columns)
    wanted = [*key, *(one for one in columns if one not in key)]
    query = select(*wanted).order_by(*key).limit(_ROWS)
    page: Sequence[Row[Any]] = connection.execute(query).all()
    while page:
        yield from page
        last = tuple(getattr(page[-1], one.name) for one in key)
        page = connection.execute(query.where(tuple_(*key) > tuple_(*last))).all()


def _same_row(table: Table, row: Row[Any]) -> ColumnElement[bool]:
    return and_(*(one == getattr(row, one.name) for one in table.primary_key.columns))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
