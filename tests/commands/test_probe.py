"""`bridge check --probe` and `bridge check` against SmartAdvocates that speak otherwise."""

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from bridge.checking.examination import examine
from bridge.checking.findings import FAILURE, OK, WARNING, Finding
from bridge.commands.probe import Probed, lines, probe
from bridge.environment import load
from bridge.runtime import smartadvocate
from bridge.settings import Settings
from bridge.store import notices
from bridge.store.cases import cases as store_cases
from bridge.store.db import Database
from bridge.store.dialing import turns
from bridge.store.notices import NoticeName
from tests.commands.spoken import IN_THE_DIALER, KEY, TO_DIAL, Spoken, listening

ROOT = Path(__file__).parents[2]
LABEL = "Ready to call"
_HOUR = timedelta(hours=1)

_DIALECTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "as guessed": ({}, {}),
    "post": (
        {"verb": "POST", "carriage": "json"},
        {"SMARTADVOCATE_CALLS": "GetCasesToDial=POST GetCasesToDial; GetCaseInfo=POST GetCaseInfo"},
    ),
    "form": (
        {"verb": "POST", "carriage": "form"},
        {
            "SMARTADVOCATE_CALLS": "GetCasesToDial=POST form GetCasesToDial; "
            "GetCaseInfo=POST form GetCaseInfo"
        },
    ),
    "a slash at the end": (
        {"list_path": "/GetCasesToDial/", "case_path": "/GetCaseInfo/"},
        {"SMARTADVOCATE_CALLS": "GetCasesToDial=GET GetCasesToDial/; GetCaseInfo=GET GetCaseInfo/"},
    ),
    "kebab": (
        {"list_path": "/get-cases-to-dial", "case_path": "/getCaseInfo"},
        {
            "SMARTADVOCATE_CALLS": "GetCasesToDial=GET get-cases-to-dial; "
            "GetCaseInfo=GET getCaseInfo"
        },
    ),
    "other names": (
        {"case_id": "id", "campaign": "campaign"},
        {
            "SMARTADVOCATE_NAMES": "GetCasesToDial.Campaign=campaign; "
            "GetCasesToDial.CaseGroup=caseGroup; "
            "GetCasesToDial.Records=records; GetCaseInfo.CaseID=id"
        },
    ),
    "wrapped": ({"wrap": lambda said: {"Success": True, "Data": {"Result": said}}}, {}),
    "utc": ({"zone": "UTC"}, {"SMARTADVOCATE_TIMEZONE": "UTC"}),
    "own label": ({"to_dial": LABEL}, {"SMARTADVOCATE_LABELS": f"To Dial={LABEL}"}),
    "auto-change": (
        {"auto_change": "autoChange", "claims_unasked": True},
        {"SMARTADVOCATE_NAMES": "GetCasesToDial.Auto-change=autoChange"},
    ),
    "all of it": (
        {
            "verb": "POST",
            "carriage": "json",
            "case_id": "id",
            "zone": "UTC",
            "to_dial": LABEL,
            "auto_change": "AutoChange",
            "claims_unasked": True,
            "dates_claims": True,
            "wrap": lambda said: {"d": said},
        },
        {
            "SMARTADVOCATE_CALLS": "GetCasesToDial=POST GetCasesToDial; "
            "GetCaseInfo=POST GetCaseInfo",
            "SMARTADVOCATE_NAMES": "GetCaseInfo.CaseID=id; GetCasesToDial.Auto-change=AutoChange",
            "SMARTADVOCATE_LABELS": f"To Dial={LABEL}",
            "SMARTADVOCATE_TIMEZONE": "UTC",
        },
    ),
}


def _environ(spoken: Spoken, tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        "SMARTADVOCATE_URL": spoken.url,
        "SMARTADVOCATE_API_KEY": KEY,
        "BRIDGE_HOME": str(tmp_path),
        **more,
    }


def _settings(spoken: Spoken, tmp_path: Path, **more: str) -> Settings:
    return load(_environ(spoken, tmp_path, **more))


def _probe(settings: Settings, known_case: int | None = None) -> Probed:
    return probe(settings, known_case, datetime.now(UTC))


