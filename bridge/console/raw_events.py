"""Callbacks as they came, for people: fields by name, phones by their last digits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import form_fields
from bridge.domain.events import Topic
from bridge.domain.redaction import without_numbers
from bridge.errors import Unusable
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.callbacks.case_history import RawEvent

_WORDS = "Body"
"""The field with a person's own words."""
_DIGITS = "Digits"
_PLACE_OF_DIGITS = 6
"""Where the key stands in what tells one callback of a key from another."""
_SHORTEST_NUMBER = 10
_TOPICS: Mapping[str, str] = {
    Topic.CALL: "Status of the call",
    Topic.TEXT: "Status of the text",
    Topic.ANSWERED: "The call was answered",
    Topic.KEY: "A key, or none",
    Topic.DIALED: "The end of being put through",
    Topic.MACHINE: "Who answered, as Twilio heard it",
    Topic.TEXT_IN: "A text came in",
    Topic.CALL_IN: "A call came in",
}


_VERDICTS: Mapping[str, str] = {
    Verdict.NEW: "not processed yet",
    Verdict.RECORDED: "kept, nothing to tell",
    Verdict.MATCHED: "its case is known",
    Verdict.BY_PHONE: "SmartAdvocate is asked for its case",
    Verdict.AMBIGUOUS: "several cases share the phone",
    Verdict.UNMATCHED: "no case has the phone",
    Verdict.MALFORMED: "could not be used",
    Verdict.REVIEW: "somebody should look",
}


@dataclass(frozen=True)
class Raw:
    """One callback."""

    id: int
    at: datetime
    what: str
    status: str
    verdict: str
    complaint: str
    fields: Sequence[tuple[str, str]] = field(repr=False)
    is_erased: bool
    """Whether it is no longer kept as it came."""


def raw(event: RawEvent) -> Raw:
    """A callback to be shown."""
    sent = _form(event)
    named = parse_qsl(urlsplit(event.target or "").query, keep_blank_values=True)
    fields = [*named, *((name, value) for name, value in sent.items(multi=True) if value)]
    return Raw(
        id=event.id,
        at=event.at,
        what=_TOPICS.get(event.topic, event.topic),
        status=event.status,
        verdict=_VERDICTS.get(event.verdict, event.verdict),
        complaint=without_numbers(event.complaint or ""),
        fields=[(name, value if name == _WORDS else _shown(value)) for name, value in fields],
        is_erased=event.body is None,
    )


def key_of(event: RawEvent) -> str:
    """The key that was pressed; empty if none was, or if this is about something else."""
    if event.topic != Topic.KEY:
        return ""
    if event.body is not None:
        return _form(event).get(_DIGITS, "").strip()
    parts = event.event.split("|")
    return parts[_PLACE_OF_DIGITS] if len(parts) > _PLACE_OF_DIGITS else ""


def words_of(event: RawEvent) -> str | None:
    """What a person wrote; None once it was erased, or if this is no text from a person."""
    if event.topic != Topic.TEXT_IN or event.body is None:
        return None
    return _form(event).get(_WORDS, "")


def _shown(value: str) -> str:
    # A number's plus sign may have come as a space. What is shorter is no number.
    return without_numbers(value.strip()) if len(value) >= _SHORTEST_NUMBER else value


def _form(event: RawEvent) -> MultiDict[str, str]:
    try:
        return form_fields(event.body or b"")
    except Unusable as error:
        return MultiDict({"(unreadable)": str(error)})
