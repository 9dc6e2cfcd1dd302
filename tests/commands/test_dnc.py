"""`bridge dnc`: the registry's list is imported whole or not at all, shown, and warned about."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from bridge.checking import examination
from bridge.checking.findings import OK, WARNING
from bridge.cli import cli
from bridge.commands import dnc
from bridge.domain.phones import E164
from bridge.domain.registry_list import read
from bridge.runtime import Runtime
from bridge.store.consent import registry
from bridge.store.db import Database

NUMBERS = ("402,5550107", "4025550108", "531,5550107")


def _run(db_url: str, *words: str, fails: bool = False) -> str:
    result = CliRunner().invoke(cli, ["dnc", *words], env={"DATABASE_URL": db_url})
    assert (result.exit_code != 0) is fails, result.output
    return result.output


def _file(tmp_path: Path, *lines: str, end: str = "\n", name: str = "registry.txt") -> str:
    file = tmp_path / name
    file.write_bytes("".join(f"{line}{end}" for line in lines).encode())
    return str(file)


def _is_listed(db: Database, number: str) -> bool | None:
    with db.read() as connection:
        entry = registry.listing(connection, E164(number))
    assert entry is not None
    return entry.is_listed if entry.as_of else None


def test_a_list_is_imported_and_shown(database_url: str, db: Database, tmp_path: Path) -> None:
    assert "leads without consent are held" in _run(database_url, "status")
    said = _run(database_url, "import", _file(tmp_path, "Numbers", *NUMBERS, "", end="\r\n"))
    assert said.splitlines()[:2] == ["area code 402: 2 numbers", "area code 531: 1 number"]
    today = datetime.now(ZoneInfo("America/New_York"))
    assert f"3 numbers of 2 area codes imported, as of {today:%Y-%m-%d}" in said
    assert _is_listed(db, "+14025550107") is True
    assert _is_listed(db, "+14025550109") is False
    assert _is_listed(db, "+14025560107") is False
    assert _is_listed(db, "+14145550107") is None
    rows = json.loads(_run(database_url, "status", "--json"))
    assert [(row["area_code"], row["numbers"], row["state"]) for row in rows] == [
        (402, 2, "current"),
        (531, 1, "current"),
    ]
    assert {row["file"] for row in rows} == {"registry.txt"}


def test_a_new_list_takes_the_place_of_its_area_codes_alone(
    database_url: str, db: Database, tmp_path: Path
) -> None:
    _run(database_url, "import", _file(tmp_path, *NUMBERS))
    _run(database_url, "import", _file(tmp_path, "402,5550109"))
    assert _is_listed(db, "+14025550107") is False
    assert _is_listed(db, "+14025550109") is True
    assert _is_listed(db, "+15315550107") is True


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["402,5550109", "402,555"], "line 2 is not a number as the registry's full list has them"),
        (["4025550109,2026-11-02,A"], "a list of changes can't be imported"),
        ([], "registry.txt is empty: nothing was imported"),
        (["", ""], "registry.txt is empty: nothing was imported"),
        (["Numbers"], "registry.txt holds no number: its first line would be a header, and noth"),
        (["Numbers", "more"], "line 2 is not a number as the registry's full list has them"),
    ],
)
def test_of_a_malformed_file_nothing_is_imported(
    database_url: str, db: Database, tmp_path: Path, lines: list[str], says: str
) -> None:
    _run(database_url, "import", _file(tmp_path, *NUMBERS))
    said = _run(database_url, "import", _file(tmp_path, *lines), fails=True)
    assert says in said
    assert "5550109" not in said
    assert _is_listed(db, "+14025550107") is True
    assert _is_listed(db, "+14025550109") is False


def test_a_list_that_lost_more_than_half_is_imported_only_if_that_is_meant(
    database_url: str, db: Database, tmp_path: Path
) -> None:
    many = [f"402555{number:04d}" for number in range(1500)]
    _run(database_url, "import", _file(tmp_path, *many, *NUMBERS))
    cut_off = _file(tmp_path, *many[:700], "531,5550108")
    said = _run(database_url, "import", cut_off, fails=True)
    assert said == (
        "Error: area code 402 had 1,500 numbers and would have 700: nothing was imported. The file "
        "may be cut off: download it again, or say --smaller if that is right\n"
    )
    assert _is_listed(db, "+14025551499") is True
    assert _is_listed(db, "+15315550108") is False
    _run(database_url, "import", cut_off, "--smaller")
    assert _is_listed(db, "+14025551499") is False
    _run(database_url, "import", _file(tmp_path, *many[:350]))


def test_one_that_is_cut_off_behind_what_is_read_at_once_is_refused_too(
    database_url: str, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dnc, "MOST_AREAS", 1)
    codes, ends = (201, 202, 203), ("0107", "0108", "0109")
    whole = _file(tmp_path, *[f"{code},555{end}" for code in codes for end in ends])
    _run(database_url, "import", whole)
    cut_off = [f"201,555{end}" for end in ends] + ["202,5550107", "202,5550108", "203,5550107"]
    said = _run(database_url, "import", _file(tmp_path, *cut_off), fails=True)
    assert said.startswith("Error: area code 203 had 3 numbers and would have 1: nothing was")
    assert _is_listed(db, "+12025550109") is True


def test_a_line_without_an_end_is_malformed(database_url: str, tmp_path: Path) -> None:
    endless = _file(tmp_path, "4" * 5_000_000, end="")
    assert "line 1 is not a number" in _run(database_url, "import", endless, fails=True)


def test_an_archive_of_one_text(database_url: str, db: Database, tmp_path: Path) -> None:
    archive = tmp_path / "registry.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.write(_file(tmp_path, *NUMBERS), "402.txt")
    _run(database_url, "import", str(archive))
    assert _is_listed(db, "+14025550107") is True
    with zipfile.ZipFile(archive, "a") as made:
        made.writestr("531.txt", "5315550107\n")
    assert "should hold one file, and holds 2" in _run(
        database_url, "import", str(archive), fails=True
    )


def _damaged(archive: bytes) -> bytes:
    return archive[:70] + bytes(40) + archive[110:]


def _encrypted(archive: bytes) -> bytes:
    return _marked(archive, 6, 1)


def _in_deflate64(archive: bytes) -> bytes:
    return _marked(archive, 8, 9)


def _marked(archive: bytes, place: int, value: int) -> bytes:
    """With a field of both headers set, as other programs write it."""
    marked, directory = bytearray(archive), archive.index(b"PK\x01\x02")
    marked[place] = marked[directory + place + 2] = value
    return bytes(marked)


@pytest.mark.parametrize("harm", [_damaged, _encrypted, _in_deflate64])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_archive_that_cant_be_unpacked(
    database_url: str, db: Database, tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    archive = tmp_path / "registry.zip"
    many = "".join(f"402555{number:04d}\n" for number in range(100))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("402.txt", many)
    archive.write_bytes(harm(archive.read_bytes()))
    said = _run(database_url, "import", str(archive), fails=True)
    assert said.startswith("Error: registry.zip can't be unpacked here (")
    assert len(said.splitlines()) == 1
    assert _is_listed(db, "+14025550007") is None


def test_a_file_with_more_area_codes_than_are_read_at_once(
    database_url: str, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dnc, "MOST_AREAS", 2)
    codes = range(201, 208)
    mixed = [f"{code},555{end}" for end in ("0107", "0108") for code in codes]
    _run(database_url, "import", _file(tmp_path, *mixed))
    for code in codes:
        assert _is_listed(db, f"+1{code}5550107") is True
        assert _is_listed(db, f"+1{code}5550108") is True
        assert _is_listed(db, f"+1{code}5550109") is False
    # One of them has a newer list: none is replaced.
    _run(database_url, "import", _file(tmp_path, "207,5550109"))
    older = _file(tmp_path, *[f"{code},5550108" for code in codes])
    yesterday = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}"
    assert "newer list" in _run(database_url, "import", older, "--as-of", yesterday, fails=True)
    assert _is_listed(db, "+12015550107") is True


def test_the_age_counts_from_the_download(database_url: str, db: Database, tmp_path: Path) -> None:
    today = datetime.now(ZoneInfo("America/New_York"))  # the firm's day, not that of UTC
    file = _file(tmp_path, *NUMBERS)

    def day(days: int) -> str:
        return f"{today - timedelta(days=days):%Y-%m-%d}"

    _run(database_url, "import", file, "--as-of", day(40))
    (row, _) = json.loads(_run(database_url, "status", "--json"))
    assert (row["state"], row["age_days"] in {39, 40}) == ("too old", True)
    _run(database_url, "import", file, "--as-of", day(27))
    assert "due" in _run(database_url, "status")
    _run(database_url, "import", file)
    _run(database_url, "import", file, "--as-of", day(0))
    older = _run(database_url, "import", file, "--as-of", day(40), fails=True)
    assert "area code 402 has a newer list" in older
    assert "is in the future" in _run(database_url, "import", file, "--as-of", day(-2), fails=True)


@pytest.mark.parametrize(
    ("days", "level", "says"),
    [
        (3, OK, "lists of 2 area codes, the oldest 3 days old"),
        (25, WARNING, "the lists of area codes 402, 531 are older than 25 days: from 31 days on"),
        (31, WARNING, "the lists of area codes 402, 531 are older than 30 days: leads there"),
    ],
)
def test_check_warns_of_old_lists(
    runtime: Runtime, tmp_path: Path, days: int, level: str, says: str
) -> None:
    runtime.clock.now = datetime.now(UTC)  # type: ignore[attr-defined]
    file = Path(_file(tmp_path, *NUMBERS))
    dnc.import_file(runtime, file, runtime.clock() - timedelta(days=days, minutes=1))
    found = [
        one
        for one in examination.examine_running(runtime.settings, {}, runtime.db)
        if one.subject == "do-not-call registry"
    ]
    assert [one.level for one in found] == [level]
    assert found[0].sentence.startswith(says)


def test_a_reader_sees_the_old_list_or_the_new_one(
    runtime: Runtime, db: Database, tmp_path: Path
) -> None:
    dnc.import_file(runtime, Path(_file(tmp_path, "402,5550107")), runtime.clock())
    new = registry.ImportedArea(402, runtime.clock(), runtime.clock(), 1, "new.txt")
    (listed,) = read([b"402,5550108\n"], 1).areas
    with runtime.db.begin() as writing:
        registry.replace(writing, new, listed)
        assert _is_listed(db, "+14025550107") is True
        assert _is_listed(db, "+14025550108") is False
    assert _is_listed(db, "+14025550107") is False
    assert _is_listed(db, "+14025550108") is True
