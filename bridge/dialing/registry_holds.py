"""Leads whom the do-not-call registry holds back.

notice_holds  a list is missing, or too old: Today and `check` say so
recheck_at    when such a case is decided on again, though nothing is known to have changed
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bridge.domain.case_updates import CaseInfo
from bridge.domain.contact_facts import Facts
from bridge.domain.decisions import Decision, Permission, Rule
from bridge.domain.phones import ten_digits
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.db import Connection
from bridge.store.notices import NoticeName

_RECHECKED_AFTER = timedelta(minutes=15)
_SPREAD_SECONDS = 15 * 60


def notice_holds(
    runtime: Runtime, connection: Connection, decided: Iterable[tuple[Facts, Decision]]
) -> None:
    """Tell with which area codes leads are held, as these decisions say.

    The import of a list ends it.
    """
    held = {
        digits[:3]: restriction.reason
        for facts, decision in decided
        if decision.permission is Permission.DEFER and (digits := ten_digits(facts.phone))
        for restriction in decision.restrictions
        if restriction.rule is Rule.REGISTRY
    }
    for area_code, reason in held.items():
        says = f"Leads are held: {reason}"
        notices.add(connection, NoticeName.REGISTRY, area_code, says, runtime.clock())


def recheck_at(case: CaseInfo, now: datetime) -> datetime:
    """After 15 to 30 minutes, so that not all of them are decided on in one poll.

    They stay To Dial, and every poll lists them: thousands may be registered. An import is seen at
    once, and so are consent and an inquiry (`consent/held_leads.py`).
    """
    return now + _RECHECKED_AFTER + timedelta(seconds=case.case_id % _SPREAD_SECONDS)
