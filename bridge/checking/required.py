"""Which settings a process can't do without."""

from bridge.settings import FOR_DIALING, FOR_SMARTADVOCATE, FOR_TWILIO, Settings


def for_web(loaded: Settings) -> tuple[str, ...]:
    """The settings that the web app can't do without."""
    has_console = loaded.console_password or loaded.console_view_password
    return (*FOR_TWILIO, *(["SECRET_KEY"] if has_console else []))


def for_worker(loaded: Settings) -> tuple[str, ...]:
    """The settings that the worker can't do without."""
    return (*FOR_TWILIO, *FOR_SMARTADVOCATE, *(FOR_DIALING if loaded.dial_enabled else ()))


def for_both(loaded: Settings) -> tuple[str, ...]:
    """The settings that web app and worker together can't do without."""
    return tuple(dict.fromkeys([*for_web(loaded), *for_worker(loaded)]))
