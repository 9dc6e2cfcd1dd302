"""Twilio's callbacks in the bridge's words (twilio.md, tables 1.2, 1.3, 2.2 and 2.3).

Twilio may add fields tomorrow: what isn't asked for here is kept in the raw form and ignored.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from bridge.domain.callers import Caller
from bridge.domain.events import Answer, Channel, Direction, Event, Status, Talk, Topic
from bridge.domain.phones import parse_phone
from bridge.errors import Unusable

MOST_FIELDS = 500
_LARGEST_CASE_ID = 2**31 - 1
_LONGEST_EVENT = 160
_LONGEST_CALL_SECONDS = 7 * 24 * 60 * 60

STATUSES: dict[Channel, dict[str, Status]] = {
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
ANSWERS: dict[str, Answer] = {
    "human": Answer.HUMAN,
    "machine_start": Answer.MACHINE,
    "machine_end_beep": Answer.MACHINE,
    "machine_end_silence": Answer.MACHINE,
    "machine_end_other": Answer.MACHINE,
    "fax": Answer.MACHINE,
    # Too little was heard to tell: as good as unsaid, so that the length of the call decides.
    "unknown": Answer.UNSAID,
}
# Whether the two sides spoke: `DialCallStatus` says `completed` also of an answered leg that
# nobody heard (twilio.md, 1.5).
_TALKS: dict[str, Talk] = {"true": Talk.BRIDGED, "false": Talk.MISSED}
# What the leg's own end says where that is missing.
_LEGS: dict[str, Talk] = {
    "completed": Talk.BRIDGED, "answered": Talk.BRIDGED, "busy": Talk.MISSED,
    "no-answer": Talk.MISSED, "failed": Talk.MISSED, "canceled": Talk.MISSED,
}  # fmt: skip
_UNDER_WAY = frozenset({Status.QUEUED, Status.INITIATED, Status.RINGING, Status.IN_PROGRESS})
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


class CallIn(CallCallback):
    """A person calls in."""

    forwarded_by = fields.String(data_key="ForwardedFrom", load_default="")


class TextCallback(_Callback):
    """The fields of a message's status callback that the bridge reads."""

    sid = fields.String(data_key="MessageSid", required=True, validate=_SID)
    status = fields.String(data_key="MessageStatus", required=True, validate=_STATUS)


class KeyCallback(CallCallback):
    """A key that was pressed, or silence."""

    digits = fields.String(data_key="Digits", load_default="")


class DialedCallback(CallCallback):
    """How putting somebody through ended."""

    bridged = fields.String(data_key="DialBridged", load_default="")
    leg_status = fields.String(data_key="DialCallStatus", load_default="")
    talked_for = _Whole(_LONGEST_CALL_SECONDS, data_key="DialCallDuration", load_default=None)


class MachineCallback(_Callback):
    """The asynchronous detection's finding: beside it nothing but the call's sid."""

    sid = fields.String(data_key="CallSid", required=True, validate=_SID)
    answered_by = fields.String(data_key="AnsweredBy", required=True)


class TextIn(_Callback):
    """A text from a person."""

    sid = fields.String(data_key="MessageSid", required=True, validate=_SID)
    body = fields.String(data_key="Body", load_default="")
    pictures = _Whole(99, data_key="NumMedia", load_default=None)
    opt_out_type = fields.String(data_key="OptOutType", load_default=None)


_SCHEMAS: dict[Topic, Schema] = {
    Topic.CALL: CallCallback(),
    Topic.TEXT: TextCallback(),
    Topic.ANSWERED: CallCallback(),
    Topic.KEY: KeyCallback(),
    Topic.DIALED: DialedCallback(),
    Topic.MACHINE: MachineCallback(),
    Topic.TEXT_IN: TextIn(),
    Topic.CALL_IN: CallIn(),
}
# Topics whose status is known from what they are.
_IMPLIED: dict[Topic, str] = {Topic.MACHINE: "in-progress", Topic.TEXT_IN: "received"}
_OLD_NAMES = {"MessageSid": "SmsSid", "MessageStatus": "SmsStatus"}
_ATTEMPT = re.compile(r"[0-9a-z-]{1,32}")


@dataclass(frozen=True)
class Words:
    """What a person wrote."""

    body: str
    pictures: int
    opt_out_type: str | None
    """STOP, START or HELP, when Twilio has understood and answered it."""


@dataclass(frozen=True)
class Reading:
    """A callback as far as it could be understood."""

    sid: str
    status: str
    event_key: str
    """What makes this event that event, beside the sid: a duplicate has the same."""
    event: Event | None
    """None when the status is a word that the bridge doesn't know."""
    key: str = ""
    """The key that was pressed."""
    words: Words | None = None
    caller: Caller | None = None
    """Who calls in."""


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


