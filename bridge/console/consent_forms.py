"""The forms of Consents: somebody at the firm enters one, or revokes one, and says why."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bridge.consent.consents import record_consents, withdraw_one
from bridge.console.consents import line
from bridge.console.form_fields import typed
from bridge.console.formats import phone_end
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.consent_entries import FIELDS, LONGEST, BadEntry, read_entry
from bridge.domain.consents import CHANNEL_NAMES, NewConsent
from bridge.store.consent import consents as store
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.web.current import runtime

_NO_REASON = "Please give a reason: it is kept with the consent."
_LABELS = {
    "phone": "The phone",
    "channel": "To what",
    "purpose": "For what",
    "words": "The exact words",
    "source": "How it was given",
    "evidence": "Where the proof is",
    "given_at": "When it was given",
}
"""What the fields are called on the page, for what is wrong with one."""


def consent() -> Response:
    """Ask who has agreed to what; then record it."""
    if request.method == "GET":
        return _form()
    entered = {name: request.form.get(name, "") for name in FIELDS}
    settings = runtime().settings
    try:
        new = read_entry(
            entered,
            own_numbers=settings.own_numbers,
            zone=settings.firm_zone,
            now=runtime().clock(),
        )
    except BadEntry as error:
        return _form(_said(str(error)))
    flash(_record(new))
    return redirect(url_for("console.consents"), 303)


def revoke(consent_id: int) -> Response:
    """Warn, ask why, then revoke it."""
    with runtime().db.read() as connection:
        stored = store.get(connection, consent_id)
    if stored is None:
        abort(404)
    if request.method == "GET" and stored.revoked_at is None:
        return page("revoke_consent.html", "Revoke a consent", line=line(stored), stored=stored)
    reason = typed("reason")
    if request.method == "POST" and not reason:
        return page(
            "revoke_consent.html",
            "Revoke a consent",
            400,
            line=line(stored),
            stored=stored,
            problem=_NO_REASON,
        )
    is_revoked = request.method == "POST" and _revoke(consent_id, reason)
    flash("Revoked." if is_revoked else "This consent was revoked already.")
    return redirect(url_for("console.consents"), 303)


def _record(new: NewConsent) -> str:
    """Keep it; return what is said then."""
    what = f"consent to {CHANNEL_NAMES[new.channel]} at {phone_end(new.phone)}"
    with runtime().db.begin() as connection:
        stored = record_consents(runtime(), connection, [new], person().name)
        if stored:
            audit.record(
                connection,
                actor=person().name,
                action=Action.CONSENT_RECORDED,
                subject=what,
                reason=f"{new.purpose}: {new.source}",
                now=runtime().clock(),
            )
    if not stored:
        return "This is on file already."
    if stored[0].revoked_at is not None:
        return f"Recorded: {what}. It allows nothing: the person has refused since it was given."
    return f"Recorded: {what}."


def _revoke(consent_id: int, reason: str) -> bool:
    """Revoke it; False: it was revoked already."""
    name = person().name
    with runtime().db.begin() as connection:
        ended = withdraw_one(runtime(), connection, consent_id, by=name, reason=reason)
        for consent in ended:
            audit.record(
                connection,
                actor=name,
                action=Action.CONSENT_REVOKED,
                subject=f"consent {consent.id} at {phone_end(consent.phone)}",
                reason=reason,
                now=runtime().clock(),
            )
    return bool(ended)


def _said(problem: str) -> str:
    """What is wrong, with the fields called as the page calls them."""
    for name, label in _LABELS.items():
        if problem.startswith(name):
            return f"{label}{problem.removeprefix(name)}."
    return f"{problem}."


def _form(problem: str = "") -> Response:
    return page(
        "consent.html",
        "Record a consent",
        400 if problem else 200,
        problem=problem,
        given={name: request.values.get(name, "") for name in FIELDS},
        longest=LONGEST,
    )
