"""What is queued for a case goes to SmartAdvocate, in order.

take            lease lanes that are due, unless SmartAdvocate's circuit breaker is open
deliver_lane    a lane's messages, one after another
  _send         read the case and write its status, or write the note
  _settle       delivered, tried again later, dead or unmatched; then the lane's next message

Statuses are written at least once with absolute values, so that repeating one changes nothing;
notes are repeated until they are taken, since SmartAdvocate has no key by which to tell a double.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bridge import circuit_breaker
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.circuit_breaker import SMARTADVOCATE
from bridge.counts import DELIVERIES
from bridge.domain import backoff, notes, unknown_labels
from bridge.domain.case_updates import (
    CaseInfo,
    CaseReport,
    CaseUpdate,
    DialerStatus,
    UpdatePlan,
    correct,
    overtake,
    plan_update,
    stands_already,
    to_come,
)
from bridge.domain.eligibility import next_within_hours
from bridge.domain.phones import E164, ten_digits
from bridge.eligibility import place_of_next_call, policy_of
from bridge.errors import BridgeError, NotKnown, Permanent, Transient, Unclear, Unconfirmed
from bridge.reporting import dead_letters, staff_stops
from bridge.reporting.wanted_calls import when_wanted
from bridge.runtime import Runtime
from bridge.store import circuit_breakers, notices
from bridge.store.callbacks import callbacks
from bridge.store.cases import cases, identity
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.reporting import deliveries, lanes, payloads
from bridge.store.reporting.deliveries import DeliveryKind, DeliveryState
from bridge.store.reporting.lanes import Job, Lease

_SETTLING_PAUSES = (0.1, 0.3, 1.0)
"""Seconds between tries; a lease is renewed meanwhile."""

_TO_THE_MINUTE = timedelta(minutes=1)
"""SmartAdvocate keeps no seconds."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Sent:
    """How a try ended: with what SmartAdvocate now shows, or with an error."""

    result: Mapping[str, Any] | None = None
    error: BridgeError | None = None


class _LeaseLost(Exception):
    """Another worker has taken the lane over: what we were about to do is its business now."""


def take(runtime: Runtime, count: int) -> list[Lease]:
    """Lease up to `count` lanes with something to deliver now.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    now = runtime.clock()
    with runtime.db.read() as connection:
        due = lanes.any_due(connection, now)
    if not due:
        return []
    with runtime.db.begin() as connection:
        allowed = circuit_breakers.allowance(connection, SMARTADVOCATE, now)
        taken = lanes.lease(
            connection, runtime.new_id(), now, count if allowed is None else min(allowed, count)
        )
        if taken and allowed is not None:
            circuit_breakers.start_probe(connection, SMARTADVOCATE, now)
    return taken


def deliver_lane(
    runtime: Runtime, remote: SmartAdvocate, held: Lease, stopping: Callable[[], bool]
) -> None:
    """Send a leased lane's messages until none is due, the lease is lost, or `stopping` says so."""
    try:
        with runtime.db.begin() as connection:
            now = runtime.clock()
            _make_sure(connection, held, now)
            job = _first(connection, held, now)
        while job is not None and not stopping():
            job = _settle_surely(runtime, held, job, _send(runtime, remote, held, job))
        if job is not None:
            with runtime.db.begin() as connection:
                lanes.release(connection, held)
    except _LeaseLost:
        log.warning("Lane taken over by another worker", lane=held.lane)
    except UNREACHABLE as error:
        log.warning(
            "Database unavailable; the lane is free when its lease ends",
            error=type(error).__name__,
        )


def revive(runtime: Runtime, ids: list[int]) -> list[int]:
    """Make dead messages pending again, these or all; return the ids of those that were dead."""
    with runtime.db.begin() as connection:
        revived = dead_letters.retry(runtime, connection, ids)
    runtime.notifier.notify()
    return revived


def _first(connection: Connection, held: Lease, now: datetime) -> Job | None:
    """The lane's next message that is still to be sent; statuses that were overtaken are not."""
    while (job := lanes.first(connection, held, now)) is not None:
        if not _is_overtaken(connection, job, now):
            return job
    return None


def _is_overtaken(connection: Connection, job: Job, now: datetime) -> bool:
    if job.kind != DeliveryKind.STATUS:
        return False
    later = deliveries.later_status(connection, job)
    if later is None:
        return False
    if later.state == DeliveryState.PENDING:
        together = correct if later.sid == job.sid else overtake
        both = together(
            payloads.report(job.payload, job.plan), payloads.report(later.payload, later.plan)
        )
        deliveries.rewrite(connection, later.id, payloads.status_payload(both), payloads.plan(both))
    lanes.finish(connection, job, DeliveryState.SUPERSEDED, now)
    log.info("Status superseded by a later one", delivery=job.id, case=job.case_id)
    return True


