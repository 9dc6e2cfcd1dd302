"""What a text from a person asks for: stop, start, a refusal in free words, or simply words.

A refusal may come "by any reasonable means" (compliance.md, section 3). So three nets: the words
that mean stop by themselves, which count at once; phrases that refuse all contact, which suspend
until a human has looked; and everything else, which is what the person had to say. What only
limits contact ("don't call before noon") or uses the words otherwise ("we must stop this bill") is
no refusal: a client must not lose the firm's help over a word.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    """What a person wants."""

    STOP = "stop"
    """No more contact, in a word that means nothing else."""
    START = "start"
    """Texts are welcome again."""
    HELP = "help"
    REFUSAL = "refusal"
    """No more contact, in the person's own words: a human confirms it."""
    WRONG_NUMBER = "wrong-number"
    WORDS = "words"


@dataclass(frozen=True)
class Heard:
    """What was understood."""

    wish: Wish
    answered: bool
    """Whether Twilio answers this by itself, so that nobody else may."""


_STOP = {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout",
         "opt out"}  # fmt: skip
_STOP_SPANISH = {"alto", "parar", "pare", "basta", "cancelar", "detener"}
_START = {"start", "unstop"}
_HELP = {"help", "info"}
# Twilio's own words, which it answers by itself on long codes (twilio.md, 2.5). YES opens again
# what Twilio had closed; here only START does, so that a polite yes overrules nobody's refusal.
_TWILIO = {"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel",
           "start", "unstop", "help", "info"}  # fmt: skip
_BY_TYPE = {"stop": Wish.STOP, "start": Wish.START, "help": Wish.HELP}

_POLITE = (
    "please", "pls", "plz", "thanks", "thank you", "thank u", "thx", "ty", "now", "sir", "maam",
    "por favor", "gracias", "ok", "okay", "hi", "hello", "yes", "just", "immediately",
)  # fmt: skip
# Sentences of their own that begin with these are as clear as the word alone ("STOP. I have a
# lawyer."); the others mean too many other things at the start of a sentence.
_CLEAR_ALONE = {"stop", "stopall", "stop all", "unsubscribe", "optout", "opt out", "revoke"}

_CONTACT = (
    r"(?:text(?:ing|s)?|call(?:ing|s)?|messag(?:e|es|ing)|contact(?:ing)?|bother(?:ing)?|"
    r"writ(?:e|ing)|phon(?:e|ing)|harass(?:ing)?|spam(?:ming)?)"
)
_ME = r"(?:me|us|my (?:phone|number|cell)|this (?:number|phone|person)|here)"
# Whatever follows and narrows the refusal makes it a preference: for a human to read, not an end.
_LIMITS = (
    r"(?!.*\b(?:before|after|until|till|between|during|at (?:work|night|home|\d)|while|when|about|"
    r"on (?:mon|tue|wed|thu|fri|sat|sun|my)|so (?:early|late|often)|today|tonight|this (?:week|"
    r"morning)|unless|without|in the (?:morning|evening|afternoon)|my (?:wife|husband|work|job|"
    r"office|boss|mother|son|daughter))\b)"
)
_REFUSALS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^(?:please |just )?(?:stop|quit|cease) (?:all )?{_CONTACT}(?: {_ME})?\b{_LIMITS}",
        rf"\b(?:stop|quit) (?:all )?{_CONTACT} {_ME}\b{_LIMITS}",
        rf"\b(?:do not|dont|never) (?:ever )?{_CONTACT}(?: {_ME})?(?: (?:again|anymore|any more|"
        rf"ever))\b{_LIMITS}",
        rf"^(?:please )?(?:do not|dont|never) (?:ever )?{_CONTACT}(?: {_ME})?$",
        r"\b(?:take|remove|delete|get) (?:me|my (?:name|number|info)|this number) "
        r"(?:off|from|out)\b",
        r"\bremove (?:me|my (?:name|number))$",
        r"\bleave (?:me|us) (?:the \w+ )?alone\b",
        r"\blose (?:my|this) number\b",
        r"\b(?:unsubscribe|opt) (?:me|out)\b(?! of the (?:class|settlement))",
        r"\bopt me out\b",
        r"^(?:no more|no) (?:texts?|calls?|messages?|contact)(?: please)?$",
        rf"\bno more {_CONTACT}\b{_LIMITS}",
        r"\b(?:revoke|withdraw) (?:my|all|any) (?:consent|permission)\b",
        r"\bi (?:want|wish|would like|d like|asked|told you) (?:you )?to (?:stop|opt out|"
        r"unsubscribe)$",
        r"\b(?:i am|im) not interested\b",
        r"^not interested\b",
        r"^(?:go away|get lost|fuck off|piss off|screw you|buzz off)\b",
        r"\bi do not want (?:any more |anymore )?(?:texts|calls|messages|to be (?:contacted|called|"
        rf"texted))\b{_LIMITS}",
        r"\bi dont want (?:any more |anymore )?(?:texts|calls|messages|to be (?:contacted|called|"
        rf"texted))\b{_LIMITS}",
        r"^(?:please )?stop it$",
        r"^(?:i said|i told you to|you need to|would you|can you|could you|will you) (?:please )?"
        r"stop$",
        r"\bput me on (?:your|the) do not (?:call|contact) list\b",
        r"^(?:stop|end) (?:this|these|the|your) (?:texts?|calls?|messages?|messaging|texting)\b",
    )
)
_REFUSALS_SPANISH = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:ya )?no (?:me|nos) (?:llamen?|llames|escriban?|escribas|manden|mandes|molesten?|"
        r"contacten)\b",
        r"\bdeje?n? de (?:llamar|escribir|mandar|molestar)",
        r"\bno quiero (?:mas |recibir )?(?:mensajes|llamadas|textos)\b",
        r"\b(?:borren?|quiten?|saquen?) mi (?:numero|nombre)\b",
        r"\bno me interesa\b",
    )
)
_WRONG = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bwrong (?:number|person|phone|guy|lady|man|woman)\b",
        r"\b(?:no one|nobody|there is no|theres no|no) (?:\w+ )?(?:by|with|of) "
        r"(?:that|this) name\b",
        r"^(?:there is|theres) no \w+ (?:here|at this number)$",
        r"^(?:this is|its|it is|i am|im) not (?!interested|sure|able|available|in|at|going|the|a|"
        r"my|"
        r"ready|home|here|working|good|ok|okay|feeling|what|right|fair|true|possible|done|happy|"
        r"urgent|well|getting|coming|an|so|that|yet|free|there)\w+$",
        r"^this isnt (?!the|a|my|about|right|what|working|good|fair|true|done|urgent)\w+$",
        r"\b(?:not|isnt|is not) (?:my|the right) (?:number|person|case)$",
        r"\byou have the wrong\b",
        r"\b(?:new|different) (?:owner|person) (?:has|of) this (?:number|phone)\b",
        r"\bi (?:just )?got this (?:phone )?number\b",
    )
)
_WRONG_SPANISH = (re.compile(r"\b(?:numero|persona) equivocad[oa]\b"),)
_NO_QUESTION = re.compile(r"\bis (?:this|that|it) (?:the )?(?:right|wrong) (?:number|person)\b")


