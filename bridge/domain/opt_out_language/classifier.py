"""What a text from a person asks for: stop, start, a refusal in free words, or simply words.

A refusal may come "by any reasonable means" (docs/reference/law.md#opt-outs). So several nets:
words that mean stop by themselves count at once; phrases that refuse all contact, limit it or end
the matter suspend until a human has looked; so does a word of contact beside a negation that
nothing explains; everything else is what the person had to say. What uses the words otherwise
("we must stop this bill") is no refusal: a client must not lose the firm's help over a word.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bridge.domain.folding import fold_words
from bridge.domain.opt_out_language.clauses import Clause, clauses, first_clause, without_signature
from bridge.domain.opt_out_language.phrases import Hit, Phrases


class Intent(StrEnum):
    """What a person wants."""

    STOP = "stop"
    """No more contact, in a word that means nothing else."""
    START = "start"
    """Texts are welcome again."""
    HELP = "help"
    REFUSAL = "refusal"
    """No more contact, in the person's own words: a human confirms it."""
    LIMIT = "limit"
    """Contact only at certain hours, by a certain channel or number: a human reads which."""
    ENDED = "ended"
    """The end of what was between the person and the firm: another lawyer, a farewell, a death."""
    WRONG_NUMBER = "wrong-number"
    WORDS = "words"


@dataclass(frozen=True)
class Classified:
    """What was understood."""

    intent: Intent
    answered: bool
    """Whether Twilio answers this by itself, so that nobody else may."""


_STOP_AT_TWILIO = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
_STOP = _STOP_AT_TWILIO | {"stop all", "opt out"}
_STOP_SPANISH = {"alto", "parar", "pare", "basta", "cancelar", "detener"}
_START = {"start", "unstop"}
_HELP = {"help", "info"}
# Twilio's own words, which it answers by itself (docs/reference/twilio.md#opt-out-words).
# YES opens again what Twilio had closed; here only START does, so that a polite yes overrules
# nobody's opt-out.
_TWILIO = _STOP_AT_TWILIO | _START | _HELP
_BY_TYPE = {"stop": Intent.STOP, "start": Intent.START, "help": Intent.HELP}

_POLITE = (
    "please|pls|plz|thanks|thank you|thank u|thx|ty|now|sir|maam|por favor|gracias|ok|okay|"
    "hi|hey|hello|yes|just|immediately|kindly|tks"
)
# Said before a word that means many things, these may answer something else.
_ANSWERING = re.compile(r"(?:yes|ok|okay|just|now) (?:please )?(?:cancel|end|quit)\b")
_STRESS = "already|right now|right away|asap|forever|for good|at once|ya|very much|and thank you"


def _at_ends(some: str) -> re.Pattern[str]:
    """These words, as many as there are, at either end of others."""
    return re.compile(rf"^(?:(?:{some}) )+|(?: (?:{some})){{1,8}}$")


_POLITE_ENDS = _at_ends(_POLITE)
_STRESSED_ENDS = _at_ends(f"{_STRESS}|{_POLITE}")
# Sentences of their own that begin with these are as clear as the word alone ("STOP. I have a
# lawyer."); the others mean too many other things at the start of a sentence.
_CLEAR_ALONE = {"stop", "stopall", "stop all", "unsubscribe", "optout", "opt out", "revoke"}
# Directions, not refusals: "stop, then go left".
_DIRECTIONS = re.compile(r"(?:and )?(?:then|turn|go(?! away| to hell))\b", re.IGNORECASE)
_STORY = 480
"""Characters, those of three texts: a longer clause tells a story, in which words prove little."""
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_REPEATED = re.compile(r"^(.{1,12}?)(?: \1)+$")
_SIGNS = frozenset("\N{OCTAGONAL SIGN}\N{NO ENTRY}\N{NO ENTRY SIGN}")
_QUESTION = re.compile(r"\bis (?:this|that|it) (?:the )?(?:right|wrong) (?:number|person)\b")


