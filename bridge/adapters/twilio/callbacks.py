"""Twilio's callbacks in the bridge's words (twilio.md, tables 1.2, 1.3, 2.2 and 2.3).

Twilio may add fields tomorrow: what isn't asked for here is kept in the raw form and ignored.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from marshmallow import EXCLUDE, Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio import shapes
from bridge.adapters.twilio.form_ambiguity import refuse_ambiguous_form
from bridge.adapters.twilio.query import MOST_FIELDS, Named, named_in
from bridge.adapters.twilio.shapes import Moment, Whole, Word, shaped
from bridge.adapters.twilio.urls import ROUTES
from bridge.domain.call_screening import Caller
from bridge.domain.events import AnsweredBy, Channel, Direction, Event, Status, Talk, Topic
from bridge.domain.phones import parse_phone
from bridge.errors import Unusable

_LONGEST_EVENT = 160
_LONGEST_CALL_SECONDS = 7 * 24 * 60 * 60

STATUSES: dict[Channel, dict[str, Status]] = {
    Channel.CALL: {
        status.value: status
        for status in (
            Status.QUEUED,
            Status.INITIATED,
            Status.RINGING,
            Status.IN_PROGRESS,
            Status.COMPLETED,
            Status.BUSY,
            Status.NO_ANSWER,
            Status.FAILED,
            Status.CANCELED,
        )
    }
    # The event is called so, and one page of the documentation spells the end with two l.
    | {"answered": Status.IN_PROGRESS, "cancelled": Status.CANCELED},
    Channel.TEXT: {
        status.value: status
        for status in (
            Status.ACCEPTED,
            Status.SCHEDULED,
            Status.QUEUED,
            Status.SENDING,
            Status.SENT,
            Status.DELIVERED,
            Status.UNDELIVERED,
            Status.FAILED,
            Status.CANCELED,
            Status.READ,
            Status.RECEIVING,
            Status.RECEIVED,
            Status.PARTIALLY_DELIVERED,
        )
    }
    | {"cancelled": Status.CANCELED},
}
ANSWERS: dict[str, AnsweredBy] = {
    "human": AnsweredBy.HUMAN,
    "machine_start": AnsweredBy.MACHINE,
    "machine_end_beep": AnsweredBy.MACHINE,
    "machine_end_silence": AnsweredBy.MACHINE,
    "machine_end_other": AnsweredBy.MACHINE,
    "fax": AnsweredBy.MACHINE,
    # Too little was heard to tell: as good as unsaid, so that the length of the call decides.
    "unknown": AnsweredBy.UNSAID,
}
# Whether the two sides spoke: `DialCallStatus` says `completed` also of an answered leg that
# nobody heard (twilio.md, 1.5).
_TALKS: dict[str, Talk] = {"true": Talk.BRIDGED, "false": Talk.MISSED}
# What the leg's own end says where that is missing.
_LEGS: dict[str, Talk] = {
    "completed": Talk.BRIDGED,
    "answered": Talk.BRIDGED,
    "busy": Talk.MISSED,
    "no-answer": Talk.MISSED,
    "failed": Talk.MISSED,
    "canceled": Talk.MISSED,
}
_UNDER_WAY = frozenset({Status.QUEUED, Status.INITIATED, Status.RINGING, Status.IN_PROGRESS})
_DIRECTIONS: dict[str, Direction] = {
    "inbound": Direction.INBOUND,
    "trunking-originating": Direction.INBOUND,
    "outbound-api": Direction.OUTBOUND,
    "outbound-dial": Direction.OUTBOUND,
    "trunking-terminating": Direction.OUTBOUND,
}


_CALL_SID = shaped(shapes.CALL_SID, "is no sid of a call")
_MESSAGE_SID = shaped(shapes.MESSAGE_SID, "is no sid of a message")
_STATUS = shaped(shapes.STATUS, "is no status")
_ADDRESS = shaped(shapes.ADDRESS, "is no number, client or SIP address")


class _Callback(Schema):
    class Meta:
        unknown = EXCLUDE

    # Only looked at: nothing may be glued onto them.
    account = fields.String(
        data_key="AccountSid", validate=shaped(shapes.ACCOUNT_SID, "is no sid of an account")
    )
    version = fields.String(data_key="ApiVersion", validate=shaped(shapes.VERSION, "is no version"))
    to = fields.String(data_key="To", load_default="", validate=_ADDRESS)
    sender = fields.String(data_key="From", load_default="", validate=_ADDRESS)
    error_code = Whole(999_999, data_key="ErrorCode", load_default=None)


class CallCallback(_Callback):
    """The fields of a call's status callback that the bridge reads."""

    sid = fields.String(data_key="CallSid", required=True, validate=_CALL_SID)
    status = fields.String(data_key="CallStatus", required=True, validate=_STATUS)
    direction = Word(data_key="Direction", load_default="")
    parent_sid = fields.String(data_key="ParentCallSid", load_default=None, validate=_CALL_SID)
    sequence = Whole(9_999, data_key="SequenceNumber", load_default=None)
    occurred_at = Moment(data_key="Timestamp", load_default=None)
    duration = Whole(_LONGEST_CALL_SECONDS, data_key="CallDuration", load_default=None)
    answered_by = Word(data_key="AnsweredBy", load_default="")
    sip_code = Whole(699, data_key="SipResponseCode", load_default=None)


