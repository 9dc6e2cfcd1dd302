"""Decides on the due cases of a list, batch by batch: which turns begin, and what is skipped.

    decide_some    a batch in one transaction; an error at one case spares the others
      _decide_all  store all of them, gather what is known, decide on each, and write it down

Whose an opt-out is depends on which cases share the phone: all cases of a batch are stored before
the first is decided on. What the batch needs is read by a few statements and written by a few more,
however many cases it has; only what is rare (a hold, a case that is closed) has statements of its
own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from bridge import eligibility
from bridge.background import Background, PlannedContact
from bridge.consent.held_cases import hold_new_case
from bridge.dialing import call_takers
from bridge.dialing.call_takers import Room
from bridge.dialing.registry_holds import notice_holds, recheck_at
from bridge.domain import unknown_labels
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.contact_facts import Facts
from bridge.domain.decisions import Decision, Permission, Rule
from bridge.domain.eligibility import decide
from bridge.domain.events import Channel
from bridge.domain.phone_choice import PhoneChoice
from bridge.phone_choices import choose, is_registered
from bridge.reporting import staff_stops
from bridge.reporting.turn_endings import close_case
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.cases import cases, saving
from bridge.store.db import UNREACHABLE, Connection, plan_for_values
from bridge.store.dialing import decisions, turns
from bridge.store.dialing.skipped import SkipKind, SkippedCase, skipped_case
from bridge.store.reporting import deliveries

CASES_A_TRANSACTION = 25

_NEVER = {Rule.OPTED_OUT, Rule.ATTEMPTS}
"""Refusals that end the case's dialing, not this number's alone."""

Result = tuple[CaseInfo, int | SkippedCase]
"""A case with the turn that begins, or with why it is skipped."""

log = structlog.get_logger(__name__)


def decide_some(runtime: Runtime, some: Sequence[CaseInfo], room: Room) -> list[Result]:
    """Decide on cases in one transaction; an error at one of them spares the others."""
    free = room.agent_first
    try:
        with runtime.db.begin() as connection:
            plan_for_values(connection)
            return _decide_all(runtime, connection, some, room)
    except UNREACHABLE:
        raise
    except Exception as error:
        room.agent_first = free
        if len(some) > 1:
            return [result for case in some for result in decide_some(runtime, [case], room)]
        (case,) = some
        log.exception("No decision on a case", case=case.case_id)
        why = f"no decision was possible: {type(error).__name__} inside the bridge"
        return [(case, skipped_case(case, SkipKind.UNUSABLE, why))]


def _decide_all(
    runtime: Runtime, connection: Connection, some: Sequence[CaseInfo], room: Room
) -> list[Result]:
    """Each case that has no turn, once: first those that can't be used, then the others."""
    ids = sorted({case.case_id for case in some})
    before = saving.lock_known(connection, ids)
    busy = turns.under_way(connection, ids)
    found: list[Result] = []
    undecided: list[CaseInfo] = []
    for case in some:
        if case.case_id in busy:
            continue
        busy.add(case.case_id)
        odd = _unusable(runtime, connection, case)
        if odd is None:
            undecided.append(case)
        else:
            found.append((case, odd))
    saving.save_each(connection, undecided, before, runtime.clock())
    batch = _Batch(runtime, connection, undecided, room)
    new = [case.case_id for case in undecided if _is_new(before.get(case.case_id))]
    return found + batch.decide(batch.stopped_before(new))


def _is_new(before: saving.Known | None) -> bool:
    """Whether SmartAdvocate shows the case for the first time."""
    return before is None or before.read_at is None


@dataclass
class _Made:
    """What a batch has decided, until it is written down."""

    decided: list[tuple[Facts, Decision]] = field(default_factory=list)
    begins: list[CaseInfo] = field(default_factory=list)
    skipped: dict[int, SkippedCase] = field(default_factory=dict)
    """By case."""


