"""An answer that is no case, or a 404 about the address, kills no message."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.callbacks import intake
from bridge.reporting import delivery
from bridge.runtime import Runtime, smartadvocate
from bridge.store.tables import circuit_breakers, deliveries
from tests.commands.spoken import Spoken, listening
from tests.support.clock import Clock
from tests.support.posting import CALL, Twilio
from tests.support.signing import call_fields


@pytest.fixture
def spoken() -> Iterator[Spoken]:
    with listening(Spoken()) as made:
        yield made


@pytest.fixture
def runtime(runtime: Runtime, spoken: Spoken) -> Runtime:
    return replace(runtime, settings=replace(runtime.settings, smartadvocate_url=spoken.url))


def _work(runtime: Runtime) -> None:
    remote = smartadvocate(runtime.settings)
    while intake.process_pending(runtime):
        pass
    while leases := delivery.take(runtime, 8):
        for held in leases:
            delivery.deliver_lane(runtime, remote, held, lambda: False)
    remote.close()


def _statuses(runtime: Runtime) -> dict[int, str]:
    with runtime.db.read() as connection:
        rows = connection.execute(select(deliveries).where(deliveries.c.kind == "status")).all()
    return {row.case_id: row.state for row in rows}


def _fails_of(runtime: Runtime) -> list[int]:
    with runtime.db.read() as connection:
        return [row.failures for row in connection.execute(select(circuit_breakers))]


@pytest.mark.parametrize("said", ["OK", None, {"Success": False, "Message": "locked"}])
def test_an_answer_that_is_no_case_is_asked_for_again_and_holds_up_nobody(
    said: Any, runtime: Runtime, spoken: Spoken, clock: Clock
) -> None:
    twilio = Twilio(runtime)
    broken = range(10, 16)
    for case_id in (*broken, 7):
        spoken.due(case_id)
        twilio.post(f"{CALL}?CaseID={case_id}", call_fields(f"CA{case_id}", "busy", 2))
    spoken.wrap = lambda case: said if case["CaseID"] in broken else case
    _work(runtime)
    assert _statuses(runtime) == dict.fromkeys(broken, "pending") | {7: "delivered"}
    assert not any(_fails_of(runtime)), "SmartAdvocate as a whole is not away"
    for _ in range(4):
        clock.advance(hours=1)
        _work(runtime)
    assert set(_statuses(runtime).values()) == {"pending", "delivered"}
    spoken.wrap = lambda case: case
    clock.advance(hours=1)
    _work(runtime)
    assert set(_statuses(runtime).values()) == {"delivered"}


def test_it_is_given_up_in_the_end(runtime: Runtime, spoken: Spoken, clock: Clock) -> None:
    spoken.due(7)
    spoken.wrap = lambda _case: "OK"
    Twilio(runtime).post(f"{CALL}?CaseID=7", call_fields("CA7", "busy", 2))
    _work(runtime)
    clock.advance(seconds=runtime.settings.delivery_give_up / timedelta(seconds=1) - 3600)
    _work(runtime)
    assert _statuses(runtime) == {7: "pending"}
    clock.advance(hours=2)
    _work(runtime)
    assert _statuses(runtime) == {7: "dead"}


def test_a_wrong_path_kills_nothing(runtime: Runtime, spoken: Spoken, clock: Clock) -> None:
    spoken.due(7)
    spoken.case_path = "/v2/GetCaseInfo"
    Twilio(runtime).post(f"{CALL}?CaseID=7", call_fields("CA7", "busy", 2))
    _work(runtime)
    assert _statuses(runtime) == {7: "pending"}
    with runtime.db.read() as connection:
        refusal = connection.scalar(select(deliveries.c.refusal).order_by(deliveries.c.id))
    assert "SMARTADVOCATE_URL" in str(refusal)
    assert f"{spoken.url}/GetCaseInfo" in str(refusal)
    spoken.case_path = "/GetCaseInfo"
    clock.advance(minutes=1)
    _work(runtime)
    assert _statuses(runtime) == {7: "delivered"}
