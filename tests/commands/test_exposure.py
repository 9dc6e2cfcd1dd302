"""What `bridge check` warns of: plain http, short secrets, a database that others can listen to."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

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
        ("SECRET_KEY", "use 16 or more"),
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
