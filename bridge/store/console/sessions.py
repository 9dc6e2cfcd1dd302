"""Who is signed in: a row a session, so that signing out ends it wherever its cookie went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bridge.store.tables import sessions

IDLE = timedelta(hours=2)
"""A session ends when nothing was asked for so long; a page that moves by itself doesn't count."""
LONGEST = timedelta(hours=12)
"""And in any case after so long."""
TOUCHED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """One sign-in that is in effect."""

    id: str
    """Made of the token in the cookie (`console/sessions.py`)."""
    name: str
    role: str
    seen_at: datetime


def start(
    connection: Connection, identity: str, *, name: str, role: str, address: str, now: datetime
) -> None:
    """Store that somebody has signed in."""
    row = {"id": identity, "name": name, "role": role, "address": address}
    connection.execute(sessions.insert().values(**row, created_at=now, seen_at=now))


def find(connection: Connection, identity: str, now: datetime) -> Session | None:
    """The session with this id, if it is still in effect."""
    row = connection.execute(
        select(sessions.c.id, sessions.c.name, sessions.c.role, sessions.c.seen_at).where(
            sessions.c.id == identity,
            sessions.c.ended_at.is_(None),
            sessions.c.seen_at > now - IDLE,
            sessions.c.created_at > now - LONGEST,
        )
    ).one_or_none()
    return None if row is None else Session(*row)


def touch(connection: Connection, identity: str, now: datetime) -> None:
    """Store that the session is in use."""
    connection.execute(update(sessions).where(sessions.c.id == identity).values(seen_at=now))


def end(connection: Connection, identity: str, now: datetime) -> None:
    """End a session: its cookie is worth nothing from now on."""
    connection.execute(update(sessions).where(sessions.c.id == identity).values(ended_at=now))
