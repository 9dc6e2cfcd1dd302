"""How Twilio's REST API shows calls, texts, the account and errors."""

from email.utils import format_datetime
from typing import Any

from bridge.sandbox.line import Call
from bridge.sandbox.switchboard import SentText, Switchboard


def account_resource(board: Switchboard) -> dict[str, Any]:
    """The account."""
    return {
        "sid": board.account_sid,
        "friendly_name": "Pretend account",
        "status": "active",
        "type": "Full",
    }


def number_resource(board: Switchboard, number: str) -> dict[str, Any]:
    """A number of the account, and where what comes in at it is posted."""
    webhooks = board.webhooks
    return {
        "sid": f"PN{'0' * 32}",
        "account_sid": board.account_sid,
        "phone_number": number,
        "voice_url": webhooks.call,
        "voice_method": "POST",
        "voice_fallback_url": webhooks.fallback,
        "voice_fallback_method": "POST",
        "voice_application_sid": "",
        "trunk_sid": None,
        "sms_url": webhooks.text,
        "sms_method": "POST",
        "sms_application_sid": "",
        "status_callback": webhooks.status,
        "status_callback_method": "POST",
    }


def call_resource(board: Switchboard, call: Call) -> dict[str, Any]:
    """A call, or one leg of it."""
    direction = "inbound" if call.inbound else "outbound-api"
    return {
        "sid": call.sid,
        "account_sid": board.account_sid,
        "to": call.to,
        "from": call.sender,
        "parent_call_sid": call.parent_sid,
        "status": call_status(call),
        "direction": "outbound-dial" if call.parent_sid else direction,
        "date_created": format_datetime(call.created_at),
        "duration": None if call.duration is None else str(call.duration),
        "answered_by": call.answered_by,
        "price": None,
        "queue_time": "0",
        "uri": f"/2010-04-01/Accounts/{board.account_sid}/Calls/{call.sid}.json",
    }


def call_status(call: Call) -> str:
    """The status: where a callback says `initiated`, the resource still says `queued`."""
    return "queued" if call.status == "initiated" else call.status


def text_resource(board: Switchboard, text: SentText) -> dict[str, Any]:
    """A text."""
    return {
        "sid": text.sid,
        "account_sid": board.account_sid,
        "to": text.to,
        "from": text_sender(board, text),
        "body": text.body,
        "status": text.status,
        "direction": "outbound-api",
        "date_created": format_datetime(text.created_at),
        "error_code": text.error,
        "num_segments": "1",
        "price": None,
        "uri": f"/2010-04-01/Accounts/{board.account_sid}/Messages/{text.sid}.json",
    }


def text_sender(board: Switchboard, text: SentText) -> str:
    """The number that a text was sent from."""
    return text.params.get("From", [board.numbers[0]])[0]


def error_resource(code: int, message: str, status: int) -> dict[str, Any]:
    """An error."""
    where = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": where, "status": status}
