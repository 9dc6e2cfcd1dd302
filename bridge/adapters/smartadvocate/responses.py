"""What the body of a response means: success, a refusal in a 200, or something unknown.

SmartAdvocate's responses are not published (docs/reference/smartadvocate.md#what-is-not-published).
So one table here has the forms that mean success, and any other form isn't known to mean success.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from bridge.domain.folding import fold_name

_WORDS_OF_SUCCESS = frozenset({"ok", "success", "done", "saved", "updated"})
_AFFIRMATIVE = _WORDS_OF_SUCCESS | {"true"}
_FLAGS = ("success", "issuccess", "succeeded", "ok")
_MAYBE_FLAGS = ("result", "status")
"""Names that may be a flag, but just as often hold something else."""
_ERRORS = ("exceptionmessage", "errormessage", "error", "errors")
_WRAPPERS = ("d", "data", "result")
_WORDS = ("exceptionmessage", "errormessage", "message", "error", "errors", "title")
_LISTS = ("results", "cases", *_WRAPPERS)
_NOTES = ("noteid", "casenoteid")
_MAX_DEPTH = 5
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
"""Characters that databases refuse and nobody types."""
_MAX_SHOWN = 300
_NO_SUCH_ADDRESS = (
    "no http resource was found",
    "no type was found that matches the controller",
    "no action was found on the controller",
)
"""ASP.NET Web API's own messages for an unknown path."""


@dataclass(frozen=True)
class Body:
    """The body of a response."""

    value: Any = field(repr=False)
    """Parsed JSON, or else plain text; None for an empty body."""
    is_json: bool


def read(response: requests.Response) -> Body:
    """The body of a response, whatever its type."""
    return read_content(response.content, response.encoding)


def read_content(content: bytes, encoding: str | None) -> Body:
    """The same of its bytes, and the encoding that its header names."""
    text = _text(content, encoding)
    if not text:
        return Body(None, is_json=False)
    for source in (content, text):
        try:
            return Body(decoded(json.loads(source)), is_json=True)
        except (ValueError, RecursionError):
            continue
    return Body(text, is_json=False)


def _text(content: bytes, named: str | None) -> str:
    """A body as text. The charset in its header is often only the server's default."""
    for encoding in ("utf-8-sig", named or "cp1252"):
        try:
            return content.decode(encoding).strip()
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1").strip()


def decoded(value: Any) -> Any:
    """The value, decoded once more if it is JSON in a JSON string, as some servers send."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def means_success(value: Any) -> bool:
    """Whether the body of a response is known to mean that a write was accepted."""
    return _succeeds(value, _MAX_DEPTH)


def refuses(value: Any) -> bool:
    """Whether an object, perhaps in a wrapper, says that the request was refused."""
    return _refuses(value, _MAX_DEPTH)


def is_about_the_address(body: Body) -> bool:
    """Whether a 404 is about the path, and not about the case or phone in the request."""
    if not body.is_json:
        return True
    fields = _folded_names(body.value) if isinstance(body.value, dict) else {"message": body.value}
    shown = " ".join(str(fields.get(name) or "") for name in ("message", "messagedetail"))
    return any(words in shown.casefold() for words in _NO_SUCH_ADDRESS)


def message(value: Any) -> str:
    """The message in a body, in SmartAdvocate's own words and in one line."""
    found = _message(value, _MAX_DEPTH)
    shown = UNSTORABLE.sub("", str(value if found is None else found))
    return " ".join(shown.split())[:_MAX_SHOWN]


def unconfirmed_message(value: Any) -> str:
    """The message in a body that isn't known to mean success.

    Without a message it names the fields only: their values may repeat a note's text.
    """
    found = _message(value, _MAX_DEPTH)
    if isinstance(value, str) and value[:1] in {"{", "["}:
        found = "unreadable JSON"
    if found is None and isinstance(value, dict):
        found = f"an object with {', '.join(sorted(map(str, value)))}"
    if found is None and isinstance(value, list):
        found = f"a list of {len(value)}"
    return message(value if found is None else found)


def _succeeds(value: Any, depth: int) -> bool:
    value = decoded(value)
    return depth > 0 and any(matches(value, depth) for matches in _FORMS_OF_SUCCESS)


def _is_nothing(value: Any, _depth: int) -> bool:
    return _blank(value)


def _is_word(value: Any, _depth: int) -> bool:
    return _is_affirmative(value)


