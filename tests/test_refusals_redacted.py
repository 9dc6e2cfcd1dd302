"""A refusal of SmartAdvocate's that repeats a person's words: nowhere kept, listed or logged."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import select

from bridge import logs
from bridge.domain.phones import E164, display
from bridge.reporting import delivery
from bridge.runtime import Runtime, smartadvocate
from bridge.store.tables import circuit_breakers, deliveries
from tests.adapters.test_smartadvocate import Scripted, server  # noqa: F401
from tests.domain.test_redaction import SPELLINGS
from tests.support import tables
from tests.support.posting import Twilio
from tests.support.signing import ACCOUNT_SID

PHONES = (E164("+14025550107"), E164("+15025550107"))
"""Several: so many texts of one phone aren't noted one by one."""
WORDS = "I fell off a ladder & hurt my knee"
TELLING = ("fell", "ladder", "hurt", "knee", "402", "502", "5550107")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.set_up("json")
    said = io.StringIO()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(said)
    yield said
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [(400, "http-400", "dead"), (200, "refused", "dead"), (503, "http-503", "pending")],
)
def test_it_is_kept_redacted_and_logged_as_a_code(
    runtime: Runtime,
    server: Scripted,  # noqa: F811
    logged: io.StringIO,
    status: int,
    code: str,
    state: str,
) -> None:
    runtime = replace(runtime, settings=replace(runtime.settings, smartadvocate_url=server.url))
    remote = smartadvocate(runtime.settings)
    twilio = Twilio(runtime)
    for number, spell in enumerate(SPELLINGS.values()):
        phone = PHONES[number % len(PHONES)]
        fields = {
            "MessageSid": f"SM{number:032d}",
            "AccountSid": ACCOUNT_SID,
            "From": phone,
            "To": "+14025550100",
            "Body": WORDS,
            "NumMedia": "0",
            "SmsStatus": "received",
        }
        assert twilio.post("/twilio/messages/inbound", fields).status_code == 200
        server.status = status
        said = f"Can't take {spell(WORDS)} of {display(phone)}"
        server.body = json.dumps({"Success": False, "Message": said})
        for held in delivery.take(runtime, 1):
            delivery.deliver_lane(runtime, remote, held, lambda: False)
        if state == "pending":
            break
    remote.close()
    with runtime.db.read() as connection:
        rows = connection.execute(select(deliveries)).all()
        down = [str(row) for row in connection.execute(select(circuit_breakers))]
    assert {row.state for row in rows} == {state}
    assert len(rows) == (1 if state == "pending" else len(SPELLINGS))
    refusals = [row.refusal for row in rows]
    assert all(one.startswith(f"AddCaseNoteByPhone: {status} Can't take ") for one in refusals)
    shown = [*refusals, *down, tables.deliveries(runtime.db, None, 50)]
    assert [word for word in TELLING for one in shown if word in one.casefold()] == []
    assert all("…0107" in one for one in refusals)
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    tried = [line for line in lines if line["event"] == "Delivery tried"]
    assert {line["code"] for line in tried} == {code}
    told = json.dumps([{**line, "timestamp": ""} for line in lines])
    assert [word for word in (*TELLING, "Can't take") if word in told.casefold()] == []
