"""What `bridge check` finds: read-only looks at everything the bridge depends on."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

import requests

from bridge.adapters.twilio.client import Twilio
from bridge.adapters.twilio.urls import CALL_IN, CALL_STATUS, MESSAGE_STATUS, TEXT_IN, callback_url
from bridge.checking import (
    evidence,
    exposure,
    overdue_rules,
    registry_lists,
    smartadvocate,
    voice,
)
from bridge.checking.findings import FAILURE, OK, WARNING, Finding, about_twilio
from bridge.checking.settings_checked import CIRCLE, of_settings, phones_of_the_firm
from bridge.checking.stored import lacks_database
from bridge.counts import REJECTED
from bridge.domain.local_time import local
from bridge.domain.phones import E164
from bridge.domain.state_rules import rule_pack
from bridge.environment import load
from bridge.errors import BridgeError, SettingError
from bridge.runtime import Connections, connections, twilio_for_reading
from bridge.settings import Settings
from bridge.store import capacity, notices, overview
from bridge.store.consent import registry
from bridge.store.db import FAILED, Database
from bridge.store.dialing import abandonment
from bridge.store.evidence import chain
from bridge.store.notices import Notice, NoticeName

_SECONDS = 10
_NOTICES_THAT_FAIL = frozenset({NoticeName.ZONE, NoticeName.ASKING_CLAIMS})
_UNREACHED = (
    (requests.exceptions.SSLError, "its certificate isn't accepted"),
    (requests.Timeout, f"nothing within {_SECONDS} s"),
    (requests.ConnectionError, "no connection"),
)


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at everything; a failure in one place doesn't hide the others."""
    try:
        settings = load(environ)
    except SettingError as error:
        yield Finding(FAILURE, "settings", str(error))
        return
    yield from of_settings(settings, environ)
    yield from _overdue_rules(settings)
    yield from _database(settings)
    yield from _outside(settings)


def examine_running(
    settings: Settings, environ: Mapping[str, str], db: Database
) -> Iterator[Finding]:
    """The same for a process that runs already, with the settings and database that it has."""
    yield from of_settings(settings, environ)
    yield from _overdue_rules(settings)
    yield from _contents(settings, db)
    yield from _outside(settings)


def _overdue_rules(settings: Settings) -> Iterator[Finding]:
    return overdue_rules.of_rules(settings, rule_pack(), datetime.now(settings.firm_zone).date())


def _database(settings: Settings) -> Iterator[Finding]:
    lack = lacks_database(settings)
    if lack is not None:
        yield Finding(FAILURE, "database", lack)
        return
    try:
        db = Database(settings.database_url, connections=1)
    except OSError:
        yield Finding(FAILURE, "database", _unusable(settings))
        return
    try:
        yield from _contents(settings, db)
    finally:
        db.close()


def _contents(settings: Settings, db: Database) -> Iterator[Finding]:
    try:
        lack = db.lacks()
        if lack is not None:
            yield Finding(FAILURE, "database", lack)
            return
        yield Finding(OK, "database", "it answers, and its schema is current")
        yield from exposure.of_database(settings, db)
        with db.read() as connection:
            health = overview.health(connection)
            tallies = overview.tallies(connection)
            rejected = [tally for tally in tallies if tally.name == REJECTED]
            noticed = notices.active(connection)
            areas = registry.areas(connection)
            checkpoint = chain.newest(connection)
            campaigns = abandonment.listed(connection)
            most = None if db.is_sqlite else capacity.most_connections(connection)
    except FAILED:
        yield Finding(FAILURE, "database", _unusable(settings))
        return
    if most is not None:
        yield _room(connections(settings), most)
    yield from registry_lists.of_lists(areas, datetime.now(UTC))
    if health.dead:
        yield Finding(
            WARNING,
            "deliveries",
            f"{health.dead} dead: see `bridge deliveries list --dead`",
        )
    if not health.is_up:
        yield Finding(
            WARNING, "deliveries", f"SmartAdvocate circuit breaker is open: {health.down_reason}"
        )
    yield from evidence.of_chain(checkpoint, datetime.now(UTC))
    yield from voice.of_campaigns(campaigns)
    for notice in noticed:
        yield _notice(notice, settings.firm_zone)
    for tally in rejected:
        reason, _, route = tally.labels.partition("|")
        yield Finding(
            WARNING,
            "signatures",
            f"{tally.value:.0f} requests refused ({reason}), the last on "
            f"{local(tally.touched_at, settings.firm_zone)}; the address checked was "
            f"{settings.public_url}{route}",
        )


