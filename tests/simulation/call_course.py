"""The course of a call, from the queue to its last callback, as its person takes it."""

from collections.abc import Generator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bridge.sandbox import manner as manners
from bridge.sandbox import script
from bridge.sandbox.fields import FIRM_NUMBER, call_fields
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.script import DialVerb, GatherVerb, HangupVerb, RejectVerb, SayVerb, Verb
from tests.simulation.courses import Course
from tests.simulation.parties import short

if TYPE_CHECKING:
    from tests.simulation.exchange import Exchange

_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


class CallCourse:
    """Plays calls of an exchange."""

    def __init__(self, exchange: "Exchange") -> None:
        self._exchange, self._tell = exchange, exchange.tell
        self._agenda, self._chance = exchange.agenda, exchange.chance
        self._people, self._mail = exchange.people, exchange.mail
        self._answered_at: dict[str, datetime] = {}
        self._manners: dict[str, Manner] = {}

    def play(self, call: Call) -> Course:
        """A call that the bridge has asked for."""
        manner = self._manners[call.sid] = self._people.reacts(call.to)
        yield self._chance.uniform(0.2, 1.5)
        for status in ("initiated", "ringing"):
            if call.interrupted.is_set():
                # Canceled: without a callback in the queue, with one while it rings.
                self._over(call, "canceled", told=status == "ringing")
                return
            self._report(call, status)
            yield self._chance.uniform(0.3, 1.5)
        if manner.while_ringing:
            self._exchange.begin_text_in(call.to, manner.while_ringing)
        yield self._rings_for(call, manner)
        if call.interrupted.is_set():
            self._over(call, "canceled")
        elif manner.answers in {manners.HUMAN, manners.MACHINE}:
            yield from self._answered(call, manner)
        else:
            self._over(call, manner.answers)

    def _rings_for(self, call: Call, manner: Manner) -> float:
        if manner.answers in {manners.BUSY, manners.FAILED}:
            return 1
        if manner.answers == manners.NO_ANSWER:
            return float(call.param("Timeout") or 25)
        return self._chance.uniform(3, 18)

    def _answered(self, call: Call, manner: Manner) -> Course:
        call.keys = list(manner.key)
        self._answered_at[call.sid] = self._agenda.now
        self._report(call, "in-progress")
        if call.param("AsyncAmdStatusCallback"):
            self._agenda.after(self._chance.uniform(2, 5), partial(self._detect, call, manner))
        document = yield from self._mail.fetch(
            call.param("Url") or "", self._fields(call, "in-progress")
        )
        self._exchange.watch.on_answer(call, document)
        yield from self._run(call, manner, _verbs(document))
        if manner.answers == manners.MACHINE and not call.interrupted.is_set():
            yield self._chance.uniform(5, 40)
            yield from self._run(call, manner, self._instead(call))
        self._over(call, "completed")

    def _detect(self, call: Call, manner: Manner) -> None:
        call.answered_by = manner.detected(call.param("MachineDetection") or "Enable")
        found = {
            "CallSid": call.sid,
            "AccountSid": self._exchange.account_sid,
            "AnsweredBy": call.answered_by,
            "MachineDetectionDuration": "2400",
        }
        self._mail.send(call.param("AsyncAmdStatusCallback") or "", found)

    def _instead(self, call: Call) -> list[Verb]:
        steps, call.instead = call.instead or [], None
        call.interrupted.clear()
        return steps

    def _run(self, call: Call, manner: Manner, steps: list[Verb]) -> Course:
        while steps:
            step, steps = steps[0], steps[1:]
            if isinstance(step, HangupVerb):
                return
            if isinstance(step, SayVerb):
                call.heard.append(step.words)
                yield len(step.words) / 15
            elif isinstance(step, GatherVerb):
                following = yield from self._gather(call, manner, step)
                if following is not None:
                    steps = following
            elif isinstance(step, DialVerb):
                steps = yield from self._dial(call, step)
            if call.interrupted.is_set():
                steps = self._instead(call)

    def _gather(
        self, call: Call, manner: Manner, step: GatherVerb
    ) -> Generator[float, None, list[Verb] | None]:
        call.heard.append(step.words)
        if manner.hangs_up:
            yield 2
            return []
        key = self._people.key_of_agent(call, urlsplit(step.action).path)
        if not key and call.keys:
            key = call.keys.pop(0)
        yield len(step.words) / 15 if key else len(step.words) / 15 + 5
        if call.interrupted.is_set() or not (key or step.on_silence):
            return None
        fields = self._fields(call, "in-progress") | {"Digits": key}
        self._tell(
            f"call {short(call)}: {call.sender if call.inbound else call.to}"
            f" presses {key or 'nothing'}"
        )
        if key in {"2", "3"} and step.action.partition("?")[0].endswith("keypress"):
            self._exchange.watch.on_put_off(call)
        document = yield from self._mail.fetch(step.action, fields)
        if key == "9" and "will not be" in document:
            self._exchange.watch.on_refusal(call.sender if call.inbound else call.to, "key 9")
        if key == "4" and "is noted" in document:
            self._exchange.watch.on_refusal(self._person_of(call), "agent's key 4")
        return _verbs(document)

    def _person_of(self, call: Call) -> str:
        return next((leg.to for leg in self._exchange.legs_of(call)), "")

    def _dial(self, call: Call, step: DialVerb) -> Generator[float, None, list[Verb]]:
        leg = self._exchange.new_call(step.number, FIRM_NUMBER, {}, parent_sid=call.sid)
        manner = self._people.reacts(leg.to)
        self._tell(f"call {short(call)}: leg {short(leg)} to {leg.to}")
        self._exchange.watch.on_call(leg)
        sequence = 0

        def report(status: str, **more: str) -> None:
            nonlocal sequence
            leg.status = status
            if step.status_url and _EVENTS.get(status, "completed") in step.events:
                fields = self._fields(leg, status, **more)
                fields |= {"SequenceNumber": str(sequence)}
                self._mail.send(step.status_url, fields)
                sequence += 1

        for status in ("initiated", "ringing"):
            report(status)
            yield self._chance.uniform(0.3, 1.5)
        takes = manner.answers in {manners.HUMAN, manners.MACHINE} and manner.picks_up_for_firm
        yield self._rings_for(leg, manner) if takes or manner.answers != manners.HUMAN else 25
        lasted, status = 0, "completed" if takes else manner.answers
        if not takes and status in {manners.HUMAN, manners.MACHINE}:
            status = manners.NO_ANSWER
        if takes:
            leg.answered_by = manner.answers
            report("in-progress")
            lasted = min(manner.talks_for, step.longest)
            yield lasted
        leg.duration, leg.bridged = lasted, takes
        call.bridged = call.bridged or takes
        report(status, CallDuration=str(lasted), SipResponseCode=str(manner.sip))
        self._exchange.watch.on_end(leg)
        dialed = {
            "DialCallSid": leg.sid,
            "DialCallStatus": status,
            "DialCallDuration": str(lasted),
            "DialBridged": str(takes).lower(),
        }
        document = yield from self._mail.fetch(
            step.action, self._fields(call, "in-progress") | dialed
        )
        return _verbs(document)

    def _over(self, call: Call, status: str, *, told: bool = True) -> None:
        call.status = status
        call.duration = self._lasted(call)
        self._tell(f"call {short(call)}: {status} after {call.duration} s")
        self._exchange.watch.on_end(call)
        if told:
            sip = 487 if status == "canceled" else self._manners[call.sid].sip
            facts = {"CallDuration": str(call.duration), "SipResponseCode": str(sip)}
            if call.answered_by:
                facts["AnsweredBy"] = call.answered_by
            self._report(call, status, **facts)

    def _lasted(self, call: Call) -> int:
        answered = self._answered_at.get(call.sid)
        return round((self._agenda.now - answered).total_seconds()) if answered else 0

    def _report(self, call: Call, status: str, **more: str) -> None:
        call.status = status
        url = call.param("StatusCallback")
        subscribed = call.params.get("StatusCallbackEvent") or ["completed"]
        if url and _EVENTS.get(status, "completed") in subscribed:
            fields = self._fields(call, status, **more)
            fields |= {
                "SequenceNumber": str(call.sequence),
                "CallbackSource": "call-progress-events",
            }
            call.sequence += 1
            self._mail.send(url, fields)

    def _fields(self, call: Call, status: str, **more: str) -> dict[str, str]:
        fields = call_fields(
            account_sid=self._exchange.account_sid,
            sid=call.sid,
            to=call.to,
            sender=call.sender,
            status=status,
            at=self._exchange.now(),
            **more,
        )
        fields["Direction"] = "inbound" if call.inbound else "outbound-api"
        if call.parent_sid:
            fields |= {"ParentCallSid": call.parent_sid, "Direction": "outbound-dial"}
        return fields

    def play_call_in(self, call: Call) -> Course:
        """A person calls in, and presses the keys of the call."""
        fields = self._fields(call, "ringing")
        document = yield from self._mail.fetch(
            f"{self._exchange.public_url}/twilio/voice/inbound", fields
        )
        steps = _verbs(document)
        if steps and isinstance(steps[0], RejectVerb):
            call.status = steps[0].status
        elif steps:
            self._answered_at[call.sid] = self._agenda.now
            call.status = "in-progress"
            self._exchange.watch.on_caller(call)
            yield from self._run(call, Manner(), steps)
            call.status = "completed"
            call.duration = self._lasted(call)
        else:
            call.status = "failed"
        self._tell(f"call {short(call)} from {call.sender}: {call.status}")
        self._exchange.watch.on_end(call)
        ended = self._fields(call, call.status, CallDuration=str(call.duration or 0))
        self._mail.send(
            f"{self._exchange.public_url}/twilio/voice/status", ended | {"SequenceNumber": "0"}
        )


def _verbs(document: str) -> list[Verb]:
    return script.read(document, "text/xml") if document else []
