"""What an ended call or text means for its case: one table for calls, one for texts.

The dispositions are those of SmartAdvocate's list, used as dialers commonly use them
(docs/reference/outcomes.md#dispositions).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bridge.domain.agents import AgentWord
from bridge.domain.campaign_goals import Goal
from bridge.domain.events import AnsweredBy, Channel, Direction, Status, Talk
from bridge.domain.progress import Progress

HUMAN_AFTER_SECONDS = 10
"""A completed call that nobody classified counts as human from this many seconds on."""

BAD_NUMBER_SIP_CODES = frozenset({404, 410, 484, 604})
BAD_NUMBER_ERRORS = frozenset({21211, 21214, 21217, 13224})
OPTED_OUT_ERRORS = frozenset({21610, 30004})


class Disposition(StrEnum):
    """SmartAdvocate's Last Dialer Disposition, in its typical spelling."""

    NEVER_DIALED = "Never Dialed"
    BUSY = "Busy"
    NO_ANSWER = "No Answer"
    ANSWERING_MACHINE = "Answering Machine"
    SUCCESSFUL = "Successful"


class OutcomeKind(StrEnum):
    """How a call or text ended, in the bridge's words."""

    REACHED = "reached"
    MACHINE = "machine"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    CUT_SHORT = "cut-short"
    """Answered, but over too soon for anyone to have talked."""
    NOT_CONNECTED = "not-connected"
    """The person asked for the firm, and nobody there picked up."""
    NOT_GREETED = "not-greeted"
    """Answered, and ended by us without a word: contact was no longer allowed by then."""
    HUNG_UP = "hung-up"
    """Answered, and hung up before the message ended."""
    HEARD_ALONE = "heard-alone"
    """Heard the message and did not ask to be connected, which was the goal."""
    HEARD = "heard"
    """Heard the message, which was the goal."""
    VOICEMAIL = "voicemail"
    """An agent left a message on the person's machine."""
    WRONG_PERSON = "wrong-person"
    """Somebody else answered, as the agent says: the number is wrong."""
    REFUSED = "refused"
    """The person told the agent not to call again."""
    FAILED = "failed"
    CANCELED = "canceled"
    TEXT_DELIVERED = "text-delivered"
    TEXT_FAILED = "text-failed"
    CALLED_IN = "called-in"
    CALLED_BACK = "called-back"
    """Called in and talked with the firm: what was planned for the person is canceled."""
    REACHED_US = "reached-us"
    """Called in and talked with the firm, which counts as an answered call out would."""
    MISSED = "missed"


class Retry(StrEnum):
    """Which DIAL_RETRY_* pause comes before the next call."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """The meaning of an end. A call out has a disposition; all else ends in a note or nothing."""

    kind: OutcomeKind
    disposition: Disposition | None = None
    retry: Retry | None = None
    """The pause before the next call; None when a call out is final."""
    bad_number: bool = False
    opted_out: bool = False
    why: str = ""
    """Why we ended it ourselves; empty where we didn't."""

    @property
    def is_told(self) -> bool:
        """Whether the case is told of it at all."""
        return self.kind is not OutcomeKind.CANCELED


_REACHED = Outcome(OutcomeKind.REACHED, Disposition.SUCCESSFUL)
_MACHINE = Outcome(OutcomeKind.MACHINE, Disposition.ANSWERING_MACHINE, Retry.MACHINE)
_CUT_SHORT = Outcome(OutcomeKind.CUT_SHORT, Disposition.NO_ANSWER, Retry.NO_ANSWER)
_NOT_CONNECTED = Outcome(OutcomeKind.NOT_CONNECTED, Disposition.NO_ANSWER, Retry.BUSY)
_NOT_GREETED = Outcome(OutcomeKind.NOT_GREETED, Disposition.NO_ANSWER, Retry.NO_ANSWER)
_HUNG_UP = Outcome(OutcomeKind.HUNG_UP, Disposition.NO_ANSWER, Retry.NO_ANSWER)
_HEARD_ALONE = Outcome(OutcomeKind.HEARD_ALONE, Disposition.NO_ANSWER, Retry.NO_ANSWER)
_HEARD = Outcome(OutcomeKind.HEARD, Disposition.SUCCESSFUL)
_NO_ANSWER = Outcome(OutcomeKind.NO_ANSWER, Disposition.NO_ANSWER, Retry.NO_ANSWER)
_BUSY = Outcome(OutcomeKind.BUSY, Disposition.BUSY, Retry.BUSY)
_FAILED = Outcome(OutcomeKind.FAILED, Disposition.NO_ANSWER, Retry.FAILED)
_BAD_NUMBER = Outcome(OutcomeKind.FAILED, Disposition.NO_ANSWER, Retry.FAILED, bad_number=True)
_CANCELED = Outcome(OutcomeKind.CANCELED)

