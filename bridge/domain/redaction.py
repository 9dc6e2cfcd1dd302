"""Cuts out of a text what must not be shown: phone numbers, and words that were sent.

A remote system that refuses a note may repeat the note, which holds a person's own words, in any
spelling: escaped, in capitals, truncated, in pieces. Its error message is still wanted, so each
word that the note has too is cut out of it, unless error messages are made of such words.
"""

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import unquote

from bridge.domain.folding import without_accents

CUT = "…"
LONG_ENOUGH = 8
"""Two texts don't share this many folded letters in a row by chance."""

# With or without separators and country code, also escaped as in a URL; not inside of ids,
# addresses and times.
_PHONE_LIKE = re.compile(
    r"(?:(?<=%[0-9A-F][0-9A-F])|(?<![0-9A-Za-z.+])(?<![0-9A-Za-z]%)(?<![0-9A-Fa-f]-))"
    r"(?:whatsapp%3A|tel:)?"
    r"(?:(?:\+|%2B)\d{8,15}"
    r"|(?:\+|%2B)\d{1,3}(?:[ .-]?\(?\d{2,4}\)?){1,3}[ .-]?\d{4,6}"
    r"|(?:1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4})"
    r"(?=$|[^0-9A-Za-z]|x\d)"
)
_DETAIL = re.compile(
    r"DETAIL:.*?(?=\n\[SQL|\n\[parameters|\n\nThe above exception|\n\nDuring handling|\Z)",
    re.DOTALL,
)
"""Where PostgreSQL shows the row that it refuses."""
_SURROGATES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_JSON_ESCAPE = re.compile(r"\\([nrtbf\"'/\\])")
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_MAX_ESCAPE_LEVELS = 4
# A word is a single Chinese or Korean character or emoji, or else a run of letters and digits.
_SINGLE = "\u2600-\u27bf\u2e80-\uffdc\U0001f000-\U0001faff"
_WORD = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")
_FIRST_SINGLE = "\u2600"
_CERTAIN = 24
"""Two people don't write this many folded letters in a row by chance."""
_FRAGMENT = 4
"""A word can be recognized by this many letters of its beginning or end."""
_ENOUGH_DIGITS = 6
"""A number can be recognized by this many digits in a row."""
_DIGITS = re.compile(r"\+?\(?[0-9](?:[^0-9A-Za-z]{0,3}[0-9])+")
_ANSWERED = re.compile(r"\b(\w+: \d{3})\b.+", re.DOTALL)

_ERROR_MESSAGE_WORDS = """
a about add added address after again all allowed already also am an and another answer any api
are argument array as at attempt available back bad be because been before being between body busy
but by bytes call called calls campaign can cannot case casenote cases change changed character
characters check client closed code column conflict contact content correct could create data
database date deleted denied did disposition do does done dont down duplicate each empty end ended
error errors exceeded exceeds exception exist exists expected failed failure false field fields
for forbidden format found from full get given had has have he her here him his how html id if in
index input insert int integer internal invalid is it its json key known last later left length
less limit list locked long longer made many max maximum may me message method min missing model
more most must my name need needs new next no none not note notes null number object of off on
once one only open or other our out over parameter parse permission person phone please problem
property query read record reference refused rejected request required result retry row said same
save saved sent server service she should size so some state status stop string such support
system table taken text than that the their them then there these they this those time timeout to
too true try type unable unauthorized under unexpected unique unknown until up update use user
valid validation value values was we were what when which while who will with without wrong xml
yes yet you your
"""
_COMMON_WORDS = frozenset(_ERROR_MESSAGE_WORDS.split())
"""The words of error messages: by themselves they say nothing about a person."""


def without_numbers(text: str) -> str:
    """A text with phone numbers cut to their last four digits."""
    return _PHONE_LIKE.sub(lambda found: f"{CUT}{found[0][-4:]}", text)


def without_details(text: str) -> str:
    """A text without the row values that a database shows in its error messages."""
    return _DETAIL.sub("DETAIL: ***", text)


def unescaped(text: str) -> str:
    """A text with the escapes of HTML, JSON and URLs decoded, in one line."""
    for _ in range(_MAX_ESCAPE_LEVELS):
        before = text
        text = _JSON_ESCAPE.sub(
            _unescaped_character, _SURROGATES.sub(_decoded_surrogates, unescape(unquote(text)))
        )
        if text == before:
            break
    return _UNSHOWABLE.sub(" ", _as_utf8(text))


def letters_of(text: str) -> str:
    """Only the letters and digits of a text, which are the same in every spelling of it."""
    return "".join(_fold_word(word) for word in _WORD.findall(unescaped(text)))


