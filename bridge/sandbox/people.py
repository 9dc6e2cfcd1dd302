"""Pretend people of many temperaments, and what must come of calling and texting each."""

from dataclasses import dataclass, field

from bridge.sandbox.dialects import DO_NOT_DIAL, HOLD
from bridge.sandbox.manner import BUSY, FAILED, MACHINE, NO_ANSWER, Manner

TO_DIAL = "To Dial"
NEVER_DIALED = "Never Dialed"


@dataclass(frozen=True)
class Expected:
    """How the person's case must stand at the end, and how often the person was reached."""

    status: str = TO_DIAL
    disposition: str = NEVER_DIALED
    attempts: str = ""
    calls: int = 0
    texts: int = 0
    notes: tuple[str, ...] = ()
    """Words, each of which exactly one note has; there are no other notes."""
    untouched: bool = False
    """Whether nothing at all may have been written to the case."""
    may_wait: bool = False
    """Whether the case may have been given a later next call, with one note that says why."""
    refused: bool = False
    """Whether SmartAdvocate refuses the outcome, so that it must be listed as dead."""
    or_status: tuple[str, ...] = ()
    """Statuses that are right too."""
    waiting: int = 0
    """So many of the person's cases wait, as they stood: she is reached about one at a time."""


@dataclass(frozen=True)
class Person:
    """A person with a case, and how calls and texts are taken."""

    label: str
    manner: Manner
    expected: Expected
    second: Manner | None = None
    """How a second phone of the case is answered, when it has one."""
    attempts: str = ""
    """What the case says before anything happens."""
    status: str = TO_DIAL
    shares_phone: bool = False
    """Whether a second case has the same phone."""
    far_away: bool = False
    """In a zone where it is no time to call."""
    held: bool = False
    """Whether staff label the case while the phone rings."""
    zone: int = field(default=0)
    """Which of the zones that are inside the window this person lives in."""


_CALLED = {"attempts": "1", "calls": 1, "texts": 1}
_TEXT = "delivered"


def _reached(note: str) -> Expected:
    return Expected(DO_NOT_DIAL, "Successful", notes=(_TEXT, note), **_CALLED)  # type: ignore[arg-type]


def _not_reached(disposition: str, note: str) -> Expected:
    return Expected(TO_DIAL, disposition, notes=(_TEXT, note), **_CALLED)  # type: ignore[arg-type]


_FAR_AWAY = Person(
    "in another zone, at night", Manner(key="1"), Expected(untouched=True), far_away=True
)
_UNREADABLE = Person(
    "attempts are no number",
    Manner(),
    Expected(attempts="several", untouched=True),
    attempts="several",
)

HELD: tuple[Person, ...] = (
    Person(
        "put on hold while it rings",
        Manner(key="1", talks_for=52),
        Expected(
            HOLD,
            "Successful",
            calls=1,
            texts=1,
            notes=(_TEXT, "connected to the firm, talked 52 s"),
        ),
        held=True,
    ),
    Person(
        "put on hold, and busy",
        Manner(BUSY),
        Expected(HOLD, "Busy", calls=1, texts=1, notes=(_TEXT, "busy")),
        held=True,
        zone=1,
    ),
)
"""Whose cases staff label while their phones ring: the label stays."""

CROWD: tuple[Person, ...] = (_FAR_AWAY,) * 11 + (_UNREADABLE,) * 2
"""Who can't be called now and stands before all others in a list."""

PEOPLE: tuple[Person, ...] = (
    Person(
        "presses 1 and talks",
        Manner(key="1", talks_for=94),
        _reached("connected to the firm, talked 1 min 34 s"),
    ),
    Person(
        "listens",
        Manner(talks_for=22),
        _not_reached("No Answer", "did not ask to be connected (22 s)"),
        zone=1,
    ),
    Person("busy", Manner(BUSY), _not_reached("Busy", "busy"), zone=2),
    Person("doesn't answer", Manner(NO_ANSWER), _not_reached("No Answer", "no answer"), zone=3),
    Person(
        "answering machine",
        Manner(MACHINE, talks_for=9),
        _not_reached("Answering Machine", "answering machine"),
    ),
    Person(
        "presses 9",
        Manner(key="9", talks_for=12),
        Expected(
            DO_NOT_DIAL,
            "No Answer",
            notes=(_TEXT, "Pressed 9", "did not ask to be connected"),
            **_CALLED,  # type: ignore[arg-type]
        ),
    ),
    Person(
        "writes STOP",
        Manner(reply="STOP"),
        Expected(DO_NOT_DIAL, texts=1, notes=(_TEXT, "opted out")),
    ),
    Person(
        "writes “Stop. Thank you”",
        Manner(reply="Stop. Thank you 🙏"),
        Expected(DO_NOT_DIAL, texts=1, notes=(_TEXT, "opted out")),
        zone=1,
    ),
    Person(
        "wants off the list",
        Manner(reply="please take me off your list"),
        Expected(texts=1, notes=(_TEXT, "sounds like an opt-out")),
    ),
    Person(
        "writes back",
        Manner(key="1", reply="Can you call after lunch? I must stop this bill"),
        Expected(
            DO_NOT_DIAL,
            "Successful",
            notes=(_TEXT, "stop this bill", "connected to the firm, talked 40 s"),
            **_CALLED,  # type: ignore[arg-type]
        ),
    ),
    _FAR_AWAY,
    Person(
        "loses every callback",
        Manner(BUSY, mute=True),
        Expected(TO_DIAL, "Busy", "1", calls=1, texts=1, notes=("busy",)),
        zone=2,
    ),
    Person(
        "number out of service",
        Manner(FAILED),
        _not_reached("No Answer", "could not be connected"),
    ),
    Person(
        "bad number, a good second one",
        Manner(refuse_call=21217, refuse_text=21211),
        Expected(
            DO_NOT_DIAL,
            "Successful",
            "1",
            calls=1,
            notes=("not delivered", "connected to the firm, talked 31 s"),
        ),
        second=Manner(key="1", talks_for=31),
    ),
    Person(
        "number of two cases",
        Manner(BUSY),
        Expected(TO_DIAL, "Busy", "1", calls=1, texts=1, notes=(_TEXT, "busy"), waiting=1),
        shares_phone=True,
    ),
    Person(
        "has opted out at Twilio",
        Manner(refuse_text=21610),
        Expected(DO_NOT_DIAL, notes=("counts as opted out",)),
    ),
    Person(
        "landline",
        Manner(key="1", text="undelivered", text_error=30006),
        Expected(
            DO_NOT_DIAL,
            "Successful",
            "1",
            calls=1,
            texts=1,
            notes=("not delivered", "connected to the firm, talked 40 s"),
        ),
        zone=3,
    ),
    Person(
        "last attempt",
        Manner(NO_ANSWER),
        Expected(
            DO_NOT_DIAL,
            "No Answer",
            "8",
            calls=1,
            texts=1,
            notes=(_TEXT, "no further calls"),
        ),
        attempts="7",
    ),
    Person(
        "firm said Do not Dial", Manner(), Expected(DO_NOT_DIAL, untouched=True), status=DO_NOT_DIAL
    ),
    _UNREADABLE,
)
"""The people in the order in which cases are given to them, over and over."""
