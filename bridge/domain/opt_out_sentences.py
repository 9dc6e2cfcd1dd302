"""What an opt-out ends, in one table: as a reply by text, as said on the line, as a note."""

from dataclasses import dataclass

from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164, display


@dataclass(frozen=True)
class _Sentences:
    written: str
    """Behind the firm's name and a colon, in a reply by text."""
    said: str
    """On the line, when 9 was pressed."""
    noted: str = ""
    """In a note; empty where the note says more (`held_cases.py`)."""


_PERSON = _Sentences(
    "you are opted out and will not be contacted again.",
    "You will not be called or texted by {firm} again.",
    "Do not call or text this person.",
)
_NUMBER = _Sentences(
    "this number is opted out and will not be called or texted again.",
    "This number will not be called or texted by {firm} again.",
    "Do not call or text this number.",
)
_ENDS = {
    OptOutScope.PERSON: _PERSON,
    OptOutScope.CASE: _PERSON,
    OptOutScope.NUMBER: _NUMBER,
    OptOutScope.SHARED_NUMBER: _Sentences(_NUMBER.written, _NUMBER.said),
    OptOutScope.CHANNEL: _Sentences(
        "you are opted out and will not be texted again.",
        "You will not be called by {firm} at this number again.",
        "Do not {channel} this number.",
    ),
}


def written(scope: OptOutScope, firm: str, phone: E164 | None) -> str:
    """The reply that confirms an opt-out by text."""
    questions = f" Questions? Call {display(phone)}." if phone else ""
    return f"{firm}: {_ENDS[scope].written}{questions}"


def said(scope: OptOutScope, firm: str) -> str:
    """What confirms an opt-out by key."""
    return _ENDS[scope].said.format(firm=firm)


def noted(scope: OptOutScope, channel: Channel) -> str:
    """What the note about an opt-out that came on this channel says of what it ends."""
    return _ENDS[scope].noted.format(channel=channel)
