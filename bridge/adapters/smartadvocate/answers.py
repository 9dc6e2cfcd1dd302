"""What the body of an answer means: success, a refusal in a 200, or nothing that we know.

What SmartAdvocate answers is not published (smartadvocate.md, section 6), so the forms that mean
success stand in one table here, and whatever isn't among them is not known to mean success.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from bridge.adapters.smartadvocate.api_mapping import fold_name

_WORDS_OF_SUCCESS = frozenset({"ok", "success", "done", "saved", "updated"})
_SAYS_YES = _WORDS_OF_SUCCESS | {"true"}
_FLAGS = ("success", "issuccess", "succeeded", "ok")
_MAYBE_FLAGS = ("result", "status")
"""Names of a flag that hold something else just as often."""
_ERRORS = ("exceptionmessage", "errormessage", "error", "errors")
_WRAPPERS = ("d", "data", "result")
_WORDS = ("exceptionmessage", "errormessage", "message", "error", "errors", "title")
_LISTS = ("results", "cases", *_WRAPPERS)
_NOTES = ("noteid", "casenoteid")
_DEEPEST = 5
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
"""Databases take neither; nobody types them."""
_SHOWN = 300
_NO_SUCH_ADDRESS = (
    "no http resource was found",
    "no type was found that matches the controller",
    "no action was found on the controller",
)
"""The server's own words for a path that leads nowhere (ASP.NET Web API)."""


@dataclass(frozen=True)
class Body:
    """The body of an answer."""

    value: Any = field(repr=False)
    """What it says as JSON, else as plain text; None for nothing."""
    is_json: bool


def read(answer: requests.Response) -> Body:
    """The body of an answer, whatever it is."""
    text = _text(answer)
    if not text:
        return Body(None, is_json=False)
    for source in (answer.content, text):
        try:
            return Body(opened(json.loads(source)), is_json=True)
        except (ValueError, RecursionError):
            continue
    return Body(text, is_json=False)


def _text(answer: requests.Response) -> str:
    """A body as text. What charset it names is a server's default more often than the truth."""
    for encoding in ("utf-8-sig", answer.encoding or "cp1252"):
        try:
            return answer.content.decode(encoding).strip()
        except (UnicodeDecodeError, LookupError):
            continue
    return answer.content.decode("latin-1").strip()


def opened(value: Any) -> Any:
    """JSON that was put into a JSON text once more, as some servers do, taken out again."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def means_success(value: Any) -> bool:
    """Whether the body of a write's answer is known to mean that the write was taken."""
    return _succeeds(value, _DEEPEST)


def refuses(value: Any) -> bool:
    """Whether an object says that what was asked was not done, perhaps in a wrapper."""
    return _refuses(value, _DEEPEST)


def is_about_the_address(body: Body) -> bool:
    """Whether a 404 comes of the path, and not of the case or phone that was asked about."""
    if not body.is_json:
        return True
    said = _folded(body.value) if isinstance(body.value, dict) else {"message": body.value}
    told = " ".join(str(said.get(name) or "") for name in ("message", "messagedetail")).casefold()
    return any(words in told for words in _NO_SUCH_ADDRESS)


def words(value: Any) -> str:
    """What a body says, in SmartAdvocate's own words and in one line."""
    said = _said(value, _DEEPEST)
    shown = UNSTORABLE.sub("", str(value if said is None else said))
    return " ".join(shown.split())[:_SHOWN]


def words_of_doubt(value: Any) -> str:
    """What an answer that isn't known to mean success says.

    Without words of its own it is told by the names of its fields: it may repeat a note's text.
    """
    said = _said(value, _DEEPEST)
    if isinstance(value, str) and value[:1] in {"{", "["}:
        said = "an answer that can't be read"
    if said is None and isinstance(value, dict):
        said = f"an answer of {', '.join(sorted(map(str, value)))}"
    if said is None and isinstance(value, list):
        said = f"a list of {len(value)}"
    return words(value if said is None else said)


def _succeeds(value: Any, depth: int) -> bool:
    value = opened(value)
    return depth > 0 and any(is_so(value, depth) for is_so in _FORMS_OF_SUCCESS)


def _is_nothing(value: Any, _depth: int) -> bool:
    return _blank(value)


def _is_word(value: Any, _depth: int) -> bool:
    return _yes(value)


