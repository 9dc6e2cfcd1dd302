"""`bridge secret`: a hash of the console's password, and a key that signs its sessions."""

import secrets
import sys

import click
from werkzeug.security import generate_password_hash

_LEAST = 16
"""Characters of a password that can't be guessed by trying."""
_MOST = 1024
_KEY_BYTES = 32
_METHOD = "scrypt:32768:8:1"
"""32 MB and a tenth of a second for each look at a password."""


def lines(password: str) -> str:
    """The lines for the settings. In quotes, since a shell would take `$…` out of the hash."""
    hashed = generate_password_hash(password, method=_METHOD)
    return f"CONSOLE_PASSWORD='{hashed}'\nSECRET_KEY='{secrets.token_urlsafe(_KEY_BYTES)}'"


def ask() -> str:
    """The password: typed twice and unseen on a terminal, else the first line of the input.

    Raises:
        click.ClickException: there is none, or one that nobody could type into the form.
    """
    if sys.stdin.isatty():
        password: str = click.prompt(
            "Password for the console", hide_input=True, confirmation_prompt=True, err=True
        )
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    # What the settings say is read without the spaces around it.
    password = password.strip()
    if not password:
        raise click.ClickException("there is no password: type one, or give it as the first line")
    if len(password) > _MOST or not password.isprintable():
        raise click.ClickException(
            f"the password should have at most {_MOST} characters, none of them a control character"
        )
    return password


def doubt(password: str) -> str | None:
    """What to say of a password that could be guessed; None of a good one."""
    if len(password) >= _LEAST:
        return None
    return (
        f"Note: this password has {len(password)} characters. Sixteen or more, such as four words "
        "that don't belong together, can't be guessed."
    )
