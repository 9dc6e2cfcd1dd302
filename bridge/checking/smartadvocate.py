"""What `bridge check` looks at in SmartAdvocate: its answers, and what its list shows."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.checking import list_findings, purposes_named
from bridge.checking.due_lists import claims, due_cases, opened, restore, second_look, unseen
from bridge.checking.findings import FAILURE, OK, WARNING, Finding, about_smartadvocate
from bridge.checking.stored import stored
from bridge.domain import unknown_labels
from bridge.domain.case_updates import CaseInfo
from bridge.errors import BridgeError, NotKnown, SettingError
from bridge.settings import Settings
from bridge.store import overview

_SUBJECT = "SmartAdvocate"
_ANY_CASE = 1


def check_smartadvocate(settings: Settings, now: datetime) -> Iterator[Finding]:
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
    again = second_look(remote, settings, first)
    if again.unseen:
        yield unseen(again.unseen)
    if again.claimed:
        yield claims(again.claimed, restore(settings, again.claimed, now))
    if again.error is not None:
        raise again.error
    yield Finding(OK, _SUBJECT, _shown(remote, first))
    is_safe = again.is_proven and not again.claimed
    listed = due_cases(remote, settings, settings.dial_batch).cases if is_safe else []
    if is_safe:
        yield from _list(settings, remote, listed, now)
    elif not again.claimed:
        yield Finding(
            OK, _SUBJECT, "no case is due that isn't under way: run this again when one is"
        )
    seen = {case.campaign for case in (*first, *listed)} | stored(
        settings, overview.campaigns, set[str]()
    )
    yield from list_findings.campaigns(settings, seen)
    yield from purposes_named.of_campaigns(settings, seen)


def _shown(remote: SmartAdvocate, listed: Sequence[CaseInfo]) -> str:
    """That GetCaseInfo answers; of a listed case that is known by now."""
    if listed:
        return f"GetCaseInfo answers for case {listed[0].case_id}"
    try:
        return f"GetCaseInfo answers for case {remote.case(_ANY_CASE).case_id}"
    except NotKnown as error:
        return f"GetCaseInfo answers: {error.sentence}"


def _list(
    settings: Settings, remote: SmartAdvocate, listed: Sequence[CaseInfo], now: datetime
) -> Iterator[Finding]:
    shown = list_findings.dates(settings, listed, remote.clock_skew, now)
    if shown is not None:
        yield shown.finding
    for label in list_findings.own_labels(listed):
        says = unknown_labels.why_skipped(label, settings.smartadvocate_labels)
        yield Finding(WARNING, _SUBJECT, f"a due case is skipped: {says}")
