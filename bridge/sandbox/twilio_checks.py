"""How strictly Twilio's REST API reads parameters: published names, right values, once each."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bridge.sandbox import published
from bridge.sandbox.switchboard import Switchboard

Params = Mapping[str, Sequence[str]]
_MAY_REPEAT = frozenset({"StatusCallbackEvent", "MediaUrl"})
_SIDES: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "": lambda at, given: at.astimezone(UTC).date() == given.astimezone(UTC).date(),
    "<": lambda at, given: at <= given,
    ">": lambda at, given: at >= given,
}
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_EVENTS = {"initiated", "ringing", "answered", "completed"}
_LONGEST_TEXT = 1600


class RestError(Exception):
    """Twilio refuses a request: an error code, a sentence, an HTTP status."""

    def __init__(self, code: int, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status


def check_new_call(board: Switchboard, params: Params) -> None:
    """Check a request for a call.

    Raises:
        RestError: Twilio would refuse it.
    """
    check_names(params, published.CREATE_CALL)
    _check_numbers(board, params, 21210)
    if ("Url" in params) == ("Twiml" in params):
        raise RestError(21205, "exactly one of Url and Twiml is needed")
    for name in ("Url", "StatusCallback", "AsyncAmdStatusCallback"):
        if name in params and not urlsplit(params[name][0]).netloc:
            raise RestError(21205, f"{name} is not a URL")
    if not set(params.get("StatusCallbackEvent", ())) <= _EVENTS:
        raise RestError(21626, "StatusCallbackEvent: one value each, of the four")
    _check_range(params, "Timeout", 5, 600, 21220)
    if params.get("MachineDetection", ["Enable"])[0] not in {"Enable", "DetectMessageEnd"}:
        raise RestError(21263, "MachineDetection is wrong")
    if params.get("AsyncAmd", ["true"])[0] not in {"true", "false"}:
        raise RestError(21263, "AsyncAmd should be true or false, in lower case")
    if params.get("AsyncAmd") == ["true"] and "AsyncAmdStatusCallback" not in params:
        raise RestError(21262, "AsyncAmdStatusCallback is missing")
    code = board.manner(params["To"][0]).refuse_call
    if code is not None:
        raise RestError(code, "refused")


def check_new_text(board: Switchboard, params: Params) -> None:
    """Check a request for a text.

    Raises:
        RestError: Twilio would refuse it.
    """
    check_names(params, published.CREATE_MESSAGE)
    if "MessagingServiceSid" not in params:
        _check_numbers(board, params, 21606)
    body = params.get("Body", [""])[0]
    if not 0 < len(body) <= _LONGEST_TEXT:
        raise RestError(21617 if body else 21619, "Body should have 1 to 1600 characters")
    _check_range(params, "ValidityPeriod", 1, 36000, 21624)
    code = board.manner(params["To"][0]).refuse_text
    if code is not None:
        raise RestError(code, "refused")


def check_names(params: Params, names: frozenset[str]) -> None:
    """Check that all parameters are published ones, each at most once.

    Raises:
        RestError: one isn't.
    """
    unknown = set(params) - names
    if unknown:
        raise RestError(20001, f"not a published parameter: {', '.join(sorted(unknown))}")
    repeated = {name for name, values in params.items() if len(values) > 1} - _MAY_REPEAT
    if repeated:
        raise RestError(20001, f"more than once: {', '.join(sorted(repeated))}")


def is_within(params: Params, name: str, at: datetime) -> bool:
    """Whether a moment is on a date, or on the right side of a date's midnight or of a moment."""
    return all(
        holds(at, _moment(params[f"{name}{sign}"][0]))
        for sign, holds in _SIDES.items()
        if f"{name}{sign}" in params
    )


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise RestError(20001, f"neither a date nor a date-time: {value}") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _check_numbers(board: Switchboard, params: Params, not_ours: int) -> None:
    if not _E164.fullmatch(params.get("To", [""])[0]):
        raise RestError(21211, "To should be in E.164 form")
    if params.get("From", [""])[0] not in board.numbers:
        raise RestError(not_ours, "From is not a number of this account")


def _check_range(params: Params, name: str, least: int, most: int, code: int) -> None:
    value = params.get(name, [str(least)])[0]
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise RestError(code, f"{name} should be a whole number from {least} to {most}")
