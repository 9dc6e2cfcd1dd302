"""More texts of one phone than get a note each: they wait, and become one note an hour.

hold_text       a text waits; the first to wait says when the summary is due
report_floods   the summaries that are due, each in a transaction of its own (`sweep.py` asks)

What waits is marked in its row, and the mark changes in the transaction that queues the note: so
each text is in one summary, whichever worker writes it and whatever dies meanwhile.
"""

from datetime import datetime, timedelta

from bridge.consent.kept_texts import kept_text
from bridge.domain import text_flood
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.phones import E164, ten_digits
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store import schedules
from bridge.store.callbacks import callbacks, communications
from bridge.store.db import Connection

_PLAN = "flood "
_SLACK = timedelta(minutes=5)
"""By so much the clocks of two machines may differ."""

BATCH = 100


def hold_text(runtime: Runtime, connection: Connection, phone: E164) -> None:
    """See to it that this phone's texts are summed up within the hour."""
    schedules.once(connection, f"{_PLAN}{phone}", runtime.clock() + text_flood.COUNTED_FOR)


def report_floods(runtime: Runtime) -> int:
    """Queue the summaries that are due; return how many.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    with runtime.db.read() as connection:
        due = schedules.due_once(connection, _PLAN, runtime.clock(), BATCH)
    told = 0
    for name in due:
        with runtime.db.begin() as connection:
            # No text is processed meanwhile: it waits for this summary or for the next one.
            callbacks.lock(connection)
            due_at = schedules.done_once(connection, name)
            if due_at is not None:
                since = due_at - text_flood.COUNTED_FOR - _SLACK
                told += _sum_up(runtime, connection, E164(name.removeprefix(_PLAN)), since)
    if told:
        runtime.notifier.notify()
    return told


def _sum_up(runtime: Runtime, connection: Connection, phone: E164, since: datetime) -> int:
    held = communications.marked(connection, phone, since, text_flood.HELD)
    if not held:
        return 0
    communications.replace_mark(connection, phone, since, text_flood.HELD, text_flood.SUMMED_UP)
    last = held[-1]
    if last.case_id is None and ten_digits(phone) is None:
        return 0
    words = kept_text(connection, last.sid)
    marks = [(text.mark, text.at) for text in held]
    about = EventNote(
        NoteKind.FLOOD,
        last.sid,
        phone,
        words=words.body if words else "",
        pictures=words.pictures if words else 0,
        erased=words is None,
        ends=text_flood.summary(marks, runtime.settings.firm_zone),
    )
    queue_note(runtime, connection, last.case_id, about)
    return 1
