"""The callback URLs that the bridge hands to Twilio: ids alone, never a number or a name."""

from dataclasses import dataclass
from urllib.parse import urlencode

from bridge.domain.events import Topic

CALL_STATUS = "/twilio/voice/status"
MESSAGE_STATUS = "/twilio/messages/status"
ANSWER = "/twilio/voice/answer"
KEYPRESS = "/twilio/voice/keypress"
DIALED = "/twilio/voice/dialed"
MACHINE = "/twilio/voice/amd"
TEXT_IN = "/twilio/messages/inbound"
CALL_IN = "/twilio/voice/inbound"
ROUTES: dict[Topic, str] = {
    Topic.CALL: CALL_STATUS,
    Topic.TEXT: MESSAGE_STATUS,
    Topic.ANSWERED: ANSWER,
    Topic.KEY: KEYPRESS,
    Topic.DIALED: DIALED,
    Topic.MACHINE: MACHINE,
    Topic.TEXT_IN: TEXT_IN,
    Topic.CALL_IN: CALL_IN,
}

RETRIES = "rc=5&rp=ct,rt,5xx&tt=15000"
"""Twilio's connection overrides (twilio.md, 3.3): by default it repeats a request only when it
can't connect, so that a 5xx or a slow answer would lose the callback for good."""


@dataclass(frozen=True)
class Urls:
    """The URLs of one attempt."""

    public_url: str
    case_id: int
    attempt: str

    def of(self, route: str, **more: str) -> str:
        """The URL of a route, carrying the CaseID and the attempt's id."""
        return callback_url(self.public_url, route, self.case_id, Attempt=self.attempt, **more)


def callback_url(public_url: str, route: str, case_id: int | None = None, **more: str) -> str:
    """Where Twilio is to post; the fragment asks for retries and is neither sent nor signed."""
    named = {"CaseID": str(case_id)} if case_id is not None else {}
    query = urlencode(named | more)
    return f"{public_url}{route}{'?' if query else ''}{query}#{RETRIES}"