def _is_flagged(value: Any, depth: int) -> bool:
    """An object whose flags all say yes, and nothing in it says no."""
    if not isinstance(value, dict) or refuses(value):
        return False
    fields = _folded(value)
    flags = [fields[name] for name in _FLAGS if fields.get(name) is not None]
    flags += [fields[name] for name in _MAYBE_FLAGS if _may_be_flag(fields.get(name))]
    return bool(flags) and all(map(_yes, flags)) and not _hides_refusal(value, depth)


def _is_wrapper(value: Any, depth: int) -> bool:
    """An object that holds a success and nothing else that says anything."""
    if not isinstance(value, dict) or refuses(value):
        return False
    fields = _folded(value)
    says = [name for name, one in fields.items() if not _blank(one)]
    if not says:
        return any(name in _WRAPPERS for name in fields)
    inner = fields[says[0]]
    holds = says[0] in _WRAPPERS or (says[0] in _LISTS and isinstance(inner, list))
    return len(says) == 1 and holds and _succeeds(inner, depth - 1)


def _names_a_note(value: Any, _depth: int) -> bool:
    """An object with the number of the note that was written."""
    if not isinstance(value, dict) or refuses(value):
        return False
    fields = _folded(value)
    return any(type(fields.get(name)) is int and fields[name] > 0 for name in _NOTES)


def _is_list_of_successes(value: Any, depth: int) -> bool:
    return isinstance(value, list) and all(_succeeds(one, depth - 1) for one in value)


_FORMS_OF_SUCCESS: tuple[Callable[[Any, int], bool], ...] = (
    _is_nothing,
    _is_word,
    _is_flagged,
    _is_wrapper,
    _names_a_note,
    _is_list_of_successes,
)


def _refuses(value: Any, depth: int) -> bool:
    if not isinstance(value, dict) or not depth:
        return False
    fields = _folded(value)
    if any(not _empty(fields.get(name)) for name in _ERRORS):
        return True
    if any(fields.get(name) is not None and not _yes(fields[name]) for name in _FLAGS):
        return True
    return any(_refuses(opened(fields.get(name)), depth - 1) for name in _WRAPPERS)


def _hides_refusal(value: Any, depth: int) -> bool:
    """Whether anything inside says no: of several cases each must have succeeded."""
    if depth < 0:
        return True
    if isinstance(value, list):
        return any(isinstance(one, dict) and not _succeeds(one, depth) for one in value)
    if not isinstance(value, dict):
        return False
    return refuses(value) or any(_hides_refusal(opened(one), depth - 1) for one in value.values())


def _yes(value: Any) -> bool:
    return value is True or (isinstance(value, str) and fold_name(value).rstrip(".!") in _SAYS_YES)


def _may_be_flag(value: Any) -> bool:
    """Numbers under these names are ids and codes, objects and lists what was asked for."""
    return isinstance(value, bool) or (
        isinstance(value, str) and bool(value.strip()) and not value.strip().isdigit()
    )


def _blank(value: Any) -> bool:
    return value is None or value in ({}, []) or (isinstance(value, str) and not value.strip())


def _empty(value: Any) -> bool:
    return not value or _blank(value)


def _said(value: Any, depth: int) -> Any:
    """The words in an answer: those of an error first; None where there are none."""
    value = opened(value)
    if isinstance(value, str | int | float) or not depth:
        return value
    if isinstance(value, list) and not any(isinstance(one, dict) for one in value):
        return str(value) if value else None
    if isinstance(value, list):
        said = [_said_of_case(one, depth - 1) for one in value if not means_success(one)]
        return "; ".join(one for one in said if one) or None
    if not isinstance(value, dict):
        return None
    fields = _folded(value)
    for name in _WORDS:
        if not _empty(fields.get(name)):
            inner = fields[name]
            return _said(inner, depth - 1) or inner
    inside = (_said(fields[name], depth - 1) for name in _LISTS if not _empty(fields.get(name)))
    return next((one for one in inside if one is not None), None)


def _said_of_case(value: Any, depth: int) -> str:
    if not isinstance(value, dict):
        return str(value)
    case_id, said = _folded(value).get("caseid"), _said(value, depth)
    told = "not taken" if said is None else str(said)
    return told if case_id is None else f"case {case_id}: {told}"


def _folded(fields: Mapping[Any, Any]) -> dict[str, Any]:
    return {fold_name(str(name)): value for name, value in fields.items()}
