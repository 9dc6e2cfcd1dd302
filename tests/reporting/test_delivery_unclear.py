"""An answer that is no case, or a 404 about the address, kills no message."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.runtime import Runtime
from bridge.store.tables import circuit_breakers, deliveries
from tests.commands.spoken import Spoken, listening
from tests.support.clock import Clock
from tests.support.posting import CALL, Twilio
from tests.support.signing import call_fields
from tests.support.telling import tell


@pytest.fixture
def standin() -> Iterator[Spoken]:
    with listening(Spoken()) as made:
        yield made


def _statuses(runtime: Runtime) -> dict[int, str]:
    with runtime.db.read() as connection:
        rows = connection.execute(select(deliveries).where(deliveries.c.kind == "status")).all()
    return {row.case_id: row.state for row in rows}


def _fails_of(runtime: Runtime) -> list[int]:
    with runtime.db.read() as connection:
        return [row.failures for row in connection.execute(select(circuit_breakers))]


@pytest.mark.parametrize("said", ["OK", None, {"Success": False, "Message": "locked"}])
def test_an_answer_that_is_no_case_is_asked_for_again_and_holds_up_nobody(
    said: Any, runtime: Runtime, remote: SmartAdvocate, standin: Spoken, clock: Clock
) -> None:
    twilio = Twilio(runtime)
    broken = range(10, 16)
    for case_id in (*broken, 7):
        standin.due(case_id)
        twilio.post(f"{CALL}?CaseID={case_id}", call_fields(f"CA{case_id}", "busy", 2))
    standin.wrap = lambda case: said if case["CaseID"] in broken else case
    tell(runtime, remote)
    assert _statuses(runtime) == dict.fromkeys(broken, "pending") | {7: "delivered"}
    assert not any(_fails_of(runtime)), "SmartAdvocate as a whole is not away"
    for _ in range(4):
        clock.advance(hours=1)
        tell(runtime, remote)
    assert set(_statuses(runtime).values()) == {"pending", "delivered"}
    standin.wrap = lambda case: case
    clock.advance(hours=1)
    tell(runtime, remote)
    assert set(_statuses(runtime).values()) == {"delivered"}


def test_it_is_given_up_in_the_end(
    runtime: Runtime, remote: SmartAdvocate, standin: Spoken, clock: Clock
) -> None:
    standin.due(7)
    standin.wrap = lambda _case: "OK"
    Twilio(runtime).post(f"{CALL}?CaseID=7", call_fields("CA7", "busy", 2))
    tell(runtime, remote)
    clock.advance(seconds=runtime.settings.delivery_give_up / timedelta(seconds=1) - 3600)
    tell(runtime, remote)
    assert _statuses(runtime) == {7: "pending"}
    clock.advance(hours=2)
    tell(runtime, remote)
    assert _statuses(runtime) == {7: "dead"}


def test_a_wrong_path_kills_nothing(
    runtime: Runtime, remote: SmartAdvocate, standin: Spoken, clock: Clock
) -> None:
    standin.due(7)
    standin.case_path = "/v2/GetCaseInfo"
    Twilio(runtime).post(f"{CALL}?CaseID=7", call_fields("CA7", "busy", 2))
    tell(runtime, remote)
    assert _statuses(runtime) == {7: "pending"}
    with runtime.db.read() as connection:
        refusal = connection.scalar(select(deliveries.c.refusal).order_by(deliveries.c.id))
    assert "SMARTADVOCATE_URL" in str(refusal)
    assert f"{standin.url}/GetCaseInfo" in str(refusal)
    standin.case_path = "/GetCaseInfo"
    clock.advance(minutes=1)
    tell(runtime, remote)
    assert _statuses(runtime) == {7: "delivered"}
