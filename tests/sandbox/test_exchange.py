"""The pretend Twilio that takes calls and texts, driven by Twilio's own SDK and checked by it."""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bridge.sandbox.faults import Fault
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.rest import Server
from bridge.sandbox.switchboard import Switchboard, Webhooks
from tests.support.processes import wait_until

SID, TOKEN = f"AC{'1' * 32}", "token"
FROM, FIRM, PERSON, OTHER = "+14025550100", "+14025550199", "+14025550123", "+14025550124"
EVENTS = ["initiated", "ringing", "answered", "completed"]
SAY = "<Response><Say>Hello</Say></Response>"
PLAIN = f"/2010-04-01/Accounts/{SID}"


class App:
    """Keeps what is posted, and answers a path with what the test gave it."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str]]] = []
        self.forged: list[str] = []
        self.pages: dict[str, str] = {}
        self.statuses: dict[str, list[int]] = {}
        outer, validator, lock = self, RequestValidator(TOKEN), threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = dict(parse_qsl(body, keep_blank_values=True))
                signed = self.headers["X-Twilio-Signature"]
                path = urlsplit(self.path).path
                with lock:
                    if not validator.validate(f"{outer.url}{self.path}", fields, signed):
                        outer.forged.append(self.path)
                    outer.got.append((path, fields))
                    left = outer.statuses.get(path)
                    status = left.pop(0) if left else 200
                page = outer.pages.get(path, "").encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True)
        self._thread.start()

    def at(self, path: str) -> list[dict[str, str]]:
        """What was posted to a path."""
        return [fields for where, fields in list(self.got) if where == path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Stage:
    """A stand-in, an app, and Twilio's SDK between them."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self.app = App()
        self.manners: dict[str, Manner] = {}
        self.board = Switchboard(
            account_sid=SID,
            token=TOKEN,
            step=0.004,
            chance=chance,
            manner=lambda number: self.manners.get(number, Manner()),
        )
        self.server = Server(self.board)
        self.http = TwilioHttpClient(timeout=30)
        self.client = Client(SID, TOKEN, http_client=self.http, environment={"TWILIO_REGION": ""})
        self.client.api.base_url = self.server.url
        self.app.pages = {"/answer": SAY}

    def call(self, to: str = PERSON, **more: Any) -> Any:
        """Ask for a call, as the bridge does."""
        asked = {
            "to": to,
            "from_": FROM,
            "url": f"{self.app.url}/answer?Attempt=7#rc=5&rp=ct,rt,5xx",
            "status_callback": f"{self.app.url}/status?Attempt=7#rc=5&rp=ct,rt,5xx",
            "status_callback_event": EVENTS,
            **more,
        }
        wanted = {name: value for name, value in asked.items() if value is not None}
        return self.client.calls.create(**wanted)

    def text(self, to: str = PERSON, **more: Any) -> Any:
        """Ask for a text, as the bridge does."""
        told = f"{self.app.url}/text?Attempt=7#rc=5&rp=ct,rt,5xx"
        sender = {} if "messaging_service_sid" in more else {"from_": FROM}
        asked = {"to": to, "body": "Hello", "status_callback": told, **sender, **more}
        return self.client.messages.create(**asked)

    def settle(self) -> None:
        """Let everything under way come to its end."""
        wait_until(self.board.is_quiet, "calls or texts are still under way")
        self.board.drain()

    def by_sid(self, sid: str) -> Call:
        """A call as the stand-in has it."""
        return next(one for one in self.board.calls() if one.sid == sid)

    def post(self, path: str, **fields: str) -> requests.Response:
        """Ask without the SDK, which would hide what is wrong."""
        where = f"{self.server.url}{PLAIN}/{path}"
        return requests.post(where, data=fields, auth=(SID, TOKEN), timeout=30)

    def close(self) -> None:
        self.http.session.close()
        self.server.close()
        self.app.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()
    assert made.app.forged == []


