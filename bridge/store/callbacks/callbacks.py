"""What came in: every callback once, in its raw form, with what the bridge made of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Executable, Row, bindparam, func, select, text, update

from bridge.domain.events import Topic
from bridge.domain.questions import Question
from bridge.store.callbacks import questions
from bridge.store.db import UNREACHABLE, Database, inline, per_dialect
from bridge.store.tables import callbacks

# Any number that no other lock of this database uses.
_INTAKE_LOCK = 0x42524944


class Verdict(StrEnum):
    """What became of a callback. The same words stand in table, log, console and commands."""

    NEW = "new"
    RECORDED = "recorded"
    """No case is known, and there is nothing to report: it isn't over, or was canceled."""
    MATCHED = "matched"
    BY_PHONE = "by-phone"
    """No case is known: SmartAdvocate is asked to find it by the number."""
    AMBIGUOUS = "ambiguous"
    UNMATCHED = "unmatched"
    MALFORMED = "malformed"
    REVIEW = "review"
    """A status that the bridge has no word for: a person should look."""


_WITHOUT_CASE = (Verdict.RECORDED, Verdict.BY_PHONE, Verdict.AMBIGUOUS, Verdict.UNMATCHED)
_IS_READ = callbacks.c.verdict.not_in([Verdict.NEW, Verdict.MALFORMED])


# Built once: to build and hash a statement takes longer than to run it.
_KEEP = per_dialect(
    lambda insert: (
        insert(callbacks).on_conflict_do_nothing().returning(callbacks.c.sid, callbacks.c.event)
    )
)
_PENDING = (
    select(callbacks)
    .where(
        callbacks.c.verdict == inline(Verdict.NEW),
        callbacks.c.due_at.is_(None) | (callbacks.c.due_at <= bindparam("now")),
    )
    .order_by(callbacks.c.id)
    .limit(bindparam("most"))
)
_BY_KEY = select(callbacks).where(
    callbacks.c.sid == bindparam("named"), callbacks.c.event == bindparam("what")
)
_ON_CHANNEL = (callbacks.c.sid == bindparam("named")) & (callbacks.c.channel == bindparam("by"))
_FIRST = select(callbacks).where(_ON_CHANNEL).order_by(callbacks.c.id).limit(1)
_EXISTS = select(callbacks.c.id).where(_ON_CHANNEL).limit(1)
_CONCLUDE = (
    update(callbacks)
    .where(callbacks.c.id == bindparam("which"))
    .values(
        {
            name: bindparam(name)
            for name in ("verdict", "case_id", "complaint", "due_at", "question")
        }
    )
)


@dataclass(frozen=True)
class NewCallback:
    """A callback as it is stored."""

    received_at: datetime
    channel: str
    sid: str
    event: str
    """What makes this event that event, beside the sid."""
    status: str
    target: str
    """Path and query as they were requested."""
    body: bytes = field(repr=False)
    token: str | None
    """Twilio's idempotency token: kept for reading, never the key."""
    request_id: str
    """The request that brought it, as the host's log and ours name it."""
    complaint: str | None = None
    """Why it can't be used, if so."""
    due_at: datetime | None = None
    """Until when workers leave it to the web app, if so."""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same callback as another."""
        return self.sid, self.event


@dataclass(frozen=True)
class StoredCallback:
    """A stored callback, to be understood."""

    id: int
    received_at: datetime
    channel: str
    sid: str
    target: str | None
    body: bytes | None = field(repr=False)
    request_id: str | None
    tries: int
    verdict: Verdict = Verdict.NEW


@dataclass(frozen=True)
class Conclusion:
    """What became of a callback."""

    callback_id: int
    verdict: Verdict
    case_id: int | None = None
    complaint: str | None = None
    question: Question | None = None
    """What somebody at the firm is asked about it."""


def insert(db: Database, new: Sequence[NewCallback]) -> set[tuple[str, str]]:
    """Keep callbacks by one INSERT, committed by itself; return the keys of those that are new.

    Raises:
        OperationalError, TimeoutError: the database can't take them now.
    """
    rows = [
        {
            "received_at": callback.received_at,
            "channel": callback.channel,
            "sid": callback.sid,
            "event": callback.event,
            "status": callback.status,
            "verdict": Verdict.MALFORMED if callback.complaint else Verdict.NEW,
            "complaint": callback.complaint,
            "question": Question.MALFORMED if callback.complaint else None,
            "target": callback.target,
            "body": callback.body,
            "token": callback.token,
            "request_id": callback.request_id,
            "due_at": callback.due_at,
        }
        for callback in new
    ]
    try:
        return _insert(db, rows)
    except UNREACHABLE as error:
        if not getattr(error, "connection_invalidated", False):
            raise
        # The pooled connection had died unnoticed; repeating the INSERT can't double a row.
        return _insert(db, rows)


def _insert(db: Database, rows: Sequence[Mapping[str, object]]) -> set[tuple[str, str]]:
    with db.single() as connection:
        kept = connection.execute(_KEEP(connection), rows)
        return {(sid, event) for sid, event in kept}


def try_lock(connection: Connection) -> bool:
    """Whether this transaction is the only one that processes callbacks.

    Processing is quick and asks nobody outside, so one worker at a time does it for all: two
    callbacks of one call never meet in two transactions.
    """
    if connection.dialect.name == "sqlite":
        return True
    locked = connection.scalar(
        text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _INTAKE_LOCK}
    )
    return bool(locked)


def lock(connection: Connection) -> None:
    """Wait until no other transaction processes callbacks, and keep others out until this ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _INTAKE_LOCK})