def classify(text: str, *, opt_out_type: str | None = None) -> Classified:
    """Understand a text, in English or Spanish.

    `opt_out_type` is what Twilio's Advanced Opt-Out has understood and answered already.
    """
    said_by_twilio = _BY_TYPE.get((opt_out_type or "").strip().casefold())
    if said_by_twilio is not None:
        return Classified(said_by_twilio, answered=True)
    answered = text.strip().lower() in _TWILIO
    own = without_signature(text)
    words = fold_words(own)
    stops = _STOP | _STOP_SPANISH
    for intent, meant in ((Intent.STOP, stops), (Intent.START, _START), (Intent.HELP, _HELP)):
        if _says_only(words, meant):
            return Classified(intent, answered)
    if _begins_with_stop(own):
        return Classified(Intent.STOP, answered=False)
    return Classified(_in_free_words(own, words), answered=False)


def says_more(text: str) -> bool:
    """Whether a text says anything beyond the words and manners of a STOP in any language."""
    words = fold_words(without_signature(text))
    return bool(words) and not _says_only(words, _STOP | _STOP_SPANISH)


def _says_only(words: str, meant: set[str]) -> bool:
    """Whether a text is one of these words and manners; the clear ones also stressed, repeated."""
    bare = _POLITE_ENDS.sub("", words)
    if bare in meant or _spelled_out(bare) in meant:
        return _ANSWERING.match(words) is None
    return _said_once(_STRESSED_ENDS.sub("", words)) in meant & _CLEAR_ALONE


def _begins_with_stop(text: str) -> bool:
    """Whether the first clause is an unmistakable word of refusal, whatever follows it."""
    first, rest = first_clause(text)
    return _says_only(first, _CLEAR_ALONE) and _DIRECTIONS.match(rest) is None


@cache
def _languages() -> tuple[Phrases, ...]:
    """Their tables, read with the first text in free words: a fifth of a second at every start."""
    from bridge.domain.opt_out_language.english import ENGLISH  # noqa: PLC0415
    from bridge.domain.opt_out_language.spanish import SPANISH  # noqa: PLC0415

    return (ENGLISH, SPANISH)


def _in_free_words(text: str, words: str) -> Intent:
    parts = _with_all_of(clauses(text))
    if any(_denies(parts, phrases) for phrases in _languages()):
        return Intent.WRONG_NUMBER
    wishes = {_wish(parts, phrases) for phrases in _languages()}
    if Intent.REFUSAL in wishes or _is_refusal_alone(text, words, parts):
        return Intent.REFUSAL
    if any(_ends(parts, phrases) for phrases in _languages()):
        return Intent.ENDED
    if Intent.LIMIT in wishes or any(_limits(parts, phrases) for phrases in _languages()):
        return Intent.LIMIT
    if any(_is_unexplained(parts, phrases) for phrases in _languages()):
        return Intent.REFUSAL
    return Intent.WORDS


def _with_all_of(parts: list[Clause]) -> list[Clause]:
    """Where a period stands for stress, the whole besides its parts: "Leave. Me. Alone."."""
    if len(parts) < 2 or any(part.words.count(" ") > 2 for part in parts):
        return parts
    return [Clause(" ".join(part.words for part in parts).casefold(), "", ""), *parts]


def _is_refusal_alone(text: str, words: str, parts: list[Clause]) -> bool:
    """Whether the whole of a text is a word or a sign that refuses only by itself.

    "Yes, cancel" may end a contact or an appointment: a human sees which.
    """
    alone = _STOP.union(*(phrases.whole_message for phrases in _languages()))
    one_way = " ".join(part.words for part in parts).casefold()
    if not alone.isdisjoint({words, _POLITE_ENDS.sub("", words), one_way}):
        return True
    return not words and not _SIGNS.isdisjoint(text)


def _denies(parts: list[Clause], phrases: Phrases) -> bool:
    """Whether a clause says that this is not the person's phone."""
    return any(
        _QUESTION.search(parts[hit.clause].words.casefold()) is None
        for hit in phrases.find(parts, phrases.wrong_number)
    )


