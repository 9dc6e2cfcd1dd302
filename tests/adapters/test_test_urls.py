"""The URL of a test call or text: what names the test, and what is refused in its place."""

import pytest

from bridge.adapters.twilio.query import url_parameters
from bridge.adapters.twilio.urls import CALL_STATUS
from bridge.adapters.twilio.urls import test_url as url_of_test
from bridge.errors import Unusable


def test_a_test_is_named_by_its_errand() -> None:
    url = url_of_test("https://firm.example.com", CALL_STATUS, 17)
    assert url.startswith("https://firm.example.com/twilio/voice/status?Test=17#")
    assert url_parameters(f"{CALL_STATUS}?Test=17", CALL_STATUS).test == 17
    assert url_parameters(f"{CALL_STATUS}?Test=", CALL_STATUS).test is None
    assert url_parameters(CALL_STATUS, CALL_STATUS).test is None


@pytest.mark.parametrize("query", ["Test=x", "Test=-1", "Test=1&Test=2", f"Test={'9' * 19}"])
def test_anything_else_is_refused(query: str) -> None:
    with pytest.raises(Unusable):
        url_parameters(f"{CALL_STATUS}?{query}", CALL_STATUS)
