"""One callback is processed: all that follows from it, in one transaction.

interpret              a stored callback, through these steps:
    parse              which call or text it is about, and what it says
    _record_test       of a test that the console asked for: nothing follows
    apply              an event: of a callback, or fetched from Twilio; what bears on it is at hand
        _advance       whose call or text it is, how far it has come
        screen         may a caller be put through (`inbound_calls.py`)
        process_text   what the person asks for; `process_key` too (`consent/inbound_texts.py`)
        process_agent_key  what somebody at the firm says by key (`agent_calls.py`)
        report         what the case is told, queued as deliveries (`reporting/`)
        with_standing  how it stands in the words that people are shown (`standing.py`)
        with_greeting  who was left waiting after the greeting (`greetings.py`)
        track          what it says of an attempt of ours (`attempt_tracking.py`)

Nobody outside is asked here. `reporting/delivery.py` goes on from the queued rows.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import ParsedCallback, form_fields, read
from bridge.adapters.twilio.codes import explain
from bridge.callbacks.agent_calls import process_agent_key
from bridge.callbacks.attempt_tracking import is_firm_leg, record_machine, track
from bridge.callbacks.greetings import with_greeting
from bridge.callbacks.inbound_calls import COMPLAINTS, OWN_WORDS, READY, screen, verdict_of
from bridge.callbacks.standing import with_standing
from bridge.consent.held_cases import OF_NOBODY, open_question
from bridge.consent.held_leads import see_inquiry
from bridge.consent.inbound_texts import (
    OPT_OUT_KEY,
    process_key,
    process_text,
    question_about,
)
from bridge.domain import progress
from bridge.domain.call_screening import turned_away
from bridge.domain.callback_results import NOTHING, CallbackResult
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel, Direction, Event, Topic
from bridge.domain.freshness import why_stale
from bridge.domain.matching import Evidence, Match, match
from bridge.domain.outcomes import OPTED_OUT_ERRORS
from bridge.domain.phones import E164, parse_phone
from bridge.domain.questions import Question
from bridge.errors import Unusable
from bridge.reporting.after_talk import assess_talk, release_contacts
from bridge.reporting.case_reports import report
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.callbacks import at_hand, callbacks, communications, questions
from bridge.store.callbacks.at_hand import AtHand
from bridge.store.callbacks.callbacks import StoredCallback, Verdict
from bridge.store.callbacks.communications import Communication
from bridge.store.cases import cases
from bridge.store.console import errands
from bridge.store.db import Connection
from bridge.store.dialing import attempts

_OF_TESTS = (Topic.CALL, Topic.TEXT, Topic.ANSWERED)
"""What a test that we placed is reported by. Whoever calls or writes to us is always heard."""
_ASK_ABOUT_CALLER = timedelta(minutes=10)


@dataclass(frozen=True)
class Applied:
    """The call or text with a callback's event added to it."""

    communication: Communication
    verdict: Verdict
    opt_out: OptOutScope | None
    """The opt-out by this text or key that is to be confirmed to the person."""


@dataclass(frozen=True)
class Processed:
    """What became of a callback."""

    verdict: Verdict
    complaint: str | None
    case_id: int | None = None
    status: str | None = None
    question: Question | None = None
    """What somebody at the firm is asked about it."""
    result: CallbackResult = NOTHING


def parse(
    settings: Settings,
    topic: Topic,
    target: str,
    form: MultiDict[str, str],
    received_at: datetime,
) -> tuple[str | None, ParsedCallback | None]:
    """Why a callback can't be used, or what it says."""
    try:
        reading = read(topic, target, form)
    except Unusable as error:
        return str(error), None
    complaint = why_stale(reading.occurred_at, received_at, settings.callback_max_age)
    return complaint, None if complaint else reading


