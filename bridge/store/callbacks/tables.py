"""Callbacks as they came, and the calls and texts that they were about."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bridge.store.schema import Id, Instant, metadata

_TO_DO = "settled_at is null and question is not null"

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
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
    # What somebody at the firm is asked about it (domain/questions.py); who has answered, and when.
    Column("question", String(16)),
    Column("settled_at", Instant),
    Column("settled_by", String(64)),
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
    # What is to do.
    Index(
        "ix_callbacks_to_do",
        "id",
        postgresql_where=text(_TO_DO),
        sqlite_where=text(_TO_DO),
    ),
)


communications = Table(
    "communications",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
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
    Column("reported_status", String(64)),
    Column("reported_note", String(64)),
    Column("counted", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("talk", String(8), nullable=False, server_default=text("'unsaid'")),
    # When it ended, if person and firm talked.
    Column("talked_at", Instant),
    # Our own attempt behind it; calls and texts by other apps on the account have none.
    Column("attempt_id", String(32)),
    # When Twilio is asked what became of it, should its last callback not have come by then.
    Column("check_at", Instant),
    # How it stands in the words of domain/contact_outcomes.py, and what people look for.
    Column("outcome", String(24), nullable=False, server_default=text("'under-way'")),
    Column("campaign", String(128)),
    Column("phone_end", String(4)),
    # Of a client-first call: when the greeting was heard to its end, when 1 was pressed, when
    # somebody of the firm was on the line; the first of the two, and whether it was abandoned.
    Column("heard_at", Instant),
    Column("asked_at", Instant),
    Column("taken_at", Instant),
    Column("greeted_at", Instant),
    Column("abandoned", Boolean),
    Index("ix_communications_case_id", "case_id", "created_at", "id"),
    Index("ix_communications_phone", "phone", "created_at"),
    Index("ix_communications_created_at", "created_at", "id"),
    Index("ix_communications_outcome", "outcome", "created_at", "id"),
    Index("ix_communications_campaign", "campaign", "created_at", "id"),
    Index("ix_communications_phone_end", "phone_end", "created_at", "id"),
    Index(
        "ix_communications_check_at",
        "check_at",
        postgresql_where=text("check_at is not null"),
        sqlite_where=text("check_at is not null"),
    ),
    Index(
        "ix_communications_greeted_at",
        "greeted_at",
        postgresql_where=text("greeted_at is not null"),
        sqlite_where=text("greeted_at is not null"),
    ),
)


# Calls and texts by the hour in which they began, for charts: counted anew while they change.
hourly_counts = Table(
    "hourly_counts",
    metadata,
    Column("hour", Instant, primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("direction", String(8), primary_key=True),
    Column("outcome", String(24), primary_key=True),
    Column("counted", Integer, nullable=False),
)
