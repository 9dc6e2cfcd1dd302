"""Plays a call from the queue to its end, as the person who is called behaves."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bridge.sandbox import manner as manners
from bridge.sandbox import script
from bridge.sandbox.fields import call_fields
from bridge.sandbox.manner import Manner
from bridge.sandbox.script import DialVerb, GatherVerb, HangupVerb, RejectVerb, SayVerb, Verb

_EVENTS = {
    "initiated": "initiated",
    "ringing": "ringing",
    "in-progress": "answered",
}
_UNANSWERED = frozenset({manners.BUSY, manners.NO_ANSWER, manners.FAILED})
_CANCELED_SIP = 487


@dataclass
class Call:
    """A call, as the REST API shows it and as it is played."""

    sid: str
    to: str
    sender: str
    created_at: datetime
    at: float
    """Seconds of the machine's clock at which it was requested."""
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parent_sid: str | None = None
    inbound: bool = False
    status: str = "queued"
    ended_at: float | None = None
    """The same of its end."""
    duration: int | None = None
    answered_by: str | None = None
    heard: list[str] = field(default_factory=list)
    bridged: bool = False
    keys: list[str] = field(default_factory=list)
    sequence: int = 0
    interrupted: threading.Event = field(default_factory=threading.Event)
    """Set by an update: the call is to be ended, or to hear something else."""
    instead: list[Verb] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in {"completed", "busy", "no-answer", "failed", "canceled"}

    def param(self, name: str) -> str | None:
        """The first value of a parameter of the request."""
        return next(iter(self.params.get(name, ())), None)


class _World(Protocol):
    """What a line needs from the switchboard."""

    account_sid: str

    def now(self) -> datetime: ...
    def manner(self, number: str) -> Manner: ...
    def calls_to(self, number: str) -> int: ...
    def wait(self, call: Call, steps: float) -> bool: ...
    def record(self, call: Call) -> bool: ...
    def fetch(self, url: str, fields: Mapping[str, str]) -> list[Verb]: ...
    def post(self, url: str, fields: Mapping[str, str], *, mute: bool) -> None: ...
    def new_leg(self, parent: Call, number: str) -> Call: ...
    def rings(self, call: Call) -> None: ...
    def prompts(self, call: Call) -> None: ...


