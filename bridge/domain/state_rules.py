"""The states' own calling windows and caps, from `state_rules.json` (compliance.md, table 1a)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Window:
    """A daily stretch of time, in minutes after midnight; the end is outside of it."""

    opens: int
    closes: int


@dataclass(frozen=True)
class StateRule:
    """What one state asks for on top of the firm's own hours and caps."""

    state: str
    weekday: Window | None
    saturday: Window | None
    sunday: Window | None
    holiday: Window | None
    zone: str | None = None
    """The zone that the windows are meant in, where it isn't the person's own."""
    contacts_a_day: int | None = None
    disputed: bool = False
    """Sources disagree; the stricter value stands."""

    def window(self, weekday: int, *, is_holiday: bool) -> Window | None:
        """The window of a day (0: Monday); None: nobody may be reached on it."""
        if is_holiday:
            return self.holiday
        return {SATURDAY: self.saturday, SUNDAY: self.sunday}.get(weekday, self.weekday)


@dataclass(frozen=True)
class RulePack:
    """All states' rules, with the version that every verdict names."""

    version: str
    states: Mapping[str, StateRule]
    federal: Window


@cache
def rule_pack() -> RulePack:
    """The rules in `state_rules.json`."""
    kept = json.loads(files(__package__).joinpath("state_rules.json").read_text(encoding="utf-8"))
    return RulePack(
        version=kept["version"],
        states={state: _rule(state, said) for state, said in kept["states"].items()},
        federal=_window(kept["federal"]["window"]) or Window(0, 0),
    )


def _rule(state: str, said: Mapping[str, Any]) -> StateRule:
    return StateRule(
        state=state,
        weekday=_window(said["weekday"]),
        saturday=_window(said["saturday"]),
        sunday=_window(said["sunday"]),
        holiday=_window(said["holiday"]),
        zone=said.get("zone"),
        contacts_a_day=said.get("contacts_a_day"),
        disputed=said.get("disputed", False),
    )


def _window(said: list[str] | None) -> Window | None:
    if said is None:
        return None
    opens, closes = (int(one[:2]) * 60 + int(one[3:]) for one in said)
    return Window(opens, closes)
