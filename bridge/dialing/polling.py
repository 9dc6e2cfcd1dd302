"""From SmartAdvocate's list of due cases to turns that may be claimed.

    poll            ask for the due cases of each campaign, one poller at a time over all workers
      _decide_list  store every case, decide on it, and begin the turns of those that may be reached

What the list shows about SmartAdvocate itself is up to `list_checks.py`, and a list that hides
cases behind others to `truncated_lists.py`. `claiming.py` claims and plans what begins. A case that
may not be reached now is left untouched in SmartAdvocate: it stays To Dial, and is decided on again
when anything about it has changed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

import structlog

from bridge import circuit_breaker, eligibility
from bridge.adapters.smartadvocate.client import DueCases, SmartAdvocate
from bridge.circuit_breaker import SMARTADVOCATE
from bridge.consent.held_cases import hold_new_case
from bridge.dialing import call_takers, list_checks, truncated_lists
from bridge.dialing.call_takers import Room
from bridge.dialing.claiming import DueCase, catch_up, claim
from bridge.dialing.registry_holds import notice_hold, recheck_at
from bridge.domain import unknown_labels
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.decisions import Decision, Permission, Rule
from bridge.domain.events import Channel
from bridge.eligibility import PlannedContact
from bridge.errors import BridgeError, Transient
from bridge.reporting import staff_stops
from bridge.reporting.turn_endings import close_case
from bridge.runtime import Runtime
from bridge.store import notices, schedules
from bridge.store.cases import cases
from bridge.store.consent import registry
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.dialing import decisions, skipped, turns
from bridge.store.dialing.skipped import SkipKind, SkippedCase, skipped_case
from bridge.store.reporting import deliveries

POLL = "poll"
POLL_LEASE = timedelta(minutes=2)
"""How long a poller may stay silent before another takes its place."""

_CASES_A_TRANSACTION = 25

_NEVER = {Rule.OPTED_OUT, Rule.ATTEMPTS}
"""Refusals that end the case's dialing, not this number's alone."""

log = structlog.get_logger(__name__)


def poll(runtime: Runtime, remote: SmartAdvocate) -> int:
    """Begin a turn for what is due in every campaign; return how many began.

    Does nothing when no poll is due, another worker polls, or SmartAdvocate's circuit breaker is
    open.
    """
    every = timedelta(seconds=runtime.settings.dial_poll_seconds)
    begun = runtime.clock()
    with runtime.db.begin() as connection:
        if circuit_breaker.is_open(runtime, connection, SMARTADVOCATE):
            return 0
        if not schedules.claim(connection, POLL, every + POLL_LEASE, begun):
            return 0
        if list_checks.is_stopped(connection, begun):
            schedules.set_due(connection, POLL, begun + every)
            log.error("Polling is stopped: asking for cases claims them; see `bridge dial pauses`")
            return 0
    hold = _Hold(runtime, every)
    begun_turns = 0
    try:
        catch_up(runtime, remote, hold)
        for campaign in runtime.settings.dial_campaigns or ("",):
            if not remote.listing_is_safe and _is_stopped(runtime):
                break
            begun_turns += _poll_campaign(runtime, remote, campaign, hold)
    except Transient as error:
        with runtime.db.begin() as connection:
            circuit_breaker.record_failure(runtime, connection, SMARTADVOCATE, error)
        log.warning("Polling SmartAdvocate failed", code=error.code)
    with runtime.db.begin() as connection:
        schedules.set_due(connection, POLL, max(begun + every, runtime.clock()))
    return begun_turns


class _Hold:
    """Keeps the poll to this worker, before whatever may take long."""

    def __init__(self, runtime: Runtime, every: timedelta) -> None:
        self._runtime = runtime
        self._every = every

    def __call__(self) -> None:
        """Postpone the moment at which another worker takes over."""
        with self._runtime.db.begin() as connection:
            schedules.set_due(connection, POLL, self._runtime.clock() + self._every + POLL_LEASE)


def _poll_campaign(
    runtime: Runtime, remote: SmartAdvocate, campaign: str, hold: Callable[[], None]
) -> int:
    """Begin a turn for what is due in one campaign; a campaign that is refused stops no other.

    Raises:
        Transient: SmartAdvocate is unavailable.
    """
    hold()
    with runtime.db.read() as connection:
        room = call_takers.room(runtime, connection)
        if not room.turns:
            log.info("Not polled: what is planned waits for the line already", campaign=campaign)
            return 0
        # Skipped cases stay To Dial and are listed again: they must not fill the batch.
        records = runtime.settings.dial_batch + skipped.count(connection, campaign)
    read_at = runtime.clock()
    try:
        due = remote.cases_to_dial(campaign, runtime.settings.dial_case_group or "", records)
    except Transient:
        raise
    except BridgeError as error:
        log.error("SmartAdvocate refused the poll", campaign=campaign, code=error.code)  # noqa: TRY400
        return 0
    with runtime.db.begin() as connection:
        circuit_breaker.record_success(connection, SMARTADVOCATE)
    if list_checks.asking_claims(runtime, remote, due.cases):
        return 0
    length = len(due.cases) + len(due.unreadable)
    list_checks.notice_clocks(runtime, remote, campaign, due.cases, is_whole=length < records)
    decided = _decide_list(runtime, campaign, due, read_at, hold, room=room)
    if decided.begun:
        truncated_lists.observe_length(runtime, campaign, length)
    else:
        truncated_lists.reschedule_hidden(runtime, campaign, length, records, decided.skipped)
    refused = claim(runtime, remote, decided.begun, hold)
    if refused:
        _skip_refused(runtime, campaign, decided.begun, refused)
    return len(decided.begun)


def _skip_refused(
    runtime: Runtime, campaign: str, begun: Sequence[DueCase], refused: Mapping[int, str]
) -> None:
    """Skip cases whose claim SmartAdvocate refused: they aren't claimed at every poll."""
    now = runtime.clock()
    until = now + runtime.settings.retry_failed
    with runtime.db.begin() as connection:
        fingerprints = _Fingerprints(runtime, connection)
        new = [
            replace(
                skipped_case(due.case, SkipKind.DEFERRED, refused[due.case.case_id], until),
                fingerprint=fingerprints.of(due.case),
            )
            for due in begun
            if due.case.case_id in refused
        ]
        skipped.add(connection, campaign, new, now)


