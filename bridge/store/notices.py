"""Notices about the remote systems: for `bridge check`, `/metrics` and the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, select

from bridge.store.db import upsert
from bridge.store.tables import notices

_LONGEST_SUBJECT = 128


class NoticeName(StrEnum):
    """What it is about."""

    ZONE = "zone"
    """SmartAdvocate's dates are another zone's."""
    CLOCK = "clock"
    """SmartAdvocate's clock goes differently."""
    ASKING_CLAIMS = "asking-claims"
    """Asking for cases changes them."""
    LABEL = "label"
    """A dialer status that the bridge doesn't know; the subject is the label."""
    OTHER_BRIDGE = "other-bridge"
    """Somebody else claims the same cases."""
    LOOP = "loop"
    """Calls or texts come in from our own numbers, or by way of them; the subject is which."""
    WITHHELD = "withheld"
    """Callers who withhold their number were turned away: all of them share one limit."""
    REGISTRY = "registry"
    """Leads are held for want of a do-not-call list; the subject is an area code."""
    LIST_LIMIT = "list-limit"
    """SmartAdvocate lists no more than so many cases."""


@dataclass(frozen=True)
class Notice:
    """One thing that was noticed."""

    name: NoticeName
    subject: str
    says: str
    """What was seen and what to do, in one or two sentences."""
    since: datetime
    seen_at: datetime


def add(connection: Connection, name: NoticeName, subject: str, says: str, now: datetime) -> bool:
    """Store a notice; return whether it is new."""
    key = subject[:_LONGEST_SUBJECT]
    known = connection.scalar(
        select(notices.c.name).where(notices.c.name == name, notices.c.subject == key)
    )
    values = {"says": says, "seen_at": now}
    upsert(connection, notices, {"name": name, "subject": key}, values, since=now)
    return known is None


def clear(connection: Connection, name: NoticeName, subject: str | None = None) -> int:
    """Delete notices of what no longer is; return how many."""
    which = [notices.c.name == name]
    if subject is not None:
        which.append(notices.c.subject == subject[:_LONGEST_SUBJECT])
    return connection.execute(delete(notices).where(*which)).rowcount


def forget(connection: Connection, before: datetime) -> int:
    """Delete what wasn't seen again since then, except what stays until somebody mends it."""
    old = (notices.c.seen_at < before) & (notices.c.name != NoticeName.ASKING_CLAIMS)
    return connection.execute(delete(notices).where(old)).rowcount


def active(connection: Connection) -> Sequence[Notice]:
    """All of them, the oldest first."""
    rows = connection.execute(select(notices).order_by(notices.c.since, notices.c.name))
    return [
        Notice(NoticeName(row.name), row.subject, row.says, row.since, row.seen_at) for row in rows
    ]
