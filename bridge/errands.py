"""The worker's errands: what the console asks for, and the web app never does itself.

A check asks everything the bridge depends on. A test call or text goes out by the real Twilio, to
the one number that somebody at the console has typed and confirmed; what Twilio reports of it is
kept and shown, and nothing else follows (`callbacks/processing.py`).

On a thread of their own: deliveries and dialing never wait for them.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

import structlog

from bridge.adapters.twilio.client import OutgoingCall, OutgoingText
from bridge.adapters.twilio.urls import ANSWER, CALL_STATUS, MESSAGE_STATUS, test_url
from bridge.checking import webhooks
from bridge.checking.examination import examine_running
from bridge.checking.findings import about_twilio
from bridge.checking.own_phone import why_not
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.redaction import without_numbers
from bridge.errors import BridgeError, SettingError
from bridge.runtime import Runtime, twilio, twilio_for_reading
from bridge.settings import Settings
from bridge.store.console import errands
from bridge.store.console.errands import Errand, ErrandKind, ErrandState
from bridge.store.db import UNREACHABLE

_LONGEST_WAIT_SECONDS = 1.0
_SHORTEST_WAIT_SECONDS = 0.2
_ANSWER_SECONDS = 10.0
_TEXT_VALID_FOR = timedelta(minutes=10)
_SHORTEST_SECRET = 4
TEXT = "This is a test message of {firm}."
_BROKEN = "it could not be done: the worker's log says why"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What an errand came to."""

    state: ErrandState
    result: Mapping[str, Any]
    sid: str | None = None


class Errands:
    """One worker's thread for errands."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._wakeup = threading.Event()
        self._stopping = threading.Event()
        self._under_way: Errand | None = None
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)

    def start(self) -> None:
        """Begin to look for errands."""
        self._thread.start()

    def wake_up(self) -> None:
        """There may be something to do. Safe in a signal handler."""
        self._wakeup.set()

    def stop(self, seconds: float) -> None:
        """Take nothing more; what isn't done within so many seconds is given up, and says so."""
        self._stopping.set()
        self._wakeup.set()
        self._thread.join(seconds)
        errand = self._under_way
        if errand is not None:
            _finish(self._runtime, errand, _failed(errands.NOT_DONE))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wakeup.clear()
            try:
                if not run_next(self._runtime, self._begin):
                    self._wakeup.wait(_LONGEST_WAIT_SECONDS)
            except UNREACHABLE as error:
                log.warning("Database unavailable", error=type(error).__name__)
                self._stopping.wait(_LONGEST_WAIT_SECONDS)
            except Exception:
                log.exception("Errand abandoned; continuing")
            self._under_way = None
            self._stopping.wait(_SHORTEST_WAIT_SECONDS)

    def _begin(self, errand: Errand) -> None:
        self._under_way = errand


def run_next(runtime: Runtime, begin: Callable[[Errand], None] = lambda _errand: None) -> bool:
    """Do the errand that has waited for longest; False: there is none.

    `begin` is told which one is being done.
    """
    errand = _take(runtime)
    if errand is None:
        return False
    begin(errand)
    _finish(runtime, errand, _do(runtime, errand))
    return True


def _take(runtime: Runtime) -> Errand | None:
    with runtime.db.read() as connection:
        if not errands.is_any_open(connection):
            return None
    with runtime.db.begin() as connection:
        return errands.take(connection, runtime.clock())


def _finish(runtime: Runtime, errand: Errand, outcome: Outcome) -> None:
    result = _without_secrets(runtime.settings, outcome.result)
    with runtime.db.begin() as connection:
        errands.finish(
            connection, errand, outcome.state, result, now=runtime.clock(), sid=outcome.sid
        )
    log.info("Errand done", errand=errand.kind, state=outcome.state, sid=outcome.sid)


def _do(runtime: Runtime, errand: Errand) -> Outcome:
    try:
        return _WAYS[errand.kind](runtime, errand)
    except SettingError as error:
        return _failed(str(error))
    except BridgeError as error:
        return _failed(without_numbers(error.sentence))
    except UNREACHABLE:
        raise
    except Exception:
        log.exception("Errand failed", errand=errand.kind)
        return _failed(_BROKEN)


