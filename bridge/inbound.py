"""Road 1: a callback comes in. The web app accepts it; a worker makes sense of it.

    accept                   keep it as it came, by one INSERT, and answer
    take_in → _understand    whose call or text is it, how far has it come
            → telling.tell   what the case must be told, queued in the same transaction

Nobody outside is asked here. `delivery.py` goes on from the queued rows.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import Reading, form_fields, raw_key, read
from bridge.counts import CALLBACKS
from bridge.domain import backoff, progress
from bridge.domain.events import Channel, Event
from bridge.domain.matching import Evidence, Match, match
from bridge.domain.phones import E164, parse_phone
from bridge.errors import Unusable
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store import callbacks, cases, contacts, deliveries
from bridge.store.callbacks import Arrival, Kept, Verdict
from bridge.store.contacts import Contact
from bridge.store.db import UNREACHABLE, Connection
from bridge.telling import tell

BATCH = 25
"""Callbacks taken in by one transaction: few, since SQLite's other writers wait meanwhile."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Posted:
    """A request to one of the status routes, its signature checked."""

    channel: Channel
    target: str
    """The path and query that were requested."""
    form: MultiDict[str, str]
    body: bytes
    token: str | None
    """Twilio's idempotency token."""
    request_id: str


def accept(runtime: Runtime, posted: Posted) -> str | None:
    """Keep a callback; return why it can't be used, if so.

    Raises:
        OperationalError, TimeoutError: the database can't take it now.
    """
    channel, target, body, token = posted.channel, posted.target, posted.body, posted.token
    complaint, reading = _first_look(channel, target, posted.form)
    arrival = Arrival(
        received_at=runtime.clock(),
        channel=channel,
        sid=reading.sid if reading else "",
        event=reading.event_key if reading else raw_key(target, body),
        status=reading.status if reading else "",
        target=target.replace("\0", ""),
        body=body,
        token=token[:128] if token else None,
        request_id=posted.request_id,
        complaint=complaint,
    )
    is_new = runtime.inbox.keep(arrival)
    runtime.ringer.ring()
    if not is_new:
        runtime.counts.add(CALLBACKS, channel, "duplicate")
    elif complaint:
        runtime.counts.add(CALLBACKS, channel, Verdict.MALFORMED)
    if complaint:
        log.warning("A signed callback can't be used", channel=channel, complaint=complaint)
    return complaint


def _first_look(
    channel: Channel, target: str, form: MultiDict[str, str]
) -> tuple[str | None, Reading | None]:
    try:
        return None, read(channel, target, form)
    except Unusable as error:
        return str(error), None


def take_in(runtime: Runtime) -> int:
    """Make sense of the oldest new callbacks; return how many there were.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    now = runtime.clock()
    with runtime.db.read() as connection:
        if not callbacks.new(connection, now, 1):
            return 0
    try:
        with runtime.db.begin() as connection:
            if not callbacks.alone(connection):
                return 0
            batch = callbacks.new(connection, now, BATCH)
            for kept in batch:
                _understand(runtime, connection, kept)
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
        callbacks.wait_alone(connection)
        for kept in callbacks.some(connection, ids):
            erased = kept.body is None
            if deliveries.found_nobody(connection, kept.sid):
                contacts.forget_note(connection, kept.sid)
            verdict = None if erased else _understand(runtime, connection, kept)
            verdicts.append((kept.id, verdict))
    runtime.ringer.ring()
    return verdicts


def _one_by_one(runtime: Runtime, now: datetime) -> int:
    """Separate a poison callback from the others: it waits longer each time, they go on."""
    with runtime.db.read() as connection:
        batch = callbacks.new(connection, now, BATCH)
    for kept in batch:
        try:
            with runtime.db.begin() as connection:
                if callbacks.alone(connection):
                    _understand(runtime, connection, kept)
        except UNREACHABLE:
            raise
        except Exception as error:
            wait = backoff.pause(kept.tries + 1, runtime.spread())
            with runtime.db.begin() as connection:
                callbacks.put_off(connection, kept, now + wait, type(error).__name__)
            log.exception("A callback could not be taken in", callback=kept.id)
    return len(batch)


def _understand(runtime: Runtime, connection: Connection, kept: Kept) -> Verdict:
    target = kept.target or ""
    channel = Channel(kept.channel)
    complaint, reading = _first_look(channel, target, form_fields(kept.body or b""))
    contact = None
    if reading is None:
        verdict = Verdict.MALFORMED
    elif reading.event is None:
        verdict, complaint = Verdict.REVIEW, f"unknown status {reading.status!r}"
    else:
        contact = _advance(runtime, connection, reading.event)
        if _is_leg_to_the_firm(connection, reading.event):
            verdict = Verdict.MATCHED if contact.case_id is not None else Verdict.KEPT
        else:
            contact, verdict = tell(runtime, connection, contact, kept.received_at)
        contacts.save(connection, contact, runtime.clock())
    case_id = contact.case_id if contact else None
    callbacks.conclude(connection, kept.id, verdict, case_id=case_id, complaint=complaint)
    runtime.counts.add(CALLBACKS, channel, verdict)
    log.info(
        "Callback taken in",
        request_id=kept.request_id,
        channel=channel,
        sid=kept.sid,
        status=reading.status if reading else None,
        verdict=verdict,
        case=case_id,
        complaint=complaint,
    )
    return verdict


def _advance(runtime: Runtime, connection: Connection, event: Event) -> Contact:
    """The call or text with this event added to what was known of it."""
    known = contacts.find(connection, event.sid)
    phone = parse_phone(event.person) or (known.phone if known else None)
    found = _match(connection, event, known, phone)
    if event.case_id is not None and phone and _is_the_persons(runtime.settings, event, phone):
        cases.saw_phone(connection, event.case_id, phone, runtime.clock())
    told = progress.of_event(event)
    if known is None:
        return Contact(
            sid=event.sid,
            channel=event.channel,
            direction=event.direction,
            phone=phone,
            progress=told,
            evidence=found.evidence,
            case_id=found.case_id,
        )
    return replace(
        known,
        phone=phone,
        progress=progress.merge(known.progress, told),
        evidence=found.evidence,
        case_id=found.case_id,
    )


def _match(
    connection: Connection, event: Event, known: Contact | None, phone: E164 | None
) -> Match:
    named = {event.case_id}
    if known is not None and known.evidence is Evidence.URL:
        named.add(known.case_id)
    return match(
        # Should two URLs ever name two cases for one call, the order of arrival decides nothing.
        named=min((one for one in named if one is not None), default=None),
        known=(known.case_id if known else None) or contacts.case_of(connection, event.parent_sid),
        phone=phone,
        sharing=cases.sharing(connection, phone),
    )


def _is_leg_to_the_firm(connection: Connection, event: Event) -> bool:
    """Whether this is the leg by which a person on the line is put through to somebody.

    The person's own call is told; its legs are no attempts. A softphone's call, in which the
    parent is an agent without a number, has the person on the leg.
    """
    parent = contacts.find(connection, event.parent_sid) if event.parent_sid else None
    return parent is not None and parent.phone is not None


def _is_the_persons(settings: Settings, event: Event, phone: E164) -> bool:
    """Whether this is a phone of the case's person, not of the firm or of an agent's leg."""
    return event.parent_sid is None and phone not in {settings.firm_phone, settings.from_number}