def listen(text: str, *, opt_out_type: str | None = None, spanish: bool = False) -> Heard:
    """Understand a text.

    `opt_out_type` is what Twilio's Advanced Opt-Out has understood and answered already; with
    `spanish`, Spanish words of refusal count like English ones.
    """
    said_by_twilio = _BY_TYPE.get((opt_out_type or "").strip().casefold())
    if said_by_twilio is not None:
        return Heard(said_by_twilio, answered=True)
    raw = text.strip().casefold()
    words = _folded(text)
    bare = _without_politeness(words)
    stops = _STOP | (_STOP_SPANISH if spanish else set())
    for wish, meant in ((Wish.STOP, stops), (Wish.START, _START), (Wish.HELP, _HELP)):
        if bare in meant or _spelled_out(bare) in meant:
            return Heard(wish, answered=raw in _TWILIO)
    if _begins_with_stop(text):
        return Heard(Wish.STOP, answered=False)
    return Heard(_in_free_words(words, bare, spanish=spanish), answered=False)


def _in_free_words(words: str, bare: str, *, spanish: bool) -> Wish:
    wrong = _WRONG + (_WRONG_SPANISH if spanish else ())
    if any(one.search(words) for one in wrong) and not _NO_QUESTION.search(words):
        return Wish.WRONG_NUMBER
    refusals = _REFUSALS + (_REFUSALS_SPANISH if spanish else ())
    if any(one.search(words) or one.search(bare) for one in refusals):
        return Wish.REFUSAL
    return Wish.WORDS


def _folded(text: str) -> str:
    """Lower-case words with single spaces: no accents, punctuation, emoji or hidden characters."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = (
        "" if one in "'’‘`´" or unicodedata.category(one) in {"Mn", "Cf", "Me"}
        else one if one.isalnum() else " "
        for one in plain
    )  # fmt: skip
    return " ".join("".join(kept).split())


def _without_politeness(words: str) -> str:
    """What is left when polite words at both ends are taken away; all of it if nothing is left."""
    left, before = words, None
    while left != before:
        before = left
        for polite in _POLITE:
            left = left.removeprefix(f"{polite} ").removesuffix(f" {polite}")
    return left


def _spelled_out(words: str) -> str:
    """`s t o p` and `stopppp` as the word that is meant."""
    letters = words.split()
    joined = (
        "".join(letters) if len(letters) > 1 and all(len(one) == 1 for one in letters) else words
    )
    return re.sub(r"(.)\1{2,}", r"\1", joined)


def _begins_with_stop(text: str) -> bool:
    """Whether the first sentence is an unmistakable word of refusal, whatever follows it."""
    first, mark, _ = re.split(r"([.!\n;]+|$)", text.strip(), maxsplit=1)
    return bool(mark) and _without_politeness(_folded(first)) in _CLEAR_ALONE
