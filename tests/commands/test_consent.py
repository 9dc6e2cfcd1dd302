"""`bridge consent`: what people have agreed to is recorded, listed, revoked and imported."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bridge.cli import cli
from bridge.commands import consent_commands, consent_import
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.consent_entries import FIELDS
from bridge.domain.consents import CHANNELS
from bridge.domain.purposes import Purpose
from bridge.store.cases import cases
from bridge.store.console import audit
from bridge.store.db import Database
from bridge.store.tables import consents

HERS, FIRM = "+14025550107", "+14025550199"
NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)
BY = ["--by", "Ann Example"]
WORDS = "I agree that Example & Partners may text me about my claim."
GIVEN = {
    "phone": HERS,
    "channel": "text",
    "purpose": "lead",
    "words": WORDS,
    "source": "web form",
    "evidence": "https://firm.example.com/forms/17",
    "given_at": "2026-11-20T09:30",
}


def _run(db_url: str, *words: str, fails: bool = False) -> str:
    environment = {"DATABASE_URL": db_url, "FIRM_PHONE": FIRM}
    result = CliRunner().invoke(cli, ["consent", *words], env=environment)
    assert (result.exit_code != 0) is fails, result.output
    return result.output


def _add(db_url: str, fails: bool = False, **other: str) -> str:
    given = GIVEN | other
    options = [
        word
        for name, value in given.items()
        if name != "phone"
        for word in (f"--{name.replace('_', '-')}", value)
    ]
    return _run(db_url, "add", given["phone"], *options, *BY, fails=fails)


def _listed(db_url: str, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(_run(db_url, "list", "--json", *words))
    return found


def _file(tmp_path: Path, *rows: dict[str, str], columns: tuple[str, ...] = FIELDS) -> str:
    path = tmp_path / "consents.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def _numbered(number: int, **other: str) -> dict[str, str]:
    return GIVEN | {"phone": f"402555{number:04d}"} | other


def test_the_choices_are_those_that_are_stored() -> None:
    assert set(consent_commands._CHANNELS) == set(CHANNELS)
    assert set(consent_commands._PURPOSES) == set(Purpose)


def test_consent_is_recorded_and_listed_with_its_exact_words(
    database_url: str, db: Database
) -> None:
    assert _add(database_url) == "consent to text at number …0107: recorded as 1.\n"
    assert "this is on file already" in _add(database_url)
    [row] = _listed(database_url)
    assert (row["phone"], row["channel"], row["purpose"]) == (HERS, "text", "lead")
    assert (row["words"], row["source"]) == (WORDS, "web form")
    assert row["evidence"] == "https://firm.example.com/forms/17"
    assert row["given_at"] == "2026-11-20T09:30:00-05:00"
    assert (row["recorded_by"], row["revoked_at"]) == ("Ann Example", None)
    with db.read() as connection:
        [line] = audit.newest(connection, 10)
    assert (line.actor, line.action, line.subject, line.reason) == (
        "command line: Ann Example",
        "consent-recorded",
        "consent to text at number …0107",
        "lead: web form",
    )
    assert WORDS not in _run(database_url, "list"), "a table has no room for them"
    assert "web form" in _run(database_url, "list")


def test_a_consent_or_all_of_a_number_are_revoked(database_url: str, db: Database) -> None:
    for channel in CHANNELS:
        _add(database_url, channel=channel)
    _add(database_url, phone="+14025550108")
    _add(database_url, phone="+14025550108", words="Others", purpose="client")
    revoke = ["revoke", HERS, "--reason", "She called", *BY]
    said = _run(database_url, *revoke)
    assert said.startswith("consent 1, 2 at number …0107: revoked. No text goes out to it")
    assert "no such consent is in effect" in _run(
        database_url, "revoke", "2", "--reason", "Twice", *BY, fails=True
    )
    said = _run(database_url, "revoke", "3", "--reason", "Entered twice", *BY)
    assert said.startswith("consent 3, 4 at number …0108: revoked. No text goes out to it before")
    assert {row["revoked_how"] for row in _listed(database_url)} == {"She called", "Entered twice"}
    assert _listed(database_url, "--in-effect") == []
    assert [row["id"] for row in _listed(database_url, "--revoked", "--phone", "0107")] == [2, 1]
    with db.read() as connection:
        lines = audit.newest(connection, 10)
    assert [line.subject for line in lines if line.action == "consent-revoked"] == [
        "consent 4 at number …0108",
        "consent 3 at number …0108",
        "consent 2 at number …0107",
        "consent 1 at number …0107",
    ]


def test_what_nobody_has_on_file_is_kept_as_withdrawn(database_url: str, db: Database) -> None:
    _add(database_url)
    no_machine = ["revoke", HERS, "--channel", "voice", "--reason", "No machine", *BY]
    said = _run(database_url, *no_machine)
    assert said.startswith(
        "consent to voice at number …0107: none was on file; recorded as withdrawn. No machine "
        "speaks to it before new consent is recorded, whatever CONSENT_BASIS says."
    )
    [withdrawn, text] = _listed(database_url)
    assert (withdrawn["channel"], withdrawn["source"]) == ("voice", "withdrawn")
    assert (withdrawn["revoked_how"], withdrawn["revoked_by"]) == ("No machine", "Ann Example")
    assert text["revoked_at"] is None
    said = _run(database_url, "revoke", HERS, "--reason", "Nor texts", *BY)
    assert said.startswith(
        "consent 1 at number …0107: revoked. consent to voice at number …0107: none was on file; "
        "recorded as withdrawn. No text goes out to it, and no machine speaks to it before"
    )
    assert _listed(database_url, "--in-effect") == []
    with db.read() as connection:
        assert [line.action for line in audit.newest(connection, 3)] == ["consent-revoked"] * 3
    said = _run(database_url, "revoke", "1", "--channel", "text", "--reason", "x", *BY, fails=True)
    assert "--channel goes with a PHONE" in said


def test_what_was_given_before_it_was_taken_back_and_is_imported_later_allows_nothing(
    database_url: str, tmp_path: Path
) -> None:
    _add(database_url)
    _run(database_url, "revoke", HERS, "--reason", "She called", *BY)
    path = _file(tmp_path, GIVEN | {"words": "Others", "given_at": "2026-10-01"})
    said = _run(database_url, "import", path, *BY)
    assert "1 of those added allow nothing: refused since they were given." in said
    assert _listed(database_url, "--in-effect") == []


def test_what_was_refused_since_is_kept_and_said_to_allow_nothing(
    database_url: str, db: Database
) -> None:
    shown = CaseInfo(7, DialerStatus.TO_DIAL, 0, NOW, (CasePhone(HERS, "Cell", True),))
    with db.begin() as connection:
        cases.save_case(connection, shown, NOW)
    stop = ["optouts", "add", "--case", "7", "--way", "voice", "--reason", "x", *BY]
    environment = {"DATABASE_URL": database_url, "FIRM_PHONE": FIRM}
    assert CliRunner().invoke(cli, stop, env=environment).exit_code == 0
    assert "It allows nothing: the person has refused" in _add(database_url)
    [row] = _listed(database_url)
    assert row["revoked_by"] == "the person"


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"phone": "12"}, "phone should be a number"),
        ({"phone": FIRM}, "the firm's own number"),
        ({"channel": "fax"}, "'fax' is not one of"),
        ({"words": " "}, "words is empty"),
        ({"source": "s" * 65}, "source is longer than 64 characters"),
        ({"given_at": "11/20/2026"}, "given_at should be a date such as"),
        ({"given_at": "2999-01-01"}, "given_at is in the future"),
        ({"given_at": "0026-11-20"}, "before the year 2000"),
        ({"words": "a\x00b"}, "can't be stored"),
    ],
)
def test_what_is_not_recorded(database_url: str, other: dict[str, str], says: str) -> None:
    assert says in _add(database_url, fails=True, **other)
    assert _listed(database_url) == []


def test_revoking_needs_something_that_can_be_meant(database_url: str) -> None:
    for which in ("x", "-1", "0"):
        _run(database_url, "revoke", "--reason", "x", *BY, "--", which, fails=True)


def test_a_file_is_imported_once(database_url: str, db: Database, tmp_path: Path) -> None:
    columns = ("note", *reversed(FIELDS))
    rows = [_numbered(number, note="ignored") for number in (107, 108)]
    path = _file(tmp_path, *rows, columns=columns)
    said = _run(database_url, "import", path, *BY)
    assert said == "consents.csv: 2 of 2 rows added, 0 were on file already.\n"
    again = _run(database_url, "import", path, *BY)
    assert again == "consents.csv: 0 of 2 rows added, 2 were on file already.\n"
    assert [row["phone"] for row in _listed(database_url)] == ["+14025550108", HERS]
    with db.read() as connection:
        [line] = audit.newest(connection, 10)
    assert (line.action, line.subject) == ("consents-imported", "consents.csv")
    assert line.reason == "2 from lines 2 to 3"


def test_what_was_revoked_is_not_brought_back_by_the_same_file(
    database_url: str, tmp_path: Path
) -> None:
    path = _file(tmp_path, GIVEN)
    _run(database_url, "import", path, *BY)
    _run(database_url, "revoke", HERS, "--reason", "She called", *BY)
    assert "0 of 1 rows added" in _run(database_url, "import", path, *BY)
    assert _listed(database_url, "--in-effect") == []


def test_a_bad_row_is_named_with_its_line_and_nothing_is_imported(
    database_url: str, tmp_path: Path
) -> None:
    rows = [
        _numbered(107, words="two\nlines"),
        _numbered(108, channel="fax"),
        _numbered(109, phone="", words=""),
        _numbered(110),
    ]
    said = _run(database_url, "import", _file(tmp_path, *rows), *BY, fails=True)
    assert said.splitlines() == [
        "line 4: channel should be text or voice",
        "line 5: phone and words are empty",
        "Error: nothing was imported: 2 bad rows in consents.csv",
    ]
    assert _listed(database_url) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: the first line should name the columns; missing: phone, channel"),
        (b"phone,words\n1,2\n", "missing: channel, purpose, source, evidence, given_at"),
        (",".join(FIELDS).encode() + b"\n", "line 2: there is no row"),
        (",".join((*FIELDS, "Phone")).encode() + b"\n", "line 1: phone stands there twice"),
        (",".join(FIELDS).encode() + b"\n\xff\xfe\n", "the file is not UTF-8 text"),
        (",".join(FIELDS).encode() + b"\n" + b"1," * 9 + b"\n", "line 2: it has more fields"),
        (",".join(FIELDS).encode() + b'\n"' + b"x" * 200_000, "line 2: it is not CSV"),
    ],
)
def test_what_is_no_file_of_consents(
    database_url: str, tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    said = _run(database_url, "import", str(path), *BY, fails=True)
    assert says in said
    assert "nothing was imported" in said


def test_of_many_bad_rows_the_first_are_shown(database_url: str, tmp_path: Path) -> None:
    rows = [_numbered(number, purpose="x") for number in range(100, 130)]
    said = _run(database_url, "import", _file(tmp_path, *rows), *BY, fails=True).splitlines()
    assert len(said) == 21
    assert said[-1].endswith("30 bad rows in consents.csv, 10 of them not shown")


def test_a_long_file_goes_in_some_at_a_time_and_a_repeated_row_once(
    database_url: str, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent_import, "_AT_ONCE", 10)
    rows = [_numbered(number) for number in range(100, 135)]
    path = _file(tmp_path, *rows, *rows[:3])
    said = _run(database_url, "import", path, *BY)
    assert said == "consents.csv: 35 of 38 rows added, 3 were on file already.\n"
    with db.read() as connection:
        assert connection.scalar(select(func.count()).select_from(consents)) == 35


def test_given_at_with_a_zone_of_its_own_is_taken_as_it_is(database_url: str) -> None:
    _add(database_url, given_at="2026-11-20T14:30:00Z")
    _add(database_url, given_at=(NOW - timedelta(days=2)).date().isoformat())
    newer, older = _listed(database_url)
    assert older["given_at"] == "2026-11-20T09:30:00-05:00"
    assert newer["given_at"] == "2026-11-22T00:00:00-05:00"


def test_who_is_logged_in_has_done_it_unless_somebody_is_named(database_url: str) -> None:
    options = [f"--{name}={value}" for name, value in GIVEN.items() if name in {"words", "source"}]
    options += ["--channel=text", "--purpose=client", "--evidence=form 17"]
    environment = {"DATABASE_URL": database_url, "LOGNAME": "pat"}
    result = CliRunner().invoke(cli, ["consent", "add", HERS, *options], env=environment)
    assert result.exit_code == 0, result.output
    [row] = _listed(database_url)
    assert row["recorded_by"] == "pat"
    assert row["given_at"] is not None
