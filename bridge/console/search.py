"""The search box of every page: a case by its number, or a phone by its digits."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from bridge.console.pages import page
from bridge.domain import searching
from bridge.domain.searching import PHONE_END
from bridge.store.console import search as store_search
from bridge.store.console.search import FoundCase
from bridge.store.db import Connection
from bridge.web.current import runtime

_LONGEST = 100


@dataclass(frozen=True)
class Found:
    """What fits what was typed."""

    case_id: int | None
    """The case with this number."""
    cases: Sequence[FoundCase]
    """The cases with this phone."""
    phone_end: str | None
    """The digits with which there were calls or texts."""

    @property
    def addresses(self) -> Sequence[str]:
        """Where each of it is shown."""
        ids = dict.fromkeys([self.case_id, *(one.case_id for one in self.cases)])
        found = [url_for("console.case", case_id=one) for one in ids if one is not None]
        if self.phone_end is not None and not self.cases:
            found.append(url_for("console.contacts", digits=self.phone_end))
        return found


def search() -> Response:
    """Go where the only thing is that fits; else show what does, or say that nothing does."""
    typed = request.args.get("q", "").strip()[:_LONGEST]
    with runtime().db.read() as connection:
        found = _find(connection, typed)
    addresses = found.addresses
    if len(addresses) == 1:
        return redirect(addresses[0])
    return page("search.html", "Search", found=found, typed=typed)


def _find(connection: Connection, typed: str) -> Found:
    sought = searching.read(typed)
    case_id, phone = sought.case_id, sought.phone
    is_case = case_id is not None and store_search.is_case(connection, case_id)
    of_phone = store_search.cases_of(connection, phone) if phone is not None else []
    end = sought.phone_end
    if end is not None and not store_search.has_contacts_with_end(connection, end):
        end = None
    if phone is not None and not of_phone and store_search.has_contacts_with(connection, phone):
        end = phone[-PHONE_END:]
    return Found(case_id if is_case else None, of_phone, end)
