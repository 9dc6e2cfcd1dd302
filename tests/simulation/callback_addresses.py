"""What the callback address of a request says: whose call or text it is."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit


def case_of(params: Mapping[str, Sequence[str]]) -> str:
    """The CaseID in the callback address of a request."""
    return _named(params, "CaseID")


def attempt_of(params: Mapping[str, Sequence[str]]) -> str:
    """The attempt in the callback address of a request."""
    return _named(params, "Attempt")


def _named(params: Mapping[str, Sequence[str]], name: str) -> str:
    url = next(iter(params.get("StatusCallback", ())), "")
    return parse_qs(urlsplit(url).query).get(name, [""])[0]
