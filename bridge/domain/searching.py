"""What somebody may mean by what stands in the search box: a case, a phone, the end of a phone."""

import re
from dataclasses import dataclass

from bridge.domain.phones import E164, parse_phone

PHONE_END = 4
_FEWEST_OF_PHONE = 10
_LARGEST_CASE = 2**63 - 1
"""What the column of case numbers holds."""
_CASE = re.compile(r"^(?:case\s*)?(?:no\.?|number|#)?\s*([0-9]{1,19})$", re.IGNORECASE)
_END = re.compile(r"^(?:\u2026|\.{2,3}|\*+|x+)?\s*-?([0-9]{4})$", re.IGNORECASE)


@dataclass(frozen=True)
class Sought:
    """What may be meant; several of them at once, where nobody can tell."""

    case_id: int | None = None
    phone: E164 | None = None
    phone_end: str | None = None


def read(typed: str) -> Sought:
    """What may be meant by what somebody typed."""
    text = typed.strip()
    digits = sum(map(str.isdigit, text))
    case, end = _CASE.match(text), _END.match(text)
    case_id = int(case[1]) if case else None
    return Sought(
        case_id if case_id is not None and case_id <= _LARGEST_CASE else None,
        parse_phone(text) if digits >= _FEWEST_OF_PHONE else None,
        end[1] if end else None,
    )
