"""Reads the bridge's TwiML, as strictly as Twilio does, into verbs that can be played."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

# The attributes of each verb that a dialer has a use for: https://www.twilio.com/docs/voice/twiml
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
    "Dial": {
        "action",
        "method",
        "timeout",
        "timeLimit",
        "callerId",
        "answerOnBridge",
        "hangupOnStar",
    },
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
class SayVerb:
    """Something is said."""

    words: str


@dataclass(frozen=True)
class GatherVerb:
    """A prompt for a key, while something is said."""

    words: str
    action: str
    on_silence: bool


@dataclass(frozen=True)
class DialVerb:
    """Another number is called and connected."""

    action: str
    number: str
    status_url: str | None
    events: tuple[str, ...]
    longest: int
    """Seconds after which the connection ends."""


@dataclass(frozen=True)
class HangupVerb:
    """The call ends."""


@dataclass(frozen=True)
class RejectVerb:
    """An inbound call is refused."""

    status: str
    """The call's final status."""


Verb = SayVerb | GatherVerb | DialVerb | HangupVerb | RejectVerb


def read(document: str, content_type: str) -> list[Verb]:
    """The verbs of a voice document.

    Raises:
        ValueError: Twilio would refuse it: a wrong type, verb, attribute or URL.
    """
    steps: list[Verb] = []
    for verb in _root(document, content_type):
        _check(verb)
        if verb.tag == "Say":
            steps.append(SayVerb(verb.text or ""))
        elif verb.tag == "Gather":
            steps.append(_gather(verb))
        elif verb.tag == "Dial":
            steps.append(_dial(verb))
        elif verb.tag == "Hangup":
            steps.append(HangupVerb())
        elif verb.tag == "Reject":
            steps.append(RejectVerb(_REJECTED[verb.get("reason", "rejected")]))
    return steps


def replies(document: str, content_type: str) -> list[str]:
    """The replies in a message document.

    Raises:
        ValueError: Twilio would refuse it.
    """
    verbs = list(_root(document, content_type))
    for verb in verbs:
        _check(verb)
        if verb.tag != "Message":
            raise ValueError(f"{verb.tag} is not a reply to a text")
    return [verb.text or "" for verb in verbs]


def _root(document: str, content_type: str) -> ElementTree.Element:
    if content_type.partition(";")[0].strip() not in {"text/xml", "application/xml"}:
        raise ValueError(f"12300: {content_type} is not XML")
    root = ElementTree.fromstring(document)  # noqa: S314 - the bridge's own
    if root.tag != "Response":
        raise ValueError("12100: the document should be a Response")
    return root


def _check(verb: ElementTree.Element) -> None:
    allowed = _VERBS.get(verb.tag)
    if allowed is None:
        raise ValueError(f"12200: unknown verb {verb.tag}")
    odd = set(verb.attrib) - allowed
    if odd:
        raise ValueError(f"12200: {verb.tag} has no {', '.join(sorted(odd))}")
    for name in ("action", "url", "statusCallback"):
        url = verb.get(name)
        if url is not None and not urlsplit(url).netloc:
            raise ValueError(f"11100: {name} should be an absolute URL, not {url}")


def _gather(verb: ElementTree.Element) -> GatherVerb:
    for inner in verb:
        _check(inner)
    return GatherVerb(
        " ".join(inner.text or "" for inner in verb if inner.tag == "Say"),
        # Without an action Twilio fetches the same document again and again.
        verb.attrib["action"],
        verb.get("actionOnEmptyResult") == "true",
    )


def _dial(verb: ElementTree.Element) -> DialVerb:
    (number,) = verb
    _check(number)
    return DialVerb(
        verb.get("action", ""),
        number.text or "",
        number.get("statusCallback"),
        tuple((number.get("statusCallbackEvent") or "completed").split()),
        int(verb.get("timeLimit", _LONGEST_DIAL)),
    )
