"""Twilio's callbacks in the bridge's words (twilio.md, tables 1.2, 1.3, 2.2 and 2.3).

Twilio may add fields tomorrow: what isn't asked for here is kept in the raw form and ignored.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from bridge.domain.events import Answer, Channel, Direction, Event, Status
from bridge.errors import Unusable

MOST_FIELDS = 500
_LARGEST_CASE_ID = 2**31 - 1
_LONGEST_EVENT = 160
_LONGEST_CALL_SECONDS = 7 * 24 * 60 * 60

_STATUSES: dict[Channel, dict[str, Status]] = {
    Channel.CALL: {
        status.value: status
        for status in (
            Status.QUEUED, Status.INITIATED, Status.RINGING, Status.IN_PROGRESS, Status.COMPLETED,
            Status.BUSY, Status.NO_ANSWER, Status.FAILED, Status.CANCELED,
        )
    }
    # The event is called so, and one page of the documentation spells the end with two l.
    | {"answered": Status.IN_PROGRESS, "cancelled": Status.CANCELED},
    Channel.TEXT: {
        status.value: status
        for status in (
            Status.ACCEPTED, Status.SCHEDULED, Status.QUEUED, Status.SENDING, Status.SENT,
            Status.DELIVERED, Status.UNDELIVERED, Status.FAILED, Status.CANCELED, Status.READ,
            Status.RECEIVING, Status.RECEIVED, Status.PARTIALLY_DELIVERED,
        )
    }
    | {"cancelled": Status.CANCELED},
}  # fmt: skip
_ANSWERS: dict[str, Answer] = {
    "human": Answer.HUMAN,
    "machine_start": Answer.MACHINE,
    "machine_end_beep": Answer.MACHINE,
    "machine_end_silence": Answer.MACHINE,
    "machine_end_other": Answer.MACHINE,
    "fax": Answer.MACHINE,
    # Too little was heard to tell: as good as unsaid, so that the length of the call decides.
    "unknown": Answer.UNSAID,
}
_DIRECTIONS: dict[str, Direction] = {
    "inbound": Direction.INBOUND,
    "trunking-originating": Direction.INBOUND,
    "outbound-api": Direction.OUTBOUND,
    "outbound-dial": Direction.OUTBOUND,
    "trunking-terminating": Direction.OUTBOUND,
}


class _Whole(fields.Field[int | None]):
    """A whole number from 0 up to a limit; anything else counts as not said."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._most = most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int | None:
        digits = str(value).strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(self._most))):
            return None
        return number if (number := int(digits)) <= self._most else None


class _Moment(fields.Field[datetime | None]):
    """An RFC 2822 date, as Twilio writes `Timestamp`; anything else counts as not said."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime | None:
        try:
            moment = parsedate_to_datetime(str(value))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


_SID = validate.Regexp(r"^[A-Za-z0-9]{2,64}\Z", error="is no sid")
_STATUS = validate.Regexp(r"^[A-Za-z][A-Za-z_-]{0,31}\Z", error="is no status")


class _Callback(Schema):
    class Meta:
        unknown = EXCLUDE

    to = fields.String(data_key="To", load_default="")
    sender = fields.String(data_key="From", load_default="")
    error_code = _Whole(999_999, data_key="ErrorCode", load_default=None)


class CallCallback(_Callback):
    """The fields of a call's status callback that the bridge reads."""

    sid = fields.String(data_key="CallSid", required=True, validate=_SID)
    status = fields.String(data_key="CallStatus", required=True, validate=_STATUS)
    direction = fields.String(data_key="Direction", load_default="")
    parent_sid = fields.String(data_key="ParentCallSid", load_default=None)
    sequence = _Whole(9_999, data_key="SequenceNumber", load_default=None)
    occurred_at = _Moment(data_key="Timestamp", load_default=None)
    duration = _Whole(_LONGEST_CALL_SECONDS, data_key="CallDuration", load_default=None)
    answered_by = fields.String(data_key="AnsweredBy", load_default="")
    sip_code = _Whole(699, data_key="SipResponseCode", load_default=None)


class TextCallback(_Callback):
    """The fields of a message's status callback that the bridge reads."""

    sid = fields.String(data_key="MessageSid", required=True, validate=_SID)
    status = fields.String(data_key="MessageStatus", required=True, validate=_STATUS)


