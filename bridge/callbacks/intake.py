"""Road 1: a callback comes in. The web app accepts it; a worker makes sense of it.

    accept                   keep it as it came, by one INSERT, and answer
    take_in → _understand    whose call or text is it, how far has it come
            → receiving      may a caller be put through; not in a circle, not too often
            → releasing      is it a talk: then whoever talked isn't chased
            → telling.tell   what the case must be told, queued in the same transaction
            → following      what it says of our own attempt, if it is one
            → listening      what the person said, by a text or by a key

A refusal and a call in must not wait for a worker: the web app takes them in itself
(`take_in_now`). Nobody outside is asked here. `delivery.py` goes on from the queued rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import Reading, form_fields, raw_key, read
from bridge.callbacks.attempt_tracking import is_firm_leg, record_machine, track
from bridge.callbacks.inbound_calls import COMPLAINTS, OWN_WORDS, screen, verdict_of
from bridge.consent.held_cases import OF_NOBODY, open_question
from bridge.consent.inbound_texts import OPT_OUT_KEY, process_key, process_text
from bridge.counts import CALLBACKS
from bridge.domain import backoff, progress
from bridge.domain.call_screening import ANSWERED_WITHIN, turned_away
from bridge.domain.events import Channel, Direction, Event, Topic
from bridge.domain.freshness import not_of_now
from bridge.domain.matching import Evidence, Match, match
from bridge.domain.outcomes import OPTED_OUT_ERRORS
from bridge.domain.phones import E164, parse_phone
from bridge.errors import Unusable
from bridge.reporting.after_talk import assess_talk, release_contacts
from bridge.reporting.case_reports import report
from bridge.runtime import INTAKE_BATCH, Runtime
from bridge.settings import Settings
from bridge.store.callbacks import callbacks, communications
from bridge.store.callbacks.callbacks import NewCallback, StoredCallback, Verdict
from bridge.store.callbacks.communications import Communication
from bridge.store.cases import cases
from bridge.store.db import UNREACHABLE, UNSTORABLE, Connection
from bridge.store.dialing import attempts
from bridge.store.reporting import deliveries

_ASK_ABOUT_CALLER = timedelta(minutes=10)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PostedCallback:
    """A request to one of Twilio's routes, its signature checked."""

    topic: Topic
    target: str
    """The path and query that were requested."""
    form: MultiDict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    token: str | None
    """Twilio's idempotency token."""
    request_id: str


@dataclass(frozen=True)
class KeptCallback:
    """A callback that is kept."""

    is_new: bool
    sid: str
    event: str
    """What makes it that callback, beside the sid."""
    complaint: str | None = None
    """Why it can't be used, if so."""


def keep(runtime: Runtime, posted: PostedCallback) -> KeptCallback:
    """Keep a callback.

    Raises:
        OperationalError, TimeoutError: the database can't take it now.
    """
    topic, target, body, token = posted.topic, posted.target, posted.body, posted.token
    received_at = runtime.clock()
    complaint, reading = _first_look(runtime.settings, topic, target, posted.form, received_at)
    arrival = NewCallback(
        received_at=received_at,
        channel=topic,
        sid=reading.sid if reading else "",
        event=reading.event_key if reading else raw_key(target, body),
        status=reading.status if reading else "",
        target=target.replace("\0", ""),
        body=body,
        token=token.replace("\0", "")[:128] if token else None,
        request_id=posted.request_id,
        complaint=complaint,
        due_at=received_at + ANSWERED_WITHIN if topic is Topic.CALL_IN else None,
    )
    is_new = runtime.callback_writer.keep(arrival)
    runtime.notifier.notify()
    if not is_new:
        runtime.counts.add(CALLBACKS, topic, "duplicate")
    elif complaint:
        runtime.counts.add(CALLBACKS, topic, Verdict.MALFORMED)
    if complaint and is_new:
        log.warning("A signed callback can't be used", topic=topic, complaint=complaint)
    return KeptCallback(is_new, arrival.sid, arrival.event, complaint)


def process_now(runtime: Runtime, accepted: KeptCallback) -> None:
    """Make sense of one callback at once, in the web app: a refusal, a call counts from now on.

    Should it fail, the callback is kept all the same, and a worker takes it in: a call not before
    it was answered, since the worker's decision would come too late for it or not.
    """
    try:
        runtime.intake.settle((accepted.sid, accepted.event), partial(_process_together, runtime))
    except Exception:
        log.exception("A callback is left to a worker", sid=accepted.sid)
    runtime.notifier.notify()


