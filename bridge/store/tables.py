"""All tables: those of each aggregate, and those that all of them share."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from bridge.store.callbacks.tables import callbacks, communications, hourly_counts
from bridge.store.cases.tables import case_phones, cases, list_limits
from bridge.store.consent.tables import (
    consents,
    opt_outs,
    preferences,
    registry_areas,
    registry_exchanges,
    wrong_numbers,
)
from bridge.store.console.tables import audit, errands, sessions, sign_ins
from bridge.store.dialing.tables import (
    abandonment,
    agents,
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
    "abandonment",
    "agents",
    "attempts",
    "audit",
    "callbacks",
    "case_phones",
    "cases",
    "checkpoints",
    "circuit_breakers",
    "communications",
    "consents",
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
    "preferences",
    "registry_areas",
    "registry_exchanges",
    "schedules",
    "sessions",
    "sign_ins",
    "skipped_cases",
    "tallies",
    "turns",
    "wrong_numbers",
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

# What chains the evidence: hashes of the rows that came, ended, lost words or were deleted
# since the checkpoint before (domain/evidence_chain.py). Ids count up without a gap.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("made_at", Instant, nullable=False),
    # All rows of that time or older are in the chain by now.
    Column("until", Instant),
    Column("covers", String(16), nullable=False),
    Column("kind", String(8), nullable=False),
    # Of the rows below.
    Column("first_id", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    # The id of each row and a short hash of it, one after the other.
    Column("rows", LargeBinary, nullable=False),
    # Over all of this and the chain before.
    Column("chain", String(64), nullable=False),
    Index("ix_checkpoints_covers", "covers", "first_id", "id"),
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
