"""Words for Twilio's codes, and the callback URLs that Twilio is given."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import read
from bridge.adapters.twilio.codes import explain
from bridge.adapters.twilio.urls import CALL_STATUS, MESSAGE_STATUS, callback_url
from bridge.domain.events import Topic
from bridge.domain.outcomes import BAD_NUMBER_ERRORS, BAD_NUMBER_SIP_CODES, OPTED_OUT_ERRORS
from tests.support.signing import call_fields, text_fields

# What Twilio's error dictionary (https://www.twilio.com/docs/api/errors) holds on calls, texts,
# TwiML and webhooks that a bridge may meet, read in November 2026.
_CODES = """
10001 10004 11100 11200 11750 12100 12200 12300 12400 13223 13224 13225 13226 13227 15002 15003
20003 20005 20006 20008 20404 20429 20500 20503 21201 21202 21203 21205 21210 21211 21212 21213
21214 21215 21216 21217 21219 21220 21234 21262 21263 21265 21408 21601 21602 21603 21604 21606
21607 21608 21609 21610 21611 21612 21614 21617 21619 21620 21623 21624 21635 21701 21703 21704
21705 30001 30002 30003 30004 30005 30006 30007 30008 30009 30011 30017 30018 30022 30023 30024
30025 30026 30027 30032 30033 30034 30035 30036 30410 30450 30610 30640 32017 35111 35114 35115
35117
"""
ERRORS = [int(code) for code in _CODES.split()]
SIP_ANSWERS = [403, 404, 408, 410, 480, 484, 486, 487, 500, 503, 600, 603, 604]


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_has_words_fit_for_a_note(code: int) -> None:
    words = explain(code, None)
    assert re.fullmatch(rf"[A-Za-z][^<>&.:]{{9,79}} \({code}\)", words), words
    assert not words.startswith("Twilio error")


@pytest.mark.parametrize("code", SIP_ANSWERS)
def test_every_sip_answer_has_words_fit_for_a_note(code: int) -> None:
    words = explain(None, code)
    assert re.fullmatch(rf"[a-z][^<>&.:]{{9,79}} \(SIP {code}\)", words), words


def test_whatever_decides_an_outcome_has_words() -> None:
    assert set(ERRORS) >= BAD_NUMBER_ERRORS | OPTED_OUT_ERRORS
    assert set(SIP_ANSWERS) >= BAD_NUMBER_SIP_CODES


@pytest.mark.parametrize(
    ("error_code", "sip_code", "says"),
    [
        (21635, None, "the number is a landline (21635)"),
        (21635, 404, "the number is a landline (21635)"),
        (98989, None, "Twilio error 98989"),
        (None, 200, ""),
    ],
)
def test_reasons(error_code: int | None, sip_code: int | None, says: str) -> None:
    assert explain(error_code, sip_code) == says


@pytest.mark.parametrize("route", [CALL_STATUS, MESSAGE_STATUS])
def test_callback_urls_ask_for_retries_in_their_fragment(route: str) -> None:
    parts = urlsplit(callback_url("https://firm.example.com/base", route, 515512))
    assert (parts.path, parts.query) == (f"/base{route}", "CaseID=515512")
    assert parse_qs(parts.fragment) == {"rc": ["5"], "rp": ["ct,rt,5xx"], "tt": ["15000"]}


def test_without_a_case_there_is_no_query() -> None:
    assert callback_url("https://firm.example.com", CALL_STATUS).startswith(
        "https://firm.example.com/twilio/voice/status#"
    )


def test_their_case_is_read_back() -> None:
    forms = {
        Topic.CALL: (CALL_STATUS, call_fields("CA12", "busy", 1)),
        Topic.TEXT: (MESSAGE_STATUS, text_fields("SM12", "sent")),
    }
    for channel, (route, fields) in forms.items():
        target = callback_url("", route, 7).partition("#")[0]
        event = read(channel, target, MultiDict(fields)).event
        assert event is not None
        assert event.case_id == 7
