"""The evidence of one case, contact by contact, from the decision to the outcome: as a document.

Pure: it is written from what is stored (`evidence_record.py`), in the sentences of
`evidence_sentences.py`. A number is shown by its last four digits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from bridge.domain import evidence_sentences as sentences
from bridge.domain.consents import WITHDRAWN
from bridge.domain.contact_facts import OptOutScope, PauseScope
from bridge.domain.contact_outcomes import LABELS
from bridge.domain.decisions import Permission
from bridge.domain.events import Channel, Direction
from bridge.domain.evidence_record import (
    AttemptRecord,
    CaseRecord,
    ConsentRecord,
    ContactRecord,
    DecisionRecord,
    OptOutRecord,
    PauseRecord,
)
from bridge.domain.evidence_sentences import Fact, both, utc
from bridge.domain.redaction import without_numbers
from bridge.domain.timeline import contact, end_of, status_told

_PLACED = "place"
_NO_LONGER_KEPT = (
    "They are no longer kept here. Those of a refusal stand below; others, in the note on the case."
)
_FIRMS_SIDE_ALONE = "the firm's phone was called, and Twilio reported no call to the person"


@dataclass(frozen=True)
class Entry:
    """One contact, one refusal, one consent: what it was, and all about it."""

    heading: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Part:
    """A part of the document."""

    title: str
    entries: tuple[Entry, ...]
    none: str
    """What is said where there are none."""


@dataclass(frozen=True)
class Evidence:
    """The document."""

    case_id: int
    parts: tuple[Part, ...]
    chain: str
    """How far all of this can be shown to be unchanged."""


COLUMNS = ("part", "entry", "about", "says", "links")
"""Of the document as a table."""


def lines_of(written: Evidence) -> Iterator[tuple[str, str, str, str, str]]:
    """Every fact of the document as a line of `COLUMNS`."""
    for part in written.parts:
        for entry in part.entries:
            for fact in entry.facts:
                yield part.title, entry.heading, fact.about, fact.says, " ".join(fact.links)
    yield "The chain", "", "", written.chain, ""


def evidence(record: CaseRecord, zone: tzinfo, said: Mapping[str, str]) -> Evidence:
    """The document on a case; `zone` is the firm's.

    `said` is what texts from the person say, by their SIDs, as far as that is still kept.
    """
    by_attempt, others = _assigned(record)
    ours = tuple(
        _contact(record, attempt, by_attempt[attempt.id], zone)
        for attempt in sorted(record.attempts, key=_in_order)
    )
    came_in = tuple(
        _from_person(reported, zone, said.get(reported.sid))
        for reported in record.contacts
        if reported.direction is Direction.INBOUND
    )
    known = {leg.sid for attempt in record.attempts for leg in _legs(record, attempt)}
    of_others = tuple(
        _other(reported, zone)
        for reported in record.contacts
        if reported.direction is Direction.OUTBOUND and reported.sid not in known
    )
    parts = (
        Part("Calls and texts to the person", ours, "None were planned."),
        Part("Calls and texts that others made on the firm's account", of_others, "None is known."),
        Part("Calls and texts from the person", came_in, "None came in."),
        Part(
            "When no contact was made, and why",
            _not_made(record, others, zone),
            "No such decision was made.",
        ),
        Part(
            "Refusals (opt-outs)",
            tuple(_opt_out(refusal, record.case_id, zone) for refusal in record.opt_outs),
            "None is on file for this person's numbers or case.",
        ),
        Part(
            "Consents",
            tuple(_consent(given, zone) for given in record.consents),
            "None is on file for this person's numbers.",
        ),
        Part(
            "Pauses, and who lifted them",
            tuple(_pause(pause, zone) for pause in record.pauses),
            "None concerned this case.",
        ),
    )
    return Evidence(record.case_id, parts, _chain(record, zone))


def _assigned(
    record: CaseRecord,
) -> tuple[dict[str, list[DecisionRecord]], list[DecisionRecord]]:
    """Each attempt's decisions: its own, and the one at the poll that it came from."""
    own: dict[str, list[DecisionRecord]] = {attempt.id: [] for attempt in record.attempts}
    others: list[DecisionRecord] = []
    for decision in record.decisions:
        if decision.attempt_id is not None and decision.attempt_id in own:
            own[decision.attempt_id].append(decision)
        else:
            others.append(decision)
    for attempt in record.attempts:
        before = [
            decision
            for decision in others
            if decision.answer is Permission.ALLOW and decision.at <= attempt.created_at
        ]
        if before and not any(later.at > before[-1].at for later in _until(others, attempt)):
            own[attempt.id].insert(0, before[-1])
    used = {decision.id for of_attempt in own.values() for decision in of_attempt}
    return own, [decision for decision in others if decision.id not in used]


