"""Somebody wants no more: written down, planned contacts cancelled, the case told, all at once.

    refuse    an opt-out with its scope, whatever way it came: a text, a key, Twilio's own list
      _hold     cases that may be the person's are held, until somebody has asked (`held_cases.py`)
      _tell     the case whose person it is for certain becomes Do not Dial
    repeat    the words of a refusal that ended nothing new
    suspend   a refusal in free words: held back until a human has decided

Runs in the transaction that takes the refusal in (promise 7).
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import structlog

from bridge.consent.held_cases import held_for, hold_cases, instructions
from bridge.domain.eligibility import OptOut, OptOutScope, Pause, PauseScope, opt_out_applies
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.phones import E164
from bridge.domain.shared_phones import Attributed, attribute, owner_of, ties
from bridge.reporting.turn_endings import close_case, queue_note, release_turn
from bridge.runtime import Runtime
from bridge.store.cases import identity
from bridge.store.consent import opt_outs
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, pauses, turns
from bridge.store.dialing.attempts import Attempt

_SAYS = {opt_outs.BY_TEXT: NoteKind.STOPPED_BY_TEXT, opt_outs.BY_KEY: NoteKind.STOPPED_BY_KEY}
_SAYS_OF_SHARED = {
    opt_outs.BY_TEXT: NoteKind.SHARED_BY_TEXT,
    opt_outs.BY_KEY: NoteKind.SHARED_BY_KEY,
    opt_outs.AT_TWILIO: NoteKind.SHARED_AT_TWILIO,
}
_ENDS = {
    OptOutScope.PERSON: "Nobody calls or texts this person any more.",
    OptOutScope.NUMBER: "This number is neither called nor texted any more.",
    OptOutScope.CHANNEL: "This number is not reached in this way any more.",
}
_OF_PERSONS = frozenset({OptOutScope.PERSON, OptOutScope.SHARED_NUMBER})
_WHY_HELD = "it is not known whose refusal it was"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OptOutRequest:
    """Who refused what, and how it came."""

    phone: E164
    channel: Channel
    """By which it came, and which it ends when the scope is that narrow."""
    scope: OptOutScope
    source: str
    sid: str
    case_id: int | None = None
    """The case of the call or text by which it came, if it is known."""
    words: str = field(default="", repr=False)
    """The person's own."""

    @property
    def named(self) -> int | None:
        """The case that the refusal itself names.

        Whoever presses 9 answers a call that was placed for one case, and Twilio's request says
        which. A text only comes from a phone, even when it answers one of ours: that names nobody,
        and whoever of the household read it wrote back. Nor does Twilio say who wrote STOP to it.
        """
        return self.case_id if self.source == opt_outs.BY_KEY else None


@dataclass(frozen=True)
class _Taken:
    """A refusal, who has its phone, and whose it is."""

    refusal: OptOutRequest
    sharing: frozenset[int]
    circle: frozenset[int]
    """The cases that may be the person's."""
    whose: Attributed


def record_opt_out(runtime: Runtime, connection: Connection, refusal: OptOutRequest) -> bool:
    """Opt the person out, or the phone and whoever it may be; saying so twice changes nothing.

    Return whether anybody was told.
    """
    taken = _attribute(runtime, connection, refusal)
    whose = taken.whose
    is_new = opt_outs.add(
        connection,
        phone=refusal.phone,
        case_id=whose.case_id,
        channel=refusal.channel,
        scope=whose.scope,
        source=refusal.source,
        sid=refusal.sid,
        now=runtime.clock(),
    )
    if not is_new and not _may_be_anothers(taken):
        return False
    before = held_for(runtime, connection, refusal.phone)
    held = _hold(runtime, connection, taken)
    if not is_new and not held:
        return False
    _cancel_planned(runtime, connection, taken)
    for case_id in held:
        _put_back_held(runtime, connection, case_id)
    _report(runtime, connection, taken)
    _report_to_others(runtime, connection, taken, held)
    asked_already = (taken.sharing & before) - set(held)
    if _may_be_anothers(taken):
        _report_again(runtime, connection, refusal, asked_already)
    log.info(
        "Opted out",
        source=refusal.source,
        scope=whose.scope,
        sid=refusal.sid,
        case=whose.case_id,
        held=held,
    )
    return whose.scope is not OptOutScope.SHARED_NUMBER or bool(asked_already or held)


def note_repeated(runtime: Runtime, connection: Connection, refusal: OptOutRequest) -> None:
    """Note the words of a refusal that ended nothing new, with the cases that it may be from."""
    taken = _attribute(runtime, connection, refusal)
    whose = taken.whose.case_id
    cases = taken.sharing if whose is None else {whose}
    _report_again(runtime, connection, refusal, cases or {None})


def hold_for_review(
    runtime: Runtime, connection: Connection, phone: E164, reason: str, *, number_only: bool
) -> None:
    """Hold back everything that goes to this person, or to this number alone."""
    now = runtime.clock()
    who = identity.identify(connection, None, phone, runtime.settings.own_numbers)
    pauses.add(connection, Pause(PauseScope.NUMBER, phone, None, reason), pauses.BY_TEXT, now)
    if not number_only:
        for case in who.cases:
            held = Pause(PauseScope.CASE, str(case), None, reason)
            pauses.add(connection, held, pauses.BY_TEXT, now)


