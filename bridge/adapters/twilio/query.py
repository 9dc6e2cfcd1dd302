"""What the query of a callback's URL names: the case, and the bridge's own attempt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from bridge.errors import Unusable

MOST_FIELDS = 500
_LARGEST_CASE_ID = 2**31 - 1
_ATTEMPT = re.compile(r"[0-9a-z-]{1,32}")


@dataclass(frozen=True)
class Named:
    """What the URL's query names."""

    case_id: int | None
    attempt: str | None
    end: str
    """The value that ends the URL: in the signed string, the first field's name follows it."""


def named_in(target: str, route: str) -> Named:
    """Read the path and query that a callback was posted to; `route` is where it should be.

    Raises:
        Unusable: it is another route's, or its CaseID or Attempt can't be one.
    """
    try:
        parts = urlsplit(target)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Unusable("the URL's query can't be read") from None
    if unquote(parts.path) != route:
        raise Unusable("it was posted to another route than its URL names")
    return Named(
        case_id=_case_id([value for name, value in query if name == "CaseID"]),
        attempt=_attempt([value for name, value in query if name == "Attempt"]),
        end=query[-1][1] if query else "",
    )


def _case_id(said: Sequence[str]) -> int | None:
    named = {value.strip() for value in said} - {""}
    if not named:
        return None
    value = named.pop()
    # Ten digits at most: the number is compared with SmartAdvocate's, which is a 32-bit one.
    if named or not re.fullmatch(r"[0-9]{1,10}", value) or not 0 < int(value) <= _LARGEST_CASE_ID:
        raise Unusable("CaseID in the URL should be one whole number, such as CaseID=515512")
    return int(value)


def _attempt(said: Sequence[str]) -> str | None:
    named = set(said) - {""}
    if not named:
        return None
    value = named.pop()
    if named or not _ATTEMPT.fullmatch(value):
        raise Unusable("Attempt in the URL should be one id of the bridge's own")
    return value
