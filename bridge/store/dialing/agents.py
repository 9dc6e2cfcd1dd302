"""What is stored of the firm's agents, and on which calls they are.

Who is rung or talks is no flag: an open attempt shows it, and its end frees the phone, whatever way
it is known.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from bridge.domain.agents import NEVER_RUNG, AgentCall, AgentRecord
from bridge.domain.phones import E164
from bridge.store.db import upsert
from bridge.store.dialing.attempts import IS_CALL_UNDER_WAY
from bridge.store.tables import agents, attempts


def records(connection: Connection, phones: Collection[E164]) -> Mapping[E164, AgentRecord]:
    """What is stored of these agents' phones, as far as something is."""
    return {
        E164(row.phone): AgentRecord(
            row.missed, row.rests_until, row.wrap_up_until, row.rung_at, row.reason
        )
        for row in connection.execute(select(agents).where(agents.c.phone.in_(phones)))
    }


def record(connection: Connection, phone: E164) -> AgentRecord:
    """What is stored of one agent's phone."""
    return records(connection, [phone]).get(phone, NEVER_RUNG)


def store(connection: Connection, phone: E164, kept: AgentRecord, now: datetime) -> None:
    """Store this of an agent's phone: its rests, not when it was rung."""
    values = {
        "missed": kept.missed,
        "rests_until": kept.rests_until,
        "wrap_up_until": kept.wrap_up_until,
        "reason": kept.reason,
        "changed_at": now,
    }
    upsert(connection, agents, {"phone": phone}, values)


def mark_rung(connection: Connection, phone: E164, at: datetime) -> None:
    """Store when an agent's phone is rung."""
    upsert(connection, agents, {"phone": phone}, {"rung_at": at}, changed_at=at)


def calls(connection: Connection) -> Mapping[E164, AgentCall]:
    """The calls for which agents are rung, or that they are on, by phone."""
    rows = connection.execute(
        select(attempts.c.agent, attempts.c.case_id, attempts.c.agent_said).where(
            *IS_CALL_UNDER_WAY, attempts.c.agent.is_not(None)
        )
    )
    return {E164(row.agent): AgentCall(row.case_id, row.agent_said is not None) for row in rows}
