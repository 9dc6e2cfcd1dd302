"""Contacts: every call and text, the newest first, filtered by what the address says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, request

from bridge.console import contact_filters
from bridge.console.contact_filters import CHANNELS, DIRECTIONS, Filters
from bridge.console.csv_files import csv_file, one_at_a_time
from bridge.console.formats import firm_zone, iso, outcome_label, phone_end
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.contact_outcomes import LABELS
from bridge.store.callbacks import contact_list
from bridge.store.callbacks.contact_list import Contact, Key, Page
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.web.current import runtime

A_PAGE = 50
MOST_IN_FILE = 50_000
"""So many lines at most: who wants older ones asks for them by day."""

_AT_ONCE = 2000
_COLUMNS = (
    "time",
    "case",
    "phone",
    "kind",
    "direction",
    "campaign",
    "what happened",
    "length in seconds",
)


@dataclass(frozen=True)
class _Listed:
    """A page of the list, and whether nothing newer comes before it."""

    page: Page
    is_newest: bool


def contacts() -> Response:
    """The page."""
    filters = contact_filters.read(request.args, firm_zone())
    with runtime().db.read() as connection:
        listed = _list(connection, filters)
        campaigns = contact_list.campaigns(connection)
    found = listed.page.contacts
    older = listed.page.older
    return page(
        "contacts.html",
        "Contacts",
        contacts=found,
        filters=filters,
        older=contact_filters.address(older) if older else None,
        newer=None if listed.is_newest or not found else _place_of(found[0]),
        is_newest=listed.is_newest,
        looked_back_to=older.at if older and len(found) < A_PAGE else None,
        campaign_options=[(name, name) for name in _with(campaigns, filters.wanted.campaign)],
        outcomes=LABELS,
        channels=CHANNELS,
        directions=DIRECTIONS,
    )


@one_at_a_time
def contacts_csv() -> Response:
    """What is filtered, as a file."""
    filters = contact_filters.read(request.args, firm_zone())
    rows = list(_rows(filters))
    with runtime().db.begin() as connection:
        audit.record(
            connection,
            actor=person().name,
            action=Action.EXPORTED,
            subject=f"contacts: {'; '.join(filters.shown.values()) or 'all'}",
            now=runtime().clock(),
            case_id=filters.wanted.case_id,
        )
    return csv_file("contacts", _COLUMNS, rows)


def _list(connection: Connection, filters: Filters) -> _Listed:
    """The page that the address names; the newest where it names none that there is."""
    own = runtime().settings.own_numbers
    after = contact_filters.place(request.args.get("after", ""))
    before = contact_filters.place(request.args.get("before", ""))
    if after is not None:
        newer = contact_list.newer(connection, filters.wanted, own, after, A_PAGE)
        if newer is not None:
            return _Listed(newer, is_newest=False)
        before = None
    older = contact_list.older(connection, filters.wanted, own, before, A_PAGE)
    return _Listed(older, is_newest=before is None)


def _with(campaigns: Sequence[str], chosen: str | None) -> Sequence[str]:
    """The campaigns to choose from, the chosen one among them."""
    return [chosen, *campaigns] if chosen and chosen not in campaigns else campaigns


def _place_of(contact: Contact) -> str:
    return contact_filters.address(Key(contact.at, contact.id))


def _rows(filters: Filters) -> Iterator[tuple[object, ...]]:
    """The lines of the file; read a part at a time, so that no connection is held for long."""
    own = runtime().settings.own_numbers
    place: Key | None = None
    left = MOST_IN_FILE
    while left:
        with runtime().db.read() as connection:
            found = contact_list.older(connection, filters.wanted, own, place, min(_AT_ONCE, left))
        yield from map(_row, found.contacts)
        left -= len(found.contacts)
        place = found.older
        if place is None:
            return
    yield (f"Only the newest {MOST_IN_FILE:,} are listed. Filter by day to get the others.",)


def _row(contact: Contact) -> tuple[object, ...]:
    return (
        iso(contact.at),
        contact.case_id,
        phone_end(contact.phone),
        contact.channel,
        contact.direction,
        contact.campaign,
        outcome_label(contact.outcome),
        contact.duration,
    )
