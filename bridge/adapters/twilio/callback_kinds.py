"""The kinds of callbacks, in one table: where each is posted, and the fields that are read of it.

Twilio may add fields: fields that aren't in a schema are kept in the raw form and ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import EXCLUDE, Schema, fields

from bridge.adapters.twilio import shapes, urls
from bridge.adapters.twilio.shapes import Moment, Whole, Word, shaped
from bridge.domain.events import Topic

_MAX_CALL_SECONDS = 7 * 24 * 60 * 60
_CALL_SID = shaped(shapes.CALL_SID, "is not a valid call SID")
_MESSAGE_SID = shaped(shapes.MESSAGE_SID, "is not a valid message SID")
_ACCOUNT_SID = shaped(shapes.ACCOUNT_SID, "is not a valid account SID")
_STATUS = shaped(shapes.STATUS, "is not a valid status")
_ADDRESS = shaped(shapes.ADDRESS, "is not a number, client or SIP address")


class _Callback(Schema):
    class Meta:
        unknown = EXCLUDE

    # Only checked, so that no other field can be hidden in them.
    account = fields.String(data_key="AccountSid", validate=_ACCOUNT_SID)
    version = fields.String(
        data_key="ApiVersion", validate=shaped(shapes.VERSION, "is not a valid version")
    )
    to = fields.String(data_key="To", load_default="", validate=_ADDRESS)
    sender = fields.String(data_key="From", load_default="", validate=_ADDRESS)
    error_code = Whole(999_999, data_key="ErrorCode", load_default=None)


class CallStatusSchema(_Callback):
    """A call's status callback."""

    sid = fields.String(data_key="CallSid", required=True, validate=_CALL_SID)
    status = fields.String(data_key="CallStatus", required=True, validate=_STATUS)
    direction = Word(data_key="Direction", load_default="")
    parent_sid = fields.String(data_key="ParentCallSid", load_default=None, validate=_CALL_SID)
    sequence = Whole(9_999, data_key="SequenceNumber", load_default=None)
    occurred_at = Moment(data_key="Timestamp", load_default=None)
    duration = Whole(_MAX_CALL_SECONDS, data_key="CallDuration", load_default=None)
    answered_by = Word(data_key="AnsweredBy", load_default="")
    sip_code = Whole(699, data_key="SipResponseCode", load_default=None)


class InboundCallSchema(CallStatusSchema):
    """A call from a person."""

    forwarded_by = fields.String(data_key="ForwardedFrom", load_default="")


class KeySchema(CallStatusSchema):
    """A key that was pressed, or none."""

    digits = fields.String(
        data_key="Digits", load_default="", validate=shaped(shapes.KEYS, "are not phone keys")
    )


class DialedSchema(CallStatusSchema):
    """The end of connecting a person to the firm."""

    bridged = Word(data_key="DialBridged", load_default="")
    leg_status = Word(data_key="DialCallStatus", load_default="")
    talked_for = Whole(_MAX_CALL_SECONDS, data_key="DialCallDuration", load_default=None)


class MachineSchema(_Callback):
    """The result of asynchronous answering-machine detection: the call's SID and little else."""

    sid = fields.String(data_key="CallSid", required=True, validate=_CALL_SID)
    answered_by = Word(data_key="AnsweredBy", required=True)


class TextStatusSchema(_Callback):
    """A text's status callback."""

    sid = fields.String(data_key="MessageSid", required=True, validate=_MESSAGE_SID)
    status = fields.String(data_key="MessageStatus", required=True, validate=_STATUS)


class InboundTextSchema(_Callback):
    """A text from a person. Conversations send its sender as `Author`, without `From`."""

    class Meta:
        unknown = EXCLUDE
        exclude = ("error_code",)

    sid = fields.String(data_key="MessageSid", required=True, validate=_MESSAGE_SID)
    author = fields.String(data_key="Author", load_default="", validate=_ADDRESS)
    body = fields.String(data_key="Body", load_default="")
    pictures = Whole(99, data_key="NumMedia", load_default=None)
    opt_out_type = Word(data_key="OptOutType", load_default=None)


@dataclass(frozen=True)
class CallbackKind:
    """A kind of callback."""

    route: str
    schema: Schema
    status: str | None = None
    """The status that it implies, if it has no field for it."""


KINDS: Mapping[Topic, CallbackKind] = {
    Topic.CALL: CallbackKind(urls.CALL_STATUS, CallStatusSchema()),
    Topic.TEXT: CallbackKind(urls.MESSAGE_STATUS, TextStatusSchema()),
    Topic.ANSWERED: CallbackKind(urls.ANSWER, CallStatusSchema()),
    Topic.KEY: CallbackKind(urls.KEYPRESS, KeySchema()),
    Topic.AGENT: CallbackKind(urls.AGENT, KeySchema()),
    Topic.DIALED: CallbackKind(urls.DIALED, DialedSchema()),
    Topic.MACHINE: CallbackKind(urls.MACHINE, MachineSchema(), status="in-progress"),
    Topic.TEXT_IN: CallbackKind(urls.TEXT_IN, InboundTextSchema(), status="received"),
    Topic.CALL_IN: CallbackKind(urls.CALL_IN, InboundCallSchema()),
}
ROUTES: Mapping[Topic, str] = {topic: kind.route for topic, kind in KINDS.items()}
OLD_NAMES = {"MessageSid": "SmsSid", "MessageStatus": "SmsStatus"}
"""Older names under which Twilio sends the same fields."""


def field_names(schema: Schema) -> frozenset[str]:
    """The fields that are read, under all of their names."""
    names = {str(field.data_key) for field in schema.fields.values()}
    return frozenset(names | {OLD_NAMES[name] for name in names & OLD_NAMES.keys()})


FIELDS: Mapping[Topic, frozenset[str]] = {
    topic: field_names(kind.schema) for topic, kind in KINDS.items()
}
FIELD_SHAPES = {
    "CallSid": shapes.CALL_SID,
    "ParentCallSid": shapes.CALL_SID,
    "MessageSid": shapes.MESSAGE_SID,
    "SmsSid": shapes.MESSAGE_SID,
    "AccountSid": shapes.ACCOUNT_SID,
    "To": shapes.ADDRESS,
    "From": shapes.ADDRESS,
    "Author": shapes.ADDRESS,
}
"""The patterns of fields that other fields could be hidden in."""
