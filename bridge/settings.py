"""The settings: every environment variable, its meaning, its default and what it should look like.

`environment.py` reads and checks them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bridge import setting_parsers as parse
from bridge.domain.agents import Agent
from bridge.domain.campaign_goals import Goal
from bridge.domain.caps import Caps
from bridge.domain.consents import Attestation
from bridge.domain.hours import Window
from bridge.domain.office_hours import OfficeWeek
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose

FOR_TWILIO = ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
"""What it takes for Twilio to call this app."""
FOR_SMARTADVOCATE = ("SMARTADVOCATE_URL", "SMARTADVOCATE_API_KEY")
"""What it takes to call SmartAdvocate."""
FOR_DIALING = (*FOR_TWILIO, "TWILIO_FROM_NUMBER", "FIRM_NAME", "FIRM_PHONE")
"""What it takes to call or text anybody."""

AGENT_FIRST, CLIENT_FIRST = "agent_first", "client_first"
"""Who is rung first; the client where a machine may speak to them."""

_OFFICE = "Office"
"""The name under which the firm's own phone takes calls."""
_PAUSE = "a time such as 20m, 4h or 1d"


def _setting(
    name: str, parser: Callable[[str], Any], form: str, *, default: Any = None, secret: bool = False
) -> Any:
    """A setting: `form` says what it should look like; without a default it is None when unset."""
    return field(
        default=default, metadata={"name": name, "parse": parser, "form": form, "secret": secret}
    )


