"""What is known of how many cases SmartAdvocate lists at most, campaign by campaign."""

from dataclasses import asdict, fields

from sqlalchemy import Connection, select

from bridge.domain.list_limits import Limit
from bridge.store.db import upsert
from bridge.store.tables import list_limits

_LONGEST = 128
_FIELDS = tuple(limit_field.name for limit_field in fields(Limit))


def get(connection: Connection, campaign: str) -> Limit:
    """What is known of a campaign's lists."""
    row = connection.execute(
        select(list_limits).where(list_limits.c.campaign == campaign[:_LONGEST])
    ).one_or_none()
    return Limit(**{name: getattr(row, name) for name in _FIELDS}) if row else Limit()


def put(connection: Connection, campaign: str, limit: Limit) -> None:
    """Keep what is known now."""
    upsert(connection, list_limits, {"campaign": campaign[:_LONGEST]}, asdict(limit))
