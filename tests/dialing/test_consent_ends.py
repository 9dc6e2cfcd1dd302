"""Every way of refusing ends what was agreed to, as far as the refusal itself goes."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bridge.background import PlannedContact
from bridge.commands import plan
from bridge.consent.by_hand import HandOptOut, lift_by_hand, opt_out_by_hand
from bridge.consent.consents import record_consents
from bridge.consent.opt_outs import OptOutRequest, attribute_opt_out, record_opt_out
from bridge.consent.wrong_numbers import SaidWrong, record_wrong_number
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.consents import NewConsent
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.decisions import Rule
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.eligibility import preview
from bridge.runtime import Runtime
from bridge.sandbox.manner import BUSY, Manner
from bridge.store.cases import cases
from bridge.store.consent import consents, opt_outs
from bridge.store.consent.wrong_numbers import WrongNumberWay
from tests.support.world import Worldwide

HERS, MOBILE, CLINIC = E164("+14025550114"), E164("+14025550115"), E164("+14025550116")


def _case(runtime: Runtime, case_id: int, *phones: E164) -> None:
    listed = tuple(CasePhone(phone) for phone in phones)
    due = CaseInfo(case_id, DialerStatus.TO_DIAL, 0, runtime.clock(), listed, "Spring")
    with runtime.db.begin() as connection:
        cases.save_case(connection, due, runtime.clock())


def _agree(runtime: Runtime, *phones: E164, ago: timedelta = timedelta(days=1)) -> None:
    given = [
        NewConsent(
            phone=phone,
            channel=channel,
            purpose=Purpose.LEAD,
            words="You may call and text me.",
            given_at=runtime.clock() - ago,
            source="web form",
            evidence="form 17",
        )
        for phone in phones
        for channel in Channel
    ]
    with runtime.db.begin() as connection:
        assert len(record_consents(runtime, connection, given, "Ann")) == len(given)


def _in_effect(runtime: Runtime, *phones: E164) -> set[tuple[E164, Channel]]:
    with runtime.db.read() as connection:
        on_file = consents.of_phones(connection, phones)
    return {(one.phone, one.channel) for one in on_file if one.revoked_at is None}


def _how(runtime: Runtime, phone: E164) -> set[tuple[str | None, str | None]]:
    with runtime.db.read() as connection:
        return {
            (one.revoked_by, one.revoked_how) for one in consents.of_phones(connection, [phone])
        }


def _both(phones: Sequence[E164]) -> set[tuple[E164, Channel]]:
    return {(phone, channel) for phone in phones for channel in Channel}


def _is_text_allowed(runtime: Runtime, case_id: int, phone: E164) -> bool:
    with runtime.db.read() as connection:
        case = cases.get(connection, case_id)
        assert case is not None
        decision = preview(runtime, connection, PlannedContact(case, Channel.TEXT, phone))
    return not decision.is_restricted_by(Rule.NO_CONSENT)


@pytest.mark.parametrize(
    ("source", "how"),
    [
        (opt_outs.BY_TEXT, "opted out by text: SM1"),
        (opt_outs.BY_KEY, "opted out by key: SM1"),
        (opt_outs.AT_TWILIO, "opted out as Twilio reports (21610): SM1"),
    ],
)
def test_a_refusal_by_the_person(runtime: Runtime, source: str, how: str) -> None:
    _case(runtime, 7, HERS, MOBILE)
    _agree(runtime, HERS, MOBILE)
    request = OptOutRequest(HERS, Channel.TEXT, OptOutScope.PERSON, source, "SM1", 7)
    with runtime.db.begin() as connection:
        record_opt_out(runtime, connection, request)
    assert _in_effect(runtime, HERS, MOBILE) == set()
    assert _how(runtime, MOBILE) == {("the person", how)}


def test_a_refusal_that_somebody_at_the_firm_records_first_and_again(runtime: Runtime) -> None:
    _case(runtime, 7, HERS)
    _agree(runtime, HERS)
    letter = HandOptOut(7, None, "Ben", "By letter", opt_outs.OptOutWay.MAIL)
    with runtime.db.begin() as connection:
        assert opt_out_by_hand(runtime, connection, letter)
    assert _how(runtime, HERS) == {("Ben", "opted out by mail: By letter")}
    _agree(runtime, HERS, ago=timedelta(0))
    assert _in_effect(runtime, HERS) == _both([HERS])
    with runtime.db.begin() as connection:
        assert not opt_out_by_hand(runtime, connection, letter)
    assert _in_effect(runtime, HERS) == set()


def test_a_number_that_has_changed_hands_ends_what_was_agreed_to_there(runtime: Runtime) -> None:
    """Its new owner's case leans on nothing of it, nor on what is entered late."""
    _case(runtime, 7, HERS, MOBILE)
    _agree(runtime, HERS, MOBILE)
    said = SaidWrong(HERS, 7, WrongNumberWay.STAFF, "Ann", reason="A stranger wrote")
    with runtime.db.begin() as connection:
        assert record_wrong_number(runtime, connection, said) == [7]
    assert _in_effect(runtime, HERS, MOBILE) == _both([MOBILE])
    assert _how(runtime, HERS) == {("Ann", "wrong number: A stranger wrote")}
    _agree(runtime, HERS, ago=timedelta(days=2))
    _case(runtime, 8, HERS)
    assert _in_effect(runtime, HERS) == set()
    assert not _is_text_allowed(runtime, 8, HERS)
    _agree(runtime, HERS, ago=timedelta(0))
    assert _is_text_allowed(runtime, 8, HERS)


