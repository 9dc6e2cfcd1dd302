"""What `bridge check` warns of: plain http, short secrets, a database that others can listen to."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.security import generate_password_hash

from bridge.checking.examination import examine

FINE = "0123456789abcdef"


def _warnings(home: Path, **environment: str) -> list[str]:
    found = examine({"BRIDGE_HOME": str(home), **environment})
    return [f"{one.subject}: {one.sentence}" for one in found if one.level == "warning"]


@pytest.mark.parametrize("name", ["SMARTADVOCATE_URL", "TWILIO_API_URL"])
def test_plain_http_is_doubted_outside_of_this_machine(tmp_path: Path, name: str) -> None:
    def doubted(url: str) -> bool:
        said = f"settings: {name} is plain http"
        return any(one.startswith(said) for one in _warnings(tmp_path, **{name: url}))

    for url in ("http://sa.example.com/api", "http://10.0.0.5/api", "http://127.evil.example.com"):
        assert doubted(url), url
    for url in (
        "https://sa.example.com/api",
        "http://127.0.0.1:9/api",
        "http://127.8.8.8",
        "http://localhost:9",
        "http://sa.localhost",
        "http://[::1]:9/api",
    ):
        assert not doubted(url), url


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("CONSOLE_PASSWORD", "use 16 or more"),
        ("CONSOLE_VIEW_PASSWORD", "use 16 or more"),
        ("METRICS_TOKEN", "use 16 or more"),
        ("SMARTADVOCATE_API_KEY", "was all of it copied?"),
        ("TWILIO_AUTH_TOKEN", "was all of it copied?"),
        ("TWILIO_AUTH_TOKEN_SECONDARY", "was all of it copied?"),
        ("TWILIO_WEBHOOK_SHARED_KEY", "was all of it copied?"),
    ],
)
def test_short_secrets_are_doubted_and_not_shown(tmp_path: Path, name: str, advice: str) -> None:
    said = [one for one in _warnings(tmp_path, **{name: FINE[:-1]}) if name in one]
    assert len(said) == 1
    assert advice in said[0]
    assert "15 characters" in said[0]
    assert FINE[:-1] not in said[0]
    assert not any("characters" in one for one in _warnings(tmp_path, **{name: FINE}))


def test_a_database_elsewhere_should_be_encrypted(tmp_path: Path, database_url: str) -> None:
    """The tests' server has no TLS; by `hostaddr` it is reached under another machine's name."""
    warning = "database: the connection to db.example.com is not encrypted"
    elsewhere = database_url.replace("127.0.0.1", "db.example.com") + "?hostaddr=127.0.0.1"
    here = _warnings(tmp_path, DATABASE_URL=database_url)
    assert not any("not encrypted" in one for one in here)
    if database_url.startswith("sqlite"):
        return
    address = urlsplit(database_url)
    in_query = f"postgres://bridge@{address.path}?host=db.example.com&port={address.port}"
    for url in (elsewhere, f"{in_query}&hostaddr=127.0.0.1"):
        there = _warnings(tmp_path, DATABASE_URL=url)
        assert [one for one in there if one.startswith(warning)]


def _hash(password: str) -> str:
    return generate_password_hash(password, method="scrypt:1024:8:1")


def _said(home: Path, level: str, **environment: str) -> list[str]:
    found = examine({"BRIDGE_HOME": str(home), **environment})
    return [one.sentence for one in found if one.level == level and "CONSOLE" in one.sentence]


@pytest.mark.parametrize("name", ["CONSOLE_PASSWORD", "CONSOLE_VIEW_PASSWORD"])
def test_a_hash_is_better_than_a_password(tmp_path: Path, name: str) -> None:
    (said,) = _said(tmp_path, "warning", **{name: FINE})
    assert said.startswith(f"{name} is the password itself: put its hash in its place")
    assert "`bridge secret`" in said
    assert FINE not in said
    assert _said(tmp_path, "warning", **{name: _hash("short")}) == []


@pytest.mark.parametrize(
    ("own", "view", "is_same"),
    [
        (FINE, FINE, True),
        (_hash(FINE), FINE, True),
        (FINE, _hash(FINE), True),
        (FINE, FINE[::-1], False),
        (_hash(FINE), FINE[::-1], False),
        (_hash(FINE), _hash(FINE[::-1]), False),
    ],
)
def test_whoever_only_looks_has_another_password(
    tmp_path: Path, own: str, view: str, is_same: bool
) -> None:
    failures = _said(tmp_path, "failure", CONSOLE_PASSWORD=own, CONSOLE_VIEW_PASSWORD=view)
    same = [one for one in failures if one.startswith("CONSOLE_VIEW_PASSWORD is the same")]
    assert bool(same) is is_same
