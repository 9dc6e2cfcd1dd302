"""A next call is written for when its person wants to be reached (`domain/preferences.py`).

when_wanted   a report with its next call moved there

Whatever is written, eligibility decides at the time: this is for whoever reads it in SmartAdvocate.
"""

from dataclasses import replace

from bridge.domain import preferences
from bridge.domain.backoff import whole_minute
from bridge.domain.case_updates import CaseInfo, CaseReport
from bridge.eligibility import place_of_next_call
from bridge.runtime import Runtime
from bridge.store.cases import identity
from bridge.store.consent import preferences as stored
from bridge.store.db import Connection


def when_wanted(
    runtime: Runtime, connection: Connection, case: CaseInfo, report: CaseReport
) -> CaseReport:
    """The report with its next call at the first moment that the hours and days they want allow.

    A date of the firm's own stays, and so does one that has come.
    """
    at = report.next_call
    if report.as_listed or report.wish or at is None or at <= runtime.clock():
        return report
    who = identity.identify(connection, case.case_id, None, runtime.settings.own_numbers)
    wanted = stored.in_effect(connection, who)
    place = place_of_next_call(runtime, connection, case) if wanted else None
    held = preferences.holding_back(wanted, at, place.zones) if place else None
    if held is None or held.until is None:
        return report
    return replace(report, next_call=whole_minute(held.until))
