"""Reads a case as SmartAdvocate sends it, tolerant of its variations.

See docs/reference/smartadvocate.md#getcasestodial.
"""

import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from bridge.adapters.smartadvocate import responses
from bridge.adapters.smartadvocate.api_mapping import ApiMapping
from bridge.adapters.smartadvocate.dates import moment
from bridge.domain.case_updates import MOST_ATTEMPTS, CaseInfo, CasePhone
from bridge.errors import Unclear

_MAX_SHOWN = 40
_MAX_DIGITS = 6
_LARGEST_CASE_ID = 2**31 - 1
_NO_ID = "SmartAdvocate sent a case without a valid CaseID (a whole number above 0)"


class _Count(fields.Field[int]):
    """`Attempts` is a label: any text; text that is not a number counts as 0."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        text = str(value).strip().removesuffix(".0")
        return min(int(text), MOST_ATTEMPTS) if self.is_count(text) else 0

    @staticmethod
    def is_count(text: str) -> bool:
        """Whether a label is a number of attempts."""
        text = text.removesuffix(".0")
        return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


class _CaseId(fields.Field[int]):
    """A whole number above 0, perhaps as text; 31.7 is not case 31."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        text = "" if isinstance(value, bool) else str(value).strip().removesuffix(".0")
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_CASE_ID))):
            raise ValidationError("not a whole number above 0")
        if not 0 < int(text) <= _LARGEST_CASE_ID:
            raise ValidationError(f"not between 1 and {_LARGEST_CASE_ID}")
        return int(text)


class _AnyText(fields.Field[str]):
    """Text, whatever JSON type it came as."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        return "" if value is None else responses.UNSTORABLE.sub("", str(value))


class _Flag(fields.Field[bool]):
    """True only for a clear yes."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        return str(value).strip().casefold() in {"true", "1", "yes"}


class PhoneSchema(Schema):
    """One entry of `Phones`."""

    class Meta:
        unknown = EXCLUDE

    number = _AnyText(data_key="Phone", load_default="", allow_none=True)
    name = _AnyText(data_key="PhoneName", load_default="", allow_none=True)
    primary = _Flag(data_key="Primary", load_default=False, allow_none=True)
    text = _Flag(data_key="Text", load_default=False, allow_none=True)


class CaseSchema(Schema):
    """A case of GetCaseInfo or GetCasesToDial."""

    class Meta:
        unknown = EXCLUDE

    case_id = _CaseId(data_key="CaseID", required=True)
    phones = fields.Raw(data_key="Phones", load_default=None, allow_none=True)
    status = _AnyText(data_key="DialerStatus", load_default="", allow_none=True)
    attempts = _Count(data_key="Attempts", load_default=0, allow_none=True)
    next_call = fields.Raw(data_key="DialDateTime", load_default=None, allow_none=True)
    campaign = _AnyText(data_key="Campaign", load_default="", allow_none=True)
    zip_code = _AnyText(data_key="ZipCode", load_default="", allow_none=True)


_CASE = CaseSchema()
_PHONES = PhoneSchema(many=True)


def case_info(sent: Any, mapping: ApiMapping, zone: ZoneInfo) -> CaseInfo:
    """The case that was sent; its dates are in `zone`.

    Raises:
        Unclear: it is not a case, or has no CaseID.
    """
    if not isinstance(sent, dict):
        shown = responses.unconfirmed_message(sent or "an empty response")
        raise Unclear("no-case", f"SmartAdvocate sent something other than a case: {shown}")
    named = mapping.from_theirs(sent)
    try:
        loaded: dict[str, Any] = _CASE.load(named)
    except ValidationError as error:
        raise Unclear("no-case", f"{_NO_ID}: {responses.unconfirmed_message(sent)}") from error
    label = (loaded["status"] or "").strip()
    next_call, odd_date = _next_call(loaded["next_call"], zone)
    return CaseInfo(
        case_id=loaded["case_id"],
        status=mapping.status(label),
        attempts=loaded["attempts"] or 0,
        next_call=next_call,
        phones=_phones(loaded["phones"], mapping),
        # Thousands of listed cases have these alike: each is kept once.
        campaign=sys.intern(loaded["campaign"] or ""),
        zip_code=sys.intern(loaded["zip_code"] or ""),
        oddities=(*_oddities(loaded, named), *odd_date),
        label=sys.intern(label),
    )


def _next_call(sent: Any, zone: ZoneInfo) -> tuple[datetime | None, tuple[str, ...]]:
    """The date of the next call, and a problem: an unreadable date must not count as none."""
    try:
        return moment(sent, zone), ()
    except ValueError:
        shown = responses.UNSTORABLE.sub("", str(sent).strip())[:_MAX_SHOWN]
        return None, (f"DialDateTime is {shown!r}, which is not a readable date",)


def _oddities(loaded: dict[str, Any], sent: dict[str, Any]) -> tuple[str, ...]:
    """Problems for which a case must not be dialed; call outcomes can still be reported to it."""
    attempts = str(sent.get("Attempts") or "").strip()
    phones = loaded["phones"]
    checks = (
        (
            attempts and not _Count.is_count(attempts),
            f"Attempts is {attempts[:_MAX_SHOWN]!r}, not a number",
        ),
        (not isinstance(phones, list | None), "Phones is not a list"),
        (not phones, "it has no phones"),
        (
            isinstance(phones, list) and not all(isinstance(phone, dict) for phone in phones),
            "one of its phones can't be read",
        ),
    )
    return tuple(words for is_odd, words in checks if is_odd)


def _phones(sent: Any, mapping: ApiMapping) -> tuple[CasePhone, ...]:
    entries = sent if isinstance(sent, list) else []
    named = [mapping.from_theirs(entry) for entry in entries if isinstance(entry, dict)]
    read: list[dict[str, Any]] = _PHONES.load(named)
    return tuple(
        CasePhone(
            number=phone["number"] or "",
            name=sys.intern(phone["name"] or ""),
            primary=bool(phone["primary"]),
            text=bool(phone["text"]),
        )
        for phone in read
    )