def _is_stopped(runtime: Runtime) -> bool:
    with runtime.db.read() as connection:
        return list_checks.is_stopped(connection, runtime.clock())


@dataclass(frozen=True)
class _DecidedList:
    """What was decided about the cases of a list."""

    begun: Sequence[DueCase]
    skipped: Sequence[SkippedCase]


def _decide_list(
    runtime: Runtime,
    campaign: str,
    due: DueCases,
    read_at: datetime,
    hold: Callable[[], None],
    *,
    room: Room,
) -> _DecidedList:
    """Store and decide on what is due: the turns that begin now, and the cases that are skipped.

    At most as many turns begin as there is room for, and no more than DIAL_BATCH: what the line
    can't take soon stays To Dial.
    """
    begun: list[DueCase] = []
    over = [SkippedCase(case.key, None, SkipKind.UNUSABLE, case.why) for case in due.unreadable]
    with runtime.db.read() as connection:
        fingerprints = _Fingerprints(runtime, connection)
        deferred = skipped.deferred(connection, campaign, runtime.clock())
    unchanged = [
        same
        for case in due.cases
        # Who waits for an agent is decided on each time: they keep their place in line.
        if (same := deferred.get(fingerprints.of(case))) and same.reason != call_takers.WAITS
    ]
    over += unchanged
    known = {case.case_id for case in unchanged}
    undecided = [case for case in due.cases if case.case_id not in known]
    at_once = min(_CASES_A_TRANSACTION, room.turns)
    for start in range(0, len(undecided), at_once):
        if len(begun) >= room.turns:
            break
        hold()
        for case, result in _decide_some(runtime, undecided[start : start + at_once], room):
            if isinstance(result, SkippedCase):
                over.append(replace(result, fingerprint=fingerprints.of(case)))
            else:
                begun.append(DueCase(result, case, read_at))
    with runtime.db.begin() as connection:
        skipped.replace(connection, campaign, over, runtime.clock())
    if due.cases or due.unreadable:
        log.info(
            "Polled", campaign=campaign, due=len(due.cases), begun=len(begun), skipped=len(over)
        )
    return _DecidedList(begun, over)


