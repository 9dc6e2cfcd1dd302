"""Texts at the pretend Twilio: how they end, and what people write."""

import pytest

from bridge.sandbox.manner import Manner
from bridge.sandbox.switchboard import Webhooks
from tests.sandbox.stage import FROM, PERSON, Stage, values_of


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
    assert values_of(stop, "Body", "OptOutType", "From", "To") == ("STOP", "STOP", PERSON, FROM)
    assert "Body" not in picture
    assert values_of(picture, "NumMedia", "MediaContentType0") == ("1", "image/jpeg")
    assert values_of(reply, "Body", "From") == ("Who is this?", PERSON)
    assert stage.board.replies() == [(PERSON, "Thank you")] * 3
