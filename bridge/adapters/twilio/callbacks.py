"""Reads Twilio's callbacks and translates them into the bridge's events."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callback_kinds import FIELD_SHAPES, FIELDS, KINDS, OLD_NAMES
from bridge.adapters.twilio.form_ambiguity import refuse_ambiguous_form
from bridge.adapters.twilio.query import MOST_FIELDS, UrlParameters, url_parameters
from bridge.adapters.twilio.vocabulary import ANSWERED_BY, DIRECTIONS, FIELD_WORDS, STATUSES, talk
from bridge.domain.call_screening import Caller
from bridge.domain.events import AnsweredBy, Direction, Event, Status, Talk, Topic
from bridge.domain.phones import parse_phone
from bridge.errors import Unusable

_MAX_EVENT_KEY = 160
_IN_PROGRESS = frozenset({Status.QUEUED, Status.INITIATED, Status.RINGING, Status.IN_PROGRESS})


@dataclass(frozen=True)
class InboundText:
    """What a person wrote."""

    body: str = field(repr=False)
    pictures: int
    opt_out_type: str | None
    """STOP, START or HELP, if Twilio has recognized and answered it."""


@dataclass(frozen=True)
class ParsedCallback:
    """A callback, as far as it could be read."""

    sid: str
    status: str
    event_key: str
    """What identifies the event together with the SID: a duplicate has the same key."""
    event: Event | None
    """None when the bridge doesn't know the status."""
    topic: Topic | None = None
    key: str = ""
    """The key that was pressed."""
    words: InboundText | None = None
    caller: Caller | None = None
    """Who is calling the firm."""
    occurred_at: datetime | None = None
    """Its own timestamp."""
    test: int | None = None
    """The errand of the console's that this call or text is a test for: nothing follows from it."""
    error_code: int | None = None
    """What Twilio says went wrong."""
    talked_for: int | None = None
    """Seconds that somebody was put through for, when that has ended."""


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


def read(topic: Topic, target: str, form: MultiDict[str, str]) -> ParsedCallback:
    """Read a callback; `target` is the path and query it was posted to.

    Raises:
        Unusable: it has no SID or status; a field or a parameter of the URL is invalid; or it
            was signed for another route or with other fields.
    """
    kind = KINDS[topic]
    parameters = url_parameters(target, kind.route)
    sent = _checked_fields(topic, parameters, form)
    try:
        loaded: dict[str, Any] = kind.schema.load(sent)
    except ValidationError as error:
        raise Unusable(_complaint(error)) from error
    word = kind.status or loaded["status"].lower()
    status = STATUSES[topic.channel].get(word)
    return ParsedCallback(
        sid=loaded["sid"],
        status=word,
        event_key=_event_key(topic, word, loaded, sent, parameters),
        event=None if status is None else _event(topic, status, parameters, loaded),
        topic=topic,
        key=loaded.get("digits", ""),
        words=_inbound_text(loaded) if topic is Topic.TEXT_IN else None,
        caller=_caller(loaded) if topic is Topic.CALL_IN else None,
        occurred_at=loaded.get("occurred_at"),
        test=parameters.test,
        error_code=loaded.get("error_code"),
        talked_for=loaded.get("talked_for"),
    )


def raw_key(target: str, body: bytes) -> str:
    """What identifies a callback that can't be read."""
    return "raw:" + hashlib.sha256(target.encode() + b"\n" + body).hexdigest()


def _checked_fields(
    topic: Topic, parameters: UrlParameters, form: MultiDict[str, str]
) -> dict[str, str]:
    """The fields that are read, if the form is as Twilio signed it."""
    # With a `From`, no `Author` is read.
    names = FIELDS[topic] - {"Author"} if "From" in form else FIELDS[topic]
    sent = dict(form.lists())
    refuse_ambiguous_form(parameters.end, sent, names, FIELD_WORDS, FIELD_SHAPES)
    # Other fields could have been forged.
    found = {
        name: value for name in FIELDS[topic] & sent.keys() if (value := sent[name][0].strip())
    }
    renamed = {name: found[old] for name, old in OLD_NAMES.items() if old in found}
    return renamed | found


def _inbound_text(loaded: Mapping[str, Any]) -> InboundText:
    # A text may have any character except the one that no database can store.
    body = loaded["body"].replace("\0", "")
    return InboundText(body, loaded["pictures"] or 0, loaded["opt_out_type"])


def _caller(loaded: Mapping[str, Any]) -> Caller:
    return Caller(
        phone=parse_phone(loaded["sender"]),
        called=parse_phone(loaded["to"]),
        forwarded_by=parse_phone(loaded["forwarded_by"]),
    )


def _event(
    topic: Topic, status: Status, parameters: UrlParameters, loaded: Mapping[str, Any]
) -> Event:
    direction = DIRECTIONS.get(loaded.get("direction", ""), Direction.OUTBOUND)
    if status in {Status.RECEIVING, Status.RECEIVED}:
        direction = Direction.INBOUND
    answer = ANSWERED_BY.get(loaded.get("answered_by", ""), AnsweredBy.UNSAID)
    if topic is Topic.KEY and loaded["digits"]:
        answer = AnsweredBy.HUMAN
    duration = loaded.get("duration")
    if topic is Topic.DIALED and direction is Direction.INBOUND:
        # No other callback ends an inbound call that was connected: the number's own status
        # callback, if it has one, would count ringing as talk.
        status, duration = Status.COMPLETED, loaded["talked_for"]
    talked = talk(loaded.get("bridged", ""), loaded.get("leg_status", ""))
    if topic is Topic.KEY and (loaded["digits"] or status in _IN_PROGRESS):
        # The message was heard: a key, or silence after it. Not so if the person hung up in it.
        talked = Talk.HEARD
    return Event(
        channel=topic.channel,
        sid=loaded["sid"],
        status=status,
        direction=direction,
        person=loaded["to"] if direction is Direction.OUTBOUND else _sender(loaded),
        case_id=parameters.case_id,
        attempt=parameters.attempt,
        parent_sid=loaded.get("parent_sid"),
        sequence=loaded.get("sequence"),
        occurred_at=loaded.get("occurred_at"),
        duration=duration,
        answer=answer,
        talk=talked,
        sip_code=loaded.get("sip_code"),
        error_code=loaded.get("error_code"),
    )


def _sender(loaded: Mapping[str, Any]) -> str:
    sender: str = loaded["sender"] or loaded.get("author", "")
    return sender


def _event_key(
    topic: Topic,
    word: str,
    loaded: Mapping[str, Any],
    sent: Mapping[str, str],
    parameters: UrlParameters,
) -> str:
    """Never the SID alone: later statuses would count as duplicates
    (docs/reference/twilio.md#fields-of-call-callbacks).

    Other facts of the event are part of the key too: a finer key keeps more, and processing the
    same fact twice does no harm.
    """
    order = loaded.get("sequence")
    parts = (
        *(() if topic in {Topic.CALL, Topic.TEXT} else (topic,)),
        word,
        sent.get("Timestamp", "") if order is None else order,
        sent.get("ErrorCode", ""),
        sent.get("AnsweredBy", ""),
        parameters.case_id or "",
        *(sent[name] for name in ("Digits", "DialBridged") if name in sent),
    )
    key = "|".join(map(str, parts))
    plain = len(key) <= _MAX_EVENT_KEY and key.isprintable()
    return key if plain else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _complaint(error: ValidationError) -> str:
    messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return "; ".join(f"{name}: {' '.join(map(str, messages[name]))}" for name in sorted(messages))
