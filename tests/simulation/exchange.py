"""A stand-in for Twilio on the virtual clock: the firm's account, its calls and texts.

What a request may say, and how calls and texts are shown, is the sandbox's (`bridge/sandbox/`);
the course of a call is told by `call_course.py`, that of a text by `text_course.py`.
"""

import random
from collections.abc import Iterator, Mapping
from copy import copy
from datetime import datetime, timedelta
from itertools import islice

from bridge.sandbox import script
from bridge.sandbox.fields import FIRM_NUMBER
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.switchboard import SentText
from bridge.sandbox.twilio_checks import RestError
from tests.simulation.agenda import Agenda
from tests.simulation.call_course import CallCourse
from tests.simulation.callback_addresses import case_of
from tests.simulation.courses import Courses
from tests.simulation.parties import People, Watch, short
from tests.simulation.post_office import PostOffice
from tests.simulation.story import Story
from tests.simulation.text_course import TextCourse

ACCOUNT_SID = "AC" + "0" * 32

_SHOWN = 4
"""Characters of a SID that a note shows."""


class Exchange:
    """The firm's account at Twilio."""

    def __init__(
        self,
        agenda: Agenda,
        chance: random.Random,
        story: Story,
        people: People,
        mail: PostOffice,
    ) -> None:
        self.account_sid = ACCOUNT_SID
        self.numbers = (FIRM_NUMBER,)
        self.ahead = timedelta()
        """How far Twilio's clock is ahead."""
        self.watch: Watch
        self.public_url = ""
        self.calls: dict[str, Call] = {}
        self.texts: dict[str, SentText] = {}
        self._ends: set[str] = set()
        self.agenda, self.chance, self.people, self.mail = agenda, chance, people, mail
        self._story = story
        self._courses = Courses(agenda)
        self._call_course, self._text_course = CallCourse(self), TextCourse(self)

    # What the sandbox's checks and resources ask of a switchboard.

    def manner(self, number: str) -> Manner:
        """How the person at a number takes a request; drawn again for each."""
        return self.people.reacts(number)

    def now(self) -> datetime:
        """The time by Twilio's clock."""
        return self.agenda.now + self.ahead

    def is_quiet(self) -> bool:
        """Whether no call is under way: older ones than the newest are over."""
        return all(call.is_over for call in islice(reversed(self.calls.values()), 20))

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
        self._courses.hurry(call.sid, 0.2)

    def place(self, params: Mapping[str, list[str]]) -> Call:
        """Start a call that was requested; return it as it was then."""
        call = self.new_call(params["To"][0], params["From"][0], params)
        self.tell(f"call {short(call)} to {call.to} for case {case_of(params)}: queued")
        self.watch.on_call(call)
        asked = copy(call)
        self._courses.start(call.sid, self._call_course.play(call))
        return asked

    def new_call(
        self,
        to: str,
        sender: str,
        params: Mapping[str, list[str]],
        *,
        parent_sid: str | None = None,
        inbound: bool = False,
    ) -> Call:
        """A call or leg that begins."""
        call = Call(
            self.new_sid("CA"),
            to,
            sender,
            # Twilio's own record keeps whole seconds.
            self.now().replace(microsecond=0),
            0.0,
            params,
            parent_sid=parent_sid,
            inbound=inbound,
        )
        self.calls[call.sid] = call
        return call

    def new_sid(self, kind: str) -> str:
        """A SID of Twilio's, which notes can tell from all others by its end."""
        sid = f"{kind}{self.chance.getrandbits(128):032x}"
        while sid[-_SHOWN:] in self._ends:
            sid = f"{kind}{self.chance.getrandbits(128):032x}"
        self._ends.add(sid[-_SHOWN:])
        return sid

    def send(self, params: Mapping[str, list[str]]) -> SentText:
        """Send a text that was requested; return it as it was then."""
        sid = self.new_sid("SM")
        text = SentText(sid, params["To"][0], self.now().replace(microsecond=0), 0.0, params)
        self.texts[sid] = text
        self.tell(f"text …{sid[-4:]} to {text.to} for case {case_of(params)}: queued")
        self.watch.on_text(text)
        asked = copy(text)
        self._courses.start(sid, self._text_course.play(text))
        return asked

    # What people do.

    def begin_text_in(self, sender: str, words: str) -> None:
        """Have a person text now."""
        about = f"text in {self.chance.getrandbits(32)}"
        self._courses.start(about, self._text_course.text_in(sender, words))

    def begin_call_in(self, sender: str, key: str = "") -> None:
        """Have a person call now."""
        call = self.new_call(FIRM_NUMBER, sender, {}, inbound=True)
        call.keys = list(key)
        self.tell(f"call {short(call)} from {sender}")
        self._courses.start(call.sid, self._call_course.play_call_in(call))

    def tell(self, what: str) -> None:
        """Add a line to the story."""
        self._story.tell("Twilio", what)

    def call_of(self, sid: str) -> Call | None:
        """The call that the bridge asked for, of a call or its leg."""
        call = self.calls.get(sid)
        return self.calls.get(call.parent_sid, call) if call and call.parent_sid else call

    def legs_of(self, call: Call) -> Iterator[Call]:
        """The legs of a call."""
        return (leg for leg in self.calls.values() if leg.parent_sid == call.sid)