def _said(findings: Iterable[Finding], level: str) -> str:
    return "\n".join(one.sentence for one in findings if one.level == level)


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_a_dialect_is_found_out(dialect: str, tmp_path: Path) -> None:
    how, expected = _DIALECTS[dialect]
    with listening(Spoken(**how)) as spoken:
        for case_id in (7, 8):
            spoken.due(case_id)
        before = {case_id: dict(case) for case_id, case in spoken.cases.items()}
        settings = _settings(spoken, tmp_path)
        found = _probe(settings)
        assert _said(found.findings, FAILURE) == ""
        assert lines(settings, found.settings) == expected
        assert spoken.cases == before
        # With these lines nothing more is to be set, and the bridge's own client reads the list.
        again = _settings(spoken, tmp_path, **expected)
        assert lines(again, _probe(again).settings) == {}
        remote = smartadvocate(again)
        listed = remote.cases_to_dial("", "", 5).cases
        remote.close()
        assert [case.status for case in listed] == [TO_DIAL, TO_DIAL]
        assert all(case.next_call and case.next_call < datetime.now(UTC) for case in listed)
        assert spoken.statuses() == {7: spoken.to_dial, 8: spoken.to_dial}


def test_where_asking_changes_nothing_nothing_is_written(tmp_path: Path) -> None:
    with listening(Spoken(verb="POST", carriage="form")) as spoken:
        spoken.due(7)
        _probe(_settings(spoken, tmp_path))
        assert spoken.updates() == 0


def test_no_case_is_due(tmp_path: Path) -> None:
    with listening(Spoken(verb="POST", carriage="json")) as spoken:
        settings = _settings(spoken, tmp_path)
        found = _probe(settings)
        assert lines(settings, found.settings) == _DIALECTS["post"][1]
        assert "there is no case 1" in _said(found.findings, OK)
        assert "no case is due" in _said(found.findings, WARNING)
        spoken.due(7, since=-_HOUR)
        assert "shows case 7" in _said(_probe(settings, 7).findings, OK)


def test_a_case_that_can_not_be_put_back_is_named(tmp_path: Path) -> None:
    with listening(
        Spoken(auto_change="Other", claims_unasked=True, refuses_updates=True)
    ) as spoken:
        spoken.due(7)
        found = _probe(_settings(spoken, tmp_path))
        assert "set case 7 To Dial by hand" in _said(found.findings, FAILURE)
        assert spoken.statuses() == {7: IN_THE_DIALER}


def test_a_name_that_nobody_guesses_leaves_the_cases_as_they_were(tmp_path: Path) -> None:
    with listening(Spoken(auto_change="Claim", claims_unasked=True)) as spoken:
        spoken.due(7)
        settings = _settings(spoken, tmp_path)
        found = _probe(settings)
        assert "GetCasesToDial.Auto-change=" in _said(found.findings, FAILURE)
        assert (lines(settings, found.settings), spoken.statuses()) == ({}, {7: TO_DIAL})
        named = {"SMARTADVOCATE_NAMES": "GetCasesToDial.Auto-change=Claim"}
        assert _said(_probe(_settings(spoken, tmp_path, **named)).findings, FAILURE) == ""


def test_a_list_may_show_what_it_has_just_claimed(tmp_path: Path) -> None:
    how: dict[str, Any] = {
        "auto_change": "AutoChange",
        "claims_unasked": True,
        "shows_claims": True,
    }
    with listening(Spoken(**how)) as spoken:
        spoken.due(7)
        before = dict(spoken.cases[7])
        settings = _settings(spoken, tmp_path)
        assert "claims them" in _said(examine(_environ(spoken, tmp_path)), FAILURE)
        assert spoken.cases[7] == before
        found = lines(settings, _probe(settings).settings)
        assert found == {"SMARTADVOCATE_NAMES": "GetCasesToDial.Auto-change=AutoChange"}
        assert spoken.cases[7] == before


@pytest.mark.parametrize("by", ["probe", "check"])
def test_all_that_one_list_claimed_is_put_back_or_named(by: str, tmp_path: Path) -> None:
    how: dict[str, Any] = {
        "auto_change": "AutoChange",
        "claims_unasked": True,
        "ignores_records": True,
        "hides": frozenset({8}),
    }
    with listening(Spoken(**how)) as spoken:
        for case_id in (7, 8, 9):
            spoken.due(case_id)
        if by == "probe":
            found = _probe(_settings(spoken, tmp_path)).findings
        else:
            found = list(examine(_environ(spoken, tmp_path)))
        assert spoken.statuses() == {7: TO_DIAL, 8: IN_THE_DIALER, 9: TO_DIAL}
        assert "should case 8 be In the Dialer now" in _said(found, WARNING)
        assert "GetCaseInfo: 500 An error has occurred." in _said(found, FAILURE)


