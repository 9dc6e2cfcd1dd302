"""To do: what SmartAdvocate refused is sent again, or given up; how many questions there are."""

from typing import Any

import pytest
from sqlalchemy import select, update

from bridge import sweep
from bridge.store.console import to_do
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.tables import callbacks, deliveries
from tests.support.console import PASSWORD, SignedIn, to_do_count, words
from tests.support.desk import Desk

HERS = "+14025550114"
REFUSED = "SmartAdvocate refused this"
LOCKED = "The case is locked <script>alert(1)</script>."


def _refusing(desk: Desk, monkeypatch: pytest.MonkeyPatch, says: str = LOCKED) -> None:
    """SmartAdvocate takes no note until the patch is undone."""
    real = desk.sa.book.answer

    def refusing(call: str, sent: Any) -> Any:
        if "Note" in call:
            return {"Success": False, "Message": says}
        return real(call, sent)

    monkeypatch.setattr(desk.sa.book, "answer", refusing)


def _states(desk: Desk) -> list[str]:
    with desk.runtime.db.read() as connection:
        return list(connection.scalars(select(deliveries.c.state).order_by(deliveries.c.id)))


def _write(desk: Desk, *texts: str) -> None:
    for text in texts:
        desk.text_in(HERS, text)
    desk.deliver()


def test_a_refused_note_is_sent_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.case(7, HERS)
    with monkeypatch.context() as patch:
        _refusing(desk, patch)
        _write(desk, "Please call me back <i>please</i>")
    assert desk.asked() == [REFUSED]
    page = desk.operator.get("/console/todo").text
    assert "<script>alert" not in page
    assert "&lt;i&gt;please" in page
    assert "The case is locked" in desk.page()
    assert "Text from …0114: “Please call me back <i>please</i>”" in desk.page()
    assert "1 message will be sent again." in desk.answer("Retry")
    assert desk.asked() == []
    assert len(desk.notes(7)) == 1
    assert _states(desk) == ["delivered"]
    assert desk.audited() == [("Ann Operator", "delivery-retried", "message 1", "", 7)]
    late = desk.operator.post("/console/todo/retry", id="1")
    assert "dealt with this already" in words(desk.operator.get(late.location))
    assert _states(desk) == ["delivered"]


def test_a_refused_note_is_given_up_and_deleted_in_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.case(7, HERS)
    with monkeypatch.context() as patch:
        _refusing(desk, patch)
        _write(desk, "Please call me back")
    assert "1 message will not be sent anymore." in desk.answer("Give up")
    assert desk.asked() == []
    assert _states(desk) == [DeliveryState.GIVEN_UP]
    desk.deliver()
    assert desk.notes(7) == []
    for path in ("retry", "give-up"):
        late = desk.operator.post(f"/console/todo/{path}", id="1")
        assert "dealt with this already" in words(desk.operator.get(late.location))
    assert _states(desk) == [DeliveryState.GIVEN_UP]
    assert [line[1:] for line in desk.audited()] == [
        ("delivery-given-up", "message 1", "", 7),
    ]
    desk.clock.advance(days=desk.runtime.settings.retention_days + 1)
    sweep.run_due(desk.runtime)
    assert _states(desk) == []


def test_all_that_was_refused_alike_and_all_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.case(7, HERS)
    desk.case(8, "+14025550118")
    with monkeypatch.context() as patch:
        _refusing(desk, patch)
        _write(desk, "one thing", "another thing")
    with monkeypatch.context() as patch:
        _refusing(desk, patch, "No such user")
        desk.text_in("+14025550118", "a third thing")
        desk.deliver()
    assert desk.asked() == [REFUSED] * 3
    assert "2 messages will not be sent anymore." in desk.answer("Give up all 2 refused like this")
    assert desk.asked() == [REFUSED]
    with monkeypatch.context() as patch:
        _refusing(desk, patch)
        _write(desk, "a fourth thing")
    assert "2 messages will be sent again." in desk.answer("Retry all that SmartAdvocate refused")
    assert desk.asked() == []
    desk.deliver()
    assert _states(desk) == ["given-up", "given-up", "delivered", "delivered"]
    assert desk.audited()[-1][1:3] == ("delivery-retried", "2 messages")


def test_a_form_that_names_no_message_is_refused(desk: Desk) -> None:
    for fields in ({}, {"id": "seven"}, {"like": "-1"}):
        assert desk.operator.post("/console/todo/retry", **fields).status_code == 400


def test_the_oldest_come_first_whatever_they_ask(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.case(7, HERS)
    with monkeypatch.context() as patch:
        _refusing(desk, patch)
        _write(desk, "Please call me back")
    desk.clock.advance(minutes=5)
    _write(desk, "I am not interested")
    desk.clock.advance(minutes=5)
    desk.call("CA" + "3" * 32, "levitating", 0, To=HERS)
    assert desk.asked() == [REFUSED, "Does this text mean stop?", "Please look at this"]
    # Thursday at noon, and then it is Friday afternoon.
    desk.clock.advance(days=3)
    desk.operator = SignedIn(desk.twilio.client.application, "Ann Operator", PASSWORD)
    assert desk.page().count("overdue") == 3


def test_more_than_fit_are_shown_page_by_page(desk: Desk) -> None:
    for number in range(28):
        desk.call(f"CA{number:032d}", "levitating", 0, To=HERS)
    first = desk.operator.get("/console/todo").text
    assert first.count("Please look at this") == 25
    after = first.partition("?after=")[2].partition('"')[0]
    second = desk.operator.get("/console/todo", after=after).text
    assert second.count("Please look at this") == 3
    assert "Show more" not in second
    for odd in ("x", "1.2", "1.2.3.4", "-1.0.0", "9" * 40 + ".0.0"):
        assert desk.operator.get("/console/todo", after=odd).status_code == 200


def test_a_flood_is_counted_as_far_as_it_is_honest(desk: Desk) -> None:
    with desk.runtime.db.begin() as connection:
        connection.execute(
            callbacks.insert(),
            [
                {
                    "received_at": desk.clock(),
                    "channel": "call",
                    "sid": "",
                    "event": f"raw:{number}",
                    "status": "",
                    "verdict": "malformed",
                    "question": "malformed",
                }
                for number in range(1200)
            ],
        )
        assert to_do.count(connection) == to_do.MOST
    assert to_do_count(desk.operator.get("/console/todo")) == f"{to_do.MOST}+"
    with desk.runtime.db.begin() as connection:
        connection.execute(update(callbacks).values(settled_at=desk.clock(), settled_by="Ann"))
    assert desk.asked() == []
