"""`bridge check` warns when no worker makes checkpoints any more."""

from datetime import timedelta

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
