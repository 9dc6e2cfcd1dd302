"""The callback URLs that the bridge gives to Twilio: they hold ids, never a number or a name."""

from dataclasses import dataclass
from urllib.parse import urlencode

CALL_STATUS = "/twilio/voice/status"
MESSAGE_STATUS = "/twilio/messages/status"
ANSWER = "/twilio/voice/answer"
KEYPRESS = "/twilio/voice/keypress"
AGENT = "/twilio/voice/agent"
DIALED = "/twilio/voice/dialed"
MACHINE = "/twilio/voice/amd"
TEXT_IN = "/twilio/messages/inbound"
CALL_IN = "/twilio/voice/inbound"

RETRIES = "rc=5&rp=ct,rt,5xx&tt=15000"
"""Twilio's connection overrides (docs/reference/twilio.md#time-limits-and-retries). By default it
retries only when it can't connect, so a 5xx or a slow response would lose the callback for good.
"""


@dataclass(frozen=True)
class Urls:
    """The URLs of one attempt."""

    public_url: str
    case_id: int
    attempt: str

    def of(self, route: str, **more: str) -> str:
        """The URL of a route, with the CaseID and the attempt's id."""
        return callback_url(self.public_url, route, self.case_id, Attempt=self.attempt, **more)


def test_url(public_url: str, route: str, test: int) -> str:
    """The URL of a route for a test call or text: nothing follows from what is posted there."""
    return callback_url(public_url, route, Test=str(test))


def callback_url(public_url: str, route: str, case_id: int | None = None, **more: str) -> str:
    """The URL for Twilio; its fragment requests retries and is neither sent nor signed."""
    named = {"CaseID": str(case_id)} if case_id is not None else {}
    query = urlencode(named | more)
    return f"{public_url}{route}{'?' if query else ''}{query}#{RETRIES}"
