"""Road 2: a case is due. From SmartAdvocate's list to planned calls and texts.

    poll            ask each campaign for what is due, one poller at a time over all workers
      _look_at      store every case; judge it; begin the turns of those that may be reached now
      _claim        tell SmartAdvocate that they are "In the Dialer", many in one call
      _plan         choose the phones, write down the text and the call
    catch_up        claims that a crash or an outage has left open

`placing.py` goes on from what is planned. A case that may not be reached now is left untouched in
SmartAdvocate: it stays To Dial and is judged anew at every poll.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b

import structlog

from bridge import judging, outage
from bridge.adapters.smartadvocate.client import Due, SmartAdvocate
from bridge.domain.eligibility import Answer, Pause, Rule, Verdict
from bridge.domain.events import Channel
from bridge.domain.updates import CaseInfo, CaseUpdate, DialerStatus
from bridge.errors import BridgeError, Permanent, Transient
from bridge.judging import Contact
from bridge.outage import SMARTADVOCATE
from bridge.outbound.planning import Planned, plan
from bridge.runtime import Runtime
from bridge.store import attempts, cases, passed, schedules, turns, verdicts
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.passed import Kind, Passed
from bridge.store.turns import Turn
from bridge.turning import stop

POLL = "poll"
POLL_LEASE = timedelta(minutes=2)
"""How long a poller may stay silent before another takes its place."""

_CASES_A_TRANSACTION = 25
_CASES_A_CLAIM = 25
"""What one UpdateCaseStatus says at most (smartadvocate.md, 1.5)."""

_NEVER = {Rule.OPTED_OUT, Rule.ATTEMPTS}
"""Refusals that end the case's dialing, not this number's alone."""

log = structlog.get_logger(__name__)


def poll(runtime: Runtime, remote: SmartAdvocate) -> int:
    """Take up what is due in every campaign; return how many cases got their turn.

    Does nothing when the tick isn't due, another worker has it, or SmartAdvocate rests.
    """
    every = timedelta(seconds=runtime.settings.dial_poll_seconds)
    begun = runtime.clock()
    with runtime.db.begin() as connection:
        if outage.rests(runtime, connection, SMARTADVOCATE):
            return 0
        if not schedules.claim(connection, POLL, every + POLL_LEASE, begun):
            return 0
    taken = 0
    try:
        catch_up(runtime, remote)
        for campaign in runtime.settings.dial_campaigns or ("",):
            _hold(runtime, every)
            taken += _poll_campaign(runtime, remote, campaign)
    except Transient as error:
        with runtime.db.begin() as connection:
            outage.failed(runtime, connection, SMARTADVOCATE, error)
        log.warning("SmartAdvocate could not be polled", refusal=error.sentence)
    except BridgeError as error:
        log.error("SmartAdvocate refuses the poll", refusal=error.sentence)  # noqa: TRY400
    with runtime.db.begin() as connection:
        schedules.set_due(connection, POLL, max(begun + every, runtime.clock()))
    return taken


def catch_up(runtime: Runtime, remote: SmartAdvocate) -> None:
    """Finish turns whose claim was cut short: SmartAdvocate shows whether it was taken.

    Raises:
        Transient: SmartAdvocate can't be asked.
    """
    with runtime.db.read() as connection:
        waiting = turns.found(connection, runtime.clock(), runtime.settings.dial_batch)
    to_claim = []
    for turn in waiting:
        try:
            case = remote.case(turn.case_id)
        except Permanent as error:
            _give_up(runtime, turn, f"SmartAdvocate no longer shows it: {error.sentence}")
            continue
        if case.status is DialerStatus.IN_THE_DIALER:
            _plan(runtime, [(turn.id, case)])
        elif case.status is DialerStatus.TO_DIAL:
            to_claim.append((turn.id, case))
        else:
            _give_up(runtime, turn, "somebody has changed its status meanwhile")
    _claim(runtime, remote, to_claim)


def _hold(runtime: Runtime, every: timedelta) -> None:
    """Say that this poller is alive, before it asks for something that may take long."""
    with runtime.db.begin() as connection:
        schedules.set_due(connection, POLL, runtime.clock() + every + POLL_LEASE)


def _poll_campaign(runtime: Runtime, remote: SmartAdvocate, campaign: str) -> int:
    with runtime.db.read() as connection:
        if _is_busy(runtime, connection):
            log.info("Not polled: a whole batch still waits for its turn", campaign=campaign)
            return 0
        # What was passed over stays To Dial and is sent again: it must not fill the batch.
        records = runtime.settings.dial_batch + passed.count(connection, campaign)
    due = remote.cases_to_dial(campaign, runtime.settings.dial_case_group or "", records)
    with runtime.db.begin() as connection:
        outage.answered(connection, SMARTADVOCATE)
    found = _look_at(runtime, campaign, due)
    _claim(runtime, remote, found)
    return len(found)


def _is_busy(runtime: Runtime, connection: Connection) -> bool:
    """Whether more is planned than the line is about to take.

    As many calls as the line took in the last TEXT_LEAD may be on their way to it, and a batch may
    wait: whoever is told by text of a call gets it soon, however slow the line is.
    """
    settings = runtime.settings
    lead = settings.text_lead if settings.text_enabled else timedelta()
    taken = attempts.calls_placed(connection, runtime.clock() - lead) if lead else 0
    return attempts.calls_planned(connection) >= settings.dial_batch + taken


def _look_at(runtime: Runtime, campaign: str, due: Due) -> list[tuple[int, CaseInfo]]:
    """Store and judge what is due; return the turns that begin now, with their cases.

    At most DIAL_BATCH of them: what the line can't take soon stays To Dial.
    """
    begun: list[tuple[int, CaseInfo]] = []
    over = [Passed(one.key, None, Kind.BROKEN, one.why) for one in due.unreadable]
    with runtime.db.read() as connection:
        basis = _Basis(runtime, judging.standing(runtime, connection))
        waiting = passed.waiting(connection, campaign, runtime.clock())
    unchanged = [one for case in due.cases if (one := waiting.get(basis.of(case)))]
    over += unchanged
    known = {one.case_id for one in unchanged}
    to_judge = [case for case in due.cases if case.case_id not in known]
    batch = runtime.settings.dial_batch
    at_once = min(_CASES_A_TRANSACTION, batch)
    for start in range(0, len(to_judge), at_once):
        if len(begun) >= batch:
            break
        some = to_judge[start : start + at_once]
        for case, result in _look_at_some(runtime, some):
            if isinstance(result, Passed):
                over.append(replace(result, basis=basis.of(case)))
            else:
                begun.append((result, case))
    with runtime.db.begin() as connection:
        passed.replace(connection, campaign, over, runtime.clock())
    if due.cases or due.unreadable:
        log.info(
            "Polled", campaign=campaign, due=len(due.cases), taken=len(begun), passed=len(over)
        )
    return begun


class _Basis:
    """What a judgement rests on beside the clock, in short.

    At night thousands wait for the morning, and each poll shows them all again.
    """

    def __init__(self, runtime: Runtime, standing: Sequence[Pause]) -> None:
        self._same_for_all = f"{runtime.settings!r}{standing!r}"

    def of(self, case: CaseInfo) -> str:
        """The same for a case that stands as it stood, under the same settings and pauses."""
        return blake2b(f"{self._same_for_all}{case!r}".encode(), digest_size=16).hexdigest()


_Result = tuple[CaseInfo, int | Passed]
"""A case with the turn that begins, or with why it is passed over."""


def _look_at_some(runtime: Runtime, some: Sequence[CaseInfo]) -> list[_Result]:
    """Look at cases in one transaction; what one of them breaks is no matter of the others."""
    try:
        with runtime.db.begin() as connection:
            return list(_look_at_each(runtime, connection, some))
    except UNREACHABLE:
        raise
    except Exception as error:
        if len(some) > 1:
            return [one for case in some for one in _look_at_some(runtime, [case])]
        (case,) = some
        log.exception("A case could not be judged", case=case.case_id)
        why = f"it could not be judged: {type(error).__name__} inside the bridge"
        return [(case, Passed(str(case.case_id), case.case_id, Kind.BROKEN, why))]


def _look_at_each(
    runtime: Runtime, connection: Connection, some: Sequence[CaseInfo]
) -> Iterator[_Result]:
    """Each case that isn't under way."""
    busy = turns.under_way(connection, [case.case_id for case in some])
    for case in some:
        if case.case_id in busy:
            continue
        busy.add(case.case_id)
        result = _look_at_case(runtime, connection, case)
        if result is not None:
            yield case, result


