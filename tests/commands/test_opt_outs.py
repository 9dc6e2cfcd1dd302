"""`bridge optouts`: a refusal by voice, mail or e-mail is recorded, listed and lifted."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bridge.cli import cli
from bridge.commands import opt_out_commands
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.contact_facts import OptOutScope
from bridge.store.cases import cases
from bridge.store.consent.opt_outs import OptOutWay
from bridge.store.console import audit
from bridge.store.db import Database
from bridge.store.dialing import pauses
from bridge.store.tables import deliveries, opt_outs

HERS, FIRM = "+14025550107", "+14025550199"
NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)
BY = ["--by", "Ann Example", "--reason", "letter of Nov 20"]


def _case(db: Database, case_id: int, number: str = HERS) -> None:
    shown = CaseInfo(case_id, DialerStatus.TO_DIAL, 0, NOW, (CasePhone(number, "Cell", True),))
    with db.begin() as connection:
        cases.save_case(connection, shown, NOW)


def _run(db_url: str, *words: str, fails: bool = False) -> str:
    environment = {"DATABASE_URL": db_url, "FIRM_PHONE": FIRM}
    result = CliRunner().invoke(cli, ["optouts", *words], env=environment)
    assert (result.exit_code != 0) is fails, result.output
    return result.output


def _listed(db_url: str, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(_run(db_url, "list", "--json", *words))
    return found


def test_the_ways_and_scopes_are_those_that_are_stored() -> None:
    assert set(opt_out_commands._WAYS) == set(OptOutWay)
    assert set(opt_out_commands._SCOPES) == {OptOutScope.PERSON, OptOutScope.NUMBER}


@pytest.mark.parametrize(
    ("way", "source"),
    [
        ("voice", "by voice"),
        ("mail", "by mail"),
        ("e-mail", "by e-mail"),
        ("staff", "person at the firm"),
    ],
)
def test_a_cases_person_is_opted_out_once(
    database_url: str, db: Database, way: str, source: str
) -> None:
    _case(db, 7)
    add = ["add", "--case", "7", "--way", way, *BY]
    assert _run(database_url, *add) == "case 7: opted out. No more calls or texts go out.\n"
    assert "somebody had recorded this already" in _run(database_url, *add)
    with db.read() as connection:
        (row,) = connection.execute(select(opt_outs)).all()
        (line,) = audit.newest(connection, 10)
        told = connection.execute(select(deliveries.c.kind, deliveries.c.payload)).all()
    assert (row.scope, row.source, row.case_id) == ("person", source, 7)
    assert (row.recorded_by, row.reason) == ("Ann Example", "letter of Nov 20")
    assert (line.actor, line.action, line.subject) == (
        "command line: Ann Example",
        "opted-out",
        "case 7",
    )
    assert (line.reason, line.case_id) == (f"{way}: letter of Nov 20", 7)
    assert [kind for kind, _ in told] == ["status", "note"]
    assert told[0].payload["next_call"] is None


def test_a_phone_stands_for_its_person(database_url: str, db: Database) -> None:
    _case(db, 7)
    said = _run(database_url, "add", "--phone", "(402) 555-0107", "--way", "voice", *BY)
    assert said.startswith("whoever has number …0107: opted out")
    (row,) = _listed(database_url)
    assert (row["case_id"], row["scope"], row["phone"]) == (7, "person", HERS)
    again = _run(database_url, "add", "--phone", HERS, "--way", "mail", *BY)
    assert "somebody had recorded this already" in again


def test_of_a_phone_that_several_share_somebody_is_asked(database_url: str, db: Database) -> None:
    _case(db, 7)
    _case(db, 8)
    said = _run(database_url, "add", "--phone", HERS, "--way", "mail", *BY)
    assert said.endswith("Whose it is isn't certain: cases 7, 8 are held, and To do asks.\n")
    (row,) = _listed(database_url)
    assert (row["case_id"], row["scope"]) == (None, "shared-number")
    with db.read() as connection:
        held = pauses.active(connection, datetime.now(UTC))
    assert {kept.pause.what for kept in held} == {"7", "8"}


def test_a_number_alone(database_url: str, db: Database) -> None:
    _case(db, 7)
    _run(database_url, "add", "--phone", HERS, "--scope", "number", "--way", "staff", *BY)
    (row,) = _listed(database_url)
    assert (row["case_id"], row["scope"]) == (7, "number")
    with db.read() as connection:
        assert audit.newest(connection, 1)[0].subject == "number …0107"


def test_it_is_lifted_with_a_reason(database_url: str, db: Database) -> None:
    _case(db, 7)
    _run(database_url, "add", "--case", "7", "--way", "mail", *BY)
    lift = ["lift", "1", "--by", "Ben Example", "--reason", "She called: it was her sister's"]
    assert _run(database_url, *lift).startswith("opt-out of case 7: lifted. The dialer status is")
    assert "no opt-out 1 in effect" in _run(database_url, *lift, fails=True)
    (row,) = _listed(database_url, "--lifted")
    assert (row["lifted_by"], row["lift_reason"]) == (
        "Ben Example",
        "She called: it was her sister's",
    )
    with db.read() as connection:
        line = audit.newest(connection, 1)[0]
    assert (line.actor, line.action) == ("command line: Ben Example", "opt-out-lifted")
    assert (line.subject, line.case_id) == ("opt-out of case 7", 7)


def test_the_list_is_filtered(database_url: str, db: Database) -> None:
    _case(db, 7)
    _case(db, 8, "+14025550108")
    for case_id in ("7", "8"):
        _run(database_url, "add", "--case", case_id, "--way", "voice", *BY)
    _run(database_url, "lift", "1", *BY)

    def ids(*words: str) -> list[object]:
        return [row["case_id"] for row in _listed(database_url, *words)]

    assert ids() == [8, 7]
    assert ids("--in-effect") == [8]
    assert ids("--lifted") == [7]
    assert ids("--case", "7") == [7]
    assert ids("--phone", "0108") == [8]
    assert ids("--phone", "+1 (402) 555-0107") == [7]
    assert ids("--limit", "1") == [8]
    assert "by voice" in _run(database_url, "list")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--way", "mail", *BY], "nobody is named"),
        (["--case", "7", "--scope", "number", "--way", "mail", *BY], "stands for its person"),
        (["--phone", "12", "--way", "mail", *BY], "should be a number"),
        (["--phone", FIRM, "--way", "mail", *BY], "the firm's own number"),
        (["--case", "9", "--way", "mail", *BY], "never seen a case 9"),
        (["--case", "7", "--way", "mail", "--by", " ", "--reason", "x"], "--by is empty"),
        (["--case", "7", "--way", "mail", "--by", "Ann", "--reason", ""], "--reason is empty"),
        (["--case", "7", "--way", "mail", "--by", "A" * 65, "--reason", "x"], "is longer than 64"),
        (["--case", "7", "--way", "fax", *BY], "'fax' is not one of"),
        (["--case", "7", *BY], "Missing option '--way'"),
    ],
)
def test_what_is_not_recorded(database_url: str, db: Database, words: list[str], says: str) -> None:
    _case(db, 7)
    assert says in _run(database_url, "add", *words, fails=True)
    assert _listed(database_url) == []


def test_a_case_that_was_never_seen(database_url: str) -> None:
    _run(database_url, "add", "--case", "9", "--unseen", "--way", "mail", *BY)
    assert [row["case_id"] for row in _listed(database_url)] == [9]
