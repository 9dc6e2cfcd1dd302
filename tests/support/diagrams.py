"""The states of turns and attempts as Mermaid diagrams, made of the tables of transitions.

    python -m tests.support.diagrams

prints what belongs into docs/glossary.md.
"""

from collections.abc import Collection, Mapping

from bridge.store.dialing import attempt_transitions, turns
from bridge.store.dialing.attempts import OPEN, AttemptState
from bridge.store.dialing.turns import TurnState
from bridge.store.transitions import Transition


def diagram(transitions: Mapping[str, Transition], finals: Collection[str]) -> str:
    """The fenced block of one table: an arrow for each pair of states, then the final states."""
    causes: dict[tuple[str, str], list[str]] = {}
    for step in transitions.values():
        for source in step.sources or ("[*]",):
            causes.setdefault((source, step.target), []).append(step.cause)
    places = dict.fromkeys(["[*]", *(target for _, target in causes)])
    arrows = [
        f"    {source} --> {target}: {' or '.join(said)}"
        for place in places
        for (source, target), said in causes.items()
        if source == place
    ]
    ends = [f"    {state} --> [*]" for state in finals]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, *ends, "```"])


def diagrams() -> Mapping[str, str]:
    """Both diagrams by what they show."""
    still_going = {AttemptState.PLANNED, *OPEN}
    settled = [state for state in AttemptState if state not in still_going]
    return {
        "Turn": diagram(turns.TRANSITIONS, [TurnState.ENDED]),
        "Attempt": diagram(attempt_transitions.TRANSITIONS, settled),
    }


if __name__ == "__main__":
    for shown, block in diagrams().items():
        print(f"### {shown}\n\n{block}\n")  # noqa: T201
