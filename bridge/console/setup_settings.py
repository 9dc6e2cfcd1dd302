"""The settings as this process has them: never a secret."""

from flask import Response

from bridge.console.pages import page
from bridge.console.setting_words import all_settings
from bridge.web.current import runtime


def setup_settings() -> Response:
    """The page."""
    return page("setup_settings.html", "Settings", rows=all_settings(runtime().settings))
