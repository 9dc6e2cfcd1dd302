"""Pauses that a person sets and lifts at the command line, each with its line in the audit."""

import shlex
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime

from bridge.commands.moments import end_in_words
from bridge.dialing.pause_targets import named
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.phones import E164
from bridge.settings import Settings
from bridge.store.callbacks import questions
from bridge.store.cases import identity
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection, Database
from bridge.store.dialing import pauses


def pause(settings: Settings, scope: str, what: str, until: datetime | None, reason: str) -> str:
    """Hold something back; return what is paused, as a sentence.

    Raises:
        SettingError: there is no such state, number or case.
    """
    target = named(PauseScope(scope), what)
    held = Pause(PauseScope(scope), target, until, reason)
    with closing(Database(settings.database_url, connections=1)) as db, db.begin() as connection:
        pauses.add(connection, held, pauses.BY_OPERATOR, datetime.now(UTC))
        _record(connection, Action.PAUSED, held.scope, target, reason)
    end = end_in_words(until, settings.firm_zone) if until else "it is resumed"
    return f"{scope} {target}".rstrip() + f": paused until {end}"


def resume(settings: Settings, scope: str, what: str) -> int:
    """Lift the pauses of this, whoever set them; return how many.

    A case that is held for several opt-outs is resumed for the oldest, and held for the others.

    Raises:
        SettingError: there is no such state, number or case.
    """
    target = named(PauseScope(scope), what)
    with closing(Database(settings.database_url, connections=1)) as db, db.begin() as connection:
        lifted = pauses.lift(
            connection, PauseScope(scope), target, datetime.now(UTC), by=pauses.BY_OPERATOR
        )
        if lifted:
            _record(connection, Action.RESUMED, PauseScope(scope), target)
    return lifted


def still_held(settings: Settings, scope: str, what: str) -> str:
    """What still holds a case and its phones, or a number and its cases: a line each, or nothing.

    Raises:
        SettingError: there is no such state, number or case.
    """
    target = named(PauseScope(scope), what)
    with closing(Database(settings.database_url, connections=1)) as db, db.read() as connection:
        around = {(PauseScope(scope), target), *_belonging(connection, PauseScope(scope), target)}
        holding = [
            stored
            for stored in pauses.active(connection, datetime.now(UTC))
            if (stored.pause.scope, stored.pause.what) in around
        ]
    return "".join(f"{_line(stored)}\n" for stored in holding)


def still_asked(settings: Settings, scope: str, what: str) -> str:
    """What To do still asks about texts of this number, or of this case's phones: a line each.

    To resume is no answer: it doesn't say what the text meant.

    Raises:
        SettingError: there is no such state, number or case.
    """
    target = named(PauseScope(scope), what)
    with closing(Database(settings.database_url, connections=1)) as db, db.read() as connection:
        asked = [
            question.callback_id
            for phone in sorted(_phones(connection, PauseScope(scope), target))
            for question in questions.open_of_phone(connection, phone)
        ]
    return "".join(
        f"still asked: what the text means (bridge callbacks show {callback_id}): answer it in the "
        "console, under To do\n"
        for callback_id in asked
    )


def resume_command(scope: PauseScope, what: str) -> str:
    """The command that lifts a pause."""
    if scope is PauseScope.EVERYTHING:
        return "bridge dial resume"
    return f"bridge dial resume --{scope} {shlex.quote(what) if what else ''}".rstrip()


def _phones(connection: Connection, scope: PauseScope, named: str) -> Collection[E164]:
    if scope is PauseScope.CASE:
        return identity.phones_of(connection, int(named))
    return {E164(named)} if scope is PauseScope.NUMBER else set()


def _record(
    connection: Connection, action: Action, scope: PauseScope, what: str, reason: str = ""
) -> None:
    shown = f"…{what[-4:]}" if scope is PauseScope.NUMBER else what
    audit.record(
        connection,
        actor=pauses.written(pauses.BY_OPERATOR),
        action=action,
        subject=f"{scope} {shown}".rstrip(),
        reason=reason,
        now=datetime.now(UTC),
        case_id=int(what) if scope is PauseScope.CASE else None,
    )


def _belonging(
    connection: Connection, scope: PauseScope, named: str
) -> set[tuple[PauseScope, str]]:
    if scope is PauseScope.CASE:
        return {(PauseScope.NUMBER, phone) for phone in identity.phones_of(connection, int(named))}
    if scope is PauseScope.NUMBER:
        sharing = identity.sharing(connection, E164(named), ())
        return {(PauseScope.CASE, str(case_id)) for case_id in sharing}
    return set()


def _line(stored: pauses.StoredPause) -> str:
    scope, what = stored.pause.scope, stored.pause.what
    why = f"{stored.source}: {stored.pause.reason}"
    return f"still paused: {scope} {what} ({why}): {resume_command(scope, what)}"
