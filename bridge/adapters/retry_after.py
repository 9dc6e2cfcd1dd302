"""How long a remote system asks to be left alone: the header Retry-After (RFC 9110, 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST_REST = timedelta(hours=1)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The pause, given in seconds or as a date; at most an hour. None when none is asked for."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=int(said[:6])), _LONGEST_REST)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta()), _LONGEST_REST)
