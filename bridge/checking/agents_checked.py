"""The firm's agents as the settings name them: who takes agent-first calls, and when."""

from collections.abc import Iterator

from bridge.checking.findings import OK, Finding
from bridge.settings import Settings


def of_agents(settings: Settings) -> Iterator[Finding]:
    """Who takes agent-first calls, and when."""
    if settings.agents:
        names = ", ".join(agent.name for agent in settings.agents)
        phones = "phone takes" if len(settings.agents) == 1 else "phones take"
        says = (
            f"{len(settings.agents)} {phones} agent-first calls ({names}), rung "
            f"{settings.firm_hours} in {settings.firm_zone.key}"
        )
        yield Finding(OK, "agents", says)
