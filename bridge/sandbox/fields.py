"""The fields of Twilio's callbacks, as full as the real ones.

Calls: https://www.twilio.com/docs/voice/api/call-resource#statuscallback
Texts: https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

FIRM_NUMBER = "+14025550100"
_CITY = {"City": "OMAHA", "State": "NE", "Zip": "68102", "Country": "US"}
_EMPTY = {"City": "", "State": "", "Zip": "", "Country": "US"}


def call_fields(
    *,
    account_sid: str,
    sid: str,
    to: str,
    status: str,
    at: datetime,
    sender: str = FIRM_NUMBER,
    **more: str,
) -> dict[str, str]:
    """The fields of a call's callbacks."""
    fields = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": sid,
        "CallStatus": status,
        "Direction": "outbound-api",
        "Timestamp": format_datetime(at.astimezone(UTC)),
        **more,
    }
    for side, other, number in (("From", "Caller", sender), ("To", "Called", to)):
        place = _CITY if number == FIRM_NUMBER else _EMPTY
        for name in (side, other):
            fields |= {name: number, **{f"{name}{what}": value for what, value in place.items()}}
    if "CallDuration" in more:
        # In minutes, rounded up, as Twilio bills them.
        fields["Duration"] = str(-(-int(more["CallDuration"]) // 60))
    return fields


def text_fields(
    *, account_sid: str, sid: str, to: str, status: str, at: datetime, error: int | None = None
) -> dict[str, str]:
    """The fields of a message's status callback."""
    fields = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "From": FIRM_NUMBER,
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "To": to,
    }
    if error is not None:
        fields["ErrorCode"] = str(error)
    if status in {"delivered", "undelivered"}:
        fields["RawDlrDoneDate"] = f"{at - timedelta(seconds=1):%y%m%d%H%M}"
    return fields


def text_in_fields(
    *,
    account_sid: str,
    sid: str,
    sender: str,
    body: str,
    pictures: int = 0,
    opt_out_type: str | None = None,
) -> dict[str, str]:
    """The fields of a text from a person."""
    fields = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "SmsStatus": "received",
        "From": sender,
        "To": FIRM_NUMBER,
        "NumMedia": str(pictures),
        "NumSegments": "1",
        **{f"From{what}": value for what, value in _EMPTY.items()},
        **{f"To{what}": value for what, value in _CITY.items()},
    }
    if body:
        fields["Body"] = body
    for number in range(pictures):
        fields[f"MediaUrl{number}"] = f"https://media.example.com/{sid}/{number}"
        fields[f"MediaContentType{number}"] = "image/jpeg"
    if opt_out_type:
        fields["OptOutType"] = opt_out_type
    return fields
