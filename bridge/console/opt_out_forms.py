"""The forms of Opt-outs: somebody at the firm records one, or lifts one, and says why."""

from dataclasses import dataclass

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bridge.consent.by_hand import (
    ANOTHER,
    HandOptOut,
    has_refused,
    lift_by_hand,
    opt_out_by_hand,
)
from bridge.consent.held_cases import asked_about, whose_is_asked
from bridge.console.form_fields import typed
from bridge.console.formats import phone_end
from bridge.console.opt_outs import line
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.phones import E164, parse_phone
from bridge.store.cases import cases
from bridge.store.consent import opt_outs as store
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.web.current import runtime

_NO_REASON = "Please give a reason: it is noted on the case, and kept."


@dataclass(frozen=True)
class _Given:
    """Who is to be opted out, as it was typed; or what is wrong with it."""

    case_id: int | None = None
    phone: E164 | None = None
    problem: str = ""
    is_unknown: bool = False
    """Whether the bridge has never seen the case."""


def opt_out() -> Response:
    """Ask whom, and why; then record it."""
    if request.method == "GET":
        return _form()
    given, reason = _read(), typed("reason")
    if given.problem or not reason:
        return _form(given.problem or _NO_REASON, is_unknown=given.is_unknown)
    now = runtime().clock()
    scope = OptOutScope.NUMBER if typed("ends") == OptOutScope.NUMBER else OptOutScope.PERSON
    subject = _subject(given, scope)
    with runtime().db.begin() as connection:
        wanted = HandOptOut(given.case_id, given.phone, person().name, reason, number_scope=scope)
        is_new = opt_out_by_hand(runtime(), connection, wanted)
        if is_new:
            audit.record(
                connection,
                actor=person().name,
                action=Action.OPTED_OUT,
                subject=subject,
                reason=reason,
                case_id=given.case_id,
                now=now,
            )
        held = asked_about(runtime(), connection, given.phone) if given.phone else []
    runtime().notifier.notify()
    said = f"Opted out: {subject}. No more calls or texts go out. {whose_is_asked(held)}".rstrip()
    known = f"Somebody had recorded this already: {subject} is opted out."
    flash(said if is_new else known)
    return redirect(url_for("console.opt_outs"), 303)


def lift(opt_out_id: int) -> Response:
    """Warn, ask why, then lift it."""
    with runtime().db.read() as connection:
        stored = store.get(connection, opt_out_id)
    if stored is None:
        abort(404)
    if request.method == "GET" and stored.lifted_at is None:
        return page("lift_opt_out.html", "Lift an opt-out", line=line(stored, {}), stored=stored)
    reason = typed("reason")
    if request.method == "POST" and not reason:
        return page(
            "lift_opt_out.html",
            "Lift an opt-out",
            400,
            line=line(stored, {}),
            stored=stored,
            problem=_NO_REASON,
        )
    lifted = request.method == "POST" and _lift(opt_out_id, reason)
    flash(lifted or "This opt-out was lifted already.")
    return redirect(url_for("console.opt_outs"), 303)


def _lift(opt_out_id: int, reason: str) -> str:
    """Lift it; return what is said then, nothing where it was lifted already."""
    name, says = person().name, ""
    with runtime().db.begin() as connection:
        lifted = lift_by_hand(runtime(), connection, opt_out_id=opt_out_id, by=name, reason=reason)
        if lifted is not None:
            says = _said(connection, lifted)
            by_phone = f"opt-out at {phone_end(lifted.phone)}"
            audit.record(
                connection,
                actor=name,
                action=Action.OPT_OUT_LIFTED,
                subject=by_phone if lifted.case_id is None else f"opt-out of case {lifted.case_id}",
                reason=reason,
                case_id=lifted.case_id,
                now=runtime().clock(),
            )
    runtime().notifier.notify()
    return says


def _subject(given: _Given, scope: OptOutScope) -> str:
    if given.case_id is not None:
        return f"case {given.case_id}"
    whose = "whoever has " if scope is OptOutScope.PERSON else ""
    return f"{whose}number {phone_end(given.phone)}"


def _said(connection: Connection, stored: store.StoredOptOut) -> str:
    if stored.case_id is not None and has_refused(runtime(), connection, stored.case_id):
        return f"Lifted. {ANOTHER}"
    case = "the case" if stored.case_id is None else f"case {stored.case_id}"
    return (
        f"Lifted. SmartAdvocate still shows Do not Dial where the bridge has set it: set {case} to "
        "To Dial there if calls should resume."
    )


def _form(problem: str = "", *, is_unknown: bool = False) -> Response:
    return page(
        "opt_out.html",
        "Record an opt-out",
        400 if problem else 200,
        problem=problem,
        is_unknown=is_unknown,
        case=request.values.get("case", ""),
        phone=request.form.get("phone", ""),
        ends=request.form.get("ends", ""),
        reason=request.form.get("reason", ""),
    )


def _read() -> _Given:
    case, number = request.form.get("case", "").strip(), request.form.get("phone", "").strip()
    if bool(case) == bool(number):
        return _Given(problem="Give the number of a case, or a phone number alone.")
    return _case(case) if case else _phone(number)


def _phone(number: str) -> _Given:
    phone = parse_phone(number)
    if phone is None:
        return _Given(problem="That is no phone number. Type it with its area code.")
    if phone in runtime().settings.own_numbers:
        return _Given(problem="That is the firm's own number.")
    return _Given(phone=phone)


def _case(case: str) -> _Given:
    if not (case.isascii() and case.isdigit() and 0 < len(case) < 19 and int(case)):
        return _Given(problem="Type the number of a case, such as 7.")
    with runtime().db.read() as connection:
        is_known = cases.get(connection, int(case)) is not None
    if is_known or request.form.get("confirmed"):
        return _Given(case_id=int(case))
    problem = (
        f"The bridge has never seen a case {case}. Check the number in SmartAdvocate; if it is "
        "right, confirm it below."
    )
    return _Given(problem=problem, is_unknown=True)
