"""`bridge evidence`: a case's evidence as text, JSON or CSV, and the result of the comparison."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import tzinfo
from textwrap import fill

from bridge.commands.list_output import CSV, JSON
from bridge.consent.kept_texts import said_by_person
from bridge.domain.evidence import COLUMNS, Evidence, evidence, lines_of
from bridge.domain.evidence_sentences import both
from bridge.domain.evidence_verification import Finding, Verified
from bridge.runtime import Runtime
from bridge.store.db import Database
from bridge.store.evidence import case_record
from bridge.store.evidence.verification import Verification, verify

_WIDTH = 100


@dataclass(frozen=True)
class VerifiedText:
    """What came of the comparison, for the operator."""

    text: str
    is_well: bool


def of_case(runtime: Runtime, case_id: int, output: str | None) -> str | None:
    """The evidence of a case; None where nothing is known of it."""
    with runtime.db.snapshot() as connection:
        record = case_record.read(connection, case_id, runtime.settings.own_numbers)
        if record is None:
            return None
        said = said_by_person(connection, record)
    written = evidence(record, runtime.settings.firm_zone, said)
    at = both(runtime.clock(), runtime.settings.firm_zone)
    if output == JSON:
        return json.dumps(asdict(written), indent=2, ensure_ascii=False) + "\n"
    return _as_csv(written) if output == CSV else _as_text(written, at)


def verified(db: Database, printed: str | None, zone: tzinfo) -> VerifiedText:
    """Compare everything with the chain; `printed` is a hash that it should have had."""
    with db.snapshot() as connection:
        found = verify(connection, printed)
    lines = [*_chain(found, zone), *_tables(found)]
    if printed is not None:
        lines.append(
            f"the hash {printed} is part of the chain"
            if found.has_hash
            else f"the hash {printed} is NOT part of the chain: it was written anew since then"
        )
    if found.first is not None:
        lines.append(f"first: {_named(found.first)}")
    elif found.newest is not None and found.has_hash:
        lines.append("nothing was changed, removed or slipped in")
    is_well = found.first is None and found.has_hash
    return VerifiedText("".join(f"{line}\n" for line in lines), is_well)


def _chain(found: Verification, zone: tzinfo) -> Iterator[str]:
    if found.newest is None or found.since is None:
        yield "there is no checkpoint yet: a worker makes the first one within minutes"
        return
    until = found.newest.until
    reach = f"; it covers everything until {both(until, zone)}" if until else ""
    made = f"{both(found.since, zone)}, the newest of {both(found.newest.made_at, zone)}"
    count = f"{found.newest.id} checkpoint{'s' * (found.newest.id != 1)}"
    yield f"{count} since {made}{reach}"
    yield f"newest hash: {found.newest.chain}"


def _tables(found: Verification) -> Iterator[str]:
    for name, table in found.tables.items():
        if name != "checkpoints":
            yield f"{name}: {', '.join(_counted(table))}"


def _counted(table: Verified) -> Iterator[str]:
    yield f"{table.rows} as the chain says"
    if table.waiting:
        yield f"{table.waiting} too new to be in it"
    if table.erased:
        yield f"words erased on request in {table.erased}"
    if table.expired:
        yield f"{table.expired} deleted after EVIDENCE_YEARS"
    if table.findings:
        yield f"{table.findings} NOT as the chain says"


def _named(finding: Finding) -> str:
    what = {"checkpoints": "checkpoint"}.get(finding.table, f"row of {finding.table}, id")
    return f"{what} {finding.id} was {finding.what}"


def _as_csv(written: Evidence) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines_of(written))
    return out.getvalue()


def _as_text(written: Evidence, at: str) -> str:
    return "\n".join(_paragraphs(written, at)) + "\n"


def _paragraphs(written: Evidence, at: str) -> Iterator[str]:
    title = f"Evidence on case {written.case_id}"
    yield from (title, "=" * len(title), f"Written {at}.", "")
    for part in written.parts:
        yield from (part.title, "-" * len(part.title))
        if not part.entries:
            yield part.none
        for number, entry in enumerate(part.entries, 1):
            yield fill(f"{number}. {_printable(entry.heading)}", _WIDTH, subsequent_indent="   ")
            for fact in entry.facts:
                says = _printable(f"{fact.about}: {fact.says}")
                yield fill(says, _WIDTH, initial_indent="   ", subsequent_indent="     ")
                yield from (f"     {link}" for link in fact.links)
        yield ""
    yield fill(written.chain, _WIDTH)


def _printable(text: str) -> str:
    """A terminal would obey control characters."""
    words = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "�" for sign in words)
