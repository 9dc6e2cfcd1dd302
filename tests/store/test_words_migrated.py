"""A database of schema 0003, with rows in every state, is carried over to the words of 0004."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.domain.contact_facts import OptOutScope, Pause, PauseScope
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.db import Database
from bridge.store.dialing import pauses
from bridge.store.dialing.attempts import AttemptState
from bridge.store.dialing.skipped import SkipKind
from bridge.store.dialing.turns import TurnState
from bridge.store.migrate import migrate
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.tables import SCHEMA, metadata

BEFORE = "0003"
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)

_OLD: Mapping[tuple[str, str], Sequence[str]] = {
    ("attempts", "state"): (
        "planned",
        "placing",
        "unsure",
        "placed",
        "ended",
        "refused",
        "canceled",
        "lost",
    ),
    ("turns", "state"): ("found", "claimed", "over"),
    ("deliveries", "state"): ("pending", "done", "overtaken", "unmatched", "dead"),
    ("callbacks", "verdict"): (
        "new",
        "kept",
        "matched",
        "by-phone",
        "ambiguous",
        "unmatched",
        "malformed",
        "review",
    ),
    ("passed_over", "kind"): ("broken", "waiting", "early", "refused"),
    ("opt_outs", "scope"): ("person", "number", "channel", "someone", "case"),
    ("pauses", "source"): ("operator", "household", "text", "canary"),
    ("schedules", "name"): ("poll", "put-back-idle", "tell-floods", "flood:+14025550133"),
    ("tallies", "labels"): ("call|unsure", "status|done", "voice|kept", "note|overtaken", "kept"),
    ("contacts", "sid"): ("CA1", "SM2"),
    ("verdicts", "answer"): ("allow", "defer", "refuse"),
    ("numbers", "channel"): ("call", "text"),
    ("breakers", "name"): ("smartadvocate", "twilio"),
}
_COUNT_NAMES = ("attempts", "deliveries", "callbacks", "deliveries", "rejected")
_NEW: Mapping[tuple[str, str], Sequence[str]] = {
    ("attempts", "state"): list(AttemptState),
    ("turns", "state"): list(TurnState),
    ("deliveries", "state"): [
        DeliveryState.PENDING,
        DeliveryState.DELIVERED,
        DeliveryState.SUPERSEDED,
        DeliveryState.UNMATCHED,
        DeliveryState.DEAD,
    ],
    ("callbacks", "verdict"): list(Verdict),
    ("skipped_cases", "kind"): list(SkipKind),
    ("opt_outs", "scope"): list(OptOutScope),
    ("pauses", "source"): ("operator", "shared-number", "text", "canary"),
    ("schedules", "name"): ("poll", "release-idle", "report-floods", "flood:+14025550133"),
    ("tallies", "labels"): (
        "call|unknown",
        "status|delivered",
        "voice|recorded",
        "note|superseded",
        "kept",
    ),
    ("communications", "sid"): ("CA1", "SM2"),
    ("decisions", "answer"): ("allow", "defer", "refuse"),
    ("number_health", "channel"): ("call", "text"),
    ("circuit_breakers", "name"): ("smartadvocate", "twilio"),
}


def _value(column: sa.Column[Any], number: int) -> Any:
    """Something that fills a column, another in each row."""
    if isinstance(column.type, sa.JSON):
        return {"number": number}
    if isinstance(column.type, sa.DateTime):
        return NOW if column.type.timezone else NOW.replace(tzinfo=None)
    if isinstance(column.type, sa.Boolean):
        return False
    if isinstance(column.type, sa.LargeBinary):
        return b"a=1"
    return number if isinstance(column.type, sa.Integer | sa.Float) else f"x{number}"


def _fill(connection: sa.Connection) -> None:
    tables = sa.MetaData()
    tables.reflect(connection)
    for (name, column), words in _OLD.items():
        table = tables.tables[name]
        for number, word in enumerate(words, start=1):
            row = {one.name: _value(one, number) for one in table.columns}
            row[column] = word
            if name == "tallies":
                row["name"] = _COUNT_NAMES[number - 1]
            connection.execute(table.insert().values(row))


def _read(connection: sa.Connection) -> dict[tuple[str, str], list[str]]:
    read = {}
    for name, column in _NEW:
        table = metadata.tables[name]
        if "id" in table.c and table.c.id.autoincrement is True:
            rows = connection.execute(sa.select(table).order_by(table.c.id)).all()
        else:
            rows = connection.execute(sa.select(table)).all()
        read[name, column] = [getattr(row, column) for row in rows]
    return read


def test_rows_in_every_state_are_carried_over(old_db: Database) -> None:
    with old_db.begin() as connection:
        _fill(connection)
    assert migrate(old_db) == ("0003", SCHEMA)
    with old_db.read() as connection:
        read = _read(connection)
    assert {place: sorted(words) for place, words in read.items()} == {
        place: sorted(words) for place, words in _NEW.items()
    }


def test_all_else_of_a_row_stays(old_db: Database) -> None:
    with old_db.begin() as connection:
        _fill(connection)
        old = sa.MetaData()
        old.reflect(connection)
        before = {
            name: [tuple(row) for row in connection.execute(sa.select(old.tables[name]))]
            for name in ("contacts", "verdicts", "numbers", "breakers")
        }
    migrate(old_db)
    with old_db.read() as connection:
        new = sa.MetaData()
        new.reflect(connection)
        after = {
            name: [tuple(row) for row in connection.execute(sa.select(new.tables[name]))]
            for name in ("communications", "decisions", "number_health", "circuit_breakers")
        }
    # Later revisions add columns behind them.
    for (old_name, was), rows in zip(before.items(), after.values(), strict=True):
        assert [row[: len(was[0])] for row in rows] == was, old_name


def test_rows_are_numbered_on(old_db: Database) -> None:
    with old_db.begin() as connection:
        columns = "decided_at, stage, case_id, channel, answer, why, inputs"
        values = "'2026-11-23 17:00', 'poll', 7, 'call', 'allow', '', '{}'"
        old = columns.replace("decided_at", "judged_at")
        connection.exec_driver_sql(f"INSERT INTO verdicts ({old}) VALUES ({values})")
    migrate(old_db)
    with old_db.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO decisions ({columns}) VALUES ({values})")
        ids = connection.exec_driver_sql("SELECT id FROM decisions ORDER BY id").scalars().all()
    assert ids == [1, 2]


def test_a_case_still_has_one_turn_at_a_time(old_db: Database) -> None:
    with old_db.begin() as connection:
        _fill(connection)
    migrate(old_db)
    again = (
        "INSERT INTO turns (id, case_id, campaign, attempts, state, found_at) "
        "SELECT id + 100, case_id, campaign, attempts, 'due', found_at FROM turns "
        "WHERE state = '{}'"
    )
    with old_db.begin() as connection:
        connection.exec_driver_sql(again.format("ended"))
    with pytest.raises(sa.exc.IntegrityError), old_db.begin() as connection:
        connection.exec_driver_sql(again.format("claimed"))


def test_a_question_that_was_asked_is_not_asked_again(old_db: Database) -> None:
    """It is known by its words, which have changed."""
    old = "a text from …0133 sounded like a refusal: a person must decide"
    with old_db.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO pauses (scope, what, source, reason, created_at) "
                "VALUES ('case', '7', 'text', :old, '2026-11-23 17:00')"
            ),
            {"old": old},
        )
    migrate(old_db)
    new = "a text from …0133 sounded like an opt-out: somebody must decide"
    with old_db.begin() as connection:
        asked = Pause(PauseScope.CASE, "7", None, new)
        assert not pauses.add(connection, asked, pauses.BY_TEXT, NOW)
        assert pauses.lift(connection, PauseScope.CASE, "7", NOW, by=pauses.BY_OPERATOR) == 1
        assert pauses.active(connection, NOW) == []
