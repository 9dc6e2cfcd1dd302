"""How a text is read: cut into clauses, each in plain words that patterns can be written for.

A refusal is judged clause by clause, so that what else the person says neither makes it nor undoes
it ("Stop calling me! I told you before"). Words keep their case, because only that tells a name
("This is not Amy") from a word ("this is not fair").
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

_ABBREVIATED = re.compile(r"\b(mrs?|ms|dr|jr|st|vs|no|tel|([ap])\.?m)\.(?=\s|$)", re.IGNORECASE)
_SIGNATURE = re.compile(r"\(?\bsent (?:from|via) my [\w ]{1,30}\)?\s*$", re.IGNORECASE)
_NUMBER_SIGN = re.compile(r"#+(?!\d)")
# What another person said goes with the words that tell of it, though a comma stands between.
_REPORTED = re.compile(
    r"\b(said|says|(?:told|tell|asked) (?!you\b|u\b|y)(?:\w+ ){0,2}\w+)\s*[,:]", re.IGNORECASE
)
_SENTENCE_ENDS = re.compile(r"[!?;\n\r…]+|\.(?!\d)")
_CLAUSE_ENDS = re.compile(r"[,:()—–]|\s-+\s|--+")
# A question mark doesn't end a first word that counts by itself: "Stop? No, go on".
_FIRST_ENDS = re.compile(r"[.!;\n\r…,:()—–]|\s-+\s|--+")

# One spelling for what people write in several, so that the patterns need only one.
_SAME = {
    "dont": "do not",
    "doesnt": "does not",
    "didnt": "did not",
    "isnt": "is not",
    "aint": "is not",
    "wasnt": "was not",
    "wont": "will not",
    "wouldnt": "would not",
    "cant": "can not",
    "cannot": "can not",
    "im": "i am",
    "ive": "i have",
    "its": "it is",
    "youre": "you are",
    "youve": "you have",
    "theyre": "they are",
    "thats": "that is",
    "theres": "there is",
    "u": "you",
    "ya": "you",
    "ur": "your",
    "yall": "you all",
    "r": "are",
    "pls": "please",
    "plz": "please",
    "txt": "text",
    "txts": "texts",
    "txting": "texting",
    "txted": "texted",
    "msg": "message",
    "msgs": "messages",
    "msging": "messaging",
    "gonna": "going to",
    "wanna": "want to",
    "da": "the",
    "w": "with",
    "num": "number",
    "numba": "number",
    "numer": "number",
    "nmbr": "number",
    "wrongnumber": "wrong number",
    "anymore": "any more",
    "cuz": "because",
    "thx": "thanks",
    "tks": "thanks",
    "aight": "ok",
    "kindly": "please",
    "ff": "off",
    "everybody": "everyone",
    "noone": "nobody",
}


@dataclass(frozen=True)
class Clause:
    """Some words between two marks, and what comes after them."""

    words: str = field(repr=False)
    """With single spaces and in one spelling; their case is as written."""
    goes_on: str = field(repr=False)
    """The rest of the sentence."""
    then: str = field(repr=False)
    """The next sentence."""


def clauses(text: str) -> list[Clause]:
    """The clauses of a text, in order; those without words are left out."""
    read = [
        [words for part in _CLAUSE_ENDS.split(sentence) if (words := _one_spelling(part))]
        for sentence in _sentences(text)
    ]
    read = [parts for parts in read if parts]
    return [
        Clause(words, " ".join(parts[place + 1 :]), " ".join(following))
        for parts, following in zip(read, [*read[1:], []], strict=False)
        for place, words in enumerate(parts)
    ]


def first_clause(text: str) -> tuple[str, str]:
    """What stands before the first mark, and the words after it; both folded."""
    first, *rest = _FIRST_ENDS.split(text.strip(), maxsplit=1)
    return folded(first), folded(" ".join(rest))


def unsigned(text: str) -> str:
    """The text without what a phone adds to it."""
    return _SIGNATURE.sub("", text)


def folded(text: str, *, keep_case: bool = False) -> str:
    """Words with single spaces: no accents, punctuation, emoji or hidden characters."""
    plain = unicodedata.normalize("NFKD", text)
    kept = (
        ""
        if one in "'’‘`´" or unicodedata.category(one) in {"Mn", "Cf", "Me"}
        else one
        if one.isalnum()
        else " "
        for one in (plain if keep_case else plain.casefold())
    )
    return " ".join("".join(kept).split())


def _sentences(text: str) -> Iterator[str]:
    whole = _NUMBER_SIGN.sub(" number ", _ABBREVIATED.sub(r"\1", text))
    yield from _SENTENCE_ENDS.split(_REPORTED.sub(r"\1 ", whole))


def _one_spelling(part: str) -> str:
    return " ".join(
        _SAME.get(word.casefold(), word) for word in folded(part, keep_case=True).split()
    )
