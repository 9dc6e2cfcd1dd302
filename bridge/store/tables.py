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

SCHEMA = "0001"

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
    Index("ix_callbacks_new", "id", postgresql_where=text("verdict = 'new'"),
          sqlite_where=text("verdict = 'new'")),
    Index("ix_callbacks_odd", "verdict", "id",
          postgresql_where=text("verdict in ('unmatched', 'ambiguous', 'malformed', 'review')"),
          sqlite_where=text("verdict in ('unmatched', 'ambiguous', 'malformed', 'review')")),
)  # fmt: skip

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
    Index("ix_contacts_case_id", "case_id"),
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
    # The end of the newest call whose outcome was queued: an older one never overrides it.
    Column("newest_call_at", Instant),
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
    Index("ix_deliveries_pending", "lane", "id", postgresql_where=text("state = 'pending'"),
          sqlite_where=text("state = 'pending'")),
    Index("ix_deliveries_dead", "id", postgresql_where=text("state = 'dead'"),
          sqlite_where=text("state = 'dead'")),
    Index("ix_deliveries_case_id", "case_id", "kind", "id"),
)  # fmt: skip

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
    UniqueConstraint("phone", "source", "sid"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("labels", String(128), primary_key=True),
    Column("value", Float, nullable=False),
    Column("touched_at", Instant, nullable=False),
)
