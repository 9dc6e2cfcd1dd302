"""The whole bridge in one process between both stand-ins, step by step, on the test's clock."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from werkzeug.serving import make_server

from bridge import sweep
from bridge.app import create_app
from bridge.callbacks import intake
from bridge.dialing import confirming, placing, polling, reconciliation, reserving
from bridge.dialing.reserving import Reserved
from bridge.domain.claims import READ_BACK_AFTER
from bridge.domain.events import Topic
from bridge.environment import load
from bridge.reporting import delivery
from bridge.runtime import Runtime, build, smartadvocate, twilio
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.manner import Manner
from bridge.sandbox.rest import Server
from bridge.sandbox.smartadvocate import SmartAdvocate
from bridge.sandbox.switchboard import Switchboard, Webhooks
from bridge.store.callbacks import callbacks
from bridge.store.callbacks.callbacks import Conclusion, NewCallback, Verdict
from tests.support.clock import Clock
from tests.support.ports import free_port
from tests.support.processes import wait_until
from tests.support.settings import DIALING, FIRM, FROM
from tests.support.signing import ACCOUNT_SID

__all__ = ["FIRM", "FROM", "World", "Worldwide"]

TOKEN, KEY = "token-of-the-tests", "key-of-the-tests"
_A_MOMENT, _A_MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class World:
    """A bridge, its firm, its people. Nothing happens unless the test lets it happen."""

    def __init__(
        self, database_url: str, clock: Clock, *, step: str = "0", **settings: str
    ) -> None:
        self.clock = clock
        self.manners: dict[str, Manner] = {}
        self.sa = SmartAdvocate(api_key=KEY, clock=clock)
        self.exchange = Switchboard(
            account_sid=ACCOUNT_SID,
            token=TOKEN,
            step=float(step),
            clock=clock,
            manner=lambda number: self.manners.get(number, Manner()),
        )
        self.rest = Server(self.exchange)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = self._environment(database_url, settings)
        loaded = load(self.environment)
        built = build(loaded, connections=12)
        self.runtime: Runtime = replace(built, clock=clock, started_at=clock() - _A_MINUTE)
        self.hear(clock() - _A_MOMENT)
        self.remote = smartadvocate(loaded, clock)
        # As if lists had been looked at already; tests of that begin anew.
        self.remote.listing_is_safe = True
        self.twilio = twilio(loaded)
        self._web = make_server("127.0.0.1", port, create_app(self.runtime), threaded=True)
        self._thread = threading.Thread(target=self._web.serve_forever, args=[0.05], daemon=True)
        self._thread.start()
        self.exchange.webhooks = Webhooks(
            f"{self.url}/twilio/messages/inbound",
            f"{self.url}/twilio/voice/inbound",
            f"{self.url}/twilio/voice/status",
        )

    def _environment(self, database_url: str, settings: Mapping[str, str]) -> dict[str, str]:
        return {
            "DATABASE_URL": database_url,
            "PUBLIC_URL": self.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": self.rest.url,
            "SMARTADVOCATE_URL": self.sa.url,
            "SMARTADVOCATE_API_KEY": KEY,
            **DIALING,
            "DIAL_CALLS_PER_SECOND": "100",
            "DIAL_MAX_CALLS": "100",
            **settings,
        }

    def close(self) -> None:
        self.rest.close()
        self.sa.close()
        self._web.shutdown()
        self._web.server_close()
        self._thread.join()
        self.runtime.close()

    def case(
        self, case_id: int, number: str = "", manner: Manner | None = None, **more: Any
    ) -> str:
        """Open a case that is due; return its person's number in E.164."""
        digits = number or f"40255501{case_id % 100:02d}"
        phones = more.pop("phones", None) or [phone(digits)]
        self.sa.book.add(Case(case_id, phones, **{"status": "To Dial"} | more))
        if manner is not None:
            self.manners[f"+1{digits}"] = manner
        return f"+1{digits}"

    def shown(self, case_id: int) -> Case:
        return next(case for case in self.sa.book.all() if case.case_id == case_id)

    # What Twilio does.

    def hear(self, at: datetime | None = None) -> None:
        """Twilio has reached the bridge, about nothing that matters."""
        sid = f"CA{uuid.uuid4().hex}"
        heard = NewCallback(
            at or self.clock(), Topic.CALL, sid, "heard", "ringing", "", b"", None, ""
        )
        callbacks.insert(self.runtime.db, [heard])
        with self.runtime.db.begin() as connection:
            newest = callbacks.listed(connection, None, 1)[0]
            callbacks.conclude(connection, Conclusion(newest.id, Verdict.RECORDED))

    def restart(self) -> None:
        """The worker begins anew, and hasn't heard of Twilio since."""
        self.runtime = replace(self.runtime, started_at=self.clock())

    # The steps.

    def poll(self) -> int:
        """A poll now, whenever the last one was; its claims have settled when it returns."""
        self.clock.advance(seconds=self.runtime.settings.dial_poll_seconds)
        taken = polling.poll(self.runtime, self.remote)
        self.clock.advance(seconds=READ_BACK_AFTER.total_seconds())
        return taken

    def reserve(self, runtime: Runtime | None = None) -> Reserved | None:
        """Reserve the next contact; its case is read before, if need be."""
        worker = runtime or self.runtime
        looked = reserving.reserve(worker)
        if looked.to_refresh is not None:
            confirming.refresh(worker, self.remote, looked.to_refresh)
            looked = reserving.reserve(worker)
        return looked.reserved

    def place(self, most: int = 1000) -> int:
        """Place what may be placed now; return how many requests were made."""
        placed = 0
        for _ in range(most * 4):
            looked = reserving.reserve(self.runtime)
            if looked.to_refresh is not None:
                confirming.refresh(self.runtime, self.remote, looked.to_refresh)
            if looked.reserved is not None:
                self.clock.now = max(self.clock.now, looked.reserved.at)
                placing.place(self.runtime, self.twilio, looked.reserved)
                placed += 1
            elif not looked.moved:
                break
            if placed >= most:
                break
        return placed

    def take_in(self) -> None:
        """Understand every callback that has come."""
        while intake.process_pending(self.runtime):
            pass

    def deliver(self) -> None:
        """Tell SmartAdvocate everything that is due."""
        for _ in range(50):
            leases = delivery.take(self.runtime, 20)
            if not leases:
                return
            for held in leases:
                delivery.deliver_lane(self.runtime, self.remote, held, lambda: False)

    def settle_calls(self) -> None:
        """Let calls and texts come to their end; no worker looks at what was posted."""
        wait_until(self.exchange.is_quiet, "calls or texts are still under way")
        self.exchange.drain()

    def hear_machine(self, answered_by: str) -> None:
        """Detection has found a machine, the call still goes on, and a worker acts on it."""
        (call,) = self.exchange.calls()
        wait_until(lambda: call.status == "in-progress", "the call is not answered")
        fields = {
            "CallSid": call.sid,
            "AccountSid": ACCOUNT_SID,
            "AnsweredBy": answered_by,
            "MachineDetectionDuration": "3000",
        }
        url = call.params["AsyncAmdStatusCallback"][0]
        assert self.exchange._courier.post(url, fields) is not None
        self.take_in()
        assert reconciliation.handle_machines(self.runtime, self.twilio) == 1

    def settle(self) -> None:
        """Let every call and text under way come to its end, and everything be told."""
        self.settle_calls()
        self.take_in()
        reconciliation.handle_machines(self.runtime, self.twilio)
        self.take_in()
        self.deliver()

    def ask(self) -> int:
        asked = reconciliation.reconcile(self.runtime, self.twilio)
        self.take_in()
        self.deliver()
        return asked

    def sweep(self) -> None:
        self.clock.advance(minutes=3)
        sweep.run_due(self.runtime)
        self.deliver()

    def round(self) -> None:
        """Poll, place, and let it all happen."""
        self.poll()
        self.place()
        self.settle()


Worldwide = Callable[..., World]
