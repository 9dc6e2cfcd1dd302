"""All that is stored about the contacts of one case, for its evidence."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from bridge.domain.contact_facts import OptOutScope, PauseScope
from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.decisions import Permission
from bridge.domain.events import Channel, Direction
from bridge.domain.evidence_record import (
    AttemptRecord,
    CaseRecord,
    ChainRecord,
    ConsentRecord,
    ContactRecord,
    DecisionRecord,
    OptOutRecord,
    PauseRecord,
    ToldRecord,
)
from bridge.domain.phones import E164
from bridge.store.cases import identity
from bridge.store.dialing.pauses import written
from bridge.store.evidence import chain
from bridge.store.reporting import payloads
from bridge.store.reporting.deliveries import DeliveryKind, DeliveryState
from bridge.store.tables import (
    attempts,
    callbacks,
    cases,
    communications,
    consents,
    decisions,
    deliveries,
    opt_outs,
    pauses,
)

MOST = 5000
"""Decisions of a case that are read, the newest: a case has far fewer."""
_AT_ONCE = 500
_COLUMNS_OF_CONTACT = (
    "sid",
    "attempt_id",
    "channel",
    "direction",
    "phone",
    "status",
    "outcome",
    "duration",
    "created_at",
    "ended_at",
    "reported_status",
    "reported_note",
)


def read(connection: Connection, case_id: int, firms_own: Collection[E164]) -> CaseRecord | None:
    """What is known of a case; None where nothing is. `firms_own` are the firm's own numbers."""
    decided = _decisions(connection, case_id)
    tried = _attempts(connection, case_id)
    phones = {*identity.phones_of(connection, case_id), *(attempt.phone for attempt in tried)}
    reported = list(_contacts(connection, case_id, tried, firms_own))
    refusals = _opt_outs(connection, case_id, phones)
    is_known = connection.scalar(select(cases.c.case_id).where(cases.c.case_id == case_id))
    if not (decided or tried or reported or refusals or is_known is not None):
        return None
    newest = chain.newest(connection)
    return CaseRecord(
        case_id=case_id,
        decisions=decided[-MOST:],
        is_cut=len(decided) > MOST,
        attempts=tried,
        contacts=reported,
        told=_told(connection, case_id),
        opt_outs=refusals,
        consents=_consents(connection, phones),
        pauses=_pauses(connection, case_id, phones, decided),
        chain=ChainRecord(newest.id, newest.until, newest.chain) if newest else None,
    )


def _decisions(connection: Connection, case_id: int) -> Sequence[DecisionRecord]:
    """The newest, in the order in which they were made; one more than `MOST` if there are more."""
    rows = connection.execute(
        select(decisions)
        .where(decisions.c.case_id == case_id)
        .order_by(decisions.c.id.desc())
        .limit(MOST + 1)
    ).all()
    return [
        DecisionRecord(
            id=row.id,
            at=row.decided_at,
            stage=row.stage,
            attempt_id=row.attempt_id,
            channel=Channel(row.channel),
            answer=Permission(row.answer),
            until=row.until,
            why=row.why,
            inputs=row.inputs,
        )
        for row in reversed(rows)
    ]


def _attempts(connection: Connection, case_id: int) -> Sequence[AttemptRecord]:
    rows = connection.execute(
        select(attempts)
        .where(attempts.c.case_id == case_id)
        .order_by(attempts.c.created_at, attempts.c.id)
    )
    return [
        AttemptRecord(
            id=row.id,
            channel=Channel(row.channel),
            phone=row.phone,
            via_firm=row.via_firm,
            agent=row.agent,
            state=row.state,
            created_at=row.created_at,
            placed_at=row.placed_at,
            ended_at=row.ended_at,
            reason=row.reason,
            sid=row.sid,
        )
        for row in rows
    ]


def _contacts(
    connection: Connection,
    case_id: int,
    tried: Sequence[AttemptRecord],
    firms_own: Collection[E164],
) -> Iterator[ContactRecord]:
    """The calls and texts of the case and of its attempts, without the firm's own side of them."""
    sids = [attempt.sid for attempt in tried if attempt.sid]
    rows = connection.execute(
        select(*(communications.c[name] for name in _COLUMNS_OF_CONTACT))
        .where(or_(communications.c.case_id == case_id, communications.c.sid.in_(sids)))
        .order_by(communications.c.created_at, communications.c.id)
    ).all()
    kept = [row for row in rows if row.sid in sids or row.phone not in firms_own]
    events = _events(connection, [row.sid for row in kept])
    for row in kept:
        yield ContactRecord(
            sid=row.sid,
            attempt_id=row.attempt_id,
            channel=Channel(row.channel),
            direction=Direction(row.direction),
            phone=row.phone,
            status=row.status,
            outcome=ContactOutcome(row.outcome),
            duration=row.duration,
            created_at=row.created_at,
            ended_at=row.ended_at,
            was_reported=row.reported_status is not None or row.reported_note is not None,
            events=events.get(row.sid, ()),
        )