class _Fingerprints:
    """What a deferral rests on beside the clock, in short: as long as it is the same, it holds.

    At night thousands of cases are deferred until the morning, and each poll lists them all again.
    """

    def __init__(self, runtime: Runtime, connection: Connection) -> None:
        rules = eligibility.policy(runtime.settings)
        self._shared = {
            "hours": rules.hours.window,
            "days": sorted(rules.hours.days),
            "skip_holidays": rules.hours.skip_holidays,
            "state_rules": rules.version,
            "caps": rules.caps,
            "max_attempts": rules.max_attempts,
            "person_gap": rules.person_gap,
            "zone": rules.zone,
            "purposes": runtime.settings.campaign_purposes,
            "client_waiver": rules.client_waiver,
            "own_numbers": sorted(runtime.settings.own_numbers),
            "pauses": eligibility.active_pauses(runtime, connection),
            "registry": registry.newest_import(connection),
        }

    def of(self, case: CaseInfo) -> str:
        """The same for a case that is as it was, under the same rules and pauses."""
        named = json.dumps(self._shared | {"case": asdict(case)}, default=repr)
        return blake2b(named.encode(), digest_size=16).hexdigest()


_Result = tuple[CaseInfo, int | SkippedCase]
"""A case with the turn that begins, or with why it is skipped."""


def _decide_some(runtime: Runtime, some: Sequence[CaseInfo], room: Room) -> list[_Result]:
    """Decide on cases in one transaction; an error at one of them spares the others."""
    try:
        with runtime.db.begin() as connection:
            return list(_decide_each(runtime, connection, some, room))
    except UNREACHABLE:
        raise
    except Exception as error:
        if len(some) > 1:
            return [result for case in some for result in _decide_some(runtime, [case], room)]
        (case,) = some
        log.exception("No decision on a case", case=case.case_id)
        why = f"no decision was possible: {type(error).__name__} inside the bridge"
        return [(case, skipped_case(case, SkipKind.UNUSABLE, why))]


def _decide_each(
    runtime: Runtime, connection: Connection, some: Sequence[CaseInfo], room: Room
) -> Iterator[_Result]:
    """Each case without a turn: all are stored before the first is decided on.

    Whose an opt-out is depends on which cases share the phone.
    """
    ids = [case.case_id for case in some]
    cases.lock_all(connection, ids)
    busy = turns.under_way(connection, ids)
    known = cases.known(connection, ids)
    undecided: list[CaseInfo] = []
    for case in some:
        if case.case_id in busy:
            continue
        busy.add(case.case_id)
        odd = _unusable(runtime, connection, case)
        if odd is None:
            cases.save_case(connection, case, runtime.clock())
            undecided.append(case)
        else:
            yield case, odd
    for case in undecided:
        if case.case_id not in known:
            staff_stops.hold_new(runtime, connection, case.case_id)
        result = _decide_case(runtime, connection, case, room)
        if result is not None:
            yield case, result


