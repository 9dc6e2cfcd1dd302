"""To do: texts that limit contact, or end what was between the person and the firm."""

import pytest

from bridge.commands import pause
from bridge.domain.decisions import Rule
from tests.support.console import words
from tests.support.desk import Desk

HERS, OTHER = "+14025550114", "+14025550115"
LIMIT, ENDED = "What does this person want?", "Is our work for this person over?"
STOP = "Does this text mean stop?"


def _is_paused(desk: Desk, phone: str) -> bool:
    return desk.decision(7, phone).is_restricted_by(Rule.PAUSED)


def _is_refused(desk: Desk, phone: str) -> bool:
    return desk.decision(7, phone).is_restricted_by(Rule.OPTED_OUT, Rule.OPTED_OUT_HERE)


@pytest.mark.parametrize(
    ("text", "question", "noted", "decided"),
    [
        (
            "no calls at work",
            LIMIT,
            "“no calls at work”: this limits when or how the person may be reached.",
            "Ann Operator has read what the text from (402) 555-0114 asks for.",
        ),
        (
            "I hired another attorney",
            ENDED,
            "“I hired another attorney”: this may end the firm's work for this person.",
            "Ann Operator decided: the firm's work for this person goes on.",
        ),
    ],
)
def test_it_holds_everything_until_somebody_says_go_on(
    desk: Desk, text: str, question: str, noted: str, decided: str
) -> None:
    desk.case(7, HERS, OTHER)
    desk.text_in(HERS, text)
    assert desk.asked() == [question]
    assert text in desk.page()
    assert all(_is_paused(desk, phone) for phone in (HERS, OTHER))
    assert noted in desk.notes(7)[0]
    assert desk.status(7) == "To Dial"
    assert "Released" in desk.answer("Go on")
    assert desk.asked() == []
    assert not any(_is_paused(desk, phone) or _is_refused(desk, phone) for phone in (HERS, OTHER))
    assert desk.notes(7)[-1].startswith(decided)
    assert [line[1:] for line in desk.audited()] == [
        ("question-answered", "text from …0114", "Go on", 7)
    ]


@pytest.mark.parametrize("text", ["only e-mail me", "My mother is deceased"])
def test_stop_opts_the_person_out(desk: Desk, text: str) -> None:
    desk.case(7, HERS, OTHER)
    desk.text_in(HERS, text)
    assert "Opted out." in desk.answer("Stop")
    assert desk.asked() == []
    for phone in (HERS, OTHER):
        assert _is_refused(desk, phone)
        assert not _is_paused(desk, phone)
    assert desk.status(7) == "Do not Dial"
    assert [line[3] for line in desk.audited()] == ["Stop"]


def test_an_opt_out_answers_what_else_was_asked_about_the_person(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "not before noon")
    desk.text_in(HERS, "I hired another attorney")
    desk.text_in(HERS, "take me off your list")
    assert desk.asked() == [LIMIT, ENDED, STOP]
    desk.answer("Yes, stop")
    assert desk.asked() == []
    assert _is_refused(desk, HERS)
    assert not _is_paused(desk, HERS)


def test_each_text_is_answered_before_anybody_is_called(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "not before noon")
    desk.text_in(HERS, "take me off your list")
    desk.answer("Go on")
    assert desk.asked() == [STOP]
    assert _is_paused(desk, HERS)
    desk.answer("No, go on")
    assert not _is_paused(desk, HERS)


def test_resuming_at_the_command_line_says_what_is_still_asked(desk: Desk) -> None:
    settings = desk.runtime.settings
    desk.case(7, HERS, OTHER)
    assert pause.still_asked(settings, "case", "7") == ""
    desk.text_in(HERS, "not before noon")
    pause.resume(settings, "case", "7")
    pause.resume(settings, "number", HERS)
    for scope, what in (("case", "7"), ("number", HERS)):
        said = pause.still_asked(settings, scope, what)
        assert said.startswith("still asked: what the text means (bridge callbacks show 1): ")
    assert pause.still_asked(settings, "number", OTHER) == ""
    assert pause.still_asked(settings, "everything", "") == ""
    assert desk.asked() == [LIMIT]
    desk.answer("Go on")
    assert pause.still_asked(settings, "case", "7") == ""


def test_who_answers_second_changes_nothing(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "text only")
    desk.answer("Go on")
    late = desk.operator.post("/console/todo/texts/1", answer="stop-all")
    assert "Ann Operator has answered this already" in words(desk.operator.get(late.location))
    assert not _is_refused(desk, HERS)


def test_the_page_says_what_becomes_of_the_limit(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "no voicemails")
    assert "keeps what you choose below, and calls and texts obey it" in desk.page()


def test_a_spanish_refusal_is_asked_about_without_a_setting(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "ya no me llamen por favor")
    assert desk.asked() == [STOP]
    assert _is_paused(desk, HERS)
