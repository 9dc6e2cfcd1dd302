"""What counts as a talk of a person with the firm, and what a person's own call then means."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from bridge.domain.case_updates import DialerStatus
from bridge.domain.outcomes import CALLED_BACK, CALLED_IN, REACHED_US, Outcome, OutcomeKind

_CONNECTED = frozenset({OutcomeKind.REACHED, OutcomeKind.CALLED_IN})
_DIALED = frozenset({DialerStatus.TO_DIAL, DialerStatus.IN_THE_DIALER})


class AfterTalk(StrEnum):
    """What becomes of the case of a person who called in and talked (DIAL_AFTER_TALK)."""

    SUCCESSFUL = "successful"
    """What an answered call out would give it."""
    RELEASE = "release"
    """Its planned calls wait, and nothing else."""


def is_talk(outcome: Outcome | None, seconds: int | None, least: timedelta) -> bool:
    """Whether a call that ended so after `seconds` was a talk, of `least` or more (DIAL_TALK).

    Connected, whoever called: a call in that was answered, a call of ours in which person and
    firm were put together, another app's that reached somebody. Never a machine.
    """
    connected = outcome is not None and outcome.kind in _CONNECTED
    return connected and seconds is not None and timedelta(seconds=seconds) >= least


def of_call_in(
    own: DialerStatus | None, others: Iterable[DialerStatus | None], after: AfterTalk
) -> Outcome:
    """What a talk by a call in means.

    `own` is the status of the case that is the call's beyond doubt, None without one; `others`
    those of the person's cases. A case that isn't dialed anyway is told of the call alone.
    """
    if own in _DIALED and after is AfterTalk.SUCCESSFUL:
        return REACHED_US
    return CALLED_BACK if own in _DIALED or _DIALED.intersection(others) else CALLED_IN
