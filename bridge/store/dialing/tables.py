"""Turns and attempts, and all that decides about them."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from bridge.store.schema import Id, Instant, metadata

turns = Table(
    "turns",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", BigInteger, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    # The NextCall that the claim carries: no other bridge's claim has the same. And when it was
    # read back.
    Column("claim_mark", Instant),
    Column("confirmed_at", Instant),
    # The last time that its claim failed.
    Column("tried_at", Instant),
    Column("ended_at", Instant),
    Column("ending", Text),
    Index(
        "uq_turns_open",
        "case_id",
        unique=True,
        postgresql_where=text("state <> 'ended'"),
        sqlite_where=text("state <> 'ended'"),
    ),
    Index(
        "ix_turns_state",
        "state",
        "id",
        postgresql_where=text("state <> 'ended'"),
        sqlite_where=text("state <> 'ended'"),
    ),
    Index("ix_turns_case_id", "case_id", "id"),
)

# A call or text of ours: planned, then placed, then what became of it. Its id is in its URLs.


attempts = Table(
    "attempts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("turn_id", BigInteger, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("channel", String(8), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("via_firm", Boolean, nullable=False, server_default=text("false")),
    # The phone of the firm that is rung for it, and what was said there by key.
    Column("agent", String(20)),
    Column("agent_said", String(16)),
    Column("state", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("placed_at", Instant),
    Column("check_at", Instant),
    Column("checks", Integer, nullable=False, server_default=text("0")),
    Column("sid", String(64), unique=True),
    Column("machine_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("reason", Text),
    Index(
        "ix_attempts_due",
        "channel",
        "due_at",
        postgresql_where=text("state = 'planned'"),
        sqlite_where=text("state = 'planned'"),
    ),
    Index(
        "ix_attempts_open",
        "state",
        "check_at",
        postgresql_where=text("state in ('reserved', 'unknown', 'placed', 'unresolved')"),
        sqlite_where=text("state in ('reserved', 'unknown', 'placed', 'unresolved')"),
    ),
    Index(
        "ix_attempts_machine_at",
        "machine_at",
        postgresql_where=text("machine_at is not null"),
        sqlite_where=text("machine_at is not null"),
    ),
    Index("ix_attempts_case_id", "case_id", "placed_at"),
    Index("ix_attempts_placed_at", "placed_at"),
    Index("ix_attempts_phone", "phone", "placed_at"),
    Index("ix_attempts_turn_id", "turn_id"),
)


decisions = Table(
    "decisions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("decided_at", Instant, nullable=False),
    Column("stage", String(8), nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("attempt_id", String(32)),
    Column("channel", String(8), nullable=False),
    Column("answer", String(8), nullable=False),
    Column("until", Instant),
    Column("why", Text, nullable=False),
    Column("inputs", JSON, nullable=False),
    Index("ix_decisions_case_id", "case_id", "id"),
    Index("ix_decisions_decided_at", "decided_at", "id"),
)


pauses = Table(
    "pauses",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("scope", String(16), nullable=False),
    Column("what", Text, nullable=False),
    Column("until", Instant),
    Column("reason", Text, nullable=False),
    Column("source", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_by", String(64)),
    Column("lift_reason", Text),
    Index(
        "ix_pauses_open",
        "id",
        postgresql_where=text("lifted_at is null"),
        sqlite_where=text("lifted_at is null"),
    ),
    # What was ever held of a case or a number, in effect or not.
    Index(
        "ix_pauses_what",
        "what",
        "id",
        postgresql_where=text("scope in ('case', 'number')"),
        sqlite_where=text("scope in ('case', 'number')"),
    ),
    # Cases that are held until it is known who opted out, by the question.
    Index(
        "ix_pauses_held",
        "reason",
        "id",
        postgresql_where=text("lifted_at is null and source = 'shared-number'"),
        sqlite_where=text("lifted_at is null and source = 'shared-number'"),
    ),
)

# Numbers that have proved unfit for calls, for texts or for both.


number_health = Table(
    "number_health",
    metadata,
    Column("phone", String(20), primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("out_of_use", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

# Cases that the last poll of their campaign found due and skipped, and why.


skipped_cases = Table(
    "skipped_cases",
    metadata,
    Column("campaign", String(128), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("case_id", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Instant),
    # What the decision was based on, in short.
    Column("fingerprint", String(32), nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    # When it is decided on again, though nothing is known to have changed.
    Column("recheck_at", Instant),
    Index("ix_skipped_cases_case_id", "case_id"),
    Index("ix_skipped_cases_until", "until"),
)

# What was noticed about a remote system and an operator must know.


pace = Table(
    "pace",
    metadata,
    Column("name", String(16), primary_key=True),
    # The next call may be placed at this moment, whichever worker places it.
    Column("next_at", Instant, nullable=False),
)


# The phones of the firm that take agent-first calls. Who is on a call, the open attempts show.
agents = Table(
    "agents",
    metadata,
    Column("phone", String(20), primary_key=True),
    # Rings in a row that nobody took, and until when the phone rests after them.
    Column("missed", Integer, nullable=False, server_default=text("0")),
    Column("rests_until", Instant),
    Column("wrap_up_until", Instant),
    Column("rung_at", Instant),
    # Why it is held, where that isn't for its missed rings.
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("changed_at", Instant, nullable=False),
)


# By campaign: the answered client-first calls of the last 30 days, those of them that were
# abandoned, and since when it goes agent first for that; when somebody resumed it.
abandonment = Table(
    "abandonment",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("campaign", String(128), nullable=False, unique=True),
    Column("answered", Integer, nullable=False),
    Column("abandoned", Integer, nullable=False),
    Column("counted_at", Instant, nullable=False),
    Column("held_at", Instant),
    Column("resumed_at", Instant),
)
