"""The lines of `bridge check`, and which setting a failure is about."""

from dataclasses import dataclass

from bridge.errors import AccountBlocked, BridgeError, Permanent, SettingError

OK, WARNING, FAILURE = "ok", "warning", "failure"

_PROBE = "`bridge check --probe` finds out what to set"
_REMEDIES = {
    "unreachable": "check SMARTADVOCATE_URL, and whether its server admits this machine",
    "html": "check SMARTADVOCATE_URL: it should be the address of the API, not of a page",
    "redirect": "check SMARTADVOCATE_URL: it should be the address of the API, not of a page",
    "http-401": "check SMARTADVOCATE_API_KEY",
    "http-403": "check SMARTADVOCATE_API_KEY",
    "http-400": f"check SMARTADVOCATE_NAMES; {_PROBE}",
    "http-405": f"check the verbs in SMARTADVOCATE_CALLS; {_PROBE}",
    "not-a-list": f"check SMARTADVOCATE_CALLS and SMARTADVOCATE_NAMES; {_PROBE}",
    "no-case": f"check SMARTADVOCATE_CALLS and SMARTADVOCATE_NAMES; {_PROBE}",
    "other-case": f"check SMARTADVOCATE_NAMES; {_PROBE}",
    "address": _PROBE,
}
"""What to do about an answer from SmartAdvocate, by the code of our error."""
_ANY = f"check SMARTADVOCATE_URL, SMARTADVOCATE_CALLS and SMARTADVOCATE_NAMES; {_PROBE}"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: str
    subject: str
    sentence: str


def about_smartadvocate(error: BridgeError | SettingError) -> str:
    """What SmartAdvocate answered, and which setting to change."""
    if isinstance(error, SettingError):
        return str(error)
    return f"{error.sentence}: {_REMEDIES.get(error.code, _ANY)}"


def about_twilio(error: BridgeError) -> str:
    """What Twilio answered, and which setting to change."""
    if isinstance(error, AccountBlocked | Permanent):
        return f"{error.sentence}: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
    return f"{error.sentence}: try again; if that doesn't help, check TWILIO_API_URL"
