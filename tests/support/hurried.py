"""`python -m tests.support.hurried worker`: the bridge with its minutes shortened to seconds.

With `DIES_AT=request:5` it is killed, by itself and at once, at that step of placing its fifth
call: before the `request`, when the `answer` is there, or before the `commit` that notes it.
"""

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from bridge.adapters.twilio import client
from bridge.adapters.twilio.client import OutgoingCall, Twilio
from bridge.callbacks import agent_calls
from bridge.cli import main
from bridge.dialing import confirming, placing, polling, reconciliation, reserving
from bridge.domain import agents, claims, eligibility
from bridge.store import circuit_breakers

ASKED_AFTER = timedelta(seconds=3)


def hurry() -> None:
    """What waits for minutes waits for seconds, in the same proportions."""
    reserving.ASK_AFTER = ASKED_AFTER
    reconciliation._AGAIN = timedelta(seconds=2)
    # People of the tests let it ring for a moment only; DIAL_RING_SECONDS is 15 at least.
    placing._RINGING_MARGIN = timedelta(seconds=4 - 15)
    polling.POLL_LEASE = timedelta(seconds=4)
    eligibility.CALL_RECHECK = timedelta(seconds=3)
    claims.READ_BACK_AFTER = timedelta(seconds=1)
    # A person's other case that staff stop is read again before their call, as it is in a minute.
    confirming.FRESH_FOR = timedelta(seconds=4)
    circuit_breakers._PROBE = timedelta(seconds=4)
    agents.RESTS = tuple(rest / 60 for rest in agents.RESTS)
    agent_calls.ASK_ABOUT_LEGS = timedelta(seconds=1)
    client.ANSWER_SECONDS = 1.5


class Death:
    """Kills this process at a step of placing its n-th call."""

    def __init__(self, step: str, call: int) -> None:
        self._step = step
        self._left = call
        self._lock = threading.Lock()
        self._answered = threading.local()

    def lie_in_wait(self) -> None:
        """Take up position."""
        call: Callable[..., str] = Twilio._place

        def watched(twilio: Twilio, dial: OutgoingCall, **detection: str) -> str:
            self._at("request")
            sid = call(twilio, dial, **detection)
            self._at("answer")
            self._answered.waits = True
            return sid

        def commit(_connection: Any) -> None:
            if getattr(self._answered, "waits", False):
                self._answered.waits = False
                self._at("commit")

        Twilio._place = watched  # type: ignore[method-assign, assignment]
        event.listen(Engine, "commit", commit)

    def _at(self, step: str) -> None:
        if step != self._step:
            return
        with self._lock:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    hurry()
    step, _, number = os.environ.pop("DIES_AT", "").partition(":")
    if step:
        Death(step, int(number)).lie_in_wait()
    main()
