"""The settings: their names, defaults and forms."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.campaign_goals import Goal
from bridge.domain.caps import Caps
from bridge.domain.consents import Attestation
from bridge.domain.events import Channel
from bridge.domain.hours import Window
from bridge.domain.office_hours import OfficeSpan, OfficeWeek
from bridge.domain.purposes import Purpose
from bridge.environment import load, names, need
from bridge.errors import SettingError
from tests.support.settings import A_KEY, value_of

WEEK_WITHOUT_SUNDAY = frozenset({"mon", "tue", "wed", "thu", "fri", "sat"})
MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEXT = (
    "{firm} will call you shortly about your matter. Questions? Call {phone}. "
    "Reply STOP to opt out."
)
ANNOUNCEMENT = "Case {case}. Campaign {campaign}. Attempt {attempt}."
OFFICE = OfficeWeek(
    (OfficeSpan(frozenset({"mon", "tue", "wed", "thu", "fri"}), Window(540, 1050)),)
)
WEEKEND = OfficeWeek((OfficeSpan(frozenset({"mon", "sat", "sun"}), Window(600, 1440)),))
A_SID, A_SERVICE = "AC" + "0a" * 16, "MG" + "0a" * 16

# name, default, a value as one writes it, what it is read as
# fmt: off
TABLE: list[tuple[str, Any, str, Any]] = [
    ("BRIDGE_HOME", Path("var"), "/srv/bridge", Path("/srv/bridge")),
    ("PUBLIC_URL", None, "https://firm.example.com/", "https://firm.example.com"),
    ("TWILIO_ACCOUNT_SID", None, A_SID, A_SID),
    ("TWILIO_AUTH_TOKEN", None, "t0ken", "t0ken"),
    ("TWILIO_AUTH_TOKEN_SECONDARY", None, "t0ken", "t0ken"),
    ("TWILIO_WEBHOOK_SHARED_KEY", None, "k3y", "k3y"),
    ("TWILIO_FROM_NUMBER", None, "+14025550100", "+14025550100"),
    ("TWILIO_MESSAGING_SERVICE_SID", None, A_SERVICE, A_SERVICE),
    ("TWILIO_API_URL", "https://api.twilio.com", "http://127.0.0.1:4010", "http://127.0.0.1:4010"),
    ("SMARTADVOCATE_URL", None, "https://sa.example.com/api/", "https://sa.example.com/api"),
    ("SMARTADVOCATE_API_KEY", None, "k3y", "k3y"),
    ("SMARTADVOCATE_TIMEZONE", ZoneInfo("America/New_York"), "UTC", ZoneInfo("UTC")),
    ("SMARTADVOCATE_CALLS", (), "GetCaseInfo=POST Case; AddCaseNote=PUT Notes",
     (("GetCaseInfo", "POST Case"), ("AddCaseNote", "PUT Notes"))),
    ("SMARTADVOCATE_NAMES", (), "Auto-change = AutoChange;", (("Auto-change", "AutoChange"),)),
    ("SMARTADVOCATE_LABELS", (), "Do not Dial=Never Dial", (("Do not Dial", "Never Dial"),)),
    ("FIRM_TIMEZONE", None, "America/Chicago", ZoneInfo("America/Chicago")),
    ("FIRM_NAME", None, "Doe & Roe", "Doe & Roe"),
    ("FIRM_PHONE", None, "+1 402 555 0100", "+14025550100"),
    ("DIAL_ENABLED", False, "true", True),
    ("DIAL_CAMPAIGNS", (), "Intake follow-up, Questionnaire,",
     ("Intake follow-up", "Questionnaire")),
    ("DIAL_CASE_GROUP", None, "MVA", "MVA"),
    ("DIAL_POLL_SECONDS", 60, "1", 1),
    ("DIAL_BATCH", 50, "10000", 10_000),
    ("DIAL_CALLS_PER_SECOND", 1.0, "0.5", 0.5),
    ("DIAL_MAX_CALLS", 5, "1", 1),
    ("DIAL_HOURS", Window(540, 1200), "00:00-24:00", Window(0, 1440)),
    ("DIAL_DAYS", WEEK_WITHOUT_SUNDAY, "Mon, fri", frozenset({"mon", "fri"})),
    ("DIAL_SKIP_HOLIDAYS", True, "false", False),
    ("DIAL_STATE_RULES", "strict", "OFF", "off"),
    ("DIAL_CAPS", Caps(2, 1, 3, 7), "1, 0, 1, 3", Caps(1, 0, 1, 3)),
    ("DIAL_PERSON_GAP", 4 * HOURS, "0", timedelta()),
    (
        "CAMPAIGN_PURPOSES",
        (("*", Purpose.LEAD),),
        "News = Client; *=lead",
        (("News", Purpose.CLIENT), ("*", Purpose.LEAD)),
    ),
    ("CLIENT_STATE_RULES", "strict", " Waived:counsel: memo 7", "waived: counsel: memo 7"),
    (
        "CONSENT_BASIS",
        (),
        "client:voice = retainer, section 7; Lead : text=web form",
        (
            Attestation(Purpose.CLIENT, Channel.CALL, "retainer, section 7"),
            Attestation(Purpose.LEAD, Channel.TEXT, "web form"),
        ),
    ),
    ("CAMPAIGN_GOALS", (("*", Goal.TALKED),), "News = Heard; *=talked",
     (("News", Goal.HEARD), ("*", Goal.TALKED))),
    ("DIAL_TALK_LIMIT", timedelta(hours=2), "90m", timedelta(minutes=90)),
    ("CALLS_IN_PER_HOUR", 10, "3", 3),
    ("DIAL_TALK", timedelta(seconds=30), "1m", MINUTES),
    ("DIAL_AFTER_TALK", "successful", "Release", "release"),
    ("SMARTADVOCATE_ATTEMPTS", "number", "text", "text"),
    ("SMARTADVOCATE_CLOCK_TOLERANCE", 5 * MINUTES, "30s", timedelta(seconds=30)),
    ("DIAL_MODE", "agent_first", "client_first", "client_first"),
    ("VOICE_PERMITS", (), "tx = permit 12; NE=registration",
     (("TX", "permit 12"), ("NE", "registration"))),
    (
        "DIAL_AGENTS",
        (),
        "Front desk = +14025550110; Intake=+14025550111",
        (("Front desk", "+14025550110"), ("Intake", "+14025550111")),
    ),
    ("DIAL_WRAP_UP", timedelta(seconds=45), "0", timedelta()),
    ("DIAL_ANNOUNCEMENT", ANNOUNCEMENT, "{firm}: {case}.", "{firm}: {case}."),
    ("FIRM_HOURS", OFFICE, "Mon,sat-Sun 10:00-24:00", WEEKEND),
    ("DIAL_RING_SECONDS", 25, "60", 60),
    ("VOICEMAIL_BODY", None, "Please call us.", "Please call us."),
    ("DIAL_MAX_ATTEMPTS", 8, "20", 20),
    ("DIAL_RETRY_BUSY", 20 * MINUTES, "90s", 1.5 * MINUTES),
    ("DIAL_RETRY_NO_ANSWER", 4 * HOURS, "5H", 5 * HOURS),
    ("DIAL_RETRY_MACHINE", DAYS, "2d", 2 * DAYS),
    ("DIAL_RETRY_FAILED", HOURS, "30m", 30 * MINUTES),
    ("TEXT_ENABLED", False, "True", True),
    ("TEXT_BODY", TEXT, "{firm} calls.", "{firm} calls."),
    ("TEXT_LEAD", 10 * MINUTES, "0", timedelta()),
    ("OPT_OUT_SCOPE", "person", "channel", "channel"),
    ("CONSOLE_PASSWORD", None, "hush", "hush"),
    ("CONSOLE_VIEW_PASSWORD", None, "hush", "hush"),
    ("SECRET_KEY", None, A_KEY, A_KEY),
    ("METRICS_TOKEN", None, "hush", "hush"),
    ("DELIVERY_GIVE_UP", 72 * HOURS, "7d", 7 * DAYS),
    ("CALLBACK_MAX_AGE", 24 * HOURS, "2d", 2 * DAYS),
    ("RETENTION_DAYS", 90, "30", 30),
    ("EVIDENCE_YEARS", 5, "10", 10),
    ("PORT", 8000, "1", 1),
    ("WEB_CONCURRENCY", None, "4", 4),
    ("LOG_FORMAT", "json", "text", "text"),
    ("SENTRY_DSN", None, "https://k@sentry.example.com/1", "https://k@sentry.example.com/1"),
]
# fmt: on


def test_there_are_these_settings_and_no_others() -> None:
    assert set(names()) == {"DATABASE_URL", *(name for name, *_ in TABLE)}
    assert len(names()) == len(set(names()))


@pytest.mark.parametrize(("name", "default", "raw", "value"), TABLE, ids=[one[0] for one in TABLE])
def test_each_has_its_default_and_is_read(name: str, default: Any, raw: str, value: Any) -> None:
    assert value_of(load({}), name) == default
    assert value_of(load({name: ""}), name) == default, "empty is unset"
    assert value_of(load({name: " \t"}), name) == default
    assert value_of(load({name: raw}), name) == value
    assert value_of(load({name: f" {raw} "}), name) == value


def test_the_environment_is_the_process_s_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIAL_BATCH", "7")
    assert load().dial_batch == 7


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("postgres://u:p@db.example.com:5432/d", "postgresql+psycopg://u:p@db.example.com:5432/d"),
        ("postgresql://u:p@h/d?sslmode=require", "postgresql+psycopg://u:p@h/d?sslmode=require"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:////srv/bridge.db", "sqlite:////srv/bridge.db"),
    ],
)
def test_databases(raw: str, url: str) -> None:
    settings = load({"DATABASE_URL": raw})
    assert settings.database_url == url
    assert settings.uses_sqlite is raw.startswith("sqlite")


def test_without_a_database_it_is_a_file_at_home(tmp_path: Path) -> None:
    assert load({"BRIDGE_HOME": str(tmp_path)}).database_url == f"sqlite:///{tmp_path}/bridge.db"
    at_work = Path.cwd() / "var" / "bridge.db"
    assert load({}).database_url == f"sqlite:///{at_work}"
    assert load({}).uses_sqlite


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////srv/bridge.db", Path("/srv/bridge.db")),
        ("sqlite:///var/bridge.db?timeout=5", Path("var/bridge.db")),
        ("sqlite:///:memory:", None),
        ("sqlite:///", None),
        ("postgres://u@h/d", None),
    ],
)
def test_which_file_holds_the_data(url: str, file: Path | None) -> None:
    assert load({"DATABASE_URL": url}).database_file == file


def test_the_firms_zone_is_smartadvocates_unless_it_is_set() -> None:
    theirs = {"SMARTADVOCATE_TIMEZONE": "America/Denver"}
    assert load(theirs).firm_zone == ZoneInfo("America/Denver")
    own = load(theirs | {"FIRM_TIMEZONE": "America/Chicago"})
    assert (own.firm_zone, own.smartadvocate_zone.key) == (
        ZoneInfo("America/Chicago"),
        "America/Denver",
    )


def test_what_is_needed_and_missing_is_named_in_one_line() -> None:
    settings = load({"PUBLIC_URL": "https://firm.example.com"})
    need(settings, "PUBLIC_URL", "DIAL_BATCH", "DATABASE_URL")
    with pytest.raises(SettingError) as caught:
        need(settings, "PUBLIC_URL", "TWILIO_AUTH_TOKEN")
    sentence = "TWILIO_AUTH_TOKEN is missing: it should be the account's auth token"
    assert str(caught.value) == sentence


def test_others_that_are_missing_are_named_in_the_same_line() -> None:
    with pytest.raises(SettingError) as caught:
        need(load({}), "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "SMARTADVOCATE_URL")
    sentence = str(caught.value)
    assert sentence.startswith("PUBLIC_URL is missing: it should be the address Twilio calls")
    assert sentence.endswith(". Also missing: TWILIO_AUTH_TOKEN, SMARTADVOCATE_URL")


@pytest.mark.parametrize("name", [name for name, default, *_ in TABLE if default is None])
def test_whatever_has_no_default_can_be_needed(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is missing"):
        need(load({}), name)
