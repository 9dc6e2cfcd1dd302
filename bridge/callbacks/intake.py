"""A callback comes in: the web app keeps it, a worker processes it.

keep             store it as it came, by one INSERT; the web app answers then
keep_soon        the same, while the thread that asks goes on with the next one
process_pending  the oldest new callbacks, by a worker (`processing.py`)
process_now      one at once, in the web app, where somebody waits for what it comes to
process_left     one that is repeated, if whoever kept it died before it was processed
replay           stored ones again, when an operator asks
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import raw_key
from bridge.callbacks.processing import Processed, apply, interpret, parse
from bridge.counts import CALLBACKS
from bridge.domain import backoff
from bridge.domain.call_screening import ANSWERED_WITHIN
from bridge.domain.callback_results import NOTHING, CallbackResult
from bridge.domain.events import Event, Topic
from bridge.domain.questions import Question
from bridge.runtime import INTAKE_BATCH, Runtime
from bridge.store.callbacks import callbacks, communications
from bridge.store.callbacks.callbacks import Conclusion, NewCallback, StoredCallback, Verdict
from bridge.store.db import UNREACHABLE, UNSTORABLE, Connection
from bridge.store.reporting import deliveries

_NEVER_ASKED_FOR = frozenset({Topic.CALL, Topic.TEXT})
"""Processing a callback asks what became of others of its call or text, but not of these."""

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


@dataclass(frozen=True)
class Keeping:
    """A callback that is being kept."""

    committed: Future[bool]
    """Done with the commit: whether it is new."""
    complaint: str | None
    """Why it can't be used, if so."""


@dataclass(frozen=True)
class _Done:
    """A callback that was processed."""

    kept: StoredCallback
    processed: Processed


def keep(runtime: Runtime, posted: PostedCallback) -> KeptCallback:
    """Keep a callback.

    Raises:
        OperationalError, TimeoutError: the database can't take it now.
    """
    callback = _read(runtime, posted)
    is_new = runtime.callback_writer.keep(callback)
    _tell_kept(runtime, callback, is_new)
    return KeptCallback(is_new, callback.sid, callback.event, callback.complaint)


def keep_soon(runtime: Runtime, posted: PostedCallback) -> Keeping:
    """Keep a callback that nothing but its acknowledgement waits for, behind this thread's back."""
    callback = _read(runtime, posted)
    committed = runtime.callback_writer.keep_soon(callback)

    def tell(done: Future[bool]) -> None:
        if done.exception() is None:
            _tell_kept(runtime, callback, done.result())

    committed.add_done_callback(tell)
    return Keeping(committed, callback.complaint)