def _send(runtime: Runtime, remote: SmartAdvocate, held: Lease, job: Job) -> _Sent:
    send = {
        DeliveryKind.STATUS: _send_status,
        DeliveryKind.LATE_STATUS: _send_status,
        DeliveryKind.NOTE: _send_note,
        DeliveryKind.PHONE_NOTE: _send_phone_note,
    }[DeliveryKind(job.kind)]
    try:
        return _Sent(result=send(runtime, remote, held, job))
    except BridgeError as error:
        return _Sent(error=error)
    except (_LeaseLost, *UNREACHABLE):
        raise
    except Exception as error:
        log.exception("Delivery failed with an internal error", delivery=job.id)
        return _Sent(error=BridgeError("bug", f"{type(error).__name__} inside the bridge"))


def _send_status(
    runtime: Runtime, remote: SmartAdvocate, held: Lease, job: Job
) -> Mapping[str, Any]:
    case = remote.case(job.case_id or 0)
    report = payloads.report(job.payload, job.plan)
    now = runtime.clock()
    # Apart from what locks the lane: processing a callback locks a case first, and its lane then.
    with runtime.db.begin() as connection:
        staff_stops.save(runtime, connection, case)
        wished = cases.own_moments(connection, case.case_id).wished_call is not None
    decision = plan_update(
        case,
        # The start of a window may be too early for them again.
        when_wanted(runtime, case, _fitted(runtime, case, when_wanted(runtime, case, report))),
        max_attempts=runtime.settings.dial_max_attempts,
        now=now,
        may_undo=_is_of_this_call(runtime, job, case),
        is_wished=wished,
    )
    update = decision.update
    with runtime.db.begin() as connection:
        _make_sure(connection, held, runtime.clock())
        if report.counted_from is None and update and (update.status or update.attempts):
            # Should the answer be lost, the next try sees by this whether the update was taken.
            intended = replace(report, counted_from=case.attempts)
            deliveries.record_plan(connection, job, payloads.plan(intended))
    with runtime.db.begin() as connection:
        _note_what_is_meant(runtime, connection, job, decision)
        if report.wish and decision.status is DialerStatus.TO_DIAL and decision.next_call:
            # Another date may have been read meanwhile, or this one had passed.
            cases.set_wish(connection, case.case_id, decision.next_call)
    if update is not None:
        _write(remote, update)
        with runtime.db.begin() as connection:
            cases.record_status(connection, case.case_id, decision.status, decision.next_call)
    return payloads.result(decision)


def _note_what_is_meant(
    runtime: Runtime, connection: Connection, job: Job, decision: UpdatePlan
) -> None:
    """What the bridge itself must know of it, whether SmartAdvocate takes it or not."""
    now, update = runtime.clock(), decision.update
    if decision.label:
        says = unknown_labels.left_unchanged(decision.label, runtime.settings.smartadvocate_labels)
        callbacks.mark_for_review(connection, job.sid, says)
        if notices.add(connection, notices.NoticeName.LABEL, decision.label, says, now):
            log.warning("The firm's own dialer status was left unchanged", label=decision.label)
    elif decision.gave_up:
        cases.set_own_moment(connection, job.case_id or 0, None, now)
    elif update and update.status is DialerStatus.TO_DIAL and update.next_call:
        cases.move_own_moment(connection, update.case_id, update.next_call)


def _write(remote: SmartAdvocate, update: CaseUpdate) -> None:
    """Write an update; what isn't answered as taken is looked at.

    Raises:
        Permanent: SmartAdvocate has not taken it, in its own words.
    """
    try:
        remote.update([update])
    except Unconfirmed as error:
        if stands_already(update, remote.case(update.case_id)) is not True:
            raise Permanent("refused", error.sentence) from error


def _is_of_this_call(runtime: Runtime, job: Job, case: CaseInfo) -> bool:
    """Whether the Do not Dial of the case is what this call's earlier report wrote there.

    Not if the person has refused meanwhile, or somebody has set it anew: SmartAdvocate shows since
    when it stands.
    """
    if case.status is not DialerStatus.DO_NOT_DIAL or case.next_call is None:
        return False
    with runtime.db.read() as connection:
        earlier = payloads.decision(deliveries.last_result(connection, job))
        who = identity.identify(connection, case.case_id, None, runtime.settings.own_numbers)
        refused = identity.opted_out(connection, who, case.case_id)
    if earlier is None or earlier.left_alone or earlier.next_call is None or refused:
        return False
    return abs(case.next_call - earlier.next_call) < _TO_THE_MINUTE


