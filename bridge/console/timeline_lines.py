"""From what is stored to the lines of a case's history: a function for each kind of row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from html import unescape
from typing import Any

from bridge.console.raw_events import key_of, words_of
from bridge.domain import notes
from bridge.domain.contact_facts import OptOutScope, PauseScope
from bridge.domain.events import Channel, Direction, Topic
from bridge.domain.local_time import local
from bridge.domain.phones import E164
from bridge.domain.redaction import without_numbers
from bridge.domain.timeline import (
    Line,
    Tone,
    contact,
    decided,
    end_of,
    found,
    key_pressed,
    status_to_tell,
    status_told,
)
from bridge.store.callbacks.case_history import PastContact, RawEvent
from bridge.store.consent import opt_outs
from bridge.store.consent.opt_outs import StoredOptOut
from bridge.store.console.audit import Action, Entry
from bridge.store.dialing import pauses
from bridge.store.dialing.attempts import AttemptState
from bridge.store.dialing.case_history import PastAttempt, PastDecision, PastPause, PastTurn
from bridge.store.reporting import payloads
from bridge.store.reporting.case_history import PastDelivery
from bridge.store.reporting.deliveries import DeliveryKind, DeliveryState

_CALLED = "called"
"""The ending of a turn that the call's own line tells."""
_NO_LONGER_KEPT = "(the words are no longer kept)"
_UNTOLD = {
    AttemptState.RESERVED: "is being placed.",
    AttemptState.UNKNOWN: "Twilio's answer was lost. Twilio is asked whether it was placed.",
    AttemptState.UNRESOLVED: "Twilio could not be asked whether it was placed. It still will be.",
    AttemptState.PLACED: "placed. Twilio has not told anything of it yet.",
    AttemptState.ENDED: "over. Twilio has told nothing of it.",
}
_NOTED = {
    DeliveryState.DELIVERED: "Noted in SmartAdvocate",
    DeliveryState.PENDING: "To be noted in SmartAdvocate",
    DeliveryState.DEAD: "Not noted in SmartAdvocate",
    DeliveryState.GIVEN_UP: "Not noted in SmartAdvocate, given up",
    DeliveryState.UNMATCHED: "Not noted in SmartAdvocate, which knows no such case",
    DeliveryState.SUPERSEDED: "Not noted in SmartAdvocate",
}
_STATUS = {
    DeliveryState.PENDING: "SmartAdvocate is to be told",
    DeliveryState.DEAD: "SmartAdvocate was not told",
    DeliveryState.GIVEN_UP: "SmartAdvocate was not told, given up",
    DeliveryState.UNMATCHED: "SmartAdvocate was not told",
    DeliveryState.SUPERSEDED: "SmartAdvocate was not told, since what came later says it too",
}
_DONE = {
    Action.OPTED_OUT: "recorded an opt-out",
    Action.OPT_OUT_LIFTED: "lifted an opt-out",
    Action.PREFERENCE_LIFTED: "lifted a preference",
    Action.NEXT_CALL_SET: "set the next call",
    Action.DELIVERY_RETRIED: "had a message to SmartAdvocate sent again",
    Action.DELIVERY_GIVEN_UP: "gave up a message to SmartAdvocate",
    Action.CASE_ASSIGNED: "assigned a call or text to this case",
    Action.QUESTION_ANSWERED: "answered a question",
    Action.CALLBACK_SETTLED: "settled a callback",
    Action.NUMBER_RELEASED: "put a number back into use",
    Action.NUMBER_SHOWN: "had a whole number shown",
    Action.EXPORTED: "made a file",
}
_PAUSES = frozenset({Action.PAUSED, Action.RESUMED})
"""Told by the rows of the pauses themselves, whoever set them."""
_OPTED_OUT_BY = {
    opt_outs.BY_TEXT: "by a text",
    opt_outs.BY_KEY: "by pressing 9",
    opt_outs.BY_CALL_IN: "by calling us and pressing 9",
    opt_outs.AT_TWILIO: "as Twilio reports",
}


