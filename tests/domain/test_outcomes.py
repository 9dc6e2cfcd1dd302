"""The translation table, written down a second time by hand."""

import itertools

import pytest

from bridge.domain.campaign_goals import Goal
from bridge.domain.events import AnsweredBy, Channel, Direction, Status, Talk
from bridge.domain.outcomes import Disposition, OutcomeKind, Retry, translate
from bridge.domain.progress import Progress

CALL, TEXT = Channel.CALL, Channel.TEXT
OUT, IN = Direction.OUTBOUND, Direction.INBOUND
CALL_ENDS = (Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.FAILED, Status.CANCELED)
UNDER_WAY = (Status.QUEUED, Status.INITIATED, Status.RINGING, Status.IN_PROGRESS)
BAD_SIP, BAD_ERRORS = (404, 410, 484, 604), (21211, 21214, 21217, 13224)


@pytest.mark.parametrize(
    ("answer", "seconds", "kind", "disposition", "retry"),
    [
        (AnsweredBy.HUMAN, 49, OutcomeKind.REACHED, Disposition.SUCCESSFUL, None),
        (AnsweredBy.HUMAN, 1, OutcomeKind.REACHED, Disposition.SUCCESSFUL, None),
        (AnsweredBy.HUMAN, None, OutcomeKind.REACHED, Disposition.SUCCESSFUL, None),
        (AnsweredBy.MACHINE, 49, OutcomeKind.MACHINE, Disposition.ANSWERING_MACHINE, Retry.MACHINE),
        (AnsweredBy.MACHINE, 0, OutcomeKind.MACHINE, Disposition.ANSWERING_MACHINE, Retry.MACHINE),
        (AnsweredBy.UNSAID, 10, OutcomeKind.REACHED, Disposition.SUCCESSFUL, None),
        (AnsweredBy.UNSAID, 9, OutcomeKind.CUT_SHORT, Disposition.NO_ANSWER, Retry.NO_ANSWER),
        (AnsweredBy.UNSAID, 0, OutcomeKind.CUT_SHORT, Disposition.NO_ANSWER, Retry.NO_ANSWER),
        (AnsweredBy.UNSAID, None, OutcomeKind.CUT_SHORT, Disposition.NO_ANSWER, Retry.NO_ANSWER),
    ],
)
def test_completed_call(
    answer: AnsweredBy,
    seconds: int | None,
    kind: OutcomeKind,
    disposition: Disposition,
    retry: Retry | None,
) -> None:
    outcome = translate(CALL, OUT, Progress(Status.COMPLETED, answer, seconds, sip_code=200))
    assert outcome is not None
    assert (outcome.kind, outcome.disposition, outcome.retry) == (kind, disposition, retry)
    assert not outcome.bad_number
    assert not outcome.opted_out


@pytest.mark.parametrize("answer", list(AnsweredBy))
@pytest.mark.parametrize(
    ("status", "kind", "disposition", "retry"),
    [
        (Status.BUSY, OutcomeKind.BUSY, Disposition.BUSY, Retry.BUSY),
        (Status.NO_ANSWER, OutcomeKind.NO_ANSWER, Disposition.NO_ANSWER, Retry.NO_ANSWER),
        (Status.FAILED, OutcomeKind.FAILED, Disposition.NO_ANSWER, Retry.FAILED),
    ],
)
def test_call_that_nobody_took(
    status: Status, kind: OutcomeKind, disposition: Disposition, retry: Retry, answer: AnsweredBy
) -> None:
    outcome = translate(CALL, OUT, Progress(status, answer, 0))
    assert outcome is not None
    assert (outcome.kind, outcome.disposition, outcome.retry) == (kind, disposition, retry)
    assert outcome.is_told


def test_cancelled_call_and_text_tell_nothing() -> None:
    for channel in Channel:
        outcome = translate(channel, OUT, Progress(Status.CANCELED))
        assert outcome is not None
        assert (outcome.is_told, outcome.disposition) == (False, None)


@pytest.mark.parametrize(
    ("sip_code", "error_code", "bad"),
    [
        *[(code, None, True) for code in BAD_SIP],
        *[(None, code, True) for code in BAD_ERRORS],
        (503, None, False),
        (603, None, False),
        (None, 13225, False),
        (None, None, False),
    ],
)
def test_bad_numbers(sip_code: int | None, error_code: int | None, bad: bool) -> None:
    progress = Progress(Status.FAILED, sip_code=sip_code, error_code=error_code)
    outcome = translate(CALL, OUT, progress)
    assert outcome is not None
    assert outcome.bad_number is bad


def test_only_a_failed_call_makes_a_number_bad() -> None:
    for status in set(CALL_ENDS) - {Status.FAILED}:
        outcome = translate(CALL, OUT, Progress(status, sip_code=404, duration=60))
        assert outcome is not None
        assert not outcome.bad_number


