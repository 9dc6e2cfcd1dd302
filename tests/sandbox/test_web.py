"""The console of a run opens without a password: nowhere else, and by no setting."""

from pathlib import Path

import pytest

from bridge.app import create_app
from bridge.environment import load
from bridge.runtime import Runtime
from bridge.sandbox import web
from tests.support.processes import Bridge

_PRETEND = {
    "DATABASE_URL": "sqlite:////tmp/bridge.db",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "TWILIO_API_URL": "http://127.0.0.1:4010",
    "SMARTADVOCATE_URL": "http://127.0.0.1:4011",
}


@pytest.mark.parametrize(
    ("changed", "is_pretend"),
    [
        ({}, True),
        ({"DATABASE_URL": "postgres://u@127.0.0.1/d"}, False),
        ({"PUBLIC_URL": "https://firm.example.com"}, False),
        ({"PUBLIC_URL": "http://127.0.0.1.example.com"}, False),
        ({"TWILIO_API_URL": ""}, False),
        ({"SMARTADVOCATE_URL": "https://sa.example.com/api"}, False),
        ({"SMARTADVOCATE_URL": ""}, False),
    ],
    ids=str,
)
def test_it_serves_the_pretend_world_alone(changed: dict[str, str], is_pretend: bool) -> None:
    assert web.is_pretend(load(_PRETEND | changed)) is is_pretend


def test_it_refuses_a_real_firms_settings(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, f"sqlite:///{tmp_path / 'bridge.db'}", "https://sa.example.com")
    done = bridge.run_program("bridge.sandbox.web")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: this opens the console to everybody: run `bridge sandbox`")


def test_only_its_own_app_lets_everybody_in(runtime: Runtime) -> None:
    """With the same settings and environment, which have no password, the other has no console."""
    assert create_app(runtime).test_client().get("/console/").status_code == 404
    opened = web.make_app(runtime)
    opened.secret_key = "secret-of-the-tests"
    assert opened.test_client().get("/console/").status_code == 200


def test_no_other_name_leads_to_it(runtime: Runtime) -> None:
    opened = web.make_app(runtime)
    opened.secret_key = "secret-of-the-tests"
    for host in ("127.0.0.1:8000", "localhost"):
        assert opened.test_client().get("/console/", headers={"Host": host}).status_code == 200
    answer = opened.test_client().get("/console/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "is at 127.0.0.1 alone" in answer.text
    assert "Sign out" not in answer.text