@pytest.fixture(scope="module")
def desk() -> Iterator[Stage]:
    """A stage for what is refused, on which nothing ever happens."""
    made = Stage()
    yield made
    made.close()


def _statuses(stage: Stage) -> list[tuple[str, str]]:
    """Callbacks in the order of their numbers: they may arrive in any."""
    told = sorted(stage.app.at("/status"), key=lambda one: int(one["SequenceNumber"]))
    return [(one["SequenceNumber"], one["CallStatus"]) for one in told]


def _of(fields: dict[str, str], *names: str) -> tuple[str, ...]:
    return tuple(fields[name] for name in names)


def _refused(what: Callable[[], Any]) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        what()
    return caught.value.status, caught.value.code


def test_a_call_and_a_text_are_made(stage: Stage) -> None:
    call, text = stage.call(), stage.text()
    assert (call.sid[:2], len(call.sid), call.status) == ("CA", 34, "queued")
    assert (text.sid[:2], len(text.sid), text.status) == ("SM", 34, "queued")
    assert stage.text(messaging_service_sid=f"MG{'2' * 32}").status == "accepted"
    stage.settle()
    assert stage.client.calls(call.sid).fetch().status == "completed"
    assert stage.client.messages(text.sid).fetch().status == "delivered"
    assert stage.client.api.accounts(SID).fetch().status == "active"
    assert [one.phone_number for one in stage.client.incoming_phone_numbers.list()] == [FROM]


@pytest.mark.parametrize(
    ("what", "asked", "code"),
    [
        (Stage.call, {"to": "4025550123"}, 21211),
        (Stage.call, {"to": "+1402555012x"}, 21211),
        (Stage.call, {"from_": OTHER}, 21210),
        (Stage.call, {"url": None}, 21205),
        (Stage.call, {"twiml": SAY}, 21205),
        (Stage.call, {"url": "/answer"}, 21205),
        (Stage.call, {"status_callback_event": ["initiated ringing"]}, 21626),
        (Stage.call, {"machine_detection": "enable"}, 21263),
        (Stage.call, {"async_amd": True}, 21263),
        (Stage.call, {"machine_detection": "Enable", "async_amd": "true"}, 21262),
        (Stage.call, {"timeout": 4}, 21220),
        (Stage.call, {"timeout": "10.5"}, 21220),
        (Stage.call, {"timeout": "\N{SUPERSCRIPT TWO}"}, 21220),
        (Stage.call, {"to": [PERSON, OTHER]}, 20001),
        (Stage.text, {"to": "4025550123"}, 21211),
        (Stage.text, {"from_": OTHER}, 21606),
        (Stage.text, {"body": ""}, 21619),
        (Stage.text, {"body": "x" * 1601}, 21617),
        (Stage.text, {"validity_period": 36001}, 21624),
        (Stage.text, {"validity_period": "9.5"}, 21624),
    ],
)
def test_what_is_wrong_is_refused(
    desk: Stage, what: Callable[..., Any], asked: dict[str, Any], code: int
) -> None:
    assert _refused(lambda: what(desk, **asked)) == (400, code)
    assert (desk.board.calls(), desk.board.texts()) == ([], [])


@pytest.mark.parametrize("path", ["Calls.json", "Messages.json"])
def test_an_unknown_parameter_is_named(desk: Stage, path: str) -> None:
    answer = desk.post(path, To=PERSON, From=FROM, Body="x", Ring="yes")
    assert answer.status_code == 400
    assert "Ring" in answer.json()["message"]


def test_only_the_owner_is_let_in(desk: Stage) -> None:
    stranger = Client(SID, "another", http_client=desk.http, environment={"TWILIO_REGION": ""})
    stranger.api.base_url = desk.server.url
    wrong = (401, 20003)
    assert _refused(lambda: stranger.api.accounts(SID).fetch()) == wrong
    assert _refused(lambda: stranger.messages.create(to=PERSON, from_=FROM, body="x")) == wrong
    assert _refused(lambda: desk.client.calls(f"CA{'0' * 32}").fetch()) == (404, 20404)


