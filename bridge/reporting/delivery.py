"""What is queued for a case goes to SmartAdvocate, in order.

take            lease lanes that are due, unless SmartAdvocate's circuit breaker is open
deliver_lane    a lane's messages, one after another
deliver_lanes   and then those of other lanes, as long as there are any
  send_due      the next message, with its note where it is a status (`sending.py`)
  _settle       delivered, tried again later, dead or unmatched; then the next message to send

A status and its note take two transactions: one between reading the case and writing to it, one
that settles both. Statuses are written at least once with absolute values, so that repeating one
changes nothing; notes are repeated until they are taken, since SmartAdvocate has no key by which to
tell a double.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bridge import circuit_breaker
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.circuit_breaker import SMARTADVOCATE
from bridge.counts import DELIVERIES
from bridge.domain import backoff
from bridge.domain.case_updates import correct, overtake
from bridge.errors import BridgeError, NotKnown, Permanent, Transient
from bridge.reporting import dead_letters
from bridge.reporting.sending import Due, Sent, Tried, make_sure, reports, send_due
from bridge.runtime import Runtime
from bridge.store import circuit_breakers
from bridge.store.callbacks import callbacks
from bridge.store.cases import cases
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.reporting import deliveries, lanes, payloads
from bridge.store.reporting.deliveries import DeliveryKind, DeliveryState
from bridge.store.reporting.lanes import Job, Lease, LeaseLost

_SETTLING_PAUSES = (0.1, 0.3, 1.0)
"""Seconds between tries; a lease is renewed meanwhile."""

_STATUS_AND_NOTE = 2

log = structlog.get_logger(__name__)

_Following = Callable[[Connection, datetime], Lease | None]
"""Leases the lane to go on with, in the transaction that settles the last message of another."""


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
    _deliver(runtime, remote, held, stopping, following=_nothing_follows, renew=_nobody_renews)


def deliver_lanes(
    runtime: Runtime,
    remote: SmartAdvocate,
    held: Lease,
    stopping: Callable[[], bool],
    renew: Callable[[Lease], None],
) -> None:
    """Send a leased lane's messages, and then those of the lanes that are due next.

    `renew` is told each further lease: it is this one now that needs renewing.
    """

    def following(connection: Connection, now: datetime) -> Lease | None:
        leased = [] if stopping() else lanes.lease(connection, runtime.new_id(), now, 1)
        return leased[0] if leased else None

    _deliver(runtime, remote, held, stopping, following=following, renew=renew)


def _deliver(
    runtime: Runtime,
    remote: SmartAdvocate,
    held: Lease,
    stopping: Callable[[], bool],
    *,
    following: _Following,
    renew: Callable[[Lease], None],
) -> None:
    try:
        due = runtime.transactions.run(partial(_begin, runtime, held))
        while due is not None and not stopping():
            if due.held != held:
                held = due.held
                renew(held)
            due = _settle_surely(runtime, due, send_due(runtime, remote, due, stopping), following)
        if due is not None:
            runtime.transactions.run(partial(lanes.release, held=due.held))
    except LeaseLost:
        log.warning("Lane taken over by another worker", lane=held.lane)
    except UNREACHABLE as error:
        log.warning(
            "Database unavailable; the lane is free when its lease ends",
            error=type(error).__name__,
        )


def _nothing_follows(_connection: Connection, _now: datetime) -> None:
    """One lane, and no other."""


def _nobody_renews(_held: Lease) -> None:
    """No other lease is taken."""


def revive(runtime: Runtime, ids: list[int]) -> list[int]:
    """Make dead messages pending again, these or all; return the ids of those that were dead."""
    with runtime.db.begin() as connection:
        revived = dead_letters.retry(runtime, connection, ids)
    runtime.notifier.notify()
    return revived


def _begin(runtime: Runtime, held: Lease, connection: Connection) -> Due | None:
    """The first message of a lane that was leased."""
    now = runtime.clock()
    make_sure(connection, held, now)
    return _next(connection, held, now, _nothing_follows)


def _next(
    connection: Connection, lane: Lease | None, now: datetime, following: _Following
) -> Due | None:
    """The lane's next message, or else the first of the lane that follows."""
    while lane is not None:
        job = _first(connection, lane, now)
        if job is not None:
            return Due(lane, job)
        lane = following(connection, now)
    return None


