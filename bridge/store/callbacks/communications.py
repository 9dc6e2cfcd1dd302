"""Calls and texts: what their callbacks have said so far, and what was reported of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import AnsweredBy, Channel, Direction, Status, Talk, Topic
from bridge.domain.matching import Evidence
from bridge.domain.phones import E164
from bridge.domain.progress import Progress, is_end
from bridge.store.db import upsert
from bridge.store.tables import callbacks, communications

PHONE_END = 4
"""So many last digits of a phone are shown, and looked for."""
LONGEST_CAMPAIGN = 128


OF_SID = tuple(
    communications.c[name]
    for name in (
        *("sid", "channel", "direction", "phone", "status", "answer", "duration", "sip_code"),
        *("error_code", "dialed_at", "ended_at", "talk", "evidence", "case_id"),
        *("reported_status", "reported_note", "counted", "attempt_id", "talked_at", "outcome"),
        *("campaign", "heard_at", "asked_at", "taken_at", "abandoned", "created_at"),
    )
)
"""The columns of which `from_row` makes a call or text."""
# Built once: to build and hash a statement takes longer than to run it.
_OF_SID = select(*OF_SID).where(communications.c.sid == bindparam("named"))
_CASE_OF_SID = select(communications.c.case_id).where(communications.c.sid == bindparam("named"))


@dataclass(frozen=True)
class Greeting:
    """How a person came to talk who was greeted in a call of our own (domain/abandonment.py)."""

    heard_at: datetime | None = None
    """When the greeting had ended, and the person was silent."""
    asked_at: datetime | None = None
    """When the person pressed 1."""
    taken_at: datetime | None = None
    """When somebody of the firm was on the line."""
    abandoned: bool | None = None
    """Whether nobody was in time; None where the greeting wasn't heard to its end."""

    @property
    def ended_at(self) -> datetime | None:
        """When the greeting had ended for the person: at key 1, or at silence."""
        return self.asked_at or self.heard_at


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
    reported_status: str | None = None
    """The outcome that the case's status was last given for this communication."""
    reported_note: str | None = None
    """The outcome that was last noted for this communication."""
    counted: bool = False
    """Whether this call is among the attempts reported to the case."""
    attempt_id: str | None = None
    """Our own attempt behind it, if it is one."""
    talked_at: datetime | None = None
    """When it ended, if person and firm have talked."""
    outcome: ContactOutcome = ContactOutcome.UNDER_WAY
    """How it stands, in the words in which people are shown it."""
    campaign: str | None = None
    """Its turn's campaign, or its case's when the case was first known."""
    greeting: Greeting = Greeting()
    """Of a call of our own that rang the person first."""
    created_at: datetime | None = None
    """When its first callback was processed; None until it is stored."""


@dataclass(frozen=True)
class Marked:
    """A call or text as far as its mark is concerned."""

    sid: str
    mark: str
    at: datetime
    """When its first callback came."""
    case_id: int | None


def find(connection: Connection, sid: str) -> Communication | None:
    """The call or text with this sid, if the bridge knows it."""
    row = connection.execute(_OF_SID, {"named": sid}).one_or_none()
    return None if row is None else from_row(row)


def from_row(row: Row[*tuple[Any, ...]]) -> Communication:
    """The call or text of a row with the columns `OF_SID`."""
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
        reported_status=row.reported_status,
        reported_note=row.reported_note,
        counted=row.counted,
        attempt_id=row.attempt_id,
        talked_at=row.talked_at,
        outcome=ContactOutcome(row.outcome),
        campaign=row.campaign,
        greeting=Greeting(row.heard_at, row.asked_at, row.taken_at, row.abandoned),
        created_at=row.created_at,
    )


def case_of(connection: Connection, sid: str | None) -> int | None:
    """The case of the call or text with this sid, if both are known."""
    if sid is None:
        return None
    case_id: int | None = connection.scalar(_CASE_OF_SID, {"named": sid})
    return case_id


