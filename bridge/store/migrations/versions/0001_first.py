"""Callbacks, contacts, cases, deliveries and what their workers share."""

import sqlalchemy as sa
from alembic import op

from bridge.store.tables import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "breakers",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rest_until", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_breakers"),
    )
    op.create_table(
        "callbacks",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=160), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("complaint", sa.Text(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.String(length=128), nullable=True),
        sa.Column("request_id", sa.String(length=80), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
        sa.UniqueConstraint("sid", "event", name="uq_callbacks_sid_event"),
    )
    op.create_index(
        "ix_callbacks_new",
        "callbacks",
        ["id"],
        unique=False,
        postgresql_where=sa.text("verdict = 'new'"),
        sqlite_where=sa.text("verdict = 'new'"),
    )
    op.create_index(
        "ix_callbacks_odd",
        "callbacks",
        ["verdict", "id"],
        unique=False,
        postgresql_where=sa.text("verdict in ('unmatched', 'ambiguous', 'malformed', 'review')"),
        sqlite_where=sa.text("verdict in ('unmatched', 'ambiguous', 'malformed', 'review')"),
    )
    op.create_table(
        "case_phones",
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("phone", "case_id", name="pk_case_phones"),
    )
    op.create_index("ix_case_phones_case_id", "case_phones", ["case_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("zip_code", sa.String(length=16), nullable=True),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("newest_call_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
    )
    op.create_table(
        "contacts",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.String(length=16), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("sip_code", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("dialed_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("reported_status", sa.String(length=64), nullable=True),
        sa.Column("reported_note", sa.String(length=64), nullable=True),
        sa.Column("counted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("sid", name="uq_contacts_sid"),
    )
    op.create_index("ix_contacts_case_id", "contacts", ["case_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("give_up_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_case_id", "deliveries", ["case_id", "kind", "id"], unique=False)
    op.create_index(
        "ix_deliveries_dead",
        "deliveries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'dead'"),
        sqlite_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_deliveries_pending",
        "deliveries",
        ["lane", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "lanes",
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("held_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("lane", name="pk_lanes"),
    )
    op.create_index("ix_lanes_due_at", "lanes", ["due_at"], unique=False)
    op.create_table(
        "opt_outs",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opt_outs"),
        sa.UniqueConstraint("phone", "source", "sid", name="uq_opt_outs_phone_source_sid"),
    )
    op.create_table(
        "schedules",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("mark", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schedules"),
    )
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("labels", sa.String(length=128), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("touched_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name="pk_tallies"),
    )
