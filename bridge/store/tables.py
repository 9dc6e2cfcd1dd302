"""All tables: those of each aggregate, and those that all of them share."""

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table, Text, text

from bridge.store.callbacks.tables import callbacks, communications
from bridge.store.cases.tables import case_phones, cases, list_limits
from bridge.store.consent.tables import opt_outs
from bridge.store.dialing.tables import (
    attempts,
    decisions,
    number_health,
    pace,
    pauses,
    skipped_cases,
    turns,
)
from bridge.store.reporting.tables import deliveries, lanes
from bridge.store.schema import SCHEMA, Instant, metadata

__all__ = [
    "SCHEMA",
    "Instant",
    "attempts",
    "callbacks",
    "case_phones",
    "cases",
    "circuit_breakers",
    "communications",
    "decisions",
    "deliveries",
    "lanes",
    "list_limits",
    "metadata",
    "notices",
    "number_health",
    "opt_outs",
    "pace",
    "pauses",
    "schedules",
    "skipped_cases",
    "tallies",
    "turns",
]

circuit_breakers = Table(
    "circuit_breakers",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("open_until", Instant),
    Column("reason", Text),
    Column("since", Instant),
)


schedules = Table(
    "schedules",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("mark", BigInteger, nullable=False, server_default=text("0")),
)


tallies = Table(
    "tallies",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("labels", String(128), primary_key=True),
    Column("value", Float, nullable=False),
    Column("touched_at", Instant, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("subject", String(128), primary_key=True),
    Column("says", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)
