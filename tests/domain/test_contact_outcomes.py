"""How a call or text stands, of everything that may be known of it."""

from itertools import product

import pytest

from bridge.domain import outcomes
from bridge.domain.contact_outcomes import (
    ANSWERED,
    LABELS,
    OF_KIND,
    Circumstances,
    ContactOutcome,
    contact_outcome,
)
from bridge.domain.events import Channel, Direction
from bridge.domain.outcomes import Outcome, OutcomeKind

CALL, TEXT = Channel.CALL, Channel.TEXT
OUT, IN = Direction.OUTBOUND, Direction.INBOUND
PLAIN = Circumstances()
STOPPED = Circumstances(has_opted_out=True)
TURNED_AWAY = Circumstances(was_turned_away=True)
OURS = Circumstances(is_firms_side=True)
LONGEST_STORED = 24
"""Characters of the column."""


def test_each_end_and_each_outcome_has_its_word() -> None:
    assert set(OF_KIND) == set(OutcomeKind)
    assert set(LABELS) == set(ContactOutcome)
    assert all(len(outcome) <= LONGEST_STORED for outcome in ContactOutcome)
    assert len(set(LABELS.values())) == len(LABELS)


@pytest.mark.parametrize(
    ("channel", "direction", "means", "seen", "expected"),
    [
        (CALL, OUT, None, PLAIN, ContactOutcome.UNDER_WAY),
        (TEXT, OUT, None, PLAIN, ContactOutcome.UNDER_WAY),
        (CALL, IN, None, PLAIN, ContactOutcome.UNDER_WAY),
        (TEXT, IN, None, PLAIN, ContactOutcome.WROTE),
        (CALL, OUT, OutcomeKind.REACHED, PLAIN, ContactOutcome.TALKED),
        (CALL, OUT, OutcomeKind.HEARD, PLAIN, ContactOutcome.HEARD),
        (CALL, OUT, OutcomeKind.HEARD_ALONE, PLAIN, ContactOutcome.PICKED_UP),
        (CALL, OUT, OutcomeKind.HUNG_UP, PLAIN, ContactOutcome.PICKED_UP),
        (CALL, OUT, OutcomeKind.NOT_GREETED, PLAIN, ContactOutcome.CANCELED),
        (CALL, OUT, OutcomeKind.CUT_SHORT, PLAIN, ContactOutcome.PICKED_UP),
        (CALL, OUT, OutcomeKind.HUNG_UP, STOPPED, ContactOutcome.OPTED_OUT),
        (CALL, OUT, None, STOPPED, ContactOutcome.OPTED_OUT),
        (CALL, OUT, OutcomeKind.REACHED, OURS, ContactOutcome.FIRMS_SIDE),
        (CALL, OUT, None, OURS, ContactOutcome.FIRMS_SIDE),
        (CALL, IN, OutcomeKind.CALLED_IN, PLAIN, ContactOutcome.TALKED),
        (CALL, IN, OutcomeKind.REACHED_US, PLAIN, ContactOutcome.TALKED),
        (CALL, IN, OutcomeKind.MISSED, PLAIN, ContactOutcome.MISSED),
        (CALL, IN, OutcomeKind.MISSED, TURNED_AWAY, ContactOutcome.TURNED_AWAY),
        # The number's own callback may say that a call with a busy signal was completed.
        (CALL, IN, OutcomeKind.CALLED_IN, TURNED_AWAY, ContactOutcome.TURNED_AWAY),
        (TEXT, IN, None, STOPPED, ContactOutcome.OPTED_OUT),
        (TEXT, OUT, OutcomeKind.TEXT_FAILED, PLAIN, ContactOutcome.NOT_DELIVERED),
    ],
)
def test_how_it_stands(
    channel: Channel,
    direction: Direction,
    means: OutcomeKind | None,
    seen: Circumstances,
    expected: ContactOutcome,
) -> None:
    ended = Outcome(means) if means else None
    assert contact_outcome(channel, direction, ended, seen) is expected


def test_every_combination_has_exactly_one() -> None:
    ends = [None, *map(Outcome, OutcomeKind)]
    flags = [Circumstances(*flags) for flags in product((False, True), repeat=3)]
    for channel, direction, means, seen in product(Channel, Direction, ends, flags):
        found = contact_outcome(channel, direction, means, seen)
        assert isinstance(found, ContactOutcome)
        assert (found is ContactOutcome.FIRMS_SIDE) is seen.is_firms_side
        if seen.has_opted_out and not seen.is_firms_side:
            assert found is ContactOutcome.OPTED_OUT


def test_who_answered_is_no_machine() -> None:
    unanswered = {OutcomeKind.MACHINE, OutcomeKind.BUSY, OutcomeKind.NO_ANSWER, OutcomeKind.FAILED}
    assert not {OF_KIND[kind] for kind in unanswered} & set(ANSWERED)
    assert OF_KIND[outcomes.CALLED_IN.kind] in ANSWERED
