"""Setup: is everything in order, and if not, what to do; what Twilio has for the firm's number.

The worker looks (`bridge/errands.py`), since it alone asks Twilio and SmartAdvocate; this page
shows what it found. Without a worker the page shows what the web app knows by itself.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response

from bridge.adapters.twilio.urls import CALL_STATUS, MESSAGE_STATUS, callback_url
from bridge.checking import webhooks
from bridge.checking.findings import OK
from bridge.checking.settings_checked import of_settings
from bridge.console import checklist, test_steps
from bridge.console.pages import page
from bridge.console.people import person
from bridge.console.test_steps import Test
from bridge.runtime import Runtime
from bridge.store import heartbeats, schedules
from bridge.store.console import errands
from bridge.store.console.errands import Errand, ErrandKind
from bridge.store.db import Connection
from bridge.store.heartbeats import Heartbeat, Role
from bridge.web.current import runtime

DISMISSED = "setup-dismissed"
"""Under this name it is stored that Setup no longer opens by itself."""
_DATABASE = {
    "level": OK,
    "subject": "database",
    "sentence": "it answers, and its schema is current",
}
_FALLBACK = "Primary handler fails"


@dataclass(frozen=True)
class NumberRow:
    """One address of the firm's number."""

    name: str
    url: str
    """What to copy; empty where it can't be the bridge's own."""
    level: str
    """Empty before the first check."""
    says: str


@dataclass(frozen=True)
class _Stored:
    """What is read of the database for this page."""

    newest: Errand | None
    done: Errand | None
    call: Test | None
    text: Test | None
    processes: Sequence[Heartbeat]
    is_due: bool


def setup() -> Response:
    """The page."""
    now, settings = runtime().clock(), runtime().settings
    with runtime().db.read() as connection:
        stored = _read(connection, runtime())
    has_worker = any(
        process.role is Role.WORKER and process.is_alive(now) for process in stored.processes
    )
    result = stored.done.result if stored.done else {}
    findings = result.get("findings", [])
    groups = checklist.groups(findings or _known_here())
    rows = _number_rows(settings.public_url or "", result)
    levels = [item.level for group in groups for item in group.items]
    return page(
        "setup.html",
        "Setup",
        newest=stored.newest,
        done=stored.done,
        groups=groups,
        all_in_all=checklist.summary([*levels, *(row.level for row in rows)]),
        worst=checklist.worst([*levels, *(row.level for row in rows)]),
        has_worker=has_worker,
        rows=rows,
        about_number=result.get("webhooks", {}).get("says", ""),
        others=_for_other_apps(settings.public_url or ""),
        settings=settings,
        tests=(
            ("call", "Call my phone", "console.test_call", stored.call),
            ("text", "Text my phone", "console.test_text", stored.text),
        ),
        processes=stored.processes,
        opens_by_itself=stored.is_due and person().may_act,
    )


def is_due(connection: Connection) -> bool:
    """Whether whoever signs in, and may act, is led here: until all works, or somebody had enough.

    The last check found failures, or none was ever made; and nobody has ever dismissed it.
    """
    if schedules.mark(connection, DISMISSED):
        return False
    done = errands.newest_done(connection, ErrandKind.CHECK)
    return done is None or checklist.has_failures(done.result)


def _read(connection: Connection, runtime: Runtime) -> _Stored:
    newest = errands.newest(connection, ErrandKind.CHECK)
    return _Stored(
        newest=errands.as_of(newest, runtime.clock()) if newest else None,
        done=errands.newest_done(connection, ErrandKind.CHECK),
        call=_test(connection, runtime, ErrandKind.TEST_CALL),
        text=_test(connection, runtime, ErrandKind.TEST_TEXT),
        processes=heartbeats.newest(connection, 20),
        is_due=is_due(connection),
    )


def _test(connection: Connection, runtime: Runtime, kind: ErrandKind) -> Test | None:
    newest, now = errands.newest(connection, kind), runtime.clock()
    if newest is None:
        return None
    steps = errands.steps(connection, newest.sid) if newest.sid else []
    return test_steps.shown(errands.as_of(newest, now), steps, now)


def _known_here() -> list[Mapping[str, Any]]:
    """What the web app knows without a worker: its settings, and that the database answers."""
    found = [asdict(finding) for finding in of_settings(runtime().settings, os.environ)]
    return [*found, _DATABASE]


def _number_rows(public_url: str, result: Mapping[str, Any]) -> list[NumberRow]:
    compared = {row["name"]: row for row in result.get("webhooks", {}).get("rows", ())}
    wanted = [(row.name, row.url) for row in webhooks.expected(public_url)] if public_url else []
    if _FALLBACK in compared:
        wanted.append((_FALLBACK, ""))
    return [
        NumberRow(
            name,
            url,
            compared[name]["level"] if name in compared else "",
            compared[name]["says"] if name in compared else "not compared yet",
        )
        for name, url in wanted
    ]


def _for_other_apps(public_url: str) -> Sequence[tuple[str, str]]:
    """Addresses that the firm's other flows and apps on the account may report to."""
    if not public_url:
        return ()
    return (
        ("Status of other calls", callback_url(public_url, CALL_STATUS)),
        ("Status of other texts", callback_url(public_url, MESSAGE_STATUS)),
    )
