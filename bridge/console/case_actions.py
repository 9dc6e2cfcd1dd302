"""What the page of a case does: call at a time, pause, resume, do not contact."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from bridge import explanation
from bridge.consent.by_hand import HandOptOut, opt_out_by_hand
from bridge.console import case_facts
from bridge.console.case import unknown
from bridge.console.form_fields import rows_shown, typed
from bridge.console.formats import firm_zone
from bridge.console.local_times import entered, field
from bridge.console.pages import page
from bridge.console.pausing import CHANGED
from bridge.console.people import person
from bridge.domain.case_standing import as_sentence, there
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.decisions import Permission
from bridge.domain.local_time import local, zone_name
from bridge.domain.phones import parse_phone
from bridge.domain.redaction import without_numbers
from bridge.explanation import Considered
from bridge.reporting import wished_calls
from bridge.store.cases import cases
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.store.dialing import pauses
from bridge.web.current import runtime

_SOON = timedelta(minutes=15)
_ROUND = timedelta(minutes=5)
_NO_REASON = "Please give a reason: whoever looks at the case later needs to know why."
_NOT_SHOWN = "SmartAdvocate has not shown this case to the bridge yet, so it can't be called."


@dataclass(frozen=True)
class _Wished:
    """What became of a call that was asked for."""

    at: datetime | None = None
    """When it was set to be; None: it was not."""
    problem: str = ""
    warning: str = ""
    """What stands in its way then, and when it goes out instead."""


def case_call(case_id: int) -> Answer:
    """Ask when the case is to be called, then set that."""
    if request.method == "GET":
        return _call_form(case_id, _sensible(case_id))
    text = request.form.get("at", "")
    try:
        at = entered(text, firm_zone(), runtime().clock())
    except ValueError as error:
        return _call_form(case_id, text, _Wished(problem=str(error)))
    confirmed = request.form.get("confirmed") == text
    with runtime().db.begin() as connection:
        wished = _wish(connection, case_id, at, confirmed=confirmed)
    if wished.at is None:
        return _call_form(case_id, text, wished)
    runtime().notifier.notify()
    flash(f"Next call {local(wished.at, firm_zone())}. SmartAdvocate is told. {wished.warning}")
    return _back(case_id)


def case_pause(case_id: int) -> Answer:
    """Ask why and until when, then hold the case back."""
    if request.method == "GET":
        return _form("case_pause.html", f"Pause case {case_id}", case_id)
    reason, until = typed("reason"), None
    problem = "" if reason else _NO_REASON
    if not problem and request.form.get("until"):
        try:
            until = entered(request.form["until"], firm_zone(), runtime().clock())
        except ValueError as error:
            problem = str(error)
    if problem:
        return _form("case_pause.html", f"Pause case {case_id}", case_id, problem)
    now, name = runtime().clock(), person().name
    with runtime().db.begin() as connection:
        if not case_facts.is_known(connection, case_id):
            return unknown(case_id)
        pause = Pause(PauseScope.CASE, str(case_id), until, reason)
        pauses.add(connection, pause, pauses.by_console(name), now)
        _record(connection, Action.PAUSED, case_id, f"case {case_id}", reason)
    flash("The case is paused. A call that is on the line now goes on to its end.")
    return _back(case_id)


def case_resume(case_id: int) -> Answer:
    """Lift what holds the case back, or one of its numbers."""
    reason = typed("reason")
    position = request.form.get("phone", type=int)
    now, by = runtime().clock(), pauses.by_console(person().name)
    with runtime().db.begin() as connection:
        scope, what, shown = _held(connection, case_id, position)
        lifted = pauses.lift(connection, scope, what, now, by=by, reason=reason, shown=rows_shown())
        still = [
            kept.pause.reason
            for kept in pauses.active(connection, now)
            if (kept.pause.scope, kept.pause.what) == (scope, what)
        ]
        if lifted:
            _record(connection, Action.RESUMED, case_id, shown, reason)
    runtime().notifier.notify()
    flash(_resumed(shown, lifted, still))
    return _back(case_id)


def case_stop(case_id: int) -> Answer:
    """Ask why, then record that the person is not to be contacted."""
    title = f"Do not contact: case {case_id}"
    if request.method == "GET":
        return _form("case_stop.html", title, case_id)
    reason = typed("reason")
    if not reason:
        return _form("case_stop.html", title, case_id, _NO_REASON)
    with runtime().db.begin() as connection:
        if not case_facts.is_known(connection, case_id):
            return unknown(case_id)
        wanted = HandOptOut(case_id, None, person().name, reason)
        is_new = opt_out_by_hand(runtime(), connection, wanted)
        if is_new:
            _record(connection, Action.OPTED_OUT, case_id, f"case {case_id}", reason)
    runtime().notifier.notify()
    said = "The person is opted out and will not be called or texted. SmartAdvocate is told."
    flash(said if is_new else "Somebody at the firm had recorded this opt-out before.")
    return _back(case_id)


def _wish(connection: Connection, case_id: int, at: datetime, *, confirmed: bool) -> _Wished:
    """Have the case called then, unless something speaks against it."""
    cases.lock(connection, case_id)
    case = cases.get(connection, case_id)
    if case is None:
        return _Wished(problem=_NOT_SHOWN)
    why_not = wished_calls.why_not(connection, case)
    if why_not is not None:
        return _Wished(problem=why_not)
    call = explanation.explain_wish(runtime(), connection, case, at)
    if call is None:
        return _Wished(problem="No phone of this case may be called. Its page says why.")
    reasons = as_sentence(without_numbers(call.decision.why)) if call.decision.why else ""
    if call.decision.permission is Permission.REFUSE:
        return _Wished(problem=f"This person is not called. {reasons}")
    warning = _warning(call, reasons)
    if warning and not confirmed:
        return _Wished(warning=warning)
    later = wished_calls.wish_call(runtime(), connection, case, at)
    subject = local(later, firm_zone())
    _record(connection, Action.NEXT_CALL_SET, case_id, subject, typed("reason"))
    return _Wished(at=later, warning=warning)


def _warning(call: Considered, reasons: str) -> str:
    if call.decision.permission is Permission.ALLOW:
        return ""
    if call.earliest is None:
        return f"The person may not be called then, until somebody lifts what holds it. {reasons}"
    instead = local(call.earliest, firm_zone())
    theirs = there(call.earliest, call.zones, firm_zone())
    for_them = f", {theirs} for the person" if theirs else ""
    return f"The person may not be called then: the call goes out {instead}{for_them}. {reasons}"


def _sensible(case_id: int) -> str:
    """When a call may go out soon, as the field's value."""
    now = runtime().clock()
    soon = now + _SOON
    with runtime().db.read() as connection:
        case = cases.get(connection, case_id)
        call = explanation.explain_wish(runtime(), connection, case, soon) if case else None
    at = (call.earliest if call else None) or soon
    return field(_rounded(at), firm_zone())