def test_two_labels_are_not_guessed_at(tmp_path: Path) -> None:
    with listening(Spoken()) as spoken:
        spoken.due(7)
        settings = _settings(spoken, tmp_path)
        spoken.wrap = lambda said: (
            [*said, said[0] | {"CaseID": 8, "DialerStatus": "Hot"}]
            if isinstance(said, list) and said
            else said
        )
        spoken.due(8, since=-_HOUR)
        found = _probe(settings)
        assert lines(settings, found.settings) == {}
        assert "“Hot”" in _said(found.findings, WARNING)
        assert "Records has another name" in _said(found.findings, WARNING)


@pytest.mark.parametrize(
    ("how", "more", "names"),
    [
        ({}, {"SMARTADVOCATE_API_KEY": "wrong"}, "SMARTADVOCATE_API_KEY"),
        ({}, {"SMARTADVOCATE_URL": "http://127.0.0.1:9"}, "SMARTADVOCATE_URL"),
        ({"list_path": "/Cases", "case_path": "/Case"}, {}, "SMARTADVOCATE_CALLS"),
        ({"case_path": "/Case"}, {}, "SMARTADVOCATE_CALLS"),
    ],
)
def test_a_failure_names_the_setting(
    how: dict[str, Any], more: dict[str, str], names: str, tmp_path: Path
) -> None:
    with listening(Spoken(**how)) as spoken:
        spoken.due(7)
        settings = _settings(spoken, tmp_path, **more)
        said = _said(_probe(settings).findings, FAILURE)
        assert names in said
        checked = _said(examine(_environ(spoken, tmp_path, **more)), FAILURE)
        assert names in checked
        for text in (said, checked):
            assert not any(word in text for word in ("HTTPConnectionPool", "Errno", "Exception("))


# Plain `bridge check`.


@pytest.mark.parametrize("dates_claims", [False, True])
def test_check_puts_back_what_asking_claimed(dates_claims: bool, tmp_path: Path) -> None:
    with listening(
        Spoken(auto_change="AutoChange", claims_unasked=True, dates_claims=dates_claims)
    ) as spoken:
        spoken.due(7)
        before = dict(spoken.cases[7])
        said = _said(examine(_environ(spoken, tmp_path)), FAILURE)
        assert "GetCasesToDial.Auto-change=AutoChange" in said
        assert spoken.cases[7] == before


@pytest.mark.parametrize(
    ("how", "more", "level", "says"),
    [
        ({"zone": "UTC"}, {}, FAILURE, "set SMARTADVOCATE_TIMEZONE=UTC"),
        ({}, {}, OK, "are in the past, in America/New_York"),
        ({"to_dial": LABEL}, {}, WARNING, f'SMARTADVOCATE_LABELS="To Dial={LABEL}"'),
        (
            {},
            {"DIAL_CAMPAIGNS": "Intake,intake FOLLOW-UP"},
            WARNING,
            "never returned a case of Intake; it has of: Intake follow-up",
        ),
    ],
)
def test_check_reads_the_list(
    how: dict[str, Any], more: dict[str, str], level: str, says: str, tmp_path: Path
) -> None:
    with listening(Spoken(**how)) as spoken:
        spoken.due(7)
        assert says in _said(examine(_environ(spoken, tmp_path, **more)), level)
        assert spoken.statuses() == {7: spoken.to_dial}


