"""Which password is which. A hash of `bridge secret` is accepted in place of the password."""

import hmac
import threading

from werkzeug.security import check_password_hash

from bridge.console.people import Role
from bridge.settings import Settings

_HASHED = ("scrypt:", "pbkdf2:")
_ONE_AT_A_TIME = threading.Lock()
"""A hash takes 32 MB while it is checked."""


def role_of(settings: Settings, password: str) -> Role | None:
    """The role of whoever knows this password; None for a wrong one. Both are always compared."""
    known = (
        (settings.console_password, Role.OPERATOR),
        (settings.console_view_password, Role.VIEWER),
    )
    matching = [role for kept, role in known if kept and _matches(kept, password)]
    return matching[0] if matching else None


def _matches(kept: str, password: str) -> bool:
    if kept.startswith(_HASHED):
        with _ONE_AT_A_TIME:
            return check_password_hash(kept, password)
    return hmac.compare_digest(kept.encode(), password.encode())
