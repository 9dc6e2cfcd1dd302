"""What people wrote, read from the raw callbacks as long as those are kept."""

from collections.abc import Collection, Mapping

from bridge.adapters.twilio.callbacks import InboundText, form_fields, read
from bridge.domain.events import Topic
from bridge.errors import Unusable
from bridge.store.callbacks import callbacks
from bridge.store.callbacks.callbacks import StoredCallback
from bridge.store.db import Connection

_NOTHING = InboundText("", 0, None)


def kept_text(connection: Connection, sid: str) -> InboundText | None:
    """What a text says; None if its raw form is no longer kept."""
    kept = callbacks.first(connection, sid, Topic.TEXT_IN)
    return None if kept is None else _read(kept)


def kept_texts(connection: Connection, sids: Collection[str]) -> Mapping[str, InboundText]:
    """What these texts say, as far as their raw forms are kept."""
    found = callbacks.of_texts(connection, sids)
    return {kept.sid: said for kept in found if (said := _read(kept)) is not None}


def _read(kept: StoredCallback) -> InboundText | None:
    if kept.body is None:
        return None
    try:
        return read(Topic.TEXT_IN, kept.target or "", form_fields(kept.body)).words or _NOTHING
    except Unusable:
        return _NOTHING
