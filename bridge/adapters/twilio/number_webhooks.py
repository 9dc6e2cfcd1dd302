"""Where Twilio posts what comes in at a number of the account."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Webhooks:
    """Where Twilio posts what comes in at a number; empty where nothing is set."""

    call: str
    call_method: str
    call_fallback: str
    text: str
    text_method: str
    status: str
    """Of the end of each call in."""
    call_app: str = ""
    """An application, or a SIP trunk, that takes calls instead of the address."""
    text_app: str = ""


def webhooks_of(number: Any) -> Webhooks:
    """What a number of the SDK's has."""
    return Webhooks(
        call=number.voice_url or "",
        call_method=number.voice_method or "POST",
        call_fallback=number.voice_fallback_url or "",
        text=number.sms_url or "",
        text_method=number.sms_method or "POST",
        status=number.status_callback or "",
        call_app=number.trunk_sid or number.voice_application_sid or "",
        text_app=number.sms_application_sid or "",
    )
