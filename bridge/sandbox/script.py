"""Reads the bridge's TwiML, as strictly as Twilio does, into steps that can be played."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

# Which attributes each verb may have, as far as a dialer has a use for them (twilio.md, 1.5).
_VERBS = {
    "Say": {"voice", "language", "loop"},
    "Pause": {"length"},
    "Gather": {
        "action",
        "method",
        "numDigits",
        "timeout",
        "input",
        "finishOnKey",
        "actionOnEmptyResult",
    },
    "Dial": {"action", "method", "timeout", "timeLimit", "callerId", "answerOnBridge"},
    "Number": {
        "url",
        "method",
        "statusCallback",
        "statusCallbackMethod",
        "statusCallbackEvent",
    },
    "Hangup": set(),
    "Reject": {"reason"},
    "Message": set(),
}

_REJECTED = {"rejected": "no-answer", "busy": "busy"}
_LONGEST_DIAL = 4 * 60 * 60


@dataclass(frozen=True)
class Say:
    """Something is said."""

    words: str


@dataclass(frozen=True)
class Gather:
    """A key is asked for, while something is said."""

    words: str
    action: str
    on_silence: bool


@dataclass(frozen=True)
class Dial:
    """Somebody else is called and put through."""

    action: str
    number: str
    status_url: str | None
    events: tuple[str, ...]
    longest: int
    """Seconds after which the talk is ended."""


@dataclass(frozen=True)
class Hangup:
    """The call ends."""


@dataclass(frozen=True)
class Reject:
    """A call in isn't taken."""

    status: str
    """How the call ends by that."""


Step = Say | Gather | Dial | Hangup | Reject


def read(document: str, content_type: str) -> list[Step]:
    """The steps of a voice document.

    Raises:
        ValueError: Twilio wouldn't take it: a wrong type, verb, attribute or URL.
    """
    steps: list[Step] = []
    for verb in _root(document, content_type):
        _check(verb)
        if verb.tag == "Say":
            steps.append(Say(verb.text or ""))
        elif verb.tag == "Gather":
            steps.append(_gather(verb))
        elif verb.tag == "Dial":
            steps.append(_dial(verb))
        elif verb.tag == "Hangup":
            steps.append(Hangup())
        elif verb.tag == "Reject":
            steps.append(Reject(_REJECTED[verb.get("reason", "rejected")]))
    return steps


def replies(document: str, content_type: str) -> list[str]:
    """The texts with which a message document answers.

    Raises:
        ValueError: Twilio wouldn't take it.
    """
    verbs = list(_root(document, content_type))
    for verb in verbs:
        _check(verb)
        if verb.tag != "Message":
            raise ValueError(f"{verb.tag} answers no text")
    return [verb.text or "" for verb in verbs]


def _root(document: str, content_type: str) -> ElementTree.Element:
    if content_type.partition(";")[0].strip() not in {"text/xml", "application/xml"}:
        raise ValueError(f"12300: {content_type} is read aloud, not understood")
    root = ElementTree.fromstring(document)  # noqa: S314 - the bridge's own
    if root.tag != "Response":
        raise ValueError("12100: the document should be a Response")
    return root


def _check(verb: ElementTree.Element) -> None:
    allowed = _VERBS.get(verb.tag)
    if allowed is None:
        raise ValueError(f"12200: there is no verb {verb.tag}")
    odd = set(verb.attrib) - allowed
    if odd:
        raise ValueError(f"12200: {verb.tag} has no {', '.join(sorted(odd))}")
    for name in ("action", "url", "statusCallback"):
        url = verb.get(name)
        if url is not None and not urlsplit(url).netloc:
            raise ValueError(f"11100: {name} should be an absolute URL, not {url}")


def _gather(verb: ElementTree.Element) -> Gather:
    for inner in verb:
        _check(inner)
    return Gather(
        " ".join(inner.text or "" for inner in verb if inner.tag == "Say"),
        # Without an action the same document is asked for again and again: a trap.
        verb.attrib["action"],
        verb.get("actionOnEmptyResult") == "true",
    )


def _dial(verb: ElementTree.Element) -> Dial:
    (number,) = verb
    _check(number)
    return Dial(
        verb.get("action", ""),
        number.text or "",
        number.get("statusCallback"),
        tuple((number.get("statusCallbackEvent") or "completed").split()),
        int(verb.get("timeLimit", _LONGEST_DIAL)),
    )
