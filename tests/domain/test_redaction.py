"""What a refusal repeats of a note is cut out of it, in whatever spelling; the rest stays."""

import json
import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bridge.domain.redaction import (
    letters_of,
    repeats,
    without_details,
    without_remote_words,
    without_repeated,
)

WORDS = "I fell off a ladder & hurt my café knee: «ay» 我摔倒了 😡 SSN 123-45-6789"
NOTE = f"Text from (402) 555-5759: “{escape(WORDS, quote=False)}”: opted out. [SM…1f3a]"
TELLING = ("fell", "ladder", "hurt", "café", "knee", "ay", "我", "摔", "😡", "ssn", "45", "6789")

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "capitals": str.upper,
    "html": escape,
    "html twice": lambda said: escape(escape(said)),
    "numbers": lambda said: "".join(f"&#{ord(letter)};" for letter in said),
    "json": json.dumps,
    "json twice": lambda said: json.dumps(json.dumps(said)),
    "url": quote,
    "form": quote_plus,
    "other charset": lambda said: said.encode().decode("cp1252", "ignore"),
    "joined": lambda said: said.replace(" ", "_"),
    "tagged": lambda said: said.replace(" ", "</b> <b>"),
    "in lines": lambda said: said.replace(" ", "\r\n"),
    "decomposed": lambda said: said.replace("é", "e\u0301"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_whatever_the_spelling_the_words_are_cut_out(spelling: str) -> None:
    for part in (WORDS, WORDS[:21], WORDS[:16], WORDS[9:], "a ladder", "ladder", "knee: «ay»"):
        said = f"Invalid field Note ({SPELLINGS[spelling](part)}"
        shown = without_repeated(said, [NOTE])
        assert shown.startswith("Invalid field Note ("), shown
        left = shown.removeprefix("Invalid field Note").casefold()
        assert [word for word in TELLING if word in left] == [], shown


@given(
    st.lists(
        st.from_regex(r"[A-Za-zà-ü]{4,12}|[a-z][0-9]{3,5}", fullmatch=True), min_size=1, max_size=12
    ),
    st.sampled_from(sorted(SPELLINGS)),
    st.data(),
)
@settings(phases=[Phase.explicit, Phase.generate], max_examples=60)
def test_no_word_of_any_text_is_left(words: list[str], spelling: str, data: st.DataObject) -> None:
    said = " ".join(words)
    end = data.draw(st.integers(1, len(said)))
    refusal = f"x|{SPELLINGS[spelling](said[:end])}"
    shown = without_repeated(refusal, [f"Text from +1402: {said}"]).removeprefix("x|")
    left = re.findall(r"[^\W_]+", unquote(shown).casefold())
    for word in said[:end].split()[:-1]:
        is_plain = without_repeated(word, [word]) == word
        assert is_plain or word.casefold() not in left
    once = without_repeated(refusal, [said])
    assert without_repeated(once, [said]) == once


@pytest.mark.parametrize(
    "said",
    [
        "The field Note is too long (max 200)",
        "The case is closed.",
        "Locked by Amy",
        "NextCall 2026-11-23T17:00:00 is past",
        "there is no case 515512",
        "",
        "Object reference not set to an instance of an object.",
    ],
)
def test_what_repeats_nothing_stays_as_it_is(said: str) -> None:
    assert without_repeated(said, [NOTE]) == said


@pytest.mark.parametrize(
    "written",
    [
        "4025555759",
        "+14025555759",
        "(402) 555-5759",
        "402*555*5759",
        "402 - 555 - 5759",
        "5555759",
        "1.402.555.5759",
        "%2B14025555759",
        "4 0 2 5 5 5 5 7 5 9",
    ],
)
def test_numbers_keep_their_last_four_digits(written: str) -> None:
    shown = without_repeated(f"no case has {written} as a phone", [NOTE])
    assert shown.startswith("no case has ")
    assert shown.endswith("…5759 as a phone")
    assert "555" not in shown.replace("5759", "")


@pytest.mark.parametrize("written", ["402 555 57", "(402) 555-5", "4025555", "max 200) +1402555"])
def test_numbers_that_are_cut_off_are_cut_out(written: str) -> None:
    shown = without_repeated(f"no case has {written}", [NOTE])
    assert "402" not in shown
    assert "555" not in shown


def test_what_is_kept_of_an_old_refusal() -> None:
    assert without_remote_words("AddCaseNote: 400 Can't take\n“x”") == "AddCaseNote: 400"
    why = "SmartAdvocate refused the claim: UpdateCaseStatus: 200 Locked by Amy"
    assert without_remote_words(why) == "SmartAdvocate refused the claim: UpdateCaseStatus: 200"
    assert without_remote_words("ValueError inside the bridge") == "ValueError inside the bridge"


def test_rows_that_a_database_shows_are_cut_out() -> None:
    said = (
        "psycopg.errors.NotNullViolation: null value\nDETAIL:  Failing row (7, I fell\noff).\n"
        "\nThe above exception was the direct cause\nsqlalchemy: null value\nDETAIL:  row (I fell)."
        "\n[SQL: INSERT]"
    )
    shown = without_details(said)
    assert "fell" not in shown
    assert "The above exception" in shown
    assert "[SQL: INSERT]" in shown


def test_what_is_repeated_is_found_in_any_spelling_and_not_by_chance() -> None:
    for spell in SPELLINGS.values():
        is_torn = spell in (SPELLINGS["other charset"], SPELLINGS["tagged"])
        assert is_torn or repeats(f"<<{spell(WORDS)}>>", [WORDS])
    assert repeats("please stop", ["Please, stop!"])
    assert not repeats("ok", ["ok"])
    assert not repeats("I fell off a chair", [WORDS])
    assert letters_of("Café &amp; \\u00e9") == "cafee"
