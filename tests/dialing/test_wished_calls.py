"""A next call that the firm asks for at the console counts as one that staff set themselves."""

from datetime import UTC, datetime

from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.reporting import wished_calls
from bridge.sandbox.casebook import Case
from bridge.sandbox.manner import Manner
from bridge.store.cases import cases
from bridge.store.dialing import decisions
from tests.support.world import World, Worldwide

WIDE = {"DIAL_HOURS": "00:00-24:00", "DIAL_STATE_RULES": "off", "DIAL_SKIP_HOLIDAYS": "false"}


def _known(world: World, case_id: int = 7) -> CaseInfo:
    with world.runtime.db.read() as connection:
        case = cases.get(connection, case_id)
    assert case is not None
    return case


def _wish(world: World, at: datetime, case_id: int = 7) -> datetime:
    case = _known(world, case_id)
    with world.runtime.db.begin() as connection:
        assert wished_calls.why_not(connection, case) is None
        return wished_calls.wish_call(world.runtime, connection, case, at)


def _last_reason(world: World) -> str:
    with world.runtime.db.read() as connection:
        return str(decisions.listed(connection, 7, None, 1)[0].why)


def test_it_counts_over_the_retry_pause_and_the_gap(world: World) -> None:
    world.case(7, manner=Manner("no-answer"))
    world.round()
    assert world.shown(7).dial_at > "2026-11-23T12:45:00"
    at = datetime(2026, 11, 23, 17, 44, 30, tzinfo=UTC)
    assert _wish(world, at) == at.replace(minute=45, second=0)
    world.deliver()
    assert (world.shown(7).status, world.shown(7).dial_at) == ("To Dial", "2026-11-23T12:45:00")
    world.clock.now = datetime(2026, 11, 23, 17, 40, tzinfo=UTC)
    assert world.poll() == 0, "it is not due yet"
    world.clock.now = datetime(2026, 11, 23, 17, 45, tzinfo=UTC)
    assert world.poll() == 1
    assert world.place() == 1


def test_a_later_date_holds_also_where_smartadvocate_never_takes_it(world: World) -> None:
    world.case(7, dial_at="2026-11-23T12:30:00")
    due = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    with world.runtime.db.begin() as connection:
        cases.save_case(connection, CaseInfo(7, DialerStatus.TO_DIAL, 0, due), world.clock())
    _wish(world, datetime(2026, 11, 23, 20, 0, tzinfo=UTC))
    world.clock.now = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    assert world.poll() == 0
    assert "scheduled the next call for later" in _last_reason(world)


def test_a_date_that_was_set_in_smartadvocate_meanwhile_gives_way(world: World) -> None:
    world.case(7, manner=Manner("no-answer"))
    world.round()
    at = datetime(2026, 11, 23, 17, 45, tzinfo=UTC)
    _wish(world, at)
    world.sa.book.add(Case(**vars(world.shown(7)) | {"dial_at": "2026-11-24T11:00:00"}))
    world.deliver()
    assert world.shown(7).dial_at == "2026-11-23T12:45:00"
    world.clock.now = at
    assert world.poll() == 1


def test_a_case_that_was_reached_is_called_again(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    world.case(7, manner=Manner(key="1"))
    world.round()
    assert world.shown(7).status == "Do not Dial"
    at = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    _wish(world, at)
    world.deliver()
    assert (world.shown(7).status, world.shown(7).dial_at) == ("To Dial", "2026-11-23T13:30:00")
    world.clock.now = at
    assert world.poll() == 1


def test_do_not_dial_that_somebody_has_set_since_stays(world: World) -> None:
    world.case(7, manner=Manner("no-answer"))
    world.round()
    _wish(world, datetime(2026, 11, 23, 17, 45, tzinfo=UTC))
    world.sa.book.relabel(7, "Do not Dial")
    world.deliver()
    assert world.shown(7).status == "Do not Dial"


def test_it_takes_nothing_from_whoever_dials_the_case_by_then(world: World) -> None:
    world.case(7, manner=Manner("no-answer"))
    world.round()
    _wish(world, datetime(2026, 11, 23, 17, 45, tzinfo=UTC))
    world.sa.book.relabel(7, "In the Dialer")
    world.deliver()
    assert world.shown(7).status == "In the Dialer"


def test_a_case_in_its_turn_is_left_alone(world: World) -> None:
    world.case(7)
    world.poll()
    known = _known(world)
    with world.runtime.db.read() as connection:
        why = wished_calls.why_not(connection, known)
    assert why is not None
    assert "Case 7 is in the dialer right now" in why


def test_so_is_one_under_a_label_of_the_firms_own(world: World) -> None:
    case = CaseInfo(7, None, 0, None, label="Settled")
    with world.runtime.db.read() as connection:
        why = wished_calls.why_not(connection, case)
    assert why is not None
    assert "“Settled”" in why
