"""Real-looking messages of all kinds, and what each of them asks for."""

import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bridge.domain.opt_out_language.classifier import Classified, Intent, classify
from tests.domain.messages import ENGLISH, ENGLISH_ALONE, SPANISH

_ITS_OWN = {
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "start",
    "unstop",
    "help",
    "info",
}
_SUSPENDS = (Intent.STOP, Intent.REFUSAL, Intent.WRONG_NUMBER)
_VERBS = ["call", "text", "messag", "bother", "contact", "harass", "txt", "msg"]
_POLITE = ["", " please", " thanks", ", thank you", "!", " 🙏", "...", " now"]


def _cases(table: dict[Intent, list[str]]) -> list[tuple[str, Intent]]:
    return [(message, wish) for wish, messages in table.items() for message in messages]


@pytest.mark.parametrize(("message", "wish"), _cases(ENGLISH))
def test_what_people_mean(message: str, wish: Intent) -> None:
    assert classify(message).intent is wish


@pytest.mark.parametrize(("message", "wish"), _cases(SPANISH))
def test_what_people_mean_in_spanish(message: str, wish: Intent) -> None:
    assert classify(message).intent is wish


def test_there_are_enough_of_every_kind() -> None:
    for wish in set(Intent) - {Intent.START, Intent.HELP}:
        assert len(ENGLISH[wish]) >= 60
    refused = [words for wish in _SUSPENDS for words in SPANISH[wish]]
    assert min(len(refused), len(SPANISH[Intent.REFUSAL]), len(SPANISH[Intent.WORDS])) >= 60


@pytest.mark.parametrize(
    ("message", "kind", "heard"),
    [
        ("STOP", None, Classified(Intent.STOP, answered=True)),
        (" stop ", None, Classified(Intent.STOP, answered=True)),
        ("Stop.", None, Classified(Intent.STOP, answered=False)),
        ("STOP PLEASE", None, Classified(Intent.STOP, answered=False)),
        ("opt out", None, Classified(Intent.STOP, answered=False)),
        ("optout", None, Classified(Intent.STOP, answered=True)),
        ("adios", "STOP", Classified(Intent.STOP, answered=True)),
        ("hola", "start", Classified(Intent.START, answered=True)),
        ("ayuda", "HELP", Classified(Intent.HELP, answered=True)),
        ("stop", "START", Classified(Intent.START, answered=True)),
        ("hello", "SOMETHING", Classified(Intent.WORDS, answered=False)),
        ("YES", None, Classified(Intent.WORDS, answered=False)),
    ],
)
def test_who_answers(message: str, kind: str | None, heard: Classified) -> None:
    assert classify(message, opt_out_type=kind) == heard


