"""What a text seems to want: a guess that fills in a form."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.domain.opt_out_language.suggestions import suggested
from bridge.domain.preferences import KINDS, PreferenceKind, Takes, checked

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("no calls at work", {"not-this-number": "work"}),
        ("only e-mail me", {"e-mail-only": ""}),
        ("not before noon", {"not-before": "12:00"}),
        ("no voicemails", {"no-voicemails": ""}),
        ("text don't call", {"no-calls": ""}),
        ("after 5", {"not-before": "17:00"}),
        ("call me tomorrow", {"not-until": "2026-11-25"}),
        ("dont text me, call", {"no-texts": ""}),
        ("don't call after 9", {"not-after": "21:00"}),
        ("call after 4:30 please", {"not-before": "16:30"}),
        ("only call between 9 and 11", {"not-before": "09:00", "not-after": "11:00"}),
        ("only call between 5 and 7", {"not-before": "17:00", "not-after": "19:00"}),
        ("call me monday", {"not-until": "2026-11-30"}),
        ("No calls until Tuesday", {"not-until": "2026-12-01"}),
        ("Can you call me next week", {"not-until": "2026-11-30"}),
        ("don't call me on Sundays", {}),
        ("Text only, after 5", {"no-calls": "", "not-before": "17:00"}),
        ("Don't call this number use my cell", {"not-this-number": "this"}),
        ("no me llamen al trabajo", {"not-this-number": "work"}),
        ("No me llame antes de las 5", {"not-before": "17:00"}),
        ("solo mensajes por favor", {"no-calls": ""}),
        ("llámeme mañana", {"not-until": "2026-11-25"}),
        ("please do not call my husband", {}),
        ("", {}),
    ],
)
def test_what_is_filled_in(text: str, wanted: dict[str, str]) -> None:
    found = suggested(text, TUESDAY)
    assert {str(kind): value for kind, value in found.items()} == wanted


_WORDS = st.sampled_from(
    [
        *("don't", "call", "text", "after", "before", "until", "between", "and", "only", "no"),
        *("0", "5", "12", "13", "24", "25", "99", "noon", "pm", "am", ":", ".", ",", "not"),
        *("monday", "tomorrow", "voicemails", "work", "home", "at", "my", "e-mail"),
        *("domingo", "mañana", "antes", "de", "las"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_WORDS, max_size=9).map(" ".join))
def test_whatever_is_filled_in_can_be_kept(text: str) -> None:
    for kind, value in suggested(text, TUESDAY).items():
        if KINDS[kind].takes is Takes.NUMBER:
            assert value in {"work", "home", "this"}
        else:
            assert checked(kind, value) == value


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    assert set(suggested(text, TUESDAY)) <= set(PreferenceKind)
