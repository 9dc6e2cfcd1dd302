"""What the settings by themselves show: missing, misspelled, doubtful. Asks nobody."""

from collections.abc import Iterator, Mapping

from bridge.checking import agents_checked, exposure, purposes_named, required, voice
from bridge.checking.findings import FAILURE, OK, WARNING, Finding
from bridge.checking.misspelled import misspelled
from bridge.domain.hours import Window
from bridge.domain.message_wording import suggestions
from bridge.domain.phones import E164
from bridge.domain.state_rules import rule_pack
from bridge.environment import need
from bridge.errors import SettingError
from bridge.settings import Settings

_WHOLE_DAY = 24 * 60
CIRCLE = (
    "{name} {phone} is {whose}: a caller who is connected there would come back here, in a "
    "circle; set a phone that somebody answers"
)
"""That a phone of the firm's would bring callers back here."""


def of_settings(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What the settings by themselves show."""
    missing = list(_missing(settings))
    yield from missing or [Finding(OK, "settings", "all required settings are present")]
    for name, what in misspelled(environ).items():
        yield Finding(WARNING, "settings", f"{name} is not a setting of the bridge: {what}")
    for level, sentence in _doubts(settings):
        yield Finding(level, "settings", sentence)
    yield from purposes_named.of_settings(settings)
    yield from agents_checked.of_agents(settings)
    yield from exposure.of_settings(settings)


def phones_of_the_firm(settings: Settings) -> Iterator[tuple[str, E164]]:
    """The phones that people of the firm answer, with the setting that names each."""
    if settings.firm_phone is not None:
        yield "FIRM_PHONE", settings.firm_phone
    for _, phone in settings.dial_agents:
        if phone != settings.firm_phone:
            yield "DIAL_AGENTS", phone


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
    for name, phone in phones_of_the_firm(settings):
        if phone == settings.from_number:
            whose = "TWILIO_FROM_NUMBER as well"
            yield FAILURE, CIRCLE.format(name=name, phone=phone, whose=whose)
    if not settings.metrics_token:
        yield WARNING, "METRICS_TOKEN is not set: /metrics is off"
    if settings.text_enabled:
        for doubt in suggestions(settings.text_body):
            yield WARNING, f"TEXT_BODY: {doubt}"
