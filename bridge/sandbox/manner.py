"""How a pretend person takes calls and texts."""

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
    """The key that is pressed when one is asked for; none: silence."""
    hangs_up: bool = False
    """Whether the call is hung up before the first prompt has ended."""
    picks_up_for_firm: bool = True
    """For the firm's own phone: whether anybody takes the call that is put through."""
    talks_for: int = 40
    """Seconds that a call which was answered is said to have lasted."""
    sip_code: int | None = None
    refuse_call: int | None = None
    """The code with which Twilio refuses to call this number."""
    refuse_text: int | None = None
    text: str = "delivered"
    """How a text to this person ends."""
    text_error: int | None = None
    reply: str | None = None
    """What the person writes when a text has arrived."""
    mute: bool = False
    """No status callback about this person ever comes through."""

    @property
    def sip(self) -> int:
        """The SIP answer to a call."""
        return self.sip_code or _SIP[self.answers]

    def detected(self, mode: str) -> str:
        """What answering-machine detection hears."""
        return _DETECTED[self.answers, mode]