def _unusable(runtime: Runtime, connection: Connection, case: CaseInfo) -> SkippedCase | None:
    odd = "; ".join(case.oddities) or _odd_status(case) or _own_label(runtime, connection, case)
    if not odd:
        return None
    return skipped_case(case, SkipKind.UNUSABLE, odd, may_be_moved=bool(case.oddities))


def _decide_case(
    runtime: Runtime, connection: Connection, case: CaseInfo, room: Room
) -> int | SkippedCase | None:
    now = runtime.clock()
    if case.next_call is not None and case.next_call > now:
        early = f"SmartAdvocate lists it as due before its next call at {case.next_call:%H:%M:%S}Z"
        return skipped_case(case, SkipKind.EARLY, early, case.next_call)
    phone = eligibility.choice(runtime, connection, case).call
    if phone is None:
        refused = skipped_case(case, SkipKind.REFUSED, _no_phone(runtime, connection, case))
        is_registered = eligibility.is_registered(runtime, connection, case)
        return replace(refused, recheck_at=recheck_at(case, now)) if is_registered else refused
    contact = PlannedContact(case, Channel.CALL, phone)
    decision = eligibility.decide(runtime, connection, contact, stage=decisions.POLLED)
    if decision.permission is Permission.ALLOW:
        if _rings_agent(runtime, connection, contact) and not room.take():
            return skipped_case(case, SkipKind.DEFERRED, call_takers.WAITS, room.until)
        cases.record_listed_call(connection, case)
        return turns.begin(connection, case, now)
    notice_hold(runtime, connection, phone, decision)
    return _skip(runtime, connection, case, decision)


def _rings_agent(runtime: Runtime, connection: Connection, contact: PlannedContact) -> bool:
    """Whether its call will ring an agent of the firm first."""
    return eligibility.rings_firm_first(runtime, connection, contact, runtime.clock())


def _own_label(runtime: Runtime, connection: Connection, case: CaseInfo) -> str:
    """Why a case under a label of the firm's own is left as it is; empty if it isn't."""
    if not case.has_own_label:
        return ""
    says = unknown_labels.why_skipped(case.label, runtime.settings.smartadvocate_labels)
    news = notices.add(
        connection,
        notices.NoticeName.LABEL,
        case.label,
        f"case {case.case_id}: {says}",
        runtime.clock(),
    )
    if news:
        log.warning("Case due under an unknown dialer status", label=case.label)
    return says


def _odd_status(case: CaseInfo) -> str:
    """Why the status can't be that of a due case; empty if it can."""
    if case.status in {DialerStatus.IN_THE_DIALER, DialerStatus.DO_NOT_DIAL}:
        return f"SmartAdvocate lists it as due and shows it as {case.status}"
    return ""


def _skip(
    runtime: Runtime, connection: Connection, case: CaseInfo, decision: Decision
) -> SkippedCase:
    ends = decision.permission is Permission.REFUSE and decision.is_restricted_by(*_NEVER)
    if ends:
        sid = f"case-{case.case_id}"
        if not deliveries.is_on_its_way(connection, case.case_id, sid):
            close_case(runtime, connection, case.case_id, sid, decision.why)
    if decision.is_restricted_by(Rule.UNATTRIBUTED):
        hold_new_case(runtime, connection, case.case_id)
    kind = SkipKind.DEFERRED if decision.permission is Permission.DEFER else SkipKind.REFUSED
    case_skipped = skipped_case(
        case, kind, decision.standing_why, decision.until, may_be_moved=not ends
    )
    if decision.until is None and decision.is_restricted_by(Rule.REGISTRY):
        return replace(case_skipped, recheck_at=recheck_at(case, runtime.clock()))
    return case_skipped


def _no_phone(runtime: Runtime, connection: Connection, case: CaseInfo) -> str:
    over = eligibility.choice(runtime, connection, case).skipped
    reasons = "; ".join(f"…{phone.number[-4:]}: {phone.why}" for phone in over)
    return f"no phone of it may be dialed ({reasons})"