class Line:
    """One call on its way."""

    def __init__(self, world: _World, call: Call) -> None:
        self._world = world
        self._call = call
        manner = world.manner(call.to)
        is_missed = world.calls_to(call.to) <= manner.misses
        self._manner = replace(manner, answers=manners.NO_ANSWER) if is_missed else manner

    def play(self) -> None:
        """Play the call from the queue to its end."""
        call = self._call
        for status in ("initiated", "ringing"):
            if self._world.wait(call, 1):
                # Canceled: without a callback in the queue, with one while ringing.
                if call.status == "canceled" and status == "ringing":
                    self._end("canceled")
                return
            if status == "ringing":
                self._world.rings(call)
            self._post_status(status)
        if self._world.wait(call, 2):
            self._end(call.status)
            return
        if self._manner.answers in {manners.HUMAN, manners.MACHINE}:
            self._answered()
        else:
            self._end(self._manner.answers)

    def play_inbound(self, steps: list[Verb]) -> None:
        """Play a call from a person, whose document has been fetched already."""
        if steps and isinstance(steps[0], RejectVerb):
            self._call.status = steps[0].status
            return
        self._call.status = "in-progress"
        self._run(steps)
        self._call.status = "completed"

    def _answered(self) -> None:
        call = self._call
        call.keys = list(self._manner.key)
        self._post_status("in-progress")
        detecting = threading.Thread(target=self._detect, daemon=True)
        detecting.start()
        try:
            self._run(self._document())
            if self._manner.answers == manners.MACHINE and self._world.record(call):
                self._run(self._instead())
        finally:
            # A document that Twilio would refuse ends the call too.
            detecting.join()
            call.duration = self._manner.talks_for
            self._end("completed")

    def _document(self) -> list[Verb]:
        """The document that the call begins with: inline, or fetched."""
        inline = self._call.param("Twiml")
        if inline is not None:
            return script.read(inline, "text/xml")
        return self._world.fetch(self._call.param("Url") or "", self._fields("in-progress"))

    def _instead(self) -> list[Verb]:
        """The document of an update, once."""
        steps, self._call.instead = self._call.instead or [], None
        self._call.interrupted.clear()
        return steps

    def _detect(self) -> None:
        call, mode = self._call, self._call.param("MachineDetection")
        url = call.param("AsyncAmdStatusCallback")
        if mode is None or url is None:
            return
        self._world.wait(call, 1)
        call.answered_by = self._manner.detected(mode)
        found = {
            "CallSid": call.sid,
            "AccountSid": self._world.account_sid,
            "AnsweredBy": call.answered_by,
            "MachineDetectionDuration": "2400",
        }
        self._world.post(url, found, mute=False)

    def _run(self, steps: list[Verb]) -> None:
        """Play a document; keys and updates lead to others."""
        while steps:
            step, steps = steps[0], steps[1:]
            following = self._step(step)
            if following is not None:
                steps = following
            if self._world.wait(self._call, 1):
                steps = self._instead()

    def _step(self, step: Verb) -> list[Verb] | None:
        """Play a verb; return the document that it leads to, if any."""
        call = self._call
        if isinstance(step, HangupVerb):
            return []
        if isinstance(step, SayVerb):
            call.heard.append(step.words)
        elif isinstance(step, GatherVerb):
            call.heard.append(step.words)
            self._world.prompts(call)
            if self._manner.hangs_up:
                return []
            # A machine presses nothing, which Twilio treats as silence.
            key = call.keys.pop(0) if call.keys else ""
            if key or step.on_silence:
                return self._world.fetch(step.action, self._fields("in-progress") | {"Digits": key})
        elif isinstance(step, DialVerb):
            return self._dial(step)
        return None

    def _dial(self, step: DialVerb) -> list[Verb]:
        leg = self._world.new_leg(self._call, step.number)
        other = self._world.manner(step.number)
        answers = other.answers == manners.HUMAN and other.picks_up_for_firm
        # If nobody at the firm picks up, the phone rings out.
        unanswered = other.answers if other.answers in _UNANSWERED else "no-answer"
        status = "completed" if answers else unanswered
        events: list[tuple[str, dict[str, str]]] = [("initiated", {}), ("ringing", {})]
        events += [("in-progress", {})] if answers else []
        lasted = str(min(other.talks_for, step.longest) if answers else 0)
        sip = str(other.sip if status in {"completed", other.answers} else _CANCELED_SIP)
        events += [(status, {"CallDuration": lasted, "SipResponseCode": sip})]
        subscribed = [
            (word, more) for word, more in events if _EVENTS.get(word, "completed") in step.events
        ]
        for sequence, (word, more) in enumerate(subscribed):
            if step.status_url:
                fields = self._fields(word, leg, sequence, **more)
                self._world.post(step.status_url, fields, mute=other.mute)
        leg.status, leg.duration = status, int(lasted)
        leg.bridged = self._call.bridged = answers
        dialed = {
            "DialCallSid": leg.sid,
            "DialCallStatus": status,
            "DialCallDuration": lasted,
            "DialBridged": str(answers).lower(),
        }
        return self._world.fetch(step.action, self._fields("in-progress") | dialed)

    def _end(self, status: str) -> None:
        call = self._call
        if not call.is_over:
            call.status = status
        call.ended_at = time.monotonic()
        sip = _CANCELED_SIP if call.status == "canceled" else self._manner.sip
        facts = {"CallDuration": str(call.duration or 0), "SipResponseCode": str(sip)}
        if call.answered_by is not None:
            facts["AnsweredBy"] = call.answered_by
        self._post_status(call.status, **facts)

    def _post_status(self, status: str, **more: str) -> None:
        """Post a status callback, if the request has subscribed to it."""
        call = self._call
        if not call.is_over:
            call.status = status
        url = call.param("StatusCallback")
        subscribed = call.params.get("StatusCallbackEvent") or ["completed"]
        if url and _EVENTS.get(status, "completed") in subscribed:
            fields = self._fields(status, None, call.sequence, **more)
            call.sequence += 1
            self._world.post(url, fields, mute=self._manner.mute)

    def _fields(
        self, status: str, leg: Call | None = None, sequence: int | None = None, **more: str
    ) -> dict[str, str]:
        call = leg or self._call
        fields = call_fields(
            account_sid=self._world.account_sid,
            sid=call.sid,
            to=call.to,
            sender=call.sender,
            status=status,
            at=self._world.now(),
            **more,
        )
        fields["Direction"] = "outbound-api"
        if call.inbound:
            fields["Direction"] = "inbound"
        if call.parent_sid:
            fields |= {"ParentCallSid": call.parent_sid, "Direction": "outbound-dial"}
        if sequence is not None:
            fields |= {"SequenceNumber": str(sequence), "CallbackSource": "call-progress-events"}
        return fields
