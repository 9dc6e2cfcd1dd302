"""Opt-outs. Rows are never deleted."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text, UniqueConstraint, text

from bridge.store.schema import Id, Instant, metadata

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("phone", String(20), nullable=False),
    Column("case_id", BigInteger),
    Column("channel", String(8), nullable=False),
    Column("source", String(32), nullable=False),
    Column("sid", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("scope", String(16), nullable=False, server_default=text("'channel'")),
    Column("lifted_at", Instant),
    Column("lifted_by", String(64)),
    Column("lift_reason", Text),
    # Who at the firm recorded it, and why; NULL where the person's own text or key did.
    Column("recorded_by", String(64)),
    Column("reason", Text),
    Column("phone_end", String(4)),
    UniqueConstraint("phone", "source", "sid"),
    Index("ix_opt_outs_case_id", "case_id"),
    Index("ix_opt_outs_phone_end", "phone_end", "id"),
    Index(
        "ix_opt_outs_lifted",
        "id",
        postgresql_where=text("lifted_at is not null"),
        sqlite_where=text("lifted_at is not null"),
    ),
)