def test_a_person_may_be_refused(stage: Stage) -> None:
    stage.manners[PERSON] = Manner(refuse_call=21217, refuse_text=21610)
    assert _refused(stage.call) == (400, 21217)
    assert _refused(stage.text) == (400, 21610)


def test_lists_show_the_newest_of_a_number(stage: Stage) -> None:
    sids = [stage.call(number).sid for number in (PERSON, PERSON, OTHER)]
    texts = [stage.text(number).sid for number in (PERSON, OTHER)]
    listed = stage.client.calls.list(to=PERSON, limit=50)
    assert [one.sid for one in listed] == [sids[1], sids[0]]
    assert [one.sid for one in stage.client.messages.list(to=OTHER)] == texts[1:]
    stage.settle()


@pytest.mark.parametrize(
    ("manner", "end", "sip", "lasted"),
    [
        (Manner(talks_for=61), "completed", "200", ("61", "2")),
        (Manner("machine", talks_for=9), "completed", "200", ("9", "1")),
        (Manner("busy"), "busy", "486", ("0", "0")),
        (Manner("no-answer"), "no-answer", "487", ("0", "0")),
        (Manner("failed", sip_code=603), "failed", "603", ("0", "0")),
    ],
)
def test_every_fate(
    stage: Stage, manner: Manner, end: str, sip: str, lasted: tuple[str, str]
) -> None:
    stage.manners[PERSON] = manner
    call = stage.call()
    stage.settle()
    answered = end == "completed"
    words = ["initiated", "ringing", *(["in-progress"] if answered else []), end]
    assert _statuses(stage) == [(str(number), word) for number, word in enumerate(words)]
    last = next(one for one in stage.app.at("/status") if one["CallStatus"] == end)
    assert _of(last, "SipResponseCode", "CallDuration", "Duration") == (sip, *lasted)
    assert _of(last, "To", "CallbackSource") == (PERSON, "call-progress-events")
    assert stage.by_sid(call.sid).heard == (["Hello"] if answered else [])
    assert len(stage.app.at("/answer")) == answered
    assert stage.client.calls(call.sid).fetch().status == end


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (None, [("0", "completed")]),
        (["answered", "completed"], [("0", "in-progress"), ("1", "completed")]),
    ],
)
def test_sequence_numbers_count_what_is_subscribed(
    stage: Stage, events: list[str] | None, told: list[tuple[str, str]]
) -> None:
    stage.call(status_callback_event=events)
    stage.settle()
    assert _statuses(stage) == told


def test_a_key_leads_to_the_firm(stage: Stage) -> None:
    stage.manners |= {PERSON: Manner(key="1"), FIRM: Manner(talks_for=33)}
    url = stage.app.url
    stage.app.pages |= {
        "/answer": f'<Response><Gather numDigits="1" action="{url}/key"><Say>Press 1</Say></Gather>'
        "<Say>Nothing was pressed</Say></Response>",
        "/key": f'<Response><Dial action="{url}/dialed" callerId="{FROM}"><Number '
        f'statusCallback="{url}/leg" statusCallbackEvent="initiated ringing answered completed">'
        f"{FIRM}</Number></Dial></Response>",
        "/dialed": "<Response><Hangup/></Response>",
    }
    made = stage.call()
    stage.settle()
    (key,), (dialed,) = stage.app.at("/key"), stage.app.at("/dialed")
    assert _of(key, "Digits", "CallStatus", "CallSid") == ("1", "in-progress", made.sid)
    parent, leg = stage.board.calls()
    assert (parent.heard, parent.bridged) == (["Press 1"], True)
    assert (leg.to, leg.parent_sid, leg.status) == (FIRM, made.sid, "completed")
    told = _of(dialed, "DialBridged", "DialCallStatus", "DialCallSid", "DialCallDuration")
    assert told == ("true", "completed", leg.sid, "33")
    legs = sorted(stage.app.at("/leg"), key=lambda one: int(one["SequenceNumber"]))
    words = ["initiated", "ringing", "in-progress", "completed"]
    assert [one["CallStatus"] for one in legs] == words
    own = {_of(one, "CallSid", "ParentCallSid", "Direction") for one in legs}
    assert own == {(leg.sid, made.sid, "outbound-dial")}
    (listed,) = stage.client.calls.list(parent_call_sid=made.sid)
    assert (listed.sid, listed.direction) == (leg.sid, "outbound-dial")


