"""Splits a text into clauses, each in plain words that patterns can be written for.

An opt-out is looked for clause by clause, so that the rest of a text neither makes it nor undoes
it ("Stop calling me! I told you before"). Words keep their case, because only their case tells a
name ("This is not Amy") from a word ("this is not fair").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.domain.folding import fold_words
from bridge.domain.opt_out_language.spelling import respelled

_ABBREVIATED = re.compile(
    r"\b(mrs?|ms|dr|jr|st|vs|no(?=\.\s*\d)|tel|([ap])\.?m)\.(?=\s|$)", re.IGNORECASE
)
_SIGNATURE = re.compile(r"\(?\bsent (?:from|via) my [\w ]{1,30}\)?\s*$", re.IGNORECASE)
_NUMBER_SIGN = re.compile(r"#+(?!\d)")
# Reported speech stays in one clause, even if a comma stands before it: "he said, stop".
_REPORTED = re.compile(
    r"\b(said|says|(?:told|tell|asked) (?!you\b|u\b|y)(?:\w+ ){0,2}\w+)\s*[,:]", re.IGNORECASE
)
_SENTENCE_ENDS = re.compile(r"[!?;\n\r…]+|\.(?!\d)")
_CLAUSE_ENDS = re.compile(r"[,:()—–]|\s-+\s|--+")
# A question mark doesn't end the first clause: "Stop? No, go on" is no opt-out.
_FIRST_CLAUSE_ENDS = re.compile(r"[.!;\n\r…,:()—–]|\s-+\s|--+")


@dataclass(frozen=True)
class Clause:
    """The words between two punctuation marks, and the text after them."""

    words: str = field(repr=False)
    """With single spaces, in one spelling, and in the case they were written in."""
    rest_of_sentence: str = field(repr=False)
    next_sentence: str = field(repr=False)


def clauses(text: str) -> list[Clause]:
    """The clauses of a text, in order; those without words are left out."""
    sentences = [
        [words for part in _CLAUSE_ENDS.split(sentence) if (words := _plain(part))]
        for sentence in _sentences(text)
    ]
    sentences = [parts for parts in sentences if parts]
    return [
        Clause(words, " ".join(parts[place + 1 :]), " ".join(following))
        for parts, following in zip(sentences, [*sentences[1:], []], strict=False)
        for place, words in enumerate(parts)
    ]


def first_clause(text: str) -> tuple[str, str]:
    """The words before the first punctuation mark, and those after it; both folded."""
    first, *rest = _FIRST_CLAUSE_ENDS.split(text.strip(), maxsplit=1)
    return fold_words(first), fold_words(" ".join(rest))


def without_signature(text: str) -> str:
    """The text without a signature such as "Sent from my iPhone"."""
    return _SIGNATURE.sub("", text)


def _sentences(text: str) -> Iterator[str]:
    text = _NUMBER_SIGN.sub(" number ", _ABBREVIATED.sub(r"\1", text))
    yield from _SENTENCE_ENDS.split(_REPORTED.sub(r"\1 ", text))


def _plain(part: str) -> str:
    words = fold_words(part, keep_case=True)
    return respelled(words) if words else ""
