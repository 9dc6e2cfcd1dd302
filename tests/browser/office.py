"""A firm's office: real processes with a console, people to call, and what becomes of them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import requests

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.dialects import PLAIN
from bridge.sandbox.manner import BUSY, Manner
from bridge.sandbox.people import TO_DIAL
from tests.stories.town import Town
from tests.support.console import PASSWORD, SECRET_KEY, VIEW_PASSWORD
from tests.support.processes import wait_until
from tests.support.signing import call_fields, just_now

CALL_STATUS = "/twilio/voice/status"
REFUSED = 300
"""The case of which SmartAdvocate refuses to hear."""
LONG_NAME = "Extraordinarily_Long-Name.Without-Any-Blank/" * 2
_PEOPLE = 16


class Office(Town):
    """A town whose bridge has a console."""

    def __init__(self, home: Path, database_url: str) -> None:
        super().__init__(
            home,
            database_url,
            CONSOLE_PASSWORD=PASSWORD,
            CONSOLE_VIEW_PASSWORD=VIEW_PASSWORD,
            SECRET_KEY=SECRET_KEY,
            TEXT_LEAD="0",
        )

    def open(self) -> None:
        """Start the web app and a worker."""
        self.bridge.start_web()
        self._worker = self.start_worker()

    @contextmanager
    def without_worker(self) -> Iterator[None]:
        """Meanwhile no worker is running."""
        self._worker.stop()
        try:
            yield
        finally:
            self._worker = self.bridge.restart(self._worker)

    def have_a_morning(self) -> None:
        """All kinds of people are called, and some things happen that need somebody."""
        self.settle(_PEOPLE)
        wait_until(lambda: not self.wrong(), "somebody is still to be reached", every=0.5)
        self.refuses_outcomes(True)
        self.due(REFUSED, self.number(80), Manner(BUSY), campaign=LONG_NAME)
        wait_until(lambda: self.was_called(self.number(80)), f"case {REFUSED} is not called")
        shared = next(one.numbers[0] for one in self.roles if one.person.shares_phone)
        self.exchange.text_in(shared, "STOP")
        self.exchange.text_in(self.number(80), f"wrong number, see {LONG_NAME}")
        self.missed_call_from(self.number(81))
        self.odd_callback()

    def refuses_outcomes(self, whether: bool) -> None:
        """From now on SmartAdvocate refuses to be told what came of a call, or no longer."""
        self.smartadvocate.speak(replace(PLAIN, refuses_outcomes=whether))

    def due(
        self, case_id: int, number: str, manner: Manner | None = None, *, campaign: str = ""
    ) -> None:
        """A case comes due: the person with this number is to be called."""
        self.manners[number] = manner or Manner()
        due = Case(
            case_id,
            [phone(number.removeprefix("+1"))],
            status=TO_DIAL,
            zip_code=self.scene.zones[0].zip_code,
        )
        self.smartadvocate.book.add(replace(due, campaign=campaign or due.campaign))

    def number(self, line: int) -> str:
        """A number of somebody who may be called at this hour: 555-01 and these two digits."""
        return f"+1{self.scene.zones[0].areas[-1]}55501{line:02d}"

    def case(self, case_id: int) -> Case:
        """A case as SmartAdvocate shows it."""
        return next(one for one in self.smartadvocate.book.all() if one.case_id == case_id)

    def was_reached(self, number: str) -> bool:
        """Whether anybody has called or texted this number."""
        is_texted = any(text.to == number for text in self.exchange.texts())
        return is_texted or self.was_called(number)

    def was_called(self, number: str) -> bool:
        """Whether anybody has called this number."""
        return any(one.to == number for one in self.exchange.calls())

    def await_note(self, case_id: int, words: str) -> None:
        """A note with these words stands in the case, by now or soon."""
        wait_until(
            lambda: any(words in note for note in self.case(case_id).notes),
            f"no note of case {case_id} says {words!r}",
        )

    def await_status(self, case_id: int, status: str) -> None:
        """The case has this dialer status, by now or soon."""
        wait_until(
            lambda: self.case(case_id).status == status, f"case {case_id} does not become {status}"
        )

    def missed_call_from(self, number: str) -> None:
        """Twilio tells of a call from this number that nobody took."""
        sid = f"CA{secrets.token_hex(16)}"
        at = {"Timestamp": just_now(), "Direction": "inbound", "From": number}
        with requests.Session() as session:
            for sequence, status in enumerate(("ringing", "no-answer")):
                fields = call_fields(sid, status, sequence, **at, To="+14025550100")
                answer = self.bridge.post(session, CALL_STATUS, fields)
                assert answer.ok, answer.text

    def odd_callback(self) -> None:
        """Twilio sends something signed that is of no use."""
        fields = {"CallSid": "what is this?", "CallStatus": "completed"}
        with requests.Session() as session:
            answer = self.bridge.post(session, CALL_STATUS, fields)
            assert answer.status_code == requests.codes.bad_request, answer.text
