"""What Setup asks the worker for, between both stand-ins: checks, a test call, a test text."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bridge import errands
from bridge.app import create_app
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.sandbox.casebook import phone
from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from bridge.sandbox.switchboard import Webhooks
from bridge.store.consent import opt_outs
from bridge.store.consent.opt_outs import NewOptOut
from bridge.store.console import audit
from bridge.store.console import errands as stored
from bridge.store.console.errands import ErrandKind, ErrandState
from bridge.store.dialing import attempts as store_attempts
from bridge.store.tables import attempts, callbacks, case_phones, communications, deliveries
from bridge.store.tables import errands as errands_table
from bridge.store.tables import opt_outs as opt_outs_table
from tests.support.clock import Clock
from tests.support.console import PASSWORD, SECRET_KEY, SignedIn, words
from tests.support.world import FIRM, FROM, TOKEN, World

MINE = "+14025550177"
RETRIES = "#rc=5&rp=ct,rt,5xx&tt=15000"


@pytest.fixture
def world(database_url: str, clock: Clock) -> Iterator[World]:
    made = World(database_url, clock, CONSOLE_PASSWORD=PASSWORD, SECRET_KEY=SECRET_KEY)
    yield made
    made.close()


@pytest.fixture
def runtime(world: World) -> Runtime:
    return world.runtime


@pytest.fixture
def ann(world: World) -> SignedIn:
    return SignedIn(create_app(world.runtime), "Ann Operator", PASSWORD)


def _point_here(world: World, **more: str) -> None:
    world.exchange.webhooks = Webhooks(
        **{
            "text": f"{world.url}/twilio/messages/inbound{RETRIES}",
            "call": f"{world.url}/twilio/voice/inbound{RETRIES}",
            "fallback": "https://handler.example.com/twiml/EH1?token=guessed",
            **more,
        }
    )


def test_a_check_is_asked_for_and_shown(world: World, ann: SignedIn, runtime: Runtime) -> None:
    _point_here(world)
    before = words(ann.get("/console/setup"))
    assert "No check was made yet" in before
    assert "all required settings are present" in before
    assert ann.post("/console/setup/check").status_code == 303
    assert "Checking, since" in words(ann.live("/console/setup"))
    assert ann.post("/console/setup/check").status_code == 303
    assert errands.run_next(runtime)
    assert not errands.run_next(runtime)
    shown = words(ann.get("/console/setup"))
    assert "for Ann Operator" in shown
    assert "Pretend account is active" in shown
    assert "GetCasesToDial answers" in shown
    assert f"{FROM} belongs to this account" in shown
    assert "Checking" not in shown
    with runtime.db.read() as connection:
        lines = audit.newest(connection, 5)
        done = stored.newest_done(connection, ErrandKind.CHECK)
    assert [line.action for line in lines] == ["check-asked", "signed-in"]
    assert done is not None
    assert TOKEN not in str(asdict(done))


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        ({}, "matches"),
        ({"text": ""}, "nobody's STOP is heard"),
        ({"call": ""}, "nobody who calls back is put through"),
        (
            {"text": "https://user:pass@other.example.com:8443/sms?key=guessed"},
            "Twilio has another address: https://other.example.com:8443/sms?…",
        ),
        ({"fallback": ""}, "Set one that dials the firm"),
        ({"status": "https://other.example.com/s"}, "another address, which does no harm"),
    ],
)
def test_what_twilio_has_for_the_number(
    world: World, ann: SignedIn, runtime: Runtime, kept: dict[str, str], says: str
) -> None:
    _point_here(world, **kept)
    ann.post("/console/setup/check")
    errands.run_next(runtime)
    page = ann.get("/console/setup")
    assert says in words(page)
    assert "guessed" not in page.text
    assert "user:pass" not in page.text
    copied = f'data-copy="{world.url}/twilio/messages/inbound#rc=5&amp;rp=ct,rt,5xx&amp;tt=15000"'
    assert copied in page.text


def test_an_address_without_its_end_is_said_so(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    _point_here(world, text=f"{world.url}/twilio/messages/inbound")
    ann.post("/console/setup/check")
    errands.run_next(runtime)
    assert "but for the part behind #" in words(ann.get("/console/setup"))


def test_my_phone_is_called_and_each_step_is_ticked(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    world.manners[MINE] = Manner("human")
    answer = ann.post("/console/setup/call", phone="402-555-0177", confirmed="yes")
    assert (answer.status_code, answer.location) == (303, "/console/setup#test-call")
    shown = words(ann.get("/console/setup"))
    assert "To …0177, asked for by Ann Operator" in shown
    assert "Twilio took it not yet" in shown
    assert errands.run_next(runtime)
    world.settle_calls()
    world.take_in()
    [call] = world.exchange.calls()
    assert (call.to, call.heard) == (MINE, ["This is a test call of Example & Partners. Goodbye."])
    steps = words(ann.live("/console/setup")).partition("Test call")[2].partition("Test text")[0]
    assert "not yet" not in steps
    for name in ("Asked for", "Twilio took it", "It rang", "Answered", "Ended"):
        assert name in steps
    _nothing_else_followed(world)
    with runtime.db.read() as connection:
        newest = audit.newest(connection, 1)[0]
        errand = stored.newest(connection, ErrandKind.TEST_CALL)
    assert (newest.action, newest.subject) == ("test-call", "…0177")
    assert errand is not None
    assert (errand.phone, errand.sid, errand.state) == (None, call.sid, ErrandState.DONE)


@pytest.mark.parametrize(
    ("manner", "says"),
    [
        (Manner("human"), "Delivered"),
        (Manner("human", text="undelivered", text_error=30003), "Not delivered"),
    ],
)
def test_my_phone_is_texted(
    world: World, ann: SignedIn, runtime: Runtime, manner: Manner, says: str
) -> None:
    world.manners[MINE] = manner
    ann.post("/console/setup/text", phone="(402) 555-0177", confirmed="yes")
    assert errands.run_next(runtime)
    world.settle_calls()
    world.take_in()
    [text] = world.exchange.texts()
    assert (text.to, text.body) == (MINE, "This is a test message of Example & Partners.")
    steps = words(ann.live("/console/setup")).partition("Test text")[2]
    assert says in steps
    assert "not yet" not in steps
    _nothing_else_followed(world)


def test_my_phone_is_called_while_everything_is_paused(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    """So that somebody hears that the line is mended before they resume."""
    world.manners[MINE] = Manner("human")
    ann.post("/console/pause", reason="Twilio is down")
    assert "also while all calls are paused" in words(ann.get("/console/setup/call"))
    assert ann.post("/console/setup/call", phone=MINE, confirmed="yes").status_code == 303
    assert errands.run_next(runtime)
    world.settle_calls()
    assert [call.to for call in world.exchange.calls()] == [MINE]


def test_nobody_answers(world: World, ann: SignedIn, runtime: Runtime) -> None:
    world.manners[MINE] = Manner("busy")
    ann.post("/console/setup/call", phone=MINE, confirmed="yes")
    errands.run_next(runtime)
    world.settle_calls()
    world.take_in()
    assert "Not answered: busy" in words(ann.get("/console/setup"))
    _nothing_else_followed(world)


def test_the_number_of_a_case_is_no_contact_of_the_case(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    """The operator's own phone may be that of a case made for trying things out."""
    world.case(7, number=MINE.removeprefix("+1"))
    world.poll()
    with runtime.db.read() as connection:
        before = connection.scalar(select(func.count()).select_from(deliveries))
    ann.post("/console/setup/text", phone=MINE, confirmed="yes")
    errands.run_next(runtime)
    world.settle_calls()
    world.take_in()
    with runtime.db.read() as connection:
        after = connection.scalar(select(func.count()).select_from(deliveries))
        told = connection.scalar(select(func.count()).select_from(communications))
    assert (after, told) == (before, 0)


