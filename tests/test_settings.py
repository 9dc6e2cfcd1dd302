"""The settings: their names, defaults and forms, and that secrets stay hidden."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from bridge.domain.campaign_goals import Goal
from bridge.domain.caps import Caps
from bridge.domain.consents import Attestation
from bridge.domain.events import Channel
from bridge.domain.hours import Window
from bridge.domain.office_hours import OfficeSpan, OfficeWeek
from bridge.domain.purposes import Purpose
from bridge.environment import load, names, need
from bridge.errors import SettingError
from bridge.settings import Settings

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
A_KEY = "0123456789abcdef" * 2
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
SECRETS = (
    "DATABASE_URL",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_AUTH_TOKEN_SECONDARY",
    "TWILIO_WEBHOOK_SHARED_KEY",
    "SMARTADVOCATE_API_KEY",
    "CONSOLE_PASSWORD",
    "CONSOLE_VIEW_PASSWORD",
    "SECRET_KEY",
    "METRICS_TOKEN",
    "SENTRY_DSN",
)


def _value(settings: Settings, name: str) -> Any:
    (value,) = (
        getattr(settings, one.name) for one in fields(settings) if one.metadata["name"] == name
    )
    return value


def _sentence(name: str, raw: str) -> str:
    with pytest.raises(SettingError) as caught:
        load({name: raw})
    return str(caught.value)


def test_there_are_these_settings_and_no_others() -> None:
    assert set(names()) == {"DATABASE_URL", *(name for name, *_ in TABLE)}
    assert len(names()) == len(set(names()))


@pytest.mark.parametrize(("name", "default", "raw", "value"), TABLE, ids=[one[0] for one in TABLE])
def test_each_has_its_default_and_is_read(name: str, default: Any, raw: str, value: Any) -> None:
    assert _value(load({}), name) == default
    assert _value(load({name: ""}), name) == default, "empty is unset"
    assert _value(load({name: " \t"}), name) == default
    assert _value(load({name: raw}), name) == value
    assert _value(load({name: f" {raw} "}), name) == value


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
    ("name", "raw"),
    [
        ("DATABASE_URL", "mysql://u:p@h/d"),
        ("DATABASE_URL", "bridge.db"),
        ("PUBLIC_URL", "firm.example.com"),
        ("PUBLIC_URL", "ftp://firm.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://u:p@firm.example.com"),
        ("PUBLIC_URL", "https://firm.example.com?x=1"),
        ("PUBLIC_URL", "https://firm.example.com#x"),
        ("PUBLIC_URL", "https://firm.example.com?"),
        ("PUBLIC_URL", "https://firm.example.com/#"),
        ("PUBLIC_URL", "https://firm.example.com:port"),
        ("PUBLIC_URL", "https://h:99999"),
        ("TWILIO_ACCOUNT_SID", "SK00"),
        ("TWILIO_ACCOUNT_SID", "AC00 00"),
        ("TWILIO_MESSAGING_SERVICE_SID", "AC" + "0" * 32),
        ("TWILIO_FROM_NUMBER", "4025550100"),
        ("TWILIO_FROM_NUMBER", "+1402555"),
        ("FIRM_PHONE", "anonymous"),
        ("FIRM_PHONE", "+266696687"),
        ("SMARTADVOCATE_TIMEZONE", "Eastern"),
        ("SMARTADVOCATE_TIMEZONE", "../../etc/passwd"),
        ("SMARTADVOCATE_CALLS", "GetCaseInfo"),
        ("SMARTADVOCATE_NAMES", "=x"),
        ("SMARTADVOCATE_LABELS", "Busy=; x=y"),
        ("DIAL_TALK_LIMIT", "59s"),
        ("DIAL_TALK_LIMIT", "25h"),
        ("DIAL_TALK_LIMIT", "0"),
        ("CALLS_IN_PER_HOUR", "0"),
        ("CALLS_IN_PER_HOUR", "many"),
        ("DIAL_ENABLED", "maybe"),
        ("TEXT_ENABLED", "2"),
        ("DIAL_POLL_SECONDS", "0"),
        ("DIAL_POLL_SECONDS", "1m"),
        ("DIAL_BATCH", "0"),
        ("DIAL_CALLS_PER_SECOND", "0"),
        ("DIAL_CALLS_PER_SECOND", "nan"),
        ("DIAL_CALLS_PER_SECOND", "inf"),
        ("DIAL_CALLS_PER_SECOND", "-1"),
        ("DIAL_MAX_CALLS", "1.5"),
        ("DIAL_HOURS", "9-20"),
        ("DIAL_HOURS", "20:00-09:00"),
        ("DIAL_HOURS", "09:00-24:01"),
        ("DIAL_HOURS", "09:60-20:00"),
        ("DIAL_HOURS", "09:00-09:00"),
        ("DIAL_DAYS", "monday"),
        ("DIAL_DAYS", ","),
        ("DIAL_STATE_RULES", "lax"),
        ("DIAL_CAPS", "2,1,3"),
        ("DIAL_CAPS", "2,1,3,7,9"),
        ("DIAL_CAPS", "2,1,3,-7"),
        ("DIAL_CAPS", "2,1,3,x"),
        ("DIAL_MODE", "both"),
        ("VOICE_PERMITS", "TX"),
        ("VOICE_PERMITS", "Texas=permit 12"),
        ("CAMPAIGN_PURPOSES", "News=friend"),
        ("CAMPAIGN_PURPOSES", "News"),
        ("CLIENT_STATE_RULES", "waived"),
        ("CLIENT_STATE_RULES", "strict: why"),
        ("CLIENT_STATE_RULES", "off"),
        ("CONSENT_BASIS", "client:voice"),
        ("CONSENT_BASIS", "client=the retainer"),
        ("CONSENT_BASIS", "client:fax=the retainer"),
        ("CONSENT_BASIS", "friend:voice=the retainer"),
        ("DIAL_AGENTS", "+14025550110"),
        ("DIAL_AGENTS", "Front desk=4025550110"),
        ("DIAL_WRAP_UP", "61m"),
        ("FIRM_HOURS", "09:00-17:30"),
        ("FIRM_HOURS", "mon-fri"),
        ("FIRM_HOURS", "monday 09:00-17:30"),
        ("FIRM_HOURS", "mon 17:30-09:00"),
        ("FIRM_HOURS", ";"),
        ("DIAL_RING_SECONDS", "14"),
        ("DIAL_RING_SECONDS", "61"),
        ("DIAL_MAX_ATTEMPTS", "21"),
        ("DIAL_MAX_ATTEMPTS", "0"),
        ("DIAL_RETRY_BUSY", "20"),
        ("DIAL_RETRY_BUSY", "20 minutes"),
        ("DIAL_RETRY_BUSY", "-1m"),
        ("DIAL_RETRY_MACHINE", "1w"),
        ("DIAL_RETRY_FAILED", "1" * 30 + "d"),
        ("OPT_OUT_SCOPE", "all"),
        ("DELIVERY_GIVE_UP", "never"),
        ("RETENTION_DAYS", "0"),
        ("EVIDENCE_YEARS", "0"),
        ("EVIDENCE_YEARS", "51"),
        ("CALLBACK_MAX_AGE", "0"),
        ("CALLBACK_MAX_AGE", "59s"),
        ("PORT", "65536"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("WEB_CONCURRENCY", "0"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_malformed_value_is_named_in_one_line(name: str, raw: str) -> None:
    sentence = _sentence(name, raw)
    assert sentence.startswith(f"{name} should be ")
    assert sentence.count(name) == 1
    assert "\n" not in sentence
    if name == "PUBLIC_URL" and set(raw.rpartition("//")[2]) & set(":@?#"):
        assert raw not in sentence, "it may hold a password"
    elif name.startswith(("TWILIO_", "SMARTADVOCATE_URL")):
        assert ", not " not in sentence, "it may be a secret, pasted into the wrong place"
    elif name not in SECRETS:
        assert sentence.endswith(f", not {raw!r}")


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("DIAL_AGENTS", "A=+14025550110; A=+14025550111", "each name may stand in it once"),
        ("DIAL_AGENTS", "A=+14025550110; B=+14025550110", "each number may stand in it once"),
        ("DIAL_AGENTS", f"{'A' * 41}=+14025550110", "a name may have 40 characters"),
        ("CAMPAIGN_PURPOSES", "Intake=lead; intake=client", "as lead and as client"),
        ("CONSENT_BASIS", "client:voice=x; client:voice=y", "client:voice stands in it with two"),
        ("DIAL_ANNOUNCEMENT", "For {name}", "are filled in"),
        ("DIAL_ANNOUNCEMENT", "Case {case:>9}", "are filled in"),
        ("DIAL_ANNOUNCEMENT", "A" * 301, "it may have 300 characters"),
    ],
)
def test_what_is_wrong_with_agents_and_purposes_is_said(name: str, raw: str, why: str) -> None:
    assert why in _sentence(name, raw)


@pytest.mark.parametrize("name", [name for name in names() if name.endswith(("_URL", "_DSN"))])
@pytest.mark.parametrize(
    "raw",
    [
        "https://u:hunter2@h.example.com",
        "https//u:hunter2@h",
        "https://u:hunter2",
        "u:hunter2@h",
        "ftp://u:hunter2@h/1",
        "https://h/?key=hunter2",
        "postgres:u:hunter2@h/d",
        "postgres://u:hunter2",
        "postgres://u:a/hunter2@h/d",
        "postgres://u:a#hunter2@h/d",
        "postgres://u:a?hunter2@h/d",
        "postgres://u:a@hunter2@h/d",
        "https://k:hunter2@h:port/1",
        "https://k@h:hunter2/1",
        "https://h/#hunter2",
        "https://[hunter2/1",
        "sqlite:/u:hunter2@h",
    ],
)
def test_no_error_shows_a_password_in_an_address(name: str, raw: str) -> None:
    """Also not where it is cut at another place than the one who wrote it meant."""
    try:
        settings = load({name: raw})
    except SettingError as error:
        assert "hunter2" not in str(error)  # noqa: PT017 - some take it
        return
    assert name in {"DATABASE_URL", "SENTRY_DSN"}
    assert "hunter2" not in repr(settings)
    if name == "DATABASE_URL":
        assert make_url(settings.database_url).password == "hunter2"


@given(
    st.sampled_from([name for name in names() if name not in SECRETS]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
)
def test_no_value_gets_more_than_one_line(name: str, raw: str) -> None:
    try:
        load({name: raw})
    except SettingError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - most values raise nothing


def test_secrets_are_never_shown() -> None:
    hidden = {name: f"hidden-{number}" for number, name in enumerate(SECRETS)}
    hidden["DATABASE_URL"] = "postgres://user:hidden-0@h/d"
    hidden["SECRET_KEY"] = f"hidden-{A_KEY}"
    hidden["SENTRY_DSN"] = "https://hidden-9@h/1"
    settings = load({**hidden, "FIRM_NAME": "Doe"})
    for shown in (repr(settings), str(settings), f"{settings}", f"{[settings]!r}"):
        assert "hidden" not in shown
        assert "firm_name='Doe'" in shown
    assert "hidden" not in _sentence("DATABASE_URL", "mysql://user:hidden@h/d")


def test_these_are_the_secret_ones() -> None:
    secret = {one.metadata["name"] for one in fields(Settings) if one.metadata["secret"]}
    assert secret == set(SECRETS)


_SCRYPT = f"scrypt:32768:8:1$saltsaltsaltsalt${'0a' * 64}"
_PBKDF2 = f"pbkdf2:sha256:1000000$saltsaltsaltsalt${'0a' * 32}"


@pytest.mark.parametrize("name", ["CONSOLE_PASSWORD", "CONSOLE_VIEW_PASSWORD"])
@pytest.mark.parametrize("whole", [_SCRYPT, _PBKDF2, "'quoted'", "$", "$ecret pass"])
def test_a_password_or_its_hash(name: str, whole: str) -> None:
    assert _value(load({name: whole}), name) == whole


@pytest.mark.parametrize("quoted", [f"'{_SCRYPT}'", f'"{_SCRYPT}"'])
def test_quotes_around_a_hash_are_the_shells(quoted: str) -> None:
    assert load({"CONSOLE_PASSWORD": quoted}).console_password == _SCRYPT


@pytest.mark.parametrize("name", ["CONSOLE_PASSWORD", "CONSOLE_VIEW_PASSWORD"])
@pytest.mark.parametrize(
    "cut",
    [
        "scrypt:",
        # As a shell leaves it where it isn't quoted: $saltsalt… is an empty variable there.
        "scrypt:32768:8:1",
        _SCRYPT[:-1],
        f"{_SCRYPT}0",
        _SCRYPT.replace("0a", "0z"),
        _SCRYPT.replace("32768", "32767"),
        _SCRYPT.replace("32768", "0"),
        _SCRYPT.replace("32768", "8388608"),
        _SCRYPT.replace(":8:", ":0:"),
        _SCRYPT.replace(":1$", ":99$"),
        _PBKDF2[:-1],
        _PBKDF2.replace("1000000", "99999999"),
        _PBKDF2.replace("sha256", "md5"),
        "$2b$12$KIXQ1rT0dQ2eA6WvH8Yk8u",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
        "$6$saltsalt$hash",
    ],
)
def test_a_hash_that_can_not_be_used_is_refused_and_not_shown(name: str, cut: str) -> None:
    sentence = _sentence(name, cut)
    assert sentence.startswith(f"{name} can't be used: it ")
    assert "`bridge secret` makes one" in sentence
    assert cut not in sentence


def test_a_short_secret_key_is_refused_and_not_shown() -> None:
    sentence = _sentence("SECRET_KEY", A_KEY[:-1])
    assert sentence.startswith("SECRET_KEY can't be used: it has 31 characters; use 32 or more")
    assert A_KEY[:-1] not in sentence


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


def test_the_firms_zone_is_smartadvocates_unless_it_is_set() -> None:
    theirs = {"SMARTADVOCATE_TIMEZONE": "America/Denver"}
    assert load(theirs).firm_zone == ZoneInfo("America/Denver")
    own = load(theirs | {"FIRM_TIMEZONE": "America/Chicago"})
    assert (own.firm_zone, own.smartadvocate_zone.key) == (
        ZoneInfo("America/Chicago"),
        "America/Denver",
    )


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


@pytest.mark.parametrize("name", [name for name, default, *_ in TABLE if default is None])
def test_whatever_has_no_default_can_be_needed(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is missing"):
        need(load({}), name)