@pytest.mark.parametrize("posts", [False, True])
def test_silence_goes_on_or_is_told(stage: Stage, posts: bool) -> None:
    more = 'actionOnEmptyResult="true"' if posts else ""
    stage.app.pages |= {
        "/answer": f'<Response><Gather action="{stage.app.url}/key" {more}><Say>Press</Say>'
        "</Gather><Say>Goodbye</Say></Response>",
        "/key": SAY,
    }
    made = stage.call()
    stage.settle()
    assert [one["Digits"] for one in stage.app.at("/key")] == [""] * posts
    assert stage.by_sid(made.sid).heard == ["Press", "Hello" if posts else "Goodbye"]


@pytest.mark.parametrize(
    ("answers", "mode", "verdict"),
    [
        ("human", "Enable", "human"),
        ("machine", "Enable", "machine_start"),
        ("machine", "DetectMessageEnd", "machine_end_beep"),
    ],
)
def test_detection_tells_four_fields(stage: Stage, answers: str, mode: str, verdict: str) -> None:
    stage.manners[PERSON] = Manner(answers)
    url = f"{stage.app.url}/amd"
    made = stage.call(machine_detection=mode, async_amd="true", async_amd_status_callback=url)
    stage.settle()
    (told,) = stage.app.at("/amd")
    assert set(told) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}
    assert _of(told, "CallSid", "AccountSid", "AnsweredBy") == (made.sid, SID, verdict)
    assert stage.client.calls(made.sid).fetch().answered_by == verdict


def _live(stage: Stage) -> Any:
    """A call that hears one thing after another, for a good while."""
    stage.app.pages["/answer"] = f"<Response>{'<Say>On and on</Say>' * 200}</Response>"
    made = stage.call()
    wait_until(lambda: bool(stage.by_sid(made.sid).heard), "the call isn't answered")
    return made


def test_a_live_call_hears_something_else(stage: Stage) -> None:
    made = _live(stage)
    other = "<Response><Say>Please call us</Say><Hangup/></Response>"
    assert stage.client.calls(made.sid).update(twiml=other).status == "in-progress"
    stage.settle()
    heard = stage.by_sid(made.sid).heard
    assert (heard.count("Please call us"), heard[-1]) == (1, "Please call us")


def test_a_live_call_is_ended_once(stage: Stage) -> None:
    made = _live(stage)
    stage.client.calls(made.sid).update(status="completed")
    stage.settle()
    assert len(stage.by_sid(made.sid).heard) < 200
    assert _statuses(stage)[-1] == ("3", "completed")
    over = stage.client.calls(made.sid)
    assert _refused(lambda: over.update(status="completed")) == (400, 21220)
    assert _refused(lambda: over.update(twiml=SAY)) == (400, 21220)


def test_a_call_is_cancelled_in_the_queue_without_a_word(stage: Stage) -> None:
    stage.board.queueing = True
    made = stage.call()
    assert stage.client.calls(made.sid).update(status="canceled").status == "canceled"
    stage.settle()
    assert stage.app.got == []


def test_a_machine_records_what_an_update_says_once(stage: Stage) -> None:
    stage.manners[PERSON] = Manner("machine")
    stage.board.records_for = 0.4
    made = stage.call()
    wait_until(lambda: bool(stage.by_sid(made.sid).heard), "the call isn't answered")
    stage.client.calls(made.sid).update(twiml="<Response><Say>Please call us</Say></Response>")
    stage.settle()
    assert stage.by_sid(made.sid).heard == ["Hello", "Please call us"]