def _is_flagged(value: Any, depth: int) -> bool:
    """Whether an object's flags all mean success, and nothing in it is a refusal."""
    if not isinstance(value, dict) or refuses(value):
        return False
    fields = _folded_names(value)
    flags = [fields[name] for name in _FLAGS if fields.get(name) is not None]
    flags += [fields[name] for name in _MAYBE_FLAGS if _may_be_flag(fields.get(name))]
    return (
        bool(flags) and all(map(_is_affirmative, flags)) and not _has_nested_refusal(value, depth)
    )


def _is_wrapper(value: Any, depth: int) -> bool:
    """Whether an object holds one success and nothing else."""
    if not isinstance(value, dict) or refuses(value):
        return False
    fields = _folded_names(value)
    filled = [name for name, inner in fields.items() if not _blank(inner)]
    if not filled:
        return any(name in _WRAPPERS for name in fields)
    inner = fields[filled[0]]
    wraps = filled[0] in _WRAPPERS or (filled[0] in _LISTS and isinstance(inner, list))
    return len(filled) == 1 and wraps and _succeeds(inner, depth - 1)


def _has_note_id(value: Any, _depth: int) -> bool:
    """Whether an object has the id of the note that was written."""
    if not isinstance(value, dict) or refuses(value):
        return False
    fields = _folded_names(value)
    return any(type(fields.get(name)) is int and fields[name] > 0 for name in _NOTES)


def _is_list_of_successes(value: Any, depth: int) -> bool:
    return isinstance(value, list) and all(_succeeds(item, depth - 1) for item in value)


_FORMS_OF_SUCCESS: tuple[Callable[[Any, int], bool], ...] = (
    _is_nothing,
    _is_word,
    _is_flagged,
    _is_wrapper,
    _has_note_id,
    _is_list_of_successes,
)


def _refuses(value: Any, depth: int) -> bool:
    if not isinstance(value, dict) or not depth:
        return False
    fields = _folded_names(value)
    if any(not _empty(fields.get(name)) for name in _ERRORS):
        return True
    if any(fields.get(name) is not None and not _is_affirmative(fields[name]) for name in _FLAGS):
        return True
    return any(_refuses(decoded(fields.get(name)), depth - 1) for name in _WRAPPERS)


def _has_nested_refusal(value: Any, depth: int) -> bool:
    """Whether anything inside is a refusal: each of several cases must have succeeded."""
    if depth < 0:
        return True
    if isinstance(value, list):
        return any(isinstance(item, dict) and not _succeeds(item, depth) for item in value)
    if not isinstance(value, dict):
        return False
    return refuses(value) or any(
        _has_nested_refusal(decoded(inner), depth - 1) for inner in value.values()
    )


def _is_affirmative(value: Any) -> bool:
    return value is True or (
        isinstance(value, str) and fold_name(value).rstrip(".!") in _AFFIRMATIVE
    )


def _may_be_flag(value: Any) -> bool:
    """Under these names, numbers are ids or codes, and objects and lists are results."""
    return isinstance(value, bool) or (
        isinstance(value, str) and bool(value.strip()) and not value.strip().isdigit()
    )


def _blank(value: Any) -> bool:
    return value is None or value in ({}, []) or (isinstance(value, str) and not value.strip())


def _empty(value: Any) -> bool:
    return not value or _blank(value)


def _message(value: Any, depth: int) -> Any:
    """The message in a body, an error's first; None if there is none."""
    value = decoded(value)
    if isinstance(value, str | int | float) or not depth:
        return value
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        return str(value) if value else None
    if isinstance(value, list):
        refused = (item for item in value if not means_success(item))
        return "; ".join(filter(None, (_case_message(item, depth - 1) for item in refused))) or None
    if not isinstance(value, dict):
        return None
    fields = _folded_names(value)
    for name in _WORDS:
        if not _empty(fields.get(name)):
            inner = fields[name]
            return _message(inner, depth - 1) or inner
    inside = (_message(fields[name], depth - 1) for name in _LISTS if not _empty(fields.get(name)))
    return next((found for found in inside if found is not None), None)


def _case_message(value: Any, depth: int) -> str:
    if not isinstance(value, dict):
        return str(value)
    case_id, found = _folded_names(value).get("caseid"), _message(value, depth)
    shown = "not accepted" if found is None else str(found)
    return shown if case_id is None else f"case {case_id}: {shown}"


def _folded_names(fields: Mapping[Any, Any]) -> dict[str, Any]:
    return {fold_name(str(name)): value for name, value in fields.items()}
