"""The pretend Twilio posts as the real one, and the proof finds what is wrong."""

import json
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from bridge.sandbox import cast, proof
from bridge.sandbox.casebook import Case
from bridge.sandbox.people import PEOPLE
from bridge.sandbox.twilio import Callback, Play, Twilio, signature

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


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    made = Twilio(account_sid="AC1", token="t")
    yield made
    made.close()


@pytest.mark.parametrize(
    "vector",
    [one for one in VECTORS["vectors"] if not one["raw_body"] and "duplicate" not in one["id"]
     and "array" not in one["id"]],
    ids=lambda vector: vector["id"],
)  # fmt: skip
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
    twilio: Twilio, fragment: str, statuses: tuple[int, ...], posts: int, lost: int
) -> None:
    receiver = Receiver(*statuses)
    fields = {"CallSid": "CA1", "CallStatus": "busy", "ToCity": ""}
    play = Play(f"{receiver.url}/twilio/voice/status?CaseID=7{fragment}", [Callback(fields)])
    for posted in twilio.start(play):
        posted.result()
    receiver.close()
    assert len(receiver.got) == posts
    path, got, signed = receiver.got[0]
    assert (path, got) == ("/twilio/voice/status?CaseID=7", fields)
    assert signed == signature("t", receiver.url + path, fields)
    assert len(twilio.tally.lost) == lost


def test_its_rest_api_knows_its_owner(twilio: Twilio) -> None:
    account = f"{twilio.url}/2010-04-01/Accounts/AC1.json"
    assert requests.get(account, auth=("AC1", "t"), timeout=5).json()["status"] == "active"
    refused = requests.get(account, auth=("AC1", "x"), timeout=5)
    assert (refused.status_code, refused.json()["code"]) == (401, 20003)
    missing = requests.get(f"{account}x", auth=("AC1", "t"), timeout=5)
    assert missing.json()["code"] == 20404


def _played() -> tuple[list[cast.Role], dict[int, Case]]:
    """All people, and their cases as they must be at the end."""
    roles = cast.cast(len(PEOPLE), random.Random(1))
    ends = {}
    for role in roles:
        for case in cast.cases(role):
            end = proof.end_of(role, case.case_id)
            notes = [
                f"{temper.expected.note} {proof.reference(sid)}"
                for temper, sid in zip(role.person.tempers, role.sids, strict=True)
                if temper.expected.note and role.named_by(temper) in {case.case_id, None}
            ]
            ends[case.case_id] = replace(
                case, status=end.status, disposition=end.disposition, attempts=str(end.attempts),
                updates=end.updates, notes=notes,
            )  # fmt: skip
    return roles, ends


def test_the_proof_passes_what_is_right_and_finds_what_is_wrong() -> None:
    roles, cases = _played()
    known = [role for role in roles if role.case_ids]
    assert [proof.discrepancies(role, cases, []) for role in known] == [[]] * len(known)
    stranger = next(role for role in roles if not role.case_ids)
    assert proof.discrepancies(stranger, cases, [])
    role = next(role for role in known if "talks" in role.person.label)
    right = cases[role.case_id]
    for wrong in (
        replace(right, notes=right.notes[:-1]),
        replace(right, notes=[*right.notes, right.notes[0]]),
        replace(right, notes=[*right.notes, "something else"]),
        replace(right, notes=[note.replace("answered", "busy") for note in right.notes]),
        replace(right, status="To Dial"),
        replace(right, disposition="Busy"),
        replace(right, attempts="2"),
        replace(right, updates=2),
    ):
        assert proof.discrepancies(role, cases | {role.case_id: wrong}, [])


def test_no_two_sids_share_their_ending() -> None:
    roles = cast.cast(300, random.Random(2))
    endings = [sid[-4:] for role in roles for sid in role.sids]
    assert len(endings) == len(set(endings))
    assert len({role.number for role in roles}) == 300
