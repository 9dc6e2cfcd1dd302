"""Whether a person may be reached now: allow, defer until an instant, or refuse, and why.

Asked when a contact is planned and again in the transaction that places it (promise 7). Sources:
compliance.md, sections 1 to 3 and 10.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bridge.domain.caps import Caps, Past, apart, full
from bridge.domain.dialable import refusal
from bridge.domain.events import Channel
from bridge.domain.hours import (
    Holidays,
    House,
    Opening,
    Whereabouts,
    next_business_day,
    opening,
)
from bridge.domain.phones import E164
from bridge.domain.state_rules import StateRule

AGAIN_AFTER = timedelta(seconds=15)
"""When somebody is looked at again who is being reached right now."""

_ROUNDS = 12
_FIRMS_ZONE = ZoneInfo("America/New_York")


class Permission(StrEnum):
    """The judgement in a word."""

    ALLOW = "allow"
    DEFER = "defer"
    REFUSE = "refuse"


class Rule(StrEnum):
    """Which rule holds contact back."""

    NUMBER = "number"
    BAD_NUMBER = "bad-number"
    OPTED_OUT = "opted-out"
    OPTED_OUT_HERE = "opted-out-here"
    """At this number, or by this channel; elsewhere the person may be reached."""
    UNATTRIBUTED = "unattributed"
    """Somebody has refused who may be this person: not known yet."""
    ATTEMPTS = "attempts"
    PAUSED = "paused"
    UNDER_WAY = "under-way"
    HOURS = "hours"
    CAPS = "caps"
    NOT_BEFORE = "not-before"
    """The bridge has a next moment of its own for the case, or wants no further call of it."""
    GAP = "gap"
    TALKED = "talked"


class PauseScope(StrEnum):
    """What a pause holds back."""

    EVERYTHING = "everything"
    TEXTS = "texts"
    CAMPAIGN = "campaign"
    STATE = "state"
    NUMBER = "number"
    CASE = "case"


class OptOutScope(StrEnum):
    """What a refusal ends."""

    PERSON = "person"
    NUMBER = "number"
    CHANNEL = "channel"
    SHARED_NUMBER = "shared-number"
    """One of several who share the number: the number for all of them, and the others' numbers
    until it is known whose refusal it was. No setting: it depends on who shares the number."""
    CASE = "case"
    """The person of one case, but no longer the number: START came from it, which others have as
    well. No setting: a refusal of scope `person` becomes it."""


@dataclass(frozen=True)
class Pause:
    """Somebody, or something that happened, holds contact back."""

    scope: PauseScope
    what: str
    """The campaign, state, number or case; empty for everything and for texts."""
    until: datetime | None
    """None: until somebody lifts it."""
    reason: str


@dataclass(frozen=True)
class OptOut:
    """A refusal that still stands, of the person in question."""

    scope: OptOutScope
    phone: E164
    channel: Channel
    source: str


@dataclass(frozen=True)
class Facts:
    """All that is known of a contact that is about to be planned or placed."""

    case_id: int
    campaign: str
    channel: Channel
    phone: E164
    attempts: int
    """As the case has them."""
    where: Whereabouts
    past: tuple[Past, ...] = ()
    """The person's contacts of the last 7 days, over all numbers, channels and campaigns."""
    opt_outs: tuple[OptOut, ...] = ()
    pauses: tuple[Pause, ...] = ()
    out_of_use: str | None = None
    """Why this number can't be reached on this channel, as earlier tries have shown."""
    under_way: int = 0
    """Calls to or from the person that are being placed, ring or are talked on now."""
    turn_id: int | None = None
    """The turn that the contact belongs to; None as long as none has begun."""
    talked_at: datetime | None = None
    """When the newest talk between the person and the firm ended."""
    not_before: datetime | None = None
    """The bridge's own next moment for the case, whatever SmartAdvocate shows."""
    closed: bool = False
    """The bridge wants no further call of this case."""
    is_wished: bool = False
    """Staff have set the date that made it due: it counts over the moments that the bridge has set
    itself, not over caps, hours and refusals."""


@dataclass(frozen=True)
class Policy:
    """The rules: the firm's settings and the states' rule pack."""

    house: House
    caps: Caps
    max_attempts: int
    holidays: Holidays
    version: str = ""
    """The rule pack's."""
    person_gap: timedelta = timedelta()
    """The least time between two contacts begun with one person; 0: none."""
    zone: ZoneInfo = _FIRMS_ZONE
    """The firm's own: its business days are reckoned in it."""


@dataclass(frozen=True)
class Restriction:
    """One rule that holds contact back."""

    rule: Rule
    says: str
    until: datetime | None = None
    """When it may be over; None: not by itself."""


