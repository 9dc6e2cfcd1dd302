"""How far a call or text has come: callbacks merged so that neither order nor repetition matters.

Callbacks come late, twice and out of order (docs/reference/twilio.md#fields-of-call-callbacks).
`merge` is a join: commutative, associative and idempotent, so every order of the same callbacks
ends the same.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bridge.domain.events import AnsweredBy, Direction, Event, Status, Talk

_STEPS: tuple[tuple[Status, ...], ...] = (
    (Status.ACCEPTED, Status.SCHEDULED),
    (Status.QUEUED, Status.RECEIVING),
    (Status.INITIATED, Status.SENDING),
    (Status.RINGING,),
    (Status.SENT, Status.IN_PROGRESS),
)
# Twilio sends one terminal status a call. Should two ever come, the one that says more about
# having reached the person stays (it leads to fewer further calls); of a text's contradictory
# segment results the failure stays, since part of the text never arrived
# (docs/reference/twilio.md#text-statuses).
_ENDS: tuple[Status, ...] = (
    Status.CANCELED,
    Status.RECEIVED,
    Status.DELIVERED,
    Status.READ,
    Status.PARTIALLY_DELIVERED,
    Status.UNDELIVERED,
    Status.FAILED,
    Status.NO_ANSWER,
    Status.BUSY,
    Status.COMPLETED,
)
_RANK: dict[Status, int] = {
    **{status: rank for rank, step in enumerate(_STEPS) for status in step},
    **{status: len(_STEPS) + rank for rank, status in enumerate(_ENDS)},
}
_ANSWER_RANK = {AnsweredBy.UNSAID: 0, AnsweredBy.HUMAN: 1, AnsweredBy.MACHINE: 2}
# Whoever was put through, or nearly was, has heard the message.
_TALK_RANK = {Talk.UNSAID: 0, Talk.HEARD: 1, Talk.MISSED: 2, Talk.BRIDGED: 3}
_BEFORE_ANSWER = frozenset({Status.INITIATED, Status.RINGING})


@dataclass(frozen=True)
class Progress:
    """All that the callbacks of one call or text have said so far."""

    status: Status
    answer: AnsweredBy = AnsweredBy.UNSAID
    duration: int | None = None
    sip_code: int | None = None
    error_code: int | None = None
    dialed_at: datetime | None = None
    """The first moment at which it was dialed or rang."""
    ended_at: datetime | None = None
    talk: Talk = Talk.UNSAID

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to this call or text."""
        return is_end(self.status)

    @property
    def rang_for(self) -> int | None:
        """Whole seconds from the first ring to the end of a call nobody answered, when known."""
        if self.dialed_at is None or self.ended_at is None or self.ended_at < self.dialed_at:
            return None
        return round((self.ended_at - self.dialed_at).total_seconds())


def is_end(status: Status) -> bool:
    """Whether a status is terminal."""
    return status in _ENDS


def of_event(event: Event) -> Progress:
    """What a single callback says."""
    return Progress(
        status=event.status,
        answer=event.answer,
        duration=event.duration,
        sip_code=event.sip_code,
        error_code=event.error_code,
        dialed_at=event.occurred_at if event.status in _BEFORE_ANSWER else None,
        ended_at=event.occurred_at if is_end(event.status) else None,
        talk=event.talk,
    )


def merge(first: Progress, second: Progress, direction: Direction = Direction.OUTBOUND) -> Progress:
    """Both together: the furthest status, and of every fact the one that says more.

    Of a call in, the shorter duration stands: the number's own callback counts the ringing at
    the firm's phone as talk, which the leg's doesn't.
    """
    return replace(
        first,
        status=max(first.status, second.status, key=lambda status: (_RANK[status], status)),
        answer=max(first.answer, second.answer, key=_ANSWER_RANK.__getitem__),
        duration=_DURATION[direction](first.duration, second.duration),
        sip_code=_larger(first.sip_code, second.sip_code),
        error_code=_larger(first.error_code, second.error_code),
        dialed_at=_earlier(first.dialed_at, second.dialed_at),
        ended_at=_earlier(first.ended_at, second.ended_at),
        talk=max(first.talk, second.talk, key=_TALK_RANK.__getitem__),
    )


def _larger(first: int | None, second: int | None) -> int | None:
    return max((value for value in (first, second) if value is not None), default=None)


def _smaller(first: int | None, second: int | None) -> int | None:
    return min((value for value in (first, second) if value is not None), default=None)


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    return min((moment for moment in (first, second) if moment is not None), default=None)


_DURATION = {Direction.OUTBOUND: _larger, Direction.INBOUND: _smaller}
