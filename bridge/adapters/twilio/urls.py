"""The callback URLs that the bridge hands to Twilio."""

from urllib.parse import urlencode

CALL_STATUS = "/twilio/voice/status"
MESSAGE_STATUS = "/twilio/messages/status"

RETRIES = "rc=5&rp=ct,rt,5xx&tt=15000"
"""Twilio's connection overrides (twilio.md, 3.3): by default it repeats a request only when it
can't connect, so that a 5xx or a slow answer would lose the callback for good."""


def callback_url(public_url: str, route: str, case_id: int | None = None) -> str:
    """Where Twilio is to post; the fragment asks for retries and is neither sent nor signed."""
    query = f"?{urlencode({'CaseID': case_id})}" if case_id is not None else ""
    return f"{public_url}{route}{query}#{RETRIES}"
