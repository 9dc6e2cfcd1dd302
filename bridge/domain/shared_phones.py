"""Whose an opt-out is, where several cases share the phone that it came from.

owner_of    the one case whose person it is for certain
attribute   when it comes: what it ends, and which cases are held
meant_for   afterwards: what it ends for one case
whose       the question that is asked about a phone

SmartAdvocate gives no names: cases that share a phone may be one person's or a household's. One
message must not end six people's cases, and no opt-out may be lost
(docs/reference/law.md#opt-outs). So the phone is opted out for all of them; the person who is
certain is opted out everywhere; and whatever else may be the same person's is held until somebody
at the firm has asked who it was.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bridge.domain.contact_facts import OptOutScope
from bridge.domain.phones import E164

_ASKED = re.compile(r"somebody opted out at …(\d{1,4}):")
MOST_CASES = 8
"""A number in more cases than this is a clinic's or a shelter's, and makes nobody one person."""


@dataclass(frozen=True)
class Attributed:
    """Whose an opt-out is, as far as it is known."""

    scope: OptOutScope
    case_id: int | None
    """The case whose person it is certain to be, if there is one."""
    held: frozenset[int] = frozenset()
    """The cases that may be the same person's."""


@dataclass(frozen=True)
class Asked:
    """The case about which it is asked what an opt-out ends."""

    case_id: int | None
    circle: frozenset[int]
    """The cases that may be the same person's, as far as the bridge knows."""


@dataclass(frozen=True)
class Recorded:
    """An opt-out as it was stored."""

    scope: OptOutScope
    case_id: int | None
    at: datetime


def owner_of(named: int | None, sharing: Collection[int]) -> int | None:
    """The case whose person has opted out for certain: the one that is named, or the only one.

    `named` is the case that the opt-out itself names, as a key on the case's own call does;
    `sharing` are the cases with the phone that it came from.
    """
    return next(iter(sharing)) if named is None and len(sharing) == 1 else named


def ties(sharing: Collection[int]) -> bool:
    """Whether the cases that share a number may be one person's, or a household's, for it."""
    return len(sharing) <= MOST_CASES


def attribute(
    scope: OptOutScope, owner: int | None, sharing: Collection[int], circle: Collection[int]
) -> Attributed:
    """What an opt-out ends when it comes; `circle` are the cases that may be the person's."""
    if scope is not OptOutScope.PERSON:
        # It speaks of the phone alone, whoever has it.
        return Attributed(scope, owner)
    if owner is None and sharing:
        return Attributed(OptOutScope.SHARED_NUMBER, None, frozenset(circle))
    return Attributed(scope, owner, frozenset(circle) - {owner})


def meant_for(
    recorded: Recorded, asked: Asked, sharing: Collection[int], decided_at: datetime | None
) -> OptOutScope | None:
    """What a stored opt-out ends for a case; None if nothing.

    `sharing` are the cases that have its phone now; `decided_at` is when somebody at the firm last
    said that an opt-out from that phone was not this case's person's.
    """
    if recorded.scope in {OptOutScope.NUMBER, OptOutScope.CHANNEL}:
        return recorded.scope
    of_others = None if recorded.scope is OptOutScope.CASE else OptOutScope.NUMBER
    # What was nobody's when it came is that of the case that turns out to have the phone alone.
    owner = owner_of(recorded.case_id, sharing)
    if recorded.scope is not OptOutScope.SHARED_NUMBER and owner is not None:
        if owner == asked.case_id:
            return OptOutScope.PERSON
        if owner not in asked.circle and not ties(sharing):
            return of_others
    is_decided = decided_at is not None and decided_at >= recorded.at
    return of_others if is_decided else OptOutScope.SHARED_NUMBER


def end_of_phone(question: str) -> str:
    """The last four digits of the phone that `whose` asks about."""
    found = _ASKED.match(question)
    return found[1] if found else ""


def whose(phone: E164) -> str:
    """The question about the opt-outs from one phone: the reason for which its cases are held."""
    return (
        f"somebody opted out at …{phone[-4:]}: whose refusal was it? If this client's, set the "
        "case to Do not Dial; if not, resume it"
    )
