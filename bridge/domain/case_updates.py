"""What UpdateCaseStatus has to say, given what stands in the case right now.

Rules: Attempts counts on from the case's own number; what would change nothing is not written;
a case that says Do not Dial stays so and gets the disposition alone, and the count of a call that
the bridge placed itself, unless somebody at the firm has asked for a next call knowing that. A
label of the firm's own that the bridge doesn't know is nobody's to overwrite
(docs/reference/smartadvocate.md#updatecasestatus).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.domain.backoff import whole_minute
from bridge.domain.claims import may_be_claim, same_minute
from bridge.domain.outcomes import Disposition

MOST_ATTEMPTS = 20
"""SmartAdvocate has labels for 0 to 20 attempts and none beyond."""


_WRITING = timedelta(seconds=30)
"""An update may be so long under way."""


class DialerStatus(StrEnum):
    """SmartAdvocate's Dialer Status, in its typical spelling."""

    TO_DIAL = "To Dial"
    IN_THE_DIALER = "In the Dialer"
    DO_NOT_DIAL = "Do not Dial"


@dataclass(frozen=True, slots=True)
class CasePhone:
    """A phone of a case as SmartAdvocate gives it: the number is raw."""

    number: str
    name: str = ""
    primary: bool = False
    text: bool = False


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """A case as SmartAdvocate shows it now."""

    case_id: int
    status: DialerStatus | None
    """None when the firm's label is blank or none that the bridge knows."""
    attempts: int
    next_call: datetime | None
    phones: tuple[CasePhone, ...] = ()
    campaign: str = ""
    zip_code: str = ""
    oddities: tuple[str, ...] = ()
    """What of it could not be read as it should be, in words for an operator."""
    label: str = ""
    """The dialer status as the firm spells it."""

    @property
    def has_own_label(self) -> bool:
        """Whether the firm has given it a dialer status that the bridge doesn't know."""
        return self.status is None and bool(self.label)


class Wish(StrEnum):
    """How the case stood when somebody at the firm asked for its next call."""

    MOVES = "moves"
    """To Dial: its date moves."""
    REOPENS = "reopens"
    """Do not Dial, or nothing: it is to be called after all."""


@dataclass(frozen=True)
class CaseReport:
    """What one or several ended calls ask to be written on the case."""

    disposition: Disposition | None
    """None when a newer call's disposition stands already."""
    next_call: datetime | None
    """When to dial again; None: never, the person was reached."""
    attempts_made: int
    """How many calls this report counts."""
    counted_from: int | None = None
    """The Attempts that an earlier try counted on from, when one was made: counting again from
    what stands there now would count twice if that try had been taken after all."""
    was_left_alone: bool = False
    """Whether that try found the case Do not Dial: it is not what the try has made of it."""
    overtook: bool = False
    """Whether it speaks for an earlier report too: that one's lost try said less than this."""
    may_reopen: bool = True
    """False for a call older than the newest one told: it never sets the case To Dial."""
    attempts_ours: int = 0
    """How many of them the bridge itself placed: these count whatever the case's status says."""
    claim: datetime | None = None
    """The NextCall of the claim that is taken back: a case that shows another is left alone."""
    as_listed: bool = False
    """Whether the next call is the firm's own date, given back after asking had changed it."""
    wish: Wish | None = None
    """Set where somebody at the firm has asked for this next call at the console."""


@dataclass(frozen=True)
class CaseUpdate:
    """One entry of UpdateCaseStatus: the fields that change, and no others."""

    case_id: int
    status: DialerStatus | None = None
    next_call: datetime | None = None
    attempts: int | None = None
    disposition: Disposition | None = None


@dataclass(frozen=True)
class UpdatePlan:
    """The update to write (None: nothing would change) and how the case stands after it."""

    update: CaseUpdate | None
    status: DialerStatus | None
    next_call: datetime | None
    attempts: int
    gave_up: bool = False
    """The case became Do not Dial because it has had all its attempts."""
    left_alone: bool = False
    """The case said Do not Dial already, or something of the firm's own, and stays so."""
    label: str = ""
    """The firm's own label that was left alone, if it was one."""


def plan_update(
    case: CaseInfo,
    report: CaseReport,
    *,
    max_attempts: int,
    now: datetime,
    may_undo: bool = False,
    is_wished: bool = False,
) -> UpdatePlan:
    """Compare the report with the case and keep what changes.

    `max_attempts` is DIAL_MAX_ATTEMPTS; `now` goes out with Do not Dial, as the API wants.
    `may_undo`: the Do not Dial that stands there is what was told of this very call, on less than
    is known now; nobody else's is ever undone. `is_wished`: staff have set the date of the next
    call that stands there; it stays.
    """
    if case.has_own_label or _is_anothers(case, report) or _comes_too_late(case, report):
        return _leave_alone(case, report, case.attempts)
    base = case.attempts if report.counted_from is None else report.counted_from
    attempts = max(case.attempts, min(base + report.attempts_made, MOST_ATTEMPTS))
    exhausted = attempts >= min(max_attempts, MOST_ATTEMPTS)
    final = report.next_call is None or exhausted
    if case.status is DialerStatus.DO_NOT_DIAL and not (may_undo or report.wish is Wish.REOPENS):
        is_ours = report.counted_from is not None and not report.was_left_alone
        if not (is_ours and final and attempts == case.attempts):
            ours = min(base + report.attempts_ours, MOST_ATTEMPTS)
            return _leave_alone(case, report, max(case.attempts, ours))
    status: DialerStatus | None
    next_call: datetime | None
    if final:
        status, next_call = DialerStatus.DO_NOT_DIAL, now
    elif report.may_reopen and (report.wish or not (is_wished and _is_to_come(case, now))):
        status, next_call = DialerStatus.TO_DIAL, report.next_call
    else:
        status, next_call = case.status, case.next_call
    return UpdatePlan(
        _changes(case, status, next_call, attempts, report),
        status,
        next_call,
        attempts,
        gave_up=exhausted and report.next_call is not None,
    )


