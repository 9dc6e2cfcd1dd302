"""Every sentence there is stands in one list, and the page of notes is made from it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.domain.notes import NoteKind
from bridge.domain.outcomes import OutcomeKind
from tests.support import sentences
from tests.support.sentences import Rows

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "notes.md"
SECTIONS = [
    sentences.outcomes,
    sentences.additions,
    sentences.events,
    sentences.opt_outs,
    sentences.prompts,
    sentences.web_lines,
]


def test_every_note_is_listed() -> None:
    assert {key for key, _, _ in sentences.outcomes()} == set(OutcomeKind) - {OutcomeKind.CANCELED}
    assert {key for key, _, _ in sentences.events()} == set(NoteKind)


@pytest.mark.parametrize("section", SECTIONS)
def test_sentences_are_whole(section: Callable[[], Rows]) -> None:
    for _, when, sentence in section():
        assert when
        assert sentence == " ".join(sentence.split())
        assert "{" not in sentence
        assert ".." not in sentence


def test_the_page_of_notes_says_what_notes_say() -> None:
    assert PAGE.read_text() == sentences.notes_page()
