"""Calls at the pretend Twilio that are under way: changed, ended, canceled."""

from bridge.sandbox.manner import Manner
from tests.sandbox.stage import PERSON, SAY, Stage, live, refused, statuses
from tests.support.processes import wait_until


def test_a_live_call_hears_something_else(stage: Stage) -> None:
    made = live(stage)
    other = "<Response><Say>Please call us</Say><Hangup/></Response>"
    assert stage.client.calls(made.sid).update(twiml=other).status == "in-progress"
    stage.settle()
    heard = stage.by_sid(made.sid).heard
    assert (heard.count("Please call us"), heard[-1]) == (1, "Please call us")


def test_a_live_call_is_ended_once(stage: Stage) -> None:
    made = live(stage)
    stage.client.calls(made.sid).update(status="completed")
    stage.settle()
    assert len(stage.by_sid(made.sid).heard) < 200
    assert statuses(stage)[-1] == ("3", "completed")
    over = stage.client.calls(made.sid)
    assert refused(lambda: over.update(status="completed")) == (400, 21220)
    assert refused(lambda: over.update(twiml=SAY)) == (400, 21220)


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
    assert refused(lambda: stage.client.calls(made.sid).update(twiml=SAY)) == (400, 21220)
    stage.board.queueing = False
    stage.settle()
    assert stage.by_sid(made.sid).heard == ["Hello"]
