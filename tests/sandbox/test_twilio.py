"""The pretend Twilio takes and posts as the real one, and the play finds people and hours."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bridge.domain.hours import DAYS, FirmHours, Location, next_opening
from bridge.sandbox import cast, script
from bridge.sandbox.courier import Courier, signature
from bridge.sandbox.manner import Manner
from bridge.sandbox.rest import Server
from bridge.sandbox.switchboard import Switchboard
from bridge.setting_parsers import hours
from tests.support.processes import wait_until

VECTORS = json.loads((Path(__file__).parents[1] / "payloads/signature_vectors.json").read_text())


class Receiver:
    """Answers with the statuses it is given, the last one for good."""

    def __init__(self, *statuses: int) -> None:
        self.got: list[tuple[str, dict[str, str], str]] = []
        left, outer = list(statuses), self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = dict(parse_qsl(body, keep_blank_values=True))
                outer.got.append((self.path, fields, self.headers["X-Twilio-Signature"]))
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.mark.parametrize(
    "vector",
    [
        one
        for one in VECTORS["vectors"]
        if not one["raw_body"] and "duplicate" not in one["id"] and "array" not in one["id"]
    ],
    ids=lambda vector: vector["id"],
)
def test_it_signs_as_twilio_does(vector: dict[str, Any]) -> None:
    fields = dict(map(tuple, vector["form"]))
    signed = signature(vector["token"], vector["url_signed"], fields)
    assert signed == vector["expected_signature"]


@pytest.mark.parametrize(
    ("fragment", "statuses", "posts", "lost"),
    [
        ("", (204,), 1, 0),
        ("", (503, 204), 1, 1),
        ("#rc=5&rp=ct,rt,5xx&tt=15000", (503, 503, 204), 3, 0),
        ("#rc=2&rp=ct,rt,5xx", (503,), 3, 1),
        ("#rc=5&rp=ct,rt,5xx", (400,), 1, 1),
    ],
)
def test_it_repeats_as_the_fragment_asks(
    fragment: str, statuses: tuple[int, ...], posts: int, lost: int
) -> None:
    receiver, courier = Receiver(*statuses), Courier("t")
    fields = {"CallSid": "CA1", "CallStatus": "busy", "ToCity": ""}
    answer = courier.post(f"{receiver.url}/twilio/voice/status?CaseID=7{fragment}", fields)
    receiver.close()
    assert (answer is None) is bool(lost)
    assert len(receiver.got) == posts
    path, got, signed = receiver.got[0]
    assert (path, got) == ("/twilio/voice/status?CaseID=7", fields)
    assert signed == signature("t", receiver.url + path, fields)
    assert len(courier.tally.lost) == lost


@pytest.fixture
def twilio() -> Iterator[Server]:
    people = {
        "+14025550111": Manner(refuse_call=21217, refuse_text=21610),
        "+14025550112": Manner("busy"),
    }
    board = Switchboard(
        account_sid="AC" + "1" * 32,
        token="t",
        step=0.0,
        manner=lambda number: people.get(number, Manner()),
    )
    made = Server(board)
    yield made
    made.close()


@pytest.fixture
def sdk(twilio: Server) -> Client:
    client = Client(twilio.switchboard.account_sid, "t", http_client=TwilioHttpClient(timeout=5))
    client.api.base_url = twilio.url
    return client


def test_its_rest_api_knows_its_owner(twilio: Server) -> None:
    sid = twilio.switchboard.account_sid
    account = f"{twilio.url}/2010-04-01/Accounts/{sid}.json"
    assert requests.get(account, auth=(sid, "t"), timeout=5).json()["status"] == "active"
    refused = requests.get(account, auth=(sid, "x"), timeout=5)
    assert (refused.status_code, refused.json()["code"]) == (401, 20003)
    missing = requests.get(f"{account}x", auth=(sid, "t"), timeout=5)
    assert missing.json()["code"] == 20404


CALL = {"To": "+14025550112", "From": "+14025550100", "Url": "http://127.0.0.1:9/answer"}
TEXT = {"To": "+14025550112", "From": "+14025550100", "Body": "Hello"}


@pytest.mark.parametrize(
    ("where", "change", "code"),
    [
        ("Calls", {"Colour": "red"}, 20001),
        ("Calls", {"To": "4025550112"}, 21211),
        ("Calls", {"From": "+14025550133"}, 21210),
        ("Calls", {"Twiml": "<Response/>"}, 21205),
        ("Calls", {"Url": "/answer"}, 21205),
        ("Calls", {"StatusCallbackEvent": "initiated ringing"}, 21626),
        ("Calls", {"AsyncAmd": "True"}, 21263),
        ("Calls", {"AsyncAmd": "true"}, 21262),
        ("Calls", {"MachineDetection": "yes"}, 21263),
        ("Calls", {"Timeout": "601"}, 21220),
        ("Calls", {"To": "+14025550111"}, 21217),
        ("Messages", {"Text": "x"}, 20001),
        ("Messages", {"From": "+14025550133"}, 21606),
        ("Messages", {"Body": "x" * 1601}, 21617),
        ("Messages", {"Body": ""}, 21619),
        ("Messages", {"ValidityPeriod": "0"}, 21624),
        ("Messages", {"ValidityPeriod": "1.5"}, 21624),
        ("Messages", {"To": "+14025550111"}, 21610),
    ],
)
def test_it_is_strict(twilio: Server, where: str, change: dict[str, str], code: int) -> None:
    sid = twilio.switchboard.account_sid
    asked = (CALL if where == "Calls" else TEXT) | change
    url = f"{twilio.url}/2010-04-01/Accounts/{sid}/{where}.json"
    answer = requests.post(url, data=asked, auth=(sid, "t"), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert twilio.switchboard.calls() == []
    assert twilio.switchboard.texts() == []


def test_the_sdk_understands_it(twilio: Server, sdk: Client) -> None:
    receiver = Receiver(204)
    made = sdk.calls.create(
        to="+14025550112",
        from_="+14025550100",
        url=f"{receiver.url}/answer",
        status_callback=f"{receiver.url}/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    text = sdk.messages.create(
        to="+14025550113",
        from_="+14025550100",
        body="Hello",
        status_callback=f"{receiver.url}/status",
    )
    wait_until(twilio.switchboard.is_quiet, "it still rings")
    twilio.switchboard.drain()
    receiver.close()
    assert sdk.calls(made.sid).fetch().status == "busy"
    assert [one.sid for one in sdk.calls.list(to="+14025550112")] == [made.sid]
    assert sdk.calls.list(to="+14025550199") == []
    assert sdk.messages(text.sid).fetch().status == "delivered"
    said = [fields.get("CallStatus") for _, fields, _ in receiver.got if "CallSid" in fields]
    assert sorted(filter(None, said)) == ["busy", "initiated", "ringing"]
    numbers = {fields["SequenceNumber"] for _, fields, _ in receiver.got if "CallSid" in fields}
    assert numbers == {"0", "1", "2"}


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ("<Response><Shout/></Response>", "text/xml"),
        ('<Response><Say volume="9">x</Say></Response>', "text/xml"),
        ('<Response><Gather action="/key"/></Response>', "text/xml"),
        ("<Response/>", "text/plain"),
        ("<Answer/>", "text/xml"),
    ],
)
def test_it_reads_twiml_strictly(document: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r"12|11100"):
        script.read(document, kind)


NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize("minutes", range(0, 24 * 60, 20))
def test_the_play_finds_hours_at_any_time_of_the_day(minutes: int) -> None:
    now = NOON + timedelta(minutes=minutes)
    scene = cast.setting(now)
    window = hours(scene.hours)
    house = FirmHours(window, frozenset(DAYS), skip_holidays=False)
    for zone in scene.zones:
        open_at = next_opening(now, Location(frozenset({zone.name})), house, lambda *_: None)
        assert open_at is not None
        assert open_at.at == now
        assert open_at.until - now > timedelta(minutes=30)
    far = next_opening(now, Location(frozenset({"Pacific/Guam"})), house, lambda *_: None)
    assert far is None or far.at > now + timedelta(minutes=30)


def test_no_two_people_share_a_number() -> None:
    roles = cast.cast(200, cast.setting(NOON))
    numbers = [number for role in roles for number in role.numbers]
    assert len(numbers) == len(set(numbers))
