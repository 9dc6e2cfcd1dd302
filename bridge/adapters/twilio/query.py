"""Reads the query of a callback's URL: the case, the bridge's own attempt, or a test of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from bridge.errors import Unusable

MOST_FIELDS = 500
_MAX_CASE_ID = 2**31 - 1
_MOST_TESTS = 2**63 - 1
_ATTEMPT = re.compile(r"[0-9a-z-]{1,32}")


@dataclass(frozen=True)
class UrlParameters:
    """The parameters in the URL's query."""

    case_id: int | None
    attempt: str | None
    test: int | None
    """The errand of the console's that the call or text is a test for."""
    end: str
    """The value at the end of the URL: in the signed string, the first field's name follows it."""


def url_parameters(target: str, route: str) -> UrlParameters:
    """The parameters in the path and query that a callback was posted to; `route` is its own.

    Raises:
        Unusable: it is for another route, or its CaseID, Attempt or Test is invalid.
    """
    try:
        parts = urlsplit(target)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Unusable("the URL's query is invalid") from None
    if unquote(parts.path) != route:
        raise Unusable("it was posted to a route other than the one in its URL")
    return UrlParameters(
        case_id=_case_id([value for name, value in query if name == "CaseID"]),
        attempt=_attempt([value for name, value in query if name == "Attempt"]),
        test=_test([value for name, value in query if name == "Test"]),
        end=query[-1][1] if query else "",
    )


def _case_id(values: Sequence[str]) -> int | None:
    distinct = {value.strip() for value in values} - {""}
    if not distinct:
        return None
    value = distinct.pop()
    # SmartAdvocate's case ids are 32-bit numbers.
    if distinct or not re.fullmatch(r"[0-9]{1,10}", value) or not 0 < int(value) <= _MAX_CASE_ID:
        raise Unusable("CaseID in the URL should be one whole number, such as CaseID=515512")
    return int(value)


def _attempt(values: Sequence[str]) -> str | None:
    distinct = set(values) - {""}
    if not distinct:
        return None
    value = distinct.pop()
    if distinct or not _ATTEMPT.fullmatch(value):
        raise Unusable("Attempt in the URL should be one id that the bridge made")
    return value


def _test(values: Sequence[str]) -> int | None:
    distinct = set(values) - {""}
    if not distinct:
        return None
    value = distinct.pop()
    if distinct or not re.fullmatch(r"[0-9]{1,19}", value) or int(value) > _MOST_TESTS:
        raise Unusable("Test in the URL should be one number that the bridge made")
    return int(value)
