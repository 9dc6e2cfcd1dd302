"""Tables, columns and stored values are called what people call them; existing rows follow.

While this runs, processes of the version before still do. They are kept from acting: every claim of
work to deliver reads the circuit breakers, and every decision to call or text reads the
communications, under names that are gone when this commits. Twilio's callbacks are stored all the
same, since their table keeps its name and its columns, and are understood by the new version. An
inbound call or text gets an error from the old web app. What was on its way to SmartAdvocate at
that moment may be sent a second time: a status says the same again, of notes one for each of the
old worker's threads at most. On PostgreSQL an old worker takes each new callback for a broken one
and puts it off, a STOP too, for up to a minute. Stop the worker first to avoid both.

Run it again should PostgreSQL end it as a deadlock with an old process: nothing has changed then.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = {
    "breakers": "circuit_breakers",
    "contacts": "communications",
    "numbers": "number_health",
    "passed_over": "skipped_cases",
    "verdicts": "decisions",
}
_KEYS = {
    "circuit_breakers": ["name"],
    "communications": ["id"],
    "number_health": ["phone", "channel"],
    "skipped_cases": ["campaign", "key"],
    "decisions": ["id"],
}
_COLUMNS = (
    ("attempts", "ask_at", "check_at"),
    ("attempts", "asked", "checks"),
    ("circuit_breakers", "rest_until", "open_until"),
    ("communications", "ask_at", "check_at"),
    ("communications", "told_note", "reported_note"),
    ("communications", "told_status", "reported_status"),
    ("decisions", "judged_at", "decided_at"),
    ("number_health", "strikes", "failures"),
    ("skipped_cases", "basis", "fingerprint"),
    ("turns", "over_at", "ended_at"),
)
_VALUES_OF_LARGE_TABLES = (
    ("callbacks", "verdict", "kept", "recorded"),
    ("deliveries", "state", "done", "delivered"),
    ("deliveries", "state", "overtaken", "superseded"),
)
"""Written first: the locks that the renaming takes are then held for a moment alone."""

_VALUES = (
    ("attempts", "state", "placing", "reserved"),
    ("attempts", "state", "unsure", "unknown"),
    ("attempts", "state", "lost", "unresolved"),
    ("turns", "state", "found", "due"),
    ("turns", "state", "over", "ended"),
    ("skipped_cases", "kind", "broken", "unusable"),
    ("skipped_cases", "kind", "waiting", "deferred"),
    ("opt_outs", "scope", "someone", "shared-number"),
    ("pauses", "source", "household", "shared-number"),
    ("schedules", "name", "forget-notices", "clear-notices"),
    ("schedules", "name", "forget-words", "erase-words"),
    ("schedules", "name", "give-back-orphans", "release-orphans"),
    ("schedules", "name", "put-back-idle", "release-idle"),
    ("schedules", "name", "put-back-unclaimed", "release-unclaimed"),
    ("schedules", "name", "tell-floods", "report-floods"),
)
_COUNTED = (
    ("attempts", "unsure", "unknown"),
    ("callbacks", "kept", "recorded"),
    ("deliveries", "done", "delivered"),
    ("deliveries", "overtaken", "superseded"),
)
"""The last label of counts that outlive a process, joined to the others by `|`."""

_REFUSED = "sounded like a refusal: a person must decide"
_OPTED_OUT = "sounded like an opt-out: somebody must decide"
"""Why a case is held: a question is known by it, so that it isn't asked twice."""

_OLD_INDEXES = (
    ("ix_attempts_open", "attempts"),
    ("ix_contacts_ask_at", "contacts"),
    ("ix_contacts_case_id", "contacts"),
    ("ix_contacts_phone", "contacts"),
    ("ix_passed_over_case_id", "passed_over"),
    ("ix_turns_state", "turns"),
    ("ix_verdicts_case_id", "verdicts"),
    ("uq_turns_open", "turns"),
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _carry_over(_VALUES_OF_LARGE_TABLES)
    for index, table in _OLD_INDEXES:
        op.drop_index(index, table)
    for old, new in _TABLES.items():
        op.rename_table(old, new)
        if is_sqlite:
            _rename_constraints_of_sqlite(old, new)
        else:
            op.execute(f"ALTER INDEX pk_{old} RENAME TO pk_{new}")
    if not is_sqlite:
        op.execute("ALTER INDEX uq_contacts_sid RENAME TO uq_communications_sid")
        op.execute("ALTER SEQUENCE contacts_id_seq RENAME TO communications_id_seq")
        op.execute("ALTER SEQUENCE verdicts_id_seq RENAME TO decisions_id_seq")
    for table, old, new in _COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    with op.batch_alter_table("opt_outs") as opt_outs:
        opt_outs.alter_column(
            "scope",
            type_=sa.String(16),
            existing_type=sa.String(8),
            existing_nullable=False,
            existing_server_default=sa.text("'channel'"),
        )
    _carry_over(_VALUES)
    _carry_counts_over()
    pauses = sa.table("pauses", sa.column("source"), sa.column("reason"))
    reason = sa.func.replace(pauses.c.reason, _REFUSED, _OPTED_OUT)
    op.execute(pauses.update().where(pauses.c.source == "text").values(reason=reason))
    _create_indexes()


def _rename_constraints_of_sqlite(old: str, new: str) -> None:
    """Write the table anew: SQLite has no other way to name a constraint."""
    with op.batch_alter_table(new, recreate="always") as table:
        if old == "contacts":
            table.drop_constraint("uq_contacts_sid", type_="unique")
            table.create_unique_constraint("uq_communications_sid", ["sid"])
        table.create_primary_key(f"pk_{new}", _KEYS[new])


def _carry_over(values: Iterable[tuple[str, str, str, str]]) -> None:
    for name, column, old, new in values:
        table = sa.table(name, sa.column(column))
        op.execute(table.update().where(table.c[column] == old).values({column: new}))


def _carry_counts_over() -> None:
    tallies = sa.table("tallies", sa.column("name", sa.String), sa.column("labels", sa.String))
    for name, old, new in _COUNTED:
        labels = tallies.c.labels
        op.execute(
            tallies.update()
            .where(tallies.c.name == name, labels.like(f"%|{old}"))
            .values(labels=sa.func.substr(labels, 1, sa.func.length(labels) - len(old)).concat(new))
        )


def _create_indexes() -> None:
    _partial("ix_attempts_open", "attempts", ["state", "check_at"], _OPEN)
    _partial("ix_communications_check_at", "communications", ["check_at"], _TO_CHECK)
    op.create_index("ix_communications_case_id", "communications", ["case_id"])
    op.create_index("ix_communications_phone", "communications", ["phone", "created_at"])
    op.create_index("ix_decisions_case_id", "decisions", ["case_id", "id"])
    op.create_index("ix_skipped_cases_case_id", "skipped_cases", ["case_id"])
    _partial("ix_turns_state", "turns", ["state", "id"], _NOT_ENDED)
    _partial("uq_turns_open", "turns", ["case_id"], _NOT_ENDED, unique=True)


_OPEN = sa.text("state in ('reserved', 'unknown', 'placed', 'unresolved')")
_TO_CHECK = sa.text("check_at is not null")
_NOT_ENDED = sa.text("state <> 'ended'")


def _partial(
    name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = False
) -> None:
    op.create_index(name, table, columns, unique=unique, postgresql_where=where, sqlite_where=where)
