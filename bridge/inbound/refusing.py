"""A person wants no more: written down, planned contacts cancelled, the case told, all at once.

    refuse    an opt-out with its scope, whatever way it came: a text, a key, Twilio's own list
    suspend   a refusal in free words: held back until a human has decided

Runs in the transaction that takes the refusal in (promise 7).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from bridge.domain.eligibility import OptOut, OptOutScope, Pause, Scope, concerns
from bridge.domain.events import Channel
from bridge.domain.notes import Remark, Say
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store import attempts, optouts, pauses, people, turns
from bridge.store.attempts import State
from bridge.store.db import Connection
from bridge.store.people import Person
from bridge.turning import put_back, remark, stop

_SAYS = {optouts.BY_TEXT: Say.STOPPED_BY_TEXT, optouts.BY_KEY: Say.STOPPED_BY_KEY}
_ENDS = {
    OptOutScope.PERSON: "Nobody calls or texts this person any more.",
    OptOutScope.NUMBER: "This number is neither called nor texted any more.",
    OptOutScope.CHANNEL: "This number is not reached in this way any more.",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Refusal:
    """Who refused what, and how it came."""

    phone: E164
    channel: Channel
    """By which it came, and which it ends when the scope is that narrow."""
    scope: OptOutScope
    source: str
    sid: str
    case_id: int | None = None
    words: str = ""
    """The person's own."""


def refuse(runtime: Runtime, connection: Connection, refusal: Refusal) -> None:
    """Opt the person out; saying so twice changes nothing."""
    one = refusal
    added = optouts.add(
        connection, phone=one.phone, case_id=one.case_id, channel=one.channel, scope=one.scope,
        source=one.source, sid=one.sid, now=runtime.clock(),
    )  # fmt: skip
    if not added:
        return
    who = people.person(connection, one.case_id, one.phone, runtime.settings.own_numbers)
    _cancel_planned(runtime, connection, who, OptOut(one.scope, one.phone, one.channel, one.source))
    if one.scope is OptOutScope.PERSON:
        for case_id in sorted(who.cases):
            stop(runtime, connection, case_id, one.sid, "the person opted out")
    if one.source in _SAYS:
        # What Twilio refuses is noted with the text that failed.
        about = Remark(
            _SAYS[one.source], one.sid, one.phone, words=one.words, ends=_ENDS[one.scope]
        )
        told: list[int | None] = [*sorted(who.cases)] or [None]
        for told_case in told:
            remark(runtime, connection, told_case, about)
    log.info("Opted out", source=one.source, scope=one.scope, sid=one.sid, cases=sorted(who.cases))


def suspend(
    runtime: Runtime, connection: Connection, phone: E164, reason: str, *, number_only: bool
) -> None:
    """Hold back everything that goes to this person, or to this number alone."""
    now = runtime.clock()
    who = people.person(connection, None, phone, runtime.settings.own_numbers)
    pauses.add(connection, Pause(Scope.NUMBER, phone, None, reason), "text", now)
    if not number_only:
        for case in who.cases:
            pauses.add(connection, Pause(Scope.CASE, str(case), None, reason), "text", now)


def _cancel_planned(runtime: Runtime, connection: Connection, who: Person, refusal: OptOut) -> None:
    """Cancel what is planned and concerned; a case that keeps other numbers is put back."""
    now = runtime.clock()
    cancelled = [
        one
        for one in attempts.planned_for(connection, sorted(who.cases))
        if concerns(refusal, one.channel, one.phone)
    ]
    for one in cancelled:
        attempts.change(
            connection, one.id, was=(State.PLANNED,), state=State.CANCELED, ended_at=now,
            reason="the person opted out",
        )  # fmt: skip
    if refusal.scope is not OptOutScope.PERSON:
        for turn_id in _turns_without_call(one for one in cancelled if one.channel is Channel.CALL):
            turn = turns.get(connection, turn_id)
            put_back(runtime, connection, turn, now, "the planned number opted out")


def _turns_without_call(calls: Iterable[attempts.Attempt]) -> list[int]:
    return sorted({one.turn_id for one in calls})