def interpret(runtime: Runtime, connection: Connection, kept: StoredCallback) -> Processed:
    """Do all that follows from a callback. Doing it twice changes nothing more."""
    topic, form = Topic(kept.channel), form_fields(kept.body or b"")
    complaint, reading = parse(runtime.settings, topic, kept.target or "", form, kept.received_at)
    if reading is None:
        return Processed(Verdict.MALFORMED, complaint, question=Question.MALFORMED)
    if reading.test is not None and topic in _OF_TESTS:
        return _record_test(connection, reading, reading.test)
    if reading.event is None:
        unknown = f"unknown status {reading.status!r}"
        return Processed(Verdict.REVIEW, unknown, status=reading.status, question=Question.LOOK)
    applied = apply(runtime, connection, reading.event, kept.received_at, reading)
    communication = applied.communication
    if topic is Topic.MACHINE:
        record_machine(runtime, connection, communication)
    verdict, complaint = _for_review(runtime, connection, reading, applied)
    is_first = topic is not Topic.TEXT_IN or callbacks.is_first(connection, kept)
    result = CallbackResult(
        turned_away(communication.reported_note),
        applied.opt_out if is_first else None,
        communication.reported_note == READY and is_first,
    )
    question = _question(reading, communication, verdict, complaint)
    return Processed(verdict, complaint, communication.case_id, reading.status, question, result)


def _record_test(connection: Connection, reading: ParsedCallback, test: int) -> Processed:
    """The console shows how far a test call or text has come; nobody else is told of it."""
    errands.attach_sid(connection, test, reading.sid)
    says = explain(reading.error_code, None) if reading.error_code is not None else None
    return Processed(Verdict.RECORDED, says, status=reading.status)


def _for_review(
    runtime: Runtime, connection: Connection, reading: ParsedCallback, applied: Applied
) -> tuple[Verdict, str | None]:
    """The verdict, and the remark for an operator; REVIEW where the operator must decide."""
    communication, verdict = applied.communication, applied.verdict
    if _opts_out(reading) or verdict is Verdict.REVIEW:
        asked = open_question(runtime, connection, communication.phone)
        if asked is not None:
            return Verdict.REVIEW, asked
    if reading.words is not None and verdict is Verdict.REVIEW and communication.phone is None:
        return verdict, OF_NOBODY
    how = turned_away(communication.reported_note)
    return verdict, None if how is None else COMPLAINTS[how]


def _question(
    reading: ParsedCallback,
    communication: Communication,
    verdict: Verdict,
    complaint: str | None,
) -> Question | None:
    """What somebody at the firm is asked; whose opt-out it was, the cases held for it ask."""
    if verdict in {Verdict.UNMATCHED, Verdict.AMBIGUOUS}:
        return Question.WHOSE
    if verdict is not Verdict.REVIEW:
        return None
    if reading.words is not None and communication.phone is not None:
        return question_about(reading.words)
    return Question.LOOK if complaint == OF_NOBODY else None


def _opts_out(reading: ParsedCallback) -> bool:
    """Whether a key, or an error code of Twilio's, is an opt-out."""
    error = reading.event.error_code if reading.event else None
    return reading.key == OPT_OUT_KEY or error in OPTED_OUT_ERRORS


def apply(
    runtime: Runtime,
    connection: Connection,
    event: Event,
    received_at: datetime,
    reading: ParsedCallback | None = None,
) -> Applied:
    """Add an event to its call or text, and do all that follows from it."""
    look = at_hand.read(
        connection, event.sid, event.channel, event.case_id, parse_phone(event.person)
    )
    known = look.known
    communication = _advance(runtime, connection, event, look)
    is_firms_side = _is_the_firms_side(connection, event)
    opt_out = None
    if reading is not None:
        communication = screen(runtime, connection, communication, reading, received_at)
    if _is_left_alone(communication):
        verdict = verdict_of(communication)
    elif reading is not None and reading.words is not None:
        communication, verdict, opt_out = process_text(
            runtime, connection, communication, reading.words
        )
    elif is_firms_side:
        verdict = Verdict.MATCHED if communication.case_id is not None else Verdict.RECORDED
    else:
        communication, means = assess_talk(runtime, connection, communication)
        communication, verdict = report(runtime, connection, communication, received_at, means)
    communication = with_standing(
        runtime,
        connection,
        communication,
        known,
        look,
        is_firms_side=is_firms_side,
        opts_out=reading is not None and reading.key == OPT_OUT_KEY and not is_firms_side,
    )
    if reading is not None and not is_firms_side:
        communication = with_greeting(runtime, communication, reading, received_at)
    communications.save(connection, communication, runtime.clock())
    if known is not None and known.case_id is None and communication.case_id is not None:
        questions.forget_whose(connection, communication.sid)
    if reading is not None and reading.key:
        if is_firms_side:
            process_agent_key(runtime, connection, communication.attempt_id, reading)
        else:
            opt_out = process_key(runtime, connection, communication, reading.key)
    track(runtime, connection, event, communication, look)
    has_just_talked = communication.talked_at is not None and (
        known is None or known.talked_at is None
    )
    if has_just_talked and look.is_any_under_way:
        release_contacts(runtime, connection, communication)
    see_inquiry(connection, communication, known, runtime.clock())
    _ask_about_caller(runtime, connection, communication)
    return Applied(communication, verdict, opt_out)