def _began(attempt: AttemptRecord) -> datetime:
    return attempt.placed_at or attempt.created_at


def _in_order(attempt: AttemptRecord) -> tuple[bool, datetime]:
    """What is still planned comes last."""
    return attempt.placed_at is None and attempt.ended_at is None, _began(attempt)


def _until(others: Sequence[DecisionRecord], attempt: AttemptRecord) -> Iterator[DecisionRecord]:
    return (
        decision
        for decision in others
        if decision.at <= attempt.created_at and decision.answer is not Permission.ALLOW
    )


def _contact(
    record: CaseRecord,
    attempt: AttemptRecord,
    decisions: Sequence[DecisionRecord],
    zone: tzinfo,
) -> Entry:
    what = contact(attempt.channel, Direction.OUTBOUND, attempt.phone)
    legs = _legs(record, attempt)
    of_person = next((leg for leg in legs if leg.phone == attempt.phone), None)
    return Entry(
        f"{what}, {both(_began(attempt), zone)}: {_outcome(attempt, legs, of_person)}",
        (
            *_basis_of(attempt, decisions),
            *sentences.answers(decisions, zone),
            *_course(attempt),
            *(fact for leg in legs for fact in _reported(leg, attempt)),
            *_told(record, attempt, legs, zone),
        ),
    )


def _legs(record: CaseRecord, attempt: AttemptRecord) -> Sequence[ContactRecord]:
    """What Twilio reported of an attempt: two calls where the firm's phone was rung first."""
    return [
        reported
        for reported in record.contacts
        if reported.direction is Direction.OUTBOUND
        and (reported.attempt_id == attempt.id or (attempt.sid and reported.sid == attempt.sid))
    ]


def _outcome(
    attempt: AttemptRecord, legs: Sequence[ContactRecord], of_person: ContactRecord | None
) -> str:
    if of_person is not None:
        return LABELS[of_person.outcome]
    if legs:
        return _FIRMS_SIDE_ALONE
    return sentences.UNREPORTED[attempt.state]


def _basis_of(attempt: AttemptRecord, decisions: Sequence[DecisionRecord]) -> Iterator[Fact]:
    """By which rules it was decided: as they were when it was placed."""
    placed = [decision for decision in decisions if decision.stage == _PLACED]
    if not decisions:
        yield Fact("Decided", "The decisions on it are no longer kept.")
        return
    decision = (placed or decisions)[-1]
    yield sentences.where_and_when(decision)
    yield sentences.place(decision)
    yield sentences.purpose(decision)
    yield sentences.basis(decision, attempt)
    yield from sentences.voice(decision)
    yield from sentences.registry(decision)
    yield from sentences.waiver(decision)
    yield from sentences.windows(decision)
    yield sentences.caps(decision)
    yield sentences.held(decision)
    yield from sentences.preferences(decision)
    yield sentences.rules(decision)


