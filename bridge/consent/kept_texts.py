"""What people wrote, read from the raw callbacks as long as those are kept."""

from collections.abc import Collection, Mapping

from bridge.adapters.twilio.callbacks import InboundText, form_fields, read
from bridge.domain.events import Channel, Direction, Topic
from bridge.domain.evidence_record import CaseRecord
from bridge.errors import Unusable
from bridge.store.callbacks import callbacks
from bridge.store.callbacks.callbacks import StoredCallback
from bridge.store.db import Connection

_AT_ONCE = 500
_NOTHING = InboundText("", 0, None)


def kept_text(connection: Connection, sid: str) -> InboundText | None:
    """What a text says; None if its raw form is no longer kept."""
    kept = callbacks.first(connection, sid, Topic.TEXT_IN)
    return None if kept is None else _read(kept)


def kept_texts(connection: Connection, sids: Collection[str]) -> Mapping[str, InboundText]:
    """What these texts say, as far as their raw forms are kept."""
    found = callbacks.of_texts(connection, sids)
    return {kept.sid: said for kept in found if (said := _read(kept)) is not None}


def said_by_person(connection: Connection, record: CaseRecord) -> Mapping[str, str]:
    """What the texts that came in for a case say, by their SIDs, for its evidence."""
    sids = [
        reported.sid
        for reported in record.contacts
        if reported.channel is Channel.TEXT and reported.direction is Direction.INBOUND
    ]
    return {
        sid: said.body
        for start in range(0, len(sids), _AT_ONCE)
        for sid, said in kept_texts(connection, sids[start : start + _AT_ONCE]).items()
    }


def _read(kept: StoredCallback) -> InboundText | None:
    if kept.body is None:
        return None
    try:
        return read(Topic.TEXT_IN, kept.target or "", form_fields(kept.body)).words or _NOTHING
    except Unusable:
        return _NOTHING
