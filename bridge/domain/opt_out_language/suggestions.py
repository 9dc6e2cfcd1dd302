"""What a text that limits contact seems to want: a guess, to fill in a form with.

Nothing is kept by it: somebody at the firm reads the words and says so. So it is plain and short,
and where words may mean two things it leaves the form empty.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from bridge.domain.opt_out_language.clauses import clauses
from bridge.domain.opt_out_language.phrases import pattern
from bridge.domain.preferences import PreferenceKind

_NOT = (
    r"\b(?:no|not|never|nothing|stop|quit|nobody|please not|(?:can|do|will) not|nunca|antes no)\b"
)
_ONLY = r"\b(?:only|solo|solamente|unicamente|rather|prefer|prefiero|mejor|instead)\b"
_WRITTEN = r"(?:text|texts|texting|mensajes?|textos?|sms|whatsapp)"
_MAILED = r"(?:e ?mail|e ?mails|emailed|emailing|correos?|in writing|por escrito)"
_HOUR = (
    r"(?:like |about |around |las? )?(?P<hour>\d{1,2}|noon|medio ?dia|lunch|five|six|seven|eight|"
    r"nine|ten)(?:[: ](?P<minute>[0-5]\d))?(?: ?(?P<half>[ap]) ?m)?\b"
)
_SPOKEN = {
    "noon": 12,
    "mediodia": 12,
    "medio dia": 12,
    "lunch": 13,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_WEEKDAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
)

_WHOLE: tuple[tuple[PreferenceKind, re.Pattern[str]], ...] = (
    (
        PreferenceKind.E_MAIL_ONLY,
        pattern(
            rf"{_ONLY}.*\b{_MAILED}\b",
            rf"\b{_MAILED} (?:\w+ ){{0,3}}(?:only|please|instead|best|better|from now on)\b",
            rf"^{_MAILED}$",
            rf"\beverything (?:by|via|in|through) {_MAILED}\b",
        ),
    ),
    (
        PreferenceKind.NO_CALLS,
        pattern(
            rf"{_ONLY}(?: (?!no\b|not\b|over\b|than\b)\w+){{0,3}} {_WRITTEN}\b",
            rf"\b{_WRITTEN} (?:\w+ ){{0,2}}(?:only|instead|best|better|from now on)\b",
            r"\btext\b.*\b(?:not|no|never|rather than|instead of) (?:call|calls|calling)\b",
            r"\b(?:not|no|never|stop) (?:call|calls|calling)\b.*\b(?:text|message)\b",
            r"\b(?:no llame|no me llame|no llamadas)\w*\b.*\b(?:escrib|text|mensaje)",
            r"^(?:please |just )*no (?:phone )?calls\b(?! (?:at|before|after|until|on|while|in|"
            r"during|to|between)\b)",
            r"\bplease (?:just |only )?(?:text|message)(?: me)?$",
            r"\bcan not (?:do|take|hear|receive|get|answer|have) (?:\w+ )?(?:phone )?calls\b",
        ),
    ),
    (
        PreferenceKind.NO_TEXTS,
        pattern(
            r"\bcall\b.*\b(?:not|no|never|rather than|instead of) (?:text|texts|texting)\b",
            r"\b(?:not|no|never|stop) (?:text|texts|texting)\b.*\bcall\b",
            rf"{_ONLY} (?:by )?(?:calls?|voice)(?: me)?(?: please)?$|\bcalls? only\b",
            r"\bprefer a (?:phone )?call\b",
            r"^(?:please |just )*no texts?(?: please)?$",
        ),
    ),
    (
        PreferenceKind.NO_VOICEMAILS,
        pattern(
            rf"{_NOT}.*\b(?:voicemails?|voice messages?|mensajes? de voz|buzon)\b",
            rf"{_NOT} (?:leav\w+|deje?n?) (?:\w+ ){{0,2}}(?:messages?|mensajes?)\b",
        ),
    ),
)
_CONTACT = (
    r"(?:call|text|talk|phon|contact|leav|messag|voicemail|llam|mand|escrib|hablar|reach|use)\w*"
)
_PLACES = pattern(
    rf"{_NOT}.*\b{_CONTACT}\b.*?"
    r"\b(?:at|my|the|from|en el|al|mi) (?:\w+ )?(?P<place>job|work(?:place)?|office|employer|boss|"
    r"house|home|landline|trabajo|oficina|casa)\b",
    r"\bnot (?:my|the) (?P<other>job|work|office|house|home|landline)\b",
    r"\b(?:not|stop|quit) (?:call|text|us|call|text)(?:e|ing)? (?P<this>this) (?:number|phone)\b",
)
_PLACE_NAMES = {
    **dict.fromkeys(
        ("job", "work", "workplace", "office", "employer", "boss", "trabajo", "oficina"), "work"
    ),
    **dict.fromkeys(("house", "home", "landline", "casa"), "home"),
}
_BEFORE = pattern(rf"\b(?:before|antes de) {_HOUR}")
_UNTIL_HOUR = pattern(rf"\b(?:until|till|til|hasta) {_HOUR}")
_MAY = pattern(r"\b(?:call|text|reach|contact|available|free|llame\w*)\b")
_AFTER = pattern(rf"\b(?:after|past|from|despues de) {_HOUR}")
_BETWEEN = pattern(
    r"\bbetween (?P<first>\d{1,2})(?:00)? ?(?P<half>[ap])?m? (?:and|to) (?P<last>\d{1,2})\b"
)
_EVENINGS = pattern(r"\b(?:evenings?|after work)\b")
_AFTERNOONS = pattern(r"\bafternoons?\b")
_MORNINGS = pattern(r"\b(?:mornings|before work)\b")
_IN_THE_MORNING = pattern(r"\b(?:mornings?|(?:por|en) la manana)\b")
_NEGATED = pattern(_NOT)
_JUST_BEFORE = 5
"""Words before an hour in which a negation speaks of it."""
_TOMORROW = pattern(
    r"\b(?:call|text|try|ring|contact|reach|talk|wait|llam\w+|marqu\w+)\b.*\b(?:tomorrow|"
    r"(?<!la )manana\b)"
)
_NOT_TODAY = pattern(rf"{_NOT}.*\b(?:today|hoy)\b")
_NEXT_WEEK = pattern(r"\bnext week\b|\bproxima semana\b", rf"{_NOT}.*\bthis week\b")
_WEEKDAY = pattern(
    rf"\b(?:on|until|till|next|before|this|el|hasta el)? ?(?P<day>{'|'.join(_WEEKDAYS)})(?!s)\b"
)
_COLON = re.compile(r"(?<=\d):(?=[0-5]\d)")
_UNTIL = pattern(r"\b(?:until|till|before|hasta)\b")


@dataclass(frozen=True)
class _Clause:
    words: str = field(repr=False)
    is_negated: bool
    said_on: date


def suggested(text: str, said_on: date) -> Mapping[PreferenceKind, str]:
    """The kinds of preferences that a text seems to ask for, each with its value.

    `said_on` is the day of the text where the person is. For a number the value is `work` or
    `home`: which of the person's phones that is, the text doesn't say.
    """
    found: dict[PreferenceKind, str] = {}
    # A time of day is no two clauses.
    text = _COLON.sub(" ", text)
    whole = " ".join(part.words for part in clauses(text)).casefold()
    for kind, phrase in _WHOLE:
        if phrase.search(whole) and not (kind is PreferenceKind.NO_TEXTS and found):
            found[kind] = ""
    if PreferenceKind.E_MAIL_ONLY in found:
        return {PreferenceKind.E_MAIL_ONLY: ""}
    for part in clauses(text):
        words = part.words.casefold()
        clause = _Clause(words, _NEGATED.search(words) is not None, said_on)
        for guess in (_place, _hours, _day):
            found |= dict(guess(clause))
    return found


_Guess = Iterator[tuple[PreferenceKind, str]]


def _place(clause: _Clause) -> _Guess:
    named = _PLACES.search(clause.words)
    if named:
        place = named["place"] or named["other"]
        yield PreferenceKind.NOT_THIS_NUMBER, _PLACE_NAMES[place] if place else named["this"]


def _hours(clause: _Clause) -> _Guess:
    """What "not before" and "after" name is the earliest hour; the other two name the latest."""
    said = False
    for words, when_negated, otherwise in _HOURS:
        for found in words.finditer(clause.words):
            said = True
            kind = when_negated if _is_negated(clause.words, found) else otherwise
            yield from _timed(kind, found)
    until, between = _UNTIL_HOUR.search(clause.words), _BETWEEN.search(clause.words)
    if until:
        is_latest = _MAY.search(clause.words[: until.start()]) and not clause.is_negated
        yield from _timed(
            PreferenceKind.NOT_AFTER if is_latest else PreferenceKind.NOT_BEFORE, until
        )
    elif between and not clause.is_negated:
        first = _early(int(between["first"]), is_morning=between["half"] == "a")
        last = next((hour for hour in _TWICE[int(between["last"]) % 12] if hour > first), 0)
        if last:
            yield PreferenceKind.NOT_BEFORE, _clock(first, 0)
            yield PreferenceKind.NOT_AFTER, _clock(last, 0)
    elif not said and not between:
        yield from _part_of_day(clause)


def _part_of_day(clause: _Clause) -> _Guess:
    if clause.is_negated and _IN_THE_MORNING.search(clause.words):
        yield PreferenceKind.NOT_BEFORE, "12:00"
    elif not clause.is_negated and _EVENINGS.search(clause.words):
        yield PreferenceKind.NOT_BEFORE, "17:00"
    elif not clause.is_negated and _AFTERNOONS.search(clause.words):
        yield PreferenceKind.NOT_BEFORE, "12:00"
    elif not clause.is_negated and _MORNINGS.search(clause.words):
        yield PreferenceKind.NOT_AFTER, "12:00"


def _is_negated(words: str, found: re.Match[str]) -> bool:
    """Whether a negation speaks of an hour; not so in "can't have a phone at work call after 6"."""
    before = " ".join(words[: found.start()].split()[-_JUST_BEFORE:])
    return _NEGATED.search(before) is not None


def _timed(kind: PreferenceKind, found: re.Match[str]) -> _Guess:
    said, minute = found["hour"], int(found["minute"] or 0)
    hour = _SPOKEN[said] if said in _SPOKEN else int(said)
    if found["half"] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found["half"] == "p" else 0)
    elif kind is PreferenceKind.NOT_BEFORE:
        hour = _early(hour, is_morning=False)
    else:
        hour = _late(hour)
    if 0 < hour < 24:
        yield kind, _clock(hour, minute)


def _early(hour: int, is_morning: bool) -> int:
    """The earliest hour of a day, as people mean it: seven and less is in the afternoon."""
    return hour + 12 if 0 < hour <= 7 and not is_morning else hour


def _late(hour: int) -> int:
    """The latest hour: eleven and less is in the afternoon."""
    return hour + 12 if 0 < hour <= 11 else hour


def _clock(hour: int, minute: int) -> str:
    return f"{hour:02}:{minute:02}"


def _day(clause: _Clause) -> _Guess:
    """The first day on which contact is welcome."""
    weekday = _WEEKDAY.search(clause.words)
    for words, following in _DAYS:
        if words.search(clause.words):
            yield PreferenceKind.NOT_UNTIL, following(clause.said_on).isoformat()
            return
    if weekday and (not clause.is_negated or _UNTIL.search(clause.words)):
        number = _WEEKDAYS.index(weekday["day"]) % 7
        yield PreferenceKind.NOT_UNTIL, _next(clause.said_on, number).isoformat()


def _tomorrow(day: date) -> date:
    return day + timedelta(days=1)


def _next(day: date, weekday: int) -> date:
    """The next such weekday after this day."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def _next_monday(day: date) -> date:
    return _next(day, 0)


_TWICE = {hour: (hour, hour + 12) for hour in range(12)}
_HOURS = (
    (_BEFORE, PreferenceKind.NOT_BEFORE, PreferenceKind.NOT_AFTER),
    (_AFTER, PreferenceKind.NOT_AFTER, PreferenceKind.NOT_BEFORE),
)
_DAYS: tuple[tuple[re.Pattern[str], Callable[[date], date]], ...] = (
    (_NEXT_WEEK, _next_monday),
    (_NOT_TODAY, _tomorrow),
    (_TOMORROW, _tomorrow),
)
