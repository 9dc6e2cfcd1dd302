"""Which processes of the bridge live: each writes a row of its own every few seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, select

from bridge.store.db import upsert
from bridge.store.tables import heartbeats

ALIVE_FOR = timedelta(seconds=30)
"""A process that wasn't seen for so long counts as gone."""


class Role(StrEnum):
    """What a process does."""

    WEB = "web"
    WORKER = "worker"


@dataclass(frozen=True)
class Heartbeat:
    """A process, as it last showed itself."""

    process: str
    """Its name, which no other process has."""
    role: Role
    started_at: datetime
    seen_at: datetime
    dials: bool
    """Whether it calls and texts: a worker with DIAL_ENABLED."""
    version: str

    def is_alive(self, now: datetime) -> bool:
        """Whether it was seen just now."""
        return now - self.seen_at <= ALIVE_FOR


def beat(connection: Connection, seen: Heartbeat) -> None:
    """Store that a process lives."""
    values = {
        "role": seen.role,
        "started_at": seen.started_at,
        "seen_at": seen.seen_at,
        "dials": seen.dials,
        "version": seen.version,
    }
    upsert(connection, heartbeats, {"process": seen.process}, values)


def leave(connection: Connection, process: str) -> None:
    """A process ends as it should: it is no longer looked for."""
    connection.execute(delete(heartbeats).where(heartbeats.c.process == process))


def newest(connection: Connection, limit: int = 100) -> Sequence[Heartbeat]:
    """The processes seen last, alive or gone without a word."""
    rows = connection.execute(select(heartbeats).order_by(heartbeats.c.seen_at.desc()).limit(limit))
    return [
        Heartbeat(row.process, Role(row.role), row.started_at, row.seen_at, row.dials, row.version)
        for row in rows
    ]


def purge(connection: Connection, before: datetime) -> int:
    """Delete what wasn't seen since then; return how many."""
    return connection.execute(delete(heartbeats).where(heartbeats.c.seen_at < before)).rowcount
