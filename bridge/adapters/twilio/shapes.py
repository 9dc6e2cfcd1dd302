"""What the values of Twilio's fields look like (twilio.md, tables 1.2 to 1.5, 2.2 to 2.4).

A shape keeps out what no value of Twilio's can be, above all one with another field glued onto
it. It is no finer than that: masked sids, odd numbers and words of tomorrow go through.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from marshmallow import fields, validate

_GLUED = re.compile(r"\S[A-Z][a-z]")
"""A capitalized word right behind something: so field names look, and no value of these fields."""

# A whole sid is 2 capitals and 32 hexadecimal digits. Shorter and other ones stand in masked
# recordings; nothing fits behind a whole one, and none can be cut from it (`form_ambiguity.py`).
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
    """A check that a whole value has this shape."""
    return validate.Regexp(rf"(?:{pattern})\Z", error=error)


class _NotGlued(fields.Field[Any]):
    """A value that isn't free text: with a field's name in it, it is no value."""

    default_error_messages = {"glued": "has another field in it"}  # noqa: RUF012 - marshmallow's

    def refuse_glued(self, value: Any) -> str:
        text = str(value).strip()
        if _GLUED.search(text):
            raise self.make_error("glued")
        return text


class Word(_NotGlued):
    """A word of Twilio's, known or not."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        return self.refuse_glued(value)


class Whole(_NotGlued):
    """A whole number from 0 up to a limit; anything else counts as not said."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._most = most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int | None:
        digits = self.refuse_glued(value)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(self._most))):
            return None
        return number if (number := int(digits)) <= self._most else None


class Moment(fields.Field[datetime | None]):
    """An RFC 2822 date, as Twilio writes `Timestamp`; anything else counts as not said."""

    default_error_messages = {"glued": "has another field in it"}  # noqa: RUF012 - marshmallow's

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime | None:
        text = str(value).strip()
        # One that is only torn or spelled otherwise counts as not said.
        if _GLUED.search(text):
            raise self.make_error("glued")
        try:
            moment = parsedate_to_datetime(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