def _events(
    connection: Connection, sids: Sequence[str]
) -> Mapping[str, Sequence[tuple[datetime, str]]]:
    found: dict[str, list[tuple[datetime, str]]] = {}
    for start in range(0, len(sids), _AT_ONCE):
        rows = connection.execute(
            select(callbacks.c.sid, callbacks.c.received_at, callbacks.c.status)
            .where(callbacks.c.sid.in_(sids[start : start + _AT_ONCE]), callbacks.c.status != "")
            .order_by(callbacks.c.id)
        )
        for row in rows:
            found.setdefault(row.sid, []).append((row.received_at, row.status))
    return found


def _told(connection: Connection, case_id: int) -> Sequence[ToldRecord]:
    """The statuses that SmartAdvocate took, as far as they are still kept."""
    rows = connection.execute(
        select(deliveries)
        .where(
            deliveries.c.case_id == case_id,
            deliveries.c.kind == DeliveryKind.STATUS,
            deliveries.c.state == DeliveryState.DELIVERED,
        )
        .order_by(deliveries.c.id)
    )
    return [
        ToldRecord(
            row.sid,
            row.settled_at or row.created_at,
            payloads.report(row.payload, None),
            payloads.decision(row.result),
        )
        for row in rows
    ]


def _opt_outs(
    connection: Connection, case_id: int, phones: Collection[E164]
) -> Sequence[OptOutRecord]:
    rows = connection.execute(
        select(opt_outs)
        .where(or_(opt_outs.c.case_id == case_id, opt_outs.c.phone.in_(sorted(phones))))
        .order_by(opt_outs.c.created_at, opt_outs.c.id)
    )
    return [
        OptOutRecord(
            id=row.id,
            phone=row.phone,
            case_id=row.case_id,
            channel=Channel(row.channel),
            scope=OptOutScope(row.scope),
            source=row.source,
            sid=row.sid,
            created_at=row.created_at,
            recorded_by=row.recorded_by,
            reason=row.reason,
            words=row.words,
            words_erased_at=row.words_erased_at,
            lifted_at=row.lifted_at,
            lifted_by=row.lifted_by,
            lift_reason=row.lift_reason,
        )
        for row in rows
    ]


def _consents(connection: Connection, phones: Collection[E164]) -> Sequence[ConsentRecord]:
    rows = connection.execute(
        select(consents)
        .where(consents.c.phone.in_(sorted(phones)))
        .order_by(consents.c.given_at, consents.c.id)
    )
    return [
        ConsentRecord(
            id=row.id,
            phone=row.phone,
            channel=Channel(row.channel),
            purpose=row.purpose,
            words=row.words,
            source=row.source,
            evidence=row.evidence,
            given_at=row.given_at,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
            revoked_at=row.revoked_at,
            revoked_by=row.revoked_by,
            revoked_how=row.revoked_how,
        )
        for row in rows
    ]


def _pauses(
    connection: Connection,
    case_id: int,
    phones: Collection[E164],
    decided: Sequence[DecisionRecord],
) -> Sequence[PauseRecord]:
    """The pauses of the case and its numbers, and all others that held it back when decided."""
    own = pauses.c.scope.in_([PauseScope.CASE, PauseScope.NUMBER]) & pauses.c.what.in_(
        [str(case_id), *sorted(phones)]
    )
    held = {pause for decision in decided for pause in decision.inputs.get("pauses") or ()}
    other = [
        and_(pauses.c.scope == scope, pauses.c.what == what)
        for scope, _, what in (pause.partition(" ") for pause in sorted(held))
        if scope not in {PauseScope.CASE, PauseScope.NUMBER}
    ]
    rows = connection.execute(
        select(pauses).where(or_(own, *other)).order_by(pauses.c.created_at, pauses.c.id)
    )
    spans = [decision.at for decision in decided]
    return [_pause(row) for row in rows if _concerned(row, spans)]


def _concerned(row: Any, decided: Sequence[datetime]) -> bool:
    """Whether a pause was in effect at a decision, or is the case's or a number's own."""
    if row.scope in {PauseScope.CASE, PauseScope.NUMBER}:
        return True
    return any(
        row.created_at <= at and (row.lifted_at is None or at <= row.lifted_at) for at in decided
    )


def _pause(row: Any) -> PauseRecord:
    return PauseRecord(
        id=row.id,
        scope=PauseScope(row.scope),
        what=row.what,
        until=row.until,
        reason=row.reason,
        by=written(row.source),
        created_at=row.created_at,
        lifted_at=row.lifted_at,
        lifted_by=written(row.lifted_by) if row.lifted_by else None,
        lift_reason=row.lift_reason,
    )
