"""What a list of due cases shows of SmartAdvocate: its dates, its labels, its campaigns."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.checking.findings import FAILURE, OK, WARNING, Finding
from bridge.domain.case_updates import CaseInfo
from bridge.domain.remote_clock import fitting_zone, hours_ahead_means_zone
from bridge.settings import Settings

_SUBJECT = "SmartAdvocate"


@dataclass(frozen=True)
class Dates:
    """What the dates of due cases show."""

    finding: Finding
    zone: str | None = None
    """The zone that would fit, where the setting's doesn't."""


def dates(
    settings: Settings, cases: Sequence[CaseInfo], skew: timedelta | None, now: datetime
) -> Dates | None:
    """Compare the latest date of the listed cases with now; None if none has a date.

    `skew` is how far SmartAdvocate's clock is ahead of ours, as far as it is known.
    """
    dated = [(case.next_call, case.case_id) for case in cases if case.next_call is not None]
    if not dated:
        return None
    latest, case_id = max(dated)
    ahead, tolerance = latest - now, settings.clock_tolerance
    zone = settings.smartadvocate_zone
    if ahead <= tolerance:
        return Dates(
            Finding(OK, _SUBJECT, f"the dates of due cases are in the past, in {zone.key}")
        )
    seen = f"case {case_id} is listed as due {_length(ahead)} before its date"
    is_clock = skew is not None and ahead <= skew + tolerance
    if is_clock or not hours_ahead_means_zone(ahead, tolerance):
        says = f"{seen}: its clock is fast; set it and this machine's by a time server"
        return Dates(Finding(WARNING, _SUBJECT, says))
    fits = fitting_zone(now, zone, ahead)
    what = f"set SMARTADVOCATE_TIMEZONE={fits}" if fits else "check SMARTADVOCATE_TIMEZONE"
    says = f"{seen} in SMARTADVOCATE_TIMEZONE={zone.key}, so that zone is wrong: {what}"
    return Dates(Finding(FAILURE, _SUBJECT, says), fits)


def own_labels(cases: Sequence[CaseInfo]) -> list[str]:
    """Dialer statuses of due cases that the bridge doesn't know, the most frequent first."""
    counted = Counter(case.label for case in cases if case.has_own_label)
    return [label for label, _ in counted.most_common()]


def campaigns(settings: Settings, seen: Collection[str]) -> Iterator[Finding]:
    """The campaigns of the setting that SmartAdvocate never returned, beside those it did."""
    folded = {name.strip().casefold() for name in seen}
    never = [name for name in settings.dial_campaigns if name.strip().casefold() not in folded]
    if not never:
        return
    known = ", ".join(sorted(name.strip() for name in seen if name.strip())) or "none"
    yield Finding(
        WARNING,
        "DIAL_CAMPAIGNS",
        f"SmartAdvocate has never returned a case of {', '.join(never)}; it has of: {known}",
    )


def _length(stretch: timedelta) -> str:
    hours, minutes = divmod(round(stretch.total_seconds() / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