class _Batch:
    """Cases that are stored, and are decided on together."""

    def __init__(
        self, runtime: Runtime, connection: Connection, undecided: Sequence[CaseInfo], room: Room
    ) -> None:
        self._runtime, self._connection = runtime, connection
        self._cases, self._room = undecided, room
        self._now = runtime.clock()
        self._background = Background(runtime, connection, undecided)
        self._pauses = eligibility.active_pauses(runtime, connection)
        self._policy = eligibility.policy(runtime.settings)
        self._made = _Made()

    def stopped_before(self, new: Sequence[int]) -> set[int]:
        """Those of the new cases whose persons staff have stopped another case of."""
        others = {case_id: self._background.person(case_id).cases - {case_id} for case_id in new}
        known = {other for cases_of_one in others.values() for other in cases_of_one}
        stopped = set(cases.stopped(self._connection, known)) if known else set()
        return {case_id for case_id, theirs in others.items() if theirs & stopped}

    def decide(self, stopped_before: set[int]) -> list[Result]:
        """Decide on each case in turn, and write down what was decided."""
        for case in self._cases:
            if case.case_id in stopped_before:
                staff_stops.hold_new(self._runtime, self._connection, case.case_id)
                self._pauses = eligibility.active_pauses(self._runtime, self._connection)
            why = self._why_skipped(case)
            if why is None:
                self._made.begins.append(case)
            else:
                self._made.skipped[case.case_id] = why
        return self._write()

    def _write(self) -> list[Result]:
        made, connection = self._made, self._connection
        notice_holds(self._runtime, connection, made.decided)
        decisions.record_polled(connection, made.decided, self._now)
        cases.record_listed_calls(connection, [case.case_id for case in made.begins])
        begun = turns.begin(connection, made.begins, self._now)
        results: Mapping[int, int | SkippedCase] = {**begun, **made.skipped}
        return [(case, results[case.case_id]) for case in self._cases if case.case_id in results]

    def _why_skipped(self, case: CaseInfo) -> SkippedCase | None:
        """Why a case is left as it is; None: its turn begins."""
        if case.next_call is not None and case.next_call > self._now:
            at = f"{case.next_call:%H:%M:%S}Z"
            early = f"SmartAdvocate lists it as due before its next call at {at}"
            return skipped_case(case, SkipKind.EARLY, early, case.next_call)
        chosen = choose(self._background, case, self._pauses)
        if chosen.call is None:
            return self._without_phone(case, chosen)
        contact = PlannedContact(case, Channel.CALL, chosen.call)
        facts = self._background.facts(contact, self._pauses)
        decision = decide(facts, self._policy, self._now)
        self._made.decided.append((facts, decision))
        if decision.permission is Permission.ALLOW:
            if _rings_agent(decision) and not self._room.take():
                until = self._room.until
                return skipped_case(case, SkipKind.DEFERRED, call_takers.WAITS, until)
            return None
        return self._skip(case, decision)

    def _without_phone(self, case: CaseInfo, chosen: PhoneChoice) -> SkippedCase:
        reasons = "; ".join(f"…{phone.number[-4:]}: {phone.why}" for phone in chosen.skipped)
        why = f"no phone of it may be dialed ({reasons})"
        refused = skipped_case(case, SkipKind.REFUSED, why)
        if is_registered(self._background, case):
            return replace(refused, recheck_at=recheck_at(case, self._now))
        return refused

    def _skip(self, case: CaseInfo, decision: Decision) -> SkippedCase:
        runtime, connection = self._runtime, self._connection
        ends = decision.permission is Permission.REFUSE and decision.is_restricted_by(*_NEVER)
        if ends:
            sid = f"case-{case.case_id}"
            if not deliveries.is_on_its_way(connection, case.case_id, sid):
                close_case(runtime, connection, case.case_id, sid, decision.why)
        if decision.is_restricted_by(Rule.UNATTRIBUTED):
            hold_new_case(runtime, connection, case.case_id)
        kind = SkipKind.DEFERRED if decision.permission is Permission.DEFER else SkipKind.REFUSED
        left = skipped_case(
            case, kind, decision.standing_why, decision.until, may_be_moved=not ends
        )
        if decision.until is None and decision.is_restricted_by(Rule.REGISTRY):
            return replace(left, recheck_at=recheck_at(case, self._now))
        return left


def _rings_agent(decision: Decision) -> bool:
    """Whether its call will ring an agent of the firm first."""
    return decision.voice is None or not decision.voice.may_speak


def _unusable(runtime: Runtime, connection: Connection, case: CaseInfo) -> SkippedCase | None:
    odd = "; ".join(case.oddities) or _odd_status(case) or _own_label(runtime, connection, case)
    if not odd:
        return None
    return skipped_case(case, SkipKind.UNUSABLE, odd, may_be_moved=bool(case.oddities))


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
