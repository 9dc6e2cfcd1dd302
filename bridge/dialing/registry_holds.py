"""Leads whom the do-not-call registry holds back.

notice_hold  a list is missing, or too old: Today and `check` say so
recheck_at   when such a case is decided on again, though nothing is known to have changed
"""

from datetime import datetime, timedelta

from bridge.domain.case_updates import CaseInfo
from bridge.domain.decisions import Decision, Permission, Rule
from bridge.domain.phones import E164, ten_digits
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.db import Connection
from bridge.store.notices import NoticeName

_RECHECKED_AFTER = timedelta(minutes=15)
_SPREAD_SECONDS = 15 * 60


def notice_hold(runtime: Runtime, connection: Connection, phone: E164, decision: Decision) -> None:
    """Tell that leads with this area code are held, if this decision says so.

    The import of a list ends it.
    """
    digits = ten_digits(phone)
    if decision.permission is not Permission.DEFER or digits is None:
        return
    for restriction in decision.restrictions:
        if restriction.rule is Rule.REGISTRY:
            says = f"Leads are held: {restriction.reason}"
            notices.add(connection, NoticeName.REGISTRY, digits[:3], says, runtime.clock())


def recheck_at(case: CaseInfo, now: datetime) -> datetime:
    """After 15 to 30 minutes, so that not all of them are decided on in one poll.

    They stay To Dial, and every poll lists them: thousands may be registered. An import is seen at
    once, and so are consent and an inquiry (`consent/held_leads.py`).
    """
    return now + _RECHECKED_AFTER + timedelta(seconds=case.case_id % _SPREAD_SECONDS)