def _look_at_case(runtime: Runtime, connection: Connection, case: CaseInfo) -> int | Passed | None:
    if case.oddities:
        return Passed(str(case.case_id), case.case_id, Kind.BROKEN, "; ".join(case.oddities))
    cases.saw_case(connection, case, runtime.clock())
    phone = judging.choice(runtime, connection, case).call
    if phone is None:
        return Passed(str(case.case_id), case.case_id, Kind.REFUSED, _no_phone(
            runtime, connection, case))  # fmt: skip
    contact = Contact(case, Channel.CALL, phone)
    verdict = judging.judge(runtime, connection, contact, stage=verdicts.POLLED)
    if verdict.answer is Answer.ALLOW:
        return turns.open_for(connection, case, runtime.clock())
    return _pass(runtime, connection, case, verdict)


def _pass(
    runtime: Runtime, connection: Connection, case: CaseInfo, verdict: Verdict
) -> Passed | None:
    if verdict.answer is Answer.REFUSE and verdict.is_of(*_NEVER):
        stop(runtime, connection, case.case_id, f"case-{case.case_id}", verdict.why)
        return None
    kind = Kind.WAITING if verdict.answer is Answer.DEFER else Kind.REFUSED
    return Passed(str(case.case_id), case.case_id, kind, verdict.why, verdict.until)


