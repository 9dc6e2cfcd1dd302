"""What the host and the operator ask."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bridge.callbacks import intake
from bridge.runtime import Runtime
from bridge.store.db import Database
from tests.support.posting import CALL, Twilio
from tests.support.signing import call_fields


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    db = Database(f"sqlite:///{tmp_path / 'empty.db'}", connections=1)
    yield db
    db.close()


def test_ready_only_with_a_current_schema(runtime: Runtime, empty: Database) -> None:
    assert Twilio(runtime).client.get("/readyz").json == {"status": "ok"}
    answer = Twilio(replace(runtime, db=empty)).client.get("/readyz")
    assert answer.status_code == 503
    assert "bridge migrate" in answer.text


def test_an_older_app_on_a_newer_database_says_so(runtime: Runtime) -> None:
    with runtime.db.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = Twilio(runtime).client.get("/readyz")
    assert answer.status_code == 503
    assert "newer than this code" in answer.text
    assert "bridge migrate" not in answer.text


def test_metrics_are_for_those_who_know_the_token(runtime: Runtime) -> None:
    client = Twilio(runtime).client
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401
    off = replace(runtime, settings=replace(runtime.settings, metrics_token=None))
    assert Twilio(off).client.get("/metrics").status_code == 404


def test_metrics_count_what_happened(runtime: Runtime) -> None:
    twilio = Twilio(runtime)
    for sid in ("CA1", "CA1", "CA2"):
        twilio.post(f"{CALL}?CaseID=7", call_fields(sid, "busy", 2))
    twilio.post(CALL, {"CallStatus": "busy"})
    twilio.raw(CALL, b"", "wrong")
    while intake.process_pending(runtime):
        pass
    answer = twilio.client.get("/metrics", headers={"Authorization": "Bearer metrics-of-the-tests"})
    samples = {
        (one.name, *sorted(one.labels.values())): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }
    assert samples["bridge_callbacks_total", "call", "matched"] == 2
    assert samples["bridge_callbacks_total", "call", "duplicate"] == 1
    assert samples["bridge_callbacks_total", "call", "malformed"] == 1
    assert samples["bridge_rejected_total", CALL, "wrong"] == 1
    assert samples["bridge_deliveries_pending",] == 4
    assert samples["bridge_callbacks_waiting",] == 0
    assert samples["bridge_smartadvocate_up",] == 1
    assert samples["bridge_delivery_seconds_bucket", "+Inf"] == 0


def test_every_answer_names_its_request(runtime: Runtime) -> None:
    client = Twilio(runtime).client
    given = client.get("/healthz", headers={"X-Request-ID": "abcdef-123456"})
    assert given.headers["X-Request-ID"] == "abcdef-123456"
    odd = client.get("/healthz", headers={"X-Request-ID": "a b\tc<script>"})
    assert odd.headers["X-Request-ID"].startswith("id-")
