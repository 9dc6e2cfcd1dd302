"""Requests to the pretend Twilio by Twilio's own SDK: calls and texts, lists, refusals."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.rest import Client

from bridge.sandbox.manner import Manner
from tests.sandbox.stage import FROM, OTHER, PERSON, SAY, SID, Stage, refused


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
    assert refused(lambda: what(desk, **asked)) == (400, code)
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
    assert refused(lambda: stranger.api.accounts(SID).fetch()) == wrong
    assert refused(lambda: stranger.messages.create(to=PERSON, from_=FROM, body="x")) == wrong
    assert refused(lambda: desk.client.calls(f"CA{'0' * 32}").fetch()) == (404, 20404)


def test_a_person_may_be_refused(stage: Stage) -> None:
    stage.manners[PERSON] = Manner(refuse_call=21217, refuse_text=21610)
    assert refused(stage.call) == (400, 21217)
    assert refused(stage.text) == (400, 21610)


def test_lists_show_the_newest_of_a_number(stage: Stage) -> None:
    sids = [stage.call(number).sid for number in (PERSON, PERSON, OTHER)]
    texts = [stage.text(number).sid for number in (PERSON, OTHER)]
    listed = stage.client.calls.list(to=PERSON, limit=50)
    assert [one.sid for one in listed] == [sids[1], sids[0]]
    assert [one.sid for one in stage.client.messages.list(to=OTHER)] == texts[1:]
    stage.settle()


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
