"""The circuit breakers: when a remote system as a whole is down, one probe asks instead of all.

A row a target, shared by all workers and changed in the transaction that acts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, select, update

from bridge.store.db import insert_into
from bridge.store.tables import circuit_breakers

TRIPS_AT = 5
"""Failures in a row, over all workers, after which the target counts as down."""

_PROBE = timedelta(seconds=30)

# Built once: to build and hash a statement takes longer than to run it.
_SEEN = select(circuit_breakers).where(circuit_breakers.c.name == bindparam("named"))
_LOCKED = _SEEN.with_for_update()


def allowance(connection: Connection, name: str, now: datetime) -> int | None:
    """How many requests may start now: None for any number, 0 for none, 1 for a probe."""
    if is_at_rest(connection, name):
        return None
    row = _row(connection, name)
    if row is None or row.open_until is None:
        return None
    return 0 if row.open_until > now else 1


def is_at_rest(connection: Connection, name: str) -> bool:
    """Whether any number of requests may start. Takes no lock, which all workers would wait for."""
    row = connection.execute(_SEEN, {"named": name}).one_or_none()
    return row is None or row.open_until is None


def start_probe(connection: Connection, name: str, now: datetime) -> None:
    """Store that a probe is under way: nobody else asks until it has answered, or for too long."""
    connection.execute(
        update(circuit_breakers)
        .where(circuit_breakers.c.name == name)
        .values(open_until=now + _PROBE)
    )


def record_failure(
    connection: Connection,
    name: str,
    now: datetime,
    *,
    reason: str,
    pause: timedelta,
    at_once: bool,
) -> None:
    """Count a failure; from the fifth in a row (or `at_once`) the breaker is open for `pause`."""
    connection.execute(
        insert_into(connection, circuit_breakers)
        .values(name=name, failures=0)
        .on_conflict_do_nothing()
    )
    row = _row(connection, name)
    failures = (row.failures if row else 0) + 1
    tripped = failures >= TRIPS_AT or at_once
    since = (row.since if row else None) or now
    connection.execute(
        update(circuit_breakers)
        .where(circuit_breakers.c.name == name)
        .values(
            failures=failures,
            reason=reason,
            since=since,
            open_until=now + pause if tripped else None,
        )
    )


def failures(connection: Connection, name: str) -> int:
    """How many failures there were in a row."""
    return (
        connection.scalar(
            select(circuit_breakers.c.failures).where(circuit_breakers.c.name == name)
        )
        or 0
    )


def record_success(connection: Connection, name: str) -> None:
    """The target answered: the breaker is closed."""
    row = connection.execute(_SEEN, {"named": name}).one_or_none()
    if row is None or not row.failures:
        return
    connection.execute(
        update(circuit_breakers)
        .where(circuit_breakers.c.name == name, circuit_breakers.c.failures > 0)
        .values(failures=0, open_until=None, reason=None, since=None)
    )


def down(connection: Connection) -> Mapping[str, tuple[datetime, str]]:
    """The targets that don't answer: since when, and what they said."""
    rows = connection.execute(
        select(circuit_breakers).where(circuit_breakers.c.open_until.is_not(None))
    )
    return {row.name: (row.since, row.reason or "") for row in rows}


def _row(connection: Connection, name: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(_LOCKED, {"named": name}).one_or_none()