def _course(attempt: AttemptRecord) -> Iterator[Fact]:
    said = [f"Planned {utc(attempt.created_at)}"]
    if attempt.placed_at:
        said.append(f"placed with Twilio {utc(attempt.placed_at)}")
    if attempt.ended_at:
        said.append(f"over {utc(attempt.ended_at)}")
    why = f" Why: {without_numbers(attempt.reason)}." if attempt.reason else ""
    yield Fact("Course", f"{', '.join(said)}.{why}")
    sid = f"Twilio's ID: {attempt.sid}." if attempt.sid else "Twilio was not given it."
    yield Fact("At Twilio", sid)


def _reported(reported: ContactRecord, attempt: AttemptRecord | None = None) -> Iterator[Fact]:
    """What Twilio said of a call or text; of the firm's own side of an attempt, it says so."""
    is_firms = attempt is not None and reported.phone != attempt.phone
    whose = f" of the firm's phone {end_of(reported.phone)}" if is_firms else ""
    events = "; ".join(f"{status} {utc(at)}" for at, status in reported.events)
    length = f" {reported.duration} seconds." if reported.duration else ""
    if events:
        yield Fact(f"Twilio reported{whose}", f"{events}.{length}")
    if not is_firms:
        yield Fact("Outcome", f"{LABELS[reported.outcome]} (Twilio: {reported.status}).")


def _told(
    record: CaseRecord, attempt: AttemptRecord, legs: Sequence[ContactRecord], zone: tzinfo
) -> Iterator[Fact]:
    sids = {attempt.sid, *(leg.sid for leg in legs)}
    told = [each for each in record.told if each.sid in sids]
    for each in told:
        says = status_told(each.report, each.result, zone)
        yield Fact("SmartAdvocate", f"{says} ({utc(each.at)})")
    if not told and any(leg.was_reported for leg in legs):
        yield Fact("SmartAdvocate", "A note on it was sent, and is kept there.")


def _other(reported: ContactRecord, zone: tzinfo) -> Entry:
    what = contact(reported.channel, reported.direction, reported.phone)
    return Entry(
        f"{what}, {both(reported.created_at, zone)}: {LABELS[reported.outcome]}",
        (Fact("At Twilio", f"Twilio's ID: {reported.sid}."), *_reported(reported)),
    )


def _from_person(reported: ContactRecord, zone: tzinfo, words: str | None) -> Entry:
    """A call or text from the person, a text with what it says."""
    entry = _other(reported, zone)
    if reported.channel is not Channel.TEXT:
        return entry
    says = _NO_LONGER_KEPT if words is None else f"“{words}”"
    return Entry(entry.heading, (Fact("The person's own words", says), *entry.facts))


def _not_made(
    record: CaseRecord, decisions: Sequence[DecisionRecord], zone: tzinfo
) -> tuple[Entry, ...]:
    """Decisions alike are one line, however many there were in a row."""
    newest = f"This case has had more decisions than the newest {len(record.decisions)}."
    cut = [Entry("Older decisions are not shown", (Fact("Shown", newest),))] * record.is_cut

    def alike(decision: DecisionRecord) -> tuple[object, ...]:
        by = decision.inputs.get("restricted_by")
        return decision.channel, decision.answer, tuple(by) if by else decision.why

    entries = list(cut)
    for _, group in groupby(decisions, key=alike):
        fact = sentences.not_made(list(group), zone)
        entries.append(Entry(fact.about, (Fact("Decided", fact.says),)))
    return tuple(entries)


_ENDS = {
    OptOutScope.PERSON: "all calls and texts to this person",
    OptOutScope.CASE: "all calls and texts to the person of one case",
    OptOutScope.NUMBER: "all calls and texts to this number",
    OptOutScope.SHARED_NUMBER: "all calls and texts to this number, which several people share",
}
_WAYS = {
    "text": "The person wrote it by text",
    "key": "The person pressed 9 on a call",
    "twilio-21610": "Twilio refused a text, because the number had opted out there",
}