def of_turn(turn: PastTurn) -> Iterator[Line]:
    """Found due, claimed, given back."""
    yield Line(turn.found_at, Tone.QUIET, found(turn.attempts), rank=0)
    if turn.claimed_at is not None:
        yield Line(turn.claimed_at, Tone.QUIET, "Set to In the Dialer in SmartAdvocate.")
    if turn.ended_at is not None and turn.ending and turn.ending != _CALLED:
        yield Line(
            turn.ended_at,
            Tone.QUIET,
            "Taken out of the dialer.",
            detail=without_numbers(turn.ending),
        )


def of_decision(decision: PastDecision, zone: tzinfo) -> Line:
    """May be reached, or not."""
    channel, answer = decision.channel, decision.answer
    return Line(
        decision.at,
        Tone.QUIET,
        decided(channel, answer, decision.until, decision.why, zone),
        same=f"{channel} {answer} {decision.why}",
        rank=1,
    )


def of_attempt(attempt: PastAttempt, zone: tzinfo, *, is_heard_of: bool) -> Iterator[Line]:
    """A call or text of ours, as far as no line about the call or text itself tells it."""
    what = contact(attempt.channel, Direction.OUTBOUND, attempt.phone)
    why = without_numbers(attempt.reason or "")
    at = attempt.ended_at or attempt.placed_at or attempt.created_at
    if attempt.state is AttemptState.PLANNED:
        planned = f"{what} planned for {local(attempt.due_at, zone)}."
        yield Line(attempt.created_at, Tone.QUIET, planned)
    elif attempt.state is AttemptState.CANCELED:
        yield Line(at, Tone.HELD, f"{what} canceled.", detail=why)
    elif attempt.state is AttemptState.REFUSED:
        yield Line(at, Tone.HELD, f"{what} refused by Twilio.", detail=why)
    elif not is_heard_of:
        placed = attempt.placed_at or attempt.created_at
        yield Line(placed, Tone.CONTACT, f"{what}: {_UNTOLD[attempt.state]}", detail=why)


def of_contact(past: PastContact, said: Sequence[RawEvent], *, is_firms: bool) -> Iterator[Line]:
    """A call or text from the first that Twilio told of it, and the keys pressed on it."""
    at = past.created_at
    if is_firms:
        yield Line(at, Tone.QUIET, "Call to the firm's own phone.", sid=past.sid)
        return
    is_text_in = past.channel is Channel.TEXT and past.direction is Direction.INBOUND
    yield Line(
        at,
        Tone.CONTACT,
        contact(past.channel, past.direction, past.phone),
        words=_words(said) if is_text_in else "",
        outcome=past.outcome,
        length=(past.duration or None) if past.channel is Channel.CALL else None,
        sid=past.sid,
    )
    for event in said:
        if key := key_of(event):
            yield Line(event.at, Tone.CONTACT, key_pressed(key))


def of_delivery(
    past: PastDelivery, results: Mapping[int, Mapping[str, Any] | None], zone: tzinfo
) -> Line:
    """What SmartAdvocate was told, or is to be told, in the very words of it."""
    is_told = past.state is DeliveryState.DELIVERED
    is_waiting = past.state is DeliveryState.PENDING
    tone = Tone.TOLD if is_told else Tone.QUIET if is_waiting else Tone.HELD
    says = (_note if past.kind in _NOTES else _status)(past, results, zone)
    if past.state is DeliveryState.SUPERSEDED:
        tone = Tone.QUIET
    return Line(past.at, tone, says, detail="" if is_told else _troubles(past, zone))


def of_opt_out(opt_out: StoredOptOut, case_id: int) -> Iterator[Line]:
    """An opt-out, and its end."""
    how = _OPTED_OUT_BY.get(opt_out.source, "as Twilio reports")
    if opt_out.recorded_by:
        how = f"as {opt_out.recorded_by} recorded"
    others = opt_out.case_id not in {None, case_id}
    of_other = f" This is about case {opt_out.case_id}." if others else ""
    yield Line(
        opt_out.created_at,
        Tone.HELD,
        f"Opted out {how}: {_ended_by(opt_out)}.{of_other}",
        detail=without_numbers(opt_out.reason or ""),
    )
    if opt_out.lifted_at is not None:
        by = "text (START)" if opt_out.lifted_by == opt_out.sid else opt_out.lifted_by
        yield Line(
            opt_out.lifted_at,
            Tone.FIRM,
            f"Opt-out lifted by {_lifter(by)}.",
            detail=without_numbers(opt_out.lift_reason or ""),
        )