@dataclass(frozen=True, repr=False, kw_only=True)
class Settings:
    """Everything the environment may set. README and `.env.example` explain each."""

    home: Path = _setting("BRIDGE_HOME", Path, "a directory", default=Path("var"))
    database_url: str = _setting(
        "DATABASE_URL",
        parse.database,
        "postgres://user:password@host/name or sqlite:///file",
        default="",
        secret=True,
    )
    public_url: str | None = _setting(
        "PUBLIC_URL", parse.url, "the address Twilio calls, such as https://firm.example.com"
    )
    account_sid: str | None = _setting(
        "TWILIO_ACCOUNT_SID", parse.sid("AC"), "AC and 32 hexadecimal digits"
    )
    auth_token: str | None = _setting(
        "TWILIO_AUTH_TOKEN", parse.text, "the account's auth token", secret=True
    )
    auth_token_secondary: str | None = _setting(
        "TWILIO_AUTH_TOKEN_SECONDARY", parse.text, "the account's other auth token", secret=True
    )
    shared_key: str | None = _setting(
        "TWILIO_WEBHOOK_SHARED_KEY",
        parse.text,
        "the secret of Twilio's webhook shared key",
        secret=True,
    )
    from_number: E164 | None = _setting(
        "TWILIO_FROM_NUMBER", parse.phone, "a number in E.164 form, such as +14025550100"
    )
    messaging_service_sid: str | None = _setting(
        "TWILIO_MESSAGING_SERVICE_SID", parse.sid("MG"), "MG and 32 hexadecimal digits"
    )
    twilio_api_url: str = _setting(
        "TWILIO_API_URL", parse.url, "an http or https address", default="https://api.twilio.com"
    )
    smartadvocate_url: str | None = _setting(
        "SMARTADVOCATE_URL",
        parse.url,
        "the API's address with its path, such as https://sa.example.com/api",
    )
    smartadvocate_key: str | None = _setting(
        "SMARTADVOCATE_API_KEY", parse.text, "the client key that SmartAdvocate issued", secret=True
    )
    smartadvocate_zone: ZoneInfo = _setting(
        "SMARTADVOCATE_TIMEZONE",
        parse.zone,
        "a time zone, such as America/New_York",
        default=ZoneInfo("America/New_York"),
    )
    smartadvocate_calls: tuple[tuple[str, str], ...] = _setting(
        "SMARTADVOCATE_CALLS",
        parse.pairs,
        "call=VERB path pairs, such as GetCaseInfo=POST CaseInfo; …",
        default=(),
    )
    smartadvocate_names: tuple[tuple[str, str], ...] = _setting(
        "SMARTADVOCATE_NAMES",
        parse.pairs,
        "name=name pairs, such as Auto-change=AutoChange; …",
        default=(),
    )
    smartadvocate_labels: tuple[tuple[str, str], ...] = _setting(
        "SMARTADVOCATE_LABELS",
        parse.pairs,
        "label=label pairs, such as Do not Dial=Never Dial; …",
        default=(),
    )
    smartadvocate_attempts: str = _setting(
        "SMARTADVOCATE_ATTEMPTS", parse.one_of("number", "text"), "number or text", default="number"
    )
    clock_tolerance: timedelta = _setting(
        "SMARTADVOCATE_CLOCK_TOLERANCE",
        parse.duration,
        "a time such as 30s or 5m",
        default=timedelta(minutes=5),
    )
    callback_max_age: timedelta = _setting(
        "CALLBACK_MAX_AGE",
        parse.duration_within(timedelta(minutes=1), timedelta(days=365)),
        "a time of at least 1m, such as 24h",
        default=timedelta(hours=24),
    )
    firm_timezone: ZoneInfo | None = _setting(
        "FIRM_TIMEZONE", parse.zone, "a time zone, such as America/New_York"
    )
    firm_name: str | None = _setting("FIRM_NAME", parse.text, "the firm's name as it is said")
    firm_phone: E164 | None = _setting(
        "FIRM_PHONE", parse.phone, "a number in E.164 form, such as +14025550100"
    )
    dial_enabled: bool = _setting("DIAL_ENABLED", parse.flag, "true or false", default=False)
    dial_campaigns: tuple[str, ...] = _setting(
        "DIAL_CAMPAIGNS", parse.words, "campaign names with commas between them", default=()
    )
    dial_case_group: str | None = _setting("DIAL_CASE_GROUP", parse.text, "a case group's name")
    dial_poll_seconds: int = _setting(
        "DIAL_POLL_SECONDS", parse.number(1, 86400), "whole seconds, 1 to 86400", default=60
    )
    dial_batch: int = _setting(
        "DIAL_BATCH", parse.number(1, 10_000), "1 to 10000 cases", default=50
    )
    dial_calls_per_second: float = _setting(
        "DIAL_CALLS_PER_SECOND", parse.rate, "calls a second, above 0 and up to 100", default=1.0
    )
    dial_max_calls: int = _setting(
        "DIAL_MAX_CALLS", parse.number(1, 1000), "1 to 1000 calls at a time", default=5
    )
    dial_hours: Window = _setting(
        "DIAL_HOURS",
        parse.hours,
        "HH:MM-HH:MM, such as 09:00-20:00",
        default=Window(9 * 60, 20 * 60),
    )
    dial_days: frozenset[str] = _setting(
        "DIAL_DAYS", parse.days, "days such as mon,tue,wed", default=frozenset(parse.DAYS) - {"sun"}
    )
    dial_skip_holidays: bool = _setting(
        "DIAL_SKIP_HOLIDAYS", parse.flag, "true or false", default=True
    )
    dial_state_rules: str = _setting(
        "DIAL_STATE_RULES", parse.one_of("strict", "off"), "strict or off", default="strict"
    )
    dial_caps: Caps = _setting(
        "DIAL_CAPS",
        parse.caps,
        "four numbers: calls/24h,texts/24h,contacts/24h,contacts/7d",
        default=Caps(2, 1, 3, 7),
    )
    person_gap: timedelta = _setting(
        "DIAL_PERSON_GAP", parse.duration, "a time such as 4h, or 0", default=timedelta(hours=4)
    )
    campaign_goals: tuple[tuple[str, Goal], ...] = _setting(
        "CAMPAIGN_GOALS",
        parse.goals,
        "campaign=talked or campaign=heard pairs, such as Notification campaign=heard; *=talked",
        default=(("*", Goal.TALKED),),
    )
    campaign_purposes: tuple[tuple[str, Purpose], ...] = _setting(
        "CAMPAIGN_PURPOSES",
        parse.purposes,
        "campaign=lead or campaign=client pairs, such as Notification campaign=client; *=lead",
        default=(("*", Purpose.LEAD),),
    )
    consent_basis: tuple[Attestation, ...] = _setting(
        "CONSENT_BASIS",
        parse.attestations,
        "purpose:channel=words pairs, such as client:voice=retainer agreement 2026, section 7; …",
        default=(),
    )
    client_state_rules: str = _setting(
        "CLIENT_STATE_RULES",
        parse.waiver,
        "strict, or waived: and why, such as waived: counsel's memo of November 20, 2026",
        default="strict",
    )
    talk_from: timedelta = _setting(
        "DIAL_TALK", parse.duration, "a time such as 30s", default=timedelta(seconds=30)
    )
    after_talk: str = _setting(
        "DIAL_AFTER_TALK",
        parse.one_of("successful", "release"),
        "successful or release",
        default="successful",
    )
    talk_limit: timedelta = _setting(
        "DIAL_TALK_LIMIT",
        parse.duration_within(timedelta(minutes=1), timedelta(hours=24)),
        "a time from 1m to 24h, such as 2h",
        default=timedelta(hours=2),
    )
    calls_in_per_hour: int = _setting(
        "CALLS_IN_PER_HOUR", parse.number(1, 1000), "1 to 1000 calls", default=10
    )
    dial_mode: str = _setting(
        "DIAL_MODE",
        parse.one_of(AGENT_FIRST, CLIENT_FIRST),
        "agent_first or client_first",
        default=AGENT_FIRST,
    )
    voice_permits: tuple[tuple[str, str], ...] = _setting(
        "VOICE_PERMITS",
        parse.permits,
        "state=permit pairs, such as TX=permit 12345; NE=registration 678",
        default=(),
    )
    dial_agents: tuple[tuple[str, E164], ...] = _setting(
        "DIAL_AGENTS",
        parse.agents,
        "name=number pairs, such as Front desk=+14025550110; Intake=+14025550111",
        default=(),
    )
    dial_wrap_up: timedelta = _setting(
        "DIAL_WRAP_UP",
        parse.duration_within(timedelta(), timedelta(hours=1)),
        "a time up to 1h, such as 45s, or 0",
        default=timedelta(seconds=45),
    )
    dial_announcement: str = _setting(
        "DIAL_ANNOUNCEMENT",
        parse.announcement,
        "what an agent hears, with {case}, {campaign}, {attempt} and {firm} filled in",
        default="Case {case}. Campaign {campaign}. Attempt {attempt}.",
    )
    firm_hours: OfficeWeek = _setting(
        "FIRM_HOURS",
        parse.office_week,
        "days and hours, such as mon-fri 09:00-17:30; sat 10:00-13:00",
        default=parse.office_week("mon-fri 09:00-17:30"),
    )
    dial_ring_seconds: int = _setting(
        "DIAL_RING_SECONDS", parse.number(15, 60), "15 to 60 seconds", default=25
    )
    voicemail_body: str | None = _setting(
        "VOICEMAIL_BODY", parse.said(600), "what to leave on a machine"
    )
    dial_max_attempts: int = _setting(
        "DIAL_MAX_ATTEMPTS", parse.number(1, 20), "1 to 20 attempts", default=8
    )
    retry_busy: timedelta = _setting(
        "DIAL_RETRY_BUSY", parse.duration, _PAUSE, default=timedelta(minutes=20)
    )
    retry_no_answer: timedelta = _setting(
        "DIAL_RETRY_NO_ANSWER", parse.duration, _PAUSE, default=timedelta(hours=4)
    )
    retry_machine: timedelta = _setting(
        "DIAL_RETRY_MACHINE", parse.duration, _PAUSE, default=timedelta(days=1)
    )
    retry_failed: timedelta = _setting(
        "DIAL_RETRY_FAILED", parse.duration, _PAUSE, default=timedelta(hours=1)
    )
    text_enabled: bool = _setting("TEXT_ENABLED", parse.flag, "true or false", default=False)
    text_body: str = _setting(
        "TEXT_BODY",
        parse.said(1600),
        "the text, with {firm} and {phone} filled in",
        default="{firm} will call you shortly about your matter. Questions? Call {phone}. "
        "Reply STOP to opt out.",
    )
    text_lead: timedelta = _setting(
        "TEXT_LEAD", parse.duration, "a time such as 10m, or 0", default=timedelta(minutes=10)
    )
    opt_out_scope: str = _setting(
        "OPT_OUT_SCOPE",
        parse.one_of("person", "number", "channel"),
        "person, number or channel",
        default="person",
    )
    console_password: str | None = _setting(
        "CONSOLE_PASSWORD", parse.password, "the console's password, or its hash", secret=True
    )
    console_view_password: str | None = _setting(
        "CONSOLE_VIEW_PASSWORD", parse.password, "a password to look only, or its hash", secret=True
    )
    secret_key: str | None = _setting(
        "SECRET_KEY", parse.secret_key, "a long random text that signs sessions", secret=True
    )
    metrics_token: str | None = _setting(
        "METRICS_TOKEN", parse.text, "the bearer token of /metrics", secret=True
    )
    delivery_give_up: timedelta = _setting(
        "DELIVERY_GIVE_UP", parse.duration, "a time such as 72h", default=timedelta(hours=72)
    )
    retention_days: int = _setting(
        "RETENTION_DAYS", parse.number(1, 3650), "1 to 3650 days", default=90
    )
    evidence_years: int = _setting(
        "EVIDENCE_YEARS", parse.number(1, 50), "1 to 50 years", default=5
    )
    port: int = _setting("PORT", parse.number(1, 65535), "a port number, 1 to 65535", default=8000)
    web_concurrency: int | None = _setting(
        "WEB_CONCURRENCY", parse.number(1, 64), "1 to 64 web processes"
    )
    log_format: str = _setting(
        "LOG_FORMAT", parse.one_of("json", "text"), "json or text", default="json"
    )
    sentry_dsn: str | None = _setting(
        "SENTRY_DSN",
        parse.dsn,
        "Sentry's DSN, such as https://key@sentry.example.com/1",
        secret=True,
    )

    def __repr__(self) -> str:
        shown = (
            f"{setting.name}={'***' if setting.metadata['secret'] else value!r}"
            for setting in fields(self)
            if (value := getattr(self, setting.name)) is not None
        )
        return f"Settings({', '.join(shown)})"

    @property
    def firm_zone(self) -> ZoneInfo:
        """The firm's own time zone, in which its people are shown times."""
        return self.firm_timezone or self.smartadvocate_zone

    @property
    def client_waiver(self) -> str:
        """Why the states' rules on solicitation are waived for clients; empty: they are not."""
        return self.client_state_rules.partition(": ")[2]

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The phones that take agent-first calls: DIAL_AGENTS, or the firm's own phone."""
        if self.dial_agents or self.firm_phone is None:
            return tuple(Agent(name, phone) for name, phone in self.dial_agents)
        return (Agent(_OFFICE, self.firm_phone),)

    def agent_at(self, phone: E164 | None) -> Agent | None:
        """The agent with this phone, if it is one's."""
        return next((agent for agent in self.agents if agent.phone == phone), None)

    @cached_property
    def own_numbers(self) -> frozenset[E164]:
        """The firm's numbers, as far as they are set: nobody is reached at these."""
        of_agents = (phone for _, phone in self.dial_agents)
        numbers = (self.from_number, self.firm_phone, *of_agents)
        return frozenset(phone for phone in numbers if phone)

    @property
    def deployment(self) -> str:
        """What tells this deployment of the bridge from another one. A secret, not to be shown."""
        return f"{self.public_url} {self.database_url}"

    @property
    def uses_sqlite(self) -> bool:
        """Whether the bridge keeps its data in a file of its own."""
        return self.database_url.startswith("sqlite")

    @property
    def database_file(self) -> Path | None:
        """The SQLite file; None where the database is PostgreSQL, or in memory."""
        file = self.database_url.removeprefix("sqlite:///").partition("?")[0]
        is_file = self.uses_sqlite and not file.startswith((":memory:", "file:"))
        return Path(file) if file and is_file else None
