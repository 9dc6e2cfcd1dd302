"""How words are folded before they are compared: one function for each kind of text.

fold_label        a label, such as a dialer status or a campaign
fold_name         the name of a parameter or field
fold_words        what a person wrote
without_accents   letters without accents and characters that can't be seen
"""

import unicodedata
from functools import lru_cache

_APOSTROPHES = frozenset("'’‘`´")
_NAMES_KEPT = 256
"""Names are few and come with every case of a list."""
_MARKS_AND_FORMATS = frozenset({"Mn", "Cf", "Me"})


def fold_label(label: str) -> str:
    """A label without case, spacing and underscores: people write labels in many ways."""
    return "".join(label.split()).replace("_", "").casefold()


@lru_cache(_NAMES_KEPT)
def fold_name(name: str) -> str:
    """A name without case, spacing, underscores and hyphens."""
    return fold_label(name).replace("-", "")


def fold_words(text: str, *, keep_case: bool = False) -> str:
    """Words with single spaces: no accents, punctuation, emoji or hidden characters."""
    plain = without_accents(text)
    kept = (
        character if character.isalnum() else " "
        for character in (plain if keep_case else plain.casefold())
        if character not in _APOSTROPHES
    )
    return " ".join("".join(kept).split())


def without_accents(text: str) -> str:
    """A text in Unicode's plainest form (NFKD), without accents and hidden characters."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if unicodedata.category(character) not in _MARKS_AND_FORMATS
    )
