"""Sign in, pause, resume, sign out."""

import pytest

from tests.browser.conftest import OpenWindow
from tests.stories.town import Town
from tests.support.console import PASSWORD


def test_pause(town: Town, window: OpenWindow) -> None:
    town.bridge.start_web()
    ann = window()
    ann.sign_in("Ann", PASSWORD)
    ann.today()
    ann.press("Pause all calls")
    ann.page.get_by_label("Reason").fill("Snow")
    ann.press("Pause all calls")
    ann.sees("All calls and texts are paused")
    assert ann.actions == 2
    ann.press("Resume")
    ann.does_not_see("All calls and texts are paused")
    ann.press("Sign out")
    ann.sees("Sign in")