_SCHEMAS: dict[Channel, Schema] = {Channel.CALL: CallCallback(), Channel.TEXT: TextCallback()}
_OLD_NAMES = {"MessageSid": "SmsSid", "MessageStatus": "SmsStatus"}


@dataclass(frozen=True)
class Reading:
    """A callback as far as it could be understood."""

    sid: str
    status: str
    event_key: str
    """What makes this event that event, beside the sid: a duplicate has the same."""
    event: Event | None
    """None when the status is a word that the bridge doesn't know."""


def form_fields(body: bytes) -> MultiDict[str, str]:
    """The fields of a form, empty and repeated ones included.

    Raises:
        Unusable: there are too many.
    """
    text = body.decode("utf-8", "replace")
    try:
        return MultiDict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Unusable(f"more than {MOST_FIELDS} fields") from error


def read(channel: Channel, target: str, form: MultiDict[str, str]) -> Reading:
    """Understand a callback: `target` is the path and query it was posted to.

    Raises:
        Unusable: it names no call or text or no status, or its CaseID is no number.
    """
    said = {name: value for name in form if (value := form[name].strip())}
    for name, old in _OLD_NAMES.items():
        if name not in said and old in said:
            said[name] = said[old]
    try:
        loaded: dict[str, Any] = _SCHEMAS[channel].load(said)
    except ValidationError as error:
        raise Unusable(_complaint(error)) from error
    case_id = _case_id(target)
    status = _STATUSES[channel].get(loaded["status"].lower())
    return Reading(
        sid=loaded["sid"],
        status=loaded["status"].lower(),
        event_key=_event_key(loaded, said, case_id),
        event=None if status is None else _event(channel, status, case_id, loaded),
    )


def raw_key(target: str, body: bytes) -> str:
    """What tells one callback that can't be understood from another."""
    return "raw:" + hashlib.sha256(target.encode() + b"\n" + body).hexdigest()


def _event(
    channel: Channel, status: Status, case_id: int | None, loaded: Mapping[str, Any]
) -> Event:
    direction = _DIRECTIONS.get(loaded.get("direction", ""), Direction.OUTBOUND)
    if status in {Status.RECEIVING, Status.RECEIVED}:
        direction = Direction.INBOUND
    return Event(
        channel=channel,
        sid=loaded["sid"],
        status=status,
        direction=direction,
        person=loaded["to"] if direction is Direction.OUTBOUND else loaded["sender"],
        case_id=case_id,
        parent_sid=loaded.get("parent_sid"),
        sequence=loaded.get("sequence"),
        occurred_at=loaded.get("occurred_at"),
        duration=loaded.get("duration"),
        answer=_ANSWERS.get(loaded.get("answered_by", ""), Answer.UNSAID),
        sip_code=loaded.get("sip_code"),
        error_code=loaded["error_code"],
    )


def _event_key(loaded: Mapping[str, Any], said: Mapping[str, str], case_id: int | None) -> str:
    """Never the sid alone: later statuses would be taken for duplicates (twilio.md, section 8).

    What else the event may say is part of the key: a finer key keeps more, and merging what was
    kept does no harm twice.
    """
    order = loaded.get("sequence")
    parts = (
        loaded["status"].lower(),
        said.get("Timestamp", "") if order is None else order,
        said.get("ErrorCode", ""),
        said.get("AnsweredBy", ""),
        case_id or "",
    )
    key = "|".join(map(str, parts))
    plain = len(key) <= _LONGEST_EVENT and key.isprintable()
    return key if plain else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _case_id(target: str) -> int | None:
    try:
        query = parse_qs(urlsplit(target).query, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Unusable("the URL's query can't be read") from error
    named = {value.strip() for value in query.get("CaseID", ())} - {""}
    if not named:
        return None
    value = named.pop()
    # Ten digits at most: the number is compared with SmartAdvocate's, which is a 32-bit one.
    if named or not re.fullmatch(r"[0-9]{1,10}", value) or not 0 < int(value) <= _LARGEST_CASE_ID:
        raise Unusable("CaseID in the URL should be one whole number, such as CaseID=515512")
    return int(value)


def _complaint(error: ValidationError) -> str:
    messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return "; ".join(f"{name}: {' '.join(map(str, messages[name]))}" for name in sorted(messages))
