"""The audit trail: who did what, when and why; as a page and as a file."""

from flask import Response

from bridge.console.csv_files import csv_file, one_at_a_time
from bridge.console.form_fields import row_in_query
from bridge.console.formats import iso
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.redaction import without_numbers
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.web.current import runtime

_ON_A_PAGE = 50
_MOST_IN_A_FILE = 5000


def audit_page() -> Response:
    """The newest lines, or those before one of them."""
    before = row_in_query("before")
    with runtime().db.read() as connection:
        lines = audit.newest(connection, _ON_A_PAGE + 1, before)
    shown = lines[:_ON_A_PAGE]
    return page(
        "audit.html",
        "Audit",
        rows=[(line, _said(line.action)) for line in shown],
        before=shown[-1].id if len(lines) > _ON_A_PAGE else None,
        is_newest=before is None,
    )


@one_at_a_time
def audit_csv() -> Response:
    """The same as a file: five thousand lines at most, from the newest or from before one."""
    with runtime().db.read() as connection:
        lines = audit.newest(connection, _MOST_IN_A_FILE, row_in_query("before"))
    with runtime().db.begin() as connection:
        audit.record(
            connection,
            actor=person().name,
            action=Action.EXPORTED,
            subject="audit",
            now=runtime().clock(),
        )
    return csv_file(
        "audit",
        ("Line", "When", "Who", "What", "About", "Case", "Why"),
        (
            (
                line.id,
                iso(line.at),
                line.actor,
                _said(line.action),
                line.subject,
                line.case_id,
                without_numbers(line.reason),
            )
            for line in lines
        ),
    )


def _said(action: Action) -> str:
    """What was done, as people read it: `Signed in`."""
    return action.replace("-", " ").capitalize()
