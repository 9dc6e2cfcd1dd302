"""Leads and the do-not-call registry, from the import of its list to the call."""

import io
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bridge import eligibility
from bridge.background import Background, PlannedContact
from bridge.commands import consent_import, consents, dnc, explain, wrong_numbers
from bridge.consent.consents import record_consents
from bridge.consent.wrong_numbers import SaidWrong, record_wrong_number
from bridge.dialing import deciding, polling
from bridge.dialing.call_takers import Room
from bridge.domain.case_updates import CaseInfo
from bridge.domain.consents import NewConsent
from bridge.domain.contact_facts import Pause
from bridge.domain.events import Channel
from bridge.domain.phone_choice import PhoneChoice
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.phone_choices import choose
from bridge.runtime import Runtime
from bridge.sandbox.casebook import phone
from bridge.sandbox.manner import Manner
from bridge.store import notices
from bridge.store.consent import registry
from bridge.store.consent.wrong_numbers import WrongNumberWay
from bridge.store.dialing import skipped
from bridge.store.notices import Notice, NoticeName
from bridge.store.tables import attempts
from tests.support.registry import import_lists
from tests.support.world import FIRM, World, Worldwide

LEAD = {"CAMPAIGN_PURPOSES": "Reports=client", "CONSENT_BASIS": "client:text=the retainer"}


@pytest.fixture
def world(worldwide: Worldwide) -> World:
    return worldwide(**LEAD, TEXT_ENABLED="false", DIAL_PERSON_GAP="0", DIAL_CAPS="99,99,99,99")


def _import(world: World, tmp_path: Path, *numbers: str, as_of: datetime | None = None) -> None:
    file = tmp_path / "registry.txt"
    file.write_text("".join(f"{number}\n" for number in (*numbers, "4025559999")))
    dnc.import_file(world.runtime, file, as_of or world.clock())


def _called(world: World) -> list[str]:
    """For whom calls were placed; a lead's ring the firm first."""
    with world.runtime.db.read() as connection:
        return list(
            connection.scalars(
                select(attempts.c.phone)
                .where(attempts.c.placed_at.is_not(None))
                .order_by(attempts.c.placed_at)
            )
        )


def _why(world: World, case_id: int) -> str:
    with world.runtime.db.read() as connection:
        (row,) = skipped.listed(connection, case_id)
    return str(row.reason)


def _noticed(world: World) -> list[Notice]:
    with world.runtime.db.read() as connection:
        found = notices.active(connection)
    return [notice for notice in found if notice.name is NoticeName.REGISTRY]


def _found(world: World, number: str, case_id: int = 7) -> object:
    case = world.remote.case(case_id)
    with world.runtime.db.read() as connection:
        contact = PlannedContact(case, Channel.CALL, E164(number))
        return eligibility.preview(world.runtime, connection, contact).inputs["registry"]


def test_a_lead_waits_for_a_list_and_is_called_when_it_is_there(
    world: World, tmp_path: Path
) -> None:
    number = world.case(7, manner=Manner("busy"))
    world.round()
    assert _called(world) == []
    assert world.shown(7).status == "To Dial", "nothing of it changes in SmartAdvocate"
    assert _why(world, 7).startswith(
        "no list of the National Do Not Call Registry was imported for area code 402: import it"
    )
    assert [notice.subject for notice in _noticed(world)] == ["402"]
    assert _noticed(world)[0].says.startswith("Leads are held: no list of the National Do Not")
    said = (explain.explain(world.runtime, world.remote, 7) or "").splitlines()
    assert said[1] == "Not until somebody lifts what holds it."
    assert any(line.startswith("  because no list of the National Do Not Call") for line in said)
    _import(world, tmp_path)
    assert _noticed(world) == []
    world.round()
    assert _called(world) == [number]
    assert _found(world, number) == "not listed on 2026-11-23, 0 days ago"


def test_a_listed_number_is_skipped_for_the_next_one(world: World, tmp_path: Path) -> None:
    listed, other = "4025550107", "4025550170"
    world.case(7, phones=[phone(listed), phone(other, primary=False)])
    world.manners[f"+1{other}"] = Manner("busy")
    world.case(8, "4025550108")
    _import(world, tmp_path, listed, "402,5550108")
    world.round()
    assert _called(world) == [f"+1{other}"]
    assert "…0108: the number is on the National Do Not Call Registry" in _why(world, 8)
    said = (explain.explain(world.runtime, world.remote, 8) or "").splitlines()
    assert said[1] == "No: it has no phone that may be called or texted."
    assert any("the number is on the National Do Not Call Registry" in line for line in said)


