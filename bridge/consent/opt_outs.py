"""An opt-out: stored, planned attempts canceled and the case told, in one transaction.

record_opt_out    an opt-out with its scope, whatever way it came: a text, a key, Twilio's own list,
                  a person at the firm (`by_hand.py`)
  _end_consents   what the person had agreed to ends (`consents.py`)
  _hold           cases that may be the person's are held until somebody has asked (`held_cases.py`)
  _report         the case whose person it is for certain becomes Do not Dial
end_agreed        the same end of consents, for an opt-out that is nothing new
note_repeated     the words of an opt-out that ended nothing new
attribute_opt_out somebody at the firm says whose case it was, of which no case was known

Runs in the transaction that processes the callback.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import structlog

from bridge.consent.consents import Refused, end_refused
from bridge.consent.held_cases import REMAINS_HELD, held_for, hold_cases, instructions
from bridge.domain.contact_facts import OptOut, OptOutScope
from bridge.domain.eligibility import opt_out_applies
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.opt_out_sentences import noted
from bridge.domain.phones import E164
from bridge.domain.shared_phones import Attributed, attribute, owner_of, ties
from bridge.reporting.turn_endings import close_case, queue_note, release_turn
from bridge.runtime import Runtime
from bridge.store.cases import identity
from bridge.store.consent import opt_outs
from bridge.store.consent.opt_outs import NewOptOut
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, turns
from bridge.store.dialing.attempts import Attempt

_SAYS = {
    opt_outs.BY_TEXT: NoteKind.STOPPED_BY_TEXT,
    opt_outs.BY_KEY: NoteKind.STOPPED_BY_KEY,
    opt_outs.BY_CALL_IN: NoteKind.STOPPED_CALLING_IN,
    **dict.fromkeys(opt_outs.BY_HANDS, NoteKind.STOPPED_BY_HAND),
}
_SAYS_OF_SHARED = {
    opt_outs.BY_TEXT: NoteKind.SHARED_BY_TEXT,
    opt_outs.BY_KEY: NoteKind.SHARED_BY_KEY,
    opt_outs.BY_CALL_IN: NoteKind.SHARED_CALLING_IN,
    opt_outs.AT_TWILIO: NoteKind.SHARED_AT_TWILIO,
    **dict.fromkeys(opt_outs.BY_HANDS, NoteKind.PERHAPS_OPTED_OUT),
}
_NAMES_ITS_CASE = opt_outs.BY_HANDS | {opt_outs.BY_KEY}
_OF_PERSONS = frozenset({OptOutScope.PERSON, OptOutScope.SHARED_NUMBER})
_WHY_HELD = "it is not known who opted out"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OptOutRequest:
    """Who opted out of what, and how it came."""

    phone: E164
    channel: Channel
    """By which it came, and which it ends when the scope is that narrow."""
    scope: OptOutScope
    source: str
    sid: str
    case_id: int | None = None
    """The case of the call or text by which it came, if it is known."""
    words: str = field(default="", repr=False)
    """The person's own; the reason that somebody at the firm gives."""
    by: str | None = None
    """Who at the firm recorded it, if somebody did."""
    is_assigned: bool = False
    """Whether somebody at the firm has said that the text is this case's person's."""

    @property
    def named(self) -> int | None:
        """The case that the opt-out itself names.

        Whoever presses 9 answers a call that was placed for one case, and Twilio's request says
        which. A text only comes from a phone, even when it answers one of ours: that names nobody,
        and whoever of the household read it wrote back. So does a call that comes in. Nor does
        Twilio say who wrote STOP to it.
        Somebody at the firm knows whom they mean.
        """
        names_it = self.is_assigned or self.source in _NAMES_ITS_CASE
        return self.case_id if names_it else None


@dataclass(frozen=True)
class RecordedOptOut:
    """An opt-out that is stored, by now or since before."""

    scope: OptOutScope
    is_noted: bool
    """Whether any case gets a note about it."""


@dataclass(frozen=True)
class _Resolved:
    """An opt-out, who has its phone, and whose it is."""

    request: OptOutRequest
    sharing: frozenset[int]
    circle: frozenset[int]
    """The cases that may be the person's."""
    whose: Attributed


