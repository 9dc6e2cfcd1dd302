"""What is said to people reveals nothing of their matter."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.message_wording import fill_in, suggestions, wording_problem
from bridge.settings import Settings

GOOD = (
    "{firm} will call you shortly about your matter. Questions? Call {phone}. "
    "Reply STOP to opt out."
)


HARMLESS = [
    GOOD,
    "Please call {firm} at {phone}.",
    "x",
    "{firm} & {phone}; {{}}",
    "{firm}: please call us back at {phone}. We look forward to hearing from you.",
    "{firm} (not an emergency line; if medical, dial 911)",
    "If this is a medical emergency, dial 911. {firm}",
    "{firm}: disability access available, call {phone}",
    "{firm} at 12 Medical Center Drive",
    "{firm}: our office by Medical Plaza, call {phone}",
    "This is {firm}, 5 Surgery Lane",
    "Smith Injury Lawyers will call you shortly. Reply STOP to opt out.",
    "Smith & Jones Accident Attorneys will call you",
    "We don't want you to miss our call by accident. {firm}",
    "We are 100% here for you, 24/7. {firm}",
    "John V Smith of {firm} will call",
    "[{firm}] will call you <soon>",
    "{firm} le llamará en breve. Responda STOP para no recibir más mensajes.",
    "We treat every call with care, your hospitality suite awaits. {firm}",
]


@pytest.mark.parametrize("words", HARMLESS)
def test_what_may_be_said(words: str) -> None:
    assert wording_problem(words, most=1600) is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("{firm}: your case is {status}.", "{status}"),
        ("About your {injury}: call {phone}", "{injury}"),
        ("{firm} against {defendant}", "{defendant}"),
        ("Dear {name}", "{name}"),
        ("{}", "{}"),
        ("{firm.__class__}", "{firm.__class__}"),
        ("{firm!r}", "format of its own"),
        ("{firm:>999999}", "format of its own"),
        ("{firm", "braces"),
        ("firm}", "braces"),
        ("{firm} about your accident", "'accident'"),
        ("{firm}: your LAWSUIT moves on", "'LAWSUIT'"),
        ("News on your insurance claim", "'insurance claim'"),
        ("The settlements are here", "'settlements'"),
        ("x" * 1601, "1601 characters"),
        ("Hello {{you}}", "'{{you}}'"),
        ("{firm}: {{Status}}", "another system"),
        ("[[CaseStatus]] {firm}", "'[[CaseStatus]]'"),
        ("{firm}: <<Status>>", "another system"),
        ("{firm}: «Status»", "another system"),
        ("{firm}: %Status%", "'%Status%'"),
        ("${defendant}", "{defendant}"),
        ("Dear [[Name]], about your crash", "another system"),
        ("{firm} about your acc\u200bident", "'accident'"),
        ("{firm} about your ac\u00adcident", "'accident'"),
        ("{firm} about your lawsu\u0301it", "'lawsuit'"),
        ("{firm}: Smith v. Jones", "'v. '"),
        ("{firm} vs. Walmart", "'vs. '"),
        ("About Your Accident, from Your Lawyers", "'Accident'"),
        ("{firm} Injury Lawyers", "'Injury'"),
        ("If medical, dial 911. News on your medical bills.", "'medical'"),
        ("We heard from the hearing officer", "'hearing'"),
    ],
)
def test_what_may_not_and_why(words: str, says: str) -> None:
    why = wording_problem(words, most=1600)
    assert why is not None
    assert says in why


@pytest.mark.parametrize(
    "told",
    [
        "car crash",
        "collision",
        "wreck",
        "slip and fall",
        "claim against Acme",
        "your claim",
        "workers comp",
        "workers' compensation",
        "SSDI",
        "SSI",
        "disabled",
        "litigation",
        "sued",
        "court date",
        "hearing on Friday",
        "deposition",
        "trial",
        "hospital bills",
        "MRI",
        "treatment",
        "therapy",
        "victim",
        "rape",
        "negligence",
        "felony",
        "eviction",
        "foreclosure",
        "child support",
        "restraining order",
        "green card",
        "asylum",
        "mesothelioma",
        "asbestos",
        "hernia mesh",
        "dog bite",
        "DUI",
        "we settled",
        "insurance",
        "adjuster",
        "doctor",
        "jail",
        "warrant",
        "probate",
        "harassment",
        "abusive",
        "injured",
        "injuring",
        "surgical",
        "payout",
        "accidente",
        "lesiones",
        "demanda",
        "víctima",
        "indemnización",
        "deportación",
        "cirugía",
        "su seguro",
        "audiencia",
        "case number 12",
    ],
)
def test_what_tells_of_a_matter(told: str) -> None:
    for words in (f"{{firm}}: {told}", f"{{firm}} about {told.upper()} today."):
        why = wording_problem(words, most=160)
        assert why is not None
        assert "must not learn" in why


def test_long_words_take_no_time() -> None:
    for part in ("[[", "<<", "{{", "%a", "Smith & ", "12 Main ", "a v. ", "if medical "):
        began = time.thread_time()
        wording_problem((part * 1600)[:1600], most=1600)
        assert time.thread_time() - began < 0.02


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (GOOD.replace("{firm}", "We"), "{firm} is missing"),
        (GOOD.replace("STOP", "NO"), "no way to opt out"),
        ("{firm} nonstop service", "no way to opt out"),
        ("{firm}: don’t worry. STOP", "’"),
        (GOOD + "x" * 100, "several segments"),
    ],
)
def test_doubts_for_the_operator(words: str, says: str) -> None:
    assert any(says in suggestion for suggestion in suggestions(words))


def test_nothing_against_the_default() -> None:
    default = Settings().text_body
    assert wording_problem(default, most=1600) is None
    assert suggestions(default) == []
    assert suggestions(GOOD) == []


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_name_can_be_filled_in(firm: str, phone: str) -> None:
    assert fill_in("{firm}/{phone}", firm=firm, phone=phone) == f"{firm}/{phone}"


@given(st.text(max_size=300))
def test_what_is_let_through_can_be_filled_in(words: str) -> None:
    if wording_problem(words, most=300) is None:
        fill_in(words, firm="Example & Partners", phone="(402) 555-0100")
