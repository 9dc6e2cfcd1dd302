"""The pretend Twilio when something goes wrong: answers lost or late, callbacks twice or never."""

import random

import pytest
import requests

from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from tests.sandbox.stage import PERSON, Stage, live, refused, statuses, values_of
from tests.support.processes import wait_until


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
def test_an_answer_is_lost(stage: Stage, drop: str, made: int) -> None:
    stage.board.order(Fault(only="calls", drop=drop, count=1))
    with pytest.raises(requests.ConnectionError):
        stage.call()
    stage.settle()
    assert len(stage.client.calls.list(to=PERSON)) == made
    assert len(statuses(stage)) == 4 * made
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
    assert refused(stage.call)[0] == 500
    stage.board.order(Fault(only="texts", status=429, code=20429, retry_after=3))
    assert refused(stage.text) == (429, 20429)
    assert stage.post("Messages.json", To=PERSON).headers["Retry-After"] == "3"
    assert (stage.board.calls(), stage.board.texts()) == ([], [])
    assert [one.done for one in stage.board.journal()] == [False] * 3


def test_a_fault_of_new_calls_spares_changes_of_a_live_one(stage: Stage) -> None:
    made = live(stage)
    stage.board.order(Fault(only="calls", status=500, count=1))
    stage.client.calls(made.sid).update(status="completed")
    assert refused(stage.call)[0] == 500


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
    assert {values_of(one, "CallSid", "SequenceNumber") for one in told} == {
        (sid, number) for sid in made for number in "0123"
    }
    assert len(told) == 400 + tally.doubled
    assert min(tally.doubled, tally.late) > 10
    assert (tally.lost, stage.app.forged) == ([], [])
