"""Every channel, direction, status, answer, duration and code, against a table written by hand."""

from collections.abc import Collection, Iterator
from itertools import product
from typing import NamedTuple

import pytest

from bridge.domain.events import AnsweredBy, Channel, Direction, Status
from bridge.domain.outcomes import Disposition, Outcome, OutcomeKind, Retry, translate
from bridge.domain.progress import Progress

CALL, TEXT = Channel.CALL, Channel.TEXT
OUT, IN = Direction.OUTBOUND, Direction.INBOUND
HUMAN, MACHINE, UNSAID = AnsweredBy.HUMAN, AnsweredBy.MACHINE, AnsweredBy.UNSAID
DURATIONS = (None, 0, 1, 9, 10, 11, 3600)
LONG, SHORT = (10, 11, 3600), (None, 0, 1, 9)
BAD_SIP, BAD_ERRORS, OPT_OUTS = (404, 410, 484, 604), (21211, 21214, 21217, 13224), (21610, 30004)
# (SIP answer, Twilio error): none, harmless ones, each that decides something, and both at once
BAD = (
    *((sip, None) for sip in BAD_SIP),
    *((None, error) for error in BAD_ERRORS),
    *((486, error) for error in BAD_ERRORS),
    (404, 30003),
)
OPTED_OUT = tuple((None, error) for error in OPT_OUTS)
HARMLESS = (
    (None, None),
    (200, None),
    (486, None),
    (503, None),
    (603, None),
    (None, 13225),
    (None, 30003),
    (None, 98989),
    (487, 30007),
)
CODES = (*BAD, *OPTED_OUT, *HARMLESS)


class Row(NamedTuple):
    """One line of item 5's table; `any` stands where nothing depends on it."""

    channel: Channel
    statuses: Collection[Status]
    outcome: Outcome | None
    directions: Collection[Direction] = tuple(Direction)
    answers: Collection[AnsweredBy] = tuple(AnsweredBy)
    durations: Collection[int | None] = DURATIONS
    codes: Collection[tuple[int | None, int | None]] = CODES


# fmt: off
S = Status
TABLE = (
    # Calls out: who was reached is never called again; all else has its pause.
    Row(CALL, {S.COMPLETED}, Outcome(OutcomeKind.REACHED, Disposition.SUCCESSFUL), {OUT}, {HUMAN}),
    Row(CALL, {S.COMPLETED},
        Outcome(OutcomeKind.MACHINE, Disposition.ANSWERING_MACHINE, Retry.MACHINE),
        {OUT}, {MACHINE}),
    Row(CALL, {S.COMPLETED}, Outcome(OutcomeKind.REACHED, Disposition.SUCCESSFUL), {OUT},
        {UNSAID}, LONG),
    Row(CALL, {S.COMPLETED}, Outcome(OutcomeKind.CUT_SHORT, Disposition.NO_ANSWER, Retry.NO_ANSWER),
        {OUT}, {UNSAID}, SHORT),
    Row(CALL, {S.BUSY}, Outcome(OutcomeKind.BUSY, Disposition.BUSY, Retry.BUSY), {OUT}),
    Row(CALL, {S.NO_ANSWER}, Outcome(OutcomeKind.NO_ANSWER, Disposition.NO_ANSWER, Retry.NO_ANSWER),
        {OUT}),
    Row(CALL, {S.FAILED},
        Outcome(OutcomeKind.FAILED, Disposition.NO_ANSWER, Retry.FAILED, bad_number=True), {OUT},
        codes=BAD),
    Row(CALL, {S.FAILED}, Outcome(OutcomeKind.FAILED, Disposition.NO_ANSWER, Retry.FAILED), {OUT},
        codes=(*OPTED_OUT, *HARMLESS)),
    Row(CALL, {S.CANCELED}, Outcome(OutcomeKind.CANCELED), {OUT}),
    # Calls in: a note, and nothing else.
    Row(CALL, {S.COMPLETED}, Outcome(OutcomeKind.CALLED_IN), {IN}),
    Row(CALL, {S.BUSY, S.NO_ANSWER, S.FAILED, S.CANCELED}, Outcome(OutcomeKind.MISSED), {IN}),
    # Calls under way, and words that no call has.
    Row(CALL, {S.QUEUED, S.INITIATED, S.RINGING, S.IN_PROGRESS}, None),
    Row(CALL, {S.ACCEPTED, S.SCHEDULED, S.SENDING, S.SENT, S.UNDELIVERED, S.DELIVERED, S.READ,
               S.PARTIALLY_DELIVERED, S.RECEIVING, S.RECEIVED}, None),
    # Texts: a note; two codes say that the person wants no more.
    Row(TEXT, {S.DELIVERED, S.READ}, Outcome(OutcomeKind.TEXT_DELIVERED), codes=(*BAD, *HARMLESS)),
    Row(TEXT, {S.DELIVERED, S.READ}, Outcome(OutcomeKind.TEXT_DELIVERED, opted_out=True),
        codes=OPTED_OUT),
    Row(TEXT, {S.UNDELIVERED, S.FAILED, S.PARTIALLY_DELIVERED}, Outcome(OutcomeKind.TEXT_FAILED),
        codes=(*BAD, *HARMLESS)),
    Row(TEXT, {S.UNDELIVERED, S.FAILED, S.PARTIALLY_DELIVERED},
        Outcome(OutcomeKind.TEXT_FAILED, opted_out=True), codes=OPTED_OUT),
    Row(TEXT, {S.CANCELED}, Outcome(OutcomeKind.CANCELED)),
    Row(TEXT, {S.ACCEPTED, S.SCHEDULED, S.QUEUED, S.SENDING, S.SENT, S.RECEIVING, S.RECEIVED},
        None),
    Row(TEXT, {S.INITIATED, S.RINGING, S.IN_PROGRESS, S.NO_ANSWER, S.BUSY, S.COMPLETED}, None),
)
# fmt: on


def _cells(row: Row) -> Iterator[tuple[object, ...]]:
    for status, direction, answer, duration, code in product(
        row.statuses, row.directions, row.answers, row.durations, row.codes
    ):
        yield row.channel, status, direction, answer, duration, code


def test_the_table_has_each_cell_once() -> None:
    cells = [cell for row in TABLE for cell in _cells(row)]
    everything = set(product(Channel, Status, Direction, AnsweredBy, DURATIONS, CODES))
    assert len(cells) == len(set(cells))
    assert set(cells) == everything


@pytest.mark.parametrize("number", range(len(TABLE)))
def test_every_combination(number: int) -> None:
    row = TABLE[number]
    for status, direction, answer, duration, (sip, error) in product(
        row.statuses, row.directions, row.answers, row.durations, row.codes
    ):
        progress = Progress(status, answer, duration, sip, error)
        found = translate(row.channel, direction, progress)
        assert found == row.outcome, (row.channel, direction, progress)


def test_what_the_case_hears_of() -> None:
    untold = {row.outcome.kind for row in TABLE if row.outcome and not row.outcome.is_told}
    assert untold == {OutcomeKind.CANCELED}


def test_a_call_out_that_ended_and_counts_always_has_a_disposition() -> None:
    for row in TABLE:
        if row.outcome is not None and row.outcome.disposition is None:
            assert row.outcome.retry is None
            assert (
                row.channel is TEXT
                or IN in row.directions
                or row.outcome.kind is OutcomeKind.CANCELED
            )
