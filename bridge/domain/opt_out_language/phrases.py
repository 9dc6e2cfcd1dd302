"""The phrases of one language, and how their patterns are written.

An opt-out in a person's own words counts when a reasonable person would take it for one (47 CFR
64.1200(a)(10), docs/reference/law.md#opt-outs). A request for another hour, place or channel is no
opt-out, and neither are words about other people.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from bridge.domain.opt_out_language.clauses import Clause

_FLAGS = re.IGNORECASE | re.MULTILINE

# Names in lower case look like words. These count as names all the same: the most common given
# names that aren't words themselves.
_GIVEN_NAMES = (
    "aaron|adam|alex|alice|amanda|amy|andrew|angela|anna|anthony|antonio|ashley|barbara|brian|"
    "carlos|carmen|carol|charles|chris|christopher|cynthia|daniel|david|deborah|donna|dorothy|"
    "edward|elizabeth|emily|eric|francisco|gary|george|guadalupe|heather|jacob|james|jason|"
    "javier|jeffrey|jennifer|jessica|jesus|joe|john|jonathan|jorge|jose|joseph|joshua|juan|juana|"
    "karen|kevin|kimberly|larry|laura|linda|lisa|luis|manuel|margaret|maria|mary|matthew|melissa|"
    "michael|michelle|miguel|mike|nancy|nicole|pamela|patricia|paul|pedro|rachel|ramon|rebecca|"
    "ricardo|richard|robert|roberto|ronald|rosa|ryan|samantha|sandra|sarah|sharon|sophia|stephanie|"
    "steven|susan|teresa|theresa|thomas|timothy|tom|william"
)
_NOT_A_NAME = (
    "Dr|Doctor|Mr|Mrs|Ms|American|Mexican|Hispanic|Latin\\w|Catholic|English|Spanish|Jewish|Muslim|"
    "Medicare|Medicaid|Covid|Geico|Allstate|Progressive|Facebook|Uber|Lyft|"
    "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|October|November|December"
)
YOU = r"you(?: all| guys| people| folks)?"
CAPITALIZED = rf"(?-i:(?!(?:{_NOT_A_NAME})\b)[A-Z][a-z]+)"
NAME = (
    rf"(?:(?:mrs?|ms|miss|dr) (?-i:[A-Z]\w+)|{CAPITALIZED}(?: (?-i:[A-Z][a-z]+))?|"
    rf"(?:{_GIVEN_NAMES})\b(?: \w+(?= ?$))?)"
)


# Words farther away neither govern nor limit a phrase; it also bounds the time matching takes.
_CONTEXT = 80


@dataclass(frozen=True)
class Hit:
    """A phrase that was found, with the words around it."""

    clause: int
    """The index of its clause."""
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True)
class Phrases:
    """The phrases of one language."""

    lead: re.Pattern[str]
    """Words at the start of a clause that change nothing: greetings, please, no."""
    tail: re.Pattern[str]
    """Words at its end that change nothing."""
    whole_message: frozenset[str]
    """Opt out only as the whole message: short words that mean other things elsewhere."""
    strong: tuple[re.Pattern[str], ...]
    """Opt out in any clause, unless the words before or after them say otherwise."""
    strong_in_short: tuple[re.Pattern[str], ...]
    """The same, looked for in clauses that are no longer than three texts: they are too many."""
    weak: tuple[re.Pattern[str], ...]
    """Opt out unless another channel is offered: "don't call me, text me" is no opt-out."""
    wrong_number: tuple[re.Pattern[str], ...]
    """Say that this phone isn't the person's."""
    about_others: re.Pattern[str]
    """Before a phrase: it is about what somebody else said or did."""
    limits: re.Pattern[str]
    """After a phrase: it means only a certain hour, place, channel or subject."""
    other_meanings: re.Pattern[str]
    """Clauses in which the same words mean something else."""
    unlimited: re.Pattern[str]
    """After a phrase: all contact is meant, whatever limits it as well ("at work or anywhere")."""
    offered: re.Pattern[str]
    """Right before a phrase: how the person may be reached instead ("text, don't call")."""
    others_behind: re.Pattern[str]
    """After a phrase: it is about contact with or from somebody else."""
    limited: tuple[re.Pattern[str], ...]
    """Limit contact to an hour, a channel or a number."""
    negated: tuple[re.Pattern[str], ...]
    """Limit contact where one of `limits` follows."""
    ended: tuple[re.Pattern[str], ...]
    """End what was between the person and the firm."""
    hypothetical: re.Pattern[str]
    """Before such an end: it is only thought of, or not the person's."""
    unexplained: tuple[re.Pattern[str], ...]
    """A word of contact beside a negation or a complaint: a refusal, unless it is explained."""
    explained: re.Pattern[str]
    """In the same clause: it isn't one after all."""
    reasons: re.Pattern[str]
    """After a weak phrase, in the same sentence: why the person wants no contact at all."""
    another_channel: re.Pattern[str]
    """After a weak phrase, in the next sentence: how or when the person may be reached instead."""

    def variants(self, words: str) -> list[str]:
        """Clauses, one per line, as written and without the words that change nothing."""
        cut = self.tail.sub("", words)
        return list(dict.fromkeys((words, cut, self.lead.sub("", cut))))

    def find(self, parts: list[Clause], table: tuple[re.Pattern[str], ...]) -> Iterator[Hit]:
        """The phrases of a table in these clauses: searched all at once, as that is faster.

        What is said again among the same words is found once.
        """
        seen = set()
        for place, lines in enumerate(self.variants("\n".join(part.words for part in parts))):
            for phrase in _anchored(table) if place else table:
                for found in phrase.finditer(lines):
                    hit = _hit(lines, found)
                    if hit not in seen:
                        seen.add(hit)
                        yield hit


@cache
def _anchored(table: tuple[re.Pattern[str], ...]) -> tuple[re.Pattern[str], ...]:
    """Those to which it matters what stands at the ends of a clause."""
    return tuple(phrase for phrase in table if "^" in phrase.pattern or "$" in phrase.pattern)


def _hit(lines: str, found: re.Match[str]) -> Hit:
    begins = lines.rfind("\n", 0, found.start()) + 1
    ends = lines.find("\n", found.end()) % (len(lines) + 1)
    return Hit(
        clause=lines.count("\n", 0, found.start()),
        before=lines[max(begins, found.start() - _CONTEXT) : found.start()].rstrip(),
        after=lines[found.end() : min(ends, found.end() + _CONTEXT)],
    )


def patterns(*sources: str) -> tuple[re.Pattern[str], ...]:
    """Patterns without regard to case, except where they say so themselves."""
    return tuple(re.compile(source, _FLAGS) for source in sources)


def pattern(*choices: str) -> re.Pattern[str]:
    """One pattern of several choices."""
    return re.compile("|".join(f"(?:{choice})" for choice in choices), _FLAGS)


def messages(text: str) -> frozenset[str]:
    """Whole messages, written with `|` between them."""
    return frozenset(message.strip() for message in text.split("|"))
