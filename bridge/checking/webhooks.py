"""What Twilio has for the firm's number, beside what it should have."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bridge.adapters.twilio.number_webhooks import Webhooks
from bridge.adapters.twilio.urls import CALL_IN, CALL_STATUS, TEXT_IN, callback_url
from bridge.checking.findings import FAILURE, OK, WARNING

_MATCHES = "matches"
_CUT = "matches, but for the part behind #, which asks Twilio to try again: copy all of it"
_BY_GET = "Twilio has the address, but asks by GET: choose HTTP POST"


@dataclass(frozen=True)
class Webhook:
    """One address at a number, as Twilio has it."""

    name: str
    level: str
    says: str
    url: str
    """What it should be; empty where it can't be the bridge's own."""


@dataclass(frozen=True)
class Expected:
    """One address at a number, as it should be."""

    name: str
    url: str


def expected(public_url: str) -> tuple[Expected, ...]:
    """The addresses that the number should have."""
    return (
        Expected("A call comes in", callback_url(public_url, CALL_IN)),
        Expected("A message comes in", callback_url(public_url, TEXT_IN)),
        Expected("Call status changes", callback_url(public_url, CALL_STATUS)),
    )


def compare(public_url: str, kept: Webhooks) -> list[Webhook]:
    """What Twilio has for a number, address by address."""
    call, text, status = expected(public_url)
    return [
        _calls(call, kept),
        _texts(text, kept),
        _statuses(status, kept),
        _fallback(public_url, kept),
    ]


def shown(url: str) -> str:
    """Another program's address without what may be a secret in it."""
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    return f"{where}{parts.path}{'?…' if parts.query else ''}"


def _calls(wanted: Expected, kept: Webhooks) -> Webhook:
    if kept.call_app:
        says = f"{kept.call_app} takes calls instead of an address: remove it from the number"
        return Webhook(wanted.name, FAILURE, says, wanted.url)
    missing = "Twilio has no address: nobody who calls back is put through"
    level, says = _compared(wanted.url, kept.call, kept.call_method, missing)
    return Webhook(wanted.name, level, says, wanted.url)


def _texts(wanted: Expected, kept: Webhooks) -> Webhook:
    if kept.text_app:
        says = f"{kept.text_app} takes texts instead of an address: remove it from the number"
        return Webhook(wanted.name, FAILURE, says, wanted.url)
    missing = "Twilio has no address: nobody's STOP is heard"
    level, says = _compared(wanted.url, kept.text, kept.text_method, missing)
    return Webhook(wanted.name, level, says, wanted.url)


def _statuses(wanted: Expected, kept: Webhooks) -> Webhook:
    """The bridge does without: at the end of a call in, Twilio asks it what comes next."""
    if not kept.status:
        return Webhook(wanted.name, OK, "not set, and not needed", wanted.url)
    if _bare(kept.status) == _bare(wanted.url):
        return Webhook(wanted.name, OK, _MATCHES, wanted.url)
    says = f"Twilio has another address, which does no harm: {shown(kept.status)}"
    return Webhook(wanted.name, OK, says, wanted.url)


def _fallback(public_url: str, kept: Webhooks) -> Webhook:
    name = "Primary handler fails"
    if not kept.call_fallback:
        says = (
            "not set: while this app is down, callers hear an error. Set one that dials the firm, "
            "such as a TwiML Bin"
        )
        return Webhook(name, WARNING, says, "")
    if _bare(kept.call_fallback).startswith(public_url):
        says = "it leads to this app, which is down just then: set one outside, such as a TwiML Bin"
        return Webhook(name, WARNING, says, "")
    return Webhook(name, OK, f"set: {shown(kept.call_fallback)}", "")


def _compared(wanted: str, kept: str, method: str, missing: str) -> tuple[str, str]:
    if not kept:
        return FAILURE, missing
    if _bare(kept) != _bare(wanted):
        return FAILURE, f"Twilio has another address: {shown(kept)}"
    if method.upper() != "POST":
        return FAILURE, _BY_GET
    return (OK, _MATCHES) if kept == wanted else (WARNING, _CUT)


def _bare(url: str) -> str:
    return url.partition("#")[0]
