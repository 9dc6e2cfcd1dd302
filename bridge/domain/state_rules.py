"""The states' own calling windows and caps, from `state_rules.json`.

See docs/reference/law.md#state-windows-and-caps.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Window:
    """A daily time window in minutes after midnight; its end is exclusive."""

    opens: int
    closes: int


@dataclass(frozen=True)
class StateRule:
    """What one state requires in addition to the firm's own hours and caps."""

    state: str
    weekday: Window | None
    saturday: Window | None
    sunday: Window | None
    holiday: Window | None
    zone: str | None = None
    """The zone of the windows, if it isn't the person's own."""
    contacts_a_day: int | None = None
    disputed: bool = False
    """Whether sources disagree; then the stricter value is used."""

    def window(self, weekday: int, *, is_holiday: bool) -> Window | None:
        """The window of a day (0: Monday); None: no contact on that day."""
        if is_holiday:
            return self.holiday
        return {SATURDAY: self.saturday, SUNDAY: self.sunday}.get(weekday, self.weekday)


@dataclass(frozen=True)
class RulePack:
    """All states' rules, with the version that is stored with every decision."""

    version: str
    states: Mapping[str, StateRule]
    federal: Window


@cache
def rule_pack() -> RulePack:
    """The rules in `state_rules.json`."""
    data = json.loads(files(__package__).joinpath("state_rules.json").read_text(encoding="utf-8"))
    return RulePack(
        version=data["version"],
        states={state: _rule(state, rule) for state, rule in data["states"].items()},
        federal=_window(data["federal"]["window"]) or Window(0, 0),
    )


def _rule(state: str, rule: Mapping[str, Any]) -> StateRule:
    return StateRule(
        state=state,
        weekday=_window(rule["weekday"]),
        saturday=_window(rule["saturday"]),
        sunday=_window(rule["sunday"]),
        holiday=_window(rule["holiday"]),
        zone=rule.get("zone"),
        contacts_a_day=rule.get("contacts_a_day"),
        disputed=rule.get("disputed", False),
    )


def _window(times: list[str] | None) -> Window | None:
    if times is None:
        return None
    opens, closes = (int(time[:2]) * 60 + int(time[3:]) for time in times)
    return Window(opens, closes)
