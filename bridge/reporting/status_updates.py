"""A status is written to its case: what the case shows, what is to change there, and the write.

send            read the case, decide, write
  _decide       in one transaction between the two requests, so that nothing is lost by a kill:
                what the case shows, what the bridge itself must know, and how attempts are counted
  _write        the update; what isn't answered as taken is looked at

What was written is recorded by whoever settles the message (`delivery.py`), in one transaction
with that.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.domain import backoff, unknown_labels
from bridge.domain.case_updates import (
    CaseInfo,
    CaseReport,
    CaseUpdate,
    DialerStatus,
    UpdatePlan,
    plan_update,
    stands_already,
    to_come,
)
from bridge.domain.eligibility import next_within_hours
from bridge.eligibility import place_of_next_call, policy_of
from bridge.errors import Permanent, Unconfirmed
from bridge.reporting import staff_stops
from bridge.reporting.wanted_calls import when_wanted
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.callbacks import callbacks
from bridge.store.cases import cases, identity
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.reporting import deliveries, payloads
from bridge.store.reporting.lanes import Job, LeaseLost

_TO_THE_MINUTE = timedelta(minutes=1)
"""SmartAdvocate keeps no seconds."""

MakeSure = Callable[[Connection], None]
"""Locks the lane, and raises LeaseLost if it is another worker's by now."""

log = structlog.get_logger(__name__)


def send(runtime: Runtime, remote: SmartAdvocate, job: Job, make_sure: MakeSure) -> UpdatePlan:
    """Write a status to its case; return how the case stands after it.

    Raises:
        LeaseLost: another worker has taken the lane over; nothing was written.
        BridgeError: SmartAdvocate can't be asked, or has not taken it.
        OperationalError, TimeoutError: the database can't be reached.
    """
    case = remote.case(job.case_id or 0)
    try:
        decision = runtime.transactions.run(partial(_decide, runtime, job, case, make_sure))
    except (LeaseLost, *UNREACHABLE):
        raise
    except Exception:
        # Whatever can't be decided: that staff have stopped the person is known all the same.
        runtime.transactions.run(partial(_save, runtime, case))
        raise
    if decision.label:
        _ask_about_label(runtime, job, decision.label)
    if decision.update is not None:
        _write(remote, decision.update)
    return decision


def _decide(
    runtime: Runtime, job: Job, case: CaseInfo, make_sure: MakeSure, connection: Connection
) -> UpdatePlan:
    """Decide on the update, and store what must be known before it is written.

    The case comes first and its lane last: processing a callback takes their locks in that order.
    """
    _save(runtime, case, connection)
    report = payloads.report(job.payload, job.plan)
    # Of a case that is not to be called again, no date counts.
    wished = report.next_call is not None and (
        cases.own_moments(connection, case.case_id).wished_call is not None
    )
    decision = plan_update(
        case,
        _timed(runtime, connection, case, report),
        max_attempts=runtime.settings.dial_max_attempts,
        now=runtime.clock(),
        may_undo=_is_of_this_call(runtime, connection, job, case),
        is_wished=wished,
    )
    _keep_own_moments(runtime, connection, case.case_id, report, decision)
    make_sure(connection)
    update = decision.update
    if report.counted_from is None and update and (update.status or update.attempts):
        # Should the answer be lost, the next try sees by this whether the update was taken.
        intended = replace(report, counted_from=case.attempts, was_left_alone=decision.left_alone)
        deliveries.record_plan(connection, job, payloads.plan(intended))
    return decision


def _save(runtime: Runtime, case: CaseInfo, connection: Connection) -> None:
    staff_stops.save(runtime, connection, case)


def _keep_own_moments(
    runtime: Runtime,
    connection: Connection,
    case_id: int,
    report: CaseReport,
    decision: UpdatePlan,
) -> None:
    """What the bridge itself must know of it, whether SmartAdvocate takes it or not."""
    update = decision.update
    if decision.gave_up:
        cases.set_own_moment(connection, case_id, None, runtime.clock())
    elif update and update.status is DialerStatus.TO_DIAL and update.next_call:
        cases.move_own_moment(connection, case_id, update.next_call)
    if report.wish and decision.status is DialerStatus.TO_DIAL and decision.next_call:
        # Another date may have been read meanwhile, or this one had passed.
        cases.set_wish(connection, case_id, decision.next_call)


def _ask_about_label(runtime: Runtime, job: Job, label: str) -> None:
    """Leave a case that shows a word of the firm's own to a person.

    By itself: the callback's row may be locked by who processes it, and waits for the case's.
    """
    says = unknown_labels.left_unchanged(label, runtime.settings.smartadvocate_labels)
    with runtime.db.begin() as connection:
        callbacks.mark_for_review(connection, job.sid, says)
        is_news = notices.add(connection, notices.NoticeName.LABEL, label, says, runtime.clock())
    if is_news:
        log.warning("The firm's own dialer status was left unchanged", label=label)


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


def _is_of_this_call(runtime: Runtime, connection: Connection, job: Job, case: CaseInfo) -> bool:
    """Whether the Do not Dial of the case is what this call's earlier report wrote there.

    Not if the person has refused meanwhile, or somebody has set it anew: SmartAdvocate shows since
    when it stands.
    """
    if case.status is not DialerStatus.DO_NOT_DIAL or case.next_call is None:
        return False
    earlier = payloads.decision(deliveries.last_result(connection, job))
    if earlier is None or earlier.left_alone or earlier.next_call is None:
        return False
    who = identity.identify(connection, case.case_id, None, runtime.settings.own_numbers)
    if identity.opted_out(connection, who, case.case_id):
        return False
    return abs(case.next_call - earlier.next_call) < _TO_THE_MINUTE


def _timed(
    runtime: Runtime, connection: Connection, case: CaseInfo, report: CaseReport
) -> CaseReport:
    """The report with its next call when it may be, and when its person wants it."""
    if report.next_call is None:
        return report
    wanted = when_wanted(runtime, connection, case, report)
    # The start of a window may be too early for them again.
    fitted = _fitted(runtime, connection, case, wanted)
    return when_wanted(runtime, connection, case, fitted)


def _fitted(
    runtime: Runtime, connection: Connection, case: CaseInfo, report: CaseReport
) -> CaseReport:
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
    place = place_of_next_call(runtime, connection, case)
    if place is None:
        return replace(report, next_call=moment)
    moved = next_within_hours(moment, place, policy_of(runtime.settings, case))
    return replace(report, next_call=backoff.whole_minute(moved))
