"""Settings that can't be used: one line says so, and no secret is shown."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from bridge.environment import load, names
from bridge.errors import SettingError
from bridge.settings import Settings
from tests.support.settings import A_KEY, SECRETS, complaint, value_of

_SCRYPT = f"scrypt:32768:8:1$saltsaltsaltsalt${'0a' * 64}"
_PBKDF2 = f"pbkdf2:sha256:1000000$saltsaltsaltsalt${'0a' * 32}"


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
    sentence = complaint(name, raw)
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
    assert why in complaint(name, raw)


@given(
    st.sampled_from([name for name in names() if name not in SECRETS]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
)
def test_no_value_gets_more_than_one_line(name: str, raw: str) -> None:
    try:
        load({name: raw})
    except SettingError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - most values raise nothing


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


def test_secrets_are_never_shown() -> None:
    hidden = {name: f"hidden-{number}" for number, name in enumerate(SECRETS)}
    hidden["DATABASE_URL"] = "postgres://user:hidden-0@h/d"
    hidden["SECRET_KEY"] = f"hidden-{A_KEY}"
    hidden["SENTRY_DSN"] = "https://hidden-9@h/1"
    settings = load({**hidden, "FIRM_NAME": "Doe"})
    for shown in (repr(settings), str(settings), f"{settings}", f"{[settings]!r}"):
        assert "hidden" not in shown
        assert "firm_name='Doe'" in shown
    assert "hidden" not in complaint("DATABASE_URL", "mysql://user:hidden@h/d")


def test_these_are_the_secret_ones() -> None:
    secret = {one.metadata["name"] for one in fields(Settings) if one.metadata["secret"]}
    assert secret == set(SECRETS)


@pytest.mark.parametrize("name", ["CONSOLE_PASSWORD", "CONSOLE_VIEW_PASSWORD"])
@pytest.mark.parametrize("whole", [_SCRYPT, _PBKDF2, "'quoted'", "$", "$ecret pass"])
def test_a_password_or_its_hash(name: str, whole: str) -> None:
    assert value_of(load({name: whole}), name) == whole


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
    sentence = complaint(name, cut)
    assert sentence.startswith(f"{name} can't be used: it ")
    assert "`bridge secret` makes one" in sentence
    assert cut not in sentence


def test_a_short_secret_key_is_refused_and_not_shown() -> None:
    sentence = complaint("SECRET_KEY", A_KEY[:-1])
    assert sentence.startswith("SECRET_KEY can't be used: it has 31 characters; use 32 or more")
    assert A_KEY[:-1] not in sentence
