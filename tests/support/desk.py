"""A desk at the firm: texts and calls come in signed, SmartAdvocate answers, somebody decides."""

import re
import uuid
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from bridge.background import PlannedContact
from bridge.callbacks import intake
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.decisions import Decision
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.eligibility import preview
from bridge.reporting import delivery
from bridge.runtime import Runtime, smartadvocate
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.smartadvocate import SmartAdvocate
from bridge.store.cases import cases
from bridge.store.console import to_do
from bridge.store.tables import audit
from tests.support.clock import Clock
from tests.support.console import SignedIn, to_do_count, words
from tests.support.posting import CALL, Twilio
from tests.support.signing import ACCOUNT_SID, call_fields

KEY = "key-of-the-desk"
_QUESTION = re.compile(r'<h2 class="h6 fw-semibold mb-1">([^<]*)</h2>')
_FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_BUTTON = re.compile(r"<button[^>]*>([^<]*)</button>")


class Desk:
    """Somebody who answers what To do asks, and what Twilio and SmartAdvocate do meanwhile."""

    def __init__(self, runtime: Runtime, operator: SignedIn, clock: Clock) -> None:
        self.runtime, self.operator, self.clock = runtime, operator, clock
        self.twilio = Twilio(runtime)
        self.sa = SmartAdvocate(api_key=KEY, clock=clock)
        there = replace(runtime.settings, smartadvocate_url=self.sa.url, smartadvocate_key=KEY)
        self.remote = smartadvocate(there, clock)

    def close(self) -> None:
        self.sa.close()

    # What happens outside.

    def case(self, case_id: int, *phones: str) -> None:
        """A case that is due, and known to the bridge."""
        listed = tuple(CasePhone(number) for number in phones)
        due = CaseInfo(case_id, DialerStatus.TO_DIAL, 0, self.clock(), listed, "Spring")
        with self.runtime.db.begin() as connection:
            cases.save_case(connection, due, self.clock())
        book = [phone(number.removeprefix("+1")) for number in phones]
        self.sa.book.add(Case(case_id, book, status="To Dial"))

    def text_in(self, sender: str, body: str, sid: str = "") -> str:
        """A text comes in and is processed; return its SID."""
        sid = sid or f"SM{uuid.uuid4().hex}"
        fields = {
            "AccountSid": ACCOUNT_SID,
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "NumMedia": "0",
            "From": sender,
            "To": "+14025550100",
            "Body": body,
        }
        assert self.twilio.post("/twilio/messages/inbound", fields).status_code == 200
        self.take_in()
        return sid

    def call(self, sid: str, status: str, sequence: int, **more: str) -> None:
        """Another app's call, or one that comes in: one callback, processed."""
        fields = call_fields(sid, status, sequence, **more)
        assert self.twilio.post(CALL, fields).status_code < 300
        self.take_in()

    def take_in(self) -> None:
        while intake.process_pending(self.runtime):
            pass

    def deliver(self) -> None:
        """SmartAdvocate is told everything that is due."""
        for _ in range(20):
            leases = delivery.take(self.runtime, 20)
            if not leases:
                return
            for held in leases:
                delivery.deliver_lane(self.runtime, self.remote, held, lambda: False)

    # What the firm does.

    def page(self) -> str:
        answer = self.operator.get("/console/todo")
        assert answer.status_code == 200
        return words(answer)

    def asked(self) -> list[str]:
        """The questions of the page; the menu counts as many."""
        answer = self.operator.get("/console/todo")
        found = _QUESTION.findall(answer.text)
        with self.runtime.db.read() as connection:
            assert to_do.count(connection) == len(found)
        assert (to_do_count(answer) or "0") == str(len(found))
        return found

    def press(self, label: str, number: int = 0, **fields: str) -> TestResponse:
        """Press a button of the page by its label; `number` counts those called the same."""
        page = self.operator.get("/console/todo").text
        forms = [
            (action, inside)
            for action, inside in _FORM.findall(page)
            if label in [each.strip() for each in _BUTTON.findall(inside)]
        ]
        assert len(forms) > number, f"no button {label!r}"
        action, inside = forms[number]
        hidden = {name: value for name, value in _FIELD.findall(inside) if name != "csrf_token"}
        return self.operator.post(action, **hidden, **fields)

    def answer(self, label: str, number: int = 0, **fields: str) -> str:
        """Press a button; return what is said then."""
        answer = self.press(label, number, **fields)
        assert answer.status_code == 303, words(answer)
        return words(self.operator.get(answer.location))

    # What follows.

    def decision(self, case_id: int, number: str, channel: Channel = Channel.CALL) -> Decision:
        """What would be decided on a contact now."""
        with self.runtime.db.read() as connection:
            case = cases.get(connection, case_id)
            assert case is not None
            contact = PlannedContact(case, channel, E164(number))
            return preview(self.runtime, connection, contact)

    def notes(self, case_id: int) -> list[str]:
        """The notes of a case in SmartAdvocate."""
        self.deliver()
        found = [case for case in self.sa.book.all() if case.case_id == case_id]
        return list(found[0].notes) if found else []

    def status(self, case_id: int) -> str:
        self.deliver()
        return next(case.status for case in self.sa.book.all() if case.case_id == case_id)

    def audited(self) -> list[tuple[Any, ...]]:
        """Who did what, to what and why, after signing in."""
        with self.runtime.db.read() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.id)).all()
        return [
            (row.actor, row.action, row.subject, row.reason, row.case_id)
            for row in rows
            if row.action != "signed-in"
        ]