def _process_together(runtime: Runtime, keys: Sequence[tuple[str, str]]) -> list[None]:
    with runtime.db.begin() as connection:
        callbacks.lock(connection)
        for sid, event in keys:
            for kept in callbacks.by_key(connection, sid, event):
                _process(runtime, connection, kept)
    return [None] * len(keys)


def apply_fetched(runtime: Runtime, event: Event) -> None:
    """Take in what Twilio, asked by us, says of a call or text whose callbacks didn't come."""
    with runtime.db.begin() as connection:
        callbacks.lock(connection)
        _apply(runtime, connection, event, runtime.clock())
    runtime.notifier.notify()


def _first_look(
    settings: Settings,
    topic: Topic,
    target: str,
    form: MultiDict[str, str],
    received_at: datetime,
) -> tuple[str | None, Reading | None]:
    try:
        reading = read(topic, target, form)
    except Unusable as error:
        return str(error), None
    complaint = not_of_now(reading.occurred_at, received_at, settings.callback_max_age)
    return complaint, None if complaint else reading


def process_pending(runtime: Runtime) -> int:
    """Make sense of the oldest new callbacks; return how many there were.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    now = runtime.clock()
    with runtime.db.read() as connection:
        if not callbacks.pending(connection, now, 1):
            return 0
    try:
        with runtime.db.begin() as connection:
            if not callbacks.try_lock(connection):
                return 0
            batch = callbacks.pending(connection, now, INTAKE_BATCH)
            for kept in batch:
                _process(runtime, connection, kept)
    except UNREACHABLE:
        raise
    except Exception:
        log.exception("A batch of callbacks failed and is taken in one by one")
        return _one_by_one(runtime, now)
    return len(batch)


def replay(runtime: Runtime, ids: list[int]) -> list[tuple[int, Verdict | None]]:
    """Take in these callbacks again; return each with its verdict, None if its raw form is gone.

    Harmless when one was taken in already: the same facts change nothing. A note that found
    nobody is tried again: SmartAdvocate may know the number by now.
    """
    verdicts: list[tuple[int, Verdict | None]] = []
    with runtime.db.begin() as connection:
        callbacks.lock(connection)
        for kept in callbacks.by_ids(connection, ids):
            erased = kept.body is None
            if deliveries.found_nobody(connection, kept.sid):
                communications.forget_note(connection, kept.sid)
            verdict = None if erased else _process(runtime, connection, kept)
            verdicts.append((kept.id, verdict))
    runtime.notifier.notify()
    return verdicts


def _one_by_one(runtime: Runtime, now: datetime) -> int:
    """Separate a poison callback from the others: it waits longer each time, they go on."""
    with runtime.db.read() as connection:
        batch = callbacks.pending(connection, now, INTAKE_BATCH)
    for kept in batch:
        try:
            with runtime.db.begin() as connection:
                if callbacks.try_lock(connection):
                    _process(runtime, connection, kept)
        except UNREACHABLE:
            raise
        except UNSTORABLE:
            _reject_unstorable(runtime, kept)
        except Exception as error:
            wait = backoff.pause(kept.tries + 1, runtime.jitter())
            with runtime.db.begin() as connection:
                callbacks.defer(connection, kept, now + wait, type(error).__name__)
            log.exception("A callback could not be taken in", callback=kept.id)
    return len(batch)


def _reject_unstorable(runtime: Runtime, kept: StoredCallback) -> None:
    """What the database can't hold, it can't hold at the next try either."""
    complaint = "it says something that the database can't store"
    with runtime.db.begin() as connection:
        callbacks.conclude(connection, kept.id, Verdict.MALFORMED, complaint=complaint)
    runtime.counts.add(CALLBACKS, kept.channel, Verdict.MALFORMED)
    log.error("A callback can't be stored and is set aside", callback=kept.id)


def _process(runtime: Runtime, connection: Connection, kept: StoredCallback) -> Verdict:
    target = kept.target or ""
    topic = Topic(kept.channel)
    complaint, reading = _first_look(
        runtime.settings, topic, target, form_fields(kept.body or b""), kept.received_at
    )
    communication = None
    if reading is None:
        verdict = Verdict.MALFORMED
    elif reading.event is None:
        verdict, complaint = Verdict.REVIEW, f"unknown status {reading.status!r}"
    else:
        communication, verdict = _apply(
            runtime, connection, reading.event, kept.received_at, reading
        )
        complaint = _complaint(communication)
        if topic is Topic.MACHINE:
            record_machine(runtime, connection, communication)
        if _refuses(reading) or verdict is Verdict.REVIEW:
            asked = open_question(runtime, connection, communication.phone)
            verdict, complaint = (Verdict.REVIEW, asked) if asked else (verdict, complaint)
        if topic is Topic.TEXT_IN and verdict is Verdict.REVIEW and communication.phone is None:
            complaint = OF_NOBODY
    case_id = communication.case_id if communication else None
    callbacks.conclude(connection, kept.id, verdict, case_id=case_id, complaint=complaint)
    runtime.counts.add(CALLBACKS, topic, verdict)
    log.info(
        "Callback taken in",
        request_id=kept.request_id,
        topic=topic,
        sid=kept.sid,
        status=reading.status if reading else None,
        verdict=verdict,
        case=case_id,
        complaint=complaint,
    )
    return verdict


def _complaint(communication: Communication) -> str | None:
    how = turned_away(communication.reported_note)
    return None if how is None else COMPLAINTS[how]


def _refuses(reading: Reading) -> bool:
    """Whether a key was pressed, or an error of Twilio's came, that refuses communication."""
    error = reading.event.error_code if reading.event else None
    return reading.key == OPT_OUT_KEY or error in OPTED_OUT_ERRORS


