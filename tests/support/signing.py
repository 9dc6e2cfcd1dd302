"""Callbacks as Twilio sends them, with a signature made without the code under test."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

ACCOUNT_SID = "AC" + "0" * 32
FIRM = "+14025550100"


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the URL and the sorted fields, in Base64."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def just_now() -> str:
    """A `Timestamp` for a bridge that runs by the host's clock."""
    return format_datetime(datetime.now(UTC))


def call_fields(sid: str, status: str, sequence: int, **more: str) -> dict[str, str]:
    """A call's status callback with all that a real one carries."""
    place = {"City": "", "State": "NE", "Zip": "", "Country": "US"}
    fields = {
        "AccountSid": ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "CallSid": sid,
        "CallStatus": status,
        "CallbackSource": "call-progress-events",
        "Direction": "outbound-api",
        "From": FIRM,
        "To": "+14025555759",
        "SequenceNumber": str(sequence),
        "Timestamp": "Mon, 23 Nov 2026 17:00:00 +0000",
    }
    for side in ("From", "To", "Caller", "Called"):
        fields |= {f"{side}{what}": value for what, value in place.items()}
    fields |= more
    return fields | {"Caller": fields["From"], "Called": fields["To"]}


def text_fields(sid: str, status: str, **more: str) -> dict[str, str]:
    """A message's status callback with all that a real one carries."""
    return {
        "AccountSid": ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "MessageSid": sid,
        "SmsSid": sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "From": FIRM,
        "To": "+14025555759",
    } | more
