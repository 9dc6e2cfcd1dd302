"""Two operators at two web processes press at the same moment: what they press is done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text

from bridge.reporting import dead_letters
from bridge.store.db import Connection, Database
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.tables import deliveries
from tests.support.console import words
from tests.support.desk import Desk

HERS = "+14025550114"
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "


def _refused_note(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.case(7, HERS)
    real = desk.sa.book.answer

    def refusing(call: str, sent: Any) -> Any:
        refuses = {"Success": False, "Message": "The case is locked."}
        return refuses if "Note" in call else real(call, sent)

    with monkeypatch.context() as patch:
        patch.setattr(desk.sa.book, "answer", refusing)
        desk.text_in(HERS, "Please call me back")
        desk.deliver()


def _meanwhile(desk: Desk, first: Callable[[Connection], object], path: str) -> str:
    """What is said to whoever presses while somebody else's transaction is under way."""
    watching = Database(desk.runtime.db.url, connections=1)
    with ThreadPoolExecutor(1) as pool:
        with desk.runtime.db.begin() as connection:
            first(connection)
            pressed = pool.submit(desk.operator.post, path, id="1")
            while not (watching.is_sqlite or _somebody_waits(watching)):
                pass
        answer = pressed.result(timeout=20)
    watching.close()
    return words(desk.operator.get(answer.location))


def _somebody_waits(watching: Database) -> bool:
    with watching.read() as connection:
        return bool(connection.scalar(text(f"{_WAITING} current_database()")))


def _states(desk: Desk) -> list[str]:
    with desk.runtime.db.read() as connection:
        return list(connection.scalars(select(deliveries.c.state).order_by(deliveries.c.id)))


def test_what_somebody_gives_up_is_not_sent_again_by_whoever_presses_then(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refused_note(desk, monkeypatch)

    def give_up(connection: Connection) -> None:
        assert dead_letters.give_up(desk.runtime, connection, [1]) == [1]

    assert "dealt with this already" in _meanwhile(desk, give_up, "/console/todo/retry")
    assert _states(desk) == [DeliveryState.GIVEN_UP]
    assert desk.notes(7) == []
    assert desk.audited() == []


def test_what_two_people_retry_at_once_is_sent_again_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refused_note(desk, monkeypatch)

    def retry(connection: Connection) -> None:
        assert dead_letters.retry(desk.runtime, connection, [1]) == [1]

    assert "dealt with this already" in _meanwhile(desk, retry, "/console/todo/retry")
    assert len(desk.notes(7)) == 1
    assert desk.audited() == []
