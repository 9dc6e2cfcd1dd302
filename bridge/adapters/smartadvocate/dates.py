"""Parses dates as SmartAdvocate may send them: ISO, US format, and .NET's `/Date(…)/`.

No format is documented: this API's examples are ISO without an offset, related APIs send a `Z` or
`12/24/2020` (docs/reference/smartadvocate.md#dates).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR = 1901
"""Earlier dates mean no date: .NET has 0001-01-01 for it, SQL Server 1900-01-01."""

_OFFSET = r"(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_ISO = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T\s]\s*(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)\s*" + _OFFSET + ")?",
    re.IGNORECASE,
)
_US = re.compile(
    r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"
    r"(?:,?\s+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]+)?)?"
    r"\s*(?:(?P<half>[AP])\.?M\.?)?\s*" + _OFFSET + ")?",
    re.IGNORECASE,
)
# The offset has no effect: the milliseconds are UTC.
_NET = re.compile(
    r"\\?/Date\((?P<milliseconds>-?[0-9]{1,18})(?:[+-][0-9]{4})?\)\\?/", re.IGNORECASE
)


def moment(sent: Any, zone: ZoneInfo) -> datetime | None:
    """The moment in UTC; None for no date. A date without an offset is in `zone`.

    Raises:
        ValueError: the date can't be read.
    """
    text = "" if sent is None else str(sent).strip()
    if not text:
        return None
    for form, read in _FORMS:
        found = form.fullmatch(text)
        if found is not None:
            return _in_utc(read(found), zone)
    raise ValueError


def _in_utc(there: datetime | None, zone: ZoneInfo) -> datetime | None:
    if there is None or there.year < _FIRST_YEAR:
        return None
    try:
        return (there if there.tzinfo else there.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError from error


def _iso(found: re.Match[str]) -> datetime:
    time, offset = found["time"] or "00:00", found["offset"] or ""
    return datetime.fromisoformat(f"{found['date']}T{time.replace(',', '.')}{offset.upper()}")


def _us(found: re.Match[str]) -> datetime:
    hour = int(found["hour"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if found["half"].upper() == "P" else 0)
    date = f"{found['year']}-{int(found['month']):02d}-{int(found['day']):02d}"
    time = f"{hour:02d}:{found['minute'] or '00'}:{found['second'] or '00'}"
    offset = (found["offset"] or "").upper()
    return datetime.fromisoformat(f"{date}T{time}{found['fraction'] or ''}{offset}")


def _net(found: re.Match[str]) -> datetime | None:
    milliseconds = int(found["milliseconds"])
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        if milliseconds < 0:  # 0001-01-01 in a zone east of UTC
            return None
        raise ValueError from None


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], datetime | None]], ...] = (
    (_ISO, _iso),
    (_US, _us),
    (_NET, _net),
)
