"""What bears on a callback, read at once before it is processed.

Each step asks for one of these facts, and nearly always learns that it has nothing to do. To read
each by itself takes a third of a callback's time.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, String, bindparam, exists, select

from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.callbacks.communications import OF_SID, Communication, from_row
from bridge.store.cases import cases as known_cases
from bridge.store.dialing.turns import IS_ANY_UNDER_WAY
from bridge.store.tables import case_phones, cases, communications, number_health

# Built once: to build and hash a statement takes longer than to run it.
_ASKED = select(bindparam("named", type_=String()).label("sid")).subquery("asked")
_CAMPAIGN = select(cases.c.campaign).where(cases.c.case_id == bindparam("case")).scalar_subquery()
_HAS_PHONE = exists().where(
    case_phones.c.phone == bindparam("number"), case_phones.c.case_id == bindparam("case")
)
_HAS_FAILED = exists().where(
    number_health.c.phone == bindparam("number"),
    number_health.c.channel == bindparam("by"),
    number_health.c.failures > 0,
)
_READ = select(
    *OF_SID,
    _CAMPAIGN.label("campaign_of_case"),
    _HAS_PHONE.label("has_phone"),
    _HAS_FAILED.label("has_failed"),
    IS_ANY_UNDER_WAY.label("any_under_way"),
).select_from(_ASKED.outerjoin(communications, communications.c.sid == _ASKED.c.sid))


@dataclass(frozen=True)
class AtHand:
    """What was read when a callback came to be processed."""

    known: Communication | None
    """The call or text that it is about, if the bridge knows it."""
    case_id: int | None
    """The case that is asked about: the one named in the callback's URL."""
    phone: E164 | None
    """The phone that is asked about: the one named in the callback."""
    has_phone: bool
    """Whether the phone is known to be one of the case's."""
    is_any_under_way: bool
    """Whether any case is having its turn, or any call or text is planned."""
    _campaign: str | None
    _has_failed: bool

    def campaign(self, connection: Connection, case_id: int) -> str | None:
        """A case's campaign as SmartAdvocate last showed it; another case's is read now."""
        if case_id == self.case_id:
            return self._campaign
        return known_cases.campaign(connection, case_id)

    def may_have_failed(self, phone: E164) -> bool:
        """Whether a phone has failed on the callback's channel, as far as it was asked about."""
        return self._has_failed or phone != self.phone


def read(
    connection: Connection, sid: str, channel: Channel, case_id: int | None, phone: E164 | None
) -> AtHand:
    """What bears on a callback about this call or text, this case and this phone."""
    asked = {"named": sid, "case": case_id, "number": phone, "by": channel}
    row = connection.execute(_READ, asked).one()
    return AtHand(
        known=from_row(row) if row.sid is not None else None,
        case_id=case_id,
        phone=phone,
        has_phone=row.has_phone,
        is_any_under_way=row.any_under_way,
        _campaign=row.campaign_of_case,
        _has_failed=row.has_failed,
    )
