"""`bridge check --probe`: how SmartAdvocate wants to be called, found out by asking.

    probe           what was found, and the settings that say so
      _find_list    verb, path and names of GetCasesToDial
      _find_case    verb, path and name of GetCaseInfo
      _find_asking  the spelling of Auto-change with which a list changes nothing
      _read_list    the zone of its dates, the firm's own word for To Dial

Only calls that read are made, but for putting back a case that a list has claimed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar
from zoneinfo import ZoneInfo

from bridge.adapters.smartadvocate.client import DueCases
from bridge.checking import due_lists, list_findings
from bridge.checking.findings import FAILURE, OK, WARNING, Finding, about_smartadvocate
from bridge.checking.stored import stored
from bridge.commands import probe_guesses
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.environment import need
from bridge.errors import BridgeError, NotKnown, Unclear
from bridge.settings import Settings
from bridge.store import overview

_SUBJECT = "SmartAdvocate"
_ANY_CASE = 1
_POINTLESS = frozenset({"unreachable", "http-401", "http-407", "http-429", "http-503"})
"""After one of these no other guess would succeed."""
_LATER = "run this again when a case is due"

_Answer = TypeVar("_Answer")


@dataclass
class Probed:
    """What was found out."""

    settings: Settings
    """With these SmartAdvocate answers, as far as it does."""
    findings: list[Finding] = field(default_factory=list)

    def say(self, level: str, sentence: str) -> None:
        """Add a line."""
        self.findings.append(Finding(level, _SUBJECT, sentence))


class _Stop(Exception):
    """Nothing more can be found out; the last finding says why."""


def probe(settings: Settings, known_case: int | None, now: datetime) -> Probed:
    """Find out how SmartAdvocate wants to be called.

    `known_case` is a case that the bridge has seen, should none be due now.

    Raises:
        SettingError: address or key are missing, or an override is malformed.
    """
    need(settings, "SMARTADVOCATE_URL", "SMARTADVOCATE_API_KEY")
    found = Probed(settings)
    try:
        listed = _find_list(found)
        if listed:
            _find_listed_case(found, listed)
            _find_asking(found, listed, now)
            _read_list(found, now)
        else:
            _find_any_case(found, known_case or _ANY_CASE)
            found.say(WARNING, f"no case is due, so the rest can't be found out: {_LATER}")
    except _Stop:
        pass
    return found


def seen_case(settings: Settings) -> int | None:
    """A case that the bridge has seen; None if it has seen none."""
    return stored(settings, overview.newest_case, None)


def lines(before: Settings, after: Settings) -> dict[str, str]:
    """The settings that differ, by name, as they are to be set."""
    pairs = {
        "SMARTADVOCATE_CALLS": (before.smartadvocate_calls, after.smartadvocate_calls),
        "SMARTADVOCATE_NAMES": (before.smartadvocate_names, after.smartadvocate_names),
        "SMARTADVOCATE_LABELS": (before.smartadvocate_labels, after.smartadvocate_labels),
    }
    changed = {
        name: "; ".join(f"{ours}={theirs}" for ours, theirs in new)
        for name, (old, new) in pairs.items()
        if old != new
    }
    if before.smartadvocate_zone != after.smartadvocate_zone:
        changed["SMARTADVOCATE_TIMEZONE"] = after.smartadvocate_zone.key
    return changed


def _find_list(found: Probed) -> list[CaseInfo]:
    """What is on a list that is asked for one case."""
    tried = _guesses(found.settings, probe_guesses.LIST, probe_guesses.list_names)
    due, _ = _first_answered(found, tried, lambda settings: _list(settings, 1))
    cases = due.cases
    found.say(OK, f"GetCasesToDial answers by {_way(found.settings, probe_guesses.LIST)}")
    if len(cases) > 1:
        found.say(
            WARNING,
            f"asked for one case, SmartAdvocate lists {len(cases)}: Records has another name "
            "there; set SMARTADVOCATE_NAMES, such as GetCasesToDial.Records=Count",
        )
    for unreadable in due.unreadable[:1]:
        says = f"it lists a case that can't be read ({unreadable.why}): check SMARTADVOCATE_NAMES"
        found.say(WARNING, says)
    return cases


def _find_listed_case(found: Probed, listed: Sequence[CaseInfo]) -> None:
    case_id = listed[0].case_id
    tried = _guesses(found.settings, probe_guesses.CASE, probe_guesses.case_names)
    try:
        _first_answered(found, tried, lambda settings: _show(settings, case_id))
    except _Stop:
        found.findings.append(due_lists.unseen(listed))
        raise
    found.say(OK, f"GetCaseInfo shows case {case_id} by {_way(found.settings, probe_guesses.CASE)}")


def _find_any_case(found: Probed, case_id: int) -> None:
    """Ask for a case that may not be there: whoever says so has understood."""
    tried = _guesses(found.settings, probe_guesses.CASE, probe_guesses.case_names)

    def answer(settings: Settings) -> str:
        try:
            return f"shows case {_show(settings, case_id)}"
        except NotKnown:
            return f"answers that there is no case {case_id}"
        except Unclear:
            if settings is found.settings:
                return f"answers, and shows no case {case_id} ({_LATER})"
            raise

    what = _first_answered(found, chain([found.settings], tried), answer)
    found.say(OK, f"GetCaseInfo {what}, by {_way(found.settings, probe_guesses.CASE)}")


def _find_asking(found: Probed, listed: Sequence[CaseInfo], now: datetime) -> None:
    """Find the spelling of Auto-change with which a list changes nothing.

    Raises:
        _Stop: there is none, or a case could not be put back.
    """
    for number, settings in enumerate(probe_guesses.auto_changes(found.settings)):
        try:
            cases = listed if number == 0 else _list(settings, 1)[0].cases
        except BridgeError:
            continue  # it doesn't take this name
        with due_lists.opened(settings) as remote:
            again = due_lists.second_look(remote, settings, cases)
        stranded = due_lists.restore(settings, again.claimed, now)
        if again.unseen or stranded or not (again.claimed or again.is_proven):
            _say_unsafe(found, again, stranded)
            raise _Stop
        if not again.claimed:
            found.settings = settings
            found.say(OK, "asking for cases changes none of them")
            return
    found.say(
        FAILURE,
        "asking for cases claims them, whichever spelling of Auto-change was tried; they were "
        "put back. Ask SmartAdvocate for the parameter's name, and set SMARTADVOCATE_NAMES="
        f"{due_lists.AUTO_CHANGE}=<name>",
    )
    raise _Stop


def _say_unsafe(found: Probed, again: due_lists.SecondLook, stranded: Sequence[int]) -> None:
    """Why no other spelling is tried."""
    if again.unseen:
        found.findings.append(due_lists.unseen(again.unseen))
    if again.error is not None:
        found.say(FAILURE, about_smartadvocate(again.error))
    if stranded:
        found.findings.append(due_lists.claims(again.claimed, stranded))
    elif not again.unseen:
        says = "no case is due that isn't under way, so it can't be seen what asking does"
        found.say(FAILURE, f"{says}: {_LATER}")


def _read_list(found: Probed, now: datetime) -> None:
    try:
        due, skew = _list(found.settings, found.settings.dial_batch)
    except BridgeError as error:
        found.say(FAILURE, about_smartadvocate(error))
        raise _Stop from error
    cases = due.cases
    shown = list_findings.dates(found.settings, cases, skew, now)
    if shown is not None and shown.zone:
        found.settings = replace(found.settings, smartadvocate_zone=ZoneInfo(shown.zone))
        found.say(OK, f"the dates of due cases are in the past, in {shown.zone}")
    elif shown is not None:
        found.findings.append(shown.finding)
    _read_labels(found, cases)


def _read_labels(found: Probed, cases: Sequence[CaseInfo]) -> None:
    """Only where no due case is labeled as the setting says, a label must mean To Dial."""
    labels = list_findings.own_labels(cases)
    knows = any(case.status is DialerStatus.TO_DIAL for case in cases)
    if labels and not knows and ";" not in labels[0]:
        label = labels.pop(0)
        found.settings = due_lists.with_to_dial(found.settings, label)
        found.say(OK, f"“{label}” is the firm's word for To Dial")
    for label in labels:
        found.say(WARNING, f"cases are due as “{label}” too: SMARTADVOCATE_LABELS can't map both")


def _guesses(
    settings: Settings, call: str, names: Callable[[Settings], Iterable[Settings]]
) -> Iterable[Settings]:
    """Each way with the present names; then each way with each name."""
    ways = list(probe_guesses.ways(settings, call))
    return chain(ways, (named for way in ways for named in names(way) if named != way))


def _first_answered(
    found: Probed, tried: Iterable[Settings], ask: Callable[[Settings], _Answer]
) -> _Answer:
    """The answer to the first guess that is answered; it is right from then on.

    Raises:
        _Stop: none is.
    """
    first: BridgeError | None = None
    for settings in tried:
        try:
            answer = ask(settings)
        except BridgeError as error:
            if error.code in _POINTLESS:
                first = error
                break
            first = first or error
        else:
            found.settings = settings
            return answer
    if first is not None:
        found.say(
            FAILURE, f"none of the ways that were tried is answered; {about_smartadvocate(first)}"
        )
    raise _Stop


def _list(settings: Settings, records: int) -> tuple[DueCases, timedelta | None]:
    """The due cases, and how far SmartAdvocate's clock is ahead."""
    with due_lists.opened(settings) as remote:
        return due_lists.due_cases(remote, settings, records), remote.clock_skew


def _show(settings: Settings, case_id: int) -> int:
    with due_lists.opened(settings) as remote:
        return remote.case(case_id).case_id


def _way(settings: Settings, call: str) -> str:
    return dict(settings.smartadvocate_calls).get(call, f"GET {call}")
