"""What must not be shown, cut out of a text: phone numbers, and words that were sent.

A remote system that refuses a note may repeat the note, which holds what a person wrote, in any
spelling: escaped, in capitals, cut off, in pieces. Its sentence is wanted all the same, so each
word of it that the note has too is cut out, unless refusals themselves are made of such words.
"""

import re
from collections.abc import Iterable
from html import unescape
from unicodedata import combining, normalize
from urllib.parse import unquote

CUT = "…"
LONG_ENOUGH = 8
"""Folded letters in a row that two texts don't share by chance."""

# Written together or apart, with or without the country, also escaped as in a URL; not inside of
# ids, addresses and times.
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
_MOST_ESCAPES = 4
# Signs that are words by themselves (Chinese, Korean, emoji), else letters and digits in a row.
_ALONE = "\u2600-\u27bf\u2e80-\uffdc\U0001f000-\U0001faff"
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")
_FIRST_ALONE = "\u2600"
_SURELY = 24
"""Folded letters in a row that two people don't write by chance."""
_CUT_OFF = 4
"""Letters of a word's beginning or end that give the word away."""
_ENOUGH_DIGITS = 6
"""Digits in a row that tell a number."""
_DIGITS = re.compile(r"\+?\(?[0-9](?:[^0-9A-Za-z]{0,3}[0-9])+")
_ANSWERED = re.compile(r"\b(\w+: \d{3})\b.+", re.DOTALL)

_WORDS_OF_REFUSALS = """
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
_OF_REFUSALS = frozenset(_WORDS_OF_REFUSALS.split())
"""Words that say nothing of a person by themselves."""


def without_numbers(text: str) -> str:
    """A text in which phone numbers are cut to their last four digits."""
    return _PHONE_LIKE.sub(lambda found: f"{CUT}{found[0][-4:]}", text)


def without_details(text: str) -> str:
    """A text without the rows that a database shows of what it refuses."""
    return _DETAIL.sub("DETAIL: ***", text)


def unescaped(text: str) -> str:
    """A text with the escapes of HTML, JSON and URLs undone, in one line."""
    for _ in range(_MOST_ESCAPES):
        before = text
        text = _JSON_ESCAPE.sub(_meant, _SURROGATES.sub(_decoded, unescape(unquote(text))))
        if text == before:
            break
    return _UNSHOWABLE.sub(" ", _as_utf8(text))


def folded(text: str) -> str:
    """The letters and digits of a text alone: no spelling of it differs in these."""
    return "".join(_folded(word) for word in _WORD.findall(unescaped(text)))


def without_repeated(said: str, sent: Iterable[str]) -> str:
    """What was said, without what of it was sent: words are cut out, numbers keep four digits."""
    note = unescaped(" ".join(sent))
    shown = unescaped(said)
    for found in _PHONE_LIKE.finditer(note):
        shown = _without_number(shown, re.sub(r"[^0-9]", "", found[0]))
    note, shown = _PHONE_LIKE.sub(" ", note), without_numbers(shown)
    words = list(_WORD.finditer(shown))
    known = [_folded(word) for word in _WORD.findall(note)]
    hidden = _in_a_row(words, "".join(known)) | _alone(words, known)
    return _cut(shown, [word for place, word in enumerate(words) if place in hidden])


def repeats(text: str, sent: Iterable[str]) -> bool:
    """Whether a text has so much of what was sent that it can't be by chance.

    Texts of fewer than `LONG_ENOUGH` letters are found nowhere.
    """
    letters = folded(text)
    return any(_shares(letters, folded(one)) for one in sent)


def without_remote_words(refusal: str) -> str:
    """A refusal without what the remote system said: `AddCaseNote: 400` stays."""
    return _ANSWERED.sub(r"\1", refusal)


def _shares(letters: str, sent: str) -> bool:
    """Whether a row of the letters sent is among these: all of them, or so many of a long text."""
    length = min(len(sent), _SURELY)
    if length < LONG_ENOUGH or len(letters) < length:
        return False
    return any(sent[at : at + length] in letters for at in range(len(sent) - length + 1))


def _without_number(text: str, digits: str) -> str:
    """A text without this number, or so much of it as tells it, however its digits are apart."""
    windows = {digits[at : at + _ENOUGH_DIGITS] for at in range(len(digits) - _ENOUGH_DIGITS + 1)}

    def cut(found: re.Match[str]) -> str:
        row = re.sub(r"[^0-9]", "", found[0])
        if not any(window in row for window in windows):
            return found[0]
        return CUT + (digits[-4:] if row.endswith(digits[-4:]) else "")

    return _DIGITS.sub(cut, text)


def _in_a_row(words: list[re.Match[str]], note: str) -> set[int]:
    """The places of words with as many letters in a row as the note has too."""
    rows = {note[at : at + LONG_ENOUGH] for at in range(len(note) - LONG_ENOUGH + 1)}
    letters = [(letter, at) for at, word in enumerate(words) for letter in _folded(word[0])]
    found: set[int] = set()
    for at in range(len(letters) - LONG_ENOUGH + 1):
        row = letters[at : at + LONG_ENOUGH]
        if "".join(letter for letter, _ in row) in rows:
            found |= {place for _, place in row}
    return found


def _alone(words: list[re.Match[str]], known: list[str]) -> set[int]:
    """The places of single words that the note has, whole, cut off or inside of another."""
    telling = {word for word in known if word not in _OF_REFUSALS and _tells(word)}
    said = [_folded(word[0]) for word in words]
    found = {at for at, word in enumerate(said) if _gives_away(word, telling)}
    if said and _tells(said[-1]) and any(word.startswith(said[-1]) for word in telling):
        found.add(len(said) - 1)
    return found


def _tells(word: str) -> bool:
    return len(word) > 1 or word >= _FIRST_ALONE


def _gives_away(word: str, telling: set[str]) -> bool:
    if word in telling:
        return True
    if word in _OF_REFUSALS or len(word) < _CUT_OFF:
        return False
    return any(
        one.startswith(word) or one.endswith(word) or (len(one) > _CUT_OFF and one in word)
        for one in telling
    )


def _cut(text: str, hidden: list[re.Match[str]]) -> str:
    """The text without these words; what stands between two of them goes with them."""
    kept: list[str] = []
    end = 0
    for word in hidden:
        between = text[end : word.start()]
        if not kept or _WORD.search(between):
            kept += [between, CUT]
        end = word.end()
    return "".join([*kept, text[end:]])


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    plain = normalize("NFKD", word.casefold())
    return "".join(letter for letter in plain if not combining(letter)).casefold()


def _as_utf8(text: str) -> str:
    """UTF-8 that was read as another charset (`cafÃ©`), read aright."""
    if text.isascii():
        return text
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def _decoded(found: re.Match[str]) -> str:
    units = bytes.fromhex("".join(found[0].split("\\u")))
    return units.decode("utf-16-be", "replace")


def _meant(found: re.Match[str]) -> str:
    return found[1] if found[1] in "\"'/\\" else " "
