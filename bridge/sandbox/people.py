"""Pretend people who react in many ways, and the expected outcome of calling and texting each."""

from dataclasses import dataclass, field, replace

from bridge.sandbox.dialects import DO_NOT_DIAL, HOLD
from bridge.sandbox.manner import BUSY, FAILED, MACHINE, NO_ANSWER, Manner

CLIENTS, LEADS = "Client updates", "New inquiries"
"""Campaigns: people of the first are clients; those of the second are solicited."""
TO_DIAL = "To Dial"
NEVER_DIALED = "Never Dialed"


@dataclass(frozen=True)
class Expected:
    """What the person's case must show at the end, and how often the person was reached."""

    status: str = TO_DIAL
    disposition: str = NEVER_DIALED
    attempts: str = ""
    calls: int = 0
    texts: int = 0
    notes: tuple[str, ...] = ()
    """Words, each in exactly one note; there are no other notes."""
    untouched: bool = False
    """Whether nothing at all may have been written to the case."""
    may_wait: bool = False
    """Whether the next call may have been moved to a later time, with one note that says why."""
    refused: bool = False
    """Whether SmartAdvocate refuses the outcome, so that it must be listed as dead."""
    or_status: tuple[str, ...] = ()
    """Other statuses that are right."""
    waiting: int = 0
    """How many of the person's cases wait, unchanged: one case at a time is worked on."""
    of_first: str = ""
    """The status of the first of several cases; empty: that of all."""
    unheard: bool = False
    """Whether nothing at all may have been said to the person."""
    asked: str = ""
    """Why every case that may still be dialed is on hold until somebody at the firm decides: words
    of `bridge dial pauses`."""

    def status_of(self, place: int) -> str:
        """The status of the person's first case (0), second (1) and so on."""
        return self.of_first if self.of_first and place == 0 else self.status


@dataclass(frozen=True)
class Persona:
    """A person with a case, and how calls and texts are answered."""

    label: str
    manner: Manner
    expected: Expected
    or_else: Expected | None = None
    """Another end that is right: which of the two it is, depends on who was quicker."""
    second: Manner | None = None
    """How the case's second phone is answered, if it has one."""
    attempts: str = ""
    """The case's attempts before anything happens."""
    status: str = TO_DIAL
    shares_phone: bool = False
    """Whether a second case has the same phone."""
    far_away: bool = False
    """Whether the person lives in a zone outside the calling hours."""
    held: bool = False
    """Whether staff label the case while the phone rings."""
    stopped_by_staff: bool = False
    """Whether staff set the first case to Do not Dial right after it was claimed."""
    promise: str = ""
    """What the play shows about how the person is protected, as a sentence."""
    is_lead: bool = False
    consents: tuple[str, ...] = ()
    """What the person has agreed to before the play: `voice`, `text`."""
    is_registered: bool = False
    """Whether the number stands in the do-not-call registry."""
    zone: int = field(default=0)
    """Which of the zones inside the calling hours the person lives in."""

    @property
    def ends(self) -> tuple[Expected, ...]:
        """All ends that are right."""
        return (self.expected, self.or_else) if self.or_else else (self.expected,)

    @property
    def campaign(self) -> str:
        """The campaign of the person's cases."""
        return LEADS if self.is_lead else CLIENTS

    @property
    def may_hear_machines(self) -> bool:
        """Whether a machine may speak to the person. For clients the firm attests it."""
        return not self.is_lead or "voice" in self.consents


_TEXT = "delivered"
_STOPPED_BY_TEXT = "A refusal by text, in English or in Spanish, ends calls and texts."
_STOPPED_BY_KEY = "A refusal by key during a call ends calls and texts."
_STOPPED_WHILE_RINGING = "Who refuses while the phone rings is not greeted."
_HELD_BY_WORDS = "A refusal in free words holds calls and texts until the firm decides."
_HELD_BY_LIMIT = "A limit, such as an hour, holds calls and texts until the firm decides."
_HELD_BY_STAFF = "Do not Dial on one case holds the person's other case until the firm decides."
_LEFT_ALONE = "A case that is Do not Dial is left alone."
_AGENT_FIRST = "A lead who has agreed to nothing hears no machine and gets no text."
_CLIENT_FIRST = "A lead who has agreed to both is texted, and greeted by a machine."
_REGISTERED = "A lead in the do-not-call registry is neither called nor texted."
_NOT_AT_NIGHT = "Outside the calling hours nobody is called or texted."


