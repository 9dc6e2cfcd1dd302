"""Sessions, sign-ins, the audit trail and errands."""

from sqlalchemy import JSON, BigInteger, Column, Index, String, Table, Text, text

from bridge.store.schema import Id, Instant, metadata

sessions = Table(
    "sessions",
    metadata,
    # Made of the token in the cookie: whoever reads the database can't sign in with it.
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("role", String(8), nullable=False),
    Column("address", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_sessions_seen_at", "seen_at"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("tried_at", Instant, nullable=False),
    Column("address", String(64), nullable=False),
    # Stored before the password is looked at, so that tries side by side count too.
    Column("succeeded_at", Instant),
    Index("ix_sign_ins_tried_at", "tried_at"),
    Index("ix_sign_ins_address", "address", "tried_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("case_id", BigInteger),
    Index("ix_audit_case_id", "case_id", "id"),
    Index("ix_audit_at", "at"),
)

# What only the worker does, since it alone asks Twilio and SmartAdvocate.
errands = Table(
    "errands",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(8), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("phone", String(20)),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("sid", String(64)),
    Column("result", JSON(none_as_null=True)),
    Index("ix_errands_kind", "kind", "id"),
    # Of a kind at most one is open.
    Index(
        "uq_errands_open",
        "kind",
        unique=True,
        postgresql_where=text("state in ('waiting', 'running')"),
        sqlite_where=text("state in ('waiting', 'running')"),
    ),
)