def _check(runtime: Runtime, _errand: Errand) -> Outcome:
    found = [
        asdict(finding) for finding in examine_running(runtime.settings, os.environ, runtime.db)
    ]
    return Outcome(ErrandState.DONE, {"findings": found, "webhooks": _webhooks(runtime.settings)})


def _webhooks(settings: Settings) -> Mapping[str, Any]:
    """What Twilio has for the firm's number; or why that isn't known."""
    phone, public_url = settings.from_number, settings.public_url
    if not (settings.account_sid and settings.auth_token and phone and public_url):
        return {"says": "set the Twilio settings, TWILIO_FROM_NUMBER and PUBLIC_URL first"}
    try:
        kept = twilio_for_reading(settings, answer_seconds=_ANSWER_SECONDS).webhooks(phone)
    except BridgeError as error:
        return {"says": about_twilio(error)}
    if kept is None:
        return {"says": f"{phone} is not a number of this account: check TWILIO_FROM_NUMBER"}
    return {"rows": [asdict(row) for row in webhooks.compare(public_url, kept)]}


def _test_call(runtime: Runtime, errand: Errand) -> Outcome:
    settings, phone = runtime.settings, _allowed(runtime, errand, Channel.CALL)
    dial = OutgoingCall(
        to=phone,
        answer_url=_url(settings, ANSWER, errand),
        status_url=_url(settings, CALL_STATUS, errand),
        machine_url="",
        ring_seconds=settings.dial_ring_seconds,
        wait_for_beep=False,
    )
    return Outcome(ErrandState.DONE, {}, twilio(settings).call_firm(dial))


def _test_text(runtime: Runtime, errand: Errand) -> Outcome:
    settings, phone = runtime.settings, _allowed(runtime, errand, Channel.TEXT)
    text = OutgoingText(
        to=phone,
        body=TEXT.format(firm=settings.firm_name or "the firm"),
        status_url=_url(settings, MESSAGE_STATUS, errand),
        valid_for=_TEXT_VALID_FOR,
    )
    return Outcome(ErrandState.DONE, {}, twilio(settings).text(text))


_WAYS: Mapping[ErrandKind, Callable[[Runtime, Errand], Outcome]] = {
    ErrandKind.CHECK: _check,
    ErrandKind.TEST_CALL: _test_call,
    ErrandKind.TEST_TEXT: _test_text,
}


class _NotAllowed(BridgeError):
    """The number gets no test."""


def _allowed(runtime: Runtime, errand: Errand, channel: Channel) -> E164:
    """The number, which may have opted out since the test was asked for.

    Raises:
        _NotAllowed: it gets no test.
    """
    phone = errand.phone
    if phone is None:
        raise _NotAllowed("number", "its number is not known any more")
    with runtime.db.read() as connection:
        why = why_not(connection, runtime.settings, phone, channel, runtime.clock())
    if why is not None:
        raise _NotAllowed("number", why)
    return phone


def _url(settings: Settings, route: str, errand: Errand) -> str:
    return test_url(settings.public_url or "", route, errand.id)


def _failed(says: str) -> Outcome:
    return Outcome(ErrandState.FAILED, {"says": says})


def _without_secrets(settings: Settings, value: Any) -> Any:
    """The same without any secret of the settings, should an answer have repeated one."""
    if isinstance(value, Mapping):
        return {key: _without_secrets(settings, one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_secrets(settings, one) for one in value]
    if isinstance(value, str):
        for secret in _secrets(settings):
            value = value.replace(secret, "***")
    return value


def _secrets(settings: Settings) -> Iterator[str]:
    for setting in fields(settings):
        value = getattr(settings, setting.name)
        is_secret = setting.metadata["secret"] and isinstance(value, str)
        if is_secret and len(value) >= _SHORTEST_SECRET:
            yield value
