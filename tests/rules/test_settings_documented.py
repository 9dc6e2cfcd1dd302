"""Every setting is explained: in `.env.example` with its default, and in the README."""

import io
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bridge import environment
from bridge.environment import load

ROOT = Path(__file__).parents[2]
_LINE = re.compile(r"^(#?)([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
REQUIRED = {
    "PUBLIC_URL",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "SMARTADVOCATE_URL",
    "SMARTADVOCATE_API_KEY",
}


def _example() -> str:
    return (ROOT / ".env.example").read_text()


def test_the_example_has_each_setting_once_and_no_other() -> None:
    documented = [name for _, name, _ in _LINE.findall(_example())]
    assert sorted(documented) == sorted(environment.names())


def test_only_what_is_required_stands_without_a_hash() -> None:
    assert {name for hash_, name, _ in _LINE.findall(_example()) if not hash_} == REQUIRED


def test_the_example_shows_the_defaults() -> None:
    with_hashes_taken_away = _LINE.sub(r"\2=\3", _example())
    shown = dotenv_values(stream=io.StringIO(with_hashes_taken_away))
    read = load({name: value or "" for name, value in shown.items()})
    default = load({})
    for one in fields(default):
        assert getattr(read, one.name) == getattr(default, one.name), one.metadata["name"]
    has_default = {
        one.metadata["name"] for one in fields(default) if one.default not in {None, "", ()}
    }
    assert {name for name, value in shown.items() if value} == has_default


def test_a_comment_stands_above_each_setting() -> None:
    explained = False
    for line in _example().splitlines():
        if _LINE.match(line):
            assert explained, line
        else:
            explained = bool(re.match(r"#\s+\S", line)) and "---" not in line


@pytest.mark.parametrize("page", ["README.md", "docs/reference/settings.md"])
def test_the_page_names_each_setting(page: str) -> None:
    text = (ROOT / page).read_text()
    missing = [name for name in environment.names() if not re.search(rf"\b{name}\b", text)]
    assert missing == []


def test_the_app_json_names_settings_alone() -> None:
    described = json.loads((ROOT / "app.json").read_text())
    assert set(described["env"]) <= set(environment.names())
    required = {name for name, one in described["env"].items() if one.get("required")}
    assert required == REQUIRED
