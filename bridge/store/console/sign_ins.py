"""Tries to sign in, a row each, over all processes: what slows down whoever guesses.

A try is stored before the password is looked at, each by a statement of its own: of tries side by
side the one that is stored last sees all others, so that no more than allowed get through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select, update

from bridge.domain.sign_in_limits import KNOWN_FOR, OF_ALL, OF_AN_ADDRESS, most, waits_until
from bridge.store.tables import sessions, sign_ins

_NONE = 0


@dataclass(frozen=True)
class Try:
    """A try that may go on, or has to wait."""

    id: int
    waits_until: datetime | None


def begin(connection: Connection, address: str, now: datetime) -> Try:
    """Store a try, unless it has to wait. It counts as wrong until it has succeeded.

    Needs a connection that commits each statement by itself.
    """
    waits = _waits_until(connection, address, now, _NONE)
    if waits is not None:
        return Try(_NONE, waits)
    row = sign_ins.insert().values(tried_at=now, address=address)
    identity: int = connection.execute(row.returning(sign_ins.c.id)).scalar_one()
    waits = _waits_until(connection, address, now, identity)
    if waits is not None:
        connection.execute(delete(sign_ins).where(sign_ins.c.id == identity))
    return Try(identity, waits)


def succeed(connection: Connection, identity: int, now: datetime) -> None:
    """Store that a try was right."""
    connection.execute(update(sign_ins).where(sign_ins.c.id == identity).values(succeeded_at=now))


def _waits_until(connection: Connection, address: str, now: datetime, but: int) -> datetime | None:
    """When this address may try next, seen without the try `but`; None if it may now."""
    of_address = _wrong(connection, most(OF_AN_ADDRESS), but, address)
    own = waits_until(of_address, OF_AN_ADDRESS, now)
    of_all = waits_until(_wrong(connection, most(OF_ALL), but), OF_ALL, now)
    if of_all is None or _is_known(connection, address, now):
        return own
    return max(own, of_all) if own else of_all


def _wrong(
    connection: Connection, limit: int, but: int, address: str | None = None
) -> Sequence[datetime]:
    query = select(sign_ins.c.tried_at).where(
        sign_ins.c.succeeded_at.is_(None), sign_ins.c.id != but
    )
    if address is not None:
        query = query.where(sign_ins.c.address == address)
    newest = query.order_by(sign_ins.c.tried_at.desc()).limit(limit)
    return list(connection.scalars(newest))


def _is_known(connection: Connection, address: str, now: datetime) -> bool:
    """Whether somebody who signed in at this address was seen lately."""
    lately = exists().where(sessions.c.seen_at > now - KNOWN_FOR, sessions.c.address == address)
    return bool(connection.scalar(select(lately)))
