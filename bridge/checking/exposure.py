"""What `bridge check` warns about because others could read or guess it."""

import ipaddress
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import parse_qs, urlsplit

from werkzeug.security import check_password_hash

from bridge import setting_parsers
from bridge.checking.findings import FAILURE, WARNING, Finding
from bridge.settings import Settings
from bridge.store.db import Database

_LEAST = 16
"""Characters of a secret that can't be guessed by trying."""
_CHOSEN_HERE = frozenset({"METRICS_TOKEN"})
"""Secrets that the firm chooses itself; the others were issued by Twilio and SmartAdvocate."""
_HASH_IT = "put its hash in its place, which `bridge secret` makes"
_MAKE = "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` makes one"


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Short secrets, and addresses to which secrets and people's data are sent unencrypted."""
    for setting in fields(settings):
        name, value = setting.metadata["name"], getattr(settings, setting.name)
        is_secret = setting.metadata["secret"] and setting.metadata["parse"] is setting_parsers.text
        if is_secret and value is not None and len(value) < _LEAST:
            yield Finding(WARNING, "settings", _short(name, len(value)))
    yield from _console(settings)
    for name, url in (
        ("SMARTADVOCATE_URL", settings.smartadvocate_url),
        ("TWILIO_API_URL", settings.twilio_api_url),
    ):
        if url and url.startswith("http://") and not is_this_machine(urlsplit(url).hostname):
            says = f"{name} is plain http: keys and people's data can be read in transit; use https"
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
    groups = parse_qs(address.query).get("host", [])
    named = [host for group in groups for host in group.split(",")]
    machines = [host.partition(":")[0] for host in named if not host.startswith("/")]
    return [address.hostname] if address.hostname else machines


def _console(settings: Settings) -> Iterator[Finding]:
    own, view = settings.console_password, settings.console_view_password
    for name, kept in (("CONSOLE_PASSWORD", own), ("CONSOLE_VIEW_PASSWORD", view)):
        if kept is None or setting_parsers.is_hash(kept):
            continue
        says = f"{name} is the password itself: {_HASH_IT}"
        if len(kept) < _LEAST:
            says = f"{name} has {len(kept)} characters: use {_LEAST} or more, and {_HASH_IT}"
        yield Finding(WARNING, "settings", says)
    if own and view and (own == view or _is_hash_of(own, view) or _is_hash_of(view, own)):
        says = (
            "CONSOLE_VIEW_PASSWORD is the same as CONSOLE_PASSWORD: whoever should only look may "
            "change everything; choose another one"
        )
        yield Finding(FAILURE, "settings", says)


def _is_hash_of(kept: str, password: str) -> bool:
    return setting_parsers.is_hash(kept) and check_password_hash(kept, password)


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
