"""The pretend Twilio takes and posts as the real one, and the proof finds what is wrong."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
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
from bridge.sandbox import cast, proof, script, summary
from bridge.sandbox.casebook import Case
from bridge.sandbox.courier import Courier, signature
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.people import PEOPLE
from bridge.sandbox.rest import Server
from bridge.sandbox.switchboard import SentText, Switchboard
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


def _played() -> tuple[list[cast.Role], dict[int, Case], list[Call], list[SentText]]:
    """All people, their cases as they must be at the end, and what reached them."""
    roles = cast.cast(len(PEOPLE), cast.setting(NOON))
    ends, calls, texts = {}, [], []
    for role in roles:
        expected = role.person.expected
        notes = list(expected.notes)
        for place, case in enumerate(cast.cases(role, NOON)):
            if place < expected.waiting:
                ends[case.case_id] = case
                continue
            mine, notes = notes, []
            ends[case.case_id] = replace(
                case,
                status=expected.status_of(place),
                disposition=expected.disposition,
                attempts=expected.attempts,
                notes=mine,
            )
        number = role.numbers[-1]
        calls += [Call("CA1", number, "", NOON, 0.0) for _ in range(expected.calls)]
        texts += [SentText("SM1", number, NOON, 0.0, {}) for _ in range(expected.texts)]
    return roles, ends, calls, texts


def test_the_proof_passes_what_is_right_and_finds_what_is_wrong() -> None:
    roles, cases, calls, texts = _played()
    assert [proof.discrepancies(role, cases, calls, texts) for role in roles] == [[]] * len(roles)
    role = next(role for role in roles if "talks" in role.person.label)
    right = cases[role.case_id]
    for wrong in (
        replace(right, notes=right.notes[:-1]),
        replace(right, notes=[*right.notes, right.notes[0]]),
        replace(right, notes=[*right.notes, "something else"]),
        replace(right, notes=[note.replace("talked", "busy") for note in right.notes]),
        replace(right, status="To Dial"),
        replace(right, disposition="Busy"),
        replace(right, attempts="2"),
    ):
        assert proof.discrepancies(role, cases | {role.case_id: wrong}, calls, texts)
    again = [*calls, Call("CA2", role.numbers[0], "", NOON, 0.0)]
    assert proof.discrepancies(role, cases, again, texts)
    assert proof.discrepancies(role, cases, calls, [])
    alone = next(role for role in roles if role.person.far_away)
    touched = replace(cases[alone.case_id], updates=1)
    assert proof.discrepancies(alone, cases | {alone.case_id: touched}, calls, texts)


def _who(roles: list[cast.Role], label: str) -> cast.Role:
    return next(role for role in roles if role.person.label == label)


def test_whoever_was_not_to_be_greeted_and_was_is_found() -> None:
    roles, cases, calls, texts = _played()
    role = _who(roles, "writes STOP while it rings")
    (call,) = [call for call in calls if call.to in role.numbers]
    call.heard.append("Hello, this is Example & Partners.")
    (wrong,) = proof.discrepancies(role, cases, calls, texts)
    assert wrong.endswith("was greeted, and should not have been")
    assert proof.harm(role, cases, calls, texts) == [wrong]


def test_staffs_do_not_dial_must_stand_and_the_other_case_wait() -> None:
    roles, cases, calls, texts = _played()
    role = _who(roles, "one case stopped by staff")
    first, second = (cases[case_id] for case_id in role.case_ids)
    for changed in (
        replace(first, status="To Dial"),
        replace(second, status="Do not Dial"),
        replace(second, disposition="Successful", attempts="1"),
    ):
        wrong = proof.discrepancies(role, cases | {changed.case_id: changed}, calls, texts)
        assert any(f"{changed.case_id} shows" in sentence for sentence in wrong)


PAUSES = """\
paused  which         until  by             since                    reason
case    10120                shared-number  2026-11-26 14:42:29 EST  case 120 was set to Do not Dial by staff: is that meant for this case, too?
number  +14025550121         text           2026-11-26 14:42:34 EST  a text from …0121 limits when or how the person may be reached: somebody must decide
case    118                  text           2026-11-26 14:42:34 EST  a text from …0121 limits when or how the person may be reached: somebody must decide
"""  # noqa: E501 - as it is printed


def test_a_case_that_waits_for_the_firm_must_be_listed_with_its_question() -> None:
    roles = cast.cast(len(PEOPLE), cast.setting(NOON))
    asked = [
        role for role in roles if role.person.label in {"only after 5", "one case stopped by staff"}
    ]
    assert [role.case_id for role in asked] == [118, 120]
    assert proof.unasked(asked, PAUSES) == []
    other_reason = PAUSES.replace("limits when or how", "was set to Do not Dial by staff:")
    assert len(proof.unasked(asked, other_reason)) == 1
    assert len(proof.unasked(asked, "Nothing is paused.")) == 2


def test_the_summary_says_of_each_promise_whether_it_was_kept() -> None:
    roles = cast.cast(len(PEOPLE), cast.setting(NOON))
    fault = "case 107 (writes STOP): called 1 times, not 0"
    told = summary.promises(roles, [fault]).splitlines()
    (broken,) = [line for line in told if line.startswith("  broken")]
    assert "by text, in English or in Spanish" in broken
    assert broken.endswith("(107, 108, 116, 121)")
    assert sum(line.startswith("  ok ") for line in told) == len(told) - 2
    assert "broken" not in summary.promises(roles, [])


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