def _apply(
    runtime: Runtime,
    connection: Connection,
    event: Event,
    received_at: datetime,
    reading: Reading | None = None,
) -> tuple[Communication, Verdict]:
    """Add an event to its call or text, and do all that follows from it."""
    known = communications.find(connection, event.sid)
    communication = _advance(runtime, connection, event, known)
    firms_side = _is_the_firms_side(connection, event)
    if reading is not None:
        communication = screen(runtime, connection, communication, reading, received_at)
    if _is_left_alone(communication):
        verdict = verdict_of(communication)
    elif reading is not None and reading.words is not None:
        communication, verdict = process_text(runtime, connection, communication, reading.words)
    elif firms_side:
        verdict = Verdict.MATCHED if communication.case_id is not None else Verdict.RECORDED
    else:
        communication, means = assess_talk(runtime, connection, communication)
        communication, verdict = report(runtime, connection, communication, received_at, means)
    communications.save(connection, communication, runtime.clock())
    if reading is not None and reading.key and not firms_side:
        process_key(runtime, connection, communication, reading.key)
    track(runtime, connection, event, communication, known.progress if known else None)
    if communication.talked_at is not None and (known is None or known.talked_at is None):
        release_contacts(runtime, connection, communication)
    _ask_about_caller(runtime, connection, communication)
    return communication, verdict


def _is_left_alone(communication: Communication) -> bool:
    return (
        communication.reported_note == OWN_WORDS
        or turned_away(communication.reported_note) is not None
    )


def _ask_about_caller(
    runtime: Runtime, connection: Connection, communication: Communication
) -> None:
    """A call from a person is asked about later, should nobody tell how it ended."""
    if communication.channel is Channel.CALL and communication.direction is Direction.INBOUND:
        over = communication.progress.ended
        communications.schedule_check(
            connection, communication.sid, None if over else runtime.clock() + _ASK_ABOUT_CALLER
        )


def _advance(
    runtime: Runtime, connection: Connection, event: Event, known: Communication | None
) -> Communication:
    """The call or text with this event added to what was known of it."""
    phone = parse_phone(event.person) or (known.phone if known else None)
    found = _match(connection, event, known, phone)
    if event.case_id is not None and phone and _is_the_persons(runtime.settings, event, phone):
        cases.add_phone(connection, event.case_id, phone, runtime.clock())
    told = progress.of_event(event)
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
            progress=told,
            evidence=found.evidence,
            case_id=found.case_id,
            attempt_id=event.attempt,
        )
    return replace(
        known,
        phone=phone,
        progress=progress.merge(known.progress, told, known.direction),
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
    return match(
        # Should two URLs ever name two cases for one call, the order of arrival decides nothing.
        named=min((one for one in named if one is not None), default=None),
        known=(known.case_id if known else None)
        or communications.case_of(connection, event.parent_sid),
        phone=phone,
        sharing=cases.sharing(connection, phone),
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
    return not of_a_leg and phone not in {settings.firm_phone, settings.from_number}
