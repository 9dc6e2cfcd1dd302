"""What stands on every page: the firm's name, how much is to do, what is paused."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.domain.contact_facts import PauseScope
from bridge.runtime import Runtime
from bridge.store.console import to_do
from bridge.store.db import Connection
from bridge.store.dialing import pauses
from bridge.store.dialing.pauses import StoredPause


@dataclass(frozen=True)
class Header:
    """What stands on every page."""

    firm: str
    to_do: int
    """How many things need somebody at the firm."""
    pauses: Sequence[StoredPause]
    """What holds back everything, if something does."""

    @property
    def to_do_counted(self) -> str:
        """How many things need somebody, as it is shown: `12`, or `1000+`."""
        return to_do.counted(self.to_do)


def read(connection: Connection, runtime: Runtime) -> Header:
    """The header as it is now."""
    return Header(
        firm=runtime.settings.firm_name or "Your firm",
        to_do=to_do.count(connection),
        pauses=pauses.active(connection, runtime.clock(), PauseScope.EVERYTHING),
    )