def of_pause(pause: PastPause) -> Iterator[Line]:
    """Held back, and resumed."""
    number = f" {end_of(E164(pause.what))}" if pause.scope is PauseScope.NUMBER else ""
    by = pauses.written(pause.source)
    yield Line(
        pause.created_at,
        Tone.HELD,
        f"Paused{number} by {by}.",
        detail=without_numbers(pause.reason),
    )
    if pause.lifted_at is not None:
        lifted_by = f" by {pauses.written(pause.lifted_by)}" if pause.lifted_by else ""
        yield Line(
            pause.lifted_at,
            Tone.FIRM,
            f"Resumed{number}{lifted_by}.",
            detail=without_numbers(pause.lift_reason or ""),
        )


def of_entry(entry: Entry) -> Iterator[Line]:
    """What somebody did at the console."""
    if entry.action in _PAUSES:
        return
    done = _DONE.get(entry.action, entry.action.replace("-", " "))
    about = f" ({entry.subject})" if entry.subject != f"case {entry.case_id}" else ""
    why = without_numbers(entry.reason)
    yield Line(entry.at, Tone.FIRM, f"{entry.actor} {done}{about}.", detail=why)


_NOTES = frozenset({DeliveryKind.NOTE, DeliveryKind.PHONE_NOTE})


def _words(said: Sequence[RawEvent]) -> str:
    texts = [event for event in said if event.topic == Topic.TEXT_IN]
    return next(
        (words for event in texts if (words := words_of(event)) is not None),
        _NO_LONGER_KEPT if texts else "",
    )


def _note(past: PastDelivery, results: Mapping[int, Mapping[str, Any] | None], zone: tzinfo) -> str:
    remark = payloads.remark(past.payload)
    if remark is not None:
        text = notes.event_note(remark)
    else:
        after = past.payload.get("after")
        told = payloads.decision(results.get(after)) if after is not None else None
        text = notes.outcome_note(payloads.ended(past.payload), told, zone)
    # A note is HTML; here it is escaped by the page.
    return f"{_NOTED[past.state]}: {without_numbers(unescape(text))}"


def _status(
    past: PastDelivery, _results: Mapping[int, Mapping[str, Any] | None], zone: tzinfo
) -> str:
    report = payloads.report(past.payload, None)
    if past.state is DeliveryState.DELIVERED:
        return status_told(report, payloads.decision(past.result), zone)
    return f"{_STATUS[past.state]}: {status_to_tell(report, zone)}."


def _troubles(past: PastDelivery, zone: tzinfo) -> str:
    if past.state is DeliveryState.SUPERSEDED:
        return ""
    answer = f"Its answer: {without_numbers(past.refusal)}" if past.refusal else ""
    tried = f"Tried {past.tries} time{'s' * (past.tries != 1)}." if past.tries else ""
    again = (
        f"Next try {local(past.due_at, zone)}."
        if past.state is DeliveryState.PENDING and past.tries
        else ""
    )
    return " ".join(filter(None, (tried, again, answer)))


def _ended_by(opt_out: StoredOptOut) -> str:
    number = end_of(opt_out.phone or None)
    return {
        OptOutScope.PERSON: "no calls or texts to this person",
        OptOutScope.CASE: "no calls or texts to this person",
        OptOutScope.NUMBER: f"no calls or texts to {number}",
        OptOutScope.CHANNEL: f"no {opt_out.channel}s to {number}",
        OptOutScope.SHARED_NUMBER: (
            f"no calls or texts to {number}, and whose opt-out it was is to be found out"
        ),
    }[opt_out.scope]


def _lifter(by: str | None) -> str:
    """Who lifted an opt-out: a person by name, or a text by its SID."""
    is_text = by is not None and by.startswith(("SM", "MM"))
    return "a text from the person" if is_text else by or "the person"
