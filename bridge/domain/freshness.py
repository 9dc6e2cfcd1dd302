"""Whether a callback can be about now.

A signature carries no moment of its own (twilio.md, 3.1): whoever has seen a signed callback could
post it again for ever. What a callback says of its own time is signed with it, and Twilio is done
with its repetitions within seconds (twilio.md, 3.3).
"""

from datetime import datetime, timedelta


def not_of_now(happened: datetime | None, received: datetime, most: timedelta) -> str | None:
    """Why a callback of this moment, received at that one, means nothing any more; None: it does.

    `most` is CALLBACK_MAX_AGE. It counts in both directions: what happens only tomorrow is as
    unlikely as what happened yesterday, and the host's clock may be off a little in either. One
    that names no time is taken as it is: seen before, it is a duplicate and changes nothing.
    """
    if happened is None:
        return None
    if received - happened > most:
        return "Timestamp: is older than CALLBACK_MAX_AGE: Twilio doesn't repeat so late"
    if happened - received > most:
        return "Timestamp: lies in the future: the clock of this host may be wrong"
    return None
