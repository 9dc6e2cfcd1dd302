"""The history of one case, from all that is stored of it, the oldest first.

Read backwards from a moment, a window at a time; what is older is asked for with the time of the
first line that is shown.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bridge.console import timeline_lines as lines
from bridge.console.raw_events import Raw, raw
from bridge.domain.phones import E164
from bridge.domain.timeline import Line, together, window
from bridge.runtime import Runtime
from bridge.store.callbacks import case_history as callbacks
from bridge.store.consent import case_history as consent
from bridge.store.console import audit
from bridge.store.db import Connection
from bridge.store.dialing import case_history as dialing
from bridge.store.reporting import case_history as reporting

A_PAGE = 30
"""Lines that a page shows."""
ON_PAPER = 2000
"""Lines that a page to be printed shows, and rows of a kind that a file reads at once."""
END = datetime(9999, 1, 1, tzinfo=UTC)
"""After all that has happened."""


@dataclass(frozen=True)
class Timeline:
    """Some lines, in order, and what stands behind them."""

    lines: Sequence[Line]
    earlier: datetime | None
    """There is more from before then; None when this is the beginning."""
    raw: Mapping[str, Sequence[Raw]] = field(repr=False)
    """Callbacks by the call or text that they are about."""


@dataclass(frozen=True)
class _Source:
    """The rows of one kind, the newest first."""

    lines: list[Line]
    oldest: datetime | None
    """Where the rows were more than were asked for: what is older has not been read."""


def read(
    runtime: Runtime,
    connection: Connection,
    case_id: int,
    phones: Collection[E164],
    *,
    before: datetime = END,
    most: int = A_PAGE,
) -> Timeline:
    """The newest lines from before a moment; `phones` are those of the case."""
    reader = _Reader(runtime, connection, case_id, before, most)
    sources = list(reader.sources(phones))
    unread = max((one.oldest for one in sources if one.oldest), default=None)
    known = [line for one in sources for line in one.lines if line.at < before]
    whole = [line for line in known if unread is None or line.at > unread]
    told = together(whole or known)
    shown = window(told, most)
    is_cut = unread is not None or len(shown) < len(told)
    sids = {line.sid for line in shown if line.sid}
    raws = {sid: [raw(event) for event in reader.said.get(sid, ())] for sid in sids}
    return Timeline(shown, shown[0].at if is_cut and shown else None, raws)


class _Reader:
    """Reads each kind of rows of one case."""

    def __init__(
        self, runtime: Runtime, connection: Connection, case_id: int, before: datetime, most: int
    ) -> None:
        self._runtime = runtime
        self._connection = connection
        self._of = (connection, case_id)
        self._before = before
        # Each row is a line or more.
        self._limit = most
        self._case_id = case_id
        self._zone = runtime.settings.firm_zone
        self.said: Mapping[str, Sequence[callbacks.RawEvent]] = {}

    def sources(self, phones: Collection[E164]) -> Iterator[_Source]:
        """All that is stored, kind by kind."""
        yield self._turns()
        yield self._decisions()
        yield from self._contacts()
        yield self._deliveries()
        yield self._opt_outs(phones)
        yield self._pauses(phones)
        yield self._entries()

    def _turns(self) -> _Source:
        rows = dialing.turns(*self._of, self._before, self._limit)
        return self._source((row.found_at, lines.of_turn(row)) for row in rows)

    def _decisions(self) -> _Source:
        rows = dialing.decisions(*self._of, self._before, self._limit)
        return self._source((row.at, [lines.of_decision(row, self._zone)]) for row in rows)

    def _contacts(self) -> Iterator[_Source]:
        contacts = callbacks.contacts(*self._of, self._before, self._limit)
        attempts = dialing.attempts(*self._of, self._before, self._limit)
        self.said = callbacks.raw_events(self._connection, [row.sid for row in contacts])
        heard_of = {row.sid for row in contacts}
        others = [row.sid for row in attempts if row.sid and row.sid not in heard_of]
        if others:
            heard_of |= callbacks.heard_of(self._connection, others)
        own = self._runtime.settings.own_numbers
        yield self._source(
            (row.created_at, lines.of_attempt(row, self._zone, is_heard_of=row.sid in heard_of))
            for row in attempts
        )
        yield self._source(
            (
                row.created_at,
                lines.of_contact(row, self.said.get(row.sid, ()), is_firms=row.phone in own),
            )
            for row in contacts
        )

    def _deliveries(self) -> _Source:
        rows = reporting.deliveries_of(*self._of, self._before, self._limit)
        after = {one for row in rows if (one := row.payload.get("after")) is not None}
        results = reporting.results(self._connection, after) if after else {}
        return self._source((row.at, [lines.of_delivery(row, results, self._zone)]) for row in rows)

    def _opt_outs(self, phones: Collection[E164]) -> _Source:
        rows = consent.opt_outs_of(*self._of, phones, self._before, self._limit)
        return self._source((row.created_at, lines.of_opt_out(row, self._case_id)) for row in rows)

    def _pauses(self, phones: Collection[E164]) -> _Source:
        rows = dialing.pauses(*self._of, phones, self._before, self._limit)
        return self._source((row.created_at, lines.of_pause(row)) for row in rows)

    def _entries(self) -> _Source:
        rows = audit.of_case_before(*self._of, self._before, self._limit)
        return self._source((row.at, lines.of_entry(row)) for row in rows)

    def _source(self, rows: Iterable[tuple[datetime, Iterable[Line]]]) -> _Source:
        read = [(begun, list(of_row)) for begun, of_row in rows]
        is_cut = len(read) >= self._limit
        return _Source(
            [line for _, of_row in reversed(read) for line in of_row],
            min(begun for begun, _ in read) if is_cut else None,
        )