def _once(status: str, disposition: str, *notes: str) -> Expected:
    """The person was texted and called once, and notes say so."""
    return Expected(status, disposition, "1", calls=1, texts=1, notes=(_TEXT, *notes))


def _opted_out() -> Expected:
    """The person was texted, refused, and was not called."""
    return Expected(DO_NOT_DIAL, texts=1, notes=(_TEXT, "opted out"))


def _on_hold(note: str, asked: str) -> Expected:
    """The person was texted, and nothing more happens until somebody at the firm decides."""
    return Expected(texts=1, notes=(_TEXT, note), asked=asked)


def _reached(note: str) -> Expected:
    return _once(DO_NOT_DIAL, "Successful", note)


def _not_reached(disposition: str, note: str) -> Expected:
    return _once(TO_DIAL, disposition, note)


_FAR_AWAY = Persona(
    "in another zone, at night",
    Manner(key="1"),
    Expected(untouched=True),
    far_away=True,
    promise=_NOT_AT_NIGHT,
)
_UNREADABLE = Persona(
    "attempts not a number",
    Manner(),
    Expected(attempts="several", untouched=True),
    attempts="several",
)

HELD: tuple[Persona, ...] = (
    Persona(
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
    Persona(
        "put on hold, and busy",
        Manner(BUSY),
        Expected(HOLD, "Busy", calls=1, texts=1, notes=(_TEXT, "busy")),
        held=True,
        zone=1,
    ),
)
"""People whose cases staff put on hold while the phone rings: the label stays."""

CROWD: tuple[Persona, ...] = (_FAR_AWAY,) * 11 + (_UNREADABLE,) * 2
"""People who can't be called now and come before all others in a list."""

PEOPLE: tuple[Persona, ...] = (
    Persona(
        "presses 1 and talks",
        Manner(key="1", talks_for=94),
        _reached("connected to the firm, talked 1 min 34 s"),
    ),
    Persona(
        "listens",
        Manner(talks_for=22),
        _not_reached("No Answer", "did not ask to be connected (22 s)"),
        zone=1,
    ),
    Persona("busy", Manner(BUSY), _not_reached("Busy", "busy"), zone=2),
    Persona("doesn't answer", Manner(NO_ANSWER), _not_reached("No Answer", "no answer"), zone=3),
    Persona(
        "answering machine",
        Manner(MACHINE, talks_for=9),
        _not_reached("Answering Machine", "answering machine"),
    ),
    Persona(
        "presses 9",
        Manner(key="9", talks_for=12),
        _once(DO_NOT_DIAL, "No Answer", "Pressed 9", "did not ask to be connected"),
        promise=_STOPPED_BY_KEY,
    ),
    Persona("writes STOP", Manner(reply="STOP"), _opted_out(), promise=_STOPPED_BY_TEXT),
    Persona(
        "writes “Stop. Thank you”",
        Manner(reply="Stop. Thank you 🙏"),
        _opted_out(),
        zone=1,
        promise=_STOPPED_BY_TEXT,
    ),
    Persona(
        "wants off the list",
        Manner(reply="please take me off your list"),
        _on_hold("sounds like an opt-out", "sounded like an opt-out"),
        promise=_HELD_BY_WORDS,
    ),
    Persona(
        "writes back",
        Manner(key="1", reply="Can you call me back? I must stop this bill"),
        _once(DO_NOT_DIAL, "Successful", "stop this bill", "connected to the firm, talked 40 s"),
    ),
    _FAR_AWAY,
    Persona(
        "loses every callback",
        Manner(BUSY, mute=True),
        Expected(TO_DIAL, "Busy", "1", calls=1, texts=1, notes=("busy",)),
        zone=2,
    ),
    Persona(
        "number out of service",
        Manner(FAILED),
        _not_reached("No Answer", "could not be connected"),
    ),
    Persona(
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
    Persona(
        "number of two cases",
        Manner(BUSY),
        Expected(TO_DIAL, "Busy", "1", calls=1, texts=1, notes=(_TEXT, "busy"), waiting=1),
        # A worker that dies at one case's text leaves the other case's call to go first.
        or_else=Expected(TO_DIAL, "Busy", "1", calls=1, notes=("busy",), waiting=1),
        shares_phone=True,
    ),
    Persona("writes “Alto”", Manner(reply="Alto"), _opted_out(), zone=1, promise=_STOPPED_BY_TEXT),
    Persona(
        "refuses in Spanish words",
        Manner(key="1", reply="Por favor no me llamen más"),
        _on_hold("sounds like an opt-out", "sounded like an opt-out"),
        promise=_HELD_BY_WORDS,
    ),
    Persona(
        "only after 5",
        Manner(key="1", reply="please only call after 5"),
        _on_hold("this limits when or how", "limits when or how"),
        promise=_HELD_BY_LIMIT,
    ),
    Persona(
        "writes STOP while it rings",
        Manner(key="1", while_ringing="STOP", talks_for=2),
        replace(
            _once(DO_NOT_DIAL, "No Answer", "opted out", "hung up without a greeting"),
            unheard=True,
        ),
        # On a busy machine the bridge may have ended the call before it was picked up.
        or_else=replace(_opted_out(), calls=1, unheard=True),
        promise=_STOPPED_WHILE_RINGING,
    ),
    Persona(
        "one case stopped by staff",
        Manner(key="1"),
        Expected(
            notes=("Staff set case",),
            of_first=DO_NOT_DIAL,
            asked="was set to Do not Dial by staff",
        ),
        # The other case's text may have gone out before the bridge could read of it.
        or_else=Expected(
            texts=1,
            notes=(_TEXT, "Staff set case"),
            of_first=DO_NOT_DIAL,
            asked="was set to Do not Dial by staff",
        ),
        shares_phone=True,
        stopped_by_staff=True,
        promise=_HELD_BY_STAFF,
    ),
    Persona(
        "lead, nothing on file",
        Manner(talks_for=66),
        Expected(
            DO_NOT_DIAL,
            "Successful",
            "1",
            calls=1,
            notes=("connected to the firm, talked 1 min 6 s",),
        ),
        is_lead=True,
        promise=_AGENT_FIRST,
    ),
    Persona(
        "lead who has agreed",
        Manner(key="1", talks_for=48),
        _reached("connected to the firm, talked 48 s"),
        is_lead=True,
        consents=("voice", "text"),
        promise=_CLIENT_FIRST,
    ),
    Persona(
        "lead in the registry",
        Manner(),
        Expected(untouched=True),
        is_lead=True,
        is_registered=True,
        promise=_REGISTERED,
    ),
    Persona(
        "lead who doesn't answer",
        Manner(NO_ANSWER),
        Expected(TO_DIAL, "No Answer", "1", calls=1, notes=("no answer",)),
        is_lead=True,
        zone=1,
        promise=_AGENT_FIRST,
    ),
    Persona(
        "has opted out at Twilio",
        Manner(refuse_text=21610),
        Expected(DO_NOT_DIAL, notes=("counts as opted out",)),
        promise=_STOPPED_BY_TEXT,
    ),
    Persona(
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
    Persona(
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
    Persona(
        "firm said Do not Dial",
        Manner(),
        Expected(DO_NOT_DIAL, untouched=True),
        status=DO_NOT_DIAL,
        promise=_LEFT_ALONE,
    ),
    _UNREADABLE,
)
"""The people in the order in which cases are assigned to them, over and over."""