def test_a_number_that_is_listed_meanwhile_is_not_dialed(world: World, tmp_path: Path) -> None:
    world.case(7)
    import_lists(world.runtime.db, world.clock())
    assert world.poll() == 1
    _import(world, tmp_path, "4025550107")
    world.place()
    world.settle()
    assert _called(world) == []
    assert world.shown(7).status == "To Dial"


def test_whoever_contacted_the_firm_is_exempt_for_90_days(world: World, tmp_path: Path) -> None:
    number = world.case(7, manner=Manner("busy"))
    _import(world, tmp_path, "4025550107")
    world.round()
    assert _called(world) == []
    world.exchange.text_in(number, "Please call me back")
    world.take_in()
    world.clock.advance(minutes=30)
    world.round()
    assert _called(world) == [number]
    assert str(_found(world, number)).endswith(
        "exempt: the person contacted the firm on 2026-11-23"
    )
    world.clock.advance(days=91)
    assert "exempt" not in str(_found(world, number))


def test_a_stranger_and_a_call_that_was_turned_away_are_no_inquiry(
    worldwide: Worldwide, tmp_path: Path
) -> None:
    world = worldwide(**LEAD, CALLS_IN_PER_HOUR="1")
    number, strangers = E164("+14025550107"), E164("+14025550170")
    world.case(7, phones=[phone("4025550107"), phone("4025550170", primary=False)])
    _import(world, tmp_path, "4025550107", "4025550170")
    world.round()
    wrong = SaidWrong(strangers, 7, WrongNumberWay.STAFF, "Ann")
    with world.runtime.db.begin() as connection:
        record_wrong_number(world.runtime, connection, wrong)
    world.exchange.text_in(strangers, "Please call me back")
    world.take_in()
    assert "exempt" not in str(_found(world, number))
    world.exchange.call_in(number)
    world.take_in()
    assert "on 2026-11-23" in str(_found(world, number))
    world.clock.advance(minutes=59)
    with world.runtime.db.read() as connection:
        before = registry.entries(connection, [(7, number)], {}).of(7, number)
    world.exchange.call_in(number)
    world.take_in()
    with world.runtime.db.read() as connection:
        assert registry.entries(connection, [(7, number)], {}).of(7, number) == before


def test_a_list_is_too_old_from_the_31st_day(world: World, tmp_path: Path) -> None:
    number = world.case(7, manner=Manner("busy"))
    _import(world, tmp_path, as_of=world.clock() - timedelta(days=32))
    world.round()
    assert _called(world) == []
    assert "is of 2026-10-22 and older than 30 days: import it" in _why(world, 7)
    _import(world, tmp_path, as_of=world.clock() - timedelta(days=30))
    world.round()
    assert _called(world) == [number]


def test_a_client_is_never_held_by_the_registry(world: World) -> None:
    number = world.case(7, manner=Manner("busy"), campaign="Reports")
    import_lists(world.runtime.db, world.clock(), number)
    world.round()
    assert _called(world) == [number]


def test_consent_exempts(worldwide: Worldwide) -> None:
    world = worldwide(
        CAMPAIGN_PURPOSES="", CONSENT_BASIS="lead:voice=the web form", TEXT_ENABLED="false"
    )
    number = world.case(7, manner=Manner("busy"))
    import_lists(world.runtime.db, world.clock(), number)
    world.round()
    assert _called(world) == [number]
    assert str(_found(world, number)).endswith("; exempt: the firm's attestation: the web form")


