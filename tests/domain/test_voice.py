"""Whether a machine may speak to a person, by tables and by an oracle written apart."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.consents import Basis
from bridge.domain.contact_facts import Facts
from bridge.domain.events import Channel
from bridge.domain.hours import Location
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.domain.state_rules import RecordedVoiceRule, rule_pack
from bridge.domain.voice import VoicePolicy, decide_voice, decide_voice_at_answer

PACK = rule_pack()
CHICAGO = frozenset({"America/Chicago"})
NEW_YORK = frozenset({"America/New_York"})
CONSENT = Basis(3, "consent of 2026-03-02 (web form)")
ATTESTED = Basis(None, "the firm's attestation: the retainer")
CLIENT_FIRST = VoicePolicy(is_wanted=True, pack=PACK)
MONDAY_NOON = datetime(2026, 11, 23, 17, 1, tzinfo=UTC)
"""12:01 PM in New York, 11:01 AM in Chicago."""


def facts(
    *states: str, zones: Iterable[str] = CHICAGO, basis: Basis | None = CONSENT, **more: Any
) -> Facts:
    where = Location(frozenset(zones), frozenset(states))
    known = {"purpose": Purpose.CLIENT, "basis": basis} | more
    return Facts(7, "Intake", Channel.CALL, E164("+14025550107"), 0, where, **known)


# fmt: off
TABLE = [
    # Nothing on file, or nothing wanted.
    (CLIENT_FIRST, facts("IL"), ""),
    (CLIENT_FIRST, facts("IL", basis=ATTESTED), ""),
    (CLIENT_FIRST, facts("IL", basis=None, lacks_basis="none is on file"), "none is on file"),
    (VoicePolicy(pack=PACK), facts("IL"), "DIAL_MODE is agent_first"),
    (CLIENT_FIRST, facts("IL", held_to_agent_first="too many abandoned"), "too many"),
    # One state's demand at a time.
    (CLIENT_FIRST, facts("IN"), ""),
    (CLIENT_FIRST, facts("IN", basis=ATTESTED), "IN wants the person's own consent"),
    (CLIENT_FIRST, facts("MS", basis=ATTESTED), "MS wants the person's own consent"),
    (CLIENT_FIRST, facts("ND", basis=ATTESTED), "ND wants the person's own consent"),
    (CLIENT_FIRST, facts("TX"), "TX wants a permit"),
    (CLIENT_FIRST, facts("NE"), "NE wants a permit"),
    (replace(CLIENT_FIRST, permits={"TX": "permit 12"}), facts("TX"), ""),
    (replace(CLIENT_FIRST, permits={"NE": "permit 12"}), facts("TX"), "TX wants a permit"),
    (CLIENT_FIRST, facts("WA"), ""),
    (CLIENT_FIRST, facts("WA", purpose=Purpose.LEAD), "WA allows no machine's voice"),
    (CLIENT_FIRST, facts("ME", zones=NEW_YORK), ""),
    # Every possible state counts; so does every state where none is known.
    (CLIENT_FIRST, facts("IL", "TX"), "TX wants a permit"),
    (CLIENT_FIRST, facts(), "NE wants a permit for it, and VOICE_PERMITS names none; TX wants"),
    (CLIENT_FIRST, facts("IN", "TX", basis=ATTESTED), "is on file; TX wants a permit"),
    # Without the states' rules.
    (replace(CLIENT_FIRST, pack=None), facts("TX", "WA", purpose=Purpose.LEAD), ""),
]
# fmt: on


@pytest.mark.parametrize(("policy", "known", "obstacle"), TABLE)
def test_may_a_machine_speak(policy: VoicePolicy, known: Facts, obstacle: str) -> None:
    decided = decide_voice(known, policy, MONDAY_NOON)
    assert decided.may_speak is (obstacle == "")
    assert obstacle in decided.why
    assert decided.inputs == {
        "first": "client" if decided.may_speak else "agent",
        "why": decided.why,
    }


def test_it_says_what_it_leans_on() -> None:
    policy = replace(CLIENT_FIRST, permits={"TX": "permit 12", "NE": "unused"})
    decided = decide_voice(facts("TX"), policy, MONDAY_NOON)
    assert decided.leans_on == ("consent of 2026-03-02 (web form)", "TX permit: permit 12")


def _at(day: date, time: str, zone: str) -> datetime:
    hour, minute = map(int, time.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))


MONDAY, SATURDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 28), date(2026, 11, 29)
# fmt: off
HOURS = [
    # state, zone, day, time, when it is placed, when it is answered
    ("ME", "America/New_York", MONDAY, "09:04", False, True),
    ("ME", "America/New_York", MONDAY, "09:05", True, True),
    ("ME", "America/New_York", MONDAY, "16:49", True, True),
    ("ME", "America/New_York", MONDAY, "16:50", False, True),
    ("ME", "America/New_York", MONDAY, "16:59", False, True),
    ("ME", "America/New_York", MONDAY, "17:00", False, False),
    ("ME", "America/New_York", SATURDAY, "12:00", False, False),
    ("SC", "America/New_York", SUNDAY, "18:00", True, True),
    ("SC", "America/New_York", SUNDAY, "19:00", False, False),
    ("CA", "America/Los_Angeles", MONDAY, "08:59", False, False),
    ("CA", "America/Los_Angeles", MONDAY, "12:00", True, True),
    ("NV", "America/Los_Angeles", MONDAY, "20:00", False, False),
]
# fmt: on


@pytest.mark.parametrize(("state", "zone", "day", "time", "placed", "answered"), HOURS)
def test_hours_for_a_machines_voice(
    state: str, zone: str, day: date, time: str, placed: bool, answered: bool
) -> None:
    """Nothing begins right at an end of the hours; what has begun may speak until their end."""
    known, now = facts(state, zones=[zone]), _at(day, time, zone)
    assert decide_voice(known, CLIENT_FIRST, now).may_speak is placed
    if time != "09:04":
        assert decide_voice_at_answer(known, CLIENT_FIRST, now).may_speak is answered


def test_what_the_firm_would_rather_have_is_for_new_calls() -> None:
    held = facts("IL", held_to_agent_first="too many abandoned")
    for policy, known in ((CLIENT_FIRST, held), (VoicePolicy(pack=PACK), facts("IL"))):
        assert not decide_voice(known, policy, MONDAY_NOON).may_speak
        assert decide_voice_at_answer(known, policy, MONDAY_NOON).may_speak
    gone = facts("IL", basis=None)
    assert not decide_voice_at_answer(gone, CLIENT_FIRST, MONDAY_NOON).may_speak


def test_the_hours_of_south_dakota_are_for_solicitation() -> None:
    saturday = _at(SATURDAY, "12:00", "America/Chicago")
    client, lead = facts("SD"), facts("SD", purpose=Purpose.LEAD)
    assert decide_voice(client, CLIENT_FIRST, saturday).may_speak
    assert not decide_voice(lead, CLIENT_FIRST, saturday).may_speak


# An oracle that reads the rows by itself, minute by minute.

_ROWS: Mapping[str, Any] = json.loads(
    files("bridge.domain").joinpath("state_rules.json").read_bytes()
)["recorded_voice"]
_DAY_KEYS = ["weekday"] * 5 + ["saturday", "sunday"]
_STATES = [*sorted(_ROWS), "IL", "GA"]
_ZONES = ["America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles"]


def _allowed(row: Any, state: str, known: Facts, permits: Mapping[str, str], at: datetime) -> bool:
    if row["applies_to"] == "solicitation" and known.purpose is Purpose.CLIENT:
        return True
    if row["demand"] == "hours":
        return all(_within(row, at.astimezone(ZoneInfo(zone))) for zone in known.location.zones)
    own = known.basis is not None and known.basis.consent_id is not None
    return {"consent": own, "permit": state in permits, "ban": False}[row["demand"]]


def _within(row: Any, local: datetime) -> bool:
    window = row[_DAY_KEYS[local.weekday()]]
    if window is None:
        return False
    # Wall clock times: five minutes after the first, ten before the last.
    opens, closes = (int(edge[:2]) * 60 + int(edge[3:]) for edge in window)
    return opens + 5 <= local.hour * 60 + local.minute < closes - 10


@given(
    states=st.sets(st.sampled_from(_STATES), max_size=3),
    zones=st.sets(st.sampled_from(_ZONES), min_size=1, max_size=2),
    purpose=st.sampled_from(Purpose),
    basis=st.sampled_from([None, CONSENT, ATTESTED]),
    held=st.sampled_from(["", "", "held"]),
    permits=st.dictionaries(st.sampled_from(["TX", "NE"]), st.just("a permit")),
    wanted=st.sampled_from([True, True, True, False]),
    minutes=st.integers(0, 60 * 24 * 400),
)
def test_like_the_oracle(
    states: set[str],
    zones: set[str],
    purpose: Purpose,
    basis: Basis | None,
    held: str,
    permits: dict[str, str],
    wanted: bool,
    minutes: int,
) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    known = facts(*states, zones=zones, basis=basis, purpose=purpose, held_to_agent_first=held)
    policy = VoicePolicy(wanted, PACK, permits)
    possible = states or set(_ROWS)
    expected = (
        wanted
        and not held
        and basis is not None
        and all(
            _allowed(_ROWS[state], state, known, permits, at)
            for state in possible
            if state in _ROWS
        )
    )
    decided = decide_voice(known, policy, at)
    assert decided.may_speak is expected
    assert decided.why
    # Whoever may be rung first may be greeted ten minutes later.
    if expected:
        assert decide_voice_at_answer(known, policy, at + timedelta(minutes=9)).may_speak


def test_every_demand_has_a_row() -> None:
    rules: Iterable[RecordedVoiceRule] = PACK.recorded_voice.values()
    assert {str(rule.demand) for rule in rules} == {"hours", "consent", "permit", "ban"}
