"""Texts that wait to be taken in leave the web app's few connections to others."""

import threading

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from bridge.environment import load
from bridge.runtime import WEB_CONNECTIONS, build
from bridge.store.callbacks.callbacks import _INTAKE_LOCK
from bridge.store.db import Database
from bridge.store.tables import callbacks
from tests.conftest import AUTH_TOKEN, PUBLIC_URL
from tests.support.posting import CALL, Twilio
from tests.support.processes import wait_until
from tests.support.signing import call_fields, just_now, text_fields

TEXT_IN = "/twilio/messages/inbound"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_status_callbacks_are_taken_while_texts_wait_for_another_process(database_url: str) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    }
    runtime = build(load(environment), connections=WEB_CONNECTIONS)
    twilio = Twilio(runtime)
    answered: list[int] = []

    def write(number: int) -> None:
        fields = text_fields(f"SM{number:032x}", "received", Body="Hello", From="+14025555759")
        answered.append(twilio.post(TEXT_IN, fields).status_code)

    address = make_url(database_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [_INTAKE_LOCK])
        writing = [threading.Thread(target=write, args=[number]) for number in range(4)]
        for one in writing:
            one.start()
        wait_until(lambda: _kept(runtime.db) == len(writing), "the texts aren't kept")
        ended = call_fields("CA" + "1" * 32, "completed", 3, Timestamp=just_now())
        assert twilio.post(CALL, ended).status_code == 204
        assert answered == [], "they wait"
    for one in writing:
        one.join()
    assert answered == [200] * len(writing)
    runtime.close()


def _kept(db: Database) -> int:
    with db.read() as connection:
        return len(connection.execute(select(callbacks.c.id)).all())
