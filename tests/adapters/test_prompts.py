"""The order of what people hear is fixed: who calls, how to stop it, how to talk, where to call."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from bridge.adapters.twilio import twiml
from bridge.domain.phones import E164

FIRM = "Example & Partners"
PHONE = E164("+14025550199")
SPOKEN = "4 0 2 5 5 5 0 1 9 9"
URL = "https://firm.example.com/"
_WORDS_A_SECOND = 2.0
"""Slower than any voice of Twilio's speaks."""


def _heard(document: str) -> list[str]:
    return [said.text or "" for said in ElementTree.fromstring(document).iter("Say")]


def _places(words: str) -> list[int]:
    return [words.index(part) for part in (FIRM, "Press 9", "Press 1", SPOKEN)]


@pytest.mark.parametrize(
    "document",
    [twiml.greeting(FIRM, PHONE, URL), twiml.prompt_again(FIRM, PHONE, URL)],
    ids=["greeting", "again"],
)
def test_the_order_of_the_prompt(document: str) -> None:
    words = _heard(document)[0]
    assert _places(words) == sorted(_places(words))


@pytest.mark.parametrize(
    "document",
    [
        twiml.greeting(FIRM, PHONE, URL),
        twiml.prompt_again(FIRM, PHONE, URL),
        twiml.put_caller_through(FIRM, PHONE, (URL, URL), timedelta(hours=1)),
    ],
    ids=["greeting", "again", "calls in"],
)
def test_the_way_out_comes_within_two_seconds_of_the_name(document: str) -> None:
    (between,) = re.findall(rf"{FIRM}(.*?)Press 9", _heard(document)[0])
    assert len(re.findall(r"\w+", between)) < 2 * _WORDS_A_SECOND


def test_the_prompt_tells_nothing_of_the_matter() -> None:
    """Whoever picks up may hear it."""
    (words,) = _heard(twiml.greeting(FIRM, PHONE, URL))
    assert len(words.split()) < 40
    assert not re.search("case|matter|claim|lawyer|court", words, re.IGNORECASE)
