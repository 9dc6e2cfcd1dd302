"""What the tables of one language hold, and how their patterns are written.

Where the rules come from: a refusal in free words counts when a reasonable person would take it for
one (47 CFR 64.1200(a)(10), compliance.md, section 3); what asks for another hour, place or way, or
tells of other people, is no refusal.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.domain.opt_out_language.clauses import Clause

_FLAGS = re.IGNORECASE | re.MULTILINE

# Names in lower case can't be told from words, so only these are: the commonest given names, as
# far as they are no words themselves.
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
_NO_NAME = (
    "Dr|Doctor|Mr|Mrs|Ms|American|Mexican|Hispanic|Latin\\w|Catholic|English|Spanish|Jewish|Muslim|"
    "Medicare|Medicaid|Covid|Geico|Allstate|Progressive|Facebook|Uber|Lyft|"
    "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|October|November|December"
)
YOU = r"you(?: all| guys| people| folks)?"
CAPITALIZED = rf"(?-i:(?!(?:{_NO_NAME})\b)[A-Z][a-z]+)"
NAME = (
    rf"(?:(?:mrs?|ms|miss|dr) (?-i:[A-Z]\w+)|{CAPITALIZED}(?: (?-i:[A-Z][a-z]+))?|"
    rf"(?:{_GIVEN_NAMES})\b(?: \w+(?= ?$))?)"
)


# As near as what governs a phrase, or limits it, stands to it; it also bounds the time it takes.
_NEAR = 80


@dataclass(frozen=True)
class Hit:
    """A phrase found."""

    place: int
    """Of its clause."""
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True)
class Phrases:
    """The phrases of one language."""

    lead: re.Pattern[str]
    """Words before a clause that change nothing: greetings, please, no."""
    tail: re.Pattern[str]
    """The same after it."""
    alone: frozenset[str]
    """Refuse when they are the whole message: short words that mean other things elsewhere."""
    strong: tuple[re.Pattern[str], ...]
    """Refuse in any clause, unless what stands before or after them says otherwise."""
    weak: tuple[re.Pattern[str], ...]
    """Refuse only when no other way of contact follows: "don't call me, text me" is a wish."""
    wrong: tuple[re.Pattern[str], ...]
    """This phone is not the person's."""
    of_others: re.Pattern[str]
    """Before a phrase: somebody else is told, or somebody else does it."""
    limits: re.Pattern[str]
    """After a phrase: only an hour, a place, a way or a subject is meant."""
    otherwise: re.Pattern[str]
    """A clause with these uses the same words for something else."""
    reasons: re.Pattern[str]
    """After a weak phrase, in its sentence: why no contact is wanted at all."""
    another_way: re.Pattern[str]
    """After a weak phrase, in the next sentence: how or when contact is wanted after all."""

    def ways(self, words: str) -> list[str]:
        """Clauses, one a line, as they are and without the words that change nothing."""
        cut = self.tail.sub("", words)
        return list(dict.fromkeys((words, cut, self.lead.sub("", cut))))

    def hits(self, parts: list[Clause], table: tuple[re.Pattern[str], ...]) -> Iterator[Hit]:
        """Where clauses hold phrases of a table: read at once, or many short ones take long."""
        for lines in self.ways("\n".join(part.words for part in parts)):
            for one in table:
                yield from (_hit(lines, found) for found in one.finditer(lines))


def _hit(lines: str, found: re.Match[str]) -> Hit:
    begins = lines.rfind("\n", 0, found.start()) + 1
    ends = lines.find("\n", found.end()) % (len(lines) + 1)
    return Hit(
        place=lines.count("\n", 0, found.start()),
        before=lines[max(begins, found.start() - _NEAR) : found.start()].rstrip(),
        after=lines[found.end() : min(ends, found.end() + _NEAR)],
    )


def patterns(*sources: str) -> tuple[re.Pattern[str], ...]:
    """Patterns that don't look at the case, save where they say so themselves."""
    return tuple(re.compile(source, _FLAGS) for source in sources)


def pattern(*choices: str) -> re.Pattern[str]:
    """One pattern of several choices."""
    return re.compile("|".join(f"(?:{choice})" for choice in choices), _FLAGS)
