"""Every place at which a fault can strike the bridge: what it commits, and what it asks of others.

A transaction that wrote nothing is no place: dying there changes nothing.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import requests
from sqlalchemy import event

from bridge.store.db import Database
from tests.support.in_process import Died

COMMIT = "commit"
_NOT_NAMED = ("bridge.store.", "bridge.adapters.", "bridge.sandbox.", "bridge.errors")


class Strike(StrEnum):
    """What strikes at a place."""

    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"
    ANSWER_LOST = "answer lost, lives on"
    NEVER_ARRIVES = "never arrives, lives on"

    @property
    def kills(self) -> bool:
        return self in {Strike.DIES_BEFORE, Strike.DIES_AFTER}


_OF_COMMITS = (Strike.DIES_BEFORE, Strike.DIES_AFTER)
_OF_REQUESTS = (*_OF_COMMITS, Strike.ANSWER_LOST, Strike.NEVER_ARRIVES)
_SENDS_TEXT = "Twilio POST Messages"


@dataclass(frozen=True)
class Place:
    """One commit or request, as it was passed."""

    number: int
    """From 1, in the order in which they are passed."""
    what: str
    """`commit`, or the request by its name."""
    where: str
    """The module and function of the bridge that it belongs to."""
    stretch: int
    """What a process does in one go: between two places of a stretch nothing else happens."""

    def __str__(self) -> str:
        return f"k={self.number} {self.what} in {self.where}"


@dataclass(frozen=True)
class Fault:
    """A strike at a place."""

    place: Place
    strike: Strike

    def __str__(self) -> str:
        return f"{self.place}: {self.strike}"


def faults(places: list[Place]) -> list[Fault]:
    """All faults that lead to different states.

    Whoever dies after one place of a stretch dies before its next one: that is the same state, and
    tried once.
    """
    found = []
    for place, following in zip(places, [*places[1:], None], strict=True):
        goes_on = following is not None and following.stretch == place.stretch
        for strike in _OF_COMMITS if place.what == COMMIT else _OF_REQUESTS:
            same = goes_on and strike is Strike.DIES_AFTER
            # A text that never went out: the call goes first, and the story is another one.
            other = place.what == _SENDS_TEXT and strike is Strike.NEVER_ARRIVES
            if not same and not other:
                found.append(Fault(place, strike))
    return found


class Places:
    """Notes the places that are passed, and strikes at one of them."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.passed: list[Place] = []
        self.has_struck = False
        self.may_repeat_note = False
        """Whether it struck when a note was taken, and before that was known or written down."""
        self._fault = fault
        self._stretch = 0
        self._wrote = False
        self._note_taken = False
        self._dies_after_statement = False

    def begin_stretch(self) -> None:
        """A process begins something: others were at work before."""
        self._stretch += 1
        self._note_taken = False

    def around(self, name: str, carry_out: Callable[[], requests.Response]) -> requests.Response:
        """A remote request."""
        strike = self._pass(name)
        if strike is Strike.DIES_BEFORE:
            raise Died
        if strike is Strike.NEVER_ARRIVES:
            raise requests.ConnectionError("the request never arrived")
        answer = carry_out()
        self._note_taken = "AddCaseNote" in name and answer.ok
        if strike is not None:
            self.may_repeat_note = self._note_taken
        if strike is Strike.DIES_AFTER:
            raise Died
        if strike is Strike.ANSWER_LOST:
            raise requests.ConnectionError("the answer was lost")
        return answer

    @contextmanager
    def watching(self, database: Database) -> Iterator[None]:
        """Note this database's commits meanwhile."""
        engine, dialect = database.engine, database.engine.dialect
        commit, rollback = dialect.do_commit, dialect.do_rollback

        def do_commit(connection: Any) -> None:
            if not self._wrote:
                commit(connection)
                return
            self._committing(lambda: commit(connection))

        def do_rollback(connection: Any) -> None:
            rollback(connection)
            # A statement alone is committed when its rows have been read; this follows it.
            if self._dies_after_statement:
                self._dies_after_statement = False
                raise Died

        listeners: list[tuple[str, Callable[..., None]]] = [
            ("begin", self._began),
            ("before_cursor_execute", self._before_statement),
            ("after_cursor_execute", self._after_statement),
        ]
        for name, listener in listeners:
            event.listen(engine, name, listener)
        vars(dialect).update(do_commit=do_commit, do_rollback=do_rollback)
        try:
            yield
        finally:
            del dialect.do_commit, dialect.do_rollback
            for name, listener in listeners:
                event.remove(engine, name, listener)

    def _committing(self, commit: Callable[[], None]) -> None:
        strike = self._pass(COMMIT)
        if strike is Strike.DIES_BEFORE:
            raise Died
        commit()
        self._note_taken = False
        if strike is Strike.DIES_AFTER:
            raise Died

    def _began(self, _connection: Any) -> None:
        self._wrote = False

    def _before_statement(self, connection: Any, *rest: Any) -> None:
        if not (_writes(rest[3]) and _is_alone(connection)):
            return
        strike = self._pass(COMMIT)
        if strike is Strike.DIES_BEFORE:
            raise Died
        self._dies_after_statement = strike is Strike.DIES_AFTER

    def _after_statement(self, connection: Any, cursor: Any, *rest: Any) -> None:
        context = rest[2]
        if not _writes(context):
            return
        if _is_alone(connection):
            return
        returns = context.compiled is not None and bool(context.compiled.effective_returning)
        if returns or cursor.rowcount != 0:
            self._wrote = True

    def _pass(self, what: str) -> Strike | None:
        """Pass a place; what strikes there, if anything does."""
        place = Place(len(self.passed) + 1, what, _caller(), self._stretch)
        self.passed.append(place)
        fault = self._fault
        if self.has_struck or fault is None or place.number != fault.place.number:
            return None
        # The same story passes the same places, or else their numbers would say nothing.
        assert place == fault.place, (place, fault.place)
        self.has_struck = True
        if fault.strike is Strike.DIES_BEFORE:
            self.may_repeat_note = self._note_taken
        return fault.strike


def _writes(context: Any) -> bool:
    return bool(context.isinsert or context.isupdate or context.isdelete)


def _is_alone(connection: Any) -> bool:
    """Whether each statement is committed by itself."""
    options = connection.get_execution_options()
    return bool(options.get("bridge_statement_alone")) or (
        options.get("isolation_level") == "AUTOCOMMIT"
    )


def _caller() -> str:
    """The innermost function of the bridge that isn't the store's or an adapter's."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("bridge.") and not module.startswith(_NOT_NAMED):
            return f"{module.removeprefix('bridge.')}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "nowhere"
