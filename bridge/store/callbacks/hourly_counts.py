"""Calls and texts counted by the hour in which they began, so that no chart reads a month of them.

recount        an hour's counts, made anew of its calls and texts
mark_changed   one that began hours ago has another outcome: its hour is to be counted again
since          what there was from a moment on, by outcome
by_hour        the firm's calls by the hour of the day

The newest hours are read from the calls and texts themselves, the older ones as they were counted:
`counted_until` says up to where that was done (`sweep.py` does it).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, String, delete, func, select, text, type_coerce

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import Channel, Direction
from bridge.store import schedules
from bridge.store.db import insert_into
from bridge.store.tables import communications, hourly_counts

NAME = "count-hours"
"""The schedule whose mark says up to which hour all is counted, in hours since 1970."""
AN_HOUR = timedelta(hours=1)
LIVE = timedelta(hours=2)
"""So many hours before the current one are counted again and again, and read live."""
KEPT_FOR = timedelta(days=400)

_LONGEST_LIVE = timedelta(hours=26)
"""No more is read live, though nothing be counted: a page must not read a month."""
_CHANGED = "count "
_HOUR = "%Y-%m-%d %H"
_LOCK = 0x42524843
"""Any number that no other lock of this database uses."""

Kind = tuple[Channel, Direction, ContactOutcome]


def hour_of(moment: datetime) -> datetime:
    """The hour in which a moment lies."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def lock(connection: Connection) -> None:
    """Wait until nobody else counts, and keep others out until this transaction ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def counted_until(connection: Connection) -> datetime | None:
    """The hour before which all is counted; None before the first time."""
    mark = schedules.mark(connection, NAME)
    return datetime.fromtimestamp(mark * AN_HOUR.total_seconds(), UTC) if mark else None


def set_counted_until(connection: Connection, hour: datetime) -> None:
    """Remember the hour before which all is counted."""
    schedules.set_mark(connection, NAME, int(hour.timestamp() / AN_HOUR.total_seconds()))


def first_hour(connection: Connection, since: datetime) -> datetime | None:
    """The hour of the first call or text since then."""
    moment: datetime | None = connection.scalar(
        select(communications.c.created_at)
        .where(communications.c.created_at >= since)
        .order_by(communications.c.created_at)
        .limit(1)
    )
    return hour_of(moment) if moment else None


def recount(connection: Connection, start: datetime, end: datetime) -> int:
    """Count the hours from `start` until `end` anew; return how many rows there are now.

    Doing it twice changes nothing. Under `lock`, in its transaction.
    """
    within = (hourly_counts.c.hour >= start) & (hourly_counts.c.hour < end)
    hour = _hour(connection)
    what = (communications.c.channel, communications.c.direction, communications.c.outcome)
    found = connection.execute(
        select(hour.label("hour"), *what, func.count().label("counted"))
        .where(communications.c.created_at >= start, communications.c.created_at < end)
        .group_by(hour, *what)
    ).all()
    rows = [
        {
            "hour": datetime.strptime(row.hour, _HOUR).replace(tzinfo=UTC),
            "channel": row.channel,
            "direction": row.direction,
            "outcome": row.outcome,
            "counted": row.counted,
        }
        for row in found
    ]
    connection.execute(delete(hourly_counts).where(within))
    if rows:
        connection.execute(insert_into(connection, hourly_counts), rows)
    return len(rows)


def mark_changed(connection: Connection, created_at: datetime, now: datetime) -> None:
    """Have the hour of a call or text counted again, unless that happens anyway."""
    hour = hour_of(created_at)
    if hour < hour_of(now) - LIVE:
        schedules.remember(connection, f"{_CHANGED}{hour:{_HOUR}}", now, 0)


def changed(connection: Connection, now: datetime, limit: int) -> list[str]:
    """The names of hours that are to be counted again."""
    return schedules.due_once(connection, _CHANGED, now, limit)


def recount_changed(connection: Connection, name: str) -> int:
    """Count an hour again that has changed, unless somebody else has."""
    if schedules.done_once(connection, name) is None:
        return 0
    hour = datetime.strptime(name.removeprefix(_CHANGED), _HOUR).replace(tzinfo=UTC)
    return recount(connection, hour, hour + AN_HOUR)


def purge(connection: Connection, before: datetime) -> int:
    """Delete the counts of hours before then; return how many rows."""
    return connection.execute(delete(hourly_counts).where(hourly_counts.c.hour < before)).rowcount


def since(connection: Connection, start: datetime, now: datetime) -> Mapping[Kind, int]:
    """How many calls and texts there were from `start` on, by what they were and how they stand."""
    counted: Counter[Kind] = Counter()
    live_from = max(_live_from(connection, now), start)
    # A day that begins within an hour: the rest of that hour is read live.
    whole_from = hour_of(start + AN_HOUR - timedelta.resolution)
    what = (communications.c.channel, communications.c.direction, communications.c.outcome)
    live: list[ColumnElement[bool]] = [communications.c.created_at >= live_from]
    first_until = min(whole_from, live_from)
    if start < first_until:
        live.append(
            (communications.c.created_at >= start) & (communications.c.created_at < first_until)
        )
    queries = [select(*what, func.count()).where(where).group_by(*what) for where in live]
    stored = hourly_counts.c
    queries.append(
        select(stored.channel, stored.direction, stored.outcome, func.sum(stored.counted))
        .where(stored.hour >= whole_from, stored.hour < live_from)
        .group_by(stored.channel, stored.direction, stored.outcome)
    )
    for query in queries:
        for channel, direction, outcome, many in connection.execute(query):
            counted[Channel(channel), Direction(direction), ContactOutcome(outcome)] += int(many)
    return counted


def by_hour(
    connection: Connection, start: datetime, end: datetime, now: datetime
) -> Mapping[tuple[int, ContactOutcome], int]:
    """The firm's calls from one full hour until another, by UTC's hour of the day and outcome."""
    counted: Counter[tuple[int, ContactOutcome]] = Counter()
    live_from = _live_from(connection, now)
    ours = {"channel": Channel.CALL, "direction": Direction.OUTBOUND}
    stored, hour = hourly_counts.c, _hour_of_day(connection, hourly_counts.c.hour)
    queries = [
        select(hour, stored.outcome, func.sum(stored.counted))
        .where(
            stored.hour >= start,
            stored.hour < min(end, live_from),
            *(stored[name] == value for name, value in ours.items()),
        )
        .group_by(hour, stored.outcome)
    ]
    if end > live_from:
        kept, hour = communications.c, _hour_of_day(connection, communications.c.created_at)
        queries.append(
            select(hour, kept.outcome, func.count())
            .where(
                kept.created_at >= max(start, live_from),
                kept.created_at < end,
                *(kept[name] == value for name, value in ours.items()),
            )
            .group_by(hour, kept.outcome)
        )
    for query in queries:
        for at, outcome, many in connection.execute(query):
            counted[int(at), ContactOutcome(outcome)] += int(many)
    return counted


def _live_from(connection: Connection, now: datetime) -> datetime:
    """The hour from which on calls and texts are read themselves."""
    newest = hour_of(now)
    until = counted_until(connection) or newest - _LONGEST_LIVE
    return max(min(until, newest - LIVE), newest - _LONGEST_LIVE)


def _hour(connection: Connection) -> ColumnElement[str]:
    """The hour in which a call or text began, in UTC: `2026-11-23 17`."""
    began = communications.c.created_at
    if connection.dialect.name == "sqlite":
        return func.substr(type_coerce(began, String), 1, 13)
    return func.to_char(func.timezone("UTC", began), "YYYY-MM-DD HH24")


def _hour_of_day(connection: Connection, moment: ColumnElement[datetime]) -> ColumnElement[str]:
    """The hour of a time in UTC: `17`."""
    if connection.dialect.name == "sqlite":
        return func.substr(type_coerce(moment, String), 12, 2)
    return func.to_char(func.timezone("UTC", moment), "HH24")
