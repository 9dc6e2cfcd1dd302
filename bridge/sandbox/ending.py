"""The result of a run: what the stand-ins saw, compared with what must have happened."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import click

from bridge.sandbox import office, proof, summary
from bridge.sandbox.casebook import LOCKED, Case
from bridge.sandbox.cast import Role
from bridge.sandbox.courier import PostCounts
from bridge.sandbox.line import Call
from bridge.sandbox.processes import Processes
from bridge.sandbox.smartadvocate import Entry
from bridge.sandbox.switchboard import SentText

_DEAD_SECONDS = 8.0
_DEAD = ("deliveries", "list", "--dead", "--limit", "1000")
_CHAIN = ("evidence", "verify")
_OWN_WORDS = (
    ("deliveries", "list", "--dead"),
    ("dial", "pauses"),
    ("dial", "skipped"),
    ("check",),
)


@dataclass(frozen=True)
class Played:
    """Everything the stand-ins have seen since the bridge's processes were started."""

    roles: Sequence[Role]
    cases: Mapping[int, Case]
    calls: Sequence[Call]
    texts: Sequence[SentText]
    journal: Sequence[Entry]
    lapses: Sequence[str]
    """What SmartAdvocate accepted and should never have been sent."""
    tally: PostCounts

    @property
    def reached(self) -> tuple[Sequence[Call], Sequence[SentText]]:
        """Calls and texts."""
        return self.calls, self.texts

    def wrong(self) -> dict[int, list[str]]:
        """What is wrong, for each person by the first case."""
        return {
            role.case_id: proof.discrepancies(role, self.cases, self.calls, self.texts)
            for role in self.roles
        }

    def faults(self) -> list[str]:
        """Everything that is wrong, once each."""
        found = [fault for faults in self.wrong().values() for fault in faults]
        # What is right at the end may have harmed somebody on the way.
        return list(dict.fromkeys([*found, *proof.refusals(self.journal), *self.harm()]))

    def harm(self) -> list[str]:
        """What was duplicated, stranded, overwritten or lost: wrong, whatever else happened."""
        return [
            *office.discrepancies(office.AGENTS, self.calls, office.REST),
            *(
                harm
                for role in self.roles
                for harm in proof.harm(role, self.cases, self.calls, self.texts)
            ),
            *self.lapses,
            *(f"lost, though Twilio posted it: {post}" for post in self.tally.lost),
        ]


def conclude(played: Played, processes: Processes) -> int:
    """Print the result; return the exit code.

    0: every case shows what its person did. 1: something is wrong, or SmartAdvocate refused every
    outcome and the bridge did all that could be done about it.
    """
    faults, refused = played.faults(), any(role.person.expected.refused for role in played.roles)
    dead = _dead(played.roles, processes) if refused else ""
    faults += proof.unlisted(played.roles, dead)
    faults += _found_by_the_bridge(played.roles, processes)
    click.echo(f"\n{summary.table(played.roles, played.cases, played.reached, played.wrong())}\n")
    click.echo(summary.totals(played.cases.values(), played.reached, played.journal, played.tally))
    click.echo(f"\n{summary.promises(played.roles, faults)}")
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


def _found_by_the_bridge(roles: Sequence[Role], processes: Processes) -> list[str]:
    """What is wrong by the bridge's own account: holds that are missing, a chain that is broken."""
    with ThreadPoolExecutor() as pool:
        pauses = pool.submit(processes.run, "dial", "pauses")
        chain = pool.submit(processes.try_run, *_CHAIN)
    code, said = chain.result()
    broken = [f"bridge {' '.join(_CHAIN)}: {said.strip()}"] if code else []
    return proof.unasked(roles, pauses.result()) + broken


def _dead(roles: Sequence[Role], processes: Processes) -> str:
    """The bridge's list of dead deliveries, once it is complete or time is up."""
    end = time.monotonic() + _DEAD_SECONDS
    while True:
        listed = processes.run(*_DEAD)
        if not proof.unlisted(roles, listed) or time.monotonic() > end:
            return listed


def _blame(played: Played, faults: Sequence[str], processes: Processes) -> None:
    """Print what is wrong, whether it harmed anybody, and what the bridge says about it."""
    click.echo("\nWrong:")
    click.echo(summary.indented("\n".join(faults)))
    harmed = played.harm()
    if harmed:
        listed = summary.indented("\n".join(harmed))
        click.echo(f"\nOf these, lost, duplicated, stranded or overwritten:\n{listed}")
    else:
        click.echo("\nNothing was lost, duplicated, stranded or overwritten.")
    click.echo("\nWhat the bridge reports:")
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda command: processes.run(*command), _OWN_WORDS))
    for command, said in zip(_OWN_WORDS, answers, strict=True):
        click.echo(f"\n  bridge {' '.join(command)}")
        click.echo(summary.indented(said, "    "))
    click.echo(processes.tail(), err=True)
