"""Pauses set and lifted by a person at the command line."""

from collections.abc import Callable
from datetime import UTC, datetime

from bridge.adapters.geography import STATES
from bridge.domain.eligibility import Pause, Scope
from bridge.domain.notes import local
from bridge.domain.phones import E164, parse_phone
from bridge.errors import SettingError
from bridge.settings import Settings
from bridge.store import pauses, people
from bridge.store.db import Connection, Database

_BY = "operator"


def pause(settings: Settings, scope: str, what: str, until: datetime | None, reason: str) -> str:
    """Hold something back; return what is paused, as a sentence.

    Raises:
        SettingError: there is no such state, number or case.
    """
    named = _named(Scope(scope), what)
    db = Database(settings.database_url, connections=1)
    with db.begin() as connection:
        held = Pause(Scope(scope), named, until, reason)
        pauses.add(connection, held, _BY, datetime.now(UTC))
    db.close()
    end = f"until {local(until, settings.smartadvocate_zone)}" if until else "until it is resumed"
    return f"{scope} {named}".rstrip() + f": paused {end}"


def resume(settings: Settings, scope: str, what: str) -> int:
    """Lift the pauses of this, whoever set them; return how many.

    A case that is held for several refusals is let go for the oldest, and held for the others.

    Raises:
        SettingError: there is no such state, number or case.
    """
    db = Database(settings.database_url, connections=1)
    with db.begin() as connection:
        named = _named(Scope(scope), what)
        lifted = pauses.lift(connection, Scope(scope), named, datetime.now(UTC))
    db.close()
    return lifted


def still_held(settings: Settings, scope: str, what: str) -> str:
    """What holds a case and its phones still, or a number and its cases: a line each, or nothing.

    Raises:
        SettingError: there is no such state, number or case.
    """
    named = _named(Scope(scope), what)
    db = Database(settings.database_url, connections=1)
    with db.read() as connection:
        around = {(Scope(scope), named), *_belonging(connection, Scope(scope), named)}
        holding = [
            kept
            for kept in pauses.standing(connection, datetime.now(UTC))
            if (kept.pause.scope, kept.pause.what) in around
        ]
    db.close()
    return "".join(f"{_line(kept)}\n" for kept in holding)


def _belonging(connection: Connection, scope: Scope, named: str) -> set[tuple[Scope, str]]:
    if scope is Scope.CASE:
        return {(Scope.NUMBER, phone) for phone in people.phones_of(connection, int(named))}
    if scope is Scope.NUMBER:
        return {(Scope.CASE, str(one)) for one in people.sharing(connection, E164(named), ())}
    return set()


def _line(kept: pauses.Kept) -> str:
    held = f"{kept.pause.scope} {kept.pause.what}"
    return f"still paused: {held} ({kept.source}: {kept.pause.reason}): bridge dial resume --{held}"


def _named(scope: Scope, what: str) -> str:
    named = _FORMS[scope](what.strip())
    if named is None:
        raise SettingError(f"there is no {scope} {what!r}")
    return named


def _state(what: str) -> str | None:
    return what.upper() if what.upper() in STATES else None


def _case(what: str) -> str | None:
    return str(int(what)) if what.isascii() and what.isdigit() else None


_FORMS: dict[Scope, Callable[[str], str | None]] = {
    Scope.EVERYTHING: lambda _: "",
    Scope.TEXTS: lambda _: "",
    Scope.CAMPAIGN: lambda what: what,
    Scope.STATE: _state,
    Scope.NUMBER: parse_phone,
    Scope.CASE: _case,
}