def record_opt_out(
    runtime: Runtime, connection: Connection, request: OptOutRequest
) -> RecordedOptOut:
    """Opt the person out, or the phone and whoever it may be; saying so twice changes nothing."""
    resolved = _resolve(runtime, connection, request)
    whose = resolved.whose
    _end_consents(runtime, connection, resolved)
    is_new = opt_outs.add(
        connection,
        NewOptOut(
            phone=request.phone,
            case_id=whose.case_id,
            channel=request.channel,
            scope=whose.scope,
            source=request.source,
            sid=request.sid,
            recorded_by=request.by,
            reason=request.words if request.by else None,
            words=None if request.by else request.words or None,
        ),
        runtime.clock(),
    )
    if not is_new and not _may_be_anothers(resolved):
        return RecordedOptOut(whose.scope, is_noted=False)
    return _carry_out(runtime, connection, resolved, is_new=is_new)


def attribute_opt_out(
    runtime: Runtime,
    connection: Connection,
    sid: str,
    case_id: int,
    words: str,
    *,
    phone: E164 | None,
) -> bool:
    """What a text ended while no case was known for it, it ends for this case's person.

    With its `phone` also what earlier texts of that ended. False: nothing of it is in effect.
    """
    found = opt_outs.attribute(connection, sid, case_id, phone)
    for stored in found:
        request = OptOutRequest(
            stored.phone, stored.channel, stored.scope, stored.source, sid, case_id, words
        )
        resolved = _resolve(runtime, connection, request, named=case_id)
        _end_consents(runtime, connection, resolved)
        _carry_out(runtime, connection, resolved, is_new=True)
    return bool(found)


def _end_consents(runtime: Runtime, connection: Connection, resolved: _Resolved) -> None:
    """What the person had agreed to ends, said for the first time or again."""
    request, whose = resolved.request, resolved.whose
    refused = Refused(
        request.phone,
        request.channel,
        whose.scope,
        whose.case_id,
        request.source,
        request.sid,
        request.by,
        request.words if request.by else "",
    )
    end_refused(runtime, connection, refused)


def _carry_out(
    runtime: Runtime, connection: Connection, resolved: _Resolved, *, is_new: bool
) -> RecordedOptOut:
    """Hold whoever it may be, cancel what is planned, and tell the cases."""
    request, whose = resolved.request, resolved.whose
    before = held_for(runtime, connection, request.phone)
    held = _hold(runtime, connection, resolved)
    if not is_new and not held:
        return RecordedOptOut(whose.scope, is_noted=False)
    _cancel_planned(runtime, connection, resolved)
    for case_id in held:
        _release_held(runtime, connection, case_id)
    _report(runtime, connection, resolved)
    _report_to_others(runtime, connection, resolved, held)
    asked_already = (resolved.sharing & before) - set(held)
    if _may_be_anothers(resolved):
        _report_again(runtime, connection, request, asked_already)
    log.info(
        "Opted out",
        source=request.source,
        scope=whose.scope,
        sid=request.sid,
        case=whose.case_id,
        held=held,
    )
    is_noted = whose.scope is not OptOutScope.SHARED_NUMBER or bool(asked_already or held)
    return RecordedOptOut(whose.scope, is_noted=is_noted)


def end_agreed(runtime: Runtime, connection: Connection, request: OptOutRequest) -> None:
    """End consents that were given since this same opt-out was recorded."""
    _end_consents(runtime, connection, _resolve(runtime, connection, request))


def note_repeated(runtime: Runtime, connection: Connection, request: OptOutRequest) -> None:
    """Note the words of an opt-out that ended nothing new, on the cases that it may be from."""
    resolved = _resolve(runtime, connection, request)
    whose = resolved.whose.case_id
    cases = resolved.sharing if whose is None else {whose}
    _report_again(runtime, connection, request, cases or {None})


def _resolve(
    runtime: Runtime, connection: Connection, request: OptOutRequest, named: int | None = None
) -> _Resolved:
    """Whose it is; `named` is the case that somebody at the firm has said."""
    own_numbers = runtime.settings.own_numbers
    sharing = identity.sharing(connection, request.phone, own_numbers)
    if request.case_id is not None:
        sharing |= {request.case_id}
    owner = owner_of(named or request.named, sharing)
    persons = sharing if owner is None or ties(sharing) else {owner}
    circle = identity.circle(connection, persons, request.phone, own_numbers)
    whose = attribute(request.scope, owner, sharing, circle)
    return _Resolved(request, sharing, circle, whose)


def _may_be_anothers(resolved: _Resolved) -> bool:
    """Whether somebody whose case was released since may be the one who opts out now.

    An opt-out that Twilio reports is the earlier one again.
    """
    by_twilio = resolved.request.source == opt_outs.AT_TWILIO
    return resolved.whose.scope is OptOutScope.SHARED_NUMBER and not by_twilio