def _is_left_alone(communication: Communication) -> bool:
    return (
        communication.reported_note in {OWN_WORDS, READY}
        or turned_away(communication.reported_note) is not None
    )


def _ask_about_caller(
    runtime: Runtime, connection: Connection, communication: Communication
) -> None:
    """Have Twilio asked later about a call from a person, in case its last callback is lost."""
    if communication.channel is Channel.CALL and communication.direction is Direction.INBOUND:
        has_ended = communication.progress.ended
        communications.schedule_check(
            connection,
            communication.sid,
            None if has_ended else runtime.clock() + _ASK_ABOUT_CALLER,
        )


def _advance(runtime: Runtime, connection: Connection, event: Event, look: AtHand) -> Communication:
    """The call or text with this event added to what was known of it."""
    known = look.known
    phone = look.phone or (known.phone if known else None)
    found = _match(connection, event, known, phone)
    is_theirs = phone is not None and _is_the_persons(runtime.settings, event, phone)
    if event.case_id is not None and phone and is_theirs and not look.has_phone:
        cases.add_phone(connection, event.case_id, phone, runtime.clock())
    news = progress.of_event(event)
    if phone is None and event.attempt is not None and event.parent_sid is None:
        # Detection's callback names no number.
        attempt = attempts.get(connection, event.attempt)
        phone = attempt.phone if attempt and not attempt.via_firm else None
    if known is None:
        return Communication(
            sid=event.sid,
            channel=event.channel,
            direction=event.direction,
            phone=phone,
            progress=news,
            evidence=found.evidence,
            case_id=found.case_id,
            attempt_id=event.attempt,
        )
    return replace(
        known,
        phone=phone,
        progress=progress.merge(known.progress, news, known.direction),
        evidence=found.evidence,
        case_id=found.case_id,
        attempt_id=known.attempt_id or event.attempt,
    )


def _match(
    connection: Connection, event: Event, known: Communication | None, phone: E164 | None
) -> Match:
    named = {event.case_id}
    if known is not None and known.evidence is Evidence.URL:
        named.add(known.case_id)
    assigned = known.case_id if known and known.evidence is Evidence.ASSIGNED else None
    # Should two URLs ever name two cases for one call, the order of arrival decides nothing.
    in_url = min((case_id for case_id in named if case_id is not None), default=None)
    of_sid = (known.case_id if known else None) or communications.case_of(
        connection, event.parent_sid
    )
    goes_by_phone = {assigned, in_url, of_sid} == {None}
    return match(
        assigned=assigned,
        named=in_url,
        known=of_sid,
        phone=phone,
        sharing=cases.sharing(connection, phone) if goes_by_phone else (),
    )


def _is_the_firms_side(connection: Connection, event: Event) -> bool:
    """Whether this is the firm's side of a call, which is no attempt to reach a person.

    So is the leg by which a person on the line is put through: the person's own call is told. A
    softphone's call, in which the parent is an agent without a number, has the person on the leg,
    and so has a call of ours that rings the firm first.
    """
    if is_firm_leg(connection, event):
        return True
    if event.parent_sid is None or event.attempt is not None:
        return False
    parent = communications.find(connection, event.parent_sid)
    return parent is not None and parent.phone is not None


def _is_the_persons(settings: Settings, event: Event, phone: E164) -> bool:
    """Whether this is a phone of the case's person, not of the firm or of an agent's leg."""
    of_a_leg = event.parent_sid is not None and event.attempt is None
    return not of_a_leg and phone not in settings.own_numbers
