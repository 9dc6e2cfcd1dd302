"""Tables for people at the command line."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bridge.store.callbacks import callbacks as store_callbacks
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.db import Database
from bridge.store.dialing import decisions as store_verdicts
from bridge.store.dialing import pauses as store_pauses
from bridge.store.dialing import skipped as store_passed
from bridge.store.reporting import deliveries as store_deliveries
from bridge.store.reporting.deliveries import DeliveryState

_WIDEST = 200


def callbacks(db: Database, verdict: str | None, limit: int) -> str:
    """The newest callbacks."""
    with db.read() as connection:
        rows = store_callbacks.listed(connection, Verdict(verdict) if verdict else None, limit)
    return _table(
        ("id", "received", "kind", "sid", "status", "case", "verdict", "complaint"),
        (
            (
                row.id,
                _when(row.received_at),
                row.channel,
                row.sid,
                row.status,
                row.case_id,
                row.verdict,
                row.complaint,
            )
            for row in rows
        ),
    )


def callback(db: Database, identity: int) -> str | None:
    """One callback whole; None if there is none with this id."""
    with db.read() as connection:
        row = store_callbacks.shown(connection, identity)
    if row is None:
        return None
    raw = "(erased)" if row.body is None else row.body.decode("utf-8", "backslashreplace")
    lines = {
        "id": row.id,
        "received": _when(row.received_at),
        "kind": row.channel,
        "sid": row.sid,
        "status": row.status,
        "case": row.case_id,
        "verdict": row.verdict,
        "complaint": row.complaint,
        "request": row.request_id,
        "target": row.target or "(erased)",
        "body": raw,
    }
    return "".join(f"{name:<10}{'' if value is None else value}\n" for name, value in lines.items())


def deliveries(db: Database, state: str | None, limit: int) -> str:
    """The newest messages to SmartAdvocate."""
    with db.read() as connection:
        rows = store_deliveries.listed(connection, DeliveryState(state) if state else None, limit)
    return _table(
        ("id", "created", "kind", "case", "sid", "state", "tries", "next try", "refusal"),
        (
            (
                row.id,
                _when(row.created_at),
                row.kind,
                row.case_id or "by phone",
                row.sid,
                row.state,
                row.tries,
                _when(row.due_at) if row.state == DeliveryState.PENDING else "",
                row.refusal,
            )
            for row in rows
        ),
    )


def skipped(db: Database) -> str:
    """Cases that the last poll found due and didn't take up."""
    with db.read() as connection:
        rows = store_passed.listed(connection)
    return _table(
        ("case", "campaign", "why", "reason", "until", "since"),
        (
            (row.key, row.campaign, row.kind, row.reason, _when(row.until), _when(row.first_at))
            for row in rows
        ),
    )


def verdicts(db: Database, case_id: int | None, answer: str | None, limit: int) -> str:
    """The newest verdicts."""
    with db.read() as connection:
        rows = store_verdicts.listed(connection, case_id, answer, limit)
    return _table(
        ("id", "judged", "stage", "case", "by", "verdict", "until", "why"),
        (
            (
                row.id,
                _when(row.decided_at),
                row.stage,
                row.case_id,
                row.channel,
                row.answer,
                _when(row.until),
                row.why,
            )
            for row in rows
        ),
    )


def pauses(db: Database) -> str:
    """What is paused now."""
    with db.read() as connection:
        standing = store_pauses.active(connection, datetime.now(UTC))
    listed = _table(
        ("paused", "which", "until", "by", "since", "reason"),
        (
            (
                kept.pause.scope,
                kept.pause.what,
                _when(kept.pause.until),
                kept.source,
                _when(kept.created_at),
                kept.pause.reason,
            )
            for kept in standing
        ),
    )
    cut = [kept.pause for kept in standing if len(kept.pause.reason) > _WIDEST]
    named = ((f"{one.scope} {one.what}".rstrip(), one.reason) for one in cut)
    return listed + "".join(f"\n{name}: {reason}\n" for name, reason in named)


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    cells = [head, *([_cell(one) for one in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
