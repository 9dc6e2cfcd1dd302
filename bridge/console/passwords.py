"""Which password is which. A hash of `bridge secret` is accepted in place of the password.

A hash takes 32 MB and a tenth of a second while it is checked, so a process checks one at a time.
Whoever comes meanwhile may wait, but no more than one: Twilio's requests need threads too.
"""

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.security import check_password_hash

from bridge.console.people import Role
from bridge.setting_parsers import is_hash
from bridge.settings import Settings

BUSY_SECONDS = 2
"""When to come back where no place was free."""
_PLACES = threading.BoundedSemaphore(2)
_ONE_AT_A_TIME = threading.Lock()
_LONGEST_WAIT_SECONDS = 5.0


class Busy(Exception):
    """Others are signing in just now."""


@contextmanager
def a_place() -> Iterator[None]:
    """A place among those whose passwords are looked at; held for the whole of a try.

    Raises:
        Busy: there is none.
    """
    if not _PLACES.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _PLACES.release()


def role_of(settings: Settings, password: str) -> Role | None:
    """The role of whoever knows this password; None for a wrong one. Both are always compared.

    Raises:
        Busy: another one's password took too long.
    """
    known = (
        (settings.console_password, Role.OPERATOR),
        (settings.console_view_password, Role.VIEWER),
    )
    matching = [role for kept, role in known if kept and _matches(kept, password)]
    return matching[0] if matching else None


def _matches(kept: str, password: str) -> bool:
    if not is_hash(kept):
        return hmac.compare_digest(kept.encode(), password.encode())
    if not _ONE_AT_A_TIME.acquire(timeout=_LONGEST_WAIT_SECONDS):
        raise Busy
    try:
        return check_password_hash(kept, password)
    finally:
        _ONE_AT_A_TIME.release()
