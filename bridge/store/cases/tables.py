"""Cases, their phones, and how many of them SmartAdvocate lists."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text, text

from bridge.store.schema import Instant, metadata

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
    # SmartAdvocate listed the case when its last turn began.
    Column("wished_call", Instant),
    Column("listed_call", Instant),
    # Since when staff want no call of it, as long as they may mean the person.
    Column("stopped_at", Instant),
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
