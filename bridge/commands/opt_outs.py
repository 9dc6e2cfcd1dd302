"""Opt-outs that somebody at the command line records or lifts, each with its line in the audit."""

from bridge.consent.by_hand import (
    ANOTHER,
    TO_DIAL,
    HandOptOut,
    has_refused,
    lift_by_hand,
    opt_out_by_hand,
)
from bridge.consent.held_cases import asked_about, whose_is_asked
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection

ACTOR = "command line: {}"
"""Who did it, as the audit trail keeps it."""


def add(runtime: Runtime, wanted: HandOptOut, *, is_unseen: bool) -> str:
    """Record an opt-out; return what became of it, as a sentence.

    Raises:
        LookupError: the number is the firm's own; or the bridge has never seen the case, and
            `is_unseen` doesn't say that this is known.
    """
    if wanted.phone in runtime.settings.own_numbers:
        raise LookupError("that is the firm's own number: nobody is reached there")
    subject = _subject(wanted)
    with runtime.db.begin() as connection:
        if wanted.case_id is not None and not is_unseen:
            _need_known(connection, wanted.case_id)
        is_new = opt_out_by_hand(runtime, connection, wanted)
        if is_new:
            audit.record(
                connection,
                actor=ACTOR.format(wanted.by),
                action=Action.OPTED_OUT,
                subject=subject,
                reason=f"{wanted.way}: {wanted.reason}",
                case_id=wanted.case_id,
                now=runtime.clock(),
            )
        held = asked_about(runtime, connection, wanted.phone) if wanted.phone else []
    runtime.notifier.notify()
    if not is_new:
        return f"{subject}: somebody had recorded this already"
    said = f"{subject}: opted out. No more calls or texts go out."
    return f"{said} {whose_is_asked(held)}".rstrip()


def lift(runtime: Runtime, identity: int, by: str, reason: str) -> str | None:
    """Lift an opt-out; return what was lifted, as a sentence. None: it wasn't in effect."""
    with runtime.db.begin() as connection:
        lifted = lift_by_hand(runtime, connection, opt_out_id=identity, by=by, reason=reason)
        if lifted is None:
            return None
        whose = _end(lifted.phone) if lifted.case_id is None else f"case {lifted.case_id}"
        audit.record(
            connection,
            actor=ACTOR.format(by),
            action=Action.OPT_OUT_LIFTED,
            subject=f"opt-out of {whose}",
            reason=reason,
            case_id=lifted.case_id,
            now=runtime.clock(),
        )
        others = lifted.case_id is not None and has_refused(runtime, connection, lifted.case_id)
    runtime.notifier.notify()
    return f"opt-out of {whose}: lifted. {ANOTHER if others else TO_DIAL}"


def _need_known(connection: Connection, case_id: int) -> None:
    if cases.get(connection, case_id) is None:
        raise LookupError(
            f"the bridge has never seen a case {case_id}: check the number in SmartAdvocate, and "
            "if it is right, say --unseen"
        )


def _subject(wanted: HandOptOut) -> str:
    if wanted.case_id is not None:
        return f"case {wanted.case_id}"
    is_person = wanted.scope is OptOutScope.PERSON
    return f"{'whoever has ' if is_person else ''}{_end(wanted.phone)}"


def _end(phone: E164 | None) -> str:
    return f"number …{phone[-4:]}" if phone else "a case without a number"
