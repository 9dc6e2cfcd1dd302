"""What the app of the current request runs on."""

from typing import cast

from flask import current_app

from bridge.runtime import Runtime


def runtime() -> Runtime:
    """The runtime of this process."""
    return cast(Runtime, current_app.extensions["bridge"])
