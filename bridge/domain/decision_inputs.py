"""What a decision was based on, as it is kept with the decision: for whoever asks years later.

    decision_inputs     all of it, as plain JSON
    without_the_moment  what of it is alike as long as nothing has happened

Keys are only added, never renamed: rows of older releases stay. `evidence_sentences.py` reads both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.domain.caps import Caps, contact_gap, counted
from bridge.domain.consents import Basis
from bridge.domain.contact_facts import Facts, Pause
from bridge.domain.hours import (
    AppliedWindow,
    FirmHours,
    Holidays,
    applied_windows,
    candidate_zones,
)
from bridge.domain.state_rules import rule_pack

_OF_THE_MOMENT = frozenset({"local", "windows", "counted"})
"""What differs by the minute, or by the day, though nothing has happened."""


@dataclass(frozen=True)
class RulesInEffect:
    """The rules by which one person's contact is decided."""

    hours: FirmHours
    holidays: Holidays
    caps: Caps
    """The firm's, or stricter ones of a state."""
    max_attempts: int
    person_gap: timedelta
    version: str
    """The version of the rule pack."""
    registry: str
    """What the do-not-call registry says of the number."""


def decision_inputs(
    facts: Facts, now: datetime, rules: RulesInEffect, pauses: Iterable[Pause]
) -> dict[str, object]:
    """What a decision is based on; `pauses` are those that apply."""
    hours, caps = rules.hours, rules.caps
    gap = contact_gap(facts.past, facts.turn_id, rules.person_gap)
    return {
        "number": facts.phone[-4:],
        "campaign": facts.campaign,
        "purpose": facts.purpose.value,
        "basis": _basis(facts.basis),
        "lacks_basis": "" if facts.basis else facts.lacks_basis,
        "zones": sorted(facts.location.zones),
        "states": sorted(facts.location.states),
        "local": {
            zone: now.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
            for zone in candidate_zones(facts.location)
        },
        "windows": _windows(applied_windows(now, facts.location, hours, rules.holidays)),
        "attempts": facts.attempts,
        "max_attempts": rules.max_attempts,
        "contacts": [[contact.channel, contact.at.isoformat()] for contact in facts.past],
        "caps": list(vars(caps).values()),
        "limits": dict(vars(caps)),
        "counted": counted(now, facts.past),
        "hours": [hours.window.opens, hours.window.closes],
        "days": sorted(hours.days),
        "opt_outs": [opt_out.source for opt_out in facts.opt_outs],
        "preferences": [wanted.name for wanted in facts.preferences],
        "registry": rules.registry,
        "pauses": [f"{pause.scope} {pause.what}".strip() for pause in pauses],
        "calls_in_progress": facts.calls_in_progress,
        "gap": duration(rules.person_gap),
        "last_contact": _iso(gap.last if gap else None),
        "talked": _iso(facts.talked_at),
        "not_before": "never" if facts.closed else _iso(facts.not_before),
        "set_by_staff": facts.is_set_by_staff,
        "rules": rules.version,
        "sources": _sources(sorted(facts.location.states & hours.rules.keys())),
    }


def without_the_moment(inputs: Mapping[str, object]) -> dict[str, object]:
    """What of the inputs is alike as long as nothing has happened: repeated polls are one."""
    return {key: value for key, value in inputs.items() if key not in _OF_THE_MOMENT}


def duration(gap: timedelta) -> str:
    """A duration as settings spell it: `4h`, `90m`."""
    seconds = round(gap.total_seconds())
    units = ((86400, "d"), (3600, "h"), (60, "m"))
    size, unit = next(((size, unit) for size, unit in units if seconds % size == 0), (1, "s"))
    return f"{seconds // size}{unit}"


def _basis(basis: Basis | None) -> dict[str, object] | None:
    """What allows a machine's voice, or a text: a consent on file, or the firm's attestation."""
    return None if basis is None else {"consent": basis.consent_id, "says": basis.says}


def _windows(applied: Iterable[AppliedWindow]) -> list[dict[str, object]]:
    """Each rule's window, with the zones on whose clocks it counts."""
    zones: dict[tuple[object, ...], list[AppliedWindow]] = {}
    for each in applied:
        alike = (each.state, each.day, each.window, each.holiday)
        zones.setdefault(alike, []).append(each)
    return [
        {
            "of": on[0].state or "firm",
            "zones": [each.zone for each in on],
            "day": on[0].day.isoformat(),
            "window": [on[0].window.opens, on[0].window.closes] if on[0].window else None,
            "holiday": on[0].holiday,
        }
        for on in zones.values()
    ]


def _sources(states: Iterable[str]) -> dict[str, Any]:
    """Where the rows of these states come from, as they were read when it was decided."""
    pack = rule_pack()
    return {
        state: {
            "read": rule.provenance.read,
            "statute": rule.provenance.statute,
            "at": [
                pack.sources[letter] for letter in rule.provenance.sources if letter in pack.sources
            ],
        }
        for state in states
        if (rule := pack.states.get(state)) is not None
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