def _attribute(runtime: Runtime, connection: Connection, refusal: OptOutRequest) -> _Taken:
    own_numbers = runtime.settings.own_numbers
    sharing = identity.sharing(connection, refusal.phone, own_numbers)
    if refusal.case_id is not None:
        sharing |= {refusal.case_id}
    owner = owner_of(refusal.named, sharing)
    persons = sharing if owner is None or ties(sharing) else {owner}
    circle = identity.circle(connection, persons, refusal.phone, own_numbers)
    whose = attribute(refusal.scope, owner, sharing, circle)
    return _Taken(refusal, sharing, circle, whose)


def _may_be_anothers(taken: _Taken) -> bool:
    """Whether somebody who was resumed since may be the one who refuses now.

    What Twilio refuses is the same refusal again.
    """
    by_twilio = taken.refusal.source == opt_outs.AT_TWILIO
    return taken.whose.scope is OptOutScope.SHARED_NUMBER and not by_twilio


def _hold(runtime: Runtime, connection: Connection, taken: _Taken) -> list[int]:
    """Hold the cases that may be the person's; return those that weren't held yet.

    Who has opted out for certain isn't asked about any more.
    """
    unsettled = [
        case_id
        for case_id in taken.whose.held
        if not identity.has_refused(connection, case_id, None, runtime.settings.own_numbers)
    ]
    return hold_cases(runtime, connection, unsettled, taken.refusal.phone)


def _report(runtime: Runtime, connection: Connection, taken: _Taken) -> None:
    """The person's case becomes Do not Dial; where only a phone is ended, its cases are told."""
    refusal, whose = taken.refusal, taken.whose
    ends_person = whose.scope is OptOutScope.PERSON
    if ends_person and whose.case_id is not None:
        close_case(runtime, connection, whose.case_id, refusal.sid, "the person opted out")
    if refusal.source not in _SAYS or whose.scope is OptOutScope.SHARED_NUMBER:
        # What Twilio refuses is noted with the text that failed.
        return
    about = EventNote(
        _SAYS[refusal.source],
        refusal.sid,
        refusal.phone,
        words=refusal.words,
        ends=_ENDS[whose.scope],
    )
    own = [] if whose.case_id is None else [whose.case_id]
    told: list[int | None] = [*(own if ends_person else sorted(taken.circle))] or [None]
    for case_id in told:
        queue_note(runtime, connection, case_id, about)


def _report_to_others(
    runtime: Runtime, connection: Connection, taken: _Taken, held: Collection[int]
) -> None:
    """Cases of others: those that are held now, and those that have lost this number alone."""
    refusal, whose = taken.refusal, taken.whose
    if whose.scope not in _OF_PERSONS:
        return
    for case_id in sorted({*held, *(taken.sharing - taken.circle)}):
        shares = case_id in taken.sharing
        about = EventNote(
            _SAYS_OF_SHARED[refusal.source] if shares else NoteKind.PERHAPS_OPTED_OUT,
            refusal.sid,
            refusal.phone,
            # A person's words don't go into the file of somebody who has another phone.
            words=refusal.words if shares else "",
            ends=instructions(case_id) if case_id in held else "",
        )
        queue_note(runtime, connection, case_id, about)


def _report_again(
    runtime: Runtime, connection: Connection, refusal: OptOutRequest, cases: Collection[int | None]
) -> None:
    """Cases that are Do not Dial, or held for this phone, already."""
    held = held_for(runtime, connection, refusal.phone)
    for case_id in sorted(cases, key=lambda one: one or 0):
        stays = "The case stays on hold until it is known whose refusal it was."
        about = EventNote(
            NoteKind.STOPPED_AGAIN,
            refusal.sid,
            refusal.phone,
            words=refusal.words,
            ends=stays if case_id in held else "",
        )
        queue_note(runtime, connection, case_id, about)


def _cancel_planned(runtime: Runtime, connection: Connection, taken: _Taken) -> None:
    """Cancel what is planned and concerned; a case that keeps other numbers is put back."""
    now, refusal = runtime.clock(), taken.refusal
    opt_out = OptOut(refusal.scope, refusal.phone, refusal.channel, refusal.source)
    of_persons = taken.circle if taken.whose.scope in _OF_PERSONS else frozenset()
    cancelled = [
        one
        for one in attempts.planned_for(connection, sorted(taken.circle | taken.sharing))
        if (one.case_id in of_persons or one.phone == refusal.phone)
        and opt_out_applies(opt_out, one.channel, one.phone)
    ]
    for one in cancelled:
        attempt_transitions.cancel(connection, one.id, now, "the person opted out")
    others = [one for one in cancelled if one.case_id not in of_persons]
    for turn_id in _turns_without_call(others):
        turn = turns.get(connection, turn_id)
        release_turn(runtime, connection, turn, now, "the planned number opted out")


def _put_back_held(runtime: Runtime, connection: Connection, case_id: int) -> None:
    """A case that is held has no turn; a call that is under way says itself how it ends."""
    turn = turns.of_case(connection, case_id)
    if turn is None or attempts.is_being_called(connection, turn.id):
        return
    later = runtime.clock() + runtime.settings.retry_failed
    release_turn(runtime, connection, turn, later, _WHY_HELD)


def _turns_without_call(cancelled: Collection[Attempt]) -> list[int]:
    return sorted({one.turn_id for one in cancelled if one.channel is Channel.CALL})
