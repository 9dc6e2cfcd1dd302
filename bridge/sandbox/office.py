"""The firm's own phones: two agents who take calls, one of whom misses the first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType

from bridge.sandbox.fields import FIRM_NUMBER
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner

MAIN_LINE = "+14025550199"
"""Where people who press 1 are connected."""
_FRONT_DESK, _INTAKE = "+14025550108", "+14025550109"
AGENTS: Mapping[str, Manner] = MappingProxyType(
    {_FRONT_DESK: Manner(key="1"), _INTAKE: Manner(key="1", misses=1)}
)
"""How each agent's phone is answered: 1 is pressed, so that the person is dialed."""

PHONES = frozenset({FIRM_NUMBER, MAIN_LINE, *AGENTS})
"""All phones of the firm: a call to another one reaches a person."""
REST = timedelta(minutes=10)
"""How long the bridge leaves an agent alone who has missed a call."""
DIAL_AGENTS = f"Front desk={_FRONT_DESK}; Intake={_INTAKE}"


def rung(agents: Collection[str], calls: Iterable[Call]) -> list[Call]:
    """The calls that rang one of these phones first, in their order."""
    return sorted((call for call in calls if call.to in agents), key=lambda call: call.at)


def discrepancies(agents: Collection[str], calls: Sequence[Call], rest: timedelta) -> list[str]:
    """Which of these phones was rung for two at once, or too soon after a call it missed.

    `rest` is how long a phone is left alone after a call that nobody took.
    """
    wrong = []
    for phone in agents:
        for earlier, later in pairwise(rung({phone}, calls)):
            if earlier.ended_at is None or earlier.ended_at > later.at:
                wrong.append(f"the agent at {phone} was rung for two people at once")
            elif (
                earlier.status == "no-answer" and later.at < earlier.ended_at + rest.total_seconds()
            ):
                wrong.append(f"the agent at {phone} missed a call and was rung again too soon")
    return wrong