def _no_phone(runtime: Runtime, connection: Connection, case: CaseInfo) -> str:
    over = judging.choice(runtime, connection, case).passed
    reasons = "; ".join(f"…{one.number[-4:]}: {one.why}" for one in over)
    return f"no phone of it may be dialed ({reasons})"


def _claim(runtime: Runtime, remote: SmartAdvocate, found: Sequence[tuple[int, CaseInfo]]) -> None:
    """Claim cases and plan them; what SmartAdvocate refuses doesn't hold up the others.

    Raises:
        Transient: SmartAdvocate is away; what isn't claimed yet is caught up with later.
    """
    for start in range(0, len(found), _CASES_A_CLAIM):
        some = found[start : start + _CASES_A_CLAIM]
        try:
            remote.update([_in_the_dialer(runtime, case) for _, case in some])
        except Permanent as error:
            if len(some) > 1:
                for one in some:
                    _claim(runtime, remote, [one])
            else:
                with runtime.db.read() as connection:
                    turn = turns.get(connection, some[0][0])
                _give_up(runtime, turn, f"SmartAdvocate refused the claim: {error.sentence}")
            continue
        _plan(runtime, some)


def _in_the_dialer(runtime: Runtime, case: CaseInfo) -> CaseUpdate:
    return CaseUpdate(case.case_id, status=DialerStatus.IN_THE_DIALER, next_call=runtime.clock())


def _plan(runtime: Runtime, claimed: Sequence[tuple[int, CaseInfo]]) -> None:
    """Write down the turns' texts and calls, in the transaction that notes the claim."""
    with runtime.db.begin() as connection:
        for turn_id, case in claimed:
            if turns.claimed(connection, turn_id, runtime.clock()):
                _plan_turn(runtime, connection, turn_id, case)
    runtime.ringer.ring()


def _plan_turn(runtime: Runtime, connection: Connection, turn_id: int, case: CaseInfo) -> None:
    now, settings = runtime.clock(), runtime.settings
    chosen = judging.choice(runtime, connection, case)
    lead = timedelta()
    if settings.text_enabled and chosen.text is not None:
        lead = settings.text_lead
        text = Planned(turn_id, case.case_id, Channel.TEXT, chosen.text, now)
        plan(runtime, connection, text)
    if chosen.call is not None:
        call = Planned(turn_id, case.case_id, Channel.CALL, chosen.call, now + lead)
        plan(runtime, connection, call)


def _give_up(runtime: Runtime, turn: Turn, why: str) -> None:
    with runtime.db.begin() as connection:
        turns.close(connection, turn.id, why, runtime.clock())
    log.warning("A case was let go", case=turn.case_id, reason=why)
