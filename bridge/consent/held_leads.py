"""Leads that are held, and are decided on again only after a while: unless there is news of them.

decide_again_at   consent, or a number that is right after all: the next poll decides
see_inquiry       a call or text that comes in: likewise
"""

from collections.abc import Collection
from datetime import datetime

from bridge.domain.events import Direction
from bridge.domain.phones import E164
from bridge.store.callbacks.communications import Communication
from bridge.store.cases import identity
from bridge.store.db import Connection
from bridge.store.dialing import skipped


def decide_again_at(
    connection: Connection,
    phones: Collection[E164],
    now: datetime,
    besides: Collection[int] = (),
) -> None:
    """Have the next poll decide on every case with one of these numbers, and those `besides`."""
    sharing = identity.sharing_each(connection, phones) if phones else {}
    case_ids = {case_id for cases in sharing.values() for case_id in cases} | set(besides)
    if case_ids:
        skipped.decide_again(connection, case_ids, now)


def see_inquiry(
    connection: Connection,
    communication: Communication,
    known: Communication | None,
    now: datetime,
) -> None:
    """A call or text that comes in may be an inquiry, which exempts: see the case anew at once."""
    if communication.direction is not Direction.INBOUND:
        return
    is_news = (
        known is None
        or known.case_id != communication.case_id
        or known.reported_note != communication.reported_note
    )
    if is_news:
        phones = {communication.phone} if communication.phone else set()
        cases = {communication.case_id} if communication.case_id is not None else set()
        decide_again_at(connection, phones, now, cases)