def read(topic: Topic, target: str, form: MultiDict[str, str]) -> Reading:
    """Understand a callback: `target` is the path and query it was posted to.

    Raises:
        Unusable: it names no call or text or no status, or its CaseID is no number.
    """
    said = {name: value for name in form if (value := form[name].strip())}
    for name, old in _OLD_NAMES.items():
        if name not in said and old in said:
            said[name] = said[old]
    try:
        loaded: dict[str, Any] = _SCHEMAS[topic].load(said)
    except ValidationError as error:
        raise Unusable(_complaint(error)) from error
    named = _named(target)
    word = _IMPLIED.get(topic) or loaded["status"].lower()
    status = STATUSES[topic.channel].get(word)
    words = None
    if topic is Topic.TEXT_IN:
        words = Words(loaded["body"], loaded["pictures"] or 0, loaded["opt_out_type"])
    caller = None
    if topic is Topic.CALL_IN:
        caller = Caller(
            phone=parse_phone(loaded["sender"]),
            called=parse_phone(loaded["to"]),
            forwarded_by=parse_phone(loaded["forwarded_by"]),
        )
    return Reading(
        sid=loaded["sid"],
        status=word,
        event_key=_event_key(topic, word, loaded, said, named),
        event=None if status is None else _event(topic, status, named, loaded),
        key=loaded.get("digits", ""),
        words=words,
        caller=caller,
    )


def raw_key(target: str, body: bytes) -> str:
    """What tells one callback that can't be understood from another."""
    return "raw:" + hashlib.sha256(target.encode() + b"\n" + body).hexdigest()


@dataclass(frozen=True)
class _Named:
    """What the URL's query names."""

    case_id: int | None
    attempt: str | None


def _event(topic: Topic, status: Status, named: _Named, loaded: Mapping[str, Any]) -> Event:
    direction = _DIRECTIONS.get(loaded.get("direction", ""), Direction.OUTBOUND)
    if status in {Status.RECEIVING, Status.RECEIVED}:
        direction = Direction.INBOUND
    answer = ANSWERS.get(loaded.get("answered_by", ""), Answer.UNSAID)
    if topic is Topic.KEY and loaded["digits"]:
        answer = Answer.HUMAN
    duration = loaded.get("duration")
    if topic is Topic.DIALED and direction is Direction.INBOUND:
        # Nothing follows for a caller who was put through, and the number's own status callback,
        # if it has one, would count the ringing here as talk.
        status, duration = Status.COMPLETED, loaded["talked_for"]
    spoke = talk(loaded.get("bridged", ""), loaded.get("leg_status", ""))
    if topic is Topic.KEY and (loaded["digits"] or status in _UNDER_WAY):
        # A key, or the silence behind the whole prompt; not the end of whoever hung up in it.
        spoke = Talk.HEARD
    return Event(
        channel=topic.channel,
        sid=loaded["sid"],
        status=status,
        direction=direction,
        person=loaded["to"] if direction is Direction.OUTBOUND else loaded["sender"],
        case_id=named.case_id,
        attempt=named.attempt,
        parent_sid=loaded.get("parent_sid"),
        sequence=loaded.get("sequence"),
        occurred_at=loaded.get("occurred_at"),
        duration=duration,
        answer=answer,
        talk=spoke,
        sip_code=loaded.get("sip_code"),
        error_code=loaded["error_code"],
    )


def talk(bridged: str, leg_status: str) -> Talk:
    """Whether the sides that were put through spoke, by `DialBridged` and `DialCallStatus`."""
    said = _TALKS.get(bridged.lower())
    return said or (Talk.UNSAID if bridged else _LEGS.get(leg_status, Talk.UNSAID))


def _event_key(
    topic: Topic, word: str, loaded: Mapping[str, Any], said: Mapping[str, str], named: _Named
) -> str:
    """Never the sid alone: later statuses would be taken for duplicates (twilio.md, section 8).

    What else the event may say is part of the key: a finer key keeps more, and merging what was
    kept does no harm twice.
    """
    order = loaded.get("sequence")
    parts = (
        *(() if topic in {Topic.CALL, Topic.TEXT} else (topic,)),
        word,
        said.get("Timestamp", "") if order is None else order,
        said.get("ErrorCode", ""),
        said.get("AnsweredBy", ""),
        named.case_id or "",
        *(said[name] for name in ("Digits", "DialBridged") if name in said),
    )
    key = "|".join(map(str, parts))
    plain = len(key) <= _LONGEST_EVENT and key.isprintable()
    return key if plain else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _named(target: str) -> _Named:
    try:
        query = parse_qs(urlsplit(target).query, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Unusable("the URL's query can't be read") from error
    attempt = next(iter(query.get("Attempt", ())), "")
    return _Named(
        case_id=_case_id(query.get("CaseID", ())),
        # Only our own URLs name attempts, and they are signed: anything else is nobody's.
        attempt=attempt if _ATTEMPT.fullmatch(attempt) else None,
    )


def _case_id(said: Sequence[str]) -> int | None:
    named = {value.strip() for value in said} - {""}
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
