"""What somebody at the firm is asked about callbacks, and who has answered.

A row of `callbacks` asks one question at most; whose a call or text was is asked in one of its
rows, whatever else came about it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from bridge.domain.events import Topic
from bridge.domain.phones import E164
from bridge.domain.questions import OF_TEXTS, Question
from bridge.domain.text_flood import marked_as
from bridge.store.db import inline
from bridge.store.tables import callbacks, communications

_OF_TEXTS = tuple(OF_TEXTS.values())
_MARKS = {
    question: [marked_as(intent, held=held) for held in (False, True)]
    for intent, question in OF_TEXTS.items()
}
"""With what such texts are marked."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question, open or answered."""

    callback_id: int
    sid: str
    question: Question
    settled_at: datetime | None
    settled_by: str | None


def get(connection: Connection, callback_id: int) -> AskedQuestion | None:
    """The question about a callback, if there is or was one."""
    return _one(connection, callbacks.c.id == callback_id)


def whose(connection: Connection, sid: str) -> AskedQuestion | None:
    """The question whose a call or text was, if it is or was asked."""
    return _one(connection, callbacks.c.sid == sid, callbacks.c.question == Question.WHOSE)


def is_asked_whose(connection: Connection, besides: int) -> bool:
    """Whether another callback of the same call or text asks or asked whose it was."""
    sid = select(callbacks.c.sid).where(callbacks.c.id == besides).scalar_subquery()
    found = connection.scalar(
        select(callbacks.c.id)
        .where(
            callbacks.c.sid == sid,
            callbacks.c.question == Question.WHOSE,
            callbacks.c.id != besides,
        )
        .limit(1)
    )
    return found is not None


def ask_whose(connection: Connection, sid: str) -> None:
    """Ask whose a call or text was, unless that was asked, or all its callbacks ask otherwise.

    What was asked before and is answered by now gives way: the audit trail has the answer.
    """
    if whose(connection, sid) is not None:
        return
    free = callbacks.c.question.is_(None) | callbacks.c.settled_at.is_not(None)
    last = select(func.max(callbacks.c.id)).where(callbacks.c.sid == sid, free).scalar_subquery()
    connection.execute(
        update(callbacks)
        .where(callbacks.c.id == last)
        .values(question=Question.WHOSE, settled_at=None, settled_by=None)
    )


def ask_next(connection: Connection, callback_id: int, question: Question) -> None:
    """Ask another question about a callback in place of the one that was answered."""
    connection.execute(
        update(callbacks).where(callbacks.c.id == callback_id).values(question=question)
    )


def forget_seen(connection: Connection, callback_id: int, question: Question) -> None:
    """This callback was seen as one that couldn't be used; by now it asks another question."""
    connection.execute(
        update(callbacks)
        .where(
            callbacks.c.id == callback_id,
            callbacks.c.question.in_((Question.MALFORMED, Question.LOOK)),
            callbacks.c.question != question,
        )
        .values(settled_at=None, settled_by=None)
    )


def ask_missed(connection: Connection) -> int:
    """Ask what a process of before migration 0005 has left unasked in a deploy; return how much.

    Such a text holds its person back, and nobody would learn of it.
    """
    missed = 0
    for question, marks in _MARKS.items():
        sounds_so = (
            select(communications.c.id)
            .where(
                communications.c.sid == callbacks.c.sid,
                communications.c.phone.is_not(None),
                communications.c.reported_note.in_(marks),
            )
            .exists()
        )
        asked = connection.execute(
            update(callbacks)
            .where(
                callbacks.c.verdict == inline("review"),
                callbacks.c.channel == Topic.TEXT_IN,
                callbacks.c.question.is_(None),
                sounds_so,
            )
            .values(question=question)
        )
        missed += asked.rowcount
    return missed


def forget_whose(connection: Connection, sid: str) -> None:
    """It is known by now whose a call or text was: nobody needs to say."""
    connection.execute(
        update(callbacks)
        .where(
            callbacks.c.sid == sid,
            callbacks.c.question == Question.WHOSE,
            callbacks.c.settled_at.is_(None),
        )
        .values(question=None)
    )


def settle(connection: Connection, ids: Collection[int], *, by: str, now: datetime) -> int:
    """Store that somebody has answered; return how many were still open."""
    settled = connection.execute(
        update(callbacks)
        .where(callbacks.c.id.in_(ids), callbacks.c.settled_at.is_(None))
        .values(settled_at=now, settled_by=by[:64])
    )
    return settled.rowcount


def of_text(connection: Connection, sid: str) -> Question | None:
    """What is still asked about the words of this text."""
    asked = _one(
        connection,
        callbacks.c.sid == sid,
        callbacks.c.question.in_(_OF_TEXTS),
        callbacks.c.settled_at.is_(None),
    )
    return asked.question if asked else None


def open_of_phone(connection: Connection, phone: E164) -> list[AskedQuestion]:
    """What is asked about the texts of this phone that sound like an opt-out, the oldest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .join(communications, communications.c.sid == callbacks.c.sid)
        .where(
            communications.c.phone == phone,
            callbacks.c.question.in_(_OF_TEXTS),
            callbacks.c.settled_at.is_(None),
        )
        .order_by(callbacks.c.id)
    )
    return [AskedQuestion(row[0], row[1], Question(row[2]), row[3], row[4]) for row in rows]


def open_alike(connection: Connection, phone: E164) -> set[E164]:
    """The other phones with the same last four digits about whose texts such a thing is asked."""
    found = connection.scalars(
        select(communications.c.phone)
        .join(callbacks, callbacks.c.sid == communications.c.sid)
        .where(
            communications.c.phone_end == phone[-4:],
            communications.c.phone != phone,
            callbacks.c.question.in_(_OF_TEXTS),
            callbacks.c.settled_at.is_(None),
        )
    )
    return {E164(other) for other in found}


_COLUMNS = (
    callbacks.c.id,
    callbacks.c.sid,
    callbacks.c.question,
    callbacks.c.settled_at,
    callbacks.c.settled_by,
)


def _one(connection: Connection, *where: ColumnElement[bool]) -> AskedQuestion | None:
    row = connection.execute(
        select(*_COLUMNS).where(*where, callbacks.c.question.is_not(None)).limit(1)
    ).one_or_none()
    if row is None:
        return None
    return AskedQuestion(row[0], row[1], Question(row[2]), row[3], row[4])