def test_check_shows_what_was_noticed_and_knows_campaigns_of_old(
    database_url: str, db: Database, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    with listening(Spoken()) as spoken:
        spoken.due(7)
        environ = _environ(spoken, tmp_path, DATABASE_URL=database_url, DIAL_CAMPAIGNS="Old,New")
        remote = smartadvocate(load(environ))
        case = remote.case(7)
        remote.close()
        spoken.cases.clear()
        with db.begin() as connection:
            store_cases.save_case(connection, case, now)
            notices.add(connection, NoticeName.ASKING_CLAIMS, "", "asking claims cases", now)
            notices.add(connection, NoticeName.LABEL, "Hot", "Hot is unknown", now)
        found = list(examine(environ))
        assert "asking claims cases" in _said(found, FAILURE)
        assert "Hot is unknown" in _said(found, WARNING)
        assert "Old, New; it has of: Intake follow-up" in _said(found, WARNING)


def test_what_a_worker_has_claimed_meanwhile_is_not_put_back(
    database_url: str, db: Database, tmp_path: Path
) -> None:
    with listening(Spoken(auto_change="AutoChange", claims_unasked=True)) as spoken:
        spoken.due(7)
        environ = _environ(spoken, tmp_path, DATABASE_URL=database_url)
        remote = smartadvocate(load(environ))
        with db.begin() as connection:
            turns.begin(connection, [remote.case(7)], datetime.now(UTC))
        remote.close()
        found = list(examine(environ))
        assert "claims them" not in _said(found, FAILURE)
        assert "isn't under way" in _said(found, OK)
        assert (spoken.statuses(), spoken.updates()) == ({7: IN_THE_DIALER}, 0)
        # As long as that is all that is known, no longer list is asked for.
        assert spoken.asked.count(("GET", "/GetCasesToDial")) == 1


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("postgres://u:secret@127.0.0.1:9/x", "DATABASE_URL"),
        ("sqlite:////dev/null/x", "BRIDGE_HOME"),
    ],
)
def test_a_database_that_can_not_be_used(url: str, names: str) -> None:
    said = _said(examine({"DATABASE_URL": url}), FAILURE)
    assert names in said
    assert not any(word in said for word in ("secret", "Errno", "refused", "psycopg"))


def test_twilio_and_the_public_address_in_our_own_words(tmp_path: Path) -> None:
    environ = {
        "BRIDGE_HOME": str(tmp_path),
        "PUBLIC_URL": "https://127.0.0.1:9",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "t",
        "TWILIO_API_URL": "http://127.0.0.1:9",
    }
    found = [one for one in examine(environ) if one.level != OK]
    said = {one.subject: one.sentence for one in found}
    assert "TWILIO_API_URL" in said["Twilio account"]
    assert "PUBLIC_URL" in said["public address"]
    assert "HTTP" not in said["Twilio account"] + said["public address"]


# The command.


def _run(home: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bridge", "check", *arguments],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environ},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_lines_are_printed_and_written(tmp_path: Path) -> None:
    how, expected = _DIALECTS["all of it"]
    with listening(Spoken(**how)) as spoken:
        spoken.due(7)
        env = tmp_path / ".env"
        kept = f"# ours\nSMARTADVOCATE_URL={spoken.url}\nexport SMARTADVOCATE_API_KEY='{KEY}'\n"
        env.write_text(kept)
        env.chmod(0o640)
        shown = _run(tmp_path, "--probe")
        assert shown.returncode == 0, shown.stdout + shown.stderr
        assert 'SMARTADVOCATE_LABELS="To Dial=Ready to call"' in shown.stdout.splitlines()
        assert env.read_text() == kept
        written = _run(tmp_path, "--probe", "--write-env")
        assert written.returncode == 0, written.stdout + written.stderr
        assert env.read_text().startswith(kept)
        assert {name: dotenv_values(env)[name] for name in expected} == expected
        assert env.stat().st_mode & 0o777 == 0o640
        after = env.read_text()
        again = _run(tmp_path, "--probe", "--write-env")
        assert "nothing needs to be set" in again.stdout
        assert (env.read_text(), spoken.statuses()) == (after, {7: LABEL})
        assert "--write-env needs --probe" in _run(tmp_path, "--write-env").stderr


def test_what_the_environment_outdoes_is_said(tmp_path: Path) -> None:
    with listening(Spoken(zone="UTC")) as spoken:
        spoken.due(7)
        done = _run(
            tmp_path,
            "--probe",
            "--write-env",
            **_environ(spoken, tmp_path, SMARTADVOCATE_TIMEZONE="America/Chicago"),
        )
        assert "SMARTADVOCATE_TIMEZONE is set in the environment too" in done.stdout


def test_nothing_half_known_is_written(tmp_path: Path) -> None:
    with listening(Spoken(verb="POST", carriage="json", case_path="/Case")) as spoken:
        spoken.due(7)
        done = _run(tmp_path, "--probe", "--write-env", **_environ(spoken, tmp_path))
        assert (done.returncode, (tmp_path / ".env").exists()) == (1, False)
