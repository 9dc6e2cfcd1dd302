"""Steps of turns and attempts: only from the states of their table, which the glossary draws."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.db import Connection, Database
from bridge.store.dialing import attempt_transitions, turns
from bridge.store.dialing.attempts import Attempt, AttemptState
from bridge.store.dialing.turns import TurnState
from bridge.store.tables import attempts as attempts_table
from bridge.store.tables import turns as turns_table
from tests.support.diagrams import diagrams

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"

Step = Callable[[Connection, str], bool]

STEPS: Mapping[str, Step] = {
    "reserve": lambda connection, identity: attempt_transitions.reserve(
        connection, identity, placed_at=NOW, check_at=NOW, tries=1
    ),
    "unreserve": lambda connection, identity: attempt_transitions.unreserve(
        connection, identity, NOW
    ),
    "refuse": lambda connection, identity: attempt_transitions.refuse(
        connection, identity, NOW, "no"
    ),
    "cancel": lambda connection, identity: attempt_transitions.cancel(
        connection, identity, NOW, "no"
    ),
    "mark_placed": lambda connection, identity: attempt_transitions.mark_placed(
        connection, identity, "CA1", NOW
    ),
    "mark_unknown": lambda connection, identity: attempt_transitions.mark_unknown(
        connection, identity, "lost"
    ),
    "mark_unresolved": lambda connection, identity: attempt_transitions.mark_unresolved(
        connection, identity, NOW, "away"
    ),
    "mark_never_sent": lambda connection, identity: attempt_transitions.mark_never_sent(
        connection, identity, NOW, "not there"
    ),
    "attach_sid": lambda connection, identity: attempt_transitions.attach_sid(
        connection, identity, "CA1", NOW
    ),
    "end": lambda connection, identity: attempt_transitions.end(connection, identity, NOW),
    "end_unreported": lambda connection, identity: attempt_transitions.end_unreported(
        connection, identity, NOW, "gone"
    ),
    "take_back": lambda connection, identity: attempt_transitions.take_back(
        connection, identity, NOW, None
    ),
}


def test_every_step_of_the_table_is_tried() -> None:
    assert set(STEPS) == set(attempt_transitions.TRANSITIONS) - {"plan"}


@pytest.mark.parametrize("name", STEPS)
def test_an_attempt_steps_only_from_the_states_of_its_table(db: Database, name: str) -> None:
    transition = attempt_transitions.TRANSITIONS[name]
    attempt = Attempt("a", 1, 7, Channel.CALL, E164("+14025550133"), AttemptState.PLANNED, NOW, NOW)
    with db.begin() as connection:
        attempt_transitions.plan(connection, attempt, NOW)
        for state in AttemptState:
            connection.execute(update(attempts_table).values(state=state))
            happened = STEPS[name](connection, attempt.id)
            after = connection.scalar(select(attempts_table.c.state))
            assert happened is (state in transition.sources), state
            assert after == (transition.target if happened else state)


def test_a_turn_is_claimed_once_and_ends_once(db: Database) -> None:
    case = CaseInfo(7, DialerStatus.TO_DIAL, 0, NOW, ())
    with db.begin() as connection:
        turn_id = turns.begin(connection, [case], NOW)[7]
        assert turns.begin(connection, [case], NOW) == {}
        for state in TurnState:
            connection.execute(update(turns_table).values(state=state))
            claimed = turns.claim(connection, [turn_id], NOW)
            assert (claimed == {turn_id}) is (state in turns.TRANSITIONS["claim"].sources), state
            connection.execute(update(turns_table).values(state=state))
            happened = turns.end(connection, turn_id, "called", NOW)
            assert happened is (state in turns.TRANSITIONS["end"].sources), state


@pytest.mark.parametrize("shown", ["Turn", "Attempt"])
def test_the_glossary_draws_the_tables(shown: str) -> None:
    block = diagrams()[shown]
    assert block in GLOSSARY.read_text(), (
        f"docs/glossary.md, {shown}: paste what `python -m tests.support.diagrams` prints"
    )
