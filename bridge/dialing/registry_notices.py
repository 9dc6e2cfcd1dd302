"""Leads that are held for want of a list of the do-not-call registry: Today and `check` say so."""

from bridge.domain.decisions import Decision, Permission, Rule
from bridge.domain.phones import E164, ten_digits
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.db import Connection
from bridge.store.notices import NoticeName


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
