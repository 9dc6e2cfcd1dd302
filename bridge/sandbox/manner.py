"""How a pretend person reacts to calls and texts."""

from dataclasses import dataclass

HUMAN, MACHINE, BUSY, NO_ANSWER, FAILED = "human", "machine", "busy", "no-answer", "failed"
_SIP = {HUMAN: 200, MACHINE: 200, BUSY: 486, NO_ANSWER: 487, FAILED: 404}
_DETECTED = {
    (HUMAN, "Enable"): "human",
    (HUMAN, "DetectMessageEnd"): "human",
    (MACHINE, "Enable"): "machine_start",
    (MACHINE, "DetectMessageEnd"): "machine_end_beep",
}


@dataclass(frozen=True)
class Manner:
    """What happens when this person is called or texted."""

    answers: str = HUMAN
    key: str = ""
    """The keys pressed when the call asks for one, in turn; empty: none."""
    hangs_up: bool = False
    """Whether the person hangs up before the first prompt has ended."""
    picks_up_for_firm: bool = True
    """For the firm's own phone: whether anybody answers the call that is put through."""
    misses: int = 0
    """How many of the first calls nobody picks up."""
    talks_for: int = 40
    """Seconds that Twilio reports as the duration of an answered call."""
    sip_code: int | None = None
    refuse_call: int | None = None
    """The code with which Twilio refuses to call this number."""
    refuse_text: int | None = None
    text: str = "delivered"
    """The final status of a text to this person."""
    text_error: int | None = None
    reply: str | None = None
    """The person's reply to a text."""
    while_ringing: str | None = None
    """What the person writes while the phone rings, before picking it up."""
    mute: bool = False
    """Whether every status callback about this person is lost."""

    @property
    def sip(self) -> int:
        """The SIP answer to a call."""
        return self.sip_code or _SIP[self.answers]

    def detected(self, mode: str) -> str:
        """What answering-machine detection hears."""
        return _DETECTED[self.answers, mode]
