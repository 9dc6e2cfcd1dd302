"""A signature means one event: no other cut of the signed characters says anything else."""

from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import ParsedCallback, form_fields, read
from bridge.domain.events import Topic
from bridge.errors import Unusable
from tests.support.recutting import Posted, recorded, recut
from tests.support.signing import text_fields

_QUERIES = ("", "?CaseID=515512", "?CaseID=515512&Attempt=0f3b-77abc", "?CaseID=7&from=flow")
ALL = [posted for query in _QUERIES for posted in recorded(query)]


def _read(one: Posted) -> ParsedCallback | None:
    try:
        return read(one.topic, one.target, form_fields(one.body))
    except Unusable:
        return None


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.name}{one.target[-8:]}")
def test_every_recorded_callback_is_read_as_before(one: Posted) -> None:
    assert _read(one) is not None


@given(st.sampled_from(ALL), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_no_new_cut_of_a_recorded_callback_says_anything_else(one: Posted, seed: int) -> None:
    chance = Random(seed)
    for _ in range(10):
        other = recut(one, chance)
        assert other.signed == one.signed, "the signature holds"
        assert _read(other) in {None, _read(one)}


@pytest.mark.parametrize(
    "words",
    [
        "Author of my will, please call",
        "STOP. From now on write to my lawyer",
        "ErrorCode 21610",
        "CallSid",
        "Digits5",
        "AnsweredBymachine_start",
        "OptOutTypeSTOP",
        "ToFromBodyMessageSid",
        "MessageStatus=delivered&CallSid=CA1",
        "What does AccountSid mean?",
        "NumMedia1",
    ],
)
@pytest.mark.parametrize("query", ["", "?CaseID=7"])
def test_a_person_may_write_whatever_she_likes(words: str, query: str) -> None:
    fields = text_fields("SM" + "1" * 32, "received") | {
        "Body": words,
        "NumMedia": "0",
        "NumSegments": "1",
        "FromCity": "OMAHA",
        "ToCity": "",
    }
    reading = read(Topic.TEXT_IN, f"/twilio/messages/inbound{query}", MultiDict(fields))
    assert reading.words is not None
    assert reading.words.body == words


@pytest.mark.parametrize(
    "more",
    [
        {"OptOutType": "", "SmsMessageSid": "SM" + "1" * 32},
        {"ProfileName": "Author Jane"},
        {"ButtonText": "Authorize"},
        {"ReferralBody": "ErrorCode"},
        {"AddOns": '{"status":"successful","note":"Authorized, OptOutType"}'},
        {
            "ConversationSid": "CH" + "2" * 32,
            "Author": "+14025555759",
            "From": None,
            "To": None,
            "Media": '[{"Filename":"From Ann, To Bob.jpg"}]',
            "Attributes": '{"To":"x","From":"y"}',
        },
    ],
    ids=lambda more: next(iter(more)),
)
def test_so_may_whoever_fills_other_fields(more: dict[str, str | None]) -> None:
    fields = text_fields("SM" + "1" * 32, "received") | {"Body": "STOP", "NumMedia": "0"} | more
    kept = {name: value for name, value in fields.items() if value is not None}
    reading = read(Topic.TEXT_IN, "/twilio/messages/inbound", MultiDict(kept))
    assert reading.words is not None
    assert reading.event is not None
    assert (reading.words.body, reading.event.person) == (
        "STOP",
        kept.get("From") or kept["Author"],
    )