def without_repeated(reply: str, sent: Iterable[str]) -> str:
    """A reply without the words that were sent; phone numbers keep their last four digits."""
    note = unescaped(" ".join(sent))
    shown = unescaped(reply)
    for found in _PHONE_LIKE.finditer(note):
        shown = _without_number(shown, re.sub(r"[^0-9]", "", found[0]))
    note, shown = _PHONE_LIKE.sub(" ", note), without_numbers(shown)
    words = list(_WORD.finditer(shown))
    sent_words = [_fold_word(word) for word in _WORD.findall(note)]
    hidden = _shared_runs(words, "".join(sent_words)) | _shared_words(words, sent_words)
    return _cut(shown, [word for place, word in enumerate(words) if place in hidden])


def repeats(text: str, sent: Iterable[str]) -> bool:
    """Whether a text shares more with what was sent than can be chance.

    Sent texts of fewer than `LONG_ENOUGH` letters are never found.
    """
    letters = letters_of(text)
    return any(_shares(letters, letters_of(text)) for text in sent)


def without_remote_words(error: str) -> str:
    """An error without the remote system's own message: `AddCaseNote: 400` stays."""
    return _ANSWERED.sub(r"\1", error)


def _shares(letters: str, sent: str) -> bool:
    """Whether a run of the letters sent is among these: all of them, or part of a long text."""
    length = min(len(sent), _CERTAIN)
    if length < LONG_ENOUGH or len(letters) < length:
        return False
    return any(sent[at : at + length] in letters for at in range(len(sent) - length + 1))


def _without_number(text: str, digits: str) -> str:
    """A text without this number, or the part that would reveal it, however it is spaced."""
    windows = {digits[at : at + _ENOUGH_DIGITS] for at in range(len(digits) - _ENOUGH_DIGITS + 1)}

    def cut(found: re.Match[str]) -> str:
        run = re.sub(r"[^0-9]", "", found[0])
        if not any(window in run for window in windows):
            return found[0]
        return CUT + (digits[-4:] if run.endswith(digits[-4:]) else "")

    return _DIGITS.sub(cut, text)


def _shared_runs(words: list[re.Match[str]], note: str) -> set[int]:
    """The indexes of words in a run of `LONG_ENOUGH` letters that the note has too."""
    runs = {note[at : at + LONG_ENOUGH] for at in range(len(note) - LONG_ENOUGH + 1)}
    letters = [(letter, at) for at, word in enumerate(words) for letter in _fold_word(word[0])]
    found: set[int] = set()
    for at in range(len(letters) - LONG_ENOUGH + 1):
        run = letters[at : at + LONG_ENOUGH]
        if "".join(letter for letter, _ in run) in runs:
            found |= {index for _, index in run}
    return found


def _shared_words(words: list[re.Match[str]], sent_words: list[str]) -> set[int]:
    """The indexes of single words that the note has: whole, truncated or inside of another."""
    private = {word for word in sent_words if word not in _COMMON_WORDS and _is_telling(word)}
    replied = [_fold_word(word[0]) for word in words]
    found = {at for at, word in enumerate(replied) if _reveals(word, private)}
    # The reply may end in the middle of a word.
    if replied and _is_telling(replied[-1]):
        found |= {len(replied) - 1 for word in private if word.startswith(replied[-1])}
    return found


def _is_telling(word: str) -> bool:
    return len(word) > 1 or word >= _FIRST_SINGLE


def _reveals(word: str, private: set[str]) -> bool:
    if word in private:
        return True
    if word in _COMMON_WORDS or len(word) < _FRAGMENT:
        return False
    return any(
        other.startswith(word) or other.endswith(word) or (len(other) > _FRAGMENT and other in word)
        for other in private
    )


def _cut(text: str, hidden: list[re.Match[str]]) -> str:
    """The text without these words and without what stands between two of them."""
    kept: list[str] = []
    end = 0
    for word in hidden:
        between = text[end : word.start()]
        if not kept or _WORD.search(between):
            kept += [between, CUT]
        end = word.end()
    return "".join([*kept, text[end:]])


def _fold_word(word: str) -> str:
    return word.lower() if word.isascii() else without_accents(word.casefold()).casefold()


def _as_utf8(text: str) -> str:
    """The text; decoded again if it was UTF-8 read as another charset (`cafÃ©`)."""
    if text.isascii():
        return text
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def _decoded_surrogates(found: re.Match[str]) -> str:
    units = bytes.fromhex("".join(found[0].split("\\u")))
    return units.decode("utf-16-be", "replace")


def _unescaped_character(found: re.Match[str]) -> str:
    return found[1] if found[1] in "\"'/\\" else " "
