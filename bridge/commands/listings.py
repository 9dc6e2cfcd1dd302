"""What each list of the command line shows: columns and rows, in whatever form they are printed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from bridge.domain.consents import CHANNEL_NAMES
from bridge.store.callbacks import callbacks as store_callbacks
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.consent import consents as store_consents
from bridge.store.consent import opt_outs as store_opt_outs
from bridge.store.consent.consents import ConsentFilter
from bridge.store.consent.opt_outs import OptOutFilter
from bridge.store.db import Database
from bridge.store.dialing import decisions as store_decisions
from bridge.store.dialing import pauses as store_pauses
from bridge.store.dialing import skipped as store_skipped
from bridge.store.reporting import deliveries as store_deliveries
from bridge.store.reporting.deliveries import DeliveryState


@dataclass(frozen=True)
class Column:
    """One column of a list."""

    key: str
    """Its name in JSON and CSV, and what a row has it under."""
    heading: str = ""
    """Its name in a table; without one it is left out there."""
    is_number: bool = False
    unset: str = ""
    """What a table shows where there is no value."""


@dataclass(frozen=True)
class Listing:
    """A list to be printed."""

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    """Values by the keys of the columns."""
    empty: str
    """What is said when there are no rows."""


_CALLBACKS = (
    Column("id", "id", is_number=True),
    Column("received_at", "received"),
    Column("kind", "kind"),
    Column("sid", "sid"),
    Column("status", "status"),
    Column("case_id", "case", is_number=True),
    Column("verdict", "verdict"),
    Column("request_id"),
    Column("complaint", "complaint"),
)
_DELIVERIES = (
    Column("id", "id", is_number=True),
    Column("created_at", "created"),
    Column("kind", "kind"),
    Column("case_id", "case", is_number=True, unset="by phone"),
    Column("sid", "sid"),
    Column("state", "state"),
    Column("tries", "tries", is_number=True),
    Column("next_try_at", "next try"),
    Column("refusal", "refusal"),
)
_SKIPPED = (
    Column("case", "case", is_number=True),
    Column("campaign", "campaign"),
    Column("kind", "kind"),
    Column("until", "until"),
    Column("since", "since"),
    Column("reason", "reason"),
)
_DECISIONS = (
    Column("id", "id", is_number=True),
    Column("decided_at", "decided"),
    Column("stage", "stage"),
    Column("case_id", "case", is_number=True),
    Column("channel", "by"),
    Column("decision", "decision"),
    Column("until", "until"),
    Column("attempt_id"),
    Column("inputs"),
    Column("why", "why"),
)
_OPT_OUTS = (
    Column("id", "id", is_number=True),
    Column("opted_out_at", "opted out"),
    Column("case_id", "case", is_number=True),
    Column("phone", "phone"),
    Column("channel"),
    Column("scope", "ends"),
    Column("source", "by"),
    Column("recorded_by", "recorded by"),
    Column("reason", "reason"),
    Column("lifted_at", "lifted"),
    Column("lifted_by", "lifted by"),
    Column("lift_reason"),
)
_CONSENTS = (
    Column("id", "id", is_number=True),
    Column("given_at", "given"),
    Column("phone", "phone"),
    Column("channel", "to"),
    Column("purpose", "for"),
    Column("source", "source"),
    Column("words"),
    Column("evidence", "evidence"),
    Column("recorded_at"),
    Column("recorded_by", "recorded by"),
    Column("revoked_at", "revoked"),
    Column("revoked_by", "revoked by"),
    Column("revoked_how", "how"),
)
_PAUSES = (
    Column("scope", "paused"),
    Column("what", "which"),
    Column("until", "until"),
    Column("source", "by"),
    Column("since", "since"),
    Column("reason", "reason"),
)


def callbacks(db: Database, verdict: str | None, limit: int) -> Listing:
    """The newest callbacks."""
    with db.read() as connection:
        rows = store_callbacks.listed(connection, Verdict(verdict) if verdict else None, limit)
    return _of_rows(_CALLBACKS, rows, "No callbacks.", kind=attrgetter("channel"))


def callback(db: Database, identity: int) -> Mapping[str, object] | None:
    """One callback whole, by what each part is called; None if there is none with this id."""
    with db.read() as connection:
        row: Any = store_callbacks.shown(connection, identity)
    if row is None:
        return None
    raw = "(erased)" if row.body is None else row.body.decode("utf-8", "backslashreplace")
    return {
        "id": row.id,
        "received": row.received_at,
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


def deliveries(db: Database, state: str | None, limit: int) -> Listing:
    """The newest messages to SmartAdvocate."""
    with db.read() as connection:
        rows = store_deliveries.listed(connection, DeliveryState(state) if state else None, limit)
    return _of_rows(_DELIVERIES, rows, "No deliveries.", next_try_at=_next_try)


def skipped(db: Database) -> Listing:
    """Cases that the last poll found due and skipped."""
    with db.read() as connection:
        rows = store_skipped.listed(connection)
    return _of_rows(
        _SKIPPED, rows, "No skipped cases.", case=attrgetter("key"), since=attrgetter("first_at")
    )


def decisions(db: Database, case_id: int | None, answer: str | None, limit: int) -> Listing:
    """The newest eligibility decisions."""
    with db.read() as connection:
        rows = store_decisions.listed(connection, case_id, answer, limit)
    return _of_rows(
        _DECISIONS,
        rows,
        "No decisions.",
        decision=attrgetter("answer"),
    )


def opt_outs(db: Database, wanted: OptOutFilter, limit: int) -> Listing:
    """The newest opt-outs, lifted ones too."""
    with db.read() as connection:
        rows = store_opt_outs.listed(connection, wanted, None, limit)
    return _of_rows(_OPT_OUTS, rows, "No opt-outs.", opted_out_at=attrgetter("created_at"))


def consents(db: Database, wanted: ConsentFilter, limit: int) -> Listing:
    """The newest consents, revoked ones too."""
    with db.read() as connection:
        rows = store_consents.listed(connection, wanted, None, limit)
    return _of_rows(
        _CONSENTS, rows, "No consents.", channel=lambda consent: CHANNEL_NAMES[consent.channel]
    )


def pauses(db: Database) -> Listing:
    """What is paused now."""
    with db.read() as connection:
        active = store_pauses.active(connection, datetime.now(UTC))
    rows = [
        {
            "scope": stored.pause.scope,
            "what": stored.pause.what,
            "until": stored.pause.until,
            "source": stored.source,
            "since": stored.created_at,
            "reason": stored.pause.reason,
        }
        for stored in active
    ]
    return Listing(_PAUSES, rows, "Nothing is paused.")


def _of_rows(
    columns: Sequence[Column], rows: Iterable[Any], empty: str, **values: Callable[[Any], Any]
) -> Listing:
    """A list of stored rows; `values` are those that the store calls otherwise."""
    read = {column.key: values.get(column.key) or attrgetter(column.key) for column in columns}
    return Listing(
        columns, [{key: value(row) for key, value in read.items()} for row in rows], empty
    )


def _next_try(row: Any) -> datetime | None:
    return row.due_at if row.state == DeliveryState.PENDING else None