def _rounded(at: datetime) -> datetime:
    """The next five minutes."""
    over = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at - over + _ROUND if over else at


def _held(
    connection: Connection, case_id: int, position: int | None
) -> tuple[PauseScope, str, str]:
    """What is to be resumed: the case, or the number at this position among its phones."""
    case = cases.get(connection, case_id) if position is not None else None
    number = parse_phone(case_facts.number_at(case, -1 if position is None else position))
    if number is None:
        return PauseScope.CASE, str(case_id), f"case {case_id}"
    return PauseScope.NUMBER, number, f"…{number[-4:]}"


def _resumed(shown: str, lifted: int, still: list[str]) -> str:
    if not lifted:
        return CHANGED if still else "Nothing was paused."
    if still:
        return f"One question is answered. Still on hold: {without_numbers(still[0])}."
    return f"Resumed: {shown}."


def _call_form(case_id: int, at: str, wished: _Wished | None = None) -> Response:
    told = wished or _Wished()
    return _form(
        "case_call.html",
        f"Call case {case_id} at…",
        case_id,
        told.problem,
        at=at,
        warning=told.warning,
    )


def _form(template: str, title: str, case_id: int, problem: str = "", **values: Any) -> Response:
    with runtime().db.read() as connection:
        is_known = case_facts.is_known(connection, case_id)
    if not is_known:
        return unknown(case_id)
    zone = zone_name(runtime().clock(), firm_zone())
    form = {"reason": request.form.get("reason", ""), "until": request.form.get("until", "")}
    return page(
        template,
        title,
        400 if problem else 200,
        case_id=case_id,
        problem=problem,
        form=form,
        zone=zone,
        **values,
    )


def _record(
    connection: Connection, action: Action, case_id: int, subject: str, reason: str
) -> None:
    audit.record(
        connection,
        actor=person().name,
        action=action,
        subject=subject,
        reason=reason,
        now=runtime().clock(),
        case_id=case_id,
    )


def _back(case_id: int) -> Answer:
    return redirect(url_for("console.case", case_id=case_id), 303)
