"""The evidence of a case: why each contact was made or not. A page to be printed, and a file."""

from flask import Response

from bridge.consent.kept_texts import said_by_person
from bridge.console.case import unknown
from bridge.console.case_facts import LARGEST
from bridge.console.csv_files import csv_file, one_at_a_time
from bridge.console.formats import firm_zone
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.evidence import COLUMNS, Evidence, evidence, lines_of
from bridge.domain.evidence_sentences import both
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.evidence import case_record
from bridge.web.current import runtime


def evidence_page(case_id: int) -> Response:
    """The page."""
    written = _written(case_id)
    if written is None:
        return unknown(case_id)
    at = both(runtime().clock(), firm_zone())
    return page("evidence.html", f"Evidence on case {case_id}", evidence=written, at=at)


@one_at_a_time
def evidence_csv(case_id: int) -> Response:
    """The same as a file."""
    written = _written(case_id)
    if written is None:
        return unknown(case_id)
    with runtime().db.begin() as connection:
        audit.record(
            connection,
            actor=person().name,
            action=Action.EXPORTED,
            subject=f"evidence on case {case_id}",
            now=runtime().clock(),
            case_id=case_id,
        )
    return csv_file(f"evidence-{case_id}", COLUMNS, lines_of(written))


def _written(case_id: int) -> Evidence | None:
    if not 0 < case_id <= LARGEST:
        return None
    with runtime().db.snapshot() as connection:
        record = case_record.read(connection, case_id, runtime().settings.own_numbers)
        if record is None:
            return None
        said = said_by_person(connection, record)
    return evidence(record, firm_zone(), said)