def pending(connection: Connection, now: datetime, limit: int) -> list[StoredCallback]:
    """The oldest callbacks that are not processed yet."""
    return _callbacks(connection, _PENDING, {"now": now, "most": limit})


def by_ids(connection: Connection, ids: Sequence[int]) -> list[StoredCallback]:
    """These callbacks, in the order of their ids."""
    return _callbacks(
        connection, select(callbacks).where(callbacks.c.id.in_(ids)).order_by(callbacks.c.id)
    )


def by_key(connection: Connection, sid: str, event: str) -> StoredCallback | None:
    """The callback with this key."""
    found = _callbacks(connection, _BY_KEY, {"named": sid, "what": event})
    return found[0] if found else None


def first(connection: Connection, sid: str, channel: str) -> StoredCallback | None:
    """The first callback on this channel about this call or text."""
    found = _callbacks(connection, _FIRST, {"named": sid, "by": channel})
    return found[0] if found else None


def of_texts(connection: Connection, sids: Collection[str]) -> list[StoredCallback]:
    """The callbacks by which these texts came in."""
    which = callbacks.c.sid.in_(sids) & (callbacks.c.channel == Topic.TEXT_IN)
    return _callbacks(connection, select(callbacks).where(which).order_by(callbacks.c.id.desc()))


def is_first(connection: Connection, kept: StoredCallback) -> bool:
    """Whether no other callback on its channel about its call or text came before."""
    earliest = first(connection, kept.sid, kept.channel)
    return earliest is None or earliest.id == kept.id


def newest_at(connection: Connection) -> datetime | None:
    """When the newest request of Twilio's came in, whatever it was about; None: never one."""
    moment: datetime | None = connection.scalar(
        select(callbacks.c.received_at).order_by(callbacks.c.id.desc()).limit(1)
    )
    return moment


def exists(connection: Connection, sid: str, channel: str) -> bool:
    """Whether a callback on this channel has come about this call or text."""
    return connection.scalar(_EXISTS, {"named": sid, "by": channel}) is not None


def is_undecided(connection: Connection, sid: str, channel: str) -> bool:
    """Whether no callback on this channel about this call or text has been understood yet."""
    understood = callbacks.c.verdict.not_in([Verdict.NEW, Verdict.MALFORMED])
    which = (callbacks.c.sid == sid) & (callbacks.c.channel == channel) & understood
    return connection.scalar(select(callbacks.c.id).where(which).limit(1)) is None


def conclude(connection: Connection, reached: Conclusion) -> None:
    """Store what became of a callback, and what somebody is asked about it.

    Whose a call or text was is asked once, and not again once somebody has answered. What somebody
    has only seen is asked about when it turns out, at a replay, to ask something.
    """
    identity, question = reached.callback_id, reached.question
    if question is Question.WHOSE and questions.is_asked_whose(connection, identity):
        question = None
    if question is not None:
        questions.forget_seen(connection, identity, question)
    _conclude(connection, [replace(reached, question=question)])


