"""Settings as they would be written into the environment, and never a secret.

An address has no user or password in it: `setting_parsers.url` refuses one that has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bridge.domain.caps import Caps
from bridge.domain.consents import CHANNEL_NAMES, Attestation
from bridge.domain.hours import DAYS, Window
from bridge.domain.office_hours import OfficeWeek
from bridge.settings import Settings

_UNITS = (("d", 86400), ("h", 3600), ("m", 60))


@dataclass(frozen=True)
class ShownSetting:
    """One setting."""

    name: str
    value: str
    """As it would be written; empty where it isn't set, or is a secret."""
    is_secret: bool
    is_set: bool
    """Whether it has a value that isn't the default."""
    should_be: str
    """What it should look like."""


def all_settings(settings: Settings) -> Sequence[ShownSetting]:
    """Every setting, in the order in which they are explained."""
    return [_shown(settings, setting) for setting in fields(settings)]


def written(value: Any) -> str:
    """A value as it would be written into the environment."""
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return "" if value is None else str(value)


def _shown(settings: Settings, setting: Any) -> ShownSetting:
    value, is_secret = getattr(settings, setting.name), setting.metadata["secret"]
    return ShownSetting(
        name=setting.metadata["name"],
        value="" if is_secret else written(value),
        is_secret=is_secret,
        is_set=value != setting.default,
        should_be=setting.metadata["form"],
    )


def _of_span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for unit, size in _UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s" if seconds else "0"


def _of_window(window: Window) -> str:
    return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (window.opens, window.closes))


def _of_pairs(values: Sequence[Any]) -> str:
    if all(isinstance(one, str) for one in values):
        return ", ".join(values)
    return "; ".join(
        _of_attestation(one) if isinstance(one, Attestation) else "=".join(one) for one in values
    )


def _of_attestation(attested: Attestation) -> str:
    return f"{attested.purpose}:{CHANNEL_NAMES[attested.channel]}={attested.words}"


def _of_caps(caps: Caps) -> str:
    numbers = (caps.calls_a_day, caps.texts_a_day, caps.contacts_a_day, caps.contacts_a_week)
    return ",".join(map(str, numbers))


_WRITERS: Sequence[tuple[type, Callable[[Any], str]]] = (
    (bool, lambda value: "true" if value else "false"),
    (timedelta, _of_span),
    (ZoneInfo, lambda zone: str(zone.key)),
    (Window, _of_window),
    (OfficeWeek, str),
    (Caps, _of_caps),
    (frozenset, lambda days: ",".join(day for day in DAYS if day in days)),
    (tuple, _of_pairs),
    (Path, str),
)
