"""`bridge check` warns when no worker makes checkpoints any more."""

from datetime import timedelta

import pytest

from bridge.checking import evidence
from bridge.checking.findings import OK, WARNING
from bridge.domain.evidence_chain import Kind, link
from tests.support.clock import Clock


def test_an_old_checkpoint_is_warned_about(clock: Clock) -> None:
    now = clock()
    assert list(evidence.of_chain(None, now)) == []
    made = link(None, made_at=now, until=now, covers="", kind=Kind.ADDED, rows=())
    (recent,) = evidence.of_chain(made, now + timedelta(minutes=61))
    (old,) = evidence.of_chain(made, now + timedelta(hours=30))
    assert (recent.level, old.level) == (OK, WARNING)
    assert old.sentence.startswith("the newest checkpoint is 30 hours old: does a worker run?")


@pytest.mark.parametrize(
    ("years", "says"),
    [(1, "the checkpoints only reach 2025-11-23 17:00 UTC so far"), (None, "reach no row so far")],
)
def test_a_chain_that_is_far_behind_is_warned_about(
    clock: Clock, years: int | None, says: str
) -> None:
    now = clock()
    until = now - years * timedelta(days=365) if years else None
    made = link(None, made_at=now, until=until, covers="decisions", kind=Kind.ADDED, rows=())
    (behind,) = evidence.of_chain(made, now)
    assert behind.level == WARNING
    assert says in behind.sentence