def test_a_call_that_rings_is_cancelled_but_hears_nothing_else(stage: Stage) -> None:
    stage.board.queueing = True
    made = stage.call()
    assert _refused(lambda: stage.client.calls(made.sid).update(twiml=SAY)) == (400, 21220)
    stage.board.queueing = False
    stage.settle()
    assert stage.by_sid(made.sid).heard == ["Hello"]


def test_inline_twiml_is_heard(stage: Stage) -> None:
    made = stage.call(url=None, twiml=SAY)
    stage.settle()
    assert stage.by_sid(made.sid).heard == ["Hello"]


def test_lists_are_narrowed_by_status_and_time(stage: Stage) -> None:
    stage.call(), stage.text()
    stage.settle()
    now, day = datetime.now(UTC), timedelta(days=1)
    calls, texts = stage.client.calls, stage.client.messages
    assert (len(calls.list(status="completed")), calls.list(status="busy")) == (1, [])
    assert len(calls.list(start_time_after=now - day, start_time_before=now + day)) == 1
    assert calls.list(start_time_after=now + day) == calls.list(start_time_before=now - day) == []
    assert len(calls.list(start_time=now.date())) == len(texts.list(date_sent=now.date())) == 1
    assert texts.list(date_sent_after=now + day) == texts.list(from_=OTHER) == []


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        (Manner(text="sent", reply="Hi"), ["sent"]),
        (Manner(text="failed", reply="Hi"), ["failed"]),
    ],
)
def test_a_text_that_never_arrives(stage: Stage, manner: Manner, told: list[str]) -> None:
    stage.board.webhooks = Webhooks(f"{stage.app.url}/in")
    stage.manners[PERSON] = manner
    stage.text(messaging_service_sid=f"MG{'2' * 32}")
    stage.settle()
    assert [one["MessageStatus"] for one in stage.app.at("/text")] == told
    assert stage.app.at("/text")[0]["MessagingServiceSid"] == f"MG{'2' * 32}"
    assert stage.app.at("/in") == []


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
def test_an_answer_is_lost(stage: Stage, drop: str, made: int) -> None:
    stage.board.order(Fault(only="calls", drop=drop, count=1))
    with pytest.raises(requests.ConnectionError):
        stage.call()
    stage.settle()
    assert len(stage.client.calls.list(to=PERSON)) == made
    assert len(_statuses(stage)) == 4 * made
    first = stage.board.journal()[0]
    assert (first.status, first.done, first.fault) == (0, bool(made), True)
    assert stage.call().status == "queued"
    stage.settle()


def test_an_answer_comes_too_late(stage: Stage) -> None:
    stage.http.timeout = 0.5
    stage.board.order(Fault(only="texts", hang=3, count=1))
    with pytest.raises(requests.ReadTimeout):
        stage.text()
    wait_until(lambda: len(stage.board.texts()) == 1, "it isn't accepted")
    stage.settle()
    assert [one["MessageStatus"] for one in stage.app.at("/text")].count("delivered") == 1
    wait_until(lambda: len(stage.board.journal()) == 1, "it isn't answered")
    assert stage.board.journal()[0].done


def test_statuses_are_answered_as_ordered(stage: Stage) -> None:
    stage.board.order(Fault(only="calls", status=500, count=1))
    assert _refused(stage.call)[0] == 500
    stage.board.order(Fault(only="texts", status=429, code=20429, retry_after=3))
    assert _refused(stage.text) == (429, 20429)
    assert stage.post("Messages.json", To=PERSON).headers["Retry-After"] == "3"
    assert (stage.board.calls(), stage.board.texts()) == ([], [])
    assert [one.done for one in stage.board.journal()] == [False] * 3


def test_a_fault_of_new_calls_spares_changes_of_a_live_one(stage: Stage) -> None:
    made = _live(stage)
    stage.board.order(Fault(only="calls", status=500, count=1))
    stage.client.calls(made.sid).update(status="completed")
    assert _refused(stage.call)[0] == 500


