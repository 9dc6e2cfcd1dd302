"""Road 2: a case is due. From SmartAdvocate's list to turns that may begin.

    poll            ask each campaign for what is due, one poller at a time over all workers
      _look_at      store every case; judge it; begin the turns of those that may be reached now

What the list tells of SmartAdvocate itself is `list_checks.py`'s business, and a list that hides
cases behind others `truncated_lists.py`'s. `claiming.py` claims and plans what begins. A case that
may not be reached now is left untouched in SmartAdvocate: it stays To Dial and is judged anew when
anything about it has changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b

import structlog

from bridge import circuit_breaker, eligibility
from bridge.adapters.smartadvocate.client import DueCases, SmartAdvocate
from bridge.circuit_breaker import SMARTADVOCATE
from bridge.consent.held_cases import hold_new_case
from bridge.dialing import list_checks, truncated_lists
from bridge.dialing.claiming import DueCase, catch_up, claim
from bridge.domain import unknown_labels
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.eligibility import Decision, Pause, Permission, Rule
from bridge.domain.events import Channel
from bridge.eligibility import PlannedContact
from bridge.errors import BridgeError, Transient
from bridge.reporting.turn_endings import close_case
from bridge.runtime import Runtime
from bridge.store import notices, schedules
from bridge.store.cases import cases
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.dialing import attempts, decisions, skipped, turns
from bridge.store.dialing.skipped import SkipKind, SkippedCase
from bridge.store.reporting import deliveries

POLL = "poll"
POLL_LEASE = timedelta(minutes=2)
"""How long a poller may stay silent before another takes its place."""

_CASES_A_TRANSACTION = 25

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
        if circuit_breaker.is_open(runtime, connection, SMARTADVOCATE):
            return 0
        if not schedules.claim(connection, POLL, every + POLL_LEASE, begun):
            return 0
        if list_checks.is_stopped(connection, begun):
            schedules.set_due(connection, POLL, begun + every)
            log.error("Not polled: asking for cases claims them; see `bridge dial pauses`")
            return 0
    hold = _Hold(runtime, every)
    taken = 0
    try:
        catch_up(runtime, remote, hold)
        for campaign in runtime.settings.dial_campaigns or ("",):
            if not remote.listing_is_safe and _is_stopped(runtime):
                break
            taken += _poll_campaign(runtime, remote, campaign, hold)
    except Transient as error:
        with runtime.db.begin() as connection:
            circuit_breaker.record_failure(runtime, connection, SMARTADVOCATE, error)
        log.warning("SmartAdvocate could not be polled", code=error.code)
    with runtime.db.begin() as connection:
        schedules.set_due(connection, POLL, max(begun + every, runtime.clock()))
    return taken


class _Hold:
    """Says that this poller is alive, before whatever may take long."""

    def __init__(self, runtime: Runtime, every: timedelta) -> None:
        self._runtime = runtime
        self._every = every

    def __call__(self) -> None:
        """Say so."""
        with self._runtime.db.begin() as connection:
            schedules.set_due(connection, POLL, self._runtime.clock() + self._every + POLL_LEASE)


def _poll_campaign(
    runtime: Runtime, remote: SmartAdvocate, campaign: str, hold: Callable[[], None]
) -> int:
    """Take up what is due in one campaign; one that is refused stops no other.

    Raises:
        Transient: SmartAdvocate is away.
    """
    hold()
    with runtime.db.read() as connection:
        if _is_busy(runtime, connection):
            log.info("Not polled: a whole batch still waits for its turn", campaign=campaign)
            return 0
        # What was passed over stays To Dial and is sent again: it must not fill the batch.
        records = runtime.settings.dial_batch + skipped.count(connection, campaign)
    read_at = runtime.clock()
    try:
        due = remote.cases_to_dial(campaign, runtime.settings.dial_case_group or "", records)
    except Transient:
        raise
    except BridgeError as error:
        log.error("SmartAdvocate refuses the poll", campaign=campaign, code=error.code)  # noqa: TRY400
        return 0
    with runtime.db.begin() as connection:
        circuit_breaker.record_success(connection, SMARTADVOCATE)
    if list_checks.asking_claims(runtime, remote, due.cases):
        return 0
    length = len(due.cases) + len(due.unreadable)
    list_checks.notice_clocks(runtime, remote, campaign, due.cases, is_whole=length < records)
    looked = _look_at(runtime, campaign, due, hold)
    if looked.begun:
        truncated_lists.observe_length(runtime, campaign, length)
    else:
        truncated_lists.reschedule_hidden(runtime, campaign, length, records, looked.over)
    found = [DueCase(one.turn_id, one.case, read_at) for one in looked.begun]
    refused = claim(runtime, remote, found, hold)
    if refused:
        _keep_refused(runtime, campaign, found, refused)
    return len(found)


def _keep_refused(
    runtime: Runtime, campaign: str, found: Sequence[DueCase], refused: Mapping[int, str]
) -> None:
    """Cases that SmartAdvocate doesn't let us claim aren't claimed anew at every poll."""
    now = runtime.clock()
    until = now + runtime.settings.retry_failed
    with runtime.db.begin() as connection:
        fingerprint = _Fingerprints(runtime, eligibility.active_pauses(runtime, connection))
        skipped.add(
            connection,
            campaign,
            [
                SkippedCase(
                    str(one.case.case_id),
                    one.case.case_id,
                    SkipKind.DEFERRED,
                    refused[one.case.case_id],
                    until,
                    fingerprint.of(one.case),
                )
                for one in found
                if one.case.case_id in refused
            ],
            now,
        )


def _is_busy(runtime: Runtime, connection: Connection) -> bool:
    """Whether more is planned than the line is about to take.

    As many calls as the line took in the last TEXT_LEAD may be on their way to it, and a batch may
    wait: whoever is told by text of a call gets it soon, however slow the line is.
    """
    settings = runtime.settings
    lead = settings.text_lead if settings.text_enabled else timedelta()
    taken = attempts.calls_placed(connection, runtime.clock() - lead) if lead else 0
    return attempts.calls_planned(connection) >= settings.dial_batch + taken


def _is_stopped(runtime: Runtime) -> bool:
    with runtime.db.read() as connection:
        return list_checks.is_stopped(connection, runtime.clock())


@dataclass(frozen=True)
class _Begun:
    """A turn that begins."""

    turn_id: int
    case: CaseInfo


@dataclass(frozen=True)
class _Sorted:
    """What a look at a list has come to."""

    begun: Sequence[_Begun]
    over: Sequence[SkippedCase]


def _look_at(runtime: Runtime, campaign: str, due: DueCases, hold: Callable[[], None]) -> _Sorted:
    """Store and judge what is due: the turns that begin now, with their cases, and the others.

    At most DIAL_BATCH of them: what the line can't take soon stays To Dial.
    """
    begun: list[_Begun] = []
    over = [SkippedCase(one.key, None, SkipKind.UNUSABLE, one.why) for one in due.unreadable]
    with runtime.db.read() as connection:
        fingerprint = _Fingerprints(runtime, eligibility.active_pauses(runtime, connection))
        waiting = skipped.waiting(connection, campaign, runtime.clock())
    unchanged = [one for case in due.cases if (one := waiting.get(fingerprint.of(case)))]
    over += unchanged
    known = {one.case_id for one in unchanged}
    to_judge = [case for case in due.cases if case.case_id not in known]
    batch = runtime.settings.dial_batch
    at_once = min(_CASES_A_TRANSACTION, batch)
    for start in range(0, len(to_judge), at_once):
        if len(begun) >= batch:
            break
        some = to_judge[start : start + at_once]
        hold()
        for case, result in _sort_some(runtime, some):
            if isinstance(result, SkippedCase):
                over.append(replace(result, fingerprint=fingerprint.of(case)))
            else:
                begun.append(_Begun(result, case))
    with runtime.db.begin() as connection:
        skipped.replace(connection, campaign, over, runtime.clock())
    if due.cases or due.unreadable:
        log.info(
            "Polled", campaign=campaign, due=len(due.cases), taken=len(begun), passed=len(over)
        )
    return _Sorted(begun, over)


class _Fingerprints:
    """What a judgement rests on beside the clock, in short.

    At night thousands wait for the morning, and each poll shows them all again.
    """

    def __init__(self, runtime: Runtime, standing: Sequence[Pause]) -> None:
        self._same_for_all = f"{runtime.settings!r}{standing!r}"

    def of(self, case: CaseInfo) -> str:
        """The same for a case that stands as it stood, under the same settings and pauses."""
        return blake2b(f"{self._same_for_all}{case!r}".encode(), digest_size=16).hexdigest()


_Result = tuple[CaseInfo, int | SkippedCase]
"""A case with the turn that begins, or with why it is passed over."""


def _sort_some(runtime: Runtime, some: Sequence[CaseInfo]) -> list[_Result]:
    """Look at cases in one transaction; what one of them breaks is no matter of the others."""
    try:
        with runtime.db.begin() as connection:
            return list(_sort_each(runtime, connection, some))
    except UNREACHABLE:
        raise
    except Exception as error:
        if len(some) > 1:
            return [one for case in some for one in _sort_some(runtime, [case])]
        (case,) = some
        log.exception("A case could not be judged", case=case.case_id)
        why = f"it could not be judged: {type(error).__name__} inside the bridge"
        return [(case, SkippedCase(str(case.case_id), case.case_id, SkipKind.UNUSABLE, why))]


def _sort_each(
    runtime: Runtime, connection: Connection, some: Sequence[CaseInfo]
) -> Iterator[_Result]:
    """Each case that isn't under way: all are stored before one is judged.

    Whose a refusal is depends on who else has the phone.
    """
    ids = [case.case_id for case in some]
    cases.lock_all(connection, ids)
    busy = turns.under_way(connection, ids)
    to_judge: list[CaseInfo] = []
    for case in some:
        if case.case_id in busy:
            continue
        busy.add(case.case_id)
        odd = _unusable(runtime, connection, case)
        if odd is None:
            cases.saw_case(connection, case, runtime.clock())
            to_judge.append(case)
        else:
            yield case, odd
    for case in to_judge:
        result = _sort_case(runtime, connection, case)
        if result is not None:
            yield case, result


def _unusable(runtime: Runtime, connection: Connection, case: CaseInfo) -> SkippedCase | None:
    odd = "; ".join(case.oddities) or _odd_status(case) or _own_label(runtime, connection, case)
    if not odd:
        return None
    return SkippedCase(
        str(case.case_id), case.case_id, SkipKind.UNUSABLE, odd, may_be_moved=bool(case.oddities)
    )


def _sort_case(
    runtime: Runtime, connection: Connection, case: CaseInfo
) -> int | SkippedCase | None:
    now = runtime.clock()
    if case.next_call is not None and case.next_call > now:
        early = f"SmartAdvocate lists it as due before its next call at {case.next_call:%H:%M:%S}Z"
        return SkippedCase(str(case.case_id), case.case_id, SkipKind.EARLY, early, case.next_call)
    phone = eligibility.choice(runtime, connection, case).call
    if phone is None:
        return SkippedCase(
            str(case.case_id), case.case_id, SkipKind.REFUSED, _no_phone(runtime, connection, case)
        )
    contact = PlannedContact(case, Channel.CALL, phone)
    verdict = eligibility.decide(runtime, connection, contact, stage=decisions.POLLED)
    if verdict.permission is Permission.ALLOW:
        cases.taken_up(connection, case)
        return turns.begin(connection, case, now)
    return _skip(runtime, connection, case, verdict)


def _own_label(runtime: Runtime, connection: Connection, case: CaseInfo) -> str:
    """A label of the firm's own is nobody's to overwrite, though it may mean To Dial."""
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
        log.warning("A case is due under an unknown dialer status", label=case.label)
    return says


def _odd_status(case: CaseInfo) -> str:
    """These two can't be due."""
    if case.status in {DialerStatus.IN_THE_DIALER, DialerStatus.DO_NOT_DIAL}:
        return f"SmartAdvocate lists it as due and shows it as {case.status}"
    return ""


def _skip(
    runtime: Runtime, connection: Connection, case: CaseInfo, verdict: Decision
) -> SkippedCase:
    ends = verdict.permission is Permission.REFUSE and verdict.is_restricted_by(*_NEVER)
    if ends:
        sid = f"case-{case.case_id}"
        if not deliveries.is_on_its_way(connection, case.case_id, sid):
            close_case(runtime, connection, case.case_id, sid, verdict.why)
    if verdict.is_restricted_by(Rule.UNATTRIBUTED):
        hold_new_case(runtime, connection, case.case_id)
    kind = SkipKind.DEFERRED if verdict.permission is Permission.DEFER else SkipKind.REFUSED
    return SkippedCase(
        str(case.case_id), case.case_id, kind, verdict.why, verdict.until, may_be_moved=not ends
    )


def _no_phone(runtime: Runtime, connection: Connection, case: CaseInfo) -> str:
    over = eligibility.choice(runtime, connection, case).skipped
    reasons = "; ".join(f"…{one.number[-4:]}: {one.why}" for one in over)
    return f"no phone of it may be dialed ({reasons})"
