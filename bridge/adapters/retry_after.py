"""The delay that a remote system asks for in the header Retry-After (RFC 9110, 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST_DELAY = timedelta(hours=1)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The delay, at most an hour; None without the header. It holds seconds or a date."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:6])), _LONGEST_DELAY)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta()), _LONGEST_DELAY)
