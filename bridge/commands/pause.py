"""Pauses set and lifted by a person at the command line."""

from collections.abc import Callable
from datetime import UTC, datetime

from bridge.adapters.geography import STATES
from bridge.domain.eligibility import Pause, PauseScope
from bridge.domain.local_time import local
from bridge.domain.phones import E164, parse_phone
from bridge.errors import SettingError
from bridge.settings import Settings
from bridge.store.cases import identity
from bridge.store.db import Connection, Database
from bridge.store.dialing import pauses

_BY = "operator"


def pause(settings: Settings, scope: str, what: str, until: datetime | None, reason: str) -> str:
    """Hold something back; return what is paused, as a sentence.

    Raises:
        SettingError: there is no such state, number or case.
    """
    named = _named(PauseScope(scope), what)
    db = Database(settings.database_url, connections=1)
    with db.begin() as connection:
        held = Pause(PauseScope(scope), named, until, reason)
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
        named = _named(PauseScope(scope), what)
        lifted = pauses.lift(connection, PauseScope(scope), named, datetime.now(UTC))
    db.close()
    return lifted


def still_held(settings: Settings, scope: str, what: str) -> str:
    """What holds a case and its phones still, or a number and its cases: a line each, or nothing.

    Raises:
        SettingError: there is no such state, number or case.
    """
    named = _named(PauseScope(scope), what)
    db = Database(settings.database_url, connections=1)
    with db.read() as connection:
        around = {(PauseScope(scope), named), *_belonging(connection, PauseScope(scope), named)}
        holding = [
            kept
            for kept in pauses.active(connection, datetime.now(UTC))
            if (kept.pause.scope, kept.pause.what) in around
        ]
    db.close()
    return "".join(f"{_line(kept)}\n" for kept in holding)


def _belonging(
    connection: Connection, scope: PauseScope, named: str
) -> set[tuple[PauseScope, str]]:
    if scope is PauseScope.CASE:
        return {(PauseScope.NUMBER, phone) for phone in identity.phones_of(connection, int(named))}
    if scope is PauseScope.NUMBER:
        return {
            (PauseScope.CASE, str(one)) for one in identity.sharing(connection, E164(named), ())
        }
    return set()


def _line(kept: pauses.StoredPause) -> str:
    held = f"{kept.pause.scope} {kept.pause.what}"
    return f"still paused: {held} ({kept.source}: {kept.pause.reason}): bridge dial resume --{held}"


def _named(scope: PauseScope, what: str) -> str:
    named = _FORMS[scope](what.strip())
    if named is None:
        raise SettingError(f"there is no {scope} {what!r}")
    return named


def _state(what: str) -> str | None:
    return what.upper() if what.upper() in STATES else None


def _case(what: str) -> str | None:
    return str(int(what)) if what.isascii() and what.isdigit() else None


_FORMS: dict[PauseScope, Callable[[str], str | None]] = {
    PauseScope.EVERYTHING: lambda _: "",
    PauseScope.TEXTS: lambda _: "",
    PauseScope.CAMPAIGN: lambda what: what,
    PauseScope.STATE: _state,
    PauseScope.NUMBER: parse_phone,
    PauseScope.CASE: _case,
}
