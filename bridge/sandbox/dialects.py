"""The dialects of SmartAdvocate that the stand-in speaks.

Verbs, parameter names, time zone, and the forms of answers and refusals of its API are not
published in full. Each dialect differs in one of them from what the bridge assumes; they combine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

DATE_FORM = "%Y-%m-%dT%H:%M:%S"
IN_THE_DIALER, DO_NOT_DIAL = "In the Dialer", "Do not Dial"
HOLD = "Attorney Hold"
_DATES = frozenset({"DialDateTime"})
_NOON = 12


@dataclass(frozen=True)
class Dialect:
    """How the stand-in speaks; the defaults are what the bridge assumes."""

    posts_reads: bool = False
    """GetCasesToDial and GetCaseInfo only by POST, with JSON."""
    is_wrapped: bool = False
    """Answers in `Success` and `Data`, names in camel case, dates in US form to the minute."""
    zone: ZoneInfo = field(default=ZoneInfo("America/New_York"))
    """The zone of its dates."""
    takes_any_moment: bool = False
    """In the Dialer and Do not Dial are accepted with another time than the current one, and the
    lapse is kept, as by a server that doesn't check it."""
    ahead: timedelta = timedelta()
    """How far its clock is ahead."""
    refuses_outcomes: bool = False
    """An update with a Disposition is refused inside a 200."""
    to_dial: str = "To Dial"
    """The firm's own label for it, the only one that is shown and accepted."""
    hold: str = ""
    """A label that staff set on some cases while the phone rings; empty: none."""
    most: int | None = None
    """The largest number of cases that is listed, whatever is requested."""
    claims_unasked: bool = False
    """The parameter is spelled AutoChange, is true unless it is sent as false, and parameters that
    GetCasesToDial doesn't know are ignored."""
    rounds_dates: bool = False
    """Dates are kept to the minute, as by SQL's smalldatetime."""

    @property
    def statuses(self) -> tuple[str, str, str]:
        """The labels of a dialer status that it knows."""
        return (self.to_dial, IN_THE_DIALER, DO_NOT_DIAL)

    def kept(self, next_call: str) -> str:
        """A date as it is kept: smalldatetime goes to the nearest minute."""
        if not self.rounds_dates:
            return next_call
        moment = datetime.strptime(next_call, DATE_FORM) + timedelta(seconds=30)  # noqa: DTZ007
        return f"{moment:%Y-%m-%dT%H:%M}:00"

    def read(self, answer: Any) -> Any:
        """The answer to a call that reads, in this dialect."""
        return {"Success": True, "Data": _spoken(answer)} if self.is_wrapped else answer

    def written(self, answer: Any) -> Any:
        """The answer to a call that writes."""
        if self.is_wrapped:
            return {"Success": True, "Data": None}
        return {"Success": True} if self.refuses_outcomes else answer

    def refused(self, status: int, sentence: str) -> Any:
        """The body of a refusal."""
        if self.is_wrapped or status == 200:
            return {"Success": False, "Message": sentence}
        return {"Message": sentence}


PLAIN = Dialect()

_PARTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "post": {"posts_reads": True},
        "wrapped": {"is_wrapped": True},
        "utc": {"zone": ZoneInfo("UTC"), "takes_any_moment": True},
        "fast-clock": {"ahead": timedelta(seconds=20)},
        "refusing": {"refuses_outcomes": True},
        "own-labels": {"to_dial": "Ready to call", "hold": HOLD},
        "capped": {"most": 10},
        "auto-change": {"claims_unasked": True},
    }
)

NAMES = tuple(_PARTS)


def named(names: Iterable[str]) -> Dialect:
    """The dialect of all these names; plain without any. Blank names don't count.

    Raises:
        ValueError: a name is unknown; the sentence lists the known ones.
    """
    combined = PLAIN
    for name in filter(None, map(str.strip, names)):
        if name not in _PARTS:
            raise ValueError(f"unknown dialect {name!r}: choose from {', '.join(NAMES)}")
        combined = replace(combined, **_PARTS[name])
    return combined


def _spoken(answer: Any) -> Any:
    """The same answer with names in camel case and dates in US form, at every level."""
    if isinstance(answer, list):
        return [_spoken(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        name[:1].lower() + name[1:]: _american(value) if name in _DATES else _spoken(value)
        for name, value in answer.items()
    }


def _american(date: str) -> str:
    """`2020-12-24T13:05:59` as `12/24/2020 1:05 PM`; what is no such date stays as it is."""
    try:
        moment = datetime.strptime(date, DATE_FORM)  # noqa: DTZ007
    except ValueError:
        return date
    hour = moment.hour % _NOON or _NOON
    half = "PM" if moment.hour >= _NOON else "AM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment.minute:02d} {half}"
