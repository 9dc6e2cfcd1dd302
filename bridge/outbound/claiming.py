"""Road 2: turns that may begin are claimed in SmartAdvocate, then planned.

    claim           "In the Dialer", many cases in one call
      _plan         choose the phones, write down the text and the call
    catch_up        claims that a crash or an outage has left open

Nobody is reached before the claim is known to have been taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bridge import judging
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.domain.events import Channel
from bridge.domain.updates import CaseInfo, CaseUpdate, DialerStatus
from bridge.errors import NotKnown, Permanent, Transient
from bridge.outbound.planning import Planned, plan
from bridge.runtime import Runtime
from bridge.store import turns
from bridge.store.db import Connection
from bridge.store.turns import State, Turn
from bridge.turning import claimed_in_vain, put_back

_CASES_A_CLAIM = 25
"""What one UpdateCaseStatus says at most (smartadvocate.md, 1.5)."""

_PATIENCE = 3
"""So many cases in a row must fail alone before SmartAdvocate as a whole counts as away."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Found:
    """A turn that may begin, with its case."""

    turn_id: int
    case: CaseInfo


class _Patience:
    """Tells a case that SmartAdvocate stumbles over from a SmartAdvocate that is away."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._in_a_row = 0

    def answered(self) -> None:
        """It is there."""
        self._in_a_row = 0

    def failed(self, turn_id: int, error: Transient) -> None:
        """One case failed: it waits behind the others, until too many have.

        Raises:
            Transient: SmartAdvocate is away.
        """
        with self._runtime.db.begin() as connection:
            turns.put_off(connection, [turn_id], self._runtime.clock())
        self._in_a_row += 1
        log.warning("A claim waits", turn=turn_id, refusal=error.sentence)
        if self._in_a_row >= _PATIENCE:
            raise error


def catch_up(runtime: Runtime, remote: SmartAdvocate, hold: Callable[[], None]) -> None:
    """Finish turns whose claim was cut short: SmartAdvocate shows whether it was taken.

    Raises:
        Transient: SmartAdvocate can't be asked.
    """
    with runtime.db.read() as connection:
        waiting = turns.found(connection, runtime.clock(), runtime.settings.dial_batch)
    to_claim, patience = [], _Patience(runtime)
    for turn in waiting:
        hold()
        try:
            case = remote.case(turn.case_id)
        except Transient as error:
            patience.failed(turn.id, error)
            continue
        except Permanent as error:
            _give_up(runtime, turn, error)
            continue
        patience.answered()
        if case.status is DialerStatus.IN_THE_DIALER:
            _plan(runtime, [Found(turn.id, case)])
        elif case.status is DialerStatus.TO_DIAL:
            to_claim.append(Found(turn.id, case))
        else:
            _let_go(runtime, turn, "somebody has changed its status meanwhile")
    _claim_one_by_one(runtime, remote, _still_waiting(runtime, to_claim))


def claim(
    runtime: Runtime, remote: SmartAdvocate, found: Sequence[Found], hold: Callable[[], None]
) -> dict[int, str]:
    """Claim cases and plan them; one that SmartAdvocate refuses doesn't hold up the others.

    Returns why cases were refused, by CaseID.

    Raises:
        Transient: SmartAdvocate is away; what isn't claimed yet is caught up with later.
    """
    refused: dict[int, str] = {}
    for start in range(0, len(found), _CASES_A_CLAIM):
        hold()
        some = _still_waiting(runtime, found[start : start + _CASES_A_CLAIM])
        if not some:
            continue
        try:
            remote.update([_in_the_dialer(runtime, one.case) for one in some])
        except Permanent:
            refused |= _claim_one_by_one(runtime, remote, some)
        except Transient:
            # Perhaps it was taken: each is asked about before it is claimed again.
            with runtime.db.begin() as connection:
                turns.put_off(connection, [one.turn_id for one in some], runtime.clock())
            raise
        else:
            _plan(runtime, some)
    return refused


def _claim_one_by_one(
    runtime: Runtime, remote: SmartAdvocate, some: Sequence[Found]
) -> dict[int, str]:
    """What one case spoils isn't spoiled for the others."""
    patience = _Patience(runtime)
    refused = {}
    for one in some:
        try:
            remote.update([_in_the_dialer(runtime, one.case)])
        except Transient as error:
            patience.failed(one.turn_id, error)
        except Permanent as error:
            with runtime.db.read() as connection:
                turn = turns.get(connection, one.turn_id)
            why = f"SmartAdvocate refused the claim: {error.sentence}"
            _let_go(runtime, turn, why)
            refused[one.case.case_id] = why
        else:
            patience.answered()
            _plan(runtime, [one])
    return refused


def _still_waiting(runtime: Runtime, some: Sequence[Found]) -> list[Found]:
    """Those still to be claimed: a person may have refused since, another worker been quicker."""
    with runtime.db.read() as connection:
        waiting = turns.in_state(connection, [one.turn_id for one in some], State.FOUND)
    return [one for one in some if one.turn_id in waiting]


def _in_the_dialer(runtime: Runtime, case: CaseInfo) -> CaseUpdate:
    return CaseUpdate(case.case_id, status=DialerStatus.IN_THE_DIALER, next_call=runtime.clock())


def _plan(runtime: Runtime, claimed: Sequence[Found]) -> None:
    """Write down the turns' texts and calls, in the transaction that notes the claim."""
    with runtime.db.begin() as connection:
        for one in claimed:
            if turns.claimed(connection, one.turn_id, runtime.clock()):
                _plan_turn(runtime, connection, one)
            else:
                claimed_in_vain(runtime, connection, turns.get(connection, one.turn_id))
    runtime.ringer.ring()


def _plan_turn(runtime: Runtime, connection: Connection, one: Found) -> None:
    now, settings, case = runtime.clock(), runtime.settings, one.case
    chosen = judging.choice(runtime, connection, case)
    lead = timedelta()
    if settings.text_enabled and chosen.text is not None:
        lead = settings.text_lead
        text = Planned(one.turn_id, case.case_id, Channel.TEXT, chosen.text, now)
        plan(runtime, connection, text)
    if chosen.call is not None:
        call = Planned(one.turn_id, case.case_id, Channel.CALL, chosen.call, now + lead)
        plan(runtime, connection, call)


def _give_up(runtime: Runtime, turn: Turn, error: Permanent) -> None:
    """SmartAdvocate won't show the case, and its claim may have been taken."""
    why = f"SmartAdvocate no longer shows it: {error.sentence}"
    if isinstance(error, NotKnown):
        _let_go(runtime, turn, why)
        return
    with runtime.db.begin() as connection:
        put_back(runtime, connection, turn, runtime.clock() + runtime.settings.retry_failed, why)
    log.warning("A case is put back", case=turn.case_id, reason=why)


def _let_go(runtime: Runtime, turn: Turn, why: str) -> None:
    with runtime.db.begin() as connection:
        turns.close(connection, turn.id, why, runtime.clock())
    log.warning("A case was let go", case=turn.case_id, reason=why)
