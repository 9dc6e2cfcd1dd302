"""What the settings by themselves show: missing, misspelled, doubtful. Asks nobody."""

from collections.abc import Iterator, Mapping

from bridge.checking import exposure, purposes_named, required, voice
from bridge.checking.findings import FAILURE, OK, WARNING, Finding
from bridge.checking.misspelled import misspelled
from bridge.domain.hours import Window
from bridge.domain.message_wording import suggestions
from bridge.domain.state_rules import rule_pack
from bridge.environment import need
from bridge.errors import SettingError
from bridge.settings import Settings

_WHOLE_DAY = 24 * 60
CIRCLE = (
    "FIRM_PHONE {phone} is {whose}: a caller who is connected there would come back here, in a "
    "circle; set a phone that somebody answers"
)
"""That the firm's phone would bring callers back here."""


def of_settings(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What the settings by themselves show."""
    missing = list(_missing(settings))
    yield from missing or [Finding(OK, "settings", "all required settings are present")]
    for name, what in misspelled(environ).items():
        yield Finding(WARNING, "settings", f"{name} is not a setting of the bridge: {what}")
    for level, sentence in _doubts(settings):
        yield Finding(level, "settings", sentence)
    yield from purposes_named.of_settings(settings)
    yield from exposure.of_settings(settings)


def _missing(settings: Settings) -> Iterator[Finding]:
    for name in required.for_both(settings):
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
    yield from voice.doubts(settings)
    if settings.uses_sqlite:
        yield WARNING, "the database is a SQLite file: on hosts without a lasting disk use Postgres"
    if settings.firm_phone and settings.firm_phone == settings.from_number:
        yield FAILURE, CIRCLE.format(phone=settings.firm_phone, whose="TWILIO_FROM_NUMBER as well")
    if not settings.metrics_token:
        yield WARNING, "METRICS_TOKEN is not set: /metrics is off"
    if settings.text_enabled:
        for doubt in suggestions(settings.text_body):
            yield WARNING, f"TEXT_BODY: {doubt}"
