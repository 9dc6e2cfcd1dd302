"""Consents, preferences, the do-not-call registry, the firm's agents, and the chain of evidence."""

import sqlalchemy as sa
from alembic import op

from bridge.store.schema import Id, Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _consents()
    _preferences()
    _stops()
    _registry()
    _wrong_numbers()
    _agents()
    _checkpoints()
    _abandonment()


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("phone_end", sa.String(length=4), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.Column("revoked_how", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.UniqueConstraint("fingerprint", name="uq_consents_fingerprint"),
    )
    op.create_index("ix_consents_phone", "consents", ["phone", "id"], unique=False)
    op.create_index("ix_consents_phone_end", "consents", ["phone_end", "id"], unique=False)
    op.create_index(
        "ix_consents_revoked",
        "consents",
        ["id"],
        unique=False,
        postgresql_where=sa.text("revoked_at is not null"),
        sqlite_where=sa.text("revoked_at is not null"),
    )


def _preferences() -> None:
    op.create_table(
        "preferences",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=16), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_preferences"),
    )
    op.create_index("ix_preferences_phone", "preferences", ["phone", "id"], unique=False)
    op.create_index("ix_preferences_case_id", "preferences", ["case_id", "id"], unique=False)
    op.create_index("ix_preferences_sid", "preferences", ["sid"], unique=False)


def _stops() -> None:
    op.add_column("cases", sa.Column("stopped_at", Instant(), nullable=True))


def _registry() -> None:
    op.create_table(
        "registry_areas",
        sa.Column("area_code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("area_code", name="pk_registry_areas"),
    )
    op.create_table(
        "registry_exchanges",
        sa.Column("area_code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("exchange", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("area_code", "exchange", name="pk_registry_exchanges"),
    )
    op.add_column("skipped_cases", sa.Column("recheck_at", Instant(), nullable=True))


def _wrong_numbers() -> None:
    op.create_table(
        "wrong_numbers",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_numbers"),
    )
    op.create_index("ix_wrong_numbers_case_id", "wrong_numbers", ["case_id", "id"], unique=False)
    op.create_index("ix_wrong_numbers_phone", "wrong_numbers", ["phone", "id"], unique=False)
    is_open = sa.text("settled_at is null and lifted_at is null")
    op.create_index(
        "ix_wrong_numbers_open",
        "wrong_numbers",
        ["id"],
        unique=False,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )


def _agents() -> None:
    op.add_column("attempts", sa.Column("agent", sa.String(length=20), nullable=True))
    op.add_column("attempts", sa.Column("agent_said", sa.String(length=16), nullable=True))
    op.create_table(
        "agents",
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("missed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rests_until", Instant(), nullable=True),
        sa.Column("wrap_up_until", Instant(), nullable=True),
        sa.Column("rung_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("phone", name="pk_agents"),
    )


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("covers", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_checkpoints"),
    )
    op.create_index(
        "ix_checkpoints_covers", "checkpoints", ["covers", "first_id", "id"], unique=False
    )
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at", "id"], unique=False)
    op.add_column("opt_outs", sa.Column("recorded_at", Instant(), nullable=True))
    op.execute("UPDATE opt_outs SET recorded_at = created_at")
    # A person's own words of refusal outlive the raw callback that brought them.
    op.add_column("opt_outs", sa.Column("words", sa.Text(), nullable=True))
    op.add_column("opt_outs", sa.Column("words_erased_at", Instant(), nullable=True))


def _abandonment() -> None:
    for name in ("heard_at", "asked_at", "taken_at", "greeted_at"):
        op.add_column("communications", sa.Column(name, Instant(), nullable=True))
    op.add_column("communications", sa.Column("abandoned", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_communications_greeted_at",
        "communications",
        ["greeted_at"],
        unique=False,
        postgresql_where=sa.text("greeted_at is not null"),
        sqlite_where=sa.text("greeted_at is not null"),
    )
    op.create_table(
        "abandonment",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("campaign", sa.String(length=128), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.Column("counted_at", Instant(), nullable=False),
        sa.Column("held_at", Instant(), nullable=True),
        sa.Column("resumed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_abandonment"),
        sa.UniqueConstraint("campaign", name="uq_abandonment_campaign"),
    )
