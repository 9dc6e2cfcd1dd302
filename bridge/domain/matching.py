"""Which case a call or text belongs to: by the surest evidence there is, never by a guess."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bridge.domain.phones import E164


class Evidence(StrEnum):
    """What tied a call or text to its case, the surest first."""

    ASSIGNED = "assigned"
    """Somebody at the firm said whose it was."""
    URL = "url"
    SID = "sid"
    PHONE = "phone"
    AMBIGUOUS = "ambiguous"
    """Several known cases share the number: the note goes by phone, no status is guessed."""
    UNSEEN = "unseen"
    """No known case has the number: SmartAdvocate may know it, so the note goes by phone."""
    NOBODY = "nobody"
    """There is no usable number either: nothing can be told to anyone."""


@dataclass(frozen=True)
class Match:
    """A case, or why there is none."""

    evidence: Evidence
    case_id: int | None = None


def match(
    *,
    assigned: int | None = None,
    named: int | None,
    known: int | None,
    phone: E164 | None,
    sharing: Collection[int],
) -> Match:
    """Decide on a case.

    `assigned` is the case that somebody at the firm has said, `named` the CaseID in the callback's
    URL, `known` the case of a call or text (or of its parent call) that the bridge knows by its
    sid, `sharing` the known cases with this phone.
    """
    if assigned is not None:
        return Match(Evidence.ASSIGNED, assigned)
    if named is not None:
        return Match(Evidence.URL, named)
    if known is not None:
        return Match(Evidence.SID, known)
    if phone is None:
        return Match(Evidence.NOBODY)
    if len(sharing) == 1:
        return Match(Evidence.PHONE, next(iter(sharing)))
    return Match(Evidence.AMBIGUOUS if sharing else Evidence.UNSEEN)
