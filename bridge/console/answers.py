"""What the answers on To do have in common: their line in the audit trail, and the way back."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from bridge.console.formats import moment
from bridge.console.people import person
from bridge.store.callbacks.questions import AskedQuestion
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.web.current import runtime


def record(
    connection: Connection, action: Action, subject: str, reason: str, case_id: int | None
) -> None:
    """Keep that somebody at the console did this."""
    audit.record(
        connection,
        actor=person().name,
        action=action,
        subject=subject,
        reason=reason,
        case_id=case_id,
        now=runtime().clock(),
    )


def too_late(asked: AskedQuestion) -> str:
    """What is said to whoever answers second."""
    if asked.settled_at is None:
        return "This was settled otherwise in the meantime: nothing was changed."
    who = asked.settled_by or "Somebody"
    return f"{who} has answered this already ({moment(asked.settled_at)}): nothing was changed."


def back(says: str) -> Response:
    """Back to To do, where that is said; the workers are woken."""
    runtime().notifier.notify()
    flash(says)
    return redirect(url_for("console.todo"), 303)
