"""The text that announces a call goes first.

waits_for_text  a call waits until its text is out, or is known not to be
drop_texts      a call has gone first: its text makes no sense any more
"""

from datetime import datetime, timedelta

from bridge.domain.events import Channel
from bridge.runtime import Runtime
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts
from bridge.store.dialing.attempts import Attempt, AttemptState

_WAITED_FOR = timedelta(minutes=1)


def waits_for_text(runtime: Runtime, connection: Connection, call: Attempt) -> bool:
    """The text goes first; the call follows once it is out, or is known not to be.

    One that Twilio wants much later than that isn't waited for.
    """
    soon = runtime.clock() + max(runtime.settings.text_lead, _WAITED_FOR)
    return any(
        earlier.channel is Channel.TEXT
        and (
            earlier.state is AttemptState.RESERVED
            or (earlier.state is AttemptState.PLANNED and earlier.due_at <= soon)
        )
        for earlier in attempts.of_turn(connection, call.turn_id)
    )


def drop_texts(connection: Connection, call: Attempt, now: datetime) -> None:
    """A text that announces the call makes no sense behind it."""
    for planned in attempts.of_turn(connection, call.turn_id):
        if planned.channel is Channel.TEXT:
            attempt_transitions.cancel(connection, planned.id, now, "the call went first")