def _first(connection: Connection, held: Lease, now: datetime) -> Job | None:
    """The lane's next message that is still to be sent; statuses that were overtaken are not."""
    while (job := lanes.first(connection, held, now)) is not None:
        if not _is_overtaken(connection, job, now):
            return job
    return None


def _is_overtaken(connection: Connection, job: Job, now: datetime) -> bool:
    if job.kind != DeliveryKind.STATUS or not job.has_later:
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


def _settle_surely(
    runtime: Runtime, due: Due, tried: Sequence[Tried], following: _Following
) -> Due | None:
    """Settle, with some patience: what isn't written down as sent is sent again."""
    for pause in _SETTLING_PAUSES:
        try:
            return _settle(runtime, due, tried, following)
        except UNREACHABLE as error:
            log.warning("Delivery not settled", error=type(error).__name__)
            time.sleep(pause)
    return _settle(runtime, due, tried, following)


def _settle(
    runtime: Runtime, due: Due, tried: Sequence[Tried], following: _Following
) -> Due | None:
    """Write down how it went; return the next message if one is due."""
    now = runtime.clock()
    states, then = runtime.transactions.run(
        partial(_settle_in, runtime, due, tried, following, now=now)
    )
    for one, state in zip(tried, states, strict=True):
        _record(runtime, one, state, now)
    return then


def _record(runtime: Runtime, tried: Tried, state: DeliveryState, now: datetime) -> None:
    """Count and log how a try went: after the commit."""
    job, error = tried.job, tried.sent.error
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
        code=error.code if error else None,
    )


def _settle_in(
    runtime: Runtime,
    due: Due,
    tried: Sequence[Tried],
    following: _Following,
    connection: Connection,
    *,
    now: datetime,
) -> tuple[list[DeliveryState], Due | None]:
    job, plan = due.job, tried[0].sent.plan
    if plan is not None and plan.update is not None:
        # Ahead of the lane: processing a callback locks a case first, and its lane then.
        cases.record_status(connection, job.case_id or 0, plan.status, plan.next_call)
    make_sure(connection, due.held, now)
    _record_health(runtime, connection, [one.sent for one in tried])
    states = _settle_jobs(runtime, connection, tried, now)
    # While SmartAdvocate doesn't answer, `take` says who asks next.
    goes_on = following if tried[-1].sent.is_answered else _nothing_follows
    if DeliveryState.PENDING not in states and lanes.end(connection, due.held):
        held = goes_on(connection, now)
    else:
        held = due.held
    then = _next(connection, held, now, goes_on)
    if then is not None and plan is not None and reports(then.job, job):
        then = replace(then, told=plan)
    return states, then


def _record_health(runtime: Runtime, connection: Connection, sent: Sequence[Sent]) -> None:
    """Tell the circuit breaker how SmartAdvocate has answered."""
    if any(one.is_answered for one in sent):
        circuit_breaker.record_success(connection, SMARTADVOCATE)
    error = sent[-1].error
    if isinstance(error, Transient):
        circuit_breaker.record_failure(runtime, connection, SMARTADVOCATE, error)


def _settle_jobs(
    runtime: Runtime, connection: Connection, tried: Sequence[Tried], now: datetime
) -> list[DeliveryState]:
    if len(tried) == _STATUS_AND_NOTE and all(one.sent.error is None for one in tried):
        status, note = (one.job for one in tried)
        result = _result(tried[0].sent)
        lanes.finish_both(connection, status, note, DeliveryState.DELIVERED, now, result=result)
        return [DeliveryState.DELIVERED] * _STATUS_AND_NOTE
    return [_settle_job(runtime, connection, one, now) for one in tried]


def _result(sent: Sent) -> Mapping[str, Any] | None:
    return None if sent.plan is None else payloads.result(sent.plan)


def _settle_job(
    runtime: Runtime, connection: Connection, tried: Tried, now: datetime
) -> DeliveryState:
    job, sent, error = tried.job, tried.sent, tried.sent.error
    if error is not None and not isinstance(error, Permanent):
        return _try_again(runtime, connection, job, error, now)
    if error is None:
        lanes.finish(connection, job, DeliveryState.DELIVERED, now, result=_result(sent))
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
