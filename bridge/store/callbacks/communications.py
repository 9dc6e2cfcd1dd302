"""Calls and texts: what their callbacks have said so far, and what their case has been told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from bridge.domain.events import AnsweredBy, Channel, Direction, Status, Talk, Topic
from bridge.domain.matching import Evidence
from bridge.domain.phones import E164
from bridge.domain.progress import Progress
from bridge.store.db import insert_into
from bridge.store.tables import callbacks, contacts


@dataclass(frozen=True)
class Communication:
    """One call or text."""

    sid: str
    channel: Channel
    direction: Direction
    phone: E164 | None
    progress: Progress
    evidence: Evidence
    case_id: int | None
    told_status: str | None = None
    """The outcome that the case's status was last given for this communication."""
    told_note: str | None = None
    """The outcome that was last noted for this communication."""
    counted: bool = False
    """Whether this call is among the attempts reported to the case."""
    attempt_id: str | None = None
    """Our own attempt behind it, if it is one."""
    talked_at: datetime | None = None
    """When it ended, if person and firm have talked."""


@dataclass(frozen=True)
class Marked:
    """A call or text as far as its mark is concerned."""

    sid: str
    mark: str
    at: datetime
    """When it was first heard of."""
    case_id: int | None


def find(connection: Connection, sid: str) -> Communication | None:
    """The call or text with this sid, if the bridge knows it."""
    row = connection.execute(select(contacts).where(contacts.c.sid == sid)).one_or_none()
    if row is None:
        return None
    return Communication(
        sid=row.sid,
        channel=Channel(row.channel),
        direction=Direction(row.direction),
        phone=row.phone,
        progress=Progress(
            status=Status(row.status),
            answer=AnsweredBy(row.answer),
            duration=row.duration,
            sip_code=row.sip_code,
            error_code=row.error_code,
            dialed_at=row.dialed_at,
            ended_at=row.ended_at,
            talk=Talk(row.talk),
        ),
        evidence=Evidence(row.evidence),
        case_id=row.case_id,
        told_status=row.told_status,
        told_note=row.told_note,
        counted=row.counted,
        attempt_id=row.attempt_id,
        talked_at=row.talked_at,
    )


def reported_note(connection: Connection, sid: str) -> str | None:
    """What was last noted of the call or text with this sid, if anything."""
    told: str | None = connection.scalar(select(contacts.c.told_note).where(contacts.c.sid == sid))
    return told


def case_of(connection: Connection, sid: str | None) -> int | None:
    """The case of the call or text with this sid, if both are known."""
    if sid is None:
        return None
    return connection.scalar(select(contacts.c.case_id).where(contacts.c.sid == sid))


def save(connection: Connection, communication: Communication, now: datetime) -> None:
    """Write a call or text down as it stands now."""
    progress = communication.progress
    values = {
        "channel": communication.channel,
        "direction": communication.direction,
        "case_id": communication.case_id,
        "evidence": communication.evidence,
        "phone": communication.phone,
        "status": progress.status,
        "answer": progress.answer,
        "duration": progress.duration,
        "sip_code": progress.sip_code,
        "error_code": progress.error_code,
        "dialed_at": progress.dialed_at,
        "ended_at": progress.ended_at,
        "told_status": communication.told_status,
        "told_note": communication.told_note,
        "counted": communication.counted,
        "talk": progress.talk,
        "attempt_id": communication.attempt_id,
        "talked_at": communication.talked_at,
        "updated_at": now,
    }
    row = insert_into(connection, contacts).values(sid=communication.sid, created_at=now, **values)
    connection.execute(row.on_conflict_do_update(index_elements=[contacts.c.sid], set_=values))


def of_attempt(connection: Connection, attempt_id: str, phone: E164) -> Communication | None:
    """The call or leg by which an attempt reached for this phone, if its callbacks came."""
    sid = connection.scalar(
        select(contacts.c.sid)
        .where(contacts.c.attempt_id == attempt_id, contacts.c.phone == phone)
        .order_by(contacts.c.id.desc())
        .limit(1)
    )
    return find(connection, sid) if sid else None


def marks_of_inbound(
    connection: Connection,
    topic: Topic,
    phone: E164 | None,
    since: datetime,
    besides: str | None = None,
) -> Mapping[str | None, int]:
    """How many calls or texts of this phone came in since then, `besides` this one, by their marks.

    None stands for all callers without a number, as far as we were asked what to do with them: an
    agent's softphone has none either, and its calls are another app's.
    """
    asked = select(callbacks.c.id).where(
        callbacks.c.sid == contacts.c.sid, callbacks.c.channel == topic
    )
    rows = connection.execute(
        select(contacts.c.told_note, func.count().label("counted"))
        .where(
            contacts.c.phone == phone,
            contacts.c.created_at > since,
            contacts.c.channel == topic.channel,
            contacts.c.direction == Direction.INBOUND,
            *((asked.exists(),) if phone is None else ()),
            *((contacts.c.sid != besides,) if besides is not None else ()),
        )
        .group_by(contacts.c.told_note)
    )
    return {row.told_note: row.counted for row in rows}


def marked(
    connection: Connection, phone: E164, since: datetime, marks: Collection[str]
) -> list[Marked]:
    """The phone's calls and texts since then with one of these marks, in the order they came."""
    rows = connection.execute(
        select(contacts.c.sid, contacts.c.told_note, contacts.c.created_at, contacts.c.case_id)
        .where(
            contacts.c.phone == phone,
            contacts.c.created_at > since,
            contacts.c.told_note.in_(marks),
        )
        .order_by(contacts.c.created_at, contacts.c.id)
    )
    return [Marked(*row) for row in rows]


def replace_mark(
    connection: Connection, phone: E164, since: datetime, marks: Collection[str], told: str
) -> None:
    """Give what `marked` finds another mark."""
    connection.execute(
        update(contacts)
        .where(
            contacts.c.phone == phone,
            contacts.c.created_at > since,
            contacts.c.told_note.in_(marks),
        )
        .values(told_note=told)
    )


def schedule_check(connection: Connection, sid: str, moment: datetime | None) -> None:
    """Have Twilio asked about a call or text at a moment, or never again."""
    connection.execute(update(contacts).where(contacts.c.sid == sid).values(ask_at=moment))


def due_for_check(connection: Connection, now: datetime, limit: int) -> list[Communication]:
    """Calls and texts, not of our own making, about which Twilio is to be asked now."""
    sids = connection.scalars(
        select(contacts.c.sid)
        .where(contacts.c.ask_at.is_not(None), contacts.c.ask_at <= now)
        .order_by(contacts.c.ask_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return [one for sid in sids if (one := find(connection, sid))]


def forget_note(connection: Connection, sid: str) -> None:
    """The note found nobody, and a person wants it tried again."""
    connection.execute(update(contacts).where(contacts.c.sid == sid).values(told_note=None))
