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
    VIEWER = "viewer"
    """Somebody who is signed in to the console."""
    OPERATOR = "operator"
    """Somebody who is signed in and may change something; a form of ours."""
    SIGN_OUT = "sign-out"
    """Somebody who is signed in; a form of ours."""
    SIGN_IN = "sign-in"
    """Anybody, if there is a console; a form of ours."""
    ASSET = "asset"
    """Anybody, if there is a console."""


GUARDS: Mapping[str, Guard] = {
    "/healthz": Guard.PUBLIC,
    "/readyz": Guard.PUBLIC,
    "/metrics": Guard.TOKEN,
    **dict.fromkeys(ROUTES.values(), Guard.SIGNATURE),
    "/console": Guard.VIEWER,
    "/console/": Guard.VIEWER,
    "/console/<path:missing>": Guard.VIEWER,
    "/console/assets/<version>/<name>": Guard.ASSET,
    "/console/sign-in": Guard.SIGN_IN,
    "/console/sign-out": Guard.SIGN_OUT,
    "/console/search": Guard.VIEWER,
    "/console/pause": Guard.OPERATOR,
    "/console/resume": Guard.OPERATOR,
    "/console/agents/ready": Guard.OPERATOR,
    "/console/contacts": Guard.VIEWER,
    "/console/contacts.csv": Guard.VIEWER,
    "/console/todo": Guard.VIEWER,
    "/console/todo/texts/<int:callback_id>": Guard.OPERATOR,
    "/console/todo/texts/<int:callback_id>/preferences": Guard.OPERATOR,
    "/console/todo/shared/<int:pause_id>": Guard.OPERATOR,
    "/console/todo/numbers/<int:wrong_id>": Guard.OPERATOR,
    "/console/todo/assign": Guard.OPERATOR,
    "/console/todo/nobody": Guard.OPERATOR,
    "/console/todo/callbacks/<int:callback_id>": Guard.VIEWER,
    "/console/todo/callbacks/<int:callback_id>/seen": Guard.OPERATOR,
    "/console/todo/campaigns/<int:hold_id>": Guard.OPERATOR,
    "/console/todo/retry": Guard.OPERATOR,
    "/console/todo/give-up": Guard.OPERATOR,
    "/console/plan": Guard.VIEWER,
    "/console/plan.csv": Guard.VIEWER,
    "/console/plan/held/<group>": Guard.VIEWER,
    "/console/opt-outs": Guard.VIEWER,
    "/console/opt-outs.csv": Guard.VIEWER,
    "/console/opt-outs/new": Guard.OPERATOR,
    "/console/opt-outs/<int:opt_out_id>/lift": Guard.OPERATOR,
    "/console/consents": Guard.VIEWER,
    "/console/consents.csv": Guard.VIEWER,
    "/console/consents/new": Guard.OPERATOR,
    "/console/consents/<int:consent_id>/revoke": Guard.OPERATOR,
    "/console/setup": Guard.VIEWER,
    "/console/setup/check": Guard.OPERATOR,
    "/console/setup/dismiss": Guard.OPERATOR,
    "/console/setup/call": Guard.OPERATOR,
    "/console/setup/text": Guard.OPERATOR,
    "/console/setup/pauses": Guard.VIEWER,
    "/console/setup/pauses/new": Guard.OPERATOR,
    "/console/setup/pauses/<int:pause_id>/lift": Guard.OPERATOR,
    "/console/setup/settings": Guard.VIEWER,
    "/console/audit": Guard.VIEWER,
    "/console/audit.csv": Guard.VIEWER,
    "/console/cases/<int:case_id>": Guard.VIEWER,
    "/console/cases/<int:case_id>.csv": Guard.VIEWER,
    "/console/cases/<int:case_id>/evidence": Guard.VIEWER,
    "/console/cases/<int:case_id>/evidence.csv": Guard.VIEWER,
    "/console/cases/<int:case_id>/number": Guard.OPERATOR,
    "/console/cases/<int:case_id>/call": Guard.OPERATOR,
    "/console/cases/<int:case_id>/pause": Guard.OPERATOR,
    "/console/cases/<int:case_id>/resume": Guard.OPERATOR,
    "/console/cases/<int:case_id>/stop": Guard.OPERATOR,
    "/console/cases/<int:case_id>/preferences/<int:preference_id>/lift": Guard.OPERATOR,
}
"""By the route's rule."""

WITHOUT_THREAD = frozenset({"/healthz"})
"""Answered at once, whatever the threads wait for: what touches nothing else."""

_SIGNED = HEADER.lower().encode()


def takes_body(path: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request's body is worth reading: among Twilio's, only if it bears a signature."""
    # A route is found however many slashes begin the path.
    return not path.lstrip("/").startswith("twilio/") or bool(headers.get(_SIGNED))
