"""No page of the console reads all of a table that grows: the databases' own plans say so."""

import re
from collections.abc import Iterator

from flask.testing import FlaskClient
from sqlalchemy import func, select

from bridge.console.plan_rows import group_id
from bridge.console.views import GET, VIEWS
from bridge.runtime import Runtime
from bridge.store.console import plan
from bridge.store.tables import callbacks, communications, consents, opt_outs
from tests.support import many_rows
from tests.support.clock import Clock
from tests.support.console import SIGN_IN, SignedIn
from tests.support.made_up_contacts import BUSIEST_CASE, TYPICAL_CASE, phone_of
from tests.support.query_plans import sent, unbounded

_WITHOUT_ROWS = {"asset", "missing"}
_FILTERED = {
    "contacts": (
        *("outcome=busy", "channel=text", "direction=inbound", "campaign=Notification"),
        *("day=2026-11-20", "case=7", "digits=0114", "outcome=busy&campaign=Notification"),
    ),
    "opt_outs": ("case=7", "digits=0007", "state=lifted", "state=active", "before=9"),
    "consents": ("digits=0007", "state=revoked", "state=in-effect", "before=9"),
    "search": ("q=7", "q=0114", f"q={phone_of(TYPICAL_CASE)[1:]}", "q=nobody"),
    "case": ("print=1", "before=2026-11-01T12:00:00%2B00:00"),
    "todo": ("after=5.5.5.5",),
    "audit": ("before=9",),
}
_LINKS = {"contacts": ("before", "after"), "plan": ("after",), "plan_held": ("after",)}


def test_pages_read_what_indexes_lead_to(
    runtime: Runtime, clock: Clock, operator: SignedIn
) -> None:
    many_rows.fill(runtime.db, clock(), 3000)
    found: dict[str, str] = {}
    for path in _pages(runtime, operator.client):
        with sent(runtime.db) as statements:
            answer = operator.client.get(path)
        assert answer.status_code in {200, 302, 303}, (path, answer.text)
        assert statements or path == SIGN_IN, path
        found |= dict.fromkeys(unbounded(runtime.db, statements), path)
    assert not found


def _pages(runtime: Runtime, client: FlaskClient) -> Iterator[str]:
    """The address of every page with something on it, as filtered as it may be."""
    named = _named(runtime)
    for rule, name, _, methods in VIEWS:
        if "GET" not in methods or name in _WITHOUT_ROWS:
            continue
        for case_id in (TYPICAL_CASE, BUSIEST_CASE) if "case_id" in rule else (0,):
            values = {**named, "case_id": str(case_id)}
            path = rule
            for parameter, value in values.items():
                path = re.sub(rf"<(?:int:)?{parameter}>", value, path)
            yield path
            for query in _FILTERED.get(name, ()):
                yield f"{path}?{query}"
            if methods is GET:
                yield from _following(client, path, _LINKS.get(name, ()))


def _following(client: FlaskClient, path: str, names: tuple[str, ...]) -> Iterator[str]:
    """The next page of a list, and back from there."""
    here = path
    for name in names:
        found = re.search(rf'href="([^"]*[?&;]{name}=[^"]*)"', client.get(here).text)
        if found is None:
            return
        here = found[1].replace("&amp;", "&")
        yield here


def _named(runtime: Runtime) -> dict[str, str]:
    """Something for each name in an address."""
    with runtime.db.read() as connection:
        asked = connection.scalar(
            select(callbacks.c.id).where(callbacks.c.question.is_not(None)).limit(1)
        )
        opt_out = connection.scalar(select(opt_outs.c.id).limit(1))
        agreed = connection.scalar(select(consents.c.id).where(consents.c.revoked_at.is_(None)))
        group = group_id(plan.held(connection)[0])
    return {
        "callback_id": str(asked),
        "opt_out_id": str(opt_out),
        "consent_id": str(agreed),
        "group": group,
    }


def test_what_reads_everything_is_told_apart(runtime: Runtime, clock: Clock) -> None:
    many_rows.fill(runtime.db, clock(), 300)
    kept = communications.c
    reads_all = (
        select(kept.id).where(kept.duration == 5),
        select(func.count()).select_from(callbacks),
        select(kept.id).order_by(kept.duration).limit(5),
        select(kept.duration, func.count()).group_by(kept.duration).limit(5),
    )
    reads_some = (
        select(kept.id).where(kept.case_id == TYPICAL_CASE),
        select(kept.id).order_by(kept.created_at.desc(), kept.id.desc()).limit(5),
        select(callbacks.c.sid).order_by(callbacks.c.id.desc()).limit(1),
        select(func.count()).select_from(select(kept.id).limit(5).subquery()),
    )
    for queries, is_unbounded in ((reads_all, True), (reads_some, False)):
        for query in queries:
            with sent(runtime.db) as statements, runtime.db.read() as connection:
                connection.execute(query).all()
            assert bool(unbounded(runtime.db, statements)) is is_unbounded, str(query)
