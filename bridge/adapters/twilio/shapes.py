"""Patterns of the values of Twilio's fields (docs/reference/twilio.md).

A pattern rejects what Twilio can't have sent, above all a value with another field appended. It is
no stricter than that: masked SIDs, odd numbers and future words are accepted.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from marshmallow import fields, validate

_APPENDED_FIELD = re.compile(r"\S[A-Z][a-z]")
"""A capitalized word right after something: field names look like that, and no values do."""

# A full SID is 2 capitals and 32 hexadecimal digits. Masked recordings have shorter and other ones.
# Nothing can be appended to a full one or cut from it (`form_ambiguity.py`).
_MASKED_SID = r"[0-9A-Za-z]{2}(?!.*[0-9A-Za-z][A-Z][a-z])[0-9A-Za-z]{0,32}"
CALL_SID = rf"CA[0-9a-f]{{32}}|{_MASKED_SID}"
MESSAGE_SID = rf"[A-Z]{{2}}[0-9a-f]{{32}}|{_MASKED_SID}"
ACCOUNT_SID = rf"AC[0-9a-f]{{32}}|{_MASKED_SID}"
STATUS = r"(?=.{1,32}$)(?:[A-Za-z][a-z]*(?:[_-][A-Za-z][a-z]*)*|[A-Z_-]+)"
VERSION = r"(?!.*[^\s][A-Z][a-z])[0-9A-Za-z._-]{0,16}"
ADDRESS = (
    r"[+(]?[0-9][0-9 ().-]{0,30}"  # a number, a short code
    r"|whatsapp:(?!.*[0-9a-z][A-Z][a-z])[+0-9A-Za-z.]{1,64}"
    r"|(?:client|sips?|messenger|rcs):[^\x00-\x1f\x7f]{1,250}"
    r"|[0-9A-Za-z &'_.-]{0,11}"  # a sender's name
    # `anonymous`, or whatever
    r"|(?![(0-9]|\+[0-9]|whatsapp:|.*[^\s:+][A-Z][a-z])[^\x00-\x1f\x7f]{0,250}"
)
KEYS = r"[0-9*#A-D]{0,64}|hangup"


def shaped(pattern: str, error: str) -> validate.Regexp:
    """A validator: the whole value must match the pattern."""
    return validate.Regexp(rf"(?:{pattern})\Z", error=error)


class _NoFieldAppended(fields.Field[Any]):
    """A value that isn't free text: a field's name in it makes it invalid."""

    default_error_messages = {"appended": "contains another field"}  # noqa: RUF012 - marshmallow's

    def without_appended_field(self, value: Any) -> str:
        text = str(value).strip()
        if _APPENDED_FIELD.search(text):
            raise self.make_error("appended")
        return text


class Word(_NoFieldAppended):
    """One of Twilio's words, known or not."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        return self.without_appended_field(value)


class Whole(_NoFieldAppended):
    """A whole number from 0 up to a limit; anything else counts as missing."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._most = most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int | None:
        digits = self.without_appended_field(value)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(self._most))):
            return None
        return number if (number := int(digits)) <= self._most else None


class Moment(fields.Field[datetime | None]):
    """An RFC 2822 date, such as Twilio's `Timestamp`; anything else counts as missing."""

    default_error_messages = {"appended": "contains another field"}  # noqa: RUF012 - marshmallow's

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime | None:
        text = str(value).strip()
        if _APPENDED_FIELD.search(text):
            raise self.make_error("appended")
        try:
            moment = parsedate_to_datetime(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