# Whether the person, once put through, spoke with the firm says more than who answered.
_PUT_THROUGH: dict[Talk, Outcome] = {Talk.BRIDGED: _REACHED, Talk.MISSED: _NOT_CONNECTED}
# A completed call of our own that rang the person first, nobody having been put through, by
# (what its campaign's calls are for, whether the message was heard). CAMPAIGN_GOALS.
_BY_GOAL: dict[tuple[Goal, Talk], Outcome] = {
    (Goal.TALKED, Talk.UNSAID): _HUNG_UP,
    (Goal.TALKED, Talk.HEARD): _HEARD_ALONE,
    (Goal.HEARD, Talk.UNSAID): _HUNG_UP,
    (Goal.HEARD, Talk.HEARD): _HEARD,
}
# What an agent says of a call that rang an agent first; without a word Twilio's facts count.
_BY_WORD: dict[AgentWord, Outcome] = {
    AgentWord.TALKED: _REACHED,
    AgentWord.VOICEMAIL: Outcome(
        OutcomeKind.VOICEMAIL, Disposition.ANSWERING_MACHINE, Retry.MACHINE
    ),
    AgentWord.WRONG_PERSON: Outcome(OutcomeKind.WRONG_PERSON, Disposition.NO_ANSWER, Retry.FAILED),
    AgentWord.STOP: Outcome(OutcomeKind.REFUSED, Disposition.SUCCESSFUL),
}
# Every other end of a call out. A failed one may say that the number itself is bad.
_NOT_COMPLETED: dict[Status, Outcome] = {
    Status.BUSY: _BUSY,
    Status.NO_ANSWER: _NO_ANSWER,
    Status.FAILED: _FAILED,
    Status.CANCELED: _CANCELED,
}
# A call in is no attempt of the firm's: it becomes a note and leaves the dialer status alone.
_MISSED = Outcome(OutcomeKind.MISSED)
CALLED_IN = Outcome(OutcomeKind.CALLED_IN)
# What a call in becomes when it was a talk: `talks.py` says which.
CALLED_BACK = Outcome(OutcomeKind.CALLED_BACK)
REACHED_US = Outcome(OutcomeKind.REACHED_US, Disposition.SUCCESSFUL)
# What was heard of ours before anybody was put through: the caller pressed a key there, to opt out.
_OF_TALK_IN: dict[Talk, Outcome] = {Talk.HEARD: _CANCELED, Talk.MISSED: _MISSED}
_CALLED_IN: dict[Status, Outcome] = {
    Status.COMPLETED: CALLED_IN,
    Status.BUSY: _MISSED,
    Status.NO_ANSWER: _MISSED,
    Status.FAILED: _MISSED,
    Status.CANCELED: _MISSED,
}
# Some of these ends come with a code that says that the person has opted out.
_TEXTS: dict[Status, OutcomeKind] = {
    Status.DELIVERED: OutcomeKind.TEXT_DELIVERED,
    Status.READ: OutcomeKind.TEXT_DELIVERED,
    Status.PARTIALLY_DELIVERED: OutcomeKind.TEXT_FAILED,
    Status.UNDELIVERED: OutcomeKind.TEXT_FAILED,
    Status.FAILED: OutcomeKind.TEXT_FAILED,
}


def translate(
    channel: Channel, direction: Direction, progress: Progress, goal: Goal | None = None
) -> Outcome | None:
    """What this means for the case; None while it is under way, or when it tells nothing.

    `goal` is that of a call of our own which rang the person first; all others have none.
    """
    if not progress.ended:
        return None
    if channel is Channel.TEXT:
        return _of_text(progress)
    if direction is Direction.INBOUND:
        return _OF_TALK_IN.get(progress.talk) or _CALLED_IN.get(progress.status)
    if progress.status is Status.COMPLETED:
        return _of_completed(progress, goal)
    is_bad = progress.status is Status.FAILED and _number_is_bad(progress)
    return _BAD_NUMBER if is_bad else _NOT_COMPLETED.get(progress.status)


def of_agent_call(progress: Progress, word: AgentWord | None) -> Outcome | None:
    """What the person's side of a call means that rang an agent first, who has said this of it."""
    known = translate(Channel.CALL, Direction.OUTBOUND, progress)
    return known if known is None or word is None else _BY_WORD.get(word, known)


def not_greeted(why: str) -> Outcome:
    """What a call means that was answered, and that we ended at once: why we did."""
    return replace(_NOT_GREETED, why=why)


def _of_text(progress: Progress) -> Outcome | None:
    if progress.status is Status.CANCELED:
        return _CANCELED
    kind = _TEXTS.get(progress.status)
    if kind is None:
        return None
    return Outcome(kind, opted_out=progress.error_code in OPTED_OUT_ERRORS)


def _of_completed(progress: Progress, goal: Goal | None) -> Outcome:
    if progress.talk in _PUT_THROUGH:
        return _PUT_THROUGH[progress.talk]
    if progress.answer is AnsweredBy.MACHINE:
        return _MACHINE  # it stays one, also when the message was played to it
    if goal is not None:
        return _BY_GOAL[goal, progress.talk]
    long_enough = (progress.duration or 0) >= HUMAN_AFTER_SECONDS
    return _REACHED if progress.answer is AnsweredBy.HUMAN or long_enough else _CUT_SHORT


def _number_is_bad(progress: Progress) -> bool:
    return progress.sip_code in BAD_NUMBER_SIP_CODES or progress.error_code in BAD_NUMBER_ERRORS
