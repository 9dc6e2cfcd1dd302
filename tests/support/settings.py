"""The settings, as tests ask for them: a value by its name, what is said of a malformed one."""

from dataclasses import fields
from typing import Any

import pytest

from bridge.environment import load
from bridge.errors import SettingError
from bridge.settings import Settings

A_KEY = "0123456789abcdef" * 2
AGREED = {
    "DIAL_MODE": "client_first",
    "CAMPAIGN_PURPOSES": "*=client",
    "CONSENT_BASIS": "client:voice=the retainer; client:text=the retainer",
    "VOICE_PERMITS": "NE=a registration that is made up",
}
"""Everybody is a client who has agreed to be called and texted by a machine."""
FROM, FIRM = "+14025550100", "+14025550199"
DIALING = {
    "TWILIO_FROM_NUMBER": FROM,
    "FIRM_NAME": "Example & Partners",
    "FIRM_PHONE": FIRM,
    "DIAL_ENABLED": "true",
    **AGREED,
}
"""A firm that dials them."""
SECRETS = (
    "DATABASE_URL",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_AUTH_TOKEN_SECONDARY",
    "TWILIO_WEBHOOK_SHARED_KEY",
    "SMARTADVOCATE_API_KEY",
    "CONSOLE_PASSWORD",
    "CONSOLE_VIEW_PASSWORD",
    "SECRET_KEY",
    "METRICS_TOKEN",
    "SENTRY_DSN",
)


def value_of(settings: Settings, name: str) -> Any:
    (value,) = (
        getattr(settings, one.name) for one in fields(settings) if one.metadata["name"] == name
    )
    return value


def complaint(name: str, raw: str) -> str:
    with pytest.raises(SettingError) as caught:
        load({name: raw})
    return str(caught.value)
