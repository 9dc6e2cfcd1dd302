"""The doctor behind `bridge check`: read-only looks at everything the bridge depends on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bridge.adapters.twilio.urls import CALL_IN, CALL_STATUS, MESSAGE_STATUS, TEXT_IN, callback_url
from bridge.counts import REJECTED
from bridge.domain.hours import Window
from bridge.domain.states import rule_pack
from bridge.domain.wording import doubts
from bridge.errors import BridgeError, NotKnown, SettingError
from bridge.runtime import smartadvocate
from bridge.settings import Settings, load, need
from bridge.store import reports
from bridge.store.db import FAILED, Database

OK, WARNING, FAILURE = "ok", "warning", "failure"
_SECONDS = 10
_WHOLE_DAY = 24 * 60


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: str
    subject: str
    sentence: str


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at everything; a failure in one place doesn't hide the others."""
    try:
        settings = load(environ)
    except SettingError as error:
        yield Finding(FAILURE, "settings", str(error))
        return
    yield from _settings(settings)
    for look in (_database, _twilio, _smartadvocate, _public_url):
        yield from look(settings)


def _settings(settings: Settings) -> Iterator[Finding]:
    required = (
        "PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN",
        "SMARTADVOCATE_URL", "SMARTADVOCATE_API_KEY",
    )  # fmt: skip
    missing = list(_missing(settings, required))
    yield from missing
    if settings.dial_enabled:
        missing_to_dial = list(
            _missing(settings, ("TWILIO_FROM_NUMBER", "FIRM_NAME", "FIRM_PHONE"))
        )
        yield from missing_to_dial
        missing += missing_to_dial
    if not missing:
        yield Finding(OK, "settings", "all that is required is there")
    for level, sentence in _doubts(settings):
        yield Finding(level, "settings", sentence)


def _missing(settings: Settings, required: tuple[str, ...]) -> Iterator[Finding]:
    for name in required:
        try:
            need(settings, name)
        except SettingError as error:
            yield Finding(FAILURE, "settings", str(error))


def _within(inner: Window, outer: Window) -> bool:
    return outer.opens <= inner.opens and inner.closes <= outer.closes


def _doubts(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.dial_hours.closes - settings.dial_hours.opens == _WHOLE_DAY:
        yield WARNING, "DIAL_HOURS sets no limit: people may be called at night"
    elif not _within(settings.dial_hours, rule_pack().federal):
        yield WARNING, "DIAL_HOURS goes beyond 08:00-21:00, which federal law allows to solicit in"
    if settings.uses_sqlite:
        yield WARNING, "the database is a SQLite file: on hosts without a lasting disk use Postgres"
    if settings.console_password and not settings.secret_key:
        yield FAILURE, "SECRET_KEY is missing: the console needs it"
    if not settings.metrics_token:
        yield WARNING, "METRICS_TOKEN is not set: /metrics is off"
    if settings.text_enabled:
        for doubt in doubts(settings.text_body):
            yield WARNING, f"TEXT_BODY: {doubt}"


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        db = Database(settings.database_url, connections=1)
    except OSError as error:
        yield Finding(FAILURE, "database", f"its directory can't be made: {error}")
        return
    try:
        lack = db.lacks()
        if lack is not None:
            yield Finding(FAILURE, "database", lack)
            return
        yield Finding(OK, "database", "it answers and its schema is current")
        with db.read() as connection:
            health = reports.health(connection)
            rejected = [one for one in reports.tallies(connection) if one.name == REJECTED]
    except FAILED as error:
        reason = " ".join(str(getattr(error, "orig", error)).split())
        yield Finding(FAILURE, "database", f"it can't be used: {reason}")
        return
    finally:
        db.close()
    if health.dead:
        yield Finding(
            WARNING,
            "deliveries",
            f"{health.dead} are dead: see `bridge deliveries list --dead`",
        )
    if not health.is_up:
        yield Finding(WARNING, "deliveries", f"SmartAdvocate rests: {health.down_reason}")
    for one in rejected:
        reason, _, route = one.labels.partition("|")
        yield Finding(
            WARNING,
            "signatures",
            f"{one.value:.0f} requests refused ({reason}), the last at "
            f"{one.touched_at:%Y-%m-%d %H:%M}Z; the address checked was "
            f"{settings.public_url}{route}",
        )


def _twilio(settings: Settings) -> Iterator[Finding]:
    if not settings.account_sid or not settings.auth_token:
        return
    client = Client(
        settings.account_sid, settings.auth_token, http_client=TwilioHttpClient(timeout=_SECONDS)
    )
    client.api.base_url = settings.twilio_api_url
    try:
        account = client.api.accounts(settings.account_sid).fetch()
        level = OK if account.status == "active" else FAILURE
        yield Finding(level, "Twilio account", f"{account.friendly_name} is {account.status}")
        if settings.from_number:
            yield _number(client, settings.from_number)
    except (TwilioException, requests.RequestException) as error:
        yield Finding(
            FAILURE, "Twilio account", f"Twilio refused or didn't answer: {_short(error)}"
        )


def _number(client: Client, phone: str) -> Finding:
    owned = client.incoming_phone_numbers.list(phone_number=phone, limit=1)
    if not owned:
        return Finding(WARNING, "Twilio number", f"{phone} is not a number of this account")
    return Finding(OK, "Twilio number", f"{phone} belongs to this account")


def _smartadvocate(settings: Settings) -> Iterator[Finding]:
    if not settings.smartadvocate_url or not settings.smartadvocate_key:
        return
    subject = "SmartAdvocate"
    try:
        remote = smartadvocate(settings)
        cases = remote.cases_to_dial("", "", 1).cases
        yield Finding(OK, subject, f"GetCasesToDial answers ({len(cases)} of at most 1 asked for)")
        known = remote.case(cases[0].case_id if cases else 1)
        yield Finding(OK, subject, f"GetCaseInfo answers for case {known.case_id}")
        remote.close()
    except NotKnown:
        yield Finding(OK, subject, "GetCaseInfo answers: there is no case 1")
    except (BridgeError, SettingError) as error:
        yield Finding(FAILURE, subject, f"{error}; check SMARTADVOCATE_URL and the key")


def _public_url(settings: Settings) -> Iterator[Finding]:
    if not settings.public_url:
        return
    subject, url = "public address", settings.public_url
    if not url.startswith("https://"):
        yield Finding(WARNING, subject, f"{url} is not https: Twilio's requests can be read")
    try:
        answer = requests.get(f"{url}/healthz", timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        yield Finding(WARNING, subject, f"{url} can't be reached from here: {_short(error)}")
        return
    if answer.status_code != requests.codes.ok:
        yield Finding(
            FAILURE, subject, f"{url}/healthz answers {answer.status_code}: is it this bridge?"
        )
        return
    calls, texts = callback_url(url, CALL_STATUS), callback_url(url, MESSAGE_STATUS)
    yield Finding(OK, subject, f"it answers; give Twilio {calls} for calls, {texts} for texts")
    calls_in, texts_in = callback_url(url, CALL_IN), callback_url(url, TEXT_IN)
    yield Finding(
        OK, subject, f"for the number itself: {calls_in} for calls in, {texts_in} for texts in"
    )


def _short(error: Exception) -> str:
    return " ".join(str(getattr(error, "msg", error)).split())[:200]
