"""What a list of due cases shows about SmartAdvocate itself.

asking_claims   whether asking for cases claims them: then polling stops, and they are reverted
notice_clocks   whether its clock or the zone of its dates differs from what the settings say
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import structlog

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.claims import same_minute
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.remote_clock import fitting_zone, hours_ahead_means_zone, late_by_whole_hours
from bridge.errors import BridgeError, Transient
from bridge.reporting.turn_endings import revert_listing
from bridge.runtime import Runtime
from bridge.store import notices, schedules
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import pauses, skipped, turns
from bridge.store.notices import NoticeName

ASKING = "asking"
"""The source of the pause that stops polling."""

_SAMPLE = 5
_PATIENCE = 3
_MOST_COMPARED = 200
_LATE_FROM = timedelta(minutes=45)
_AHEAD, _LATE = "ahead", "late"
_REASON = (
    "asking SmartAdvocate for cases claims them, as if its parameter Auto-change were true: it "
    "probably has another name, see `bridge check --probe` or set SMARTADVOCATE_NAMES, for example "
    "GetCasesToDial.Auto-change=AutoChange; if another bridge claimed them at that very moment, "
    "stop that one; then `bridge dial resume`"
)

log = structlog.get_logger(__name__)


def is_stopped(connection: Connection, now: datetime) -> bool:
    """Whether polling is stopped because asking claims cases."""
    return any(kept.source == ASKING for kept in pauses.active(connection, now))


def asking_claims(runtime: Runtime, remote: SmartAdvocate, listed: Sequence[CaseInfo]) -> bool:
    """Look at some cases of the first list of a process; stop everything if listing changed them.

    Raises:
        Transient: SmartAdvocate can't be asked.
    """
    if remote.listing_is_safe:
        return False
    with runtime.db.read() as connection:
        ours = turns.under_way(connection, [case.case_id for case in listed])
    others = [case for case in listed if case.case_id not in ours]
    shown = _shown(remote, others)
    if not shown:
        return False
    if not all(case.status is DialerStatus.IN_THE_DIALER for case in shown):
        _is_safe(runtime, remote)
        return False
    _stop(runtime, others)
    return True


def _is_safe(runtime: Runtime, remote: SmartAdvocate) -> None:
    remote.listing_is_safe = True
    with runtime.db.begin() as connection:
        notices.clear(connection, NoticeName.ASKING_CLAIMS)


def _stop(runtime: Runtime, listed: Sequence[CaseInfo]) -> None:
    """Nothing goes on, and every listed case is to stand as it was listed, in one transaction."""
    now = runtime.clock()
    with runtime.db.begin() as connection:
        pauses.add(connection, Pause(PauseScope.EVERYTHING, "", None, _REASON), ASKING, now)
        notices.add(connection, NoticeName.ASKING_CLAIMS, "", _REASON, now)
        for case in sorted(listed, key=lambda case: case.case_id):
            revert_listing(runtime, connection, case)
    runtime.notifier.notify()
    log.error("Asking for cases claims them: polling is stopped", cases=len(listed))


def _shown(remote: SmartAdvocate, listed: Sequence[CaseInfo]) -> list[CaseInfo]:
    """Some of the listed cases as they are shown now; one that can't be is left out.

    Raises:
        Transient: several in a row can't be shown: SmartAdvocate is unavailable.
    """
    shown: list[CaseInfo] = []
    in_a_row = 0
    for case in listed:
        try:
            shown.append(remote.case(case.case_id))
            in_a_row = 0
        except BridgeError as error:
            log.warning("Could not read a listed case", case=case.case_id, code=error.code)
            in_a_row += isinstance(error, Transient)
            if in_a_row == _PATIENCE:
                raise
        if len(shown) == _SAMPLE:
            break
    return shown


def notice_clocks(
    runtime: Runtime,
    remote: SmartAdvocate,
    campaign: str,
    listed: Sequence[CaseInfo],
    *,
    is_whole: bool,
) -> None:
    """Compare the dates of cases that are listed as due with our own clock.

    `is_whole`: the list is no longer than it could be, so that a case that it lacks isn't due.
    """
    now = runtime.clock()
    with runtime.db.begin() as connection:
        _notice_ahead(runtime, connection, remote.clock_skew, listed)
        name = f"listed-{blake2b(campaign.encode(), digest_size=8).hexdigest()}"
        before, was_whole = schedules.remember(connection, name, now, int(is_whole))
        if before is not None and was_whole:
            _notice_late(runtime, connection, campaign, listed, before)


def _notice_ahead(
    runtime: Runtime,
    connection: Connection,
    skew: timedelta | None,
    listed: Sequence[CaseInfo],
) -> None:
    now, tolerance = runtime.clock(), runtime.settings.clock_tolerance
    dated = [case for case in listed if case.next_call is not None]
    furthest = max(dated, key=lambda case: case.next_call or now, default=None)
    if furthest is None or furthest.next_call is None:
        return
    ahead = furthest.next_call - now
    if ahead <= tolerance:
        notices.clear(connection, NoticeName.ZONE, _AHEAD)
        notices.clear(connection, NoticeName.CLOCK, _AHEAD)
        return
    is_clock = skew is not None and ahead <= skew + tolerance
    seen = f"SmartAdvocate lists case {furthest.case_id} as due {_minutes(ahead)} before its date"
    if not is_clock and hours_ahead_means_zone(ahead, tolerance):
        _say_zone(runtime, connection, _AHEAD, seen, ahead)
    else:
        says = f"{seen}: its clock goes ahead of this machine's. Set both by a time server"
        if notices.add(connection, NoticeName.CLOCK, _AHEAD, says, now):
            log.warning("SmartAdvocate's clock is ahead", seconds=round(ahead.total_seconds()))


def _notice_late(
    runtime: Runtime,
    connection: Connection,
    campaign: str,
    listed: Sequence[CaseInfo],
    before: datetime,
) -> None:
    """Cases that come back only hours after the next call that the bridge had written."""
    now = runtime.clock()
    since_last = now - before
    if since_last > 3 * timedelta(seconds=runtime.settings.dial_poll_seconds):
        return  # nobody has asked meanwhile
    known = cases.written_dates(
        connection, [case.case_id for case in listed[:_MOST_COMPARED]], read_before=before
    )
    waited = {row.case_id for row in skipped.of_campaign(connection, campaign)}
    back = [
        case
        for case in listed[:_MOST_COMPARED]
        if case.next_call is not None
        and case.case_id not in waited
        and same_minute(known.get(case.case_id, now), case.next_call)
    ]
    for case in back:
        late = now - (case.next_call or now)
        hours = late_by_whole_hours(late, since_last + runtime.settings.clock_tolerance)
        if hours:
            seen = f"case {case.case_id} is listed only {hours} h after its next call was due"
            _say_zone(runtime, connection, _LATE, seen, -timedelta(hours=hours))
            return
    if any(now - (case.next_call or now) < _LATE_FROM for case in back):
        notices.clear(connection, NoticeName.ZONE, _LATE)


def _say_zone(
    runtime: Runtime, connection: Connection, which: str, seen: str, ahead: timedelta
) -> None:
    now, zone = runtime.clock(), runtime.settings.smartadvocate_zone
    fits = fitting_zone(now, zone, ahead)
    would = f"; SMARTADVOCATE_TIMEZONE={fits} would fit" if fits else ""
    says = f"{seen}: its dates are not those of SMARTADVOCATE_TIMEZONE={zone.key}{would}"
    if notices.add(connection, NoticeName.ZONE, which, says, now):
        log.error("SmartAdvocate's dates are in another time zone", zone=zone.key, fits=fits)


def _minutes(stretch: timedelta) -> str:
    hours, minutes = divmod(round(stretch.total_seconds() / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
