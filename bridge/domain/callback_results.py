"""What the web app answers from, once a callback is processed."""

from dataclasses import dataclass

from bridge.domain.call_screening import Reception
from bridge.domain.contact_facts import OptOutScope


@dataclass(frozen=True)
class CallbackResult:
    """What a callback came to, as far as whoever waits for the answer must know it.

    Empty when nothing is to be said, and when the callback could not be processed at once.
    """

    turned_away: Reception | None = None
    """How a call in is turned away; None: it is put through."""
    opt_out: OptOutScope | None = None
    """What the person's opt-out ends. It is stored, and the answer confirms it; None: it isn't
    stored, or nothing is confirmed: Twilio has answered, or the person was told already."""
    is_ready: bool = False
    """Whether an agent says, by text or by calling from the agent's phone, to be ready again."""


NOTHING = CallbackResult()
