"""What is written to a case, given what stands there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.case_updates import (
    CaseInfo,
    CaseReport,
    CaseUpdate,
    DialerStatus,
    UpdatePlan,
    Wish,
    overtake,
    plan_update,
    to_come,
)
from bridge.domain.outcomes import Disposition

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SOON = NOW + timedelta(hours=4)
MAX = 8
TO_DIAL, DO_NOT_DIAL = DialerStatus.TO_DIAL, DialerStatus.DO_NOT_DIAL
IN_THE_DIALER = DialerStatus.IN_THE_DIALER

cases = st.builds(
    CaseInfo,
    case_id=st.just(7),
    status=st.none() | st.sampled_from(DialerStatus),
    attempts=st.integers(0, 20),
    next_call=st.none() | st.just(NOW - timedelta(days=1)),
)
reports = st.builds(
    CaseReport,
    disposition=st.sampled_from(Disposition),
    next_call=st.none() | st.just(SOON) | st.just(SOON + timedelta(hours=1)),
    attempts_made=st.just(1),
)


def _decide(case: CaseInfo, report: CaseReport) -> UpdatePlan:
    return plan_update(case, report, max_attempts=MAX, now=NOW)


def _apply(case: CaseInfo, update: CaseUpdate | None) -> CaseInfo:
    if update is None:
        return case
    return CaseInfo(
        case_id=7,
        status=update.status or case.status,
        attempts=case.attempts if update.attempts is None else update.attempts,
        next_call=update.next_call or case.next_call,
    )


def test_not_final_goes_back_to_dial() -> None:
    case = CaseInfo(7, IN_THE_DIALER, 1, NOW)
    decision = _decide(case, CaseReport(Disposition.BUSY, SOON, 1))
    assert decision.update == CaseUpdate(7, TO_DIAL, SOON, 2, Disposition.BUSY)


def test_reached_is_final() -> None:
    case = CaseInfo(7, IN_THE_DIALER, 0, NOW)
    decision = _decide(case, CaseReport(Disposition.SUCCESSFUL, None, 1))
    assert decision.update == CaseUpdate(7, DO_NOT_DIAL, NOW, 1, Disposition.SUCCESSFUL)
    assert not decision.gave_up


def test_the_last_attempt_ends_it() -> None:
    case = CaseInfo(7, TO_DIAL, MAX - 1, NOW)
    decision = _decide(case, CaseReport(Disposition.NO_ANSWER, SOON, 1))
    assert decision.update == CaseUpdate(7, DO_NOT_DIAL, NOW, MAX, Disposition.NO_ANSWER)
    assert decision.gave_up


def test_only_what_changes_is_sent() -> None:
    case = CaseInfo(7, TO_DIAL, 2, SOON)
    decision = _decide(case, CaseReport(Disposition.BUSY, SOON, 1))
    assert decision.update == CaseUpdate(7, attempts=3, disposition=Disposition.BUSY)


def test_an_older_call_never_sets_the_case_to_dial() -> None:
    case = CaseInfo(7, IN_THE_DIALER, 2, SOON)
    decision = _decide(case, CaseReport(None, SOON, 1, may_reopen=False))
    assert decision.update == CaseUpdate(7, attempts=3)


@given(cases, reports)
def test_do_not_dial_is_never_reopened(case: CaseInfo, report: CaseReport) -> None:
    decision = _decide(case, report)
    if case.status is DO_NOT_DIAL:
        assert decision.update == CaseUpdate(7, disposition=report.disposition)
        assert decision.left_alone
    after = _apply(case, decision.update)
    assert after.status in ({DO_NOT_DIAL} if case.status is DO_NOT_DIAL else {TO_DIAL, DO_NOT_DIAL})
    assert after.attempts <= 20


@given(cases, reports)
def test_a_try_whose_answer_was_lost_counts_once(case: CaseInfo, report: CaseReport) -> None:
    first = _decide(case, report)
    if first.left_alone:
        return
    taken = _apply(case, first.update)
    again = CaseReport(
        report.disposition, report.next_call, report.attempts_made, counted_from=case.attempts
    )
    assert _decide(taken, again).update is None or case.attempts == taken.attempts == 20
    assert _apply(taken, _decide(taken, again).update) == taken
    # And when it wasn't taken, the second try writes what the first would have.
    assert _apply(case, _decide(case, again).update) == taken


@given(cases, reports, reports)
def test_overtaking_says_what_both_would_have(
    case: CaseInfo, earlier: CaseReport, later: CaseReport
) -> None:
    one_by_one = _apply(case, _decide(case, earlier).update)
    second = _decide(one_by_one, later)
    one_by_one = _apply(one_by_one, second.update)
    both = _decide(case, overtake(earlier, later))
    at_once = _apply(case, both.update)
    assert at_once.status is one_by_one.status
    assert overtake(earlier, later).disposition is later.disposition
    if one_by_one.status is TO_DIAL:
        assert (at_once.attempts, at_once.next_call) == (one_by_one.attempts, one_by_one.next_call)


@given(
    st.sampled_from([DialerStatus.TO_DIAL, DialerStatus.IN_THE_DIALER]),
    st.integers(-5000, 5000),
    st.integers(-5000, 5000),
    st.booleans(),
    st.integers(0, 10),
)
def test_a_next_call_that_is_written_is_still_to_come(
    status: DialerStatus, asked: int, shown: int, was_tried: bool, tolerance: int
) -> None:
    case = CaseInfo(7, status, 1, NOW + timedelta(minutes=shown))
    report = CaseReport(
        None, NOW + timedelta(minutes=asked), 0, counted_from=1 if was_tried else None
    )
    moment = to_come(report, case, NOW, timedelta(minutes=tolerance))
    written = plan_update(case, replace(report, next_call=moment), max_attempts=8, now=NOW).update
    if written is not None and written.status is DialerStatus.TO_DIAL:
        assert written.next_call is not None
        assert written.next_call > NOW
        if asked <= 0:
            assert written.next_call - NOW >= timedelta(minutes=tolerance)


@given(cases, reports)
def test_a_next_call_that_the_firm_asks_for_overrides_what_was_to_be_written(
    case: CaseInfo, earlier: CaseReport
) -> None:
    wished = CaseReport(None, SOON, 0, wish=Wish.REOPENS)
    both = _decide(case, overtake(earlier, wished))
    if not both.gave_up and not case.has_own_label:
        assert (both.status, both.next_call) == (TO_DIAL, SOON)
    assert both.attempts >= case.attempts


def test_what_comes_after_it_overrides_it() -> None:
    wished = CaseReport(None, SOON, 0, wish=Wish.MOVES)
    refused = CaseReport(None, None, 0)
    together = overtake(wished, refused)
    assert (together.wish, together.next_call) == (None, None)
    assert _decide(CaseInfo(7, TO_DIAL, 1, NOW), together).status is DO_NOT_DIAL
