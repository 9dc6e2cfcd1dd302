"""The answers on To do: each changes something once, with its line in the audit trail.

Whoever answers second learns who was first. Back to To do they lead, all of them.
"""

from collections.abc import Callable

from flask import abort, request
from werkzeug.wrappers import Response

from bridge.callbacks import assignment
from bridge.consent import (
    shared_phone_answers,
    staff_stop_answers,
    suspensions,
    wrong_numbers,
)
from bridge.console.answers import back, record, too_late
from bridge.console.formats import moment, phone_end
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.questions import Question
from bridge.reporting import dead_letters
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks, communications, questions
from bridge.store.callbacks.questions import AskedQuestion
from bridge.store.cases import cases
from bridge.store.consent import wrong_numbers as store_wrong_numbers
from bridge.store.console import to_do as store
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.store.dialing import abandonment
from bridge.store.dialing.pauses import HeldCase
from bridge.store.reporting import deliveries
from bridge.web.current import runtime

_Answer = Callable[[Runtime, Connection, int, str], AskedQuestion | None]


def _confirm_wrong(
    runtime: Runtime, connection: Connection, callback_id: int, by: str
) -> AskedQuestion | None:
    """The number is wrong: for the case that the form names, of several that share it."""
    named = request.form.get("case", "")
    case_id = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None
    return suspensions.confirm_wrong(runtime, connection, callback_id, by, case_id)


_OF_TEXTS: dict[str, tuple[_Answer, str, str]] = {
    "stop": (suspensions.confirm_opt_out, "Yes, stop", "Opted out."),
    "wrong": (
        _confirm_wrong,
        "Yes, wrong number",
        "This person is not called or texted at this number anymore. Correct it in SmartAdvocate.",
    ),
    "stop-all": (suspensions.confirm_opt_out, "Stop", "Opted out."),
    "go-on": (suspensions.deny, "Go on", "Released: what this text held back goes on."),
    "no": (suspensions.deny, "No", "Released: what this text held back goes on."),
}
"""By the answer: what is done, how the audit calls it, what is said then."""
_OF_SHARED: dict[str, tuple[Callable[[Runtime, Connection, int, str], HeldCase], str, str]] = {
    "this": (
        shared_phone_answers.this_client,
        "This person opted out",
        "Case {} is opted out and becomes Do not Dial.",
    ),
    "not": (
        shared_phone_answers.not_this_one,
        "Not this person",
        "Case {} is released. The shared number remains opted out.",
    ),
    "all": (
        staff_stop_answers.stop_all,
        "Yes, stop all",
        "This person is opted out: all of these cases become Do not Dial.",
    ),
    "only": (
        staff_stop_answers.only_that,
        "No, only that case",
        "Released: Do not Dial stays with the case on which staff have set it.",
    ),
}
_MOST_OF_REASON = 200
AT_ONCE = 1000
"""Messages that one answer is about, at most."""


def answer_text(callback_id: int) -> Response:
    """Does this text mean stop? What does this person want? Is this number wrong?"""
    act, answer, says = _OF_TEXTS.get(request.form.get("answer", ""), (None, "", ""))
    if act is None:
        abort(400)
    with runtime().db.begin() as connection:
        asked = store.callback(connection, callback_id)
        if asked is None:
            abort(404)
        try:
            before = act(runtime(), connection, callback_id, person().name)
        except LookupError:
            before = questions.get(connection, callback_id) or abort(404)
        if before is None:
            subject = f"text from {phone_end(asked.phone)}"
            record(connection, Action.QUESTION_ANSWERED, subject, answer, asked.case_id)
    return back(says if before is None else too_late(before))


def answer_shared(pause_id: int) -> Response:
    """Who opted out? Is staff's Do not Dial meant for the person?"""
    act, answer, says = _OF_SHARED.get(request.form.get("answer", ""), (None, "", ""))
    if act is None:
        abort(400)
    with runtime().db.begin() as connection:
        try:
            held = act(runtime(), connection, pause_id, person().name)
        except LookupError:
            abort(404)
        if held.lifted_at is None:
            subject = f"case {held.case_id}"
            record(connection, Action.QUESTION_ANSWERED, subject, answer, held.case_id)
    if held.lifted_at is not None:
        who = f"{held.lifted_by or 'Somebody'} has answered this already"
        return back(f"{who} ({moment(held.lifted_at)}).")
    return back(says.format(held.case_id))


def answer_wanted(wrong_id: int) -> Response:
    """A better number for a case: looked for; or the number is right after all, and why."""
    reason = request.form.get("reason", "").strip()
    is_right = request.form.get("answer") == "right"
    if is_right and not reason:
        return back("Nothing was changed: say why the number is right after all.")
    with runtime().db.begin() as connection:
        found = store_wrong_numbers.get(connection, wrong_id) or abort(404)
        if is_right:
            lifted = wrong_numbers.lift_wrong_number(
                runtime(), connection, wrong_id, person().name, reason
            )
            is_first, action = lifted is not None, Action.WRONG_NUMBER_LIFTED
        else:
            is_first = wrong_numbers.settle_wrong_number(
                runtime(), connection, wrong_id, person().name
            )
            action, reason = Action.QUESTION_ANSWERED, "Done: looked for a better number"
        if is_first:
            subject = f"number {phone_end(found.phone)} of case {found.case_id}"
            record(connection, action, subject, reason, found.case_id)
    if not is_first:
        return back(_dealt_with())
    return back("The number may be called again." if is_right else "Settled.")