def test_an_answer_that_is_lost_is_made_up_for_by_callbacks(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    world.exchange.order(Fault("calls", drop="after"))
    ann.post("/console/setup/call", phone=MINE, confirmed="yes")
    assert errands.run_next(runtime)
    world.exchange.order(None)
    assert "was lost" in words(ann.get("/console/setup"))
    world.settle_calls()
    world.take_in()
    assert "It rang" in words(ann.get("/console/setup"))
    with runtime.db.read() as connection:
        errand = stored.newest(connection, ErrandKind.TEST_CALL)
    assert errand is not None
    assert errand.sid is not None


def test_who_opts_out_meanwhile_is_left_alone(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    ann.post("/console/setup/call", phone=MINE, confirmed="yes")
    with runtime.db.begin() as connection:
        new = NewOptOut(E164(MINE), None, Channel.TEXT, OptOutScope.PERSON, "text", "SM1")
        opt_outs.add(connection, new, runtime.clock())
    assert errands.run_next(runtime)
    assert world.exchange.calls() == []
    assert "has opted out" in words(ann.get("/console/setup"))
    world.clock.advance(minutes=1)
    refused = ann.post("/console/setup/text", phone=MINE, confirmed="yes")
    assert (refused.status_code, "has opted out" in words(refused)) == (400, True)


def test_what_no_worker_takes_is_not_done_an_hour_later(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    ann.post("/console/setup/call", phone=MINE, confirmed="yes")
    world.clock.advance(minutes=61)
    assert "no worker took it within a minute" in words(ann.get("/console/setup"))
    assert not errands.run_next(runtime)
    assert world.exchange.calls() == []


def test_a_worker_that_dies_leaves_a_sentence(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    ann.post("/console/setup/check")
    with runtime.db.begin() as connection:
        taken = stored.take(connection, runtime.clock())
    assert taken is not None
    with runtime.db.begin() as connection:
        assert stored.take(connection, runtime.clock()) is None
    world.clock.now += stored.DONE_WITHIN + timedelta(seconds=1)
    assert "the worker stopped before it was done" in words(ann.get("/console/setup"))
    assert ann.post("/console/setup/check").status_code == 303
    assert errands.run_next(runtime)
    with runtime.db.begin() as connection:
        # The dead one comes back too late.
        assert not stored.finish(
            connection, taken, ErrandState.DONE, {}, now=runtime.clock(), sid=None
        )
    assert "GetCasesToDial answers" in words(ann.get("/console/setup"))


@pytest.mark.parametrize("phone", [FROM, FIRM])
def test_the_firms_own_numbers_get_no_test(ann: SignedIn, phone: str) -> None:
    answer = ann.post("/console/setup/call", phone=phone, confirmed="yes")
    assert (answer.status_code, "firm's own" in words(answer)) == (400, True)


def _nothing_else_followed(world: World) -> None:
    with world.runtime.db.read() as connection:
        for table in (attempts, communications, deliveries, case_phones):
            assert connection.scalar(select(func.count()).select_from(table)) == 0, table.name
        verdicts = set(connection.scalars(select(callbacks.c.verdict)))
    assert verdicts == {"recorded"}


def test_who_writes_or_calls_is_heard_whatever_the_address_says(world: World) -> None:
    """An address of the number's with a test's name in it must not make anybody's STOP unheard."""
    world.exchange.webhooks = Webhooks(text=f"{world.url}/twilio/messages/inbound?Test=1")
    assert world.exchange.text_in(MINE, "STOP")
    world.take_in()
    with world.runtime.db.read() as connection:
        assert opt_outs.standing_at(connection, MINE)  # type: ignore[arg-type]


def test_a_test_is_taken_for_nobodys_attempt(world: World, ann: SignedIn, runtime: Runtime) -> None:
    """An attempt at the same number whose answer was lost looks for itself among Twilio's calls."""
    ann.post("/console/setup/call", phone=MINE, confirmed="yes")
    errands.run_next(runtime)
    [call] = world.exchange.calls()
    with runtime.db.read() as connection:
        assert store_attempts.sids_taken(connection, [call.sid, "CA1"]) == {call.sid}
        assert store_attempts.sids_taken(connection, []) == set()


def test_old_errands_go_and_the_newest_check_stays(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    for _ in range(2):
        ann.post("/console/setup/check")
        errands.run_next(runtime)
    world.clock.advance(days=runtime.settings.retention_days + 1)
    world.sweep()
    with runtime.db.read() as connection:
        assert connection.scalar(select(func.count()).select_from(errands_table)) == 1
        assert stored.newest_done(connection, ErrandKind.CHECK) is not None


def test_who_has_refused_at_one_phone_gets_no_test_at_another(
    world: World, ann: SignedIn, runtime: Runtime
) -> None:
    world.case(7, phones=[phone("4025550107"), phone(MINE[2:])])
    world.poll()
    reason = {"reason": "By letter"}
    ann.post("/console/cases/7/stop", **reason)
    form = {"phone": MINE, "confirmed": "yes"}
    refused = ann.post("/console/setup/call", **form)
    assert refused.status_code == 400
    assert "opted out" in words(refused)
    with runtime.db.read() as connection:
        lifted = connection.scalar(select(opt_outs_table.c.id))
    ann.post(f"/console/opt-outs/{lifted}/lift", **reason)
    ann.post("/console/cases/7/pause", **reason)
    paused = ann.post("/console/setup/text", **form)
    assert paused.status_code == 400
    assert "paused" in words(paused)
    ann.post("/console/cases/7/resume")
    assert ann.post("/console/setup/call", **form).status_code == 303
