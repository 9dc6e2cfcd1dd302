"""What people want is kept on To do, obeyed, shown on the case, and lifted there with a reason."""

import re
from dataclasses import replace
from html import unescape

import pytest
from werkzeug.test import TestResponse

from bridge.commands.explain import explain
from bridge.domain.decisions import Permission, Rule
from bridge.domain.events import Channel
from bridge.runtime import Runtime
from bridge.setting_parsers import attestations, purposes
from bridge.store.cases import cases
from tests.support.console import SignedIn, words
from tests.support.desk import Desk

HERS, OTHER, NOBODYS = "+14025550114", "+14025550115", "+14025550116"
KEEP = "Keep a preference"
_LIFT = re.compile(r'action="(/console/cases/7/preferences/(\d+)/lift)"')
_FILLED = re.compile(r'<input [^>]*name="(no[^"]*|e-mail-only)"[^>]*?value="([^"]+)"( checked)?')
_SELECTED = re.compile(r'<option value="([^"]+)" selected>([^<]*)<')


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    """Everybody is a client who has agreed to be called and texted."""
    settings = replace(
        runtime.settings,
        campaign_purposes=purposes("*=client"),
        consent_basis=attestations("client:voice=the retainer; client:text=the retainer"),
    )
    return replace(runtime, settings=settings)


def _filled(desk: Desk) -> dict[str, str]:
    """What the form has filled in."""
    page = desk.operator.get("/console/todo").text
    filled = _FILLED.findall(page)
    found = {name: value for name, value, checked in filled if value != "yes" or checked}
    number = _SELECTED.search(page)
    return found | ({"not-this-number": number[2]} if number else {})


def _permission(desk: Desk, number: str, channel: Channel = Channel.CALL) -> Permission:
    return desk.decision(7, number, channel).permission


def _page_of_case(desk: Desk) -> TestResponse:
    return desk.operator.get("/console/cases/7")


