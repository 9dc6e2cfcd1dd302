"""A list of cases, read while it arrives: of thousands of cases one at a time is in memory as JSON.

The published response is a bare list (docs/reference/smartadvocate.md#getcasestodial). Whatever
else comes is read as a whole, as other responses are.
"""

import codecs
import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import requests

from bridge.adapters.smartadvocate import responses, unwrapping

_PIECE = 64 * 1024
_LONGEST_ITEM = 1024 * 1024
"""In characters: what is longer is no case."""
_SPACE = " \t\r\n"
_AFTER = re.compile(r"[ \t\r\n]*[,\]]")
_UNREADABLE = responses.unconfirmed_message("[")


class NotAListError(ValueError):
    """The body isn't a list of cases; the message says what it is."""

    def __init__(self, what: str, begins_with: bytes = b"") -> None:
        super().__init__(what)
        self.begins_with = begins_with


def items(response: requests.Response) -> Iterator[Any]:
    """The items of the list that a response has, or wraps.

    Raises:
        NotAListError: there is none, or it can't be read to its end.
        RequestException: the connection was lost meanwhile.
    """
    pieces = (piece for piece in response.iter_content(_PIECE) if piece)
    first = next(pieces, b"")
    if first.lstrip()[:1] == b"[" and b"\0" not in first[:4]:
        yield from _Arriving(_texts(chain([first], pieces), response.encoding)).items()
        return
    content = b"".join((first, *pieces))
    body = responses.read_content(content, response.encoding).value
    listed = unwrapping.unwrap_list(body)
    if listed is None or responses.refuses(body):
        what = responses.unconfirmed_message(body or "an empty response")
        raise NotAListError(what, content.lstrip()[:1])
    yield from listed


def _texts(pieces: Iterator[bytes], other: str | None) -> Iterator[str]:
    """The pieces as UTF-8, and from where they are none any more in another encoding."""
    decoder = _decoder("utf-8", "strict")
    for piece in pieces:
        left, _ = decoder.getstate()
        try:
            yield decoder.decode(piece)
        except UnicodeDecodeError:
            decoder = _decoder(other or "cp1252", "replace")
            yield decoder.decode(left + piece)


def _decoder(encoding: str, errors: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(encoding)(errors)
    except LookupError:
        return codecs.getincrementaldecoder("latin-1")()


class _Arriving:
    """A JSON list whose text comes bit by bit."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._text, self._at = "", 0
        self._decode = json.JSONDecoder().raw_decode

    def items(self) -> Iterator[Any]:
        """Its items, each once it is there."""
        self._take("[")
        if self._next() == "]":
            self._at += 1
            self._end()
            return
        while True:
            yield self._item()
            if self._take(",]") == "]":
                self._end()
                return

    def _item(self) -> Any:
        """The next item, of which the end is seen: a number may go on in the next piece."""
        self._next()
        while True:
            try:
                item, end = self._decode(self._text, self._at)
            except (ValueError, RecursionError):
                self._more()
                continue
            if _AFTER.match(self._text, end):
                self._at = end
                return item
            self._more()

    def _take(self, wanted: str) -> str:
        found = self._next()
        if found not in wanted:
            raise NotAListError(_UNREADABLE)
        self._at += 1
        return found

    def _next(self) -> str:
        """The next character that isn't space."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            self._more()

    def _more(self) -> None:
        """Wait for more of the text; what was read is forgotten."""
        more = next(self._texts, None)
        if more is None or len(self._text) - self._at > _LONGEST_ITEM:
            raise NotAListError(_UNREADABLE)
        self._text, self._at = self._text[self._at :] + more, 0

    def _end(self) -> None:
        if self._text[self._at :].strip(_SPACE) or any(more.strip(_SPACE) for more in self._texts):
            raise NotAListError(_UNREADABLE)
