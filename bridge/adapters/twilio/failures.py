"""Translates what may go wrong with a request to Twilio into the bridge's errors.

The SDK raises three families of exceptions (docs/reference/twilio.md#the-python-library). Here they
become four errors: refused (Permanent), retry later (Transient), unknown whether it was done
(OutcomeUnknown), and the account is blocked (AccountBlocked).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import requests
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.response import Response
from urllib3.exceptions import NewConnectionError

from bridge.adapters.twilio.codes import Meaning, meaning
from bridge.errors import (
    AccountBlocked,
    BridgeError,
    NotKnown,
    OutcomeUnknown,
    Permanent,
    Transient,
)

_ABOUT_THE_ACCOUNT = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}
)


@contextmanager
def translated_errors(what: str, delay: Callable[[], timedelta | None]) -> Iterator[None]:
    """Raise the bridge's errors for those of the SDK and the connection.

    `what` names the request in messages; `delay` returns the one that Twilio's last response asked
    for.
    """
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        raise _refusal(error, what, delay()) from error
    except requests.ConnectTimeout as error:
        raise Transient("unreachable", "Twilio can't be reached") from error
    except requests.ConnectionError as error:
        if isinstance(
            getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError
        ):
            raise Transient("unreachable", "Twilio can't be reached") from error
        raise OutcomeUnknown("lost", f"Twilio's response to {what} was lost") from error
    except TwilioException as error:
        raise _list_error(error, what, delay()) from error
    except (requests.RequestException, ValueError) as error:
        raise OutcomeUnknown("lost", f"Twilio's response to {what} was lost") from error


def _list_error(error: TwilioException, what: str, delay: timedelta | None) -> BridgeError:
    """Refused lists raise a plain exception, which has the response as its second argument."""
    response = error.args[1] if len(error.args) > 1 else None
    if not isinstance(response, Response):
        return OutcomeUnknown("lost", f"Twilio's response to {what} could not be read")
    try:
        body = json.loads(response.text)
    except ValueError:
        body = {}
    fields = body if isinstance(body, dict) else {}
    # Never NotKnown, whatever the status: an unknown account says nothing about a call.
    refused = TwilioRestException(
        response.status_code, "", str(fields.get("message", "")), fields.get("code"), method="LIST"
    )
    return _refusal(refused, what, delay)


def _refusal(error: Any, what: str, delay: timedelta | None) -> BridgeError:
    code = error.code if isinstance(error.code, int) else error.status
    message = getattr(error, "msg", None) or getattr(error, "title", "")
    words = f"{code} {' '.join(str(message).split())}"[:300]
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return OutcomeUnknown(f"http-{error.status}", f"Twilio failed to process {what}: {words}")
    kind: Meaning = meaning(code)
    if error.status == HTTPStatus.TOO_MANY_REQUESTS or kind is Meaning.WAIT:
        return Transient(str(code), f"Twilio asked to retry {what} later: {words}", delay)
    if error.status == HTTPStatus.NOT_FOUND and error.method == "GET":
        return NotKnown(str(code), f"Twilio has no such call or text: {words}")
    about_the_account = error.status in _ABOUT_THE_ACCOUNT and kind is Meaning.REFUSED
    if about_the_account or kind is Meaning.ACCOUNT:
        return AccountBlocked(str(code), f"the Twilio account is blocked: {words}")
    return Permanent(str(code), f"Twilio refused {what}: {words}")
