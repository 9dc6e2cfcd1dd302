"""Pretend people of many temperaments: what their calls and texts do, and what must come of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

OWN, SECOND, NONE = "own", "second", "none"


@dataclass(frozen=True)
class Step:
    """One status of a call or text: what comes with it."""

    status: str
    facts: tuple[tuple[str, str], ...] = ()
    error: int | None = None


@dataclass(frozen=True)
class Expected:
    """What one call or text must do to its case."""

    note: str | None
    """Words that its one note must have; None: no note at all."""
    disposition: str | None = None
    """None: nothing of the status changes."""
    final: bool = False
    """Whether the case must be Do not Dial, rather than To Dial."""


@dataclass(frozen=True)
class Temper:
    """How a person takes a call or a text."""

    name: str
    kind: str
    """`call` or `text`."""
    steps: Sequence[Step]
    expected: Expected
    names: str = OWN
    """Which case the callback URL names; with none of them the phone alone tells."""


@dataclass(frozen=True)
class Person:
    """A person with a case, and what happens with them, one after the other."""

    label: str
    tempers: Sequence[Temper]
    do_not_dial: bool = False
    """Whether the firm had said Do not Dial before."""
    shares_phone: bool = False
    """Whether a second case has the same phone."""
    unknown: bool = False
    """Whether SmartAdvocate has no case with this phone."""
    attempts: str = field(default="")


_RINGS = (Step("initiated"), Step("ringing"))


def _call(name: str, *end: Step, expected: Expected, names: str = OWN) -> Temper:
    return Temper(name, "call", (*_RINGS, *end), expected, names)


def _text(name: str, *end: Step, expected: Expected) -> Temper:
    return Temper(name, "text", (Step("sent"), *end), expected)


def _completed(seconds: int, answered_by: str | None = None) -> tuple[Step, Step]:
    heard = (("AnsweredBy", answered_by),) if answered_by else ()
    lasted = (("CallDuration", str(seconds)), ("SipResponseCode", "200"))
    return Step("in-progress", heard), Step("completed", (*lasted, *heard))


def _not_answered(status: str, sip_code: int) -> Step:
    return Step(status, (("CallDuration", "0"), ("SipResponseCode", str(sip_code))))


TALKS = _call(
    "talks", *_completed(94, "human"),
    expected=Expected("answered", "Successful", final=True),
)  # fmt: skip
TALKS_UNHEARD = _call(
    "talks, not classified", *_completed(41),
    expected=Expected("answered", "Successful", final=True),
)  # fmt: skip
HANGS_UP = _call("hangs up at once", *_completed(3), expected=Expected("too soon", "No Answer"))
MACHINE = _call(
    "answering machine", *_completed(19, "machine_start"),
    expected=Expected("answering machine", "Answering Machine"),
)  # fmt: skip
FAX = _call(
    "fax", *_completed(12, "fax"),
    expected=Expected("answering machine", "Answering Machine"),
)  # fmt: skip
BUSY = _call("busy", _not_answered("busy", 486), expected=Expected("busy", "Busy"))
AWAY = _call(
    "doesn't answer", _not_answered("no-answer", 487), expected=Expected("no answer", "No Answer")
)
GONE = _call(
    "number out of service", _not_answered("failed", 404),
    expected=Expected("does not exist", "No Answer"),
)  # fmt: skip
NO_LINE = _call(
    "network fails", _not_answered("failed", 503),
    expected=Expected("could not take the call", "No Answer"),
)  # fmt: skip
CANCELED = _call("call is cancelled", _not_answered("canceled", 487), expected=Expected(None))
TEXT_ARRIVES = _text("text arrives", Step("delivered"), expected=Expected("delivered"))
LANDLINE = _text(
    "text to a landline", Step("undelivered", error=30006), expected=Expected("landline")
)
OPTED_OUT = _text("has replied STOP", Step("failed", error=21610), expected=Expected("opted out"))
AWAY_BY_PHONE = _call(
    "doesn't answer, known by phone", _not_answered("no-answer", 487),
    expected=Expected("no answer", "No Answer"), names=NONE,
)  # fmt: skip
SECOND_AWAY = _call(
    "doesn't answer, second case",
    _not_answered("no-answer", 487),
    expected=Expected("no answer", "No Answer"),
    names=SECOND,
)
SHARED_BUSY = _call(
    "busy, number of two cases", _not_answered("busy", 486),
    expected=Expected("busy"), names=NONE,
)  # fmt: skip
STRANGER = _call("stranger", *_completed(30, "human"), expected=Expected(None), names=NONE)

PEOPLE: tuple[Person, ...] = (
    Person("talks", (TEXT_ARRIVES, TALKS)),
    Person("talks, not classified", (TALKS_UNHEARD,)),
    Person("answering machine", (MACHINE,), attempts="1"),
    Person("busy, then talks", (BUSY, TALKS)),
    Person("doesn't answer", (TEXT_ARRIVES, AWAY)),
    Person("hangs up at once", (HANGS_UP,)),
    Person("number out of service", (GONE,)),
    Person("text to a landline", (LANDLINE, MACHINE)),
    Person("has replied STOP", (OPTED_OUT,)),
    Person("call is cancelled", (CANCELED,)),
    Person("fax", (FAX,)),
    Person("network fails", (NO_LINE,), attempts="no number"),
    Person("doesn't answer twice", (AWAY, AWAY_BY_PHONE)),
    Person("last attempt", (AWAY,), attempts="7"),
    Person("firm said Do not Dial", (AWAY,), do_not_dial=True),
    Person("number of two cases", (AWAY, SECOND_AWAY, SHARED_BUSY), shares_phone=True),
    Person("stranger", (STRANGER,), unknown=True),
)
"""The people in the order in which cases are given to them, over and over."""
