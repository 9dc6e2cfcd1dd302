"""Faults that are planted in the bridge, to see that a month finds them.

Each replaces functions of the bridge while a seed is played; nothing of this is in the bridge.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import bridge.eligibility
from bridge import call_flow, phone_choices
from bridge.adapters.twilio import callbacks
from bridge.dialing import confirming, reconciliation
from bridge.domain import eligibility, hours, progress
from bridge.domain.contact_facts import PauseScope
from bridge.store.cases import history
from bridge.store.dialing import attempt_transitions, attempts, pauses
from bridge.store.reporting import lanes

_Replacement = tuple[Any, str, Callable[..., Any]]


@dataclass(frozen=True)
class Fault:
    """A mistake that somebody might make."""

    name: str
    says: str
    replaces: Sequence[_Replacement]


def _cap_off_by_one(caps: Any, location: Any, rules: Any) -> Any:
    right = _RIGHT_CAPS(caps, location, rules)
    return replace(
        right, calls_a_day=right.calls_a_day + 1, contacts_a_day=right.contacts_a_day + 1
    )


def _one_zone(location: Any) -> list[str]:
    return _RIGHT_ZONES(location)[:1]


def _keep_anew(topic: Any, *words: Any) -> str:
    """Every arrival is an event of its own."""
    _KEYS.append(None)
    return f"{_RIGHT_KEY(topic, *words)[:100]}|{len(_KEYS)}"


def _place_again(connection: Any, identity: str, reason: str) -> bool:
    now = attempts.get(connection, identity)
    return now is not None and attempt_transitions.unreserve(connection, identity, now.due_at)


def _newest_wins(first: Any, second: Any, *_: Any) -> Any:
    return second


def _without_states(connection: Any, now: Any) -> Any:
    found = _RIGHT_PAUSES(connection, now)
    return [stored for stored in found if stored.pause.scope is not PauseScope.STATE]


_RIGHT_CAPS = eligibility.effective_caps
_RIGHT_ZONES = hours.candidate_zones
_RIGHT_KEY = callbacks._event_key
_RIGHT_PAUSES = pauses.active
_KEYS: list[None] = []


def _always(answer: Any) -> Callable[..., Any]:
    return lambda *_, **__: answer


FAULTS = (
    Fault("cap", "a cap is off by one", ((eligibility, "effective_caps", _cap_off_by_one),)),
    Fault("lease", "a lease is not checked", ((lanes, "still_held", _always(True)),)),
    Fault(
        "dedupe",
        "the key that tells a repetition is lost",
        ((callbacks, "_event_key", _keep_anew),),
    ),
    Fault(
        "order", "the newest callback wins, not the furthest", ((progress, "merge", _newest_wins),)
    ),
    Fault(
        "ringing",
        "a STOP is ignored while the phone rings",
        ((call_flow, "may_greet", _always(True)),),
    ),
    Fault(
        "refusal",
        "opt-outs are not looked at",
        (
            (eligibility, "opt_out_applies", _always(False)),
            (phone_choices, "opt_out_applies", _always(False)),
        ),
    ),
    Fault("zone", "one time zone of two is forgotten", ((hours, "candidate_zones", _one_zone),)),
    Fault(
        "margin",
        "nothing is kept free behind the opening and before the closing",
        ((hours, "AFTER_OPENING", timedelta()), (hours, "BEFORE_CLOSING", timedelta())),  # type: ignore[arg-type]
    ),
    Fault(
        "gap",
        "the gap between two contacts is forgotten",
        ((eligibility, "contact_gap", _always(None)),),
    ),
    Fault(
        "lost answer",
        "a request whose answer was lost is made again",
        ((attempt_transitions, "mark_unknown", _place_again),),
    ),
    Fault(
        "two calls",
        "calls under way are not counted",
        ((history.History, "calls_under_way", _always(0)),),
    ),
    Fault(
        "room",
        "DIAL_MAX_CALLS is not kept",
        ((attempts, "calls_under_way", _always(0)),),
    ),
    Fault("emergency", "a state's pause is not looked at", ((pauses, "active", _without_states),)),
    Fault(
        "forgotten",
        "Twilio is never asked what became of a call",
        ((reconciliation, "reconcile", _always(0)),),
    ),
    Fault(
        "by hand",
        "a Do not Dial of staff's is not looked at before the call",
        ((confirming, "changed_by_hand", _always(None)),),
    ),
)
"""All of them."""


def _forget() -> None:
    """What the rules have kept of their answers: they were given with another fault, or none."""
    for module in (bridge.eligibility, eligibility, hours):
        for kept in vars(module).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """Play with this fault."""
    with ExitStack() as stack:
        for where, name, replacement in fault.replaces:
            stack.callback(setattr, where, name, getattr(where, name))
            setattr(where, name, replacement)
        stack.callback(_forget)
        _forget()
        yield


def named(name: str) -> Fault:
    """The fault with this name."""
    return next(fault for fault in FAULTS if fault.name == name)
