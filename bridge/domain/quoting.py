"""A person's own words in a note, quoted so that nobody takes them for the bridge's.

    plain     one line of visible characters only
    quoted    that line in quotation marks that the words can't close, truncated when it is long

Hidden characters, changes of writing direction, quotation marks and line breaks could make a
person's words look like somebody else's.
"""

import re
import unicodedata

MOST = 500
"""How many characters of a person's words are shown; the rest is only counted."""

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt): joiners, direction marks,
# selectors, tags and fillers, which are invisible; and the interlinear annotations.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Unicode's Quotation_Mark (PropList.txt), and what looks like one: primes, accents, ornaments.
# Two single marks side by side look like a double one.
_QUOTATION_MARKS = re.compile(
    "[\"'`\u00ab\u00b4\u00bb\u02b9-\u02bf\u02ca\u02cb\u02dd\u02ee\u02f4\u02f6\u05f3\u05f4"
    "\u2018-\u201f\u2032-\u2037\u2039\u203a\u2057\u275b-\u2760\u276e\u276f\u2e42\u300c-\u300f"
    "\u301d-\u301f\ufe41-\ufe44\uff02\uff07\uff40\uff62\uff63\U0001f676-\U0001f678]+"
)
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
# By Unicode's general category: controls and separators; surrogates, private characters and those
# unknown to this version of Python.
_SHOWN_AS = {
    "Cc": " ",
    "Zl": " ",
    "Zp": " ",
    "Zs": " ",
    "Cs": _UNREADABLE,
    "Co": _UNREADABLE,
    "Cn": _UNREADABLE,
}
_SPACES = re.compile(" {2,}")
_MAX_ACCENTS = 4
"""Accents per letter: more would be drawn over the lines around it."""


def plain(words: str) -> str:
    """The words as one line of letters, accents, digits, punctuation and symbols.

    Hidden characters are left out, line breaks and spaces become single spaces, and unreadable
    characters become replacement characters.
    """
    shown = ""
    accents = 0
    for character in unicodedata.normalize("NFC", _HIDDEN.sub("", words)):
        category = unicodedata.category(character)
        if category == "Cf":
            continue
        accents = accents + 1 if category.startswith("M") else 0
        # An accent with no letter under it would be drawn over what stands before it.
        if accents and (accents > _MAX_ACCENTS or not shown or shown.endswith(" ")):
            continue
        shown += _SHOWN_AS.get(category, character)
    return _SPACES.sub(" ", shown).strip()


def quoted(words: str) -> str:
    """The words in quotation marks, at most 500 characters and a count; "" if none is visible."""
    shown = _QUOTATION_MARKS.sub("'", plain(words))
    if not shown:
        return ""
    kept = _cut(shown)
    rest = len(shown) - len(kept)
    more = f" … and {rest:,} more character{'s' if rest > 1 else ''}" if rest else ""
    return f"“{kept}”{more}"


def _cut(words: str) -> str:
    """The first characters, without separating a letter from its accents."""
    if len(words) <= MOST:
        return words
    end = MOST
    while unicodedata.category(words[end]).startswith("M"):
        end -= 1
    return words[:end].rstrip()
