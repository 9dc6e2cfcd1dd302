"""Turns that may begin are claimed in SmartAdvocate, then planned.

    claim           "In the Dialer", many cases in one request
      _read_again   cases that were read too long ago: somebody else may have claimed them
      _read_back    claims of which SmartAdvocate's answer leaves open whether they were taken
      _plan         the claims are known, and the texts and calls planned (`planning.py`)
    catch_up        claims that a crash or an outage has left open

Nobody is reached before the claim is known to have been taken; before the first contact it is read
back once more (`confirming.py`).
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.dialing import competing_claims, confirming
from bridge.dialing.planning import plan_turns
from bridge.domain import claims
from bridge.domain.case_updates import CaseInfo, CaseUpdate, DialerStatus
from bridge.domain.redaction import without_remote_words
from bridge.errors import BridgeError, NotKnown, Permanent, Transient, Unclear, Unconfirmed
from bridge.reporting.turn_endings import release_turn, revert_late_claim
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import plan_for_values
from bridge.store.dialing import turns
from bridge.store.dialing.turns import Turn

_CASES_A_CLAIM = 25
"""What one UpdateCaseStatus says at most (docs/reference/smartadvocate.md#updatecasestatus)."""

_READ_AGAIN_AT_ONCE = 5
"""Cases that are read one by one before they are claimed: few, so that none grows old meanwhile."""

_PATIENCE = 3
"""Cases in a row that must fail one by one before SmartAdvocate counts as unavailable."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DueCase:
    """A turn that may begin, with its case."""

    turn_id: int
    case: CaseInfo
    read_at: datetime
    """When SmartAdvocate showed it so."""


class _Patience:
    """Tells one case that fails from a SmartAdvocate that is unavailable."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._in_a_row = 0

    def answered(self) -> None:
        """SmartAdvocate answered."""
        self._in_a_row = 0

    def failed(self, turn_id: int, error: Transient) -> None:
        """One case failed: others come first, until too many have failed in a row.

        Raises:
            Transient: SmartAdvocate is unavailable.
        """
        _defer(self._runtime, turn_id, error)
        self._in_a_row += 1
        if self._in_a_row >= _PATIENCE:
            raise error


def catch_up(runtime: Runtime, remote: SmartAdvocate, hold: Callable[[], None]) -> None:
    """Finish turns whose claim was cut short: SmartAdvocate shows whether it was taken.

    Raises:
        Transient: SmartAdvocate can't be asked.
    """
    with runtime.db.read() as connection:
        waiting = turns.awaiting_claim(connection, runtime.clock(), runtime.settings.dial_batch)
    to_claim, patience = [], _Patience(runtime)
    for turn in waiting:
        hold()
        try:
            case = _read(runtime, remote, turn.id, turn.case_id)
        except Transient as error:
            patience.failed(turn.id, error)
            continue
        if case is not None:
            patience.answered()
            found = DueCase(turn.id, case, runtime.clock())
            if _is_to_be_claimed(runtime, turn, found):
                to_claim.append(found)
    _claim_one_by_one(runtime, remote, to_claim)


def _is_to_be_claimed(runtime: Runtime, turn: Turn, found: DueCase) -> bool:
    """Whether a claim is still to be made; one that stands already is planned."""
    case = found.case
    if case.status is DialerStatus.TO_DIAL:
        put_off = confirming.changed_by_hand(case, runtime.clock())
        if put_off is not None:
            _release(runtime, turn, put_off)
        return put_off is None
    with runtime.db.begin() as connection:
        anothers = competing_claims.has_claimed(runtime, connection, turn, case)
    if case.status is DialerStatus.IN_THE_DIALER and not anothers:
        _plan(runtime, [found], turn.claim_mark or found.read_at)
    else:
        why = competing_claims.RELEASED if anothers else "somebody has changed its status meanwhile"
        _release(runtime, turn, why)
    return False


def claim(
    runtime: Runtime, remote: SmartAdvocate, found: Sequence[DueCase], hold: Callable[[], None]
) -> dict[int, str]:
    """Claim cases and plan them; one that SmartAdvocate refuses doesn't hold up the others.

    Returns why cases were refused, by CaseID.

    Raises:
        Transient: SmartAdvocate is unavailable; what isn't claimed yet is caught up with later.
    """
    refused: dict[int, str] = {}
    left = deque(found)
    while left:
        hold()
        is_old = runtime.clock() - left[0].read_at > claims.MAX_READ_AGE
        most = _READ_AGAIN_AT_ONCE if is_old else _CASES_A_CLAIM
        some = [left.popleft() for _ in range(min(most, len(left)))]
        read = _read_again(runtime, remote, some) if is_old else some
        refused |= _claim_some(runtime, remote, read)
    return refused


def _read_again(runtime: Runtime, remote: SmartAdvocate, some: Sequence[DueCase]) -> list[DueCase]:
    """Those that still are due; somebody else may have claimed or changed the others meanwhile."""
    still = []
    for due in some:
        case = _read(runtime, remote, due.turn_id, due.case.case_id)
        if case is None:
            continue
        is_put_off = confirming.changed_by_hand(case, runtime.clock()) is not None
        if case.status is DialerStatus.TO_DIAL and not is_put_off:
            still.append(replace(due, case=case, read_at=runtime.clock()))
        else:
            _release(runtime, _turn(runtime, due.turn_id), "it was changed since it was listed")
    return still


def _read(runtime: Runtime, remote: SmartAdvocate, turn_id: int, case_id: int) -> CaseInfo | None:
    """The case as SmartAdvocate shows it now; None where it can't, and the claim is given up.

    Raises:
        Transient: SmartAdvocate can't be asked now.
    """
    try:
        return remote.case(case_id)
    except Unclear as error:
        _defer(runtime, turn_id, error)
    except Permanent as error:
        _release_unclaimed(runtime, _turn(runtime, turn_id), error)
    return None


def _claim_some(runtime: Runtime, remote: SmartAdvocate, read: Sequence[DueCase]) -> dict[int, str]:
    some, mark = _marked(runtime, read)
    if not some:
        return {}
    try:
        remote.update([_in_the_dialer(due.case, mark) for due in some])
    except Unconfirmed as error:
        return _read_back(runtime, remote, some, error)
    except Permanent:
        return _claim_one_by_one(runtime, remote, some)
    except Transient:
        # Perhaps it was taken: each is asked about before it is claimed again.
        with runtime.db.begin() as connection:
            turns.defer_claim(connection, [due.turn_id for due in some], runtime.clock())
        raise
    _plan(runtime, some, mark)
    return {}


def _claim_one_by_one(
    runtime: Runtime, remote: SmartAdvocate, some: Sequence[DueCase]
) -> dict[int, str]:
    """Claim cases alone, so that one that is refused spoils no other."""
    patience = _Patience(runtime)
    refused: dict[int, str] = {}
    for due in some:
        waiting, mark = _marked(runtime, [due])
        if not waiting:
            continue
        try:
            remote.update([_in_the_dialer(due.case, mark)])
        except Transient as error:
            patience.failed(due.turn_id, error)
        except Unconfirmed as error:
            refused |= _read_back(runtime, remote, [due], error)
        except Permanent as error:
            refused |= _refused(runtime, due, error)
        else:
            patience.answered()
            _plan(runtime, [due], mark)
    return refused


def _read_back(
    runtime: Runtime, remote: SmartAdvocate, some: Sequence[DueCase], answer: Unconfirmed
) -> dict[int, str]:
    """Plan those of which SmartAdvocate shows that the claim was taken; the others were refused."""
    refused: dict[int, str] = {}
    for due in some:
        try:
            case = _read(runtime, remote, due.turn_id, due.case.case_id)
        except Transient as error:
            _defer(runtime, due.turn_id, error)
            continue
        if case is None:
            continue
        if case.status is DialerStatus.TO_DIAL:
            refused |= _refused(runtime, due, answer)
        else:
            turn = _turn(runtime, due.turn_id)
            _is_to_be_claimed(runtime, turn, replace(due, case=case, read_at=runtime.clock()))
    return refused


def _refused(runtime: Runtime, due: DueCase, error: BridgeError) -> dict[int, str]:
    why = f"SmartAdvocate refused the claim: {error.sentence}"
    _release(runtime, _turn(runtime, due.turn_id), why)
    return {due.case.case_id: why}


def _turn(runtime: Runtime, turn_id: int) -> Turn:
    with runtime.db.read() as connection:
        return turns.get(connection, turn_id)


def _marked(runtime: Runtime, some: Sequence[DueCase]) -> tuple[list[DueCase], datetime]:
    """Store the date that the claims will carry, before they are made.

    Returns it with those still to be claimed: a person may have opted out, or another worker been
    quicker.
    """
    mark = claims.claim_date(runtime.clock(), runtime.settings.deployment)
    with runtime.db.single() as connection:
        waiting = turns.mark_claim(connection, [due.turn_id for due in some], mark)
    return [due for due in some if due.turn_id in waiting], mark


def _in_the_dialer(case: CaseInfo, mark: datetime) -> CaseUpdate:
    return CaseUpdate(case.case_id, status=DialerStatus.IN_THE_DIALER, next_call=mark)


def _plan(runtime: Runtime, claimed: Sequence[DueCase], mark: datetime) -> None:
    """Plan the turns' texts and calls, in the transaction that records the claim."""
    in_order = sorted(claimed, key=lambda due: due.case.case_id)
    with runtime.db.begin() as connection:
        plan_for_values(connection)
        cases.lock_all(connection, [due.case.case_id for due in in_order])
        waited = turns.claim(connection, [due.turn_id for due in in_order], runtime.clock())
        ours = [(due.turn_id, due.case) for due in in_order if due.turn_id in waited]
        stored = cases.record_statuses(
            connection, [case.case_id for _, case in ours], DialerStatus.IN_THE_DIALER, mark
        )
        plan_turns(runtime, connection, ours, stored)
        for due in in_order:
            if due.turn_id not in waited:
                revert_late_claim(runtime, connection, turns.get(connection, due.turn_id))
    runtime.notifier.notify()


def _release_unclaimed(runtime: Runtime, turn: Turn, error: Permanent) -> None:
    """SmartAdvocate won't show the case, and its claim may have been taken."""
    why = f"SmartAdvocate no longer shows it: {error.sentence}"
    if isinstance(error, NotKnown):
        _release(runtime, turn, why)
        return
    with runtime.db.begin() as connection:
        release_turn(
            runtime, connection, turn, runtime.clock() + runtime.settings.retry_failed, why
        )
    log.warning("Case released", case=turn.case_id, code=error.code)


def _defer(runtime: Runtime, turn_id: int, error: BridgeError) -> None:
    with runtime.db.begin() as connection:
        turns.defer_claim(connection, [turn_id], runtime.clock())
    log.warning("Claim deferred", turn=turn_id, code=error.code)


def _release(runtime: Runtime, turn: Turn, why: str) -> None:
    with runtime.db.begin() as connection:
        turns.end(connection, turn.id, why, runtime.clock())
    reason = without_remote_words(why)
    log.warning("Turn ended, case left as it is", case=turn.case_id, reason=reason)
