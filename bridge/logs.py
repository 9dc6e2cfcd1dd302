"""Logs: a line per step, a constant sentence with fields, no message text, no whole number."""

import logging
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from bridge.domain.redaction import without_details, without_numbers


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """While this lasts, a package that isn't loaded yet can't be."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]


# structlog loads rich wherever it is installed, which would cost each process time and memory.
with _hidden("rich"):
    import structlog
    from structlog.typing import Processor

_NEVER_SHOWN = frozenset({"body", "text", "note", "token", "password", "authorization", "key"})
_BREADCRUMB_FIELDS = ("type", "category", "level", "message", "timestamp")
_IDS = frozenset({"timestamp", "sid", "request_id"})
_NOISY_LOGGERS = ("twilio", "urllib3", "alembic", "werkzeug")


def set_up(log_format: str, sentry_dsn: str | None = None) -> None:
    """Send everything that is logged to standard output, as `json` or as `text` lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    if sentry_dsn:
        _report_to_sentry(sentry_dsn)


def quiet() -> None:
    """Only warnings from here on: for commands that answer a person."""
    logging.getLogger().setLevel(logging.WARNING)


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep only the last four digits of whatever looks like a phone number; hide secrets."""
    for name, value in line.items():
        if name in _NEVER_SHOWN:
            line[name] = "***"
        elif name not in _IDS:
            line[name] = _redacted(value)
    return line


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return without_numbers(without_details(value))
    if isinstance(value, Mapping):
        return {
            name: "***" if name in _NEVER_SHOWN else _redacted(field)
            for name, field in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return value


def _report_to_sentry(dsn: str) -> None:
    try:
        import sentry_sdk  # noqa: PLC0415 - an optional extra that costs memory when unused
    except ImportError:
        logging.getLogger(__name__).warning("SENTRY_DSN is set, but sentry-sdk is not installed")
        return
    # Neither request bodies nor local variables: both hold what people wrote and their numbers.
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=lambda event, _hint: _for_sentry(event),
        before_breadcrumb=_breadcrumb_for_sentry,
    )


def _for_sentry(event: Any) -> Any:
    """An event without the request's query, headers (a signature among them), body and caller."""
    request = event.pop("request", None)
    event.pop("user", None)
    if request is not None:
        url = str(request.get("url", "")).partition("?")[0]
        event["request"] = {"method": request.get("method"), "url": url}
    return _redacted(event)


def _breadcrumb_for_sentry(breadcrumb: Any, _hint: Any) -> Any:
    """A breadcrumb without its data, which holds the queries of requests."""
    return _redacted({name: breadcrumb[name] for name in _BREADCRUMB_FIELDS if name in breadcrumb})
