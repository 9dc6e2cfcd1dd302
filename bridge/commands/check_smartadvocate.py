"""What `bridge check` looks at in SmartAdvocate: its answers, and what its list shows."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.commands import sights
from bridge.commands.findings import FAILURE, OK, WARNING, Finding, about_smartadvocate
from bridge.commands.listing import (
    claimed_by_asking,
    claims,
    due_cases,
    opened,
    put_back,
)
from bridge.commands.stored import stored
from bridge.domain import labels
from bridge.domain.updates import CaseInfo
from bridge.errors import BridgeError, NotKnown, SettingError
from bridge.settings import Settings
from bridge.store import reports

_SUBJECT = "SmartAdvocate"
_ANY_CASE = 1


def look(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Read-only calls, unless asking for cases turns out to claim them: then they are put back."""
    if not settings.smartadvocate_url or not settings.smartadvocate_key:
        return
    try:
        with opened(settings) as remote:
            yield from _look(settings, remote, now)
    except (BridgeError, SettingError) as error:
        yield Finding(FAILURE, _SUBJECT, about_smartadvocate(error))


def _look(settings: Settings, remote: SmartAdvocate, now: datetime) -> Iterator[Finding]:
    first = due_cases(remote, settings, 1).cases
    yield Finding(OK, _SUBJECT, f"GetCasesToDial answers ({len(first)} of at most 1 asked for)")
    yield _case(remote, first)
    claimed = claimed_by_asking(remote, settings, first)
    if claimed:
        yield claims(claimed, put_back(settings, claimed, now))
        return
    listed = due_cases(remote, settings, settings.dial_batch).cases if first else []
    yield from _list(settings, remote, listed, now)
    seen = {case.campaign for case in listed} | stored(settings, reports.campaigns, set[str]())
    yield from sights.campaigns(settings, seen)


def _case(remote: SmartAdvocate, listed: Sequence[CaseInfo]) -> Finding:
    try:
        known = remote.case(listed[0].case_id if listed else _ANY_CASE)
    except NotKnown as error:
        if listed:
            raise
        return Finding(OK, _SUBJECT, f"GetCaseInfo answers: {error.sentence}")
    return Finding(OK, _SUBJECT, f"GetCaseInfo answers for case {known.case_id}")


def _list(
    settings: Settings, remote: SmartAdvocate, listed: Sequence[CaseInfo], now: datetime
) -> Iterator[Finding]:
    if not listed:
        yield Finding(
            OK, _SUBJECT, "no case is due: its dates and labels can be checked when one is"
        )
        return
    shown = sights.dates(settings, listed, remote.clock_skew, now)
    if shown is not None:
        yield shown.finding
    for label in sights.own_labels(listed):
        says = labels.listed_as_due(label, settings.smartadvocate_labels)
        yield Finding(WARNING, _SUBJECT, f"a due case is skipped: {says}")
