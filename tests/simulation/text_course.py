"""The course of a text: one of the firm's to its last receipt, one of a person's to its answer."""

from typing import TYPE_CHECKING

from bridge.sandbox import script
from bridge.sandbox.fields import text_fields, text_in_fields
from bridge.sandbox.switchboard import SentText
from tests.simulation.courses import Course
from tests.simulation.parties import REFUSALS

if TYPE_CHECKING:
    from tests.simulation.exchange import Exchange


class TextCourse:
    """Plays texts of an exchange."""

    def __init__(self, exchange: "Exchange") -> None:
        self._exchange, self._tell = exchange, exchange.tell
        self._chance, self._people, self._mail = exchange.chance, exchange.people, exchange.mail

    def play(self, text: SentText) -> Course:
        """A text that the bridge has asked for."""
        manner = self._people.reacts(text.to)
        delivered = manner.text in {"delivered", "undelivered"}
        for status in ("sent", manner.text) if delivered else (manner.text,):
            yield self._chance.uniform(0.5, 6)
            text.status = status
            text.error = manner.text_error if status == manner.text else None
            self._mail.send(
                text.params["StatusCallback"][0],
                text_fields(
                    account_sid=self._exchange.account_sid,
                    sid=text.sid,
                    to=text.to,
                    status=status,
                    at=self._exchange.now(),
                    error=text.error,
                ),
            )
        text.is_over = True
        if manner.reply is not None and manner.text == "delivered":
            yield self._chance.uniform(5, 900)
            yield from self.text_in(text.to, manner.reply)
        elif manner.text == "delivered" and self._people.calls_back(text.to):
            yield self._chance.uniform(5, 900)
            self._exchange.begin_call_in(text.to)

    def text_in(self, sender: str, words: str) -> Course:
        """A person texts."""
        sid = self._exchange.new_sid("SM")
        self._tell(f"text …{sid[-4:]} from {sender}: {words!r}")
        fields = text_in_fields(
            account_sid=self._exchange.account_sid, sid=sid, sender=sender, body=words
        )
        url = f"{self._exchange.public_url}/twilio/messages/inbound"
        document = yield from self._mail.fetch(url, fields)
        if not document:
            self._tell(f"text …{sid[-4:]} from {sender}: nobody took it")
            return
        if self._chance.random() < self._mail.rates.doubled:
            yield from self._mail.fetch(url, fields)
        self._exchange.watch.on_text_in(sid, sender, words)
        script.replies(document, "text/xml")
        if words in REFUSALS:
            self._exchange.watch.on_refusal(sender, f"text {words!r}")
