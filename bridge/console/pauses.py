"""Pauses: what is held back, by whom, since when and why; to pause more, and to lift."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bridge.console.form_fields import row_in_query, typed
from bridge.console.formats import firm_moment
from bridge.console.pages import page
from bridge.console.people import person
from bridge.dialing.pause_targets import named
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.folding import fold_label
from bridge.domain.phones import last_four
from bridge.errors import SettingError
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.dialing import pauses
from bridge.store.dialing.pauses import StoredPause
from bridge.web.current import runtime

_ON_A_PAGE = 50
_SCOPES = (
    (PauseScope.CAMPAIGN, "A campaign"),
    (PauseScope.STATE, "A state"),
    (PauseScope.NUMBER, "A phone number"),
    (PauseScope.CASE, "A case"),
    (PauseScope.TEXTS, "All texts, but no calls"),
    (PauseScope.EVERYTHING, "All calls and texts"),
)
_WITHOUT_NAME = {PauseScope.EVERYTHING: "all calls and texts", PauseScope.TEXTS: "all texts"}
_QUESTIONS = (pauses.BY_SHARED_NUMBER, pauses.BY_TEXT)
_NO_REASON = "Please give a reason: whoever looks later needs to know why."
_LONGEST_NAME = 128
MOST_CASE_ID = 2**31 - 1
"""SmartAdvocate's case ids are 32-bit numbers."""


@dataclass(frozen=True)
class Shown:
    """A pause, as the page shows it."""

    id: int
    what: str
    case_id: int | None
    by: str
    reason: str
    since: datetime
    until: datetime | None
    asks: bool
    """Whether it holds a case until somebody has answered a question under To do."""


class _Refused(Exception):
    """The pause isn't set; the message says why, and what to do."""


def pauses_now() -> Response:
    """The page: what is paused now."""
    after = row_in_query("after") or 0
    with runtime().db.read() as connection:
        kept = pauses.active(connection, runtime().clock())
    behind = [one for one in kept if one.id > after]
    rows = [_shown(one) for one in behind[:_ON_A_PAGE]]
    is_more = len(behind) > _ON_A_PAGE
    return page(
        "pauses.html",
        "Pauses",
        rows=rows,
        count=len(kept),
        after=rows[-1].id if is_more else None,
    )


def pause() -> Response:
    """Hold something back: the form, and what it sends."""
    if request.method == "GET":
        return _form()
    try:
        wanted = _wanted()
    except _Refused as refused:
        return _form(str(refused), 400)
    now, name = runtime().clock(), person().name
    with runtime().db.begin() as connection:
        pauses.add(connection, wanted, pauses.by_console(name), now)
        audit.record(
            connection,
            actor=name,
            action=Action.PAUSED,
            subject=_subject(wanted.scope, wanted.what),
            reason=wanted.reason,
            now=now,
            case_id=_case_id(wanted),
        )
    flash(f"Paused: {_subject(wanted.scope, wanted.what)}.{_doubt(wanted)}")
    return redirect(url_for("console.pauses"), 303)


def lift(pause_id: int) -> Response:
    """Lift one pause, with a reason."""
    reason = typed("reason")
    if not reason:
        abort(400, f"{_NO_REASON} Go back and fill it in.")
    now, name = runtime().clock(), person().name
    with runtime().db.begin() as connection:
        kept = [one for one in pauses.active(connection, now) if one.id == pause_id]
        by = pauses.by_console(name)
        is_lifted = bool(kept) and pauses.lift_one(connection, pause_id, now, by=by, reason=reason)
        if is_lifted:
            audit.record(
                connection,
                actor=name,
                action=Action.RESUMED,
                subject=_subject(kept[0].pause.scope, kept[0].pause.what),
                reason=reason,
                now=now,
                case_id=_case_id(kept[0].pause),
            )
    runtime().notifier.notify()
    flash("It is lifted." if is_lifted else "It was lifted already, or it has ended.")
    return redirect(url_for("console.pauses"), 303)


def _wanted() -> Pause:
    """The pause that the form describes.

    Raises:
        _Refused: something in it can't be used.
    """
    reason = typed("reason")
    try:
        scope = PauseScope(typed("scope"))
    except ValueError:
        raise _Refused("Please choose what to pause.") from None
    name = "" if scope in _WITHOUT_NAME else typed("what", _LONGEST_NAME)
    if not name and scope not in _WITHOUT_NAME:
        raise _Refused(f"Please say which {scope} to pause.")
    if not reason:
        raise _Refused(_NO_REASON)
    try:
        what = named(scope, name)
    except SettingError as error:
        sentence = str(error)
        raise _Refused(f"{sentence[:1].upper()}{sentence[1:]}.") from None
    if scope is PauseScope.CASE and int(what) > MOST_CASE_ID:
        raise _Refused("There is no case with such a number.")
    return Pause(scope, what, _until(typed("until")), reason)


def _until(written: str) -> datetime | None:
    if not written:
        return None
    try:
        until = firm_moment(written)
    except ValueError:
        raise _Refused("Please give the end as a date and a time, or leave it empty.") from None
    if until <= runtime().clock():
        raise _Refused("The end is in the past. Give a later one, or leave it empty.")
    return until


def _form(problem: str = "", status: int = 200) -> Response:
    return page(
        "pause.html",
        "Pause something",
        status,
        problem=problem,
        scopes=_SCOPES,
        campaigns=runtime().settings.dial_campaigns,
        typed=request.form or request.args,
    )


def _shown(kept: StoredPause) -> Shown:
    return Shown(
        id=kept.id,
        what=_subject(kept.pause.scope, kept.pause.what),
        case_id=_case_id(kept.pause),
        by=kept.by,
        reason=kept.pause.reason,
        since=kept.created_at,
        until=kept.pause.until,
        asks=kept.source in _QUESTIONS,
    )


def _subject(scope: PauseScope, what: str) -> str:
    """What is paused, as people read it: a number by its last digits."""
    if scope in _WITHOUT_NAME:
        return _WITHOUT_NAME[scope]
    return f"{scope} {last_four(what) if scope is PauseScope.NUMBER else what}"


def _case_id(pause: Pause) -> int | None:
    is_case = pause.scope is PauseScope.CASE and pause.what.isdigit()
    return int(pause.what) if is_case else None


def _doubt(pause: Pause) -> str:
    """That no such campaign is dialed, should its name be misspelled."""
    dialed: Sequence[str] = runtime().settings.dial_campaigns
    folded = {fold_label(name) for name in dialed}
    if pause.scope is not PauseScope.CAMPAIGN or not folded or fold_label(pause.what) in folded:
        return ""
    return " It is none of the campaigns that are dialed (DIAL_CAMPAIGNS): is it spelled right?"