class CallIn(CallCallback):
    """A person calls in."""

    forwarded_by = fields.String(data_key="ForwardedFrom", load_default="")


class TextCallback(_Callback):
    """The fields of a message's status callback that the bridge reads."""

    sid = fields.String(data_key="MessageSid", required=True, validate=_MESSAGE_SID)
    status = fields.String(data_key="MessageStatus", required=True, validate=_STATUS)


class KeyCallback(CallCallback):
    """A key that was pressed, or silence."""

    digits = fields.String(
        data_key="Digits", load_default="", validate=shaped(shapes.KEYS, "are no keys of a phone")
    )


class DialedCallback(CallCallback):
    """How putting somebody through ended."""

    bridged = Word(data_key="DialBridged", load_default="")
    leg_status = Word(data_key="DialCallStatus", load_default="")
    talked_for = Whole(_LONGEST_CALL_SECONDS, data_key="DialCallDuration", load_default=None)


class MachineCallback(_Callback):
    """The asynchronous detection's finding: beside it nothing but the call's sid."""

    sid = fields.String(data_key="CallSid", required=True, validate=_CALL_SID)
    answered_by = Word(data_key="AnsweredBy", required=True)


class TextIn(_Callback):
    """A text from a person. Conversations name its sender `Author`, and have no `From`."""

    class Meta:
        unknown = EXCLUDE
        exclude = ("error_code",)

    sid = fields.String(data_key="MessageSid", required=True, validate=_MESSAGE_SID)
    author = fields.String(data_key="Author", load_default="", validate=_ADDRESS)
    body = fields.String(data_key="Body", load_default="")
    pictures = Whole(99, data_key="NumMedia", load_default=None)
    opt_out_type = Word(data_key="OptOutType", load_default=None)


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
_READ: dict[Topic, frozenset[str]] = {
    topic: frozenset(
        spelling
        for one in schema.fields.values()
        for spelling in (str(one.data_key), _OLD_NAMES.get(str(one.data_key)))
        if spelling is not None
    )
    for topic, schema in _SCHEMAS.items()
}
_WORDS: dict[str, Collection[str]] = {
    "CallStatus": STATUSES[Channel.CALL],
    "MessageStatus": STATUSES[Channel.TEXT],
    "SmsStatus": STATUSES[Channel.TEXT],
    "Direction": _DIRECTIONS,
    "AnsweredBy": ANSWERS,
    "DialBridged": _TALKS,
    "DialCallStatus": _LEGS,
    "OptOutType": ("STOP", "START", "HELP"),
}
_SHAPES = {
    "CallSid": shapes.CALL_SID,
    "ParentCallSid": shapes.CALL_SID,
    "MessageSid": shapes.MESSAGE_SID,
    "SmsSid": shapes.MESSAGE_SID,
    "AccountSid": shapes.ACCOUNT_SID,
    "To": shapes.ADDRESS,
    "From": shapes.ADDRESS,
    "Author": shapes.ADDRESS,
}


