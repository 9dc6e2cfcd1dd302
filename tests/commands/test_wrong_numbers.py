"""`bridge wrong-numbers`: recorded for a case alone, listed, lifted with a reason."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bridge.cli import cli
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.phones import E164
from bridge.store.cases import cases
from bridge.store.consent import wrong_numbers
from bridge.store.console import audit
from bridge.store.db import Database
from bridge.store.tables import deliveries

HERS = E164("+14025550107")
NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)
BY = ["--by", "Ann Example", "--reason", "Her brother answered"]


@pytest.fixture
def two_cases(db: Database) -> Database:
    with db.begin() as connection:
        for case_id in (7, 8):
            shown = CaseInfo(case_id, DialerStatus.TO_DIAL, 0, NOW, (CasePhone(HERS),))
            cases.save_case(connection, shown, NOW)
    return db


def _run(db_url: str, *words: str, fails: bool = False) -> str:
    result = CliRunner().invoke(cli, ["wrong-numbers", *words], env={"DATABASE_URL": db_url})
    assert (result.exit_code != 0) is fails, result.output
    return result.output


def _wrong(db: Database, case_id: int) -> bool:
    with db.read() as connection:
        return HERS in wrong_numbers.in_effect(connection, case_id, {HERS})


def test_recorded_listed_and_lifted(database_url: str, two_cases: Database) -> None:
    add = ["add", "--case", "7", "--phone", "(402) 555-0107", *BY]
    assert _run(database_url, "list") == "No wrong numbers.\n"
    assert _run(database_url, *add).startswith("number …0107 of case 7: never called or texted")
    assert "somebody had recorded this already" in _run(database_url, *add)
    assert (_wrong(two_cases, 7), _wrong(two_cases, 8)) == (True, False)
    with two_cases.read() as connection:
        (line,) = audit.newest(connection, 10)
        (told,) = connection.execute(select(deliveries.c.kind, deliveries.c.case_id)).all()
    assert (line.actor, line.action) == ("command line: Ann Example", "wrong-number")
    assert tuple(told) == ("note", 7)
    (row,) = json.loads(_run(database_url, "list", "--case", "7", "--json"))
    assert (row["phone"], row["way"], row["lifted_at"]) == (HERS, "staff", None)
    assert "right after all" in _run(database_url, "lift", "1", *BY)
    assert not _wrong(two_cases, 7)
    assert "no wrong number 1 in effect" in _run(database_url, "lift", "1", *BY, fails=True)
    # And wrong again.
    _run(database_url, *add)
    assert _wrong(two_cases, 7)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--case", "7", "--phone", "+14025550199", *BY], "case 7 doesn't have this number"),
        (["--case", "9", "--phone", HERS, *BY], "case 9 doesn't have this number"),
        (["--case", "7", "--phone", "12", *BY], "--phone should be a number"),
        (["--case", "7", "--phone", HERS, "--by", " ", "--reason", "x"], "--by is empty"),
        (["--case", "7", "--phone", HERS, "--by", "Ann", "--reason", ""], "--reason is empty"),
        (["--case", "7", "--phone", HERS, "--by", "A" * 65, "--reason", "x"], "longer than 64"),
    ],
)
def test_what_is_not_recorded(
    database_url: str, two_cases: Database, words: list[str], says: str
) -> None:
    assert says in _run(database_url, "add", *words, fails=True)
    assert not _wrong(two_cases, 7)