@pytest.mark.parametrize(
    ("manner", "error"),
    [
        (Manner(), None),
        (Manner(text="undelivered", text_error=30003), "30003"),
        (Manner(text="failed", text_error=30008), "30008"),
    ],
)
def test_how_a_text_ends(stage: Stage, manner: Manner, error: str | None) -> None:
    stage.manners[PERSON] = manner
    made = stage.text()
    stage.settle()
    told = {one["MessageStatus"]: one for one in stage.app.at("/text")}
    assert told[manner.text].get("ErrorCode") == error
    assert {one["MessageSid"] for one in told.values()} == {made.sid}
    assert stage.client.messages(made.sid).fetch().error_code == (error and int(error))


def test_people_write(stage: Stage) -> None:
    stage.app.pages["/in"] = "<Response><Message>Thank you</Message></Response>"
    stage.board.webhooks = Webhooks(f"{stage.app.url}/in")
    stage.manners[PERSON] = Manner(reply="Who is this?")
    assert stage.board.text_in(PERSON, "STOP", opt_out_type="STOP")
    assert stage.board.text_in(PERSON, "", pictures=1)
    stage.text()
    stage.settle()
    stop, picture, reply = stage.app.at("/in")
    assert _of(stop, "Body", "OptOutType", "From", "To") == ("STOP", "STOP", PERSON, FROM)
    assert "Body" not in picture
    assert _of(picture, "NumMedia", "MediaContentType0") == ("1", "image/jpeg")
    assert _of(reply, "Body", "From") == ("Who is this?", PERSON)
    assert stage.board.replies() == [(PERSON, "Thank you")] * 3


def test_people_call(stage: Stage) -> None:
    url = stage.app.url
    dial = f'<Dial action="{url}/dialed"><Number>{FIRM}</Number></Dial>'
    stage.app.pages |= {"/ring": f"<Response>{dial}</Response>", "/dialed": SAY}
    stage.board.webhooks = Webhooks("", f"{url}/ring", f"{url}/status")
    stage.manners[FIRM] = Manner(picks_up_for_firm=False)
    call = stage.board.call_in(PERSON)
    stage.settle()
    (asked,), (dialed,) = stage.app.at("/ring"), stage.app.at("/dialed")
    assert _of(asked, "From", "To", "CallStatus") == (PERSON, FROM, "ringing")
    assert _of(dialed, "DialBridged", "DialCallStatus") == ("false", "no-answer")
    assert (call.bridged, call.heard, call.status) == (False, ["Hello"], "completed")
    assert [one["Direction"] for one in stage.app.at("/status")] == ["inbound"]


def test_a_mute_person_is_found_by_asking_alone(stage: Stage) -> None:
    stage.manners[PERSON] = Manner(mute=True)
    call, text = stage.call(), stage.text()
    stage.settle()
    assert {path for path, _ in stage.app.got} == {"/answer"}
    assert stage.client.calls(call.sid).fetch().duration == "40"
    assert stage.client.messages(text.sid).fetch().status == "delivered"


def test_callbacks_are_retried_and_counted(stage: Stage) -> None:
    stage.app.statuses = {"/text": [503, 503], "/status": [400]}
    stage.text()
    made = stage.call(status_callback_event=None)
    stage.settle()
    assert (len(stage.app.at("/text")), len(stage.app.at("/status"))) == (4, 1)
    assert [one.split()[0] for one in stage.board.tally.lost] == [made.sid]


def test_a_hundred_calls_at_once_and_some_callbacks_come_twice_or_late() -> None:
    stage = Stage(random.Random(5))
    made = {stage.call().sid for _ in range(100)}
    stage.settle()
    stage.close()
    told, tally = stage.app.at("/status"), stage.board.tally
    assert {_of(one, "CallSid", "SequenceNumber") for one in told} == {
        (sid, number) for sid in made for number in "0123"
    }
    assert len(told) == 400 + tally.doubled
    assert min(tally.doubled, tally.late) > 10
    assert (tally.lost, stage.app.forged) == ([], [])