def _read(runtime: Runtime, posted: PostedCallback) -> NewCallback:
    topic, target, body, token = posted.topic, posted.target, posted.body, posted.token
    received_at = runtime.clock()
    complaint, reading = parse(runtime.settings, topic, target, posted.form, received_at)
    return NewCallback(
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


def _tell_kept(runtime: Runtime, callback: NewCallback, is_new: bool) -> None:
    """Once it is committed: wake up the workers, count, log."""
    runtime.notifier.notify()
    if not is_new:
        runtime.counts.add(CALLBACKS, callback.channel, "duplicate")
    elif callback.complaint:
        runtime.counts.add(CALLBACKS, callback.channel, Verdict.MALFORMED)
        log.warning(
            "Unusable callback",
            # Told by another thread than the request's, perhaps.
            request_id=callback.request_id,
            topic=callback.channel,
            complaint=callback.complaint,
        )


def process_now(runtime: Runtime, accepted: KeptCallback) -> CallbackResult:
    """Process one callback at once, in the web app, and return what it came to.

    Should that fail, the callback is kept all the same and a worker processes it (a call in not
    before it was answered, since the worker's decision would come too late): the result is empty.
    """
    try:
        return runtime.intake.settle(
            (accepted.sid, accepted.event), partial(_process_together, runtime)
        )
    except Exception:
        log.exception("Callback left to a worker", sid=accepted.sid)
        return NOTHING
    finally:
        runtime.notifier.notify()


def process_left(runtime: Runtime, accepted: KeptCallback) -> None:
    """Process a callback that was kept before unless that was done: who kept it may have died.

    Raises:
        OperationalError, TimeoutError: the database can't be asked now.
    """
    with runtime.db.read() as connection:
        kept = callbacks.by_key(connection, accepted.sid, accepted.event)
    if kept is not None and kept.verdict is Verdict.NEW:
        process_now(runtime, accepted)


def _process_together(
    runtime: Runtime, keys: Sequence[tuple[str, str]]
) -> Sequence[CallbackResult]:
    done: list[_Done] = []
    with runtime.db.begin() as connection:
        callbacks.lock(connection)
        results = [_result(runtime, connection, key, done) for key in keys]
    _record(runtime, done)
    return results


def _result(
    runtime: Runtime, connection: Connection, key: tuple[str, str], done: list[_Done]
) -> CallbackResult:
    kept = callbacks.by_key(connection, *key)
    if kept is None:
        return NOTHING
    if kept.verdict is Verdict.NEW:
        done.append(_process(runtime, connection, kept))
        return done[-1].processed.result
    # A worker was faster, or Twilio asks again: the same facts change nothing, and get the same
    # answer.
    return interpret(runtime, connection, kept).result


def apply_fetched(runtime: Runtime, event: Event) -> None:
    """Apply what Twilio, asked by us, says of a call or text whose callbacks didn't come."""
    with runtime.db.begin() as connection:
        callbacks.lock(connection)
        apply(runtime, connection, event, runtime.clock())
    runtime.notifier.notify()


def process_pending(runtime: Runtime) -> int:
    """Process the oldest new callbacks; return how many there were.

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
            done = _process_each(runtime, connection, batch)
    except UNREACHABLE:
        raise
    except Exception:
        log.exception("Batch of callbacks failed; processing each by itself")
        return _one_by_one(runtime, now)
    _record(runtime, done)
    return len(batch)


def replay(runtime: Runtime, ids: list[int]) -> list[tuple[int, Verdict | None]]:
    """Process these callbacks again; return each with its verdict, None if its raw form is gone.

    Harmless when one was processed already: the same facts change nothing. A note that found
    nobody is tried again: SmartAdvocate may know the number by now.
    """
    done: list[_Done] = []
    with runtime.db.begin() as connection:
        callbacks.lock(connection)
        named = callbacks.by_ids(connection, ids)
        for kept in named:
            if deliveries.found_nobody(connection, kept.sid):
                communications.forget_note(connection, kept.sid)
            if kept.body is not None:
                done.append(_process(runtime, connection, kept))
    _record(runtime, done)
    runtime.notifier.notify()
    verdicts = {callback.kept.id: callback.processed.verdict for callback in done}
    return [(kept.id, verdicts.get(kept.id)) for kept in named]


def _one_by_one(runtime: Runtime, now: datetime) -> int:
    """Separate a poison callback from the others: it waits longer each time, they go on."""
    with runtime.db.read() as connection:
        batch = callbacks.pending(connection, now, INTAKE_BATCH)
    for kept in batch:
        try:
            with runtime.db.begin() as connection:
                is_free = callbacks.try_lock(connection)
                done = [_process(runtime, connection, kept)] if is_free else []
            _record(runtime, done)
        except UNREACHABLE:
            raise
        except UNSTORABLE:
            _reject_unstorable(runtime, kept)
        except Exception as error:
            wait = backoff.delay(kept.tries + 1, runtime.jitter())
            with runtime.db.begin() as connection:
                callbacks.defer(connection, kept, now + wait, type(error).__name__)
            log.exception("Callback not processed; it is tried again later", callback=kept.id)
    return len(batch)


def _reject_unstorable(runtime: Runtime, kept: StoredCallback) -> None:
    """What the database can't hold, it can't hold at the next try either."""
    complaint = "it says something that the database can't store"
    with runtime.db.begin() as connection:
        callbacks.conclude(
            connection,
            Conclusion(
                kept.id, Verdict.MALFORMED, complaint=complaint, question=Question.MALFORMED
            ),
        )
    runtime.counts.add(CALLBACKS, kept.channel, Verdict.MALFORMED)
    log.error("Callback rejected: the database can't store what it says", callback=kept.id)


def _process_each(
    runtime: Runtime, connection: Connection, batch: Sequence[StoredCallback]
) -> list[_Done]:
    """Process callbacks one after another; what nobody asks for meanwhile is stored at once."""
    done, later = [], []
    for kept in batch:
        processed = interpret(runtime, connection, kept)
        done.append(_Done(kept, processed))
        if processed.question is None and kept.channel in _NEVER_ASKED_FOR:
            later.append(_conclusion(kept, processed))
        else:
            callbacks.conclude(connection, _conclusion(kept, processed))
    callbacks.conclude_unasked(connection, later)
    return done


def _process(runtime: Runtime, connection: Connection, kept: StoredCallback) -> _Done:
    processed = interpret(runtime, connection, kept)
    callbacks.conclude(connection, _conclusion(kept, processed))
    return _Done(kept, processed)


def _conclusion(kept: StoredCallback, processed: Processed) -> Conclusion:
    return Conclusion(
        kept.id,
        processed.verdict,
        processed.case_id,
        processed.complaint,
        processed.question,
    )


def _record(runtime: Runtime, done: Sequence[_Done]) -> None:
    """Count and log what was processed: after the commit, since a batch may be tried again."""
    for callback in done:
        kept, processed = callback.kept, callback.processed
        runtime.counts.add(CALLBACKS, kept.channel, processed.verdict)
        log.info(
            "Callback processed",
            request_id=kept.request_id,
            topic=kept.channel,
            sid=kept.sid,
            status=processed.status,
            verdict=processed.verdict,
            case=processed.case_id,
            complaint=processed.complaint,
        )
