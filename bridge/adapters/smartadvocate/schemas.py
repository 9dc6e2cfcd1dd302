"""A case as SmartAdvocate sends it, read with patience (smartadvocate.md, 1.3)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from bridge.adapters.smartadvocate import answers
from bridge.adapters.smartadvocate.api_mapping import ApiMapping
from bridge.adapters.smartadvocate.dates import moment
from bridge.domain.case_updates import MOST_ATTEMPTS, CaseInfo, CasePhone
from bridge.errors import Unclear

_SHOWN = 40
_LONGEST_COUNT = 6
_LARGEST_CASE_ID = 2**31 - 1
_NO_ID = "SmartAdvocate sent a case whose CaseID is missing or no whole number above 0"


class _Count(fields.Field[int]):
    """`Attempts` is a label: text, perhaps blank or no number, which count as 0."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        text = str(value).strip().removesuffix(".0")
        return min(int(text), MOST_ATTEMPTS) if self.is_count(text) else 0

    @staticmethod
    def is_count(text: str) -> bool:
        """Whether a label is a number of attempts."""
        text = text.removesuffix(".0")
        return text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT


class _CaseId(fields.Field[int]):
    """A whole number above 0, perhaps written as text; 31.7 is no case 31."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        text = "" if isinstance(value, bool) else str(value).strip().removesuffix(".0")
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_CASE_ID))):
            raise ValidationError("not a whole number above 0")
        if not 0 < int(text) <= _LARGEST_CASE_ID:
            raise ValidationError(f"not between 1 and {_LARGEST_CASE_ID}")
        return int(text)


class _Loose(fields.Field[str]):
    """Text, whatever JSON type it came as."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        return "" if value is None else answers.UNSTORABLE.sub("", str(value))


class _Truth(fields.Field[bool]):
    """True only for what clearly says so."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        return str(value).strip().casefold() in {"true", "1", "yes"}


class PhoneSchema(Schema):
    """One entry of `Phones`."""

    class Meta:
        unknown = EXCLUDE

    number = _Loose(data_key="Phone", load_default="", allow_none=True)
    name = _Loose(data_key="PhoneName", load_default="", allow_none=True)
    primary = _Truth(data_key="Primary", load_default=False, allow_none=True)
    text = _Truth(data_key="Text", load_default=False, allow_none=True)


class CaseSchema(Schema):
    """A case of GetCaseInfo or GetCasesToDial."""

    class Meta:
        unknown = EXCLUDE

    case_id = _CaseId(data_key="CaseID", required=True)
    phones = fields.Raw(data_key="Phones", load_default=None, allow_none=True)
    status = _Loose(data_key="DialerStatus", load_default="", allow_none=True)
    attempts = _Count(data_key="Attempts", load_default=0, allow_none=True)
    next_call = fields.Raw(data_key="DialDateTime", load_default=None, allow_none=True)
    campaign = _Loose(data_key="Campaign", load_default="", allow_none=True)
    zip_code = _Loose(data_key="ZipCode", load_default="", allow_none=True)


_CASE = CaseSchema()
_PHONE = PhoneSchema()


def case_info(sent: Any, wire: ApiMapping, zone: ZoneInfo) -> CaseInfo:
    """Read a case; `zone` is that of its date-times.

    Raises:
        Unclear: it is no case, or has no CaseID.
    """
    if not isinstance(sent, dict):
        said = answers.words_of_doubt(sent or "nothing at all")
        raise Unclear("no-case", f"SmartAdvocate answered with something that is no case: {said}")
    try:
        loaded: dict[str, Any] = _CASE.load(wire.ours(sent))
    except ValidationError as error:
        raise Unclear("no-case", f"{_NO_ID}: {answers.words_of_doubt(sent)}") from error
    label = (loaded["status"] or "").strip()
    next_call, odd_date = _next_call(loaded["next_call"], zone)
    return CaseInfo(
        case_id=loaded["case_id"],
        status=wire.status(label),
        attempts=loaded["attempts"] or 0,
        next_call=next_call,
        phones=_phones(loaded["phones"], wire),
        campaign=loaded["campaign"] or "",
        zip_code=loaded["zip_code"] or "",
        oddities=(*_oddities(loaded, wire.ours(sent)), *odd_date),
        label=label,
    )


def _next_call(sent: Any, zone: ZoneInfo) -> tuple[datetime | None, tuple[str, ...]]:
    """When it is to be dialed, and what is odd about it: a date unread must not count as none."""
    try:
        return moment(sent, zone), ()
    except ValueError:
        shown = answers.UNSTORABLE.sub("", str(sent).strip())[:_SHOWN]
        return None, (f"DialDateTime is {shown!r}, which is no date that can be read",)


def _oddities(loaded: dict[str, Any], sent: dict[str, Any]) -> tuple[str, ...]:
    """What a case must not be dialed by; a call's outcome can be told to it all the same."""
    said = str(sent.get("Attempts") or "").strip()
    phones = loaded["phones"]
    checks = (
        (said and not _Count.is_count(said), f"Attempts is {said[:_SHOWN]!r}, not a number"),
        (not isinstance(phones, list | None), "Phones is not a list"),
        (not phones, "it has no phones"),
        (
            isinstance(phones, list) and not all(isinstance(one, dict) for one in phones),
            "one of its phones can't be read",
        ),
    )
    return tuple(words for is_odd, words in checks if is_odd)


def _phones(sent: Any, wire: ApiMapping) -> tuple[CasePhone, ...]:
    entries = sent if isinstance(sent, list) else []
    read = (_PHONE.load(wire.ours(entry)) for entry in entries if isinstance(entry, dict))
    return tuple(
        CasePhone(
            number=one["number"] or "",
            name=one["name"] or "",
            primary=bool(one["primary"]),
            text=bool(one["text"]),
        )
        for one in read
    )
