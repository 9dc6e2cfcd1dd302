"""Whether a callback is too old to be processed.

A signature has no timestamp of its own (docs/reference/twilio.md#signatures): whoever has seen a
signed callback could post it again at any time. A callback's own timestamp is signed with it, and
Twilio's retries end within seconds (docs/reference/twilio.md#time-limits-and-retries).
"""

from datetime import datetime, timedelta


def why_stale(happened: datetime | None, received: datetime, max_age: timedelta) -> str | None:
    """Why a callback is too old or too new to be processed; None when it isn't.

    `max_age` is CALLBACK_MAX_AGE. It counts in both directions, as the host's clock may be off a
    little in either. A callback without a timestamp is processed: a repeated one is a duplicate and
    changes nothing.
    """
    if happened is None:
        return None
    if received - happened > max_age:
        return "Timestamp: older than CALLBACK_MAX_AGE; Twilio doesn't retry that late"
    if happened - received > max_age:
        return "Timestamp: in the future; check this host's clock"
    return None