def _hold(runtime: Runtime, connection: Connection, resolved: _Resolved) -> list[int]:
    """Hold the cases that may be the person's; return those that weren't held yet.

    Not those whose person has opted out for certain: about them nobody has to ask.
    """
    unsettled = [
        case_id
        for case_id in resolved.whose.held
        if not identity.has_refused(connection, case_id, None, runtime.settings.own_numbers)
    ]
    return hold_cases(runtime, connection, unsettled, resolved.request.phone)


def _report(runtime: Runtime, connection: Connection, resolved: _Resolved) -> None:
    """The person's case becomes Do not Dial; where only a phone opts out, its cases get a note."""
    request, whose = resolved.request, resolved.whose
    ends_person = whose.scope is OptOutScope.PERSON
    if ends_person and whose.case_id is not None:
        close_case(runtime, connection, whose.case_id, request.sid, "the person opted out")
    if request.source not in _SAYS or whose.scope is OptOutScope.SHARED_NUMBER:
        # An opt-out that Twilio reports is noted with the text that failed.
        return
    about = EventNote(
        _SAYS[request.source],
        request.sid,
        request.phone,
        words=request.words,
        ends=noted(whose.scope, request.channel),
        by=request.by or "",
    )
    own = [] if whose.case_id is None else [whose.case_id]
    told: list[int | None] = [*(own if ends_person else sorted(resolved.circle))]
    # Whoever records the opt-out of a number alone sees for themselves that no case has it.
    for case_id in told or ([None] if request.by is None else []):
        queue_note(runtime, connection, case_id, about)


def _report_to_others(
    runtime: Runtime, connection: Connection, resolved: _Resolved, held: Collection[int]
) -> None:
    """Notes for cases of others: those held now, and those that lose this number alone."""
    request, whose = resolved.request, resolved.whose
    if whose.scope not in _OF_PERSONS:
        return
    for case_id in sorted({*held, *(resolved.sharing - resolved.circle)}):
        shares = case_id in resolved.sharing
        about = EventNote(
            _SAYS_OF_SHARED[request.source] if shares else NoteKind.PERHAPS_OPTED_OUT,
            request.sid,
            request.phone,
            # A person's words don't go into the file of somebody who has another phone.
            words=request.words if shares and request.by is None else "",
            ends=instructions(case_id) if case_id in held else "",
        )
        queue_note(runtime, connection, case_id, about)


def _report_again(
    runtime: Runtime, connection: Connection, request: OptOutRequest, cases: Collection[int | None]
) -> None:
    """Notes for cases that are Do not Dial, or held for this phone, already."""
    held = held_for(runtime, connection, request.phone)
    for case_id in sorted(cases, key=lambda case_id: case_id or 0):
        about = EventNote(
            NoteKind.STOPPED_AGAIN,
            request.sid,
            request.phone,
            words=request.words,
            ends=REMAINS_HELD if case_id in held else "",
        )
        queue_note(runtime, connection, case_id, about)


def _cancel_planned(runtime: Runtime, connection: Connection, resolved: _Resolved) -> None:
    """Cancel planned attempts that it concerns; a case with other numbers is released."""
    now, request = runtime.clock(), resolved.request
    opt_out = OptOut(request.scope, request.phone, request.channel, request.source)
    of_persons = resolved.circle if resolved.whose.scope in _OF_PERSONS else frozenset()
    cancelled = [
        attempt
        for attempt in attempts.planned_for(connection, sorted(resolved.circle | resolved.sharing))
        if (attempt.case_id in of_persons or attempt.phone == request.phone)
        and opt_out_applies(opt_out, attempt.channel, attempt.phone)
    ]
    for attempt in cancelled:
        attempt_transitions.cancel(connection, attempt.id, now, "the person opted out")
    others = [attempt for attempt in cancelled if attempt.case_id not in of_persons]
    for turn_id in _turns_without_call(others):
        turn = turns.get(connection, turn_id)
        release_turn(runtime, connection, turn, now, "the planned number opted out")


def _release_held(runtime: Runtime, connection: Connection, case_id: int) -> None:
    """End the turn of a case that is held; a call under way reports its own end."""
    turn = turns.of_case(connection, case_id)
    if turn is None or attempts.is_being_called(connection, turn.id):
        return
    later = runtime.clock() + runtime.settings.retry_failed
    release_turn(runtime, connection, turn, later, _WHY_HELD)


def _turns_without_call(cancelled: Collection[Attempt]) -> list[int]:
    return sorted({attempt.turn_id for attempt in cancelled if attempt.channel is Channel.CALL})