def to_come(
    report: CaseReport, case: CaseInfo, now: datetime, tolerance: timedelta
) -> datetime | None:
    """The report's next call as it may be written: NextCall never lies in the past.

    But the firm's own date is given back as it was: nothing is to show that it was ever changed.

    A report may be delivered long after its next call has come. The case is due then: its next
    call is the first minute that has not come by SmartAdvocate's clock either, should that be
    ahead of ours by `tolerance` (SMARTADVOCATE_CLOCK_TOLERANCE). What stands there already, or was
    written by an earlier try, isn't written again.
    """
    asked = report.next_call
    if asked is None or report.as_listed or asked >= now + _WRITING:
        return asked
    shown = case.next_call if case.status is DialerStatus.TO_DIAL else None
    was_tried = report.counted_from is not None
    if shown is not None and (shown == asked or (was_tried and shown > asked)):
        return shown
    return soonest(now, tolerance)


def soonest(now: datetime, tolerance: timedelta) -> datetime:
    """The first whole minute that is still to come when it is written, by either clock."""
    return whole_minute(now + max(tolerance, _WRITING))


def _leave_alone(case: CaseInfo, report: CaseReport, attempts: int) -> UpdatePlan:
    counted = attempts if attempts != case.attempts else None
    update = CaseUpdate(case.case_id, attempts=counted, disposition=report.disposition)
    return UpdatePlan(
        update if report.disposition or counted else None,
        case.status,
        case.next_call,
        attempts,
        left_alone=True,
        label=case.label if case.has_own_label else "",
    )


def _is_anothers(case: CaseInfo, report: CaseReport) -> bool:
    """Whether a claim is to be taken back that doesn't stand there, or no more."""
    if report.claim is None:
        return False
    claimed = case.status is DialerStatus.IN_THE_DIALER
    return not (claimed and may_be_claim(case.next_call, report.claim))


def _comes_too_late(case: CaseInfo, report: CaseReport) -> bool:
    """Whether a next call was asked for of a case that is being dialed by now.

    Not where it speaks for what ended the dialing, too.
    """
    is_alone = report.wish is not None and not report.overtook
    return is_alone and case.status is DialerStatus.IN_THE_DIALER


def _is_to_come(case: CaseInfo, now: datetime) -> bool:
    to_dial = case.status is DialerStatus.TO_DIAL
    return to_dial and case.next_call is not None and case.next_call > now


def stands_already(update: CaseUpdate, case: CaseInfo) -> bool | None:
    """Whether a case that is read back shows an update; None when nothing of it can be seen.

    GetCaseInfo shows no disposition (docs/reference/smartadvocate.md#getcaseinfo).
    """
    seen = []
    if update.status is not None:
        seen.append(case.status is update.status)
    if update.next_call is not None:
        shown = case.next_call
        seen.append(shown is not None and same_minute(shown, update.next_call))
    if update.attempts is not None:
        seen.append(case.attempts == update.attempts)
    return all(seen) if seen else None


def _changes(
    case: CaseInfo,
    status: DialerStatus | None,
    next_call: datetime | None,
    attempts: int,
    report: CaseReport,
) -> CaseUpdate | None:
    moved = status is DialerStatus.TO_DIAL and next_call != case.next_call
    restated = status if status is not case.status or moved else None
    counted = attempts if attempts != case.attempts else None
    tried = report.counted_from is not None and not report.overtook
    if restated is None and counted is None and tried:
        return None  # the earlier try was taken: its answer was lost, not the update
    if restated is None and counted is None and report.disposition is None:
        return None
    return CaseUpdate(
        case.case_id,
        status=restated,
        next_call=next_call if restated else None,
        attempts=counted,
        disposition=report.disposition,
    )


def correct(earlier: CaseReport, later: CaseReport) -> CaseReport:
    """One report for two of the same call: the later one knew more."""
    return replace(
        later,
        disposition=later.disposition or earlier.disposition,
        attempts_made=earlier.attempts_made + later.attempts_made,
        attempts_ours=earlier.attempts_ours + later.attempts_ours,
        counted_from=earlier.counted_from,
        was_left_alone=earlier.was_left_alone,
        overtook=True,
    )


def overtake(earlier: CaseReport, later: CaseReport) -> CaseReport:
    """One report that says what both would have said, one after the other.

    A person who was reached, or has refused, stays so: what came after adds its disposition, and
    counts when the bridge itself placed it. But a next call that the firm has asked for is made.
    """
    if earlier.next_call is None and later.wish is None:
        attempts, next_call = earlier.attempts_made + later.attempts_ours, None
    else:
        attempts, next_call = earlier.attempts_made + later.attempts_made, later.next_call
    return replace(
        later,
        disposition=later.disposition or earlier.disposition,
        next_call=next_call,
        attempts_made=attempts,
        counted_from=earlier.counted_from,
        was_left_alone=earlier.was_left_alone,
        overtook=True,
        attempts_ours=earlier.attempts_ours + later.attempts_ours,
        claim=_common_claim(earlier, later),
    )


def _common_claim(earlier: CaseReport, later: CaseReport) -> datetime | None:
    """Two that only take back a claim still do; an outcome among them is told in any case."""
    return later.claim if earlier.claim is not None else None
