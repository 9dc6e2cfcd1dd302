"""Who has to do with the exchange: people who are called and who call, and whoever looks on."""

from typing import Protocol

from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.switchboard import SentText

REFUSALS = ("STOP", "Stop. Thank you", "UNSUBSCRIBE", "ALTO", "Parar", "basta")
"""What people of the town text who refuse. Whoever texts it has refused once it is accepted."""
LATER = "call me tomorrow"
"""What people text who ask for a call on another day."""


class People(Protocol):
    """What the exchange asks about whoever is called; the town answers."""

    def reacts(self, number: str) -> Manner:
        """How they take this call or text."""

    def calls_back(self, number: str) -> bool:
        """Whether they call in, now that they have read a text."""

    def key_of_agent(self, call: Call, path: str) -> str:
        """The key that an agent presses at a prompt with this address; empty: none."""


class Watch(Protocol):
    """Whoever wants to know what really happens on the phone."""

    def on_call(self, call: Call) -> None:
        """A call or a leg of one has begun."""

    def on_text(self, text: SentText) -> None:
        """A text was taken."""

    def on_answer(self, call: Call, document: str) -> None:
        """A person has picked up and hears this document."""

    def on_put_off(self, call: Call) -> None:
        """An agent who is rung has put the call off, and hears goodbye."""

    def on_caller(self, call: Call) -> None:
        """The bridge has picked up for a person who calls in."""

    def on_refusal(self, number: str, how: str) -> None:
        """The bridge has confirmed a refusal: of which number, and how it was said."""

    def on_end(self, call: Call) -> None:
        """A call or a leg is over."""

    def on_text_in(self, sid: str, number: str, words: str) -> None:
        """A text of a person's was accepted."""


def short(call: Call) -> str:
    """A call as the story names it."""
    return f"…{call.sid[-4:]}"
