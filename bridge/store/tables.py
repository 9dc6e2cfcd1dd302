"""The tables. `SCHEMA` names the newest migration; a test holds the two together."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

SCHEMA = "0003"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, ISO text on SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the database the moment in UTC; a naive datetime is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the bridge a moment with its zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# SQLite numbers rows by itself only where the key is spelled INTEGER.
_Id = BigInteger().with_variant(Integer(), "sqlite")


callbacks = Table(
    "callbacks",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("received_at", Instant, nullable=False),
    Column("channel", String(8), nullable=False),
    Column("sid", String(64), nullable=False),
    Column("event", String(160), nullable=False),
    Column("status", String(32), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("complaint", Text),
    Column("case_id", BigInteger),
    Column("target", Text),
    Column("body", LargeBinary),
    Column("token", String(128)),
    Column("request_id", String(80)),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Instant),
    # What makes an event that event; also finds all events of a call or text.
    UniqueConstraint("sid", "event"),
    Index(
        "ix_callbacks_new",
        "id",
        postgresql_where=text("verdict = 'new'"),
        sqlite_where=text("verdict = 'new'"),
    ),
    Index(
        "ix_callbacks_odd",
        "verdict",
        "id",
        postgresql_where=text("verdict in ('unmatched', 'ambiguous', 'malformed', 'review')"),
        sqlite_where=text("verdict in ('unmatched', 'ambiguous', 'malformed', 'review')"),
    ),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("channel", String(8), nullable=False),
    Column("sid", String(64), nullable=False, unique=True),
    Column("direction", String(8), nullable=False),
    Column("case_id", BigInteger),
    Column("evidence", String(16), nullable=False),
    Column("phone", String(20)),
    Column("status", String(32), nullable=False),
    Column("answer", String(8), nullable=False),
    Column("duration", Integer),
    Column("sip_code", Integer),
    Column("error_code", Integer),
    Column("dialed_at", Instant),
    Column("ended_at", Instant),
    # Which outcome the case has been told: by a status, by a note; and whether it was counted.
    Column("told_status", String(64)),
    Column("told_note", String(64)),
    Column("counted", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("talk", String(8), nullable=False, server_default=text("'unsaid'")),
    # When it ended, if person and firm talked.
    Column("talked_at", Instant),
    # Our own attempt behind it; calls and texts by other apps on the account have none.
    Column("attempt_id", String(32)),
    # When Twilio is asked what became of it, should its last callback not have come by then.
    Column("ask_at", Instant),
    Index("ix_contacts_case_id", "case_id"),
    Index("ix_contacts_phone", "phone", "created_at"),
    Index(
        "ix_contacts_ask_at",
        "ask_at",
        postgresql_where=text("ask_at is not null"),
        sqlite_where=text("ask_at is not null"),
    ),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", BigInteger, primary_key=True, autoincrement=False),
    Column("status", String(32)),
    Column("attempts", Integer),
    Column("campaign", Text),
    Column("zip_code", String(16)),
    Column("read_at", Instant),
    Column("next_call", Instant),
    # The end of the newest call whose outcome was queued: an older one never overrides it.
    Column("newest_call_at", Instant),
    Column("newest_call", String(64)),
    # As SmartAdvocate gave them, in its order.
    Column("phones", JSON(none_as_null=True)),
    # The dialer status in the firm's own spelling.
    Column("label", Text),
    # The bridge's own next moment for the case, whatever SmartAdvocate shows; and since when the
    # bridge wants no further call.
    Column("not_before", Instant),
    Column("closed_at", Instant),
    # The date that staff have set for the next call, while it stands; and the one with which
    # SmartAdvocate listed the case when it was last taken up.
    Column("wished_call", Instant),
    Column("listed_call", Instant),
    Index(
        "ix_cases_next_call",
        "next_call",
        postgresql_where=text("status = 'To Dial'"),
        sqlite_where=text("status = 'To Dial'"),
    ),
)

case_phones = Table(
    "case_phones",
    metadata,
    Column("phone", String(20), primary_key=True),
    Column("case_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seen_at", Instant, nullable=False),
    Index("ix_case_phones_case_id", "case_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
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

breakers = Table(
    "breakers",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("rest_until", Instant),
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

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("phone", String(20), nullable=False),
    Column("case_id", BigInteger),
    Column("channel", String(8), nullable=False),
    Column("source", String(32), nullable=False),
    Column("sid", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("scope", String(8), nullable=False, server_default=text("'channel'")),
    Column("lifted_at", Instant),
    Column("lifted_by", String(64)),
    UniqueConstraint("phone", "source", "sid"),
    Index("ix_opt_outs_case_id", "case_id"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("labels", String(128), primary_key=True),
    Column("value", Float, nullable=False),
    Column("touched_at", Instant, nullable=False),
)

# A case's turn: from the poll that found it due until it was dealt with. One at a time a case.
turns = Table(
    "turns",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
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
    Column("over_at", Instant),
    Column("ending", Text),
    Index(
        "uq_turns_open",
        "case_id",
        unique=True,
        postgresql_where=text("state <> 'over'"),
        sqlite_where=text("state <> 'over'"),
    ),
    Index(
        "ix_turns_state",
        "state",
        "id",
        postgresql_where=text("state <> 'over'"),
        sqlite_where=text("state <> 'over'"),
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
    Column("state", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("placed_at", Instant),
    Column("ask_at", Instant),
    Column("asked", Integer, nullable=False, server_default=text("0")),
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
        "ask_at",
        postgresql_where=text("state in ('placing', 'unsure', 'placed', 'lost')"),
        sqlite_where=text("state in ('placing', 'unsure', 'placed', 'lost')"),
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

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("judged_at", Instant, nullable=False),
    Column("stage", String(8), nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("attempt_id", String(32)),
    Column("channel", String(8), nullable=False),
    Column("answer", String(8), nullable=False),
    Column("until", Instant),
    Column("why", Text, nullable=False),
    Column("inputs", JSON, nullable=False),
    Index("ix_verdicts_case_id", "case_id", "id"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("scope", String(16), nullable=False),
    Column("what", Text, nullable=False),
    Column("until", Instant),
    Column("reason", Text, nullable=False),
    Column("source", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("lifted_at", Instant),
    Index(
        "ix_pauses_open",
        "id",
        postgresql_where=text("lifted_at is null"),
        sqlite_where=text("lifted_at is null"),
    ),
)

# Numbers that have proved unfit for calls, for texts or for both.
numbers = Table(
    "numbers",
    metadata,
    Column("phone", String(20), primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("strikes", Integer, nullable=False),
    Column("out_of_use", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

# Cases that the last poll of their campaign found due and didn't take up, and why.
passed_over = Table(
    "passed_over",
    metadata,
    Column("campaign", String(128), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("case_id", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Instant),
    # What the judgement was based on, in short: until then nothing of it has changed.
    Column("basis", String(32), nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("ix_passed_over_case_id", "case_id"),
)

# What was noticed about a remote system and an operator must know.
notices = Table(
    "notices",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("subject", String(128), primary_key=True),
    Column("says", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# What is known of how many cases SmartAdvocate lists at most, campaign by campaign.
list_limits = Table(
    "list_limits",
    metadata,
    Column("campaign", String(128), primary_key=True),
    # So many at most, once it is known.
    Column("most", Integer),
    # A list of this length is suspected to be cut; this case was moved to see what follows it.
    Column("suspected", Integer),
    Column("moved_case", BigInteger),
    # A list of this length was found to be whole; and the longest that was ever seen.
    Column("whole", Integer),
    Column("longest", Integer, nullable=False, server_default=text("0")),
)

pace = Table(
    "pace",
    metadata,
    Column("name", String(16), primary_key=True),
    # The next call may be placed at this moment, whichever worker places it.
    Column("next_at", Instant, nullable=False),
)