@dataclass(frozen=True)
class Words:
    """What a person wrote."""

    body: str = field(repr=False)
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
    occurred_at: datetime | None = None
    """When it happened, as it says itself."""


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
        Unusable: it names no call or text or no status; a field or the URL's CaseID or Attempt
            isn't what it should be; or it was meant for another route or cut otherwise.
    """
    named = named_in(target, ROUTES[topic])
    # Where a sender is named, nobody looks for an author.
    looked_for = _READ[topic] - {"Author"} if "From" in form else _READ[topic]
    sent = dict(form.lists())
    refuse_ambiguous_form(named.end, sent, looked_for, _WORDS, _SHAPES)
    # Only what is read says anything: what isn't could be cut anew.
    said = {name: value for name in _READ[topic] & sent.keys() if (value := sent[name][0].strip())}
    for name, old in _OLD_NAMES.items():
        if name not in said and old in said:
            said[name] = said[old]
    try:
        loaded: dict[str, Any] = _SCHEMAS[topic].load(said)
    except ValidationError as error:
        raise Unusable(_complaint(error)) from error
    word = _IMPLIED.get(topic) or loaded["status"].lower()
    status = STATUSES[topic.channel].get(word)
    words = None
    if topic is Topic.TEXT_IN:
        # A text may hold every character but the one that no database can.
        body = loaded["body"].replace("\0", "")
        words = Words(body, loaded["pictures"] or 0, loaded["opt_out_type"])
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
        occurred_at=loaded.get("occurred_at"),
    )


def raw_key(target: str, body: bytes) -> str:
    """What tells one callback that can't be understood from another."""
    return "raw:" + hashlib.sha256(target.encode() + b"\n" + body).hexdigest()


def _event(topic: Topic, status: Status, named: Named, loaded: Mapping[str, Any]) -> Event:
    direction = _DIRECTIONS.get(loaded.get("direction", ""), Direction.OUTBOUND)
    if status in {Status.RECEIVING, Status.RECEIVED}:
        direction = Direction.INBOUND
    answer = ANSWERS.get(loaded.get("answered_by", ""), AnsweredBy.UNSAID)
    if topic is Topic.KEY and loaded["digits"]:
        answer = AnsweredBy.HUMAN
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
        person=loaded["to"] if direction is Direction.OUTBOUND else _sender(loaded),
        case_id=named.case_id,
        attempt=named.attempt,
        parent_sid=loaded.get("parent_sid"),
        sequence=loaded.get("sequence"),
        occurred_at=loaded.get("occurred_at"),
        duration=duration,
        answer=answer,
        talk=spoke,
        sip_code=loaded.get("sip_code"),
        error_code=loaded.get("error_code"),
    )


def _sender(loaded: Mapping[str, Any]) -> str:
    sender: str = loaded["sender"] or loaded.get("author", "")
    return sender


def talk(bridged: str, leg_status: str) -> Talk:
    """Whether the sides that were put through spoke, by `DialBridged` and `DialCallStatus`."""
    said = _TALKS.get(bridged.lower())
    return said or (Talk.UNSAID if bridged else _LEGS.get(leg_status, Talk.UNSAID))


def _event_key(
    topic: Topic, word: str, loaded: Mapping[str, Any], said: Mapping[str, str], named: Named
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


def _complaint(error: ValidationError) -> str:
    messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return "; ".join(f"{name}: {' '.join(map(str, messages[name]))}" for name in sorted(messages))
