"""A stand-in for Twilio on the virtual clock: calls and texts take their course step by step.

What a request may say, and how calls and texts are shown, is the sandbox's (`bridge/sandbox/`);
the course of a call is told here as generators that yield the seconds to wait.
"""

import random
from collections.abc import Generator, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from bridge.sandbox import manner as manners
from bridge.sandbox import script
from bridge.sandbox.fields import FIRM_NUMBER, call_fields, text_fields, text_in_fields
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.script import DialVerb, GatherVerb, HangupVerb, RejectVerb, SayVerb, Verb
from bridge.sandbox.switchboard import SentText
from bridge.sandbox.twilio_checks import RestError
from tests.simulation.agenda import Agenda, Entry
from tests.simulation.post_office import PostOffice, WebApp
from tests.simulation.story import Story

ACCOUNT_SID = "AC" + "0" * 32
_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}

REFUSALS = ("STOP", "Stop. Thank you", "UNSUBSCRIBE", "ALTO", "Parar", "basta")
"""What people of the town text who refuse. Whoever texts it has refused once it is accepted."""

Course = Generator[float, None, None]
"""What happens to a call or text: it yields how many seconds go by before the next thing."""


class People(Protocol):
    """What the exchange asks about whoever is called; the town answers."""

    def reacts(self, number: str) -> Manner:
        """How they take this call or text."""

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

    def on_refusal(self, number: str, how: str) -> None:
        """The bridge has confirmed a refusal: of which number, and how it was said."""

    def on_end(self, call: Call) -> None:
        """A call or a leg is over."""

    def on_text_in(self, sid: str, number: str, words: str) -> None:
        """A text of a person's was accepted."""


