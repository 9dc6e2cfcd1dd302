"""How far a test call or text has come, step by step: a step is ticked when its callback came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.store.console.errands import Errand, ErrandKind, ErrandState, Step

_ANSWER = "answer"
_NOT_ANSWERED = {
    "busy": "busy",
    "no-answer": "nobody answered",
    "failed": "it could not be connected",
    "canceled": "it was canceled",
}
_NOT_DELIVERED = ("undelivered", "failed", "canceled")
_PATIENCE = timedelta(seconds=20)
_NOTHING_CAME = (
    "No callback has come yet. Twilio must be able to reach this app: check PUBLIC_URL, and that "
    "it is the address at which you see this page."
)


@dataclass(frozen=True)
class Tick:
    """One step."""

    name: str
    at: datetime | None
    """When it was done; None: not yet."""
    is_bad: bool = False


@dataclass(frozen=True)
class Test:
    """A test call or text, as the page shows it."""

    phone_end: str
    asked_by: str
    ticks: Sequence[Tick]
    says: str
    """What went wrong, and what to do."""


def shown(errand: Errand, steps: Sequence[Step], now: datetime) -> Test:
    """The test as it stands."""
    is_call = errand.kind is ErrandKind.TEST_CALL
    taken_at = errand.ended_at if errand.sid is not None else None
    begun = (Tick("Asked for", errand.asked_at), Tick("Twilio took it", taken_at))
    ticks = (*begun, *(_of_call(steps) if is_call else _of_text(steps)))
    return Test(errand.phone_end, errand.asked_by, ticks, _says(errand, steps, now))


def _of_call(steps: Sequence[Step]) -> Sequence[Tick]:
    rang = _first(steps, "ringing")
    answered = _first(steps, "in-progress") or _first_on(steps, _ANSWER)
    ended = _first(steps, "completed")
    missed = next((step for step in steps if step.status in _NOT_ANSWERED), None)
    if missed is not None:
        return (
            Tick("It rang", rang),
            Tick(f"Not answered: {_NOT_ANSWERED[missed.status]}", missed.at, is_bad=True),
        )
    return (Tick("It rang", rang), Tick("Answered", answered), Tick("Ended", ended))


def _of_text(steps: Sequence[Step]) -> Sequence[Tick]:
    delivered = _first(steps, "delivered") or _first(steps, "read")
    sent = _first(steps, "sent") or delivered
    lost = next((step for step in steps if step.status in _NOT_DELIVERED), None)
    last = (
        Tick("Delivered", delivered)
        if lost is None or delivered is not None
        else Tick("Not delivered", lost.at, is_bad=True)
    )
    return (Tick("Sent", sent), last)


def _says(errand: Errand, steps: Sequence[Step], now: datetime) -> str:
    if errand.state is ErrandState.FAILED and not steps:
        return errand.says
    complaint = next((step.says for step in reversed(steps) if step.says), None)
    if complaint is not None:
        return complaint
    waited = now - (errand.ended_at or errand.asked_at)
    return _NOTHING_CAME if errand.sid and not steps and waited > _PATIENCE else ""


def _first(steps: Sequence[Step], status: str) -> datetime | None:
    return next((step.at for step in steps if step.status == status), None)


def _first_on(steps: Sequence[Step], channel: str) -> datetime | None:
    return next((step.at for step in steps if step.channel == channel), None)
