"""Rows and lists that are bound as one value are stored and found as if each were bound alone."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from bridge.store.db import Database, plan_for_values
from bridge.store.listed import is_listed
from bridge.store.rows import row_writer
from bridge.store.tables import cases, decisions

_AT = datetime(2026, 11, 24, 18, 0, 0, 123456, tzinfo=UTC)
_WORDS = ("plain", 'it\'s "quoted", {braced} and 100 %', "Zoë\n\\ 🙂", "")


def _case(case_id: int, **more: Any) -> dict[str, Any]:
    return {"case_id": case_id, "campaign": "Intake", "next_call": None, "phones": None} | more


@pytest.mark.parametrize("words", _WORDS)
def test_what_is_written_together_is_what_was_given(db: Database, words: str) -> None:
    given = [
        _case(1, campaign=words, next_call=_AT, phones=[{"number": words, "text": True}]),
        _case(2**40, next_call=_AT.astimezone(timezone(timedelta(hours=-6)))),
    ]
    with db.begin() as connection:
        row_writer(cases)(connection, given)
    columns = [cases.c[name] for name in given[0]]
    with db.read() as connection:
        rows = connection.execute(select(*columns).order_by(cases.c.case_id)).all()
    assert [tuple(row) for row in rows] == [tuple(row.values()) for row in given]


def test_rows_are_numbered_in_their_order(db: Database) -> None:
    given = [
        {
            "decided_at": _AT,
            "stage": "poll",
            "case_id": case_id,
            "channel": "call",
            "answer": "allow",
            "why": "",
            "inputs": {"b": [case_id, None], "a": {"is": True}},
        }
        for case_id in (3, 1, 2)
    ]
    with db.begin() as connection:
        row_writer(decisions)(connection, given)
    with db.read() as connection:
        rows = connection.execute(select(decisions).order_by(decisions.c.id)).all()
    assert [(row.case_id, row.inputs) for row in rows] == [
        (row["case_id"], row["inputs"]) for row in given
    ]
    assert list(rows[0].inputs) == ["b", "a"]


def test_a_row_that_is_there_already_is_changed(db: Database) -> None:
    write = row_writer(
        cases,
        lambda insert: insert.on_conflict_do_update(
            index_elements=[cases.c.case_id], set_={"campaign": insert.excluded.campaign}
        ),
    )
    with db.begin() as connection:
        write(connection, [_case(1, next_call=_AT)])
        write(connection, [_case(1, campaign="Reports"), _case(2)])
        rows = connection.execute(select(cases).order_by(cases.c.case_id)).all()
    assert [(row.campaign, row.next_call) for row in rows] == [("Reports", _AT), ("Intake", None)]


def test_a_time_without_a_zone_is_a_mistake(db: Database) -> None:
    with pytest.raises(Exception, match="a time needs a time zone"), db.begin() as connection:
        row_writer(cases)(connection, [_case(1, next_call=_AT.replace(tzinfo=None))])


def test_a_list_finds_what_each_of_its_values_would(db: Database) -> None:
    by_id = select(cases.c.case_id).where(is_listed(cases.c.case_id, "ids"))
    by_words = (
        select(cases.c.case_id)
        .where(is_listed(cases.c.campaign, "words") | (cases.c.case_id == bindparam("other")))
        .order_by(cases.c.case_id)
    )
    with db.begin() as connection:
        plan_for_values(connection)
        row_writer(cases)(
            connection, [_case(number, campaign=words) for number, words in enumerate(_WORDS)]
        )
        assert connection.scalars(by_id, {"ids": [3, 99, 2**40]}).all() == [3]
        assert connection.scalars(by_id, {"ids": []}).all() == []
        found = connection.scalars(by_words, {"words": [_WORDS[1], _WORDS[2]], "other": 3})
        assert found.all() == [1, 2, 3]