@given(
    st.sampled_from(["stop", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out"]),
    st.sampled_from(_POLITE),
    st.lists(st.booleans(), min_size=12, max_size=12),
    st.sampled_from(["", " ", "\n", "\u200b", "“"]),
)
def test_case_marks_and_manners_change_nothing(
    word: str, polite: str, upper: list[bool], before: str
) -> None:
    spelled = "".join(
        letter.upper() if is_upper else letter
        for letter, is_upper in zip(word, upper, strict=False)
    )
    assert classify(f"{before}{spelled}{polite}").intent is Intent.STOP


@given(st.text(max_size=1600))
def test_anything_can_be_heard(text: str) -> None:
    assert classify(text).intent in Intent


@given(
    st.sampled_from(["we", "they", "the bus", "my doctor", "he"]),
    st.sampled_from(["must", "will", "can", "should", "did not"]),
    st.sampled_from(["this bill", "the hearing", "the payments", "at the office"]),
)
def test_stop_in_a_sentence_is_no_refusal(who: str, verb: str, what: str) -> None:
    assert classify(f"{who} {verb} stop {what}").intent is Intent.WORDS


@given(
    st.sampled_from(["stop", "unsubscribe", "opt out", "stopall", "revoke"]),
    st.sampled_from(["", "please ", "hi ", "ok ", "Hey ", "Kindly ", "🛑 ", "thanks "]),
    st.sampled_from(
        ["", " already", " right now", " forever", " asap!", " {}", " {} {}", "!! {}!!"]
    ),
    st.sampled_from(
        ["", ", I have a lawyer", " - who is this", ". My son helps me", "\nSent from my phone"]
    ),
)
def test_a_clear_word_counts_however_it_is_stressed(
    word: str, before: str, after: str, then: str
) -> None:
    text = f"{before}{word}{after.format(word, word)}{then}"
    for said in (text, text.upper()):
        assert classify(said).intent is Intent.STOP


@given(st.sampled_from(ENGLISH[Intent.REFUSAL]), st.sampled_from(["", "Hello. ", "I am at home. "]))
def test_what_else_is_said_undoes_no_refusal(refusal: str, before: str) -> None:
    said = f"{before}{refusal.rstrip('.!')}. I told you before. It was about my case."
    assume(refusal not in ENGLISH_ALONE)
    assert classify(said).intent in _SUSPENDS


@given(
    st.sampled_from(
        ["they", "the adjuster", "my ex", "State Farm", "that collector", "the hospital"]
    ),
    st.sampled_from(["will not stop", "won't quit", "never stops", "needs to stop", "keeps on"]),
    st.sampled_from(["calling me", "texting me", "texting us", "calling my phone", "harassing me"]),
)
def test_what_others_do_is_no_refusal(who: str, how: str, what: str) -> None:
    assert classify(f"{who} {how} {what}").intent is Intent.WORDS
    assert classify(f"Can you make {who} stop {what}?").intent is Intent.WORDS
    assert classify(f"I told {who} to stop {what}").intent is Intent.WORDS


@given(
    st.sampled_from(["not", "NOT", "no longer"]).map(lambda no: f"This is {no} "),
    st.sampled_from(["Amanda", "Anthony", "Ingrid", "Sophia", "Theo", "Monica", "Atticus", "Ines"]),
    st.sampled_from(["hurt", "healing", "covered", "settled", "mine", "fair", "over", "enough"]),
)
def test_a_name_is_told_from_a_word_by_its_capital(no: str, name: str, word: str) -> None:
    assert classify(no + name).intent is Intent.WRONG_NUMBER
    assert classify(no + word).intent is Intent.WORDS


@pytest.mark.parametrize(
    "part",
    [
        "stop calling me ",
        "they will not stop calling me ",
        "do not call me ",
        "this is not ",
        "I am not Maria ",
        "please ",
        "stop, ",
        "stop ",
        " ",
        "#",
        "((",
        "- ",
        "Mr. ",
        "no calls no ",
        "tell them to ",
        "said, ",
        "sent from my ",
        "a b c ",
        "no quiero recibir mas ",
        "\u200b",
        "é",
    ],
)
def test_the_longest_text_is_heard_at_once(part: str) -> None:
    text = (part * 1600)[:1600]
    took = []
    for _ in range(3):
        began = time.thread_time()
        classify(text)
        took.append(time.thread_time() - began)
    assert min(took) < 0.04


@given(st.text(max_size=40))
def test_twilio_answers_nothing_but_its_own_bare_words(text: str) -> None:
    assert classify(text).answered is (text.strip().lower() in _ITS_OWN)


@pytest.mark.parametrize(
    "text", ["stop", " STOP\n", "Help", "unstop", "cancel", "Stop!", "stop stop"]
)
def test_its_own_words_are_answered(text: str) -> None:
    assert classify(text).answered is (text.strip().lower() in _ITS_OWN)


@given(
    st.sampled_from(["stop", "quit", "Stop", "QUIT", "stoppp", "stahp"]),
    st.sampled_from(_VERBS),
    st.sampled_from(["in", "in'", "n", "ing", "iiing"]),
    st.sampled_from(
        [" me", " me!!", " meee", " my phone", " this number", " us nomore", " me plz"]
    ),
)
def test_dialect_and_anger_change_nothing(stop: str, verb: str, ends: str, whom: str) -> None:
    assume(ends != "n" or verb in {"call", "text", "txt", "contact"})
    assert classify(f"{stop} {verb}{ends}{whom}").intent is Intent.REFUSAL


@given(
    st.sampled_from(["dont", "don't", "do not", "dnt", "DONT", "don’t"]),
    st.sampled_from(["call", "text", "contact", "txt", "bother"]),
    st.sampled_from(["nomore", "no more", "no mo", "anymore", "no moreee", "ever again"]),
)
def test_a_doubled_negative_denies_once(dont: str, verb: str, more: str) -> None:
    assert classify(f"{dont} {verb} me {more}").intent is Intent.REFUSAL


# The first text in free words reads the tables.
@settings(deadline=None)
@given(
    st.sampled_from(["don't call me", "stop texting me", "please do not contact me"]),
    st.sampled_from([" at work", " before noon", " after 8", " on Sundays", " this week"]),
    st.sampled_from(["", "!", " please", ". Thank you"]),
)
def test_a_limit_is_no_refusal_and_no_mere_words(refusal: str, limit: str, after: str) -> None:
    assert classify(f"{refusal}{limit}{after}").intent is Intent.LIMIT
    assert classify(f"{refusal}{limit} or anywhere{after}").intent is Intent.REFUSAL


@pytest.mark.parametrize(
    "text",
    [
        "Your texting is out of hand",
        "the calls are unacceptable",
        "I refuse to get texts like these",
        "y los mensajes, ya basta, no mas de esos mensajes suyos",
    ],
)
def test_a_complaint_that_nothing_explains_is_asked_about(text: str) -> None:
    assert classify(text).intent is Intent.REFUSAL