@pytest.mark.parametrize("status", CALL_ENDS)
def test_calls_in_become_notes_alone(status: Status) -> None:
    outcome = translate(CALL, IN, Progress(status, duration=60))
    assert outcome is not None
    expected = OutcomeKind.CALLED_IN if status is Status.COMPLETED else OutcomeKind.MISSED
    assert (outcome.kind, outcome.disposition, outcome.retry) == (expected, None, None)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status.DELIVERED, OutcomeKind.TEXT_DELIVERED),
        (Status.READ, OutcomeKind.TEXT_DELIVERED),
        (Status.UNDELIVERED, OutcomeKind.TEXT_FAILED),
        (Status.FAILED, OutcomeKind.TEXT_FAILED),
        (Status.PARTIALLY_DELIVERED, OutcomeKind.TEXT_FAILED),
    ],
)
@pytest.mark.parametrize(
    ("error_code", "opted_out"),
    [(None, False), (30006, False), (21610, True), (30004, True), (98989, False)],
)
def test_texts(status: Status, kind: OutcomeKind, error_code: int | None, opted_out: bool) -> None:
    outcome = translate(TEXT, OUT, Progress(status, error_code=error_code))
    assert outcome is not None
    assert (outcome.kind, outcome.disposition, outcome.opted_out) == (kind, None, opted_out)


def test_what_is_under_way_tells_nothing() -> None:
    for direction, status in itertools.product(Direction, UNDER_WAY):
        assert translate(CALL, direction, Progress(status, AnsweredBy.MACHINE, 60)) is None
    for status in (Status.ACCEPTED, Status.SCHEDULED, Status.SENDING, Status.SENT):
        assert translate(TEXT, OUT, Progress(status, error_code=30003)) is None
    assert translate(TEXT, IN, Progress(Status.RECEIVED)) is None


_SUCCESS, _LATER = (Disposition.SUCCESSFUL, None), (Disposition.NO_ANSWER, Retry.NO_ANSWER)
_SOON = (Disposition.NO_ANSWER, Retry.BUSY)
_MACHINE = (Disposition.ANSWERING_MACHINE, Retry.MACHINE)


@pytest.mark.parametrize("seconds", [None, 0, 2, 9, 10, 300])
@pytest.mark.parametrize(
    ("goal", "talk", "person", "machine"),
    [
        (Goal.TALKED, Talk.UNSAID, (OutcomeKind.HUNG_UP, _LATER), (OutcomeKind.MACHINE, _MACHINE)),
        (
            Goal.TALKED,
            Talk.HEARD,
            (OutcomeKind.HEARD_ALONE, _LATER),
            (OutcomeKind.MACHINE, _MACHINE),
        ),
        (
            Goal.TALKED,
            Talk.MISSED,
            (OutcomeKind.NOT_CONNECTED, _SOON),
            (OutcomeKind.NOT_CONNECTED, _SOON),
        ),
        (
            Goal.TALKED,
            Talk.BRIDGED,
            (OutcomeKind.REACHED, _SUCCESS),
            (OutcomeKind.REACHED, _SUCCESS),
        ),
        (Goal.HEARD, Talk.UNSAID, (OutcomeKind.HUNG_UP, _LATER), (OutcomeKind.MACHINE, _MACHINE)),
        (Goal.HEARD, Talk.HEARD, (OutcomeKind.HEARD, _SUCCESS), (OutcomeKind.MACHINE, _MACHINE)),
        (
            Goal.HEARD,
            Talk.MISSED,
            (OutcomeKind.NOT_CONNECTED, _SOON),
            (OutcomeKind.NOT_CONNECTED, _SOON),
        ),
        (
            Goal.HEARD,
            Talk.BRIDGED,
            (OutcomeKind.REACHED, _SUCCESS),
            (OutcomeKind.REACHED, _SUCCESS),
        ),
    ],
)
def test_a_call_of_our_own_by_its_goal(
    goal: Goal,
    talk: Talk,
    person: tuple[OutcomeKind, tuple[Disposition, Retry | None]],
    machine: tuple[OutcomeKind, tuple[Disposition, Retry | None]],
    seconds: int | None,
) -> None:
    """Whether the person talked or heard decides, never how long the call was."""
    expected = {AnsweredBy.HUMAN: person, AnsweredBy.UNSAID: person, AnsweredBy.MACHINE: machine}
    for answer, (kind, told) in expected.items():
        progress = Progress(Status.COMPLETED, answer, seconds, talk=talk)
        outcome = translate(CALL, OUT, progress, goal)
        assert outcome is not None
        assert (outcome.kind, (outcome.disposition, outcome.retry)) == (kind, told)


@pytest.mark.parametrize("goal", list(Goal))
def test_a_goal_changes_nothing_of_a_call_that_nobody_took(goal: Goal) -> None:
    for status, talk in itertools.product(set(CALL_ENDS) - {Status.COMPLETED}, Talk):
        progress = Progress(status, talk=talk, sip_code=404)
        assert translate(CALL, OUT, progress, goal) == translate(CALL, OUT, progress)


@pytest.mark.parametrize("answer", list(AnsweredBy))
@pytest.mark.parametrize("seconds", [None, 9, 10])
def test_of_a_call_without_a_goal_the_message_says_nothing(
    answer: AnsweredBy, seconds: int | None
) -> None:
    progress = Progress(Status.COMPLETED, answer, seconds)
    heard = Progress(Status.COMPLETED, answer, seconds, talk=Talk.HEARD)
    assert translate(CALL, OUT, heard) == translate(CALL, OUT, progress)
