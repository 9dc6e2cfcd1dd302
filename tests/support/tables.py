"""The lists of the command line as plain text, as a script gets them."""

from zoneinfo import ZoneInfo

from bridge.commands import listings
from bridge.commands import plan as planning
from bridge.commands.list_output import as_text
from bridge.commands.listings import Listing
from bridge.runtime import Runtime
from bridge.store.db import Database

ZONE = ZoneInfo("America/New_York")


def callbacks(db: Database, verdict: str | None, limit: int) -> str:
    return _text(listings.callbacks(db, verdict, limit))


def deliveries(db: Database, state: str | None, limit: int) -> str:
    return _text(listings.deliveries(db, state, limit))


def skipped(db: Database) -> str:
    return _text(listings.skipped(db))


def verdicts(db: Database, case_id: int | None, answer: str | None, limit: int) -> str:
    return _text(listings.decisions(db, case_id, answer, limit))


def pauses(db: Database) -> str:
    return _text(listings.pauses(db))


def plan(runtime: Runtime, hours: int) -> str:
    return _text(planning.plan(runtime, hours))


def _text(listing: Listing) -> str:
    return as_text(listing, ZONE)