def conclude_unasked(connection: Connection, reached: Sequence[Conclusion]) -> None:
    """The same for many about which nobody is asked anything."""
    if reached:
        _conclude(connection, reached)


def _conclude(connection: Connection, reached: Sequence[Conclusion]) -> None:
    connection.execute(
        _CONCLUDE,
        [
            {
                "which": one.callback_id,
                "verdict": one.verdict,
                "case_id": one.case_id,
                "complaint": one.complaint,
                "due_at": None,
                "question": one.question,
            }
            for one in reached
        ],
    )


def defer(connection: Connection, kept: StoredCallback, due_at: datetime, complaint: str) -> None:
    """Put off a callback that could not be processed, out of the others' way."""
    connection.execute(
        update(callbacks)
        .where(callbacks.c.id == kept.id)
        .values(due_at=due_at, tries=kept.tries + 1, complaint=complaint)
    )


def mark_unmatched(connection: Connection, sid: str) -> None:
    """Store that SmartAdvocate knows no case with the number of this call or text."""
    connection.execute(
        update(callbacks)
        .where(callbacks.c.sid == sid, callbacks.c.verdict == Verdict.BY_PHONE)
        .values(verdict=Verdict.UNMATCHED)
    )
    questions.ask_whose(connection, sid)


def mark_for_review(connection: Connection, sid: str, complaint: str) -> None:
    """Leave the last callback of this call or text to a person."""
    last = select(func.max(callbacks.c.id)).where(callbacks.c.sid == sid).scalar_subquery()
    connection.execute(
        update(callbacks)
        .where(callbacks.c.id == last)
        .values(
            verdict=Verdict.REVIEW,
            complaint=complaint,
            question=Question.LOOK,
            settled_at=None,
            settled_by=None,
        )
    )


def assign(connection: Connection, sid: str, case_id: int) -> None:
    """Store whose this call or text was, now that somebody at the firm has said."""
    connection.execute(
        update(callbacks).where(callbacks.c.sid == sid, _IS_READ).values(case_id=case_id)
    )
    connection.execute(
        update(callbacks)
        .where(callbacks.c.sid == sid, callbacks.c.verdict.in_(_WITHOUT_CASE))
        .values(verdict=Verdict.MATCHED)
    )


def listed(
    connection: Connection, verdict: Verdict | None, limit: int
) -> Sequence[Row[tuple[object, ...]]]:
    """The newest callbacks, of one verdict or of all."""
    query = select(callbacks).order_by(callbacks.c.id.desc()).limit(limit)
    if verdict is not None:
        query = query.where(callbacks.c.verdict == inline(verdict))
    return connection.execute(query).all()


def shown(connection: Connection, identity: int) -> Row[tuple[object, ...]] | None:
    """One callback whole."""
    return connection.execute(select(callbacks).where(callbacks.c.id == identity)).one_or_none()


def erase_bodies(connection: Connection, after: int, before: datetime, limit: int) -> int | None:
    """Erase the raw forms of the next old callbacks after the row `after`; return the last one.

    Rows are numbered as they come in, so a mark of how far erasing went spares an index.
    """
    old = connection.scalars(
        select(callbacks.c.id)
        .where(callbacks.c.id > after, callbacks.c.received_at < before)
        .order_by(callbacks.c.id)
        .limit(limit)
    ).all()
    if not old:
        return None
    connection.execute(
        update(callbacks)
        .where(callbacks.c.id > after, callbacks.c.id <= old[-1])
        .values(target=None, body=None)
    )
    last: int = old[-1]
    return last


def _callbacks(
    connection: Connection, query: Executable, parameters: Mapping[str, object] | None = None
) -> list[StoredCallback]:
    return [
        StoredCallback(
            id=row.id,
            received_at=row.received_at,
            channel=row.channel,
            sid=row.sid,
            target=row.target,
            body=row.body,
            request_id=row.request_id,
            tries=row.tries,
            verdict=Verdict(row.verdict),
        )
        for row in connection.execute(query, parameters)
    ]
