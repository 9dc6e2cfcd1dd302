"""How a play has ended: what the stand-ins saw, held against what must have happened."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import click

from bridge.sandbox import proof, summary
from bridge.sandbox.casebook import LOCKED, Case
from bridge.sandbox.cast import Role
from bridge.sandbox.courier import PostCounts
from bridge.sandbox.line import Call
from bridge.sandbox.processes import Processes
from bridge.sandbox.smartadvocate import Entry
from bridge.sandbox.switchboard import SentText

_DEAD_SECONDS = 8.0
_DEAD = ("deliveries", "list", "--dead", "--limit", "1000")
_OWN_WORDS = (
    ("deliveries", "list", "--dead"),
    ("dial", "pauses"),
    ("dial", "skipped"),
    ("check",),
)


@dataclass(frozen=True)
class Played:
    """All that the stand-ins have seen, from the start of the bridge's processes."""

    roles: Sequence[Role]
    cases: Mapping[int, Case]
    calls: Sequence[Call]
    texts: Sequence[SentText]
    journal: Sequence[Entry]
    lapses: Sequence[str]
    """What SmartAdvocate took and should never have been sent."""
    tally: PostCounts

    @property
    def reached(self) -> tuple[Sequence[Call], Sequence[SentText]]:
        """Calls and texts."""
        return self.calls, self.texts

    def wrong(self) -> dict[int, list[str]]:
        """What isn't as it must be, for each person by the first case."""
        return {
            role.case_id: proof.discrepancies(role, self.cases, self.calls, self.texts)
            for role in self.roles
        }

    def faults(self) -> list[str]:
        """All that isn't as it must be."""
        found = [one for wrong in self.wrong().values() for one in wrong]
        # What stands right in the end may have harmed somebody on the way.
        return list(dict.fromkeys([*found, *proof.refusals(self.journal), *self.harm()]))

    def harm(self) -> list[str]:
        """What was doubled, stranded, overwritten or lost: wrong, whatever else has happened."""
        return [
            *(
                one
                for role in self.roles
                for one in proof.harm(role, self.cases, self.calls, self.texts)
            ),
            *self.lapses,
            *(f"what Twilio posted was lost: {one}" for one in self.tally.lost),
        ]


def conclude(played: Played, processes: Processes) -> int:
    """Say how it has ended; return the exit code.

    0 is for a play in which every case shows what its person did. It is 1 too where SmartAdvocate
    refused every outcome and the bridge did all that could be done about it.
    """
    faults, refused = played.faults(), any(one.person.expected.refused for one in played.roles)
    dead = _dead(played.roles, processes) if refused else ""
    faults += proof.unlisted(played.roles, dead)
    click.echo(f"\n{summary.table(played.roles, played.cases, played.reached, played.wrong())}\n")
    click.echo(summary.totals(played.cases.values(), played.reached, played.journal, played.tally))
    if faults:
        _blame(played, faults, processes)
        return 1
    if refused:
        click.echo(
            "\nEverybody was reached exactly as expected, and every note is there.\n"
            f"But SmartAdvocate refused the outcomes ({LOCKED}): the bridge lists them as dead.\n"
        )
        click.echo(summary.indented(dead))
        return 1
    click.echo("\nEvery case shows what its person did, exactly once. Nothing was lost.")
    return 0


def _dead(roles: Sequence[Role], processes: Processes) -> str:
    """The bridge's list of dead deliveries, when all that must be on it is, or in the end."""
    end = time.monotonic() + _DEAD_SECONDS
    while True:
        listed = processes.run(*_DEAD)
        if not proof.unlisted(roles, listed) or time.monotonic() > end:
            return listed


def _blame(played: Played, faults: Sequence[str], processes: Processes) -> None:
    """What is wrong, whether it harmed anybody, and what the bridge itself says about it."""
    click.echo("\nWrong:")
    click.echo(summary.indented("\n".join(faults)))
    harmed = played.harm()
    if harmed:
        listed = summary.indented("\n".join(harmed))
        click.echo(f"\nOf that, lost, doubled, stranded or overwritten:\n{listed}")
    else:
        click.echo("\nEven so nothing was lost, doubled, stranded or overwritten.")
    click.echo("\nWhat the bridge itself says:")
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda command: processes.run(*command), _OWN_WORDS))
    for command, said in zip(_OWN_WORDS, answers, strict=True):
        click.echo(f"\n  bridge {' '.join(command)}")
        click.echo(summary.indented(said, "    "))
    click.echo(processes.tail(), err=True)