def resume_client_first(hold_id: int) -> Response:
    """Too many calls of a campaign were abandoned: it goes client first again all the same."""
    reason = request.form.get("reason", "").strip()[:_MOST_OF_REASON]
    if not reason:
        return back("Please say why: nothing was changed.")
    with runtime().db.begin() as connection:
        campaign = abandonment.resume(connection, hold_id, runtime().clock())
        if campaign is not None:
            subject = f"campaign {campaign}".strip()
            record(connection, Action.CLIENT_FIRST_RESUMED, subject, reason, None)
    if campaign is None:
        return back("It goes agent first no more: nothing was changed.")
    return back("Its new calls go client first again, where a machine may speak.")


def assign() -> Response:
    """Whose call was this? A case's."""
    sid, given = request.form.get("sid", ""), request.form.get("case", "").strip()
    case_id = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    if not case_id:
        return _ask_case(sid, "Type the number of a case, such as 7.")
    with runtime().db.read() as connection:
        is_known = cases.get(connection, case_id) is not None
    if not is_known and not request.form.get("confirmed"):
        problem = (
            f"The bridge has never seen a case {case_id}. Check the number in SmartAdvocate; if it "
            "is right, assign it anyway."
        )
        return _ask_case(sid, problem, unknown=given)
    with runtime().db.begin() as connection:
        try:
            before = assignment.assign(runtime(), connection, sid, case_id, person().name)
        except LookupError:
            abort(404)
        if before is None:
            subject = _contact(connection, sid)
            record(connection, Action.CASE_ASSIGNED, subject, f"case {case_id}", case_id)
    return back(f"Assigned to case {case_id}." if before is None else too_late(before))


def nobodys() -> Response:
    """Whose call was this? Nobody's."""
    sid = request.form.get("sid", "")
    with runtime().db.begin() as connection:
        try:
            before = assignment.nobodys(runtime(), connection, sid, person().name)
        except LookupError:
            abort(404)
        if before is None:
            subject = _contact(connection, sid)
            record(connection, Action.CALLBACK_SETTLED, subject, "Nobody's", None)
    return back("Settled: nobody is told." if before is None else too_late(before))


def seen(callback_id: int) -> Response:
    """Malformed, or unknown: somebody has seen it."""
    with runtime().db.begin() as connection:
        callbacks.lock(connection)
        asked = questions.get(connection, callback_id)
        if asked is None or asked.question not in {Question.MALFORMED, Question.LOOK}:
            abort(404)
        is_first = questions.settle(
            connection, [callback_id], by=person().name, now=runtime().clock()
        )
        if is_first:
            subject = f"callback {callback_id}"
            record(connection, Action.CALLBACK_SETTLED, subject, "Seen", None)
    return back("Settled." if is_first else too_late(asked))


def retry() -> Response:
    """SmartAdvocate refused this: send it again; or all, or all that were refused alike."""
    with runtime().db.begin() as connection:
        ids = _named(connection)
        again = dead_letters.retry(runtime(), connection, ids) if ids else []
        _record_deliveries(connection, Action.DELIVERY_RETRIED, again)
    said = f"{_messages(len(again))} will be sent again."
    return back(said if again else _dealt_with())


def give_up() -> Response:
    """SmartAdvocate refused this: never send it again; or all that were refused alike."""
    with runtime().db.begin() as connection:
        ids = _named(connection)
        given_up = dead_letters.give_up(runtime(), connection, ids)
        _record_deliveries(connection, Action.DELIVERY_GIVEN_UP, given_up)
    said = f"{_messages(len(given_up))} will not be sent anymore."
    return back(said if given_up else _dealt_with())


def _named(connection: Connection) -> list[int]:
    """The messages that a form names: one, those refused like one, or all."""
    if request.form.get("all"):
        return deliveries.dead(connection, refused_like=None, limit=AT_ONCE)
    one = request.form.get("like") or request.form.get("id", "")
    if not (one.isascii() and one.isdigit() and len(one) < 19):
        abort(400)
    if request.form.get("like"):
        return deliveries.dead(connection, refused_like=int(one), limit=AT_ONCE)
    return [int(one)] if deliveries.is_dead_letter(connection, int(one)) else []


def _ask_case(sid: str, problem: str, unknown: str = "") -> Response:
    with runtime().db.read() as connection:
        asked = questions.whose(connection, sid)
        found = asked and store.callback(connection, asked.callback_id)
    if found is None:
        abort(404)
    return page(
        "assign.html",
        "Assign to a case",
        400,
        asked=found,
        problem=problem,
        unknown=unknown,
        case=request.form.get("case", ""),
    )


def _contact(connection: Connection, sid: str) -> str:
    found = communications.find(connection, sid)
    if found is None:
        return sid
    return f"{found.channel} with {phone_end(found.phone)}"


def _record_deliveries(connection: Connection, action: Action, ids: list[int]) -> None:
    if not ids:
        return
    case_id = deliveries.case_of(connection, ids[0]) if len(ids) == 1 else None
    subject = f"message {ids[0]}" if len(ids) == 1 else f"{len(ids)} messages"
    record(connection, action, subject, "", case_id)


def _messages(count: int) -> str:
    return f"{count} message{'s' * (count != 1)}"


def _dealt_with() -> str:
    return "Somebody has dealt with this already: nothing was changed."
