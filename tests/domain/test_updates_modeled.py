"""Statuses told to a case whose answers get lost: it ends as if none had been."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.domain.case_updates import (
    MOST_ATTEMPTS,
    CaseInfo,
    CaseReport,
    CaseUpdate,
    DialerStatus,
    UpdatePlan,
    overtake,
    plan_update,
)
from bridge.domain.notes import OutcomeNote, outcome_note
from bridge.domain.outcomes import Disposition, OutcomeKind
from bridge.domain.phones import E164

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TO_DIAL, DO_NOT_DIAL = DialerStatus.TO_DIAL, DialerStatus.DO_NOT_DIAL

cases = st.builds(
    CaseInfo,
    case_id=st.just(7),
    status=st.none() | st.sampled_from(DialerStatus),
    attempts=st.integers(0, MOST_ATTEMPTS),
    next_call=st.none() | st.just(NOW - timedelta(days=1)) | st.just(NOW + timedelta(hours=1)),
)
pauses = st.none() | st.integers(1, 5).map(lambda hours: NOW + timedelta(hours=hours))
newest = st.builds(
    CaseReport,
    disposition=st.sampled_from(Disposition),
    next_call=pauses,
    attempts_made=st.just(1),
    attempts_ours=st.integers(0, 1),
)
turns_ended = st.builds(
    CaseReport, disposition=st.none(), next_call=pauses, attempts_made=st.just(0)
)
"""A refusal, or a case that is put back: it counts nothing."""
corrections = st.builds(
    CaseReport, disposition=st.sampled_from(Disposition), next_call=pauses, attempts_made=st.just(0)
)
late = st.builds(
    CaseReport,
    disposition=st.none(),
    next_call=pauses,
    attempts_made=st.integers(0, 1),
    may_reopen=st.just(False),
)
reports = newest | corrections | late
OUR_OWN = CaseReport(Disposition.NO_ANSWER, None, 1, attempts_ours=1)
limits = st.integers(1, MOST_ATTEMPTS)
# Tries of one report whose answer is lost: whether SmartAdvocate took each all the same.
losses = st.lists(st.booleans(), max_size=3)


@dataclass(frozen=True)
class Shown:
    """A case in SmartAdvocate: what GetCaseInfo shows, and the disposition that it doesn't."""

    case: CaseInfo
    disposition: Disposition | None = None
    writes: int = 0

    def after(self, update: CaseUpdate | None) -> "Shown":
        if update is None:
            return self
        assert update.status is None or update.next_call is not None, "a status goes with a time"
        assert update != CaseUpdate(7), "an update that changes nothing"
        case = replace(
            self.case,
            status=update.status or self.case.status,
            attempts=self.case.attempts if update.attempts is None else update.attempts,
            next_call=update.next_call or self.case.next_call,
        )
        return Shown(case, update.disposition or self.disposition, self.writes + 1)


def _decide(shown: Shown, report: CaseReport, most: int) -> UpdatePlan:
    return plan_update(shown.case, report, max_attempts=most, now=NOW)


def _once(shown: Shown, report: CaseReport, most: int) -> Shown:
    return shown.after(_decide(shown, report, most).update)


def _with_losses(shown: Shown, report: CaseReport, most: int, lost: list[bool]) -> Shown:
    return _tried_until_answered(shown, report, most, lost)[0]


def _tried_until_answered(
    shown: Shown, report: CaseReport, most: int, lost: list[bool]
) -> tuple[Shown, list[UpdatePlan]]:
    """As the road does it: from the first try on it is known what was counted from."""
    decided = []
    for taken in [*lost, True]:
        decision = _decide(shown, report, most)
        decided.append(decision)
        update = decision.update
        if report.counted_from is None and update and (update.status or update.attempts):
            report = replace(
                report, counted_from=shown.case.attempts, was_left_alone=decision.left_alone
            )
        if taken:
            shown = shown.after(update)
    return shown, decided


def _same(one: Shown, other: Shown) -> None:
    assert one.case == other.case
    assert one.disposition == other.disposition


@given(cases, reports, limits, losses)
def test_a_report_whose_answers_are_lost_counts_once(
    case: CaseInfo, report: CaseReport, most: int, lost: list[bool]
) -> None:
    _same(_with_losses(Shown(case), report, most, lost), _once(Shown(case), report, most))


@given(cases, st.lists(st.tuples(reports, losses), max_size=4), limits)
@settings(max_examples=200)
def test_so_do_several_in_a_row(
    case: CaseInfo, told: list[tuple[CaseReport, list[bool]]], most: int
) -> None:
    certain = unsure = Shown(case)
    for report, lost in told:
        certain = _once(certain, report, most)
        unsure = _with_losses(unsure, report, most, lost)
    _same(unsure, certain)


@given(cases, reports, limits, losses)
@example(CaseInfo(7, DO_NOT_DIAL, 2, NOW), OUR_OWN, 8, [True])
def test_every_try_is_told_in_the_same_words(
    case: CaseInfo, report: CaseReport, most: int, lost: list[bool]
) -> None:
    """Where the note was taken and its answer lost, it is written twice: not in two versions."""
    _, decided = _tried_until_answered(Shown(case), report, most, lost)
    ended = OutcomeNote(OutcomeKind.BUSY, "CA1", E164("+14025550112"))
    assert len({outcome_note(ended, decision, UTC) for decision in decided}) == 1