@dataclass(frozen=True)
class Decision:
    """The judgement and what it was based on."""

    answer: Permission
    findings: tuple[Restriction, ...] = ()
    """What holds contact back now, the weightiest first."""
    until: datetime | None = None
    """Deferred until then; None with a deferral: until somebody acts."""
    window_ends: datetime | None = None
    """When the first window closes, for a contact that is allowed."""
    inputs: Mapping[str, object] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """The reasons as one sentence."""
        return "; ".join(finding.says for finding in self.findings)

    def is_of(self, *rules: Rule) -> bool:
        """Whether one of these rules is among the reasons."""
        return any(finding.rule in rules for finding in self.findings)


def decide(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """Judge one contact with one person on one channel at one moment."""
    inputs = _inputs(facts, policy)
    refused = tuple(_refusals(facts, policy))
    if refused:
        return Decision(Permission.REFUSE, refused, inputs=inputs)
    held = tuple(_holds(facts, policy, now))
    if not held:
        window = opening(now, facts.where, policy.house, policy.holidays)
        ends = window.until if window else None
        return Decision(Permission.ALLOW, window_ends=ends, inputs=inputs)
    until = _freed(replace(facts, under_way=0), policy, held)
    return Decision(Permission.DEFER, held, until=until, inputs=inputs)


def fitted(moment: datetime, where: Whereabouts, policy: Policy) -> datetime:
    """The moment, moved into the person's next window when it is outside of every one."""
    found = opening(moment, where, policy.house, policy.holidays)
    return found.at if found else moment


def effective(caps: Caps, where: Whereabouts, rules: Mapping[str, StateRule]) -> Caps:
    """The caps with those of the candidate states: the stricter ones; unknown place: of all."""
    states = where.states or frozenset(rules)
    theirs = [rules[state].contacts_a_day for state in states if state in rules]
    most = min([caps.contacts_a_day, *(one for one in theirs if one is not None)])
    return replace(caps, contacts_a_day=most)


def concerns(opt_out: OptOut, channel: Channel, phone: E164) -> bool:
    """Whether a refusal of this person ends this channel at this number."""
    return {
        OptOutScope.PERSON: True,
        OptOutScope.NUMBER: opt_out.phone == phone,
        OptOutScope.CHANNEL: opt_out.phone == phone and opt_out.channel is channel,
        OptOutScope.SHARED_NUMBER: opt_out.phone == phone,
        # Meant for its own case it is the person's; for others it ends nothing.
        OptOutScope.CASE: False,
    }[opt_out.scope]


def _refusals(facts: Facts, policy: Policy) -> Iterable[Restriction]:
    refused = refusal(facts.phone)
    if refused:
        yield Restriction(Rule.NUMBER, f"the number is never dialed: {refused}")
    if facts.out_of_use:
        yield Restriction(Rule.BAD_NUMBER, f"the number is out of use: {facts.out_of_use}")
    standing = [one for one in facts.opt_outs if concerns(one, facts.channel, facts.phone)]
    for one in sorted(standing, key=lambda one: one.scope is not OptOutScope.PERSON)[:1]:
        wholly = one.scope is OptOutScope.PERSON
        rule = Rule.OPTED_OUT if wholly else Rule.OPTED_OUT_HERE
        whom = "somebody at this number" if one.scope is OptOutScope.SHARED_NUMBER else "the person"
        yield Restriction(rule, f"{whom} opted out ({one.source})")
    if facts.attempts >= policy.max_attempts:
        yield Restriction(
            Rule.ATTEMPTS, f"the case has had {facts.attempts} of {policy.max_attempts} attempts"
        )


def _holds(facts: Facts, policy: Policy, moment: datetime) -> Iterable[Restriction]:
    yield from _paused(facts, moment)
    yield from _unknown_whose(facts)
    if facts.under_way:
        yield Restriction(
            Rule.UNDER_WAY, "the person is being reached right now", moment + AGAIN_AFTER
        )
    if not facts.is_wished:
        yield from _own_moments(facts, policy, moment)
    open_at = opening(moment, facts.where, policy.house, policy.holidays)
    if open_at is None or open_at.at > moment:
        yield _outside_of_hours(open_at)
    caps = effective(policy.caps, facts.where, policy.house.rules)
    for cap in full(moment, facts.channel, facts.past, caps):
        yield Restriction(Rule.CAPS, f"the person has had {cap.says}", cap.until)
    if facts.channel is Channel.TEXT:
        # The text says that a call follows: there must be room for both.
        with_text = (*facts.past, Past(Channel.TEXT, moment))
        for cap in full(moment, Channel.CALL, with_text, caps):
            yield Restriction(Rule.CAPS, f"with the text there would be {cap.says}", cap.until)


def _own_moments(facts: Facts, policy: Policy, moment: datetime) -> Iterable[Restriction]:
    """What the bridge has set itself; a date that staff wish counts over it."""
    if facts.closed:
        closed = "the bridge has closed the case: set another date to have it called"
        yield Restriction(Rule.NOT_BEFORE, closed)
    if facts.not_before is not None and moment < facts.not_before:
        yield Restriction(
            Rule.NOT_BEFORE, "the bridge's own next call is not before then", facts.not_before
        )
    before = apart(facts.past, facts.turn_id, policy.person_gap)
    if policy.person_gap and before is not None and moment < before.until:
        yield Restriction(
            Rule.GAP,
            f"the person was contacted less than {_words(policy.person_gap)} ago",
            before.until,
        )
    if facts.talked_at is not None:
        free = next_business_day(facts.talked_at, policy.zone, policy.holidays)
        if moment < free:
            yield Restriction(
                Rule.TALKED,
                "the person has talked with the firm: not again before the next business day",
                free,
            )


def _words(gap: timedelta) -> str:
    """A stretch of time as settings spell it: `4h`, `90m`."""
    seconds = round(gap.total_seconds())
    units = ((86400, "d"), (3600, "h"), (60, "m"))
    size, unit = next(((size, unit) for size, unit in units if seconds % size == 0), (1, "s"))
    return f"{seconds // size}{unit}"


def _outside_of_hours(found: Opening | None) -> Restriction:
    if found is None:
        return Restriction(Rule.HOURS, "no day within three weeks allows contact")
    return Restriction(Rule.HOURS, found.because or "the window is about to close", found.at)


def _paused(facts: Facts, moment: datetime) -> Iterable[Restriction]:
    for pause in facts.pauses:
        if _holds_back(pause, facts) and (pause.until is None or moment < pause.until):
            what = f" {pause.what}" if pause.what else ""
            yield Restriction(
                Rule.PAUSED, f"{pause.scope}{what} is paused: {pause.reason}", pause.until
            )


def _unknown_whose(facts: Facts) -> Iterable[Restriction]:
    """A refusal that may be this person's, unless the case is held already."""
    held = any(one.scope is PauseScope.CASE and _holds_back(one, facts) for one in facts.pauses)
    for one in facts.opt_outs:
        if one.scope is OptOutScope.SHARED_NUMBER and not held:
            says = f"somebody opted out at …{one.phone[-4:]}, perhaps this person: ask whose it was"
            yield Restriction(Rule.UNATTRIBUTED, says)
            return


def _holds_back(pause: Pause, facts: Facts) -> bool:
    states = facts.where.states
    return {
        PauseScope.EVERYTHING: True,
        PauseScope.TEXTS: facts.channel is Channel.TEXT,
        PauseScope.CAMPAIGN: folded(pause.what) == folded(facts.campaign),
        # Where no state is known, any state's pause may be meant for this person.
        PauseScope.STATE: pause.what in states or not states,
        PauseScope.NUMBER: pause.what == facts.phone,
        PauseScope.CASE: pause.what == str(facts.case_id),
    }[pause.scope]


def folded(name: str) -> str:
    """A campaign's name as it is compared: people write it in many ways."""
    return "".join(name.split()).casefold()


def _freed(facts: Facts, policy: Policy, held: Iterable[Restriction]) -> datetime | None:
    """The first moment at which nothing holds contact back any more, as far as can be seen."""
    moments = [finding.until for finding in held]
    for _ in range(_ROUNDS):
        known = [moment for moment in moments if moment is not None]
        if len(known) < len(moments):
            return None
        latest = max(known)
        moments = [finding.until for finding in _holds(facts, policy, latest)]
        if not moments:
            return latest
    return None


def _inputs(facts: Facts, policy: Policy) -> dict[str, object]:
    before = apart(facts.past, facts.turn_id, policy.person_gap)
    caps = effective(policy.caps, facts.where, policy.house.rules)
    return {
        "number": facts.phone[-4:],
        "zones": sorted(facts.where.zones),
        "states": sorted(facts.where.states),
        "attempts": facts.attempts,
        "max_attempts": policy.max_attempts,
        "contacts": [[one.channel, one.at.isoformat()] for one in facts.past],
        "caps": [
            caps.calls_a_day,
            caps.texts_a_day,
            caps.contacts_a_day,
            caps.contacts_a_week,
        ],
        "hours": [policy.house.window.opens, policy.house.window.closes],
        "days": sorted(policy.house.days),
        "opt_outs": [one.source for one in facts.opt_outs],
        "pauses": [
            f"{one.scope} {one.what}".strip() for one in facts.pauses if _holds_back(one, facts)
        ],
        "under_way": facts.under_way,
        "gap": _words(policy.person_gap),
        "last_contact": _iso(before.last if before else None),
        "talked": _iso(facts.talked_at),
        "not_before": "never" if facts.closed else _iso(facts.not_before),
        "wished": facts.is_wished,
        "rules": policy.version,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