def _opt_out(refusal: OptOutRecord, case_id: int, zone: tzinfo) -> Entry:
    ends = _ENDS.get(refusal.scope, f"{refusal.channel}s to this number")
    return Entry(
        f"Refused, {both(refusal.created_at, zone)}: {end_of(refusal.phone or None)}",
        tuple(_refused(refusal, case_id, ends)) + tuple(_lifted(refusal, zone)),
    )


def _refused(refusal: OptOutRecord, case_id: int, ends: str) -> Iterator[Fact]:
    way = _WAYS.get(refusal.source, f"Somebody at the firm recorded it ({refusal.source})")
    by = f" Recorded by {refusal.recorded_by}." if refusal.recorded_by else ""
    yield Fact("How", f"{way}.{by} Twilio's ID or the bridge's: {refusal.sid}.")
    if refusal.words:
        yield Fact("The person's own words", f"“{refusal.words}”")
    elif refusal.words_erased_at:
        erased = f"They were erased on request, {utc(refusal.words_erased_at)}."
        yield Fact("The person's own words", erased)
    if refusal.reason:
        yield Fact("Reason that was given", without_numbers(refusal.reason))
    of = f" It was for case {refusal.case_id}." if refusal.case_id not in {None, case_id} else ""
    yield Fact("What it ended", f"{ends[:1].upper()}{ends[1:]}.{of}")


def _lifted(refusal: OptOutRecord, zone: tzinfo) -> Iterator[Fact]:
    if refusal.lifted_at is None:
        yield Fact("Since then", "It is in effect.")
        return
    by = refusal.lifted_by or "the person"
    who = "a text from the person (START)" if by.startswith(("SM", "MM")) else by
    why = f" {without_numbers(refusal.lift_reason)}" if refusal.lift_reason else ""
    yield Fact("Since then", f"Lifted {both(refusal.lifted_at, zone)} by {who}.{why}")


def _consent(given: ConsentRecord, zone: tzinfo) -> Entry:
    what = "texts" if given.channel is Channel.TEXT else "calls with a machine's voice"
    is_withdrawal = given.source == WITHDRAWN and given.revoked_at == given.given_at
    kind = "Withdrawal of consent" if is_withdrawal else "Consent"
    facts = sentences.withdrawn if is_withdrawal else sentences.agreed
    return Entry(
        f"{kind} to {what}, {both(given.given_at, zone)}: {end_of(given.phone)}",
        facts(given, zone),
    )


def _pause(pause: PauseRecord, zone: tzinfo) -> Entry:
    shown = {
        PauseScope.EVERYTHING: "all contact",
        PauseScope.TEXTS: "all texts",
        PauseScope.NUMBER: f"the number …{pause.what[-4:]}",
    }
    until = f" Until {both(pause.until, zone)}." if pause.until else ""
    lifted = "It is in effect." if pause.until is None else "Nobody lifted it: it ends by itself."
    if pause.lifted_at is not None:
        why = f" {without_numbers(pause.lift_reason)}" if pause.lift_reason else ""
        by = pause.lifted_by or "nobody by name"
        lifted = f"Lifted {both(pause.lifted_at, zone)} by {by}.{why}"
    return Entry(
        f"Paused {shown.get(pause.scope, f'{pause.scope} {pause.what}')}, "
        f"{both(pause.created_at, zone)}",
        (
            Fact("By", f"{pause.by}: {without_numbers(pause.reason)}.{until}"),
            Fact("Since then", lifted),
        ),
    )


def _chain(record: CaseRecord, zone: tzinfo) -> str:
    if record.chain is None:
        return "No checkpoint has been made yet: a worker makes the first one within minutes."
    until = f" up to {both(record.chain.until, zone)}" if record.chain.until else ""
    return (
        f"Decisions, refusals, consents and the audit trail{until} are covered by a chain of "
        f"checkpoints, the newest of which is number {record.chain.checkpoint} with the hash "
        f"{record.chain.hash}. `bridge evidence verify` compares them with it."
    )
