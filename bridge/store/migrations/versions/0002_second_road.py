"""Turns, attempts and what they are judged by."""

import sqlalchemy as sa
from alembic import op

from bridge.store.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("via_firm", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("not_after", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("placed_at", Instant(), nullable=True),
        sa.Column("ask_at", Instant(), nullable=True),
        sa.Column("asked", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("machine_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("sid", name="uq_attempts_sid"),
    )
    op.create_index("ix_attempts_case_id", "attempts", ["case_id", "placed_at"], unique=False)
    op.create_index(
        "ix_attempts_due",
        "attempts",
        ["channel", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
        sqlite_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_attempts_machine_at",
        "attempts",
        ["machine_at"],
        unique=False,
        postgresql_where=sa.text("machine_at is not null"),
        sqlite_where=sa.text("machine_at is not null"),
    )
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["state", "ask_at"],
        unique=False,
        postgresql_where=sa.text("state in ('placing', 'unsure', 'placed', 'lost')"),
        sqlite_where=sa.text("state in ('placing', 'unsure', 'placed', 'lost')"),
    )
    op.create_index("ix_attempts_phone", "attempts", ["phone", "placed_at"], unique=False)
    op.create_index("ix_attempts_placed_at", "attempts", ["placed_at"], unique=False)
    op.create_index("ix_attempts_turn_id", "attempts", ["turn_id"], unique=False)
    op.create_table(
        "numbers",
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("out_of_use", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("phone", "channel", name="pk_numbers"),
    )
    op.create_table(
        "pace",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pace"),
    )
    op.create_table(
        "passed_over",
        sa.Column("campaign", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "key", name="pk_passed_over"),
    )
    op.create_index("ix_passed_over_case_id", "passed_over", ["case_id"], unique=False)
    op.create_table(
        "pauses",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pauses"),
    )
    op.create_index(
        "ix_pauses_open",
        "pauses",
        ["id"],
        unique=False,
        postgresql_where=sa.text("lifted_at is null"),
        sqlite_where=sa.text("lifted_at is null"),
    )
    op.create_table(
        "turns",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("over_at", Instant(), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    op.create_index("ix_turns_case_id", "turns", ["case_id", "id"], unique=False)
    op.create_index(
        "ix_turns_state",
        "turns",
        ["state", "id"],
        unique=False,
        postgresql_where=sa.text("state <> 'over'"),
        sqlite_where=sa.text("state <> 'over'"),
    )
    op.create_index(
        "uq_turns_open",
        "turns",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'over'"),
        sqlite_where=sa.text("state <> 'over'"),
    )
    op.create_table(
        "verdicts",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("judged_at", Instant(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", sa.String(length=32), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_case_id", "verdicts", ["case_id", "id"], unique=False)
    op.add_column("cases", sa.Column("phones", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("cases", sa.Column("next_call", Instant(), nullable=True))
    op.create_index(
        "ix_cases_next_call",
        "cases",
        ["next_call"],
        unique=False,
        postgresql_where=sa.text("status = 'To Dial'"),
        sqlite_where=sa.text("status = 'To Dial'"),
    )
    op.add_column(
        "contacts",
        sa.Column("talk", sa.String(length=8), server_default=sa.text("'unsaid'"), nullable=False),
    )
    op.add_column("contacts", sa.Column("attempt_id", sa.String(length=32), nullable=True))
    op.add_column("contacts", sa.Column("ask_at", Instant(), nullable=True))
    op.create_index(
        "ix_contacts_ask_at",
        "contacts",
        ["ask_at"],
        unique=False,
        postgresql_where=sa.text("ask_at is not null"),
        sqlite_where=sa.text("ask_at is not null"),
    )
    op.create_index("ix_contacts_phone", "contacts", ["phone", "created_at"], unique=False)
    op.add_column(
        "opt_outs",
        sa.Column(
            "scope", sa.String(length=8), server_default=sa.text("'channel'"), nullable=False
        ),
    )
    op.add_column("opt_outs", sa.Column("lifted_at", Instant(), nullable=True))
    op.add_column("opt_outs", sa.Column("lifted_by", sa.String(length=64), nullable=True))
    op.create_index("ix_opt_outs_case_id", "opt_outs", ["case_id"], unique=False)
