"""A text that Twilio repeats: the process that kept it may have died before it processed it."""

from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from bridge.callbacks import intake
from bridge.callbacks.intake import PostedCallback
from bridge.domain.events import Topic
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.consent import opt_outs
from tests.support.posting import Twilio
from tests.support.signing import text_fields

TEXT_IN = "/twilio/messages/inbound"
HERS = E164("+14025555759")


def test_a_repeated_stop_waits_for_no_worker(runtime: Runtime) -> None:
    said = text_fields("SM" + "5" * 32, "received", Body="STOP", From=HERS)
    body = urlencode(said).encode()
    first = PostedCallback(Topic.TEXT_IN, TEXT_IN, MultiDict(said), body, None, "first")
    assert intake.keep(runtime, first).is_new
    again = Twilio(runtime).post(TEXT_IN, said)
    assert (again.status_code, "<Message" in again.text) == (200, False)
    with runtime.db.read() as connection:
        (kept,) = callbacks.listed(connection, None, 10)
        assert kept.verdict is not Verdict.NEW
        assert opt_outs.standing_at(connection, HERS)


def test_a_repeated_text_gets_no_second_reply(runtime: Runtime) -> None:
    said = text_fields("SM" + "6" * 32, "received", Body="please stop", From=HERS)
    twilio = Twilio(runtime)
    answers = [twilio.post(TEXT_IN, said) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert ["<Message" in answer.text for answer in answers[1:]] == [False, False]
    with runtime.db.read() as connection:
        assert len(opt_outs.standing_at(connection, HERS)) == 1