def save(connection: Connection, communication: Communication, now: datetime) -> None:
    """Store a call or text as it is now."""
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
        "reported_status": communication.reported_status,
        "reported_note": communication.reported_note,
        "counted": communication.counted,
        "talk": progress.talk,
        "attempt_id": communication.attempt_id,
        "talked_at": communication.talked_at,
        "outcome": communication.outcome,
        "campaign": communication.campaign,
        "heard_at": communication.greeting.heard_at,
        "asked_at": communication.greeting.asked_at,
        "taken_at": communication.greeting.taken_at,
        "abandoned": communication.greeting.abandoned,
        "greeted_at": communication.greeting.ended_at,
        "phone_end": communication.phone[-PHONE_END:] if communication.phone else None,
        "updated_at": now,
    }
    key = {"sid": communication.sid}
    upsert(connection, communications, key, values, created_at=now)


def of_attempt(connection: Connection, attempt_id: str, phone: E164) -> Communication | None:
    """The call or leg by which an attempt reached for this phone, if its callbacks came."""
    sid = connection.scalar(
        select(communications.c.sid)
        .where(communications.c.attempt_id == attempt_id, communications.c.phone == phone)
        .order_by(communications.c.id.desc())
        .limit(1)
    )
    return find(connection, sid) if sid else None


def is_any_put_through(connection: Connection, since: datetime, besides: str) -> bool:
    """Whether anybody is being connected to the firm, or talks with it, in a call since then.

    These are people who call in, and those who pressed 1 in a call of ours.
    """
    is_in = communications.c.direction == Direction.INBOUND
    found = connection.scalar(
        select(communications.c.sid)
        .where(
            communications.c.channel == Channel.CALL,
            communications.c.created_at > since,
            communications.c.sid != besides,
            communications.c.status.not_in([status for status in Status if is_end(status)]),
            or_(
                is_in & communications.c.reported_note.is_(None),
                communications.c.asked_at.is_not(None),
            ),
        )
        .limit(1)
    )
    return found is not None


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
        callbacks.c.sid == communications.c.sid, callbacks.c.channel == topic
    )
    rows = connection.execute(
        select(communications.c.reported_note, func.count().label("counted"))
        .where(
            communications.c.phone == phone,
            communications.c.created_at > since,
            communications.c.channel == topic.channel,
            communications.c.direction == Direction.INBOUND,
            *((asked.exists(),) if phone is None else ()),
            *((communications.c.sid != besides,) if besides is not None else ()),
        )
        .group_by(communications.c.reported_note)
    )
    return {row.reported_note: row.counted for row in rows}


def marked(
    connection: Connection, phone: E164, since: datetime, marks: Collection[str]
) -> list[Marked]:
    """The phone's calls and texts since then with one of these marks, in the order they came."""
    rows = connection.execute(
        select(
            communications.c.sid,
            communications.c.reported_note,
            communications.c.created_at,
            communications.c.case_id,
        )
        .where(
            communications.c.phone == phone,
            communications.c.created_at > since,
            communications.c.reported_note.in_(marks),
        )
        .order_by(communications.c.created_at, communications.c.id)
    )
    return [Marked(*row) for row in rows]


def replace_mark(
    connection: Connection, phone: E164, since: datetime, marks: Collection[str], told: str
) -> None:
    """Give what `marked` finds another mark."""
    connection.execute(
        update(communications)
        .where(
            communications.c.phone == phone,
            communications.c.created_at > since,
            communications.c.reported_note.in_(marks),
        )
        .values(reported_note=told)
    )


def schedule_check(connection: Connection, sid: str, check_at: datetime | None) -> None:
    """Have Twilio asked about a call or text at this time, or never again."""
    connection.execute(
        update(communications).where(communications.c.sid == sid).values(check_at=check_at)
    )


def due_for_check(connection: Connection, now: datetime, limit: int) -> list[Communication]:
    """Calls and texts, not of our own making, about which Twilio is to be asked now."""
    sids = connection.scalars(
        select(communications.c.sid)
        .where(communications.c.check_at.is_not(None), communications.c.check_at <= now)
        .order_by(communications.c.check_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return [one for sid in sids if (one := find(connection, sid))]


def forget_note(connection: Connection, sid: str) -> None:
    """Have the note of a call or text sent again, whose phone no case had."""
    connection.execute(
        update(communications).where(communications.c.sid == sid).values(reported_note=None)
    )