def test_it_is_kept_obeyed_shown_and_lifted(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    desk.text_in(HERS, "not before noon, and no voicemails please")
    assert _filled(desk) == {"not-before": "12:00", "no-voicemails": "yes"}
    # Filled in is not kept.
    assert desk.decision(7, HERS).is_restricted_by(Rule.PAUSED)
    assert not desk.decision(7, HERS).is_restricted_by(Rule.PREFERENCE)
    said = desk.answer(KEEP, 0, **{"not-before": "12:00", "no-voicemails": "yes"})
    assert "Kept: no voicemails; no calls or texts before noon in their own time." in said
    assert desk.asked() == []
    for phone in (HERS, OTHER):
        decision = desk.decision(7, phone)
        assert [found.rule for found in decision.restrictions] == [Rule.PREFERENCE]
        assert decision.permission is Permission.DEFER
    assert desk.notes(7)[-1].startswith(
        "Ann Operator has read what the text from (402) 555-0114 asks for. From now on: no "
        "voicemails, and no calls or texts before noon in their own time."
    )
    page = _page_of_case(desk)
    assert "How this person wants to be reached" in words(page)
    assert words(page).count("not before noon, and no voicemails please") >= 2
    lifts = dict(_LIFT.findall(page.text))
    assert len(lifts) == 2
    where = max(lifts)
    no_reason = desk.operator.post(where, reason=" ")
    assert "Please give a reason" in words(desk.operator.get(no_reason.location))
    lifted = desk.operator.post(where, reason="She works days now")
    assert "Lifted." in words(desk.operator.get(lifted.location))
    assert _permission(desk, HERS) is Permission.ALLOW
    assert len(_LIFT.findall(_page_of_case(desk).text)) == 1
    assert desk.notes(7)[-1] == (
        "No longer in effect for this person: no calls or texts before noon in their own time. "
        "Lifted by Ann Operator: “She works days now”."
    )
    assert [line[1:] for line in desk.audited()] == [
        (
            "question-answered",
            "text from …0114",
            f"{KEEP}: no voicemails; no calls or texts before noon in their own time",
            7,
        ),
        (
            "preference-lifted",
            "no calls or texts before noon in their own time",
            "She works days now",
            7,
        ),
    ]
    again = desk.operator.post(where, reason="Once more")
    assert "was lifted already" in words(desk.operator.get(again.location))


def test_a_number_is_chosen_by_the_name_of_the_phone(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    _name_phones(desk, "Cell", "Work phone")
    desk.text_in(HERS, "no calls at work")
    assert _filled(desk) == {"not-this-number": "…0115 Work phone"}
    desk.answer(KEEP, 0, **{"not-this-number": "1"})
    assert _permission(desk, HERS) is Permission.ALLOW
    assert _permission(desk, OTHER) is Permission.REFUSE
    assert "Not called: the person wants no calls or texts at …0115." in words(_page_of_case(desk))


def test_what_is_not_wanted_is_explained(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "text, don't call")
    desk.answer(KEEP, 0, **{"no-calls": "yes"})
    assert _permission(desk, HERS) is Permission.REFUSE
    assert _permission(desk, HERS, Channel.TEXT) is Permission.ALLOW
    page = words(_page_of_case(desk))
    assert "The person wants no calls. This page lists it, and lifts it with a reason." in page
    assert "because the person wants no calls" in (explain(desk.runtime, None, 7) or "")


def test_a_newer_one_of_the_kind_takes_its_place(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    for text, time in (("not before noon", "12:00"), ("not before 11", "11:00")):
        desk.text_in(OTHER if time == "11:00" else HERS, text)
        desk.answer(KEEP, 0, **{"not-before": time})
    # It is 11:00 in Omaha.
    assert _permission(desk, HERS) is Permission.ALLOW
    assert len(_LIFT.findall(_page_of_case(desk).text)) == 1


def test_hours_are_checked_with_those_that_stand(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "not before 5 pm")
    desk.answer(KEEP, 0, **{"not-before": "17:00"})
    desk.text_in(HERS, "not after noon")
    said = desk.answer(KEEP, 0, **{"not-after": "12:00"})
    assert "Nothing was kept. The person has asked before for no calls or texts before" in said
    assert "leave no time of day" in said
    assert len(desk.asked()) == 1
    assert "Kept:" in desk.answer(KEEP, 0, **{"not-before": "09:00", "not-after": "12:00"})
    assert desk.asked() == []


@pytest.mark.parametrize("text", ["STOP", "START"])
def test_stop_and_start_lift_nothing(desk: Desk, text: str) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "text only")
    desk.answer(KEEP, 0, **{"no-calls": "yes"})
    desk.text_in(HERS, text)
    desk.text_in(HERS, "START")
    assert desk.decision(7, HERS).is_restricted_by(Rule.PREFERENCE)


def test_whoever_answers_second_changes_nothing(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "text only")
    desk.answer("Go on")
    late = desk.operator.post("/console/todo/texts/1/preferences", **{"no-calls": "yes"})
    assert "Ann Operator has answered this already" in words(desk.operator.get(late.location))
    assert _permission(desk, HERS) is Permission.ALLOW


def test_what_cannot_be_kept_is_said(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "not before noon")
    refused: list[tuple[dict[str, str], str]] = [
        ({}, "Choose what the person wants"),
        ({"not-before": "12:00", "not-after": "09:00"}, "leave no time of day"),
        ({"not-until": "2026-11-20"}, "has come already"),
        ({"not-until": "2028-01-01"}, "more than a year ahead"),
        ({"not-before": "soon"}, "needs a time of day"),
        ({"not-until": "soon"}, "needs a day"),
        ({"not-this-number": "7"}, "no longer has that phone"),
    ]
    for given, says in refused:
        said = desk.answer(KEEP, 0, **given)
        assert "Nothing was kept." in said
        assert says in said
    assert len(desk.asked()) == 1
    assert desk.decision(7, HERS).is_restricted_by(Rule.PAUSED)


def test_another_question_takes_no_preference(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "take me off your list")
    desk.operator.post("/console/todo/texts/1/preferences", **{"no-calls": "yes"})
    assert len(desk.asked()) == 1
    assert not desk.decision(7, HERS).is_restricted_by(Rule.PREFERENCE)


def test_a_text_of_nobody_becomes_its_cases(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(NOBODYS, "text only")
    desk.deliver()
    desk.answer(KEEP, 0, **{"no-calls": "yes"})
    assert _permission(desk, HERS) is Permission.ALLOW
    desk.answer("Assign", case="7")
    assert _permission(desk, HERS) is Permission.REFUSE


def test_it_is_not_another_persons(desk: Desk) -> None:
    """Nor can it be lifted from their case."""
    desk.case(7, HERS)
    desk.case(8, OTHER)
    desk.text_in(OTHER, "text only")
    desk.answer(KEEP, 0, **{"no-calls": "yes"})
    assert _permission(desk, HERS) is Permission.ALLOW
    assert "How this person wants" not in words(_page_of_case(desk))
    assert desk.operator.post("/console/cases/7/preferences/1/lift", reason="x").status_code == 404


def test_it_follows_the_person_and_not_the_phone(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "text only")
    desk.answer(KEEP, 0, **{"no-calls": "yes"})
    # She has another phone by now, and somebody else has hers.
    desk.case(7, OTHER)
    desk.case(8, HERS)
    assert _permission(desk, OTHER) is Permission.REFUSE
    assert desk.decision(8, HERS).permission is Permission.ALLOW


def test_whoever_may_only_look_sees_it(desk: Desk, viewer: SignedIn) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "text only")
    assert KEEP not in viewer.get("/console/todo").text
    desk.answer(KEEP, 0, **{"no-calls": "yes"})
    page = viewer.get("/console/cases/7")
    assert "How this person wants to be reached" in unescape(page.text)
    assert not _LIFT.search(page.text)


def _name_phones(desk: Desk, *names: str) -> None:
    """SmartAdvocate calls the phones of case 7 so, and the bridge has read it."""
    with desk.runtime.db.begin() as connection:
        case = cases.get(connection, 7)
        assert case is not None
        phones = tuple(
            replace(phone, name=name) for phone, name in zip(case.phones, names, strict=True)
        )
        cases.save_case(connection, replace(case, phones=phones), desk.clock())
