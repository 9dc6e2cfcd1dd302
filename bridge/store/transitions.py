"""Steps from one state of a row to the next: the states each may come from, in one table a kind."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, update


@dataclass(frozen=True)
class Transition:
    """One step: from any of these states to that one."""

    sources: tuple[str, ...]
    """The states that it may come from; none: it makes the row."""
    target: str
    cause: str
    """What has happened, as the diagrams in the glossary say it."""

    def apply(self, connection: Connection, table: Table, identity: object, **values: Any) -> bool:
        """Take the step with these values; False when the row is in another state by now."""
        values["state"] = self.target
        return change_while(connection, table, identity, self.sources, **values)


def change_while(
    connection: Connection, table: Table, identity: object, states: tuple[str, ...], **values: Any
) -> bool:
    """Change a row that is in one of these states; False when it is in another."""
    changed = connection.execute(
        update(table).where(table.c.id == identity, table.c.state.in_(states)).values(**values)
    )
    return changed.rowcount == 1
