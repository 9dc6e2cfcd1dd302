"""The addresses of the console and their views. What guards each stands in `web/routes.py`."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, NoReturn, cast

from flask import Blueprint, Flask, abort, redirect, url_for
from heroicons.jinja import heroicon_mini
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from bridge.console import (
    agents,
    assets,
    audit_trail,
    case,
    case_actions,
    consent_forms,
    consents,
    contacts,
    evidence,
    guard,
    opt_out_forms,
    opt_outs,
    pages,
    pauses,
    pausing,
    plan,
    preference_forms,
    search,
    setup,
    setup_actions,
    setup_settings,
    sign_in,
    to_do,
    to_do_actions,
    today,
)
from bridge.runtime import Runtime
from bridge.store.console.sessions import LONGEST

View = Callable[..., Any]

GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")


class RowNumber(IntegerConverter):
    """A number in an address, as long as one of a row can be; with more digits it is no page."""

    regex = "[0-9]{1,18}"


def _home() -> Response:
    return redirect(url_for("console.today"))


def _missing(missing: str) -> NoReturn:  # noqa: ARG001 - the rule's
    abort(404)


VIEWS: tuple[tuple[str, str, View, tuple[str, ...]], ...] = (
    ("/console", "home", _home, GET),
    ("/console/", "today", today.today, GET),
    ("/console/<path:missing>", "missing", _missing, GET),
    ("/console/assets/<version>/<name>", "asset", assets.asset, GET),
    ("/console/sign-in", "sign_in", sign_in.sign_in, BOTH),
    ("/console/sign-out", "sign_out", sign_in.sign_out, POST),
    ("/console/search", "search", search.search, GET),
    ("/console/pause", "pause_all", pausing.pause_all, BOTH),
    ("/console/resume", "resume_all", pausing.resume_all, POST),
    ("/console/agents/ready", "agent_ready", agents.ready, POST),
    ("/console/contacts", "contacts", contacts.contacts, GET),
    ("/console/contacts.csv", "contacts_csv", contacts.contacts_csv, GET),
    ("/console/todo", "todo", to_do.to_do, GET),
    ("/console/todo/texts/<int:callback_id>", "answer_text", to_do_actions.answer_text, POST),
    (
        "/console/todo/texts/<int:callback_id>/preferences",
        "keep_preferences",
        preference_forms.keep,
        POST,
    ),
    ("/console/todo/shared/<int:pause_id>", "answer_shared", to_do_actions.answer_shared, POST),
    ("/console/todo/numbers/<int:wrong_id>", "answer_wanted", to_do_actions.answer_wanted, POST),
    ("/console/todo/assign", "assign", to_do_actions.assign, POST),
    ("/console/todo/nobody", "nobodys", to_do_actions.nobodys, POST),
    ("/console/todo/callbacks/<int:callback_id>", "odd_callback", to_do.odd_callback, GET),
    ("/console/todo/callbacks/<int:callback_id>/seen", "seen", to_do_actions.seen, POST),
    (
        "/console/todo/campaigns/<int:hold_id>",
        "resume_client_first",
        to_do_actions.resume_client_first,
        POST,
    ),
    ("/console/todo/retry", "retry", to_do_actions.retry, POST),
    ("/console/todo/give-up", "give_up", to_do_actions.give_up, POST),
    ("/console/plan", "plan", plan.plan, GET),
    ("/console/plan.csv", "plan_csv", plan.plan_csv, GET),
    ("/console/plan/held/<group>", "plan_held", plan.held_group, GET),
    ("/console/opt-outs", "opt_outs", opt_outs.opt_outs, GET),
    ("/console/opt-outs.csv", "opt_outs_csv", opt_outs.opt_outs_csv, GET),
    ("/console/opt-outs/new", "opt_out", opt_out_forms.opt_out, BOTH),
    ("/console/opt-outs/<int:opt_out_id>/lift", "lift_opt_out", opt_out_forms.lift, BOTH),
    ("/console/consents", "consents", consents.consents, GET),
    ("/console/consents.csv", "consents_csv", consents.consents_csv, GET),
    ("/console/consents/new", "consent", consent_forms.consent, BOTH),
    ("/console/consents/<int:consent_id>/revoke", "revoke_consent", consent_forms.revoke, BOTH),
    ("/console/setup", "setup", setup.setup, GET),
    ("/console/setup/check", "setup_check", setup_actions.check, POST),
    ("/console/setup/dismiss", "setup_dismiss", setup_actions.dismiss, POST),
    ("/console/setup/call", "test_call", setup_actions.test_call, BOTH),
    ("/console/setup/text", "test_text", setup_actions.test_text, BOTH),
    ("/console/setup/pauses", "pauses", pauses.pauses_now, GET),
    ("/console/setup/pauses/new", "pause", pauses.pause, BOTH),
    ("/console/setup/pauses/<int:pause_id>/lift", "lift_pause", pauses.lift, POST),
    ("/console/setup/settings", "setup_settings", setup_settings.setup_settings, GET),
    ("/console/audit", "audit", audit_trail.audit_page, GET),
    ("/console/audit.csv", "audit_csv", audit_trail.audit_csv, GET),
    ("/console/cases/<int:case_id>", "case", case.case, GET),
    ("/console/cases/<int:case_id>.csv", "case_csv", case.case_csv, GET),
    ("/console/cases/<int:case_id>/evidence", "evidence", evidence.evidence_page, GET),
    ("/console/cases/<int:case_id>/evidence.csv", "evidence_csv", evidence.evidence_csv, GET),
    ("/console/cases/<int:case_id>/number", "case_number", case.case_number, POST),
    ("/console/cases/<int:case_id>/call", "case_call", case_actions.case_call, BOTH),
    ("/console/cases/<int:case_id>/pause", "case_pause", case_actions.case_pause, BOTH),
    ("/console/cases/<int:case_id>/resume", "case_resume", case_actions.case_resume, POST),
    ("/console/cases/<int:case_id>/stop", "case_stop", case_actions.case_stop, BOTH),
    (
        "/console/cases/<int:case_id>/preferences/<int:preference_id>/lift",
        "lift_preference",
        preference_forms.lift,
        POST,
    ),
)
"""The rule, the name for `url_for("console.…")`, the view, the methods."""


def register(app: Flask, identify: guard.Identify | None) -> None:
    """Put the console into the app. `identify` is for the sandbox alone (see `guard`)."""
    settings = cast(Runtime, app.extensions["bridge"]).settings
    is_https = (settings.public_url or "").startswith("https://")
    app.secret_key = settings.secret_key
    app.config.update(
        SESSION_COOKIE_NAME="__Host-bridge" if is_https else "bridge",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=LONGEST,
        # The gate checks the forms of the console; Twilio's requests are signed.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=int(LONGEST / timedelta(seconds=1)),
        # The host may be asked for by another name inside than outside.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.jinja_env.globals.update(asset_url=assets.asset_url, icon=cache(heroicon_mini))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["int"] = RowNumber
    blueprint = Blueprint("console", __name__, template_folder="templates")
    for rule, name, view, methods in VIEWS:
        blueprint.add_url_rule(rule, name, view, methods=list(methods))
    app.register_blueprint(blueprint)
    pages.register(app)
    guard.register(app, identify)