class Exchange:
    """The firm's account at Twilio."""

    def __init__(
        self,
        agenda: Agenda,
        chance: random.Random,
        story: Story,
        people: People,
        web: WebApp,
    ) -> None:
        self.account_sid = ACCOUNT_SID
        self.numbers = (FIRM_NUMBER,)
        self.ahead = timedelta()
        """How far Twilio's clock is ahead."""
        self.watch: Watch
        self.public_url = ""
        self.calls: dict[str, Call] = {}
        self.texts: dict[str, SentText] = {}
        self.answered_at: dict[str, datetime] = {}
        self.began_at: dict[str, datetime] = {}
        self._manners: dict[str, Manner] = {}
        self._waiting: dict[str, tuple[Course, Entry]] = {}
        self._playing: set[str] = set()
        self._agenda, self._chance, self._story = agenda, chance, story
        self._people = people
        self.mail = PostOffice(agenda, chance, story, web)

    # What the sandbox's checks and resources ask of a switchboard.

    def manner(self, number: str) -> Manner:
        """How the person at a number takes a request; drawn again for each."""
        return self._people.reacts(number)

    def now(self) -> datetime:
        """The time by Twilio's clock."""
        return self._agenda.now + self.ahead

    def is_quiet(self) -> bool:
        """Whether no call is under way."""
        return all(call.is_over for call in self._live)

    def change(self, call: Call, status: str, twiml: str | None) -> None:
        """End a call, or have it hear something else.

        Raises:
            RestError: it is too late for that.
        """
        if call.is_over or (status == "canceled" and call.status == "in-progress"):
            raise RestError(21220, "the call is no longer live")
        if twiml is not None:
            if call.status != "in-progress":
                raise RestError(21220, "only a live call can be redirected")
            call.instead = script.read(twiml, "text/xml")
        elif call.status in {"queued", "initiated", "ringing"}:
            call.status = "canceled"
        call.interrupted.set()
        if call.sid not in self._playing:
            course, entry = self._waiting[call.sid]
            entry.drop()
            self._wait(call.sid, course, 0.2)

    def place(self, params: Mapping[str, list[str]]) -> Call:
        """Start a call that was requested; return it as it was then."""
        call = self._new_call(params["To"][0], params["From"][0], params)
        self._tell(f"call {_short(call)} to {call.to} for case {case_of(params)}: queued")
        self.watch.on_call(call)
        asked = copy(call)
        self._start(call.sid, self._play(call))
        return asked

    def _new_call(self, to: str, sender: str, params: Mapping[str, list[str]], **more: Any) -> Call:
        sid = f"CA{self._chance.getrandbits(128):032x}"
        at = self._agenda.now
        # Twilio's own record keeps whole seconds.
        call = Call(sid, to, sender, self.now().replace(microsecond=0), 0.0, params, **more)
        self.calls[sid], self.began_at[sid] = call, at
        self._manners[sid] = self._people.reacts(to)
        return call

    def send(self, params: Mapping[str, list[str]]) -> SentText:
        """Send a text that was requested; return it as it was then."""
        sid = f"SM{self._chance.getrandbits(128):032x}"
        text = SentText(sid, params["To"][0], self.now().replace(microsecond=0), 0.0, params)
        self.texts[sid], self.began_at[sid] = text, self._agenda.now
        self._tell(f"text …{sid[-4:]} to {text.to} for case {case_of(params)}: queued")
        self.watch.on_text(text)
        asked = copy(text)
        self._start(sid, self._play_text(text))
        return asked

    # The course of things.

    def _start(self, sid: str, course: Course) -> None:
        self._wait(sid, course, 0)

    def _wait(self, sid: str, course: Course, seconds: float) -> None:
        entry = self._agenda.after(seconds, partial(self._go_on, sid, course))
        self._waiting[sid] = course, entry

    def _go_on(self, sid: str, course: Course) -> None:
        # Whoever changes the call meanwhile doesn't change when it goes on.
        self._playing.add(sid)
        seconds = next(course, None)
        self._playing.discard(sid)
        if seconds is None:
            self._waiting.pop(sid, None)
        else:
            self._wait(sid, course, seconds)

    def _play(self, call: Call) -> Course:
        yield self._chance.uniform(0.2, 1.5)
        for status in ("initiated", "ringing"):
            if call.interrupted.is_set():
                # Canceled: without a callback in the queue, with one while it rings.
                self._over(call, "canceled", told=status == "ringing")
                return
            self._report(call, status)
            yield self._chance.uniform(0.3, 1.5)
        manner = self._manners[call.sid]
        if manner.while_ringing:
            self._start(f"text in {call.sid}", self.text_in(call.to, manner.while_ringing))
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
        self.answered_at[call.sid] = self._agenda.now
        self._report(call, "in-progress")
        if call.param("AsyncAmdStatusCallback"):
            self._agenda.after(self._chance.uniform(2, 5), partial(self._detect, call, manner))
        document = yield from self.mail.fetch(
            call.param("Url") or "", self._fields(call, "in-progress")
        )
        self.watch.on_answer(call, document)
        yield from self._run(call, manner, _verbs(document))
        if manner.answers == manners.MACHINE and not call.interrupted.is_set():
            yield self._chance.uniform(5, 40)
            yield from self._run(call, manner, self._instead(call))
        self._over(call, "completed")

    def _detect(self, call: Call, manner: Manner) -> None:
        call.answered_by = manner.detected(call.param("MachineDetection") or "Enable")
        found = {
            "CallSid": call.sid,
            "AccountSid": ACCOUNT_SID,
            "AnsweredBy": call.answered_by,
            "MachineDetectionDuration": "2400",
        }
        self.mail.send(call.param("AsyncAmdStatusCallback") or "", found)

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
            f"call {_short(call)}: {call.sender if call.inbound else call.to}"
            f" presses {key or 'nothing'}"
        )
        document = yield from self.mail.fetch(step.action, fields)
        if key == "9" and "will not be" in document:
            self.watch.on_refusal(call.sender if call.inbound else call.to, "key 9")
        if key == "4" and "is noted" in document:
            self.watch.on_refusal(self._person_of(call), "agent's key 4")
        return _verbs(document)

    def _person_of(self, call: Call) -> str:
        return next((leg.to for leg in self.calls.values() if leg.parent_sid == call.sid), "")

    def _dial(self, call: Call, step: DialVerb) -> Generator[float, None, list[Verb]]:
        leg = self._new_call(step.number, FIRM_NUMBER, {}, parent_sid=call.sid)
        manner = self._manners[leg.sid]
        self._tell(f"call {_short(call)}: leg {_short(leg)} to {leg.to}")
        self.watch.on_call(leg)
        sequence = 0

        def report(status: str, **more: str) -> None:
            nonlocal sequence
            leg.status = status
            if step.status_url and _EVENTS.get(status, "completed") in step.events:
                fields = self._fields(leg, status, **more)
                fields |= {"SequenceNumber": str(sequence)}
                self.mail.send(step.status_url, fields)
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
            self.answered_at[leg.sid] = self._agenda.now
            leg.answered_by = manner.answers
            report("in-progress")
            lasted = min(manner.talks_for, step.longest)
            yield lasted
        leg.duration, leg.bridged = lasted, takes
        call.bridged = call.bridged or takes
        report(status, CallDuration=str(lasted), SipResponseCode=str(manner.sip))
        self.watch.on_end(leg)
        dialed = {
            "DialCallSid": leg.sid,
            "DialCallStatus": status,
            "DialCallDuration": str(lasted),
            "DialBridged": str(takes).lower(),
        }
        document = yield from self.mail.fetch(
            step.action, self._fields(call, "in-progress") | dialed
        )
        return _verbs(document)

    def _over(self, call: Call, status: str, *, told: bool = True) -> None:
        call.status = status
        answered = self.answered_at.get(call.sid)
        call.duration = round((self._agenda.now - answered).total_seconds()) if answered else 0
        self._tell(f"call {_short(call)}: {status} after {call.duration} s")
        self.watch.on_end(call)
        if told:
            sip = 487 if status == "canceled" else self._manners[call.sid].sip
            facts = {"CallDuration": str(call.duration), "SipResponseCode": str(sip)}
            if call.answered_by:
                facts["AnsweredBy"] = call.answered_by
            self._report(call, status, **facts)

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
            self.mail.send(url, fields)

    def _fields(self, call: Call, status: str, **more: str) -> dict[str, str]:
        fields = call_fields(
            account_sid=ACCOUNT_SID,
            sid=call.sid,
            to=call.to,
            sender=call.sender,
            status=status,
            at=self.now(),
            **more,
        )
        fields["Direction"] = "inbound" if call.inbound else "outbound-api"
        if call.parent_sid:
            fields |= {"ParentCallSid": call.parent_sid, "Direction": "outbound-dial"}
        return fields

    def _play_text(self, text: SentText) -> Course:
        manner = self._people.reacts(text.to)
        delivered = manner.text in {"delivered", "undelivered"}
        for status in ("sent", manner.text) if delivered else (manner.text,):
            yield self._chance.uniform(0.5, 6)
            text.status = status
            text.error = manner.text_error if status == manner.text else None
            self.mail.send(
                text.params["StatusCallback"][0],
                text_fields(
                    account_sid=ACCOUNT_SID,
                    sid=text.sid,
                    to=text.to,
                    status=status,
                    at=self.now(),
                    error=text.error,
                ),
            )
        text.is_over = True
        if manner.reply is not None and manner.text == "delivered":
            yield self._chance.uniform(5, 900)
            yield from self.text_in(text.to, manner.reply)

    # What people do.

    def text_in(self, sender: str, words: str) -> Course:
        """A person texts."""
        sid = f"SM{self._chance.getrandbits(128):032x}"
        self._tell(f"text …{sid[-4:]} from {sender}: {words!r}")
        fields = text_in_fields(account_sid=ACCOUNT_SID, sid=sid, sender=sender, body=words)
        document = yield from self.mail.fetch(f"{self.public_url}/twilio/messages/inbound", fields)
        if not document:
            self._tell(f"text …{sid[-4:]} from {sender}: nobody took it")
            return
        if self._chance.random() < self.mail.rates.doubled:
            yield from self.mail.fetch(f"{self.public_url}/twilio/messages/inbound", fields)
        self.watch.on_text_in(sid, sender, words)
        script.replies(document, "text/xml")
        if words in REFUSALS:
            self.watch.on_refusal(sender, f"text {words!r}")

    def begin_text_in(self, sender: str, words: str) -> None:
        """Have a person text now."""
        self._start(f"text in {self._chance.getrandbits(32)}", self.text_in(sender, words))

    def begin_call_in(self, sender: str, key: str = "") -> None:
        """Have a person call now."""
        call = self._new_call(FIRM_NUMBER, sender, {}, inbound=True)
        call.keys = list(key)
        self._tell(f"call {_short(call)} from {sender}")
        self._start(call.sid, self._play_call_in(call))

    def _play_call_in(self, call: Call) -> Course:
        manner = Manner(key="".join(call.keys))
        fields = self._fields(call, "ringing")
        document = yield from self.mail.fetch(f"{self.public_url}/twilio/voice/inbound", fields)
        steps = _verbs(document)
        if steps and isinstance(steps[0], RejectVerb):
            call.status = steps[0].status
        elif steps:
            self.answered_at[call.sid] = self._agenda.now
            call.status = "in-progress"
            yield from self._run(call, manner, steps)
            call.status = "completed"
            call.duration = round((self._agenda.now - self.answered_at[call.sid]).total_seconds())
        else:
            call.status = "failed"
        self._tell(f"call {_short(call)} from {call.sender}: {call.status}")
        self.watch.on_end(call)
        ended = self._fields(call, call.status, CallDuration=str(call.duration or 0))
        self.mail.send(f"{self.public_url}/twilio/voice/status", ended | {"SequenceNumber": "0"})

    def _tell(self, what: str) -> None:
        self._story.tell("Twilio", what)

    def call_of(self, sid: str) -> Call | None:
        """The call that the bridge asked for, of a call or its leg."""
        call = self.calls.get(sid)
        return self.calls.get(call.parent_sid, call) if call and call.parent_sid else call

    @property
    def _live(self) -> Iterator[Call]:
        """The newest calls: older ones are over."""
        return islice(reversed(self.calls.values()), 20)


def case_of(params: Mapping[str, Sequence[str]]) -> str:
    """The CaseID in the callback address of a request."""
    return _named(params, "CaseID")


def attempt_of(params: Mapping[str, Sequence[str]]) -> str:
    """The attempt in the callback address of a request."""
    return _named(params, "Attempt")


def _named(params: Mapping[str, Sequence[str]], name: str) -> str:
    url = next(iter(params.get("StatusCallback", ())), "")
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


def _verbs(document: str) -> list[Verb]:
    return script.read(document, "text/xml") if document else []


def _short(call: Call) -> str:
    return f"…{call.sid[-4:]}"
