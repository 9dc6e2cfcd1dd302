"""Reads the settings from the environment and checks them.

`load` reads and checks them all at once; a missing or malformed one is a `SettingError` of one
line. `need` is for commands that can't do without certain settings.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from bridge import setting_parsers as parse
from bridge.errors import SettingError
from bridge.settings import Settings

_BESIDE_SECRETS = frozenset(
    {
        "TWILIO_ACCOUNT_SID",
        "TWILIO_MESSAGING_SERVICE_SID",
        "TWILIO_FROM_NUMBER",
        "TWILIO_API_URL",
        "SMARTADVOCATE_URL",
    }
)
"""They are copied from next to a token or a key, which is easily pasted instead."""


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment (default: the process's own).

    An empty variable counts as unset.

    Raises:
        SettingError: the first malformed setting, with what it should look like.
    """
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        name = setting.metadata["name"]
        raw = source.get(name, "").strip()
        if not raw:
            continue
        try:
            values[setting.name] = setting.metadata["parse"](raw)
        except parse.Complaint as complaint:
            raise SettingError(f"{name} can't be used: {complaint}") from None
        except (ValueError, KeyError, TypeError, OverflowError):
            shown = f", not {raw!r}" if _may_be_shown(setting.metadata, raw) else ""
            raise SettingError(f"{name} should be {setting.metadata['form']}{shown}") from None
    if "database_url" not in values:
        home = values.get("home", Path("var"))
        values["database_url"] = f"sqlite:///{home.absolute() / 'bridge.db'}"
    return Settings(**values)


def _may_be_shown(setting: Mapping[str, Any], raw: str) -> bool:
    """Whether an error may repeat a value: not a secret, nor what may be one, or have one in it."""
    if setting["secret"] or setting["name"] in _BESIDE_SECRETS:
        return False
    return setting["parse"] is not parse.url or parse.is_plain_address(raw)


def need(settings: Settings, *required: str) -> None:
    """Make sure that the named settings are there.

    Raises:
        SettingError: names those that are missing; of the first, what it should look like.
    """
    unknown_names = set(required) - set(names())
    if unknown_names:
        raise LookupError(f"there is no setting {', '.join(sorted(unknown_names))}")
    missing = [
        setting.metadata
        for setting in fields(settings)
        if setting.metadata["name"] in required and getattr(settings, setting.name) is None
    ]
    if missing:
        first, *others = missing
        says = f"{first['name']} is missing: it should be {first['form']}"
        also = ", ".join(setting["name"] for setting in others)
        raise SettingError(f"{says}. Also missing: {also}" if also else says)


def has(settings: Settings, *required: str) -> bool:
    """Whether all of the named settings are there."""
    try:
        need(settings, *required)
    except SettingError:
        return False
    return True


def names() -> tuple[str, ...]:
    """The names of all settings, in the order in which they are explained."""
    return tuple(
        setting.metadata["name"] for setting in fields(Settings) if setting.default is not MISSING
    )