@pytest.mark.parametrize("listed", [True, False])
def test_who_is_held_is_decided_on_again_after_a_while_and_not_at_every_poll(
    world: World, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    decided: list[int] = []

    def counting(known: Background, case: CaseInfo, active_pauses: Sequence[Pause]) -> PhoneChoice:
        decided.append(case.case_id)
        return choose(known, case, active_pauses)

    monkeypatch.setattr(deciding, "choose", counting)
    number = world.case(7)
    if listed:
        import_lists(world.runtime.db, world.clock(), number)
    for _ in range(4):
        assert world.poll() == 0
    assert decided == [7]
    assert "National Do Not Call Registry" in _why(world, 7)
    world.clock.advance(minutes=30)
    assert world.poll() == 0
    assert decided == [7, 7]
    # An import is seen at once.
    import_lists(world.runtime.db, world.clock())
    assert world.poll() == 1


def test_consent_reaches_who_is_held_at_the_next_poll(world: World, tmp_path: Path) -> None:
    hers = world.case(7)
    world.case(8, "4025550108")
    _import(world, tmp_path, "4025550107", "4025550108")
    assert world.poll() == 0
    said = consents.add(world.runtime, _agreed(world, hers), "Ann Example")
    assert said.endswith(": recorded as 1.")
    assert world.poll() == 1, "hers alone"
    assert "National Do Not Call Registry" in _why(world, 8)


def test_consent_from_a_file_reaches_who_is_held_for_want_of_a_list(
    world: World, tmp_path: Path
) -> None:
    world.case(7)
    assert world.poll() == 0
    file = io.StringIO(
        "phone,channel,purpose,words,source,evidence,given_at\n"
        "4025550107,voice,lead,Call me,web form,form 17,2026-11-20\n"
    )
    consent_import.import_rows(world.runtime, file, "forms.csv", "Ann", world.clock())
    assert world.poll() == 1


def test_consent_that_comes_while_a_poll_decides_reaches_who_is_held_at_the_next_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.case(7)
    _import(world, tmp_path, "4025550107", "4025550108")
    _once_decided(monkeypatch, lambda: consents.add(world.runtime, _agreed(world, number), "Ann"))
    assert world.poll() == 0, "hers was decided on without it"
    assert world.poll() == 1


def test_consent_that_comes_while_a_poll_decides_on_others_counts_likewise(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.case(7)
    _import(world, tmp_path, "4025550107", "4025550108")
    assert world.poll() == 0
    world.case(8, "4025550108")
    _once_decided(monkeypatch, lambda: consents.add(world.runtime, _agreed(world, number), "Ann"))
    assert world.poll() == 0, "hers is as it was when the poll began"
    assert world.poll() == 1
    assert "National Do Not Call Registry" in _why(world, 8)


def test_a_poll_waits_for_consent_that_is_about_to_be_committed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.case(7)
    _import(world, tmp_path, "4025550107")

    def record() -> None:
        connection = world.runtime.db.engine.connect()
        begun = connection.begin()
        record_consents(world.runtime, connection, [_agreed(world, number)], "Ann")

        def commit() -> None:
            begun.commit()
            connection.close()

        threading.Timer(0.3, commit).start()

    _once_decided(monkeypatch, record)
    assert world.poll() == 0
    assert world.poll() == 1


def _once_decided(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Have something happen once, when a poll has decided on cases and hasn't stored that yet."""

    def decide_and_more(
        runtime: Runtime, some: Sequence[CaseInfo], room: Room
    ) -> list[deciding.Result]:
        results = deciding.decide_some(runtime, some, room)
        monkeypatch.setattr(polling, "decide_some", deciding.decide_some)
        happens()
        return results

    monkeypatch.setattr(polling, "decide_some", decide_and_more)


@pytest.mark.parametrize("way", ["call", "text"])
def test_an_inquiry_reaches_who_is_held_at_the_next_poll(
    world: World, tmp_path: Path, way: str
) -> None:
    number = world.case(7)
    _import(world, tmp_path, "4025550107")
    assert world.poll() == 0
    if way == "call":
        world.manners[FIRM] = Manner("no-answer")
        world.exchange.call_in(number)
        world.settle()
    else:
        world.exchange.text_in(number, "Please call me back")
        world.take_in()
    assert world.poll() == 1


def test_a_number_that_is_right_after_all_is_seen_at_the_next_poll(
    world: World, tmp_path: Path
) -> None:
    world.case(7, phones=[phone("4025550107"), phone("4025550170", primary=False)])
    _import(world, tmp_path, "4025550107")
    wrong = SaidWrong(E164("+14025550170"), 7, WrongNumberWay.STAFF, "Ann")
    with world.runtime.db.begin() as connection:
        record_wrong_number(world.runtime, connection, wrong)
    assert world.poll() == 0
    wrong_numbers.lift(world.runtime, 1, "Ann", "She called from it")
    assert world.poll() == 1


def _agreed(world: World, number: str) -> NewConsent:
    return NewConsent(
        phone=E164(number),
        channel=Channel.CALL,
        purpose=Purpose.LEAD,
        words="Call me",
        given_at=world.clock() - timedelta(days=1),
        source="web form",
        evidence="form 17",
    )
