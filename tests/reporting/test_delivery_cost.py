"""What telling SmartAdvocate costs the database, and how a thread goes from lane to lane."""

import pytest
from sqlalchemy import func, select, update

from bridge.adapters.smartadvocate.client import SmartAdvocate as Client
from bridge.reporting import delivery
from bridge.runtime import Runtime
from bridge.sandbox.faults import Fault
from bridge.sandbox.smartadvocate import SmartAdvocate
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.reporting.lanes import Lease
from bridge.store.tables import deliveries, lanes
from tests.stories.workload import case
from tests.support.posting import CALL, Twilio
from tests.support.signing import call_fields
from tests.support.statements import counted
from tests.support.telling import take_in

CASES = 12
MOST_STATEMENTS_TAKEN_IN = {"sqlite": 8, "postgresql": 6}
"""Of one callback that ends a call."""
MOST_STATEMENTS_TOLD = 16
"""Of its status and its note together, the case being read for the first time."""


@pytest.fixture
def standin(standin: SmartAdvocate) -> SmartAdvocate:
    for number in range(1, CASES + 1):
        standin.book.add(case(number))
    return standin


def _calls_end(runtime: Runtime, cases: int = CASES) -> None:
    """A call of each case has reached its person, and its callback is kept."""
    twilio = Twilio(runtime)
    for number in range(1, cases + 1):
        fields = call_fields(
            f"CA{number:032x}", "completed", 3, To=f"+140255501{number:02d}", CallDuration="42"
        )
        twilio.post(f"{CALL}?CaseID={number}", fields)


def _states(runtime: Runtime) -> set[str]:
    with runtime.db.read() as connection:
        return set(connection.scalars(select(deliveries.c.state)))


def test_a_status_and_its_note_take_two_transactions(
    runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    """Three requests a callback: read the case, write its status, add the note.

    One transaction is behind the first of them, and one behind the last.
    """
    _calls_end(runtime)
    with counted(runtime.db.engine) as taking_in:
        take_in(runtime)
    (held,) = delivery.take(runtime, 1)
    with counted(runtime.db.engine) as telling:
        delivery.deliver_lanes(runtime, remote, held, lambda: False, lambda _lease: None)
    assert _states(runtime) == {DeliveryState.DELIVERED}
    assert len(standin.journal()) == 3 * CASES
    assert telling.commits == 2 * CASES + 1, "one more ahead of the first request"
    most = MOST_STATEMENTS_TAKEN_IN[runtime.db.engine.dialect.name]
    assert len(taking_in.statements) <= most * CASES
    assert len(telling.statements) <= MOST_STATEMENTS_TOLD * CASES


def test_a_thread_goes_on_to_the_next_lane_and_says_which_it_holds(
    runtime: Runtime, remote: Client
) -> None:
    _calls_end(runtime, 3)
    take_in(runtime)
    (held,) = delivery.take(runtime, 1)
    told: list[Lease] = []
    delivery.deliver_lanes(runtime, remote, held, lambda: False, told.append)
    lanes_held = [held.lane, *(lease.lane for lease in told)]
    assert sorted(lanes_held) == ["case:1", "case:2", "case:3"]
    assert len({lease.holder for lease in (held, *told)}) == 3
    with runtime.db.read() as connection:
        assert connection.scalar(select(func.count()).select_from(lanes)) == 0


def test_who_is_to_stop_takes_no_other_lane(runtime: Runtime, remote: Client) -> None:
    _calls_end(runtime, 2)
    take_in(runtime)
    (held,) = delivery.take(runtime, 1)
    told: list[Lease] = []
    answers = iter([False, False, False, True, True, True])
    delivery.deliver_lanes(runtime, remote, held, lambda: next(answers), told.append)
    assert told == []
    (other,) = delivery.take(runtime, 8)
    assert other.lane != held.lane


def test_while_smartadvocate_fails_no_thread_goes_on_by_itself(
    runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    """Whether anybody may ask is for the circuit breaker, which counts this failure."""
    _calls_end(runtime, 3)
    take_in(runtime)
    standin.order(Fault(status=503))
    (held,) = delivery.take(runtime, 1)
    told: list[Lease] = []
    delivery.deliver_lanes(runtime, remote, held, lambda: False, told.append)
    assert told == []
    assert len(standin.journal()) == 1


def test_a_lease_lost_while_the_case_is_read_writes_nothing(
    runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    _calls_end(runtime, 1)
    take_in(runtime)
    (held,) = delivery.take(runtime, 1)

    def lose_it(_entry: object) -> None:
        with runtime.db.engine.begin() as connection:
            connection.execute(update(lanes).values(holder="another"))

    standin.on_request = lose_it
    delivery.deliver_lanes(runtime, remote, held, lambda: False, lambda _lease: None)
    assert [entry.call for entry in standin.journal()] == ["GetCaseInfo"]
    with runtime.db.read() as connection:
        rows = connection.execute(select(deliveries)).all()
    assert {row.state for row in rows} == {DeliveryState.PENDING}
    assert [row.plan for row in rows] == [None, None], "the new holder counts from what it reads"