def test_a_phone_that_several_cases_share_ends_there_alone(runtime: Runtime) -> None:
    _case(runtime, 7, HERS, MOBILE)
    _case(runtime, 8, HERS)
    _agree(runtime, HERS, MOBILE)
    request = OptOutRequest(HERS, Channel.TEXT, OptOutScope.PERSON, opt_outs.BY_TEXT, "SM1")
    with runtime.db.begin() as connection:
        record_opt_out(runtime, connection, request)
    assert _in_effect(runtime, HERS, MOBILE) == _both([MOBILE])
    assert _is_text_allowed(runtime, 7, MOBILE) is False, "it may have been this person"


def test_a_clinics_number_keeps_what_others_have_agreed_to(runtime: Runtime) -> None:
    for case_id in range(7, 17):
        _case(runtime, case_id, *([HERS, CLINIC] if case_id == 7 else [CLINIC]))
    _agree(runtime, HERS, CLINIC)
    request = OptOutRequest(HERS, Channel.CALL, OptOutScope.PERSON, opt_outs.BY_KEY, "CA1", 7)
    with runtime.db.begin() as connection:
        record_opt_out(runtime, connection, request)
    assert _in_effect(runtime, HERS, CLINIC) == _both([CLINIC])


def test_once_it_is_known_whose_text_it_was_their_other_numbers_end_too(runtime: Runtime) -> None:
    request = OptOutRequest(HERS, Channel.TEXT, OptOutScope.PERSON, opt_outs.BY_TEXT, "SM1")
    with runtime.db.begin() as connection:
        record_opt_out(runtime, connection, request)
    _case(runtime, 7, MOBILE)
    _agree(runtime, MOBILE)
    with runtime.db.begin() as connection:
        assert attribute_opt_out(runtime, connection, "SM1", 7, "STOP", phone=HERS)
    assert _in_effect(runtime, MOBILE) == set()


def test_a_lifted_opt_out_brings_no_consent_back_and_new_consent_counts(runtime: Runtime) -> None:
    _case(runtime, 7, HERS)
    _agree(runtime, HERS)
    assert _is_text_allowed(runtime, 7, HERS)
    with runtime.db.begin() as connection:
        opt_out_by_hand(runtime, connection, HandOptOut(7, None, "Ben", "She called"))
    with runtime.db.begin() as connection:
        lift_by_hand(runtime, connection, opt_out_id=1, by="Ben", reason="She called again")
    assert not _is_text_allowed(runtime, 7, HERS)
    _agree(runtime, HERS, ago=timedelta(0))
    assert _is_text_allowed(runtime, 7, HERS)


def test_a_number_that_comes_to_the_case_later_counts_from_the_refusal_on(
    runtime: Runtime,
) -> None:
    """Consent at a number of which nobody knew, when it was refused, that it was the person's."""
    _case(runtime, 7, HERS)
    _agree(runtime, MOBILE)
    with runtime.db.begin() as connection:
        opt_out_by_hand(runtime, connection, HandOptOut(7, None, "Ben", "She called"))
    with runtime.db.begin() as connection:
        lift_by_hand(runtime, connection, opt_out_id=1, by="Ben", reason="She called again")
    _case(runtime, 7, HERS, MOBILE)
    assert _in_effect(runtime, MOBILE) == _both([MOBILE])
    assert not _is_text_allowed(runtime, 7, MOBILE)


def test_plan_says_why_a_planned_text_is_not_sent(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", CONSENT_BASIS="client:voice=the retainer")
    number = E164(world.case(7))
    _agree(world.runtime, number)
    world.poll()
    with world.runtime.db.begin() as connection:
        consents.revoke(
            connection, [number], list(Channel), by="Ben", how="She called", now=world.clock()
        )
    [row] = [row for row in plan.plan(world.runtime, 24).rows if row["event"] == "text"]
    assert row["what"] == (
        "text case 7 at (402) 555-0107: no, because the person refused on 2026-11-23, and no "
        "consent to texts at this number since then is on file"
    )


@pytest.mark.parametrize(
    ("rules", "hour"),
    [("strict", "2026-11-24T09"), ("waived: memo 7", "2026-11-23T18")],
)
def test_a_clients_next_call_is_moved_by_the_rules_that_apply(
    worldwide: Worldwide, rules: str, hour: str
) -> None:
    world = worldwide(CLIENT_STATE_RULES=rules, DIAL_PERSON_GAP="0")
    world.clock.advance(hours=5, minutes=44)
    # Rhode Island closes at 6 PM.
    world.case(7, "4015550107", Manner(BUSY), zip_code="02903")
    world.round()
    assert world.shown(7).disposition == "Busy"
    assert world.shown(7).dial_at.startswith(hour)
