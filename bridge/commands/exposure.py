"""What `bridge check` warns of because others could read or guess it."""

import ipaddress
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import parse_qs, urlsplit

from bridge import setting_parsers
from bridge.commands.findings import WARNING, Finding
from bridge.settings import Settings
from bridge.store.db import Database

_LEAST = 16
"""Characters of a secret that nobody guesses by trying."""
_CHOSEN_HERE = frozenset({"CONSOLE_PASSWORD", "SECRET_KEY", "METRICS_TOKEN"})
"""Secrets that the firm makes up itself; the others were issued by Twilio and SmartAdvocate."""
_MAKE = "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` makes one"


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Secrets that are short, and addresses to which secrets and people's data go in the open."""
    for one in fields(settings):
        name, value = one.metadata["name"], getattr(settings, one.name)
        is_secret = one.metadata["secret"] and one.metadata["parse"] is setting_parsers.text
        if is_secret and value is not None and len(value) < _LEAST:
            yield Finding(WARNING, "settings", _short(name, len(value)))
    for name, url in (
        ("SMARTADVOCATE_URL", settings.smartadvocate_url),
        ("TWILIO_API_URL", settings.twilio_api_url),
    ):
        if url and url.startswith("http://") and not is_this_machine(urlsplit(url).hostname):
            says = f"{name} is plain http: keys and people's data can be read on the way; use https"
            yield Finding(WARNING, "settings", says)


def of_database(settings: Settings, db: Database) -> Iterator[Finding]:
    """A connection to another machine's database that isn't encrypted.

    Raises:
        OperationalError: the database can't be reached.
    """
    elsewhere = [host for host in _hosts(settings.database_url) if not is_this_machine(host)]
    if elsewhere and not db.is_encrypted():
        says = (
            f"the connection to {elsewhere[0]} is not encrypted: add sslmode=require to "
            "DATABASE_URL, or set PGSSLMODE=require"
        )
        yield Finding(WARNING, "database", says)


def _hosts(url: str) -> list[str]:
    """Where a database may be: its address may name machines, or sockets, in its query alone."""
    address = urlsplit(url)
    named = [one for group in parse_qs(address.query).get("host", []) for one in group.split(",")]
    machines = [one.partition(":")[0] for one in named if not one.startswith("/")]
    return [address.hostname] if address.hostname else machines


def is_this_machine(host: str | None) -> bool:
    """Whether what is sent to this host stays on the machine; so does a socket's, without host."""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _short(name: str, length: int) -> str:
    if name in _CHOSEN_HERE:
        return f"{name} has {length} characters: use {_LEAST} or more; {_MAKE}"
    return f"{name} has {length} characters, fewer than {_LEAST}: was all of it copied?"
