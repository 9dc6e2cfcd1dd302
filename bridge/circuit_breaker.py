"""When a remote system is down, one probe asks instead of all requests."""

from bridge.domain import backoff
from bridge.errors import Transient
from bridge.runtime import Runtime
from bridge.store import circuit_breakers
from bridge.store.db import Connection

SMARTADVOCATE = "smartadvocate"
TWILIO = "twilio"


def is_open(runtime: Runtime, connection: Connection, name: str) -> bool:
    """Whether the breaker is open: the remote system isn't to be asked now."""
    return circuit_breakers.allowance(connection, name, runtime.clock()) == 0


def record_failure(runtime: Runtime, connection: Connection, name: str, error: Transient) -> None:
    """Count a failure; the fifth in a row, or one that asks for a pause, opens the breaker."""
    failures = circuit_breakers.failures(connection, name)
    rest = backoff.delay(
        failures + 2 - circuit_breakers.TRIPS_AT,
        runtime.jitter(),
        asked_for=error.retry_after,
        longest=backoff.LONGEST_OUTAGE_DELAY,
    )
    circuit_breakers.record_failure(
        connection,
        name,
        runtime.clock(),
        reason=error.sentence,
        pause=rest,
        at_once=error.retry_after is not None,
    )


def record_success(connection: Connection, name: str) -> None:
    """The system answered: the breaker is closed."""
    circuit_breakers.record_success(connection, name)