def _wish(parts: list[Clause], phrases: Phrases) -> Intent:
    """REFUSAL where a clause refuses all contact, LIMIT where one refuses some, or else WORDS."""
    if any(_tells_to_stop(clause, phrases) for clause in parts):
        return Intent.REFUSAL
    found, short = Intent.WORDS, _short(parts)
    for searched, table, is_weak in (
        (parts, phrases.strong, False),
        (short, phrases.strong_in_short, False),
        (parts, phrases.weak, True),
    ):
        for hit in phrases.find(searched, table):
            if not _is_meant(hit, searched, phrases):
                continue
            offered = _is_offered_before(hit, searched, phrases) or (
                is_weak and _is_offered_after(searched[hit.clause], phrases)
            )
            if not offered and not _is_limited(hit, phrases):
                return Intent.REFUSAL
            found = Intent.LIMIT
    if any(
        phrases.unlimited.search(hit.after) and _is_meant(hit, short, phrases)
        for hit in phrases.find(short, phrases.negated)
    ):
        return Intent.REFUSAL
    return found


def _short(parts: list[Clause]) -> list[Clause]:
    return [clause for clause in parts if len(clause.words) <= _STORY]


def _limits(parts: list[Clause], phrases: Phrases) -> bool:
    """Whether a clause limits contact."""
    short = _short(parts)
    if any(_is_meant(hit, short, phrases) for hit in phrases.find(short, phrases.limited)):
        return True
    return any(
        _is_limited(hit, phrases) and _is_meant(hit, short, phrases)
        for hit in phrases.find(short, phrases.negated)
    )


def _ends(parts: list[Clause], phrases: Phrases) -> bool:
    """Whether a clause ends what was between the person and the firm."""
    short = _short(parts)
    return any(
        not (
            phrases.hypothetical.search(hit.before)
            or phrases.about_others.search(hit.before)
            or phrases.other_meanings.search(short[hit.clause].words)
        )
        for hit in phrases.find(short, phrases.ended)
    )


def _is_unexplained(parts: list[Clause], phrases: Phrases) -> bool:
    """Whether a word of contact stands beside a negation or a complaint without a reason."""
    short = _short(parts)
    return any(
        phrases.explained.search(said) is None and phrases.other_meanings.search(said) is None
        for said in {short[hit.clause].words for hit in phrases.find(short, phrases.unexplained)}
    )


def _tells_to_stop(clause: Clause, phrases: Phrases) -> bool:
    """Whether a clause is one clear word: "I'm good, please stop"."""
    return _DIRECTIONS.match(clause.rest_of_sentence or clause.next_sentence) is None and any(
        _says_only(wording.casefold(), _CLEAR_ALONE) for wording in phrases.variants(clause.words)
    )


def _is_meant(hit: Hit, parts: list[Clause], phrases: Phrases) -> bool:
    """Whether a phrase is the person's own word to the firm about contact with it."""
    return not (
        phrases.about_others.search(hit.before)
        or phrases.others_behind.search(hit.after)
        or phrases.other_meanings.search(parts[hit.clause].words)
    )


def _is_limited(hit: Hit, phrases: Phrases) -> bool:
    """Whether what follows a phrase leaves some contact open."""
    return bool(phrases.limits.search(hit.after)) and not phrases.unlimited.search(hit.after)


def _is_offered_before(hit: Hit, parts: list[Clause], phrases: Phrases) -> bool:
    """Whether another way is named right before a phrase: "text, don't call"."""
    earlier = parts[hit.clause - 1].words if hit.clause else ""
    return phrases.offered.search(hit.before or earlier) is not None


def _is_offered_after(clause: Clause, phrases: Phrases) -> bool:
    if clause.rest_of_sentence and not phrases.reasons.search(clause.rest_of_sentence):
        return True
    return phrases.another_channel.search(clause.next_sentence) is not None


def _spelled_out(words: str) -> str:
    """`s t o p` and `stopppp` as the word that is meant."""
    letters = words.split()
    joined = (
        "".join(letters)
        if len(letters) > 1 and all(len(letter) == 1 for letter in letters)
        else words
    )
    return _DRAWN_OUT.sub(r"\1", joined)


def _said_once(words: str) -> str:
    """`stop stop stop` as one."""
    return _REPEATED.sub(r"\1", _DRAWN_OUT.sub(r"\1", words))
