"""Lists of due cases for `bridge check`, and what asking for them did to the cases.

A list must change nothing. Whether SmartAdvocate understands `Auto-change` can only be seen by
reading a listed case again: one that became In the Dialer by it is put back as it was listed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.adapters.smartadvocate.client import DueCases, SmartAdvocate
from bridge.checking.findings import FAILURE, WARNING, Finding
from bridge.checking.stored import stored
from bridge.domain.case_updates import CaseInfo, CaseUpdate, DialerStatus
from bridge.errors import BridgeError, Unconfirmed
from bridge.runtime import smartadvocate
from bridge.settings import Settings
from bridge.store.dialing import turns

AUTO_CHANGE = "GetCasesToDial.Auto-change"
"""What SMARTADVOCATE_NAMES calls the parameter that must be false."""


@contextmanager
def opened(settings: Settings) -> Iterator[SmartAdvocate]:
    """A client of SmartAdvocate, closed afterwards.

    Raises:
        SettingError: an override is malformed.
    """
    remote = smartadvocate(settings)
    try:
        yield remote
    finally:
        remote.close()


def due_cases(remote: SmartAdvocate, settings: Settings, records: int) -> DueCases:
    """The cases that are due in any campaign.

    Raises:
        BridgeError: SmartAdvocate doesn't list them.
    """
    return remote.cases_to_dial("", settings.dial_case_group or "", records)


@dataclass(frozen=True)
class SecondLook:
    """Listed cases, as they were shown right after the list."""

    claimed: Sequence[CaseInfo] = ()
    """As they were listed; they are In the Dialer since, and not by a worker of this bridge."""
    unseen: Sequence[CaseInfo] = ()
    """SmartAdvocate doesn't show these, so it isn't known."""
    is_proven: bool = False
    """Whether asking is known to have left a case as it was."""
    error: BridgeError | None = None
    """Why the first of `unseen` isn't shown."""


def second_look(
    remote: SmartAdvocate, settings: Settings, listed: Sequence[CaseInfo]
) -> SecondLook:
    """Read listed cases once more."""
    changed, unseen, first = [], [], None
    for case in listed:
        try:
            status = remote.case(case.case_id).status
        except BridgeError as error:
            unseen.append(case)
            first = first or error
        else:
            if status is DialerStatus.IN_THE_DIALER:
                changed.append(case)
    case_ids = [case.case_id for case in changed]
    ours = stored(settings, lambda connection: turns.under_way(connection, case_ids), set[int]())
    return SecondLook(
        claimed=[case for case in changed if case.case_id not in ours],
        unseen=unseen,
        is_proven=len(changed) + len(unseen) < len(listed),
        error=first,
    )


def restore(settings: Settings, claimed: Sequence[CaseInfo], now: datetime) -> list[int]:
    """Write them To Dial with the date that was listed; return those that couldn't be written."""
    return [case.case_id for case in claimed if not _is_restored(settings, case, now)]


def claims(claimed: Sequence[CaseInfo], stranded: Sequence[int]) -> Finding:
    """That asking claims cases, and what became of these."""
    cases = ", ".join(str(case.case_id) for case in claimed)
    says = (
        f"asking for cases claims them: it set case {cases} In the Dialer. Auto-change has "
        f"another name there: set SMARTADVOCATE_NAMES, such as "
        f"{AUTO_CHANGE}=AutoChange (`bridge check --probe` finds it out)"
    )
    if stranded:
        left = ", ".join(map(str, stranded))
        return Finding(
            FAILURE,
            "SmartAdvocate",
            f"{says}. It could not be put back: set case {left} To Dial by hand",
        )
    return Finding(FAILURE, "SmartAdvocate", f"{says}. It was put back")


def unseen(cases: Sequence[CaseInfo]) -> Finding:
    """That it isn't known what asking did to these."""
    names = ", ".join(str(case.case_id) for case in cases)
    return Finding(
        WARNING,
        "SmartAdvocate",
        f"should case {names} be In the Dialer now: set it To Dial by hand",
    )


def with_to_dial(settings: Settings, label: str) -> Settings:
    """The settings with the firm's own word for To Dial."""
    others = [pair for pair in settings.smartadvocate_labels if pair[0] != DialerStatus.TO_DIAL]
    return replace(settings, smartadvocate_labels=(*others, (DialerStatus.TO_DIAL.value, label)))


def _is_restored(settings: Settings, case: CaseInfo, now: datetime) -> bool:
    update = CaseUpdate(case.case_id, DialerStatus.TO_DIAL, case.next_call or now)
    is_spelled = case.status is DialerStatus.TO_DIAL or case.has_own_label
    spelled = with_to_dial(settings, case.label) if is_spelled else settings
    try:
        with opened(spelled) as remote:
            try:
                remote.update([update])
            except Unconfirmed:
                return remote.case(case.case_id).status is DialerStatus.TO_DIAL
    except BridgeError:
        return False
    return True
