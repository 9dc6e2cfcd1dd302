"""Who has paused and resumed at the command line stands in the audit trail, which is chained."""

from typing import Any

from click.testing import CliRunner
from sqlalchemy import select

from bridge.cli import cli
from bridge.store.tables import audit
from tests.support.world import World


def test_a_pause_and_its_end_are_in_the_audit_trail(world: World) -> None:
    def dial(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["dial", *arguments], env=world.environment)

    assert dial("pause", "--number", "+14025550107", "--reason", "a hearing").exit_code == 0
    assert dial("resume", "--number", "+14025550107").exit_code == 0
    assert dial("resume", "--case", "7").exit_code == 1
    with world.runtime.db.read() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    assert [(row.actor, row.action, row.subject, row.reason) for row in rows] == [
        ("the command line", "paused", "number …0107", "a hearing"),
        ("the command line", "resumed", "number …0107", ""),
    ]
