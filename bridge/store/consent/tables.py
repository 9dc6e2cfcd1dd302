"""Opt-outs and consents, whose rows are never deleted; preferences; the do-not-call registry."""

from sqlalchemy import (
    BigInteger,
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
    # When it was stored, which may be later than it counts from.
    Column("recorded_at", Instant),
    # The person's own words; and when `bridge erase` has removed them.
    Column("words", Text),
    Column("words_erased_at", Instant),
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

# What a person has agreed to, for one number and channel, until it is revoked.
consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("phone", String(20), nullable=False),
    Column("phone_end", String(4), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("purpose", String(8), nullable=False),
    # Exactly what was agreed to; how; and where the proof is.
    Column("words", Text, nullable=False),
    Column("source", String(64), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", String(64), nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", String(64)),
    # How: by STOP, by key, by hand and why.
    Column("revoked_how", Text),
    # A hash over what was given: whoever imports a file twice adds nothing.
    Column("fingerprint", String(64), nullable=False),
    UniqueConstraint("fingerprint"),
    Index("ix_consents_phone", "phone", "id"),
    Index("ix_consents_phone_end", "phone_end", "id"),
    Index(
        "ix_consents_revoked",
        "id",
        postgresql_where=text("revoked_at is not null"),
        sqlite_where=text("revoked_at is not null"),
    ),
)

# How a person wants to be reached, as somebody at the firm has understood their words.
preferences = Table(
    "preferences",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("phone", String(20), nullable=False),
    Column("case_id", BigInteger),
    Column("kind", String(16), nullable=False),
    # The time of day or the day, where the kind has one.
    Column("value", String(16), nullable=False),
    # The text in which it was said.
    Column("sid", String(64)),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", String(64), nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_by", String(64)),
    Column("lift_reason", Text),
    Index("ix_preferences_phone", "phone", "id"),
    Index("ix_preferences_case_id", "case_id", "id"),
    Index("ix_preferences_sid", "sid"),
)

# The National Do Not Call Registry's list, as far as it was imported: by area code.
registry_areas = Table(
    "registry_areas",
    metadata,
    Column("area_code", Integer, primary_key=True, autoincrement=False),
    # When the list was downloaded: its age counts from here.
    Column("as_of", Instant, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("numbers", Integer, nullable=False),
    Column("file", String(128), nullable=False),
)

# Its numbers: of each exchange the last four digits, as 10,000 bits.
registry_exchanges = Table(
    "registry_exchanges",
    metadata,
    Column("area_code", Integer, primary_key=True, autoincrement=False),
    Column("exchange", Integer, primary_key=True, autoincrement=False),
    Column("lines", LargeBinary, nullable=False),
)

# Numbers at which the person of a case is not to be found.
wrong_numbers = Table(
    "wrong_numbers",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", BigInteger, nullable=False),
    Column("phone", String(20), nullable=False),
    # By text and confirmed, by key, by hand; and the text or call in which it was said.
    Column("source", String(32), nullable=False),
    Column("sid", String(64)),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", String(64), nullable=False),
    # Who has looked for a better number, as To do asks.
    Column("settled_at", Instant),
    Column("settled_by", String(64)),
    Column("lifted_at", Instant),
    Column("lifted_by", String(64)),
    Column("lift_reason", Text),
    Index("ix_wrong_numbers_case_id", "case_id", "id"),
    Index("ix_wrong_numbers_phone", "phone", "id"),
    Index(
        "ix_wrong_numbers_open",
        "id",
        postgresql_where=text("settled_at is null and lifted_at is null"),
        sqlite_where=text("settled_at is null and lifted_at is null"),
    ),
)