def _fitted(runtime: Runtime, case: CaseInfo, report: CaseReport) -> CaseReport:
    """The report with its next call still to come, and inside of a window of the person's own."""
    if report.as_listed:
        return report
    now = runtime.clock()
    asked, moment = report.next_call, to_come(report, case, now, runtime.settings.clock_tolerance)
    if asked is None or moment is None or moment <= now:
        return replace(report, next_call=moment)
    if report.wish or (report.disposition is None and asked <= now):
        # The firm's own date, or no call's outcome: the case is due.
        return replace(report, next_call=moment)
    with runtime.db.read() as connection:
        place = place_of_next_call(runtime, connection, case)
    if place is None:
        return replace(report, next_call=moment)
    moved = next_within_hours(moment, place, policy_of(runtime.settings, case))
    return replace(report, next_call=backoff.whole_minute(moved))


def _send_note(
    runtime: Runtime, remote: SmartAdvocate, _held: Lease, job: Job
) -> Mapping[str, Any] | None:
    with runtime.db.read() as connection:
        told = payloads.decision(deliveries.result_of(connection, job.payload.get("after")))
    remote.add_note(job.case_id or 0, _note(runtime, job, told))
    return None


def _send_phone_note(
    runtime: Runtime, remote: SmartAdvocate, _held: Lease, job: Job
) -> Mapping[str, Any] | None:
    phone = ten_digits(E164(job.payload["phone"]))
    if phone is None:
        raise NotKnown("foreign", "SmartAdvocate finds cases by US numbers alone")
    remote.add_note_by_phone(phone, _note(runtime, job, None))
    return None


def _settle_surely(runtime: Runtime, held: Lease, job: Job, sent: _Sent) -> Job | None:
    """Settle, with some patience: what isn't written down as sent is sent again."""
    for pause in _SETTLING_PAUSES:
        try:
            return _settle(runtime, held, job, sent)
        except UNREACHABLE as error:
            log.warning("Delivery not settled", error=type(error).__name__)
            time.sleep(pause)
    return _settle(runtime, held, job, sent)


def _settle(runtime: Runtime, held: Lease, job: Job, sent: _Sent) -> Job | None:
    """Write down how it went; return the lane's next message if one is due."""
    now = runtime.clock()
    with runtime.db.begin() as connection:
        _make_sure(connection, held, now)
        state = _settle_job(runtime, connection, job, sent, now)
        following = _first(connection, held, now)
    runtime.counts.add(DELIVERIES, job.kind, state)
    if state is DeliveryState.DELIVERED:
        runtime.counts.add_latency(max((now - job.created_at).total_seconds(), 0))
    log.info(
        "Delivery tried",
        state=state,
        delivery=job.id,
        kind=job.kind,
        case=job.case_id,
        sid=job.sid,
        tries=job.tries + 1,
        code=sent.error.code if sent.error else None,
    )
    return following


def _settle_job(
    runtime: Runtime, connection: Connection, job: Job, sent: _Sent, now: datetime
) -> DeliveryState:
    error = sent.error
    if isinstance(error, Transient):
        circuit_breaker.record_failure(runtime, connection, SMARTADVOCATE, error)
    elif error is None or isinstance(error, Permanent | Unclear):
        circuit_breaker.record_success(connection, SMARTADVOCATE)
    if error is not None and not isinstance(error, Permanent):
        return _try_again(runtime, connection, job, error, now)
    if error is None:
        lanes.finish(connection, job, DeliveryState.DELIVERED, now, result=sent.result)
        return DeliveryState.DELIVERED
    if isinstance(error, NotKnown) and job.kind == DeliveryKind.PHONE_NOTE:
        callbacks.mark_unmatched(connection, job.sid)
        lanes.finish(connection, job, DeliveryState.UNMATCHED, now, refusal=error.sentence)
        return DeliveryState.UNMATCHED
    lanes.finish(connection, job, DeliveryState.DEAD, now, refusal=error.sentence)
    return DeliveryState.DEAD


def _try_again(
    runtime: Runtime, connection: Connection, job: Job, error: BridgeError, now: datetime
) -> DeliveryState:
    asked_for = error.retry_after if isinstance(error, Transient) else None
    wait = backoff.delay(job.tries + 1, runtime.jitter(), asked_for=asked_for)
    if now + wait >= job.give_up_at:
        lanes.finish(connection, job, DeliveryState.DEAD, now, refusal=error.sentence)
        return DeliveryState.DEAD
    lanes.postpone(connection, job, now + wait, error.sentence)
    return DeliveryState.PENDING


def _make_sure(connection: Connection, held: Lease, now: datetime) -> None:
    if not lanes.still_held(connection, held, now):
        raise _LeaseLost


def _note(runtime: Runtime, job: Job, told: UpdatePlan | None) -> str:
    remark = payloads.remark(job.payload)
    if remark is not None:
        return notes.event_note(remark)
    return notes.outcome_note(payloads.ended(job.payload), told, runtime.settings.firm_zone)
