"""Pause all calls, from every page in two steps, and resume."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bridge.console.form_fields import rows_shown, typed
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.dialing import pauses
from bridge.web.current import runtime

EVERYTHING = "all calls and texts"
CHANGED = (
    "Nothing was resumed: what is paused has changed since you saw it. Look again, and resume it "
    "if it is to be resumed."
)


def pause_all() -> Response:
    """Ask for the reason, then hold back everything."""
    if request.method == "GET":
        return page("pause_all.html", "Pause all calls")
    reason = typed("reason")
    if not reason:
        problem = "Please give a reason: whoever resumes needs to know why this was paused."
        return page("pause_all.html", "Pause all calls", 400, problem=problem)
    now, name = runtime().clock(), person().name
    with runtime().db.begin() as connection:
        pauses.add(
            connection,
            Pause(PauseScope.EVERYTHING, "", None, reason),
            pauses.by_console(name),
            now,
        )
        audit.record(
            connection,
            actor=name,
            action=Action.PAUSED,
            subject=EVERYTHING,
            reason=reason,
            now=now,
        )
    flash("All calls and texts are paused. Calls that are on the line now go on to their end.")
    return redirect(url_for("console.today"), 303)


def resume_all() -> Response:
    """Lift what holds back everything."""
    now, name = runtime().clock(), person().name
    reason = typed("reason")
    with runtime().db.begin() as connection:
        lifted = pauses.lift(
            connection,
            PauseScope.EVERYTHING,
            "",
            now,
            by=pauses.by_console(name),
            reason=reason,
            shown=rows_shown(),
        )
        still = not lifted and any(
            kept.pause.scope is PauseScope.EVERYTHING for kept in pauses.active(connection, now)
        )
        if lifted:
            audit.record(
                connection,
                actor=name,
                action=Action.RESUMED,
                subject=EVERYTHING,
                reason=reason,
                now=now,
            )
    runtime().notifier.notify()
    nothing = CHANGED if still else "Nothing was paused."
    flash("Calls and texts go out again." if lifted else nothing)
    return redirect(url_for("console.today"), 303)
