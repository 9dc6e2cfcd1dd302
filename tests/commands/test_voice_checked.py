"""`bridge check` says who is rung first, and what that means."""

import pytest

from bridge.checking.findings import WARNING
from bridge.checking.settings_checked import of_settings
from bridge.environment import load

FIRST = {"DIAL_MODE": "client_first"}


def _says(**environ: str) -> list[str]:
    return [finding.sentence for finding in of_settings(load(environ), environ)]


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "DIAL_MODE is agent_first, the default: a phone of the firm is rung first"),
        ({"VOICEMAIL_BODY": "Call {phone}."}, "VOICEMAIL_BODY is never left"),
        (FIRST, "a machine greets people with consent to voice on file; all others"),
        (
            FIRST | {"CONSENT_BASIS": "client:voice=the retainer; lead:text=a form"},
            "on file, and all clients by CONSENT_BASIS; all others are called agent first",
        ),
        (FIRST | {"VOICEMAIL_BODY": "This is {firm}."}, "VOICEMAIL_BODY: it names no number"),
        (FIRST | {"VOICEMAIL_BODY": "Call {phone}."}, "VOICEMAIL_BODY: it doesn't say who"),
        (FIRST | {"VOICE_PERMITS": "NB=a registration"}, "VOICE_PERMITS names NB, where none is"),
        (FIRST | {"DIAL_STATE_RULES": "off"}, "what states demand of a machine's voice is not"),
    ],
)
def test_what_is_said(environ: dict[str, str], says: str) -> None:
    assert any(says in sentence for sentence in _says(**environ))


def test_a_permit_that_a_state_asks_for_is_no_doubt() -> None:
    said = _says(**FIRST, VOICE_PERMITS="NE=a registration; tx=permit 17")
    assert not any("VOICE_PERMITS names" in sentence for sentence in said)


def test_the_default_is_no_warning() -> None:
    doubts = [one.sentence for one in of_settings(load({}), {}) if one.level == WARNING]
    assert not any("DIAL_MODE" in sentence for sentence in doubts)
