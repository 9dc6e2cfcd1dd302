"""The rows of Plan: what is to happen, and who is held back, as people read it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.adapters.geography import locate
from bridge.console.formats import firm_zone, iso, phone_end
from bridge.domain.local_time import zone_name
from bridge.domain.phones import E164
from bridge.domain.redaction import without_numbers
from bridge.store.console import plan as store
from bridge.store.console.plan import HeldCase, HeldGroup, PlanEntry, PlanKind
from bridge.store.db import Connection

COLUMNS = ("When", "There", "Case", "Phone", "What", "Campaign", "Why")
"""Of the file."""
_IN_A_FOLD = 10
_LOOKED_AT = 150
"""So many cases of a campaign are looked at to fill the folds of its reasons."""
_WHAT = {
    PlanKind.CALL: "Call",
    PlanKind.TEXT: "Text",
    PlanKind.DUE: "Comes due",
    PlanKind.SKIPPED: "May be contacted",
}
_MOST_ZONES = 2


@dataclass(frozen=True)
class Row:
    """One thing that is to happen, as the page shows it."""

    at: datetime
    is_overdue: bool
    there: str
    """The time of day where the person is, if it is another than the firm's."""
    case_ids: Sequence[int | None]
    """More than one where the same holds several back until then."""
    phone: E164 | None
    kind: PlanKind
    what: str
    campaign: str
    why: str


@dataclass(frozen=True)
class Held:
    """Cases that are held back for one reason."""

    id: str
    campaign: str
    reason: str
    count: int
    until: datetime | None
    cases: Sequence[int | None]
    """The first of them."""


def row(entry: PlanEntry, places: Mapping[int, tuple[str, str]], now: datetime) -> Row:
    """A thing that is to happen; `places` has ZIP codes and campaigns by case."""
    zip_code, campaign = places.get(entry.case_id or 0, ("", ""))
    at = max(entry.at, now)
    return Row(
        at=at,
        is_overdue=entry.at <= now,
        there=_there(at, entry.phone, zip_code),
        case_ids=(entry.case_id,),
        phone=entry.phone,
        kind=entry.kind,
        what=_WHAT[entry.kind],
        campaign=entry.campaign or campaign,
        why=without_numbers(entry.reason),
    )


def together(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows; cases that wait for one moment and one reason stand in one."""
    shown: list[Row] = []
    for one in rows:
        last = shown[-1] if shown else None
        if last is not None and one.kind is PlanKind.SKIPPED and _is_alike(last, one):
            shown[-1] = replace(last, case_ids=(*last.case_ids, *one.case_ids))
        else:
            shown.append(one)
    return shown


def _is_alike(one: Row, other: Row) -> bool:
    return replace(one, case_ids=()) == replace(other, case_ids=())


def _there(at: datetime, phone: E164 | None, zip_code: str) -> str:
    """The time where the person is: `12:10 PM CT`; nothing where it is the firm's."""
    if phone is None:
        return ""
    here = at.astimezone(firm_zone()).utcoffset()
    zones = sorted(locate(phone, zip_code).zones)
    others = {
        f"{local:%I:%M %p}".lstrip("0") + f" {zone_name(at, local.tzinfo)}"
        for zone in zones
        if (local := at.astimezone(ZoneInfo(zone))).utcoffset() != here and local.tzinfo
    }
    return " or ".join(sorted(others)) if len(others) <= _MOST_ZONES else "in several zones"


def held(connection: Connection, groups: Sequence[HeldGroup]) -> list[Held]:
    """The groups, each with its first cases."""
    first: dict[tuple[str, str, str], list[int | None]] = {}
    for campaign in dict.fromkeys(group.campaign for group in groups):
        for case_id, kind, reason in store.first_held(connection, campaign, _LOOKED_AT):
            cases = first.setdefault((campaign, kind, reason), [])
            if len(cases) < _IN_A_FOLD:
                cases.append(case_id)
    return [
        Held(
            id=group_id(group),
            campaign=group.campaign,
            reason=without_numbers(group.reason),
            count=group.cases,
            until=group.until,
            cases=first.get((group.campaign, group.kind, group.reason), []),
        )
        for group in groups
    ]


def group_id(group: HeldGroup) -> str:
    """What names a group in the address: its reason may have a number in it."""
    said = "\0".join((group.campaign, group.kind, group.reason))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def line(one: Row) -> Sequence[object]:
    """A line of the file."""
    phone = phone_end(one.phone) if one.phone else ""
    return (iso(one.at), one.there, one.case_ids[0], phone, one.what, one.campaign, one.why)


def held_line(campaign: str, case: HeldCase) -> Sequence[object]:
    """A line of the file about somebody who is held back."""
    reason = without_numbers(case.reason)
    return (iso(case.until), "", case.case_id, "", "Held back", campaign, reason)
