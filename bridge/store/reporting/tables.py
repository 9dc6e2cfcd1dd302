"""Deliveries to SmartAdvocate, and the lanes that keep them in order."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text, text

from bridge.store.schema import Id, Instant, metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("lane", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("give_up_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("case_id", BigInteger),
    Column("sid", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("plan", JSON(none_as_null=True)),
    Column("result", JSON(none_as_null=True)),
    Column("refusal", Text),
    Index(
        "ix_deliveries_pending",
        "lane",
        "id",
        postgresql_where=text("state = 'pending'"),
        sqlite_where=text("state = 'pending'"),
    ),
    Index(
        "ix_deliveries_dead",
        "id",
        postgresql_where=text("state = 'dead'"),
        sqlite_where=text("state = 'dead'"),
    ),
    # Notes by phone for which SmartAdvocate knows no case: somebody may know it.
    Index(
        "ix_deliveries_unmatched",
        "sid",
        postgresql_where=text("state = 'unmatched'"),
        sqlite_where=text("state = 'unmatched'"),
    ),
    Index("ix_deliveries_case_id", "case_id", "kind", "id"),
)


lanes = Table(
    "lanes",
    metadata,
    Column("lane", String(64), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("holder", String(64)),
    Column("held_until", Instant),
    Index("ix_lanes_due_at", "due_at"),
)
