"""Logs: one line an event, and in it neither whole numbers nor what people wrote."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bridge import logs
from bridge.domain.redaction import without_numbers

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def restored() -> Iterator[None]:
    """Leaves logging as it was found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._NOISY_LOGGERS}
    yield
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture
def lines(restored: None) -> Lines:
    """What was logged since it was asked last, each line read as JSON."""
    logs.set_up("json")
    said = io.StringIO()
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(said)

    def read() -> list[dict[str, Any]]:
        written = [json.loads(line) for line in said.getvalue().splitlines()]
        said.seek(0)
        said.truncate()
        assert written, "nothing was logged"
        return written

    return read


NUMBERS = [
    "+14025555759",
    "4025555759",
    "14025555759",
    "(402) 555-5759",
    "(402)555-5759",
    "402-555-5759",
    "402.555.5759",
    "402 555 5759",
    "1-402-555-5759",
    "1 (402) 555-5759",
    "+1 (402) 555-5759",
    "+1 402 555 5759",
    "+1-402-555-5759",
    "+1.402.555.5759",
    "+1402-555-5759",
    "+1(402)555-5759",
    "%2B14025555759",
    "whatsapp:+14025555759",
    "whatsapp%3A%2B14025555759",
    "tel:4025555759",
    "'4025555759'",
    "To=4025555759&From=",
    "?To=%2B14025555759&x=1",
    "rcs%3A%2B14025555759",
    "x%20%2B14025555759",
    "[4025555759]",
    "to:+14025555759,",
    "4025555759x12",
    "+441632965759",
    "+44 1632 965759",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_cut_to_their_last_four_digits(number: str) -> None:
    shown = without_numbers(f"asked for {number} just now")
    assert "5759" in shown
    digits = [character for character in shown if character.isdigit()]
    # What may be left beside the last four: the country, an extension, escaped punctuation.
    assert not any(part in "".join(digits) for part in ("402", "555", "1632"))


@pytest.mark.parametrize(
    "text",
    [
        "CA0123456789abcdef0123456789ab1f3a",
        "SM4025555759",
        "id-0123456789abcdef",
        "550e8400-e29b-41d4-a716-446655440000",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "127.0.0.1:54321",
        "192.168.100.200:5432",
        "http://127.0.0.1:8000/twilio/voice/status",
        "postgresql://u@10.0.0.12:5432/d",
        "case 515512",
        "CaseID=2147483",
        "21610",
        "SIP 404",
        "2026-11-23T17:00:00.123456+00:00",
        "2026-11-23 17:00:00",
        "took 0.1234567890 s",
        "900000",
        "",
    ],
)
def test_ids_and_addresses_stay_whole(text: str) -> None:
    assert without_numbers(text) == text


@given(st.text(max_size=60))
def test_redaction_never_crashes_and_once_is_enough(text: str) -> None:
    once = without_numbers(text)
    assert without_numbers(once) == once


@given(st.integers(200, 999), st.integers(200, 999), st.integers(0, 9999))
def test_whatever_the_number(area: int, exchange: int, line: int) -> None:
    for form in ("+1{}{}{:04d}", "({}) {}-{:04d}", "{}-{}-{:04d}", "{}{}{:04d}"):
        assert without_numbers(form.format(area, exchange, line)) == f"…{line:04d}"


def test_lines_go_to_standard_output(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json")
    structlog.get_logger("tests.output").info("Taken in", sid="CA1")
    said = capsys.readouterr()
    assert json.loads(said.out)["event"] == "Taken in"
    assert said.err == ""


def test_an_event_is_one_line_with_its_fields(lines: Lines) -> None:
    log = structlog.get_logger("tests.events")
    log.info("Callback taken in", sid="CA4025555759", case=4025555759, verdict="matched")
    log.warning("Two\nlines", why="a\nb")
    first, second = lines()
    assert first["event"] == "Callback taken in"
    assert (first["level"], first["logger"]) == ("info", "tests.events")
    assert (first["sid"], first["verdict"]) == ("CA4025555759", "matched")
    assert first["timestamp"].endswith("Z")
    assert (second["level"], second["why"]) == ("warning", "a\nb")


def test_fields_are_redacted(lines: Lines) -> None:
    structlog.contextvars.bind_contextvars(request_id="4025555759")
    structlog.get_logger("tests.fields").info("Rang +14025555759", url="/x?To=4025555759")
    (line,) = lines()
    assert (line["event"], line["url"]) == ("Rang …5759", "/x?To=…5759")
    assert line["request_id"] == "4025555759", "an id, not a number"


@pytest.mark.parametrize(
    "value", [["+14025555759"], {"to": "+14025555759"}, ("a", ["+14025555759"])]
)
def test_fields_within_fields_are_redacted(lines: Lines, value: Any) -> None:
    structlog.get_logger("tests.nested").info("Rang", phones=value)
    assert "402555" not in json.dumps(lines())


@pytest.mark.parametrize("name", ["body", "text", "note", "token", "password", "authorization"])
def test_what_people_wrote_and_secrets_are_hidden(lines: Lines, name: str) -> None:
    structlog.get_logger("tests.hidden").info("Taken in", **{name: "I fell off a ladder"})
    assert "ladder" not in json.dumps(lines())


def _fail() -> None:
    number = "+1 (402) 555-5759"
    raise ValueError(f"no case has {number}")


def test_exceptions_are_redacted_and_stay_in_their_line(lines: Lines) -> None:
    log = structlog.get_logger("tests.exceptions")
    try:
        _fail()
    except ValueError:
        log.exception("It failed")
        logging.getLogger("tests.stdlib").exception("It failed again")
    both = lines()
    assert len(both) == 2
    for line in both:
        assert "ValueError: no case has" in line["exception"]
        assert "…5759" in line["exception"]
        assert "(402)" not in json.dumps(line)


def test_libraries_lines_take_the_same_way(lines: Lines) -> None:
    logging.getLogger("some.library").warning("POST %s for %s", "/x", "+14025555759")
    logging.getLogger("urllib3.connectionpool").info("too talkative")
    (line,) = lines()
    assert (line["event"], line["logger"]) == ("POST /x for …5759", "some.library")
    assert line["level"] == "warning"


def test_text_lines_are_redacted_too(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("text")
    structlog.get_logger("tests.text").info("Rang +14025555759", body="I fell off a ladder")
    said = capsys.readouterr()
    assert "Rang …5759" in said.out
    assert "ladder" not in said.out
    assert said.err == ""


def test_an_exception_in_text_lines(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("text")
    try:
        _fail()
    except ValueError:
        structlog.get_logger("tests.text.exceptions").exception("It failed")
    said = capsys.readouterr()
    assert "It failed" in said.out
    assert "no case has" in said.out
    assert "(402)" not in said.out
    assert said.err == ""


def test_commands_for_people_say_only_warnings(lines: Lines) -> None:
    logs.quiet()
    log = structlog.get_logger("tests.quiet")
    log.info("Nobody needs this")
    log.warning("Somebody needs this")
    assert [line["event"] for line in lines()] == ["Somebody needs this"]


def test_sentry_that_is_not_installed_is_said_and_no_crash(
    restored: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    logs.set_up("json", "https://hidden@sentry.example.com/1")
    said = capsys.readouterr().out
    assert "sentry-sdk is not installed" in said
    assert "hidden" not in said
