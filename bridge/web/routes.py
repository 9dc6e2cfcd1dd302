"""Every route of the web app and what guards it, in one list. What isn't listed isn't served."""

from collections.abc import Mapping
from enum import StrEnum

from bridge.adapters.twilio.callback_kinds import ROUTES
from bridge.adapters.twilio.signature import HEADER


class Guard(StrEnum):
    """What lets a request in."""

    PUBLIC = "public"
    """Nothing to hide, and nothing is changed."""
    SIGNATURE = "signature"
    """Twilio's, over the address and the fields."""
    TOKEN = "token"  # noqa: S105 - the name of a guard
    """METRICS_TOKEN, as a bearer token."""


GUARDS: Mapping[str, Guard] = {
    "/healthz": Guard.PUBLIC,
    "/readyz": Guard.PUBLIC,
    "/metrics": Guard.TOKEN,
    **dict.fromkeys(ROUTES.values(), Guard.SIGNATURE),
}
"""By the route's rule."""

WITHOUT_THREAD = frozenset({"/healthz"})
"""Answered at once, whatever the threads wait for: what touches nothing else."""

_SIGNED = HEADER.lower().encode()


def takes_body(path: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request's body is worth reading: among Twilio's, only if it bears a signature."""
    # A route is found however many slashes begin the path.
    return not path.lstrip("/").startswith("twilio/") or bool(headers.get(_SIGNED))