@given(cases, newest, limits)
def test_what_was_taken_is_not_written_again(case: CaseInfo, report: CaseReport, most: int) -> None:
    once = _once(Shown(case), report, most)
    if case.status is not DO_NOT_DIAL:
        assert _with_losses(Shown(case), report, most, [True, True]).writes == once.writes == 1


@given(cases, reports, limits)
def test_what_any_report_may_do(case: CaseInfo, report: CaseReport, most: int) -> None:
    decision = _decide(Shown(case), report, most)
    update = decision.update
    after = Shown(case).after(update).case
    assert case.attempts <= after.attempts <= MOST_ATTEMPTS
    assert after.attempts - case.attempts <= report.attempts_made
    if case.status is DO_NOT_DIAL:
        ours = min(case.attempts + report.attempts_ours, MOST_ATTEMPTS)
        assert (after.status, after.attempts) == (DO_NOT_DIAL, ours)
        assert decision.left_alone
        return
    if after.attempts >= most or report.next_call is None:
        assert after.status is DO_NOT_DIAL
    if update is not None and update.status is DO_NOT_DIAL:
        assert update.next_call == NOW
    if update is not None and update.status is TO_DIAL:
        assert update.next_call == report.next_call
        assert report.may_reopen
    # What the note will say is how the case stands.
    assert (decision.status, decision.attempts) == (after.status, after.attempts)
    assert decision.gave_up is (report.next_call is not None and after.status is DO_NOT_DIAL)


@given(cases, st.integers(0, MOST_ATTEMPTS), limits)
def test_nothing_to_add_is_not_written(case: CaseInfo, attempts: int, most: int) -> None:
    standing = replace(case, status=TO_DIAL, attempts=attempts, next_call=NOW)
    decision = _decide(Shown(standing), CaseReport(None, NOW, 0), most)
    assert (decision.update is None) is (attempts < most)


@given(cases, newest | corrections | turns_ended, newest | turns_ended, limits)
def test_one_that_overtakes_says_what_both_would_have(
    case: CaseInfo, earlier: CaseReport, later: CaseReport, most: int
) -> None:
    one_by_one = _once(_once(Shown(case), earlier, most), later, most)
    at_once = _once(Shown(case), overtake(earlier, later), most)
    assert at_once.case.status is one_by_one.case.status
    assert at_once.disposition is one_by_one.disposition
    if one_by_one.case.status is TO_DIAL:
        assert at_once.case == one_by_one.case
    if all(one.attempts_ours == one.attempts_made for one in (earlier, later)):
        assert at_once.case.attempts == one_by_one.case.attempts


SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=4)
BUSY, UNANSWERED = (
    CaseReport(Disposition.BUSY, SOON, 1),
    CaseReport(Disposition.NO_ANSWER, LATER, 1),
)
REACHED = CaseReport(Disposition.SUCCESSFUL, None, 1)


@given(cases, newest, newest, limits, st.booleans())
# the last argument: whether SmartAdvocate took the try whose answer was lost
@example(CaseInfo(7, TO_DIAL, 2, NOW), BUSY, UNANSWERED, 8, True)
@example(CaseInfo(7, TO_DIAL, 2, NOW), BUSY, UNANSWERED, 8, False)
@example(CaseInfo(7, TO_DIAL, 2, NOW), BUSY, REACHED, 8, True)
@example(CaseInfo(7, TO_DIAL, 2, NOW), REACHED, UNANSWERED, 8, True)
@example(CaseInfo(7, TO_DIAL, 7, NOW), BUSY, UNANSWERED, 8, True)
def test_so_does_one_that_overtakes_a_try_whose_answer_was_lost(
    case: CaseInfo, earlier: CaseReport, later: CaseReport, most: int, taken: bool
) -> None:
    shown = Shown(case)
    update = _decide(shown, earlier, most).update
    tried = earlier
    if update and (update.status or update.attempts):
        tried = replace(earlier, counted_from=case.attempts)
    one_by_one = _once(shown.after(update), later, most)
    at_once = _once(shown.after(update if taken else None), overtake(tried, later), most)
    assert at_once.case.status is one_by_one.case.status
    if one_by_one.case.status is TO_DIAL:
        assert at_once.case == one_by_one.case, "counted once"
    assert at_once.disposition is one_by_one.disposition


@given(newest | turns_ended, newest | turns_ended, newest | turns_ended)
def test_overtaking_twice_is_overtaking_in_any_grouping(
    one: CaseReport, two: CaseReport, three: CaseReport
) -> None:
    assert overtake(overtake(one, two), three) == overtake(one, overtake(two, three))


def test_attempts_of_a_case_that_somebody_else_changes_meanwhile() -> None:
    """A try was lost and not taken; then a person set the case to Do not Dial by hand."""
    report = CaseReport(Disposition.SUCCESSFUL, None, 1, counted_from=2)
    by_hand = CaseInfo(7, DO_NOT_DIAL, 2, NOW)
    decision = _decide(Shown(by_hand), report, 8)
    assert decision.left_alone
    assert decision.update == CaseUpdate(7, disposition=Disposition.SUCCESSFUL)


def test_attempts_that_somebody_else_raises_meanwhile_are_never_lowered() -> None:
    report = CaseReport(Disposition.BUSY, NOW + timedelta(hours=1), 1, counted_from=2)
    by_hand = CaseInfo(7, TO_DIAL, 5, NOW)
    decision = _decide(Shown(by_hand), report, 8)
    assert (decision.attempts, decision.status) == (5, TO_DIAL)
    assert decision.update is not None
    assert decision.update.attempts is None
