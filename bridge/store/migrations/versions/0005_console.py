"""What the console shows is stored: outcomes of calls and texts, counts, heartbeats, who did what.

Calls and texts that are stored already get the outcome that their case was told.
"""

import sqlalchemy as sa
from alembic import op

from bridge.store.schema import Id, Instant

revision = "0005"
down_revision = "0004"

_OUTCOMES = (
    ("picked-up", ("cut-short", "hung-up", "heard-alone")),
    ("talked", ("reached", "called-in", "called-back", "reached-us")),
    ("delivered", ("text-delivered",)),
    ("not-delivered", ("text-failed",)),
    ("opted-out", ("heard-stop", "held-stop")),
    ("firms-side", ("own-words",)),
    ("turned-away", ("rejected", "busy-signal", "rejected-noted", "busy-signal-noted")),
    (None, ("machine", "busy", "no-answer", "not-connected", "heard", "failed", "missed")),
)
"""Outcomes by what a case was told; None: called the same."""

_UNFINISHED = (
    "accepted",
    "scheduled",
    "queued",
    "initiated",
    "sending",
    "ringing",
    "sent",
    "in-progress",
    "receiving",
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_index("ix_audit_case_id", "audit", ["case_id", "id"], unique=False)
    op.create_table(
        "errands",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_errands"),
    )
    op.create_index("ix_errands_kind", "errands", ["kind", "id"], unique=False)
    op.create_index(
        "uq_errands_open",
        "errands",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("state in ('waiting', 'running')"),
        sqlite_where=sa.text("state in ('waiting', 'running')"),
    )
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("dials", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("process", name="pk_heartbeats"),
    )
    op.create_index("ix_heartbeats_seen_at", "heartbeats", ["seen_at"], unique=False)
    op.create_table(
        "hourly_counts",
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "channel", "direction", "outcome", name="pk_hourly_counts"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"], unique=False)
    op.create_table(
        "sign_ins",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("tried_at", Instant(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("succeeded_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_address", "sign_ins", ["address", "tried_at"], unique=False)
    op.create_index("ix_sign_ins_tried_at", "sign_ins", ["tried_at"], unique=False)
    op.add_column("callbacks", sa.Column("question", sa.String(length=16), nullable=True))
    op.add_column("callbacks", sa.Column("settled_at", Instant(), nullable=True))
    op.add_column("callbacks", sa.Column("settled_by", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_callbacks_to_do",
        "callbacks",
        ["id"],
        unique=False,
        postgresql_where=sa.text("settled_at is null and question is not null"),
        sqlite_where=sa.text("settled_at is null and question is not null"),
    )
    op.add_column(
        "communications",
        sa.Column(
            "outcome", sa.String(length=24), server_default=sa.text("'under-way'"), nullable=False
        ),
    )
    op.add_column("communications", sa.Column("campaign", sa.String(length=128), nullable=True))
    op.add_column("communications", sa.Column("phone_end", sa.String(length=4), nullable=True))
    op.drop_index("ix_communications_case_id", table_name="communications")
    op.create_index(
        "ix_communications_case_id", "communications", ["case_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_communications_campaign",
        "communications",
        ["campaign", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_communications_created_at", "communications", ["created_at", "id"], unique=False
    )
    op.create_index(
        "ix_communications_outcome", "communications", ["outcome", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_communications_phone_end",
        "communications",
        ["phone_end", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_deliveries_unmatched",
        "deliveries",
        ["sid"],
        unique=False,
        postgresql_where=sa.text("state = 'unmatched'"),
        sqlite_where=sa.text("state = 'unmatched'"),
    )
    op.add_column("opt_outs", sa.Column("lift_reason", sa.Text(), nullable=True))
    op.add_column("opt_outs", sa.Column("phone_end", sa.String(length=4), nullable=True))
    op.create_index("ix_opt_outs_phone_end", "opt_outs", ["phone_end", "id"], unique=False)
    op.create_index(
        "ix_opt_outs_lifted",
        "opt_outs",
        ["id"],
        unique=False,
        postgresql_where=sa.text("lifted_at is not null"),
        sqlite_where=sa.text("lifted_at is not null"),
    )
    op.add_column("opt_outs", sa.Column("recorded_by", sa.String(length=64), nullable=True))
    op.add_column("opt_outs", sa.Column("reason", sa.Text(), nullable=True))
    op.create_index("ix_skipped_cases_until", "skipped_cases", ["until"], unique=False)
    op.create_index(
        "ix_pauses_held",
        "pauses",
        ["reason", "id"],
        unique=False,
        postgresql_where=sa.text("lifted_at is null and source = 'shared-number'"),
        sqlite_where=sa.text("lifted_at is null and source = 'shared-number'"),
    )
    op.add_column("pauses", sa.Column("lifted_by", sa.String(length=64), nullable=True))
    op.add_column("pauses", sa.Column("lift_reason", sa.Text(), nullable=True))
    op.create_index(
        "ix_pauses_what",
        "pauses",
        ["what", "id"],
        unique=False,
        postgresql_where=sa.text("scope in ('case', 'number')"),
        sqlite_where=sa.text("scope in ('case', 'number')"),
    )
    _fill_in()


def _fill_in() -> None:
    _ask()
    op.execute(
        "UPDATE opt_outs SET phone_end = substr(phone, length(phone) - 3) WHERE length(phone) >= 4"
    )
    op.execute(
        "UPDATE communications SET phone_end = substr(phone, length(phone) - 3) "
        "WHERE phone is not null and length(phone) >= 4"
    )
    op.execute(
        "UPDATE communications SET campaign = (SELECT substr(turns.campaign, 1, 128) FROM attempts "
        "JOIN turns ON turns.id = attempts.turn_id "
        "WHERE attempts.id = communications.attempt_id) WHERE attempt_id is not null"
    )
    op.execute(
        "UPDATE communications SET campaign = (SELECT substr(cases.campaign, 1, 128) FROM cases "
        "WHERE cases.case_id = communications.case_id) "
        "WHERE case_id is not null AND coalesce(campaign, '') = ''"
    )
    op.execute("UPDATE communications SET campaign = NULL WHERE campaign = ''")
    names = ("channel", "direction", "status", "answer", "talk", "duration", "case_id", "phone")
    communications = sa.table(
        "communications", *(sa.column(name) for name in (*names, "reported_note", "outcome"))
    )
    of = communications.c
    told, ended = of.reported_note, of.status.not_in((*_UNFINISHED, "canceled"))
    is_text, is_inbound = of.channel == "text", of.direction == "inbound"
    is_noted = of.case_id.is_not(None) | of.phone.like("+1__________")
    outcome = sa.case(
        *((told == word, new or word) for new, words in _OUTCOMES for word in words),
        (told.like("failed|%"), "failed"),
        (told.like("text-failed|%"), "not-delivered"),
        (is_text & is_inbound, "wrote"),
        (of.status.in_(_UNFINISHED), "under-way"),
        (
            is_inbound,
            sa.case(((of.status == "completed") & (of.talk != "missed"), "talked"), else_="missed"),
        ),
        (of.status == "canceled", "canceled"),
        # Of every other call and text that has ended, a case or a phone was told.
        (told.is_(None) & ended & is_noted & ~is_text, "firms-side"),
        (of.status.in_(("delivered", "read")), "delivered"),
        (is_text, "not-delivered"),
        (of.status.in_(("busy", "no-answer", "failed")), of.status),
        (of.talk == "bridged", "talked"),
        (of.talk == "missed", "not-connected"),
        (of.answer == "machine", "machine"),
        ((of.answer == "human") | (of.duration >= 10), "talked"),
        else_="picked-up",
    )
    op.execute(sa.update(communications).values(outcome=outcome))
    op.execute(
        "UPDATE communications SET outcome = 'firms-side' WHERE EXISTS (SELECT 1 FROM attempts "
        "WHERE attempts.id = communications.attempt_id AND attempts.via_firm "
        "AND attempts.phone <> communications.phone)"
    )
    op.execute(
        "UPDATE communications SET outcome = 'opted-out' WHERE channel = 'call' AND EXISTS "
        "(SELECT 1 FROM opt_outs WHERE opt_outs.sid = communications.sid AND source = 'key')"
    )


def _ask() -> None:
    """What somebody at the firm is asked about callbacks that are stored already."""
    op.execute("UPDATE callbacks SET question = 'malformed' WHERE verdict = 'malformed'")
    op.execute(
        "UPDATE callbacks SET question = 'whose' WHERE verdict in ('unmatched', 'ambiguous') "
        "AND id = (SELECT min(one.id) FROM callbacks one WHERE one.sid = callbacks.sid "
        "AND one.verdict in ('unmatched', 'ambiguous'))"
    )
    # Whose refusal it was is asked by the cases that are held for it.
    op.execute(
        "UPDATE callbacks SET question = 'look' WHERE verdict = 'review' "
        "AND complaint is not null AND complaint not like 'whose refusal was it?%'"
    )
    for question, mark in (("stop", "refusal"), ("wrong-number", "wrong-number")):
        op.execute(
            f"UPDATE callbacks SET question = '{question}' WHERE verdict = 'review' "  # noqa: S608
            "AND question is null AND EXISTS (SELECT 1 FROM communications WHERE "
            "communications.sid = callbacks.sid AND communications.phone is not null "
            f"AND communications.reported_note in ('heard-{mark}', 'held-{mark}'))"
        )
