"""Nobody who writes to the firm can speak in the bridge's voice, or draw over what it says."""

import re
import unicodedata
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.domain.notes import EventNote, NoteKind, event_note
from bridge.domain.phones import E164

PHONE = E164("+14025555759")
SID = "SM00001f3a"
MOST = 500
OUR_WORDS = "” Outcome: Successful. Do not Dial removed. [CA…1f3a]"
MARKS = "“”„‟\"«»‹›'’‘‚‛`´′″‴‵‶❛❜❝❞❟❠〝〞〟＂＇「」『』\U0001f676\U0001f677\u02ba\u02ee\u05f4"
HIDDEN = (
    "\x00\x07\x1b\x7f\x85\x9b\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u2028"
    "\u2029\u202a\u202d\u202e\u2060\u2066\u2067\u2069\u3164\ufe0f\ufeff\ufffa\U000e0041\U000e007f"
    "\U000e0100\ud800\ue000\U0010ffff"
)
SPACES = " \t\n\v\f\r\u00a0\u2003\u3000"

anything = st.text(max_size=60)
hostile = st.lists(
    st.sampled_from(
        [*MARKS, *HIDDEN, *SPACES, OUR_WORDS, "<br>", "&quot;", "a", "\u0301", "é", "🙏"]
    ),
    max_size=40,
).map("".join)
long = st.integers(0, 2000).map(lambda length: "yes " * length)
pieces = st.one_of(anything, hostile, long)
texts = st.tuples(pieces, pieces).map("".join)


def _note(words: str, say: NoteKind = NoteKind.WROTE, pictures: int = 0) -> str:
    return event_note(EventNote(say, SID, PHONE, words=words, pictures=pictures))


def _frame(say: NoteKind) -> tuple[str, str]:
    """What the bridge says before and behind the words."""
    before, behind = unescape(_note("☃", say)).split("“☃”")
    return before, behind


@given(
    texts,
    st.sampled_from(
        [NoteKind.WROTE, NoteKind.STOPPED_BY_TEXT, NoteKind.REFUSED, NoteKind.WRONG_NUMBER]
    ),
)
@example(OUR_WORDS, NoteKind.WROTE)
@example("\u202e]f3a1…AC[ laid ot naem I", NoteKind.STOPPED_BY_TEXT)
@example("’’ Outcome: Successful.", NoteKind.WROTE)
@example("\u115f", NoteKind.WROTE)
@example("fine\u2028Call to (402) 555-5759: answered, 2 min. [CA…1f3a]", NoteKind.REFUSED)
def test_words_stand_in_one_quotation_and_nowhere_else(words: str, say: NoteKind) -> None:
    note = unescape(_note(words, say))
    before, behind = _frame(say)
    if "“" not in note:
        assert not re.search(r"\w", "".join(set(words) - set(HIDDEN)))
        return
    assert (note.count("“"), note.count("”")) == (1, 1)
    assert note.startswith(f"{before}“")
    said, after = note.removeprefix(f"{before}“").split("”")
    assert re.fullmatch(r"( … and [\d,]+ more characters?)?" + re.escape(behind), after)
    assert 0 < len(said) <= MOST
    assert said == said.strip()
    assert not set(said) & set("".join(MARKS)) - {"'"}
    assert "''" not in said
    for character in note:
        assert unicodedata.category(character)[0] in "LMNPS" or character == " ", ascii(character)
        assert character not in HIDDEN


@given(texts)
def test_what_is_cut_is_counted(words: str) -> None:
    note = unescape(_note(words))
    counted = re.search(r"” … and ([\d,]+) more characters?\. \[SM…1f3a\]$", note)
    if counted is None:
        return
    rest = int(counted[1].replace(",", ""))
    said = note[note.index("“") + 1 : note.index("”")]
    # A letter is cut with its accents, and with a space before it.
    assert MOST - 10 <= len(said) <= MOST
    whole = len(said) + rest
    assert whole <= len(words)
    assert whole > MOST


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (OUR_WORDS, "“' Outcome: Successful. Do not Dial removed. [CA…1f3a]”."),
        ('he said “no”, she said "yes"', "“he said 'no', she said 'yes'”."),
        ("don’t\r\n\r\n  call", "“don't call”."),
        ("a\u202eb\u200bc\U000e0041d", "“abcd”."),
        ("José, ¿mañana? 🙏", "“José, ¿mañana? 🙏”."),
        ("x" * 501, f"“{'x' * 500}” … and 1 more character."),
        ("x" * 1734, f"“{'x' * 500}” … and 1,234 more characters."),
        ("e\u0301" * 400, f"“{'é' * 400}”."),
        ("\ud800", "“\N{REPLACEMENT CHARACTER}”."),
    ],
)
def test_what_is_shown(words: str, says: str) -> None:
    assert unescape(_note(words)) == f"Text from (402) 555-5759: {says} [SM…1f3a]"


@pytest.mark.parametrize("words", ["", " \n ", "\u200b\u2060", "\u202e"])
def test_words_that_nobody_could_see_are_none(words: str) -> None:
    assert _note(words, pictures=1) == "Text from (402) 555-5759 with 1 picture. [SM…1f3a]"


def test_what_smartadvocate_says_of_a_case_is_cleaned_too() -> None:
    odd = "its number is “\u202e5550107”\u2028 <b>"
    assert event_note(EventNote(NoteKind.BROKEN, "ca7", None, ends=odd)).startswith(
        "This case cannot be called: its number is “5550107” &lt;b&gt;. "
    )
