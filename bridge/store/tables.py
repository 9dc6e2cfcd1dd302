"""All tables: those of each aggregate, and those that all of them share."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text, text

from bridge.store.callbacks.tables import callbacks, communications, hourly_counts
from bridge.store.cases.tables import case_phones, cases, list_limits
from bridge.store.consent.tables import opt_outs
from bridge.store.console.tables import audit, errands, sessions, sign_ins
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
    "audit",
    "callbacks",
    "case_phones",
    "cases",
    "circuit_breakers",
    "communications",
    "decisions",
    "deliveries",
    "errands",
    "heartbeats",
    "hourly_counts",
    "lanes",
    "list_limits",
    "metadata",
    "notices",
    "number_health",
    "opt_outs",
    "pace",
    "pauses",
    "schedules",
    "sessions",
    "sign_ins",
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

# Each process of the bridge, as long as it lives: what says that it works.
heartbeats = Table(
    "heartbeats",
    metadata,
    Column("process", String(64), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    # Whether it calls and texts: a worker with DIAL_ENABLED.
    Column("dials", Boolean, nullable=False),
    Column("version", String(32), nullable=False),
    Index("ix_heartbeats_seen_at", "seen_at"),
)