def _room(needed: Connections, most: int) -> Finding:
    """Whether the database allows as many connections as web, worker and a command take."""
    subject = "connections"
    if most < needed.running:
        level, says = FAILURE, f"web, worker and a command take {needed.running}"
    elif most < needed.deploying:
        level, says = WARNING, f"old and new dynos together, in a deploy, take {needed.deploying}"
    else:
        says = (
            f"of {most} that the database allows, old and new dynos together take "
            f"{needed.deploying} at most; one more web dyno takes {needed.web}, one more worker "
            f"{needed.worker}, in a deploy twice as many"
        )
        return Finding(OK, subject, says)
    remedy = "set WEB_CONCURRENCY lower, or take a larger database"
    return Finding(level, subject, f"the database allows {most}, but {says}: {remedy}")


def _unusable(settings: Settings) -> str:
    if settings.database_file is not None:
        file = settings.database_file
        return f"the file {file} can't be used: check DATABASE_URL, or BRIDGE_HOME"
    url = urlsplit(settings.database_url)
    where = f"{url.hostname or 'this machine'}{url.path}"
    return f"{where} can't be used: check host, user, password and name in DATABASE_URL"


def _notice(notice: Notice, zone: tzinfo) -> Finding:
    level = FAILURE if notice.name in _NOTICES_THAT_FAIL else WARNING
    says = f"{notice.says}; since {local(notice.since, zone)}"
    return Finding(level, f"noticed ({notice.name})", says)


def _outside(settings: Settings) -> Iterator[Finding]:
    yield from _twilio(settings)
    yield from smartadvocate.check_smartadvocate(settings, datetime.now(UTC))
    yield from _public_url(settings)


def _twilio(settings: Settings) -> Iterator[Finding]:
    if not settings.account_sid or not settings.auth_token:
        return
    twilio = twilio_for_reading(settings, answer_seconds=_SECONDS)
    try:
        account = twilio.status()
        level = OK if account.is_active else FAILURE
        yield Finding(level, "Twilio account", f"{account.name} is {account.status}")
        if settings.from_number:
            yield _from_number(twilio, settings.from_number)
        for name, phone in phones_of_the_firm(settings):
            if phone != settings.from_number and twilio.owns(phone):
                whose = "a number of this Twilio account"
                says = CIRCLE.format(name=name, phone=phone, whose=whose)
                yield Finding(FAILURE, "Twilio number", says)
    except BridgeError as error:
        yield Finding(FAILURE, "Twilio account", about_twilio(error))


def _from_number(twilio: Twilio, phone: E164) -> Finding:
    if twilio.owns(phone):
        return Finding(OK, "Twilio number", f"{phone} belongs to this account")
    says = f"{phone} is not a number of this account: check TWILIO_FROM_NUMBER"
    return Finding(WARNING, "Twilio number", says)


def _public_url(settings: Settings) -> Iterator[Finding]:
    if not settings.public_url:
        return
    subject, url = "public address", settings.public_url
    if not url.startswith("https://"):
        yield Finding(WARNING, subject, f"{url} is not https: Twilio's requests can be read")
    try:
        answer = requests.get(f"{url}/healthz", timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        yield Finding(
            WARNING,
            subject,
            f"{url} can't be reached from here ({_why(error)}): check PUBLIC_URL",
        )
        return
    if answer.status_code != requests.codes.ok:
        yield Finding(
            FAILURE,
            subject,
            f"{url}/healthz answers {answer.status_code}: check that PUBLIC_URL is this app",
        )
        return
    calls, texts = callback_url(url, CALL_STATUS), callback_url(url, MESSAGE_STATUS)
    yield Finding(OK, subject, f"it answers; give Twilio {calls} for calls, {texts} for texts")
    calls_in, texts_in = callback_url(url, CALL_IN), callback_url(url, TEXT_IN)
    yield Finding(
        OK, subject, f"for the number itself: {calls_in} for calls in, {texts_in} for texts in"
    )


def _why(error: requests.RequestException) -> str:
    return next((words for kind, words in _UNREACHED if isinstance(error, kind)), "no answer")
