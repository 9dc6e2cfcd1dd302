"""A decision in sentences that a lawyer understands: when and where, by which rules, what counted.

Reads what `decision_inputs.py` keeps, and what older releases kept: where something was not kept
with a decision, the sentence says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from bridge.domain.decisions import Permission
from bridge.domain.events import Channel
from bridge.domain.evidence_record import AttemptRecord, ConsentRecord, DecisionRecord
from bridge.domain.hours import clock_time
from bridge.domain.local_time import local, zone_name
from bridge.domain.phones import E164
from bridge.domain.preferences import Preference, PreferenceKind
from bridge.domain.redaction import without_numbers

NOT_KEPT = "This was not kept with decisions at the time."


@dataclass(frozen=True)
class Fact:
    """Something to know, and where to read more."""

    about: str
    says: str
    links: tuple[str, ...] = ()


_STAGES = {
    "poll": "When the case was found due",
    "place": "Right before it was placed",
    "line": "While it was under way, before the person was reached",
    "message": "Before a message was left",
}
_ANSWERS = {
    Permission.ALLOW: "allowed",
    Permission.DEFER: "not now",
    Permission.REFUSE: "not at all",
}
_PURPOSES = {
    "lead": "To win a client (lead): the rules for solicitation apply.",
    "client": "To inform a client of their own matter.",
}
_FIRST = {
    "client": "The person's phone was to ring first, and a machine to greet them",
    "agent": "The firm's phone was to ring first, and no machine to speak",
}
_WITHDRAWN = (
    "No consent of this person's own was on file. From then on the firm's attestation "
    "(CONSENT_BASIS) did not cover this number either."
)
_PER = (
    ("calls_a_day", "call", "in 24 hours"),
    ("texts_a_day", "text", "in 24 hours"),
    ("contacts_a_day", "contact", "in 24 hours"),
    ("contacts_a_week", "contact", "in 7 days"),
)

UNREPORTED = {
    "planned": "Planned, not yet placed",
    "reserved": "About to be placed",
    "unknown": "Perhaps placed: Twilio's answer was lost, and it is asked",
    "placed": "Placed, nothing reported yet",
    "ended": "Over, with nothing reported",
    "refused": "Refused by Twilio",
    "canceled": "Canceled before it reached the person",
    "unresolved": "Perhaps placed: Twilio could not be asked",
}
"""What an attempt came to of which Twilio has reported nothing, by its state."""


def utc(moment: datetime) -> str:
    """A moment to the second: `2026-11-23 17:00:05 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def both(moment: datetime, zone: tzinfo) -> str:
    """A moment by the firm's clock and in UTC."""
    return f"{local(moment, zone)} ({utc(moment)})"


def agreed(given: ConsentRecord, zone: tzinfo) -> tuple[Fact, ...]:
    """What a person has agreed to, how, and whether that is in effect."""
    ended = (
        f"Revoked {both(given.revoked_at, zone)} by {given.revoked_by or 'the person'}: "
        f"{without_numbers(given.revoked_how or '')}."
        if given.revoked_at
        else "It is in effect."
    )
    return (
        Fact("What was agreed to", f"“{given.words}”"),
        Fact("How", f"{given.source}. Purpose: {given.purpose}."),
        Fact("Proof", given.evidence or "None was named."),
        _recorded(given, zone),
        Fact("Since then", ended),
    )


def withdrawn(given: ConsentRecord, zone: tzinfo) -> tuple[Fact, ...]:
    """A person has taken back what only the firm had attested."""
    return (
        Fact("What it ended", _WITHDRAWN),
        Fact("Reason that was given", without_numbers(given.revoked_how or "")),
        _recorded(given, zone),
    )


def _recorded(given: ConsentRecord, zone: tzinfo) -> Fact:
    by = f"by {given.recorded_by}, number {given.id}"
    return Fact("Recorded", f"{both(given.recorded_at, zone)} {by}.")


def where_and_when(decision: DecisionRecord) -> Fact:
    """The person's local time in every zone in which they might be."""
    zones = sorted(decision.inputs.get("local") or decision.inputs.get("zones") or ())
    says = "; ".join(_in_zone(decision.at, zone) for zone in zones)
    where = f"{says}; " if says else "The zone was not kept with decisions at the time; "
    return Fact("Time for the person", f"{where}{utc(decision.at)}.")


def place(decision: DecisionRecord) -> Fact:
    """The states whose rules applied."""
    states = decision.inputs.get("states") or ()
    says = (
        f"The person may be in {_listed(states)}, by ZIP code and area code. "
        "The rules of each that has its own applied."
        if states
        else "No state was known: every state's rules applied."
    )
    return Fact("Place", says)


def purpose(decision: DecisionRecord) -> Fact:
    """Why the person was reached."""
    campaign = decision.inputs.get("campaign")
    of = f" Campaign: {campaign}." if campaign else ""
    return Fact("Purpose", f"{_PURPOSES.get(decision.inputs.get('purpose', ''), NOT_KEPT)}{of}")


def basis(decision: DecisionRecord, attempt: AttemptRecord | None) -> Fact:
    """What allowed a machine's voice or a text; or that no machine spoke."""
    about = "What allowed it"
    kept = decision.inputs.get("basis")
    if attempt is not None and attempt.via_firm:
        rung = f" (…{attempt.agent[-4:]})" if attempt.agent else ""
        called = "was called" if attempt.placed_at else "was to be called"
        first = (
            f"Agent first: a phone of the firm{rung} {called} before the person's, so that "
            "somebody there speaks with them. No machine speaks to the person."
        )
        return Fact(about, f"{first} On file: {_said(kept)}." if kept else first)
    if kept:
        return Fact(about, f"{_said(kept)[:1].upper()}{_said(kept)[1:]}.")
    if "basis" not in decision.inputs:
        return Fact(about, NOT_KEPT)
    what = "texts" if decision.channel is Channel.TEXT else "a machine's voice"
    return Fact(about, f"No consent to {what} and no attestation of the firm was on file.")


def _said(kept: Mapping[str, Any]) -> str:
    number = kept.get("consent")
    return f"{kept.get('says', '')}{f', number {number} in the list of consents' if number else ''}"


def voice(decision: DecisionRecord) -> Iterator[Fact]:
    """Whose phone was to ring first, and why; nothing of texts."""
    kept = decision.inputs.get("voice") or {}
    first = _FIRST.get(kept.get("first", ""))
    if first:
        yield Fact("Who was to be rung first", f"{first}: {without_numbers(kept.get('why', ''))}.")


def registry(decision: DecisionRecord) -> Iterator[Fact]:
    """What the do-not-call registry's list said of a lead's number; nothing of clients."""
    found = decision.inputs.get("registry")
    if found and decision.inputs.get("purpose") == "lead":
        says = f"By the list on file: {without_numbers(found)}."
        yield Fact("National Do Not Call Registry", says)


def waiver(decision: DecisionRecord) -> Iterator[Fact]:
    """Why states' rules did not apply, where they would have changed the decision."""
    why = decision.inputs.get("waived")
    if why:
        says = (
            "The states' rules on solicitation did not apply to this contact: the firm waived them "
            f"for clients (CLIENT_STATE_RULES): {without_numbers(why).rstrip('.')}."
        )
        yield Fact("Waiver", says)


def windows(decision: DecisionRecord) -> Iterator[Fact]:
    """The firm's hours and each state's on that day."""
    kept = decision.inputs.get("windows")
    if kept is None:
        hours = decision.inputs.get("hours")
        if hours:
            says = f"The firm's hours: {_span(hours)}. Those of the states were not kept."
            yield Fact("Hours", says)
        return
    for window in kept:
        whose = "The firm's hours" if window["of"] == "firm" else f"{window['of']} rules"
        day = date.fromisoformat(window["day"])
        span, holiday = window["window"], window.get("holiday")
        allowed = f"from {_span(span)}" if span else f"none{f' ({holiday})' if holiday else ''}"
        on = f"{day:%a %b} {day.day}"
        yield Fact("Hours", f"{whose} on {on}: {allowed}, in {_listed(window['zones'])}.")


def caps(decision: DecisionRecord) -> Fact:
    """What had been counted, and the most that was allowed."""
    counted, limits = decision.inputs.get("counted"), decision.inputs.get("limits")
    if counted is None or limits is None:
        kept = decision.inputs.get("contacts")
        said = NOT_KEPT if kept is None else f"{_many(len(kept), 'contact')} in the 7 days before."
        return Fact("Counted", f"{said} {_attempts(decision)}".strip())
    parts = [
        f"{counted[name]} of at most {_many(limits[name], what)} {per}" for name, what, per in _PER
    ]
    return Fact("Counted before it", f"{_listed(parts)}. {_attempts(decision)}".strip())


def _attempts(decision: DecisionRecord) -> str:
    made, most = decision.inputs.get("attempts"), decision.inputs.get("max_attempts")
    last = decision.inputs.get("last_contact")
    most_of_them = "" if most is None else f" of at most {_many(most, 'attempt')}"
    had = f"The case had had {made}{most_of_them}." if made is not None else ""
    gap = f" The last contact was {utc(datetime.fromisoformat(last))}." if last else ""
    return f"{had}{gap}".strip()


def held(decision: DecisionRecord) -> Fact:
    """The opt-outs and pauses that were in effect."""
    opt_outs = decision.inputs.get("opt_outs") or ()
    pauses = [without_numbers(pause) for pause in decision.inputs.get("pauses") or ()]
    said = [
        f"Opt-outs in effect: {_listed(opt_outs)}." if opt_outs else "No opt-out was in effect.",
        f"Pauses in effect: {_listed(pauses)}." if pauses else "Nothing was paused.",
    ]
    return Fact("Opt-outs and pauses", " ".join(said))


def preferences(decision: DecisionRecord) -> Iterator[Fact]:
    """How the person wanted to be reached."""
    kept = decision.inputs.get("preferences") or ()
    if kept:
        wanted = list(dict.fromkeys(map(_wanted, kept)))
        yield Fact("What the person wants", f"{'; '.join(wanted)}.")


def _wanted(name: str) -> str:
    kind, _, value = name.partition(" ")
    if kind == PreferenceKind.NOT_THIS_NUMBER:
        return "no calls or texts at one of their numbers"
    try:
        return Preference(PreferenceKind(kind), E164(""), value).says
    except ValueError:
        return name


def rules(decision: DecisionRecord) -> Fact:
    """The version of the rules, and where they were read."""
    version = decision.inputs.get("rules")
    sources = decision.inputs.get("sources") or {}
    if version == "off":
        return Fact("Rules", "The states' rules were switched off (DIAL_STATE_RULES).")
    says = f"States' rules, version {version}." if version else NOT_KEPT
    read = [f"{state}: read {of['read']}{_statute(of)}" for state, of in sorted(sources.items())]
    links = tuple(dict.fromkeys(link for of in sources.values() for link in of["at"]))
    return Fact("Rules", f"{says} {'; '.join(read)}".strip() + ("." if read else ""), links)


def _statute(of: Mapping[str, Any]) -> str:
    return f" ({of['statute']})" if of.get("statute") else ""


def answers(decisions: Sequence[DecisionRecord], zone: tzinfo) -> Iterator[Fact]:
    """What was decided, each time that it was."""
    for decision in decisions:
        why = f": {without_numbers(decision.why)}" if decision.why else ""
        until = f", until {local(decision.until, zone)}" if decision.until else ""
        stage = _STAGES.get(decision.stage, decision.stage)
        says = f"{stage}, {utc(decision.at)}: {_ANSWERS[decision.answer]}{until}{why}."
        yield Fact("Decided", f"{says} (Decision {decision.id}.)")


def not_made(decisions: Sequence[DecisionRecord], zone: tzinfo) -> Fact:
    """Decisions alike, one after the other, that nothing followed on."""
    first, last = decisions[0], decisions[-1]
    what = "call" if first.channel is Channel.CALL else "text"
    if first.answer is Permission.ALLOW:
        said = f"A {what} was allowed. None was placed for it"
    else:
        said = f"No {what}: {without_numbers(first.why) or _ANSWERS[first.answer]}"
    until = f" Until {local(last.until, zone)}." if last.until else ""
    times = f" Decided {len(decisions)} times alike." if len(decisions) > 1 else ""
    ids = f" Decision {first.id}" + (f" to {last.id}" if last is not first else "") + "."
    end = f" to {both(last.at, zone)}" if last is not first else ""
    return Fact(f"{both(first.at, zone)}{end}", f"{said}.{until}{times}{ids}")


def _in_zone(moment: datetime, key: str) -> str:
    zone = ZoneInfo(key)
    there = moment.astimezone(zone)
    clock = f"{there.hour % 12 or 12}:{there:%M:%S %p}"
    return f"{there:%a %b} {there.day}, {there.year}, {clock} {zone_name(moment, zone)} ({key})"


def _span(span: Sequence[int]) -> str:
    opens, closes = span
    return f"{clock_time(opens)} to {clock_time(closes)}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _listed(words: Sequence[Any]) -> str:
    said = [str(word) for word in words]
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else "".join(said)
