"""Real-looking messages of all kinds, and what each of them asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.consent import Heard, Wish, listen

MESSAGES: dict[Wish, list[str]] = {
    Wish.STOP: [
        "STOP",
        "stop",
        "Stop.",
        "STOP!!!",
        "Stop. Thank you",
        "STOP PLEASE",
        "please stop",
        "pls stop",
        "stop 🛑",
        "S T O P",
        "stoppp",
        "StOp",
        "Unsubscribe",
        "CANCEL",
        "end",
        "Quit",
        "revoke",
        "OPT OUT",
        "opt-out",
        "optout",
        "Stop all",
        "STOPALL",
        "Stop, thanks",
        "Thanks, stop",
        "STOP. I already have a lawyer.",
        "Stop!!! I told you",
        "stop now",
        "Please stop now",
        "Cancel please",
        "ok stop",
        "“STOP”",
        "Stop\nthank you",
        "  stop  ",
    ],
    Wish.REFUSAL: [
        "stop texting me",
        "Stop calling",
        "stop calling me please",
        "don't call me again",
        "do not contact me",
        "Remove me from your list",
        "take me off your list",
        "please take me off your list!",
        "leave me alone",
        "lose my number",
        "unsubscribe me",
        "no more texts",
        "No more calls please",
        "I revoke my consent",
        "quit texting me",
        "Do not text me anymore",
        "don’t ever call me again",
        "Please stop texting this number",
        "I am not interested",
        "Not interested, thanks",
        "I don't want any more messages",
        "go away",
        "put me on your do not call list",
        "Delete my number from your system",
        "STOP IT",
        "would you please stop",
        "I want to opt out",
    ],
    Wish.WRONG_NUMBER: [
        "wrong number",
        "You have the wrong number",
        "Sorry, wrong person",
        "This isn't Maria",
        "There is no John here",
        "Wrong number, please remove",
        "I just got this number, who is this?",
        "No one by that name here",
        "this is not Carol",
    ],
    Wish.START: [
        "START",
        "start",
        "Unstop",
        "start please",
    ],
    Wish.HELP: [
        "HELP",
        "info",
        "help please",
    ],
    Wish.WORDS: [
        "we must stop this bill",
        "we have got to STOP this bill",
        "can you stop by the office?",
        "the bus stop on 5th",
        "when does the case end?",
        "cancel my appointment tomorrow",
        "please don't stop working on it",
        "I can't quit my job",
        "at the end of the month",
        "don't call before noon",
        "don't call me at work, text me",
        "help me understand the bill",
        "start when you want",
        "is this the right number?",
        "Yes",
        "yes please",
        "ok thank you",
        "Call me after 5",
        "I'll stop by tomorrow",
        "They won't stop calling me about the bill, what do I do?",
        "The insurance keeps calling me",
        "My phone was stolen, new number is 4025550188",
        "Who is this?",
        "basta",
        "alto",
        "no me llamen mas",
        "Stop sign was on the left side",
        "I was at a stop light",
        "please do not call my husband",
        "Don't text me while I drive",
        "never mind",
        "end of story",
        "can we cancel the hearing",
        "I quit smoking",
        "Is this the wrong number?",
        "Thank you!",
        "👍",
        "",
        ".",
        "This is not what I expected",
        "I am not available today",
        "this isn't right",
        "I'm not home",
    ],
}
SPANISH = {
    Wish.STOP: ["BASTA", "Alto, por favor", "parar", "cancelar", "¡Basta!"],
    Wish.REFUSAL: ["no me llamen más", "ya no me manden mensajes", "dejen de llamarme",
                   "no quiero más mensajes", "borren mi número"],
    Wish.WRONG_NUMBER: ["número equivocado"],
    Wish.WORDS: ["llámeme mañana por favor", "¿quién es?", "sí", "gracias"],
}  # fmt: skip
_POLITE = ["", " please", " thanks", ", thank you", "!", " 🙏", "...", " now"]


def _cases(table: dict[Wish, list[str]]) -> list[tuple[str, Wish]]:
    return [(message, wish) for wish, messages in table.items() for message in messages]


@pytest.mark.parametrize(("message", "wish"), _cases(MESSAGES))
def test_what_people_mean(message: str, wish: Wish) -> None:
    assert listen(message).wish is wish


@pytest.mark.parametrize(("message", "wish"), _cases(SPANISH))
def test_spanish_by_setting(message: str, wish: Wish) -> None:
    assert listen(message, spanish=True).wish is wish
    assert listen(message).wish is Wish.WORDS


def test_there_are_enough_of_both_kinds() -> None:
    assert sum(map(len, MESSAGES.values())) >= 100
    assert len(MESSAGES[Wish.WORDS]) >= 30


@pytest.mark.parametrize(
    ("message", "kind", "heard"),
    [
        ("STOP", None, Heard(Wish.STOP, answered=True)),
        (" stop ", None, Heard(Wish.STOP, answered=True)),
        ("Stop.", None, Heard(Wish.STOP, answered=False)),
        ("STOP PLEASE", None, Heard(Wish.STOP, answered=False)),
        ("opt out", None, Heard(Wish.STOP, answered=False)),
        ("optout", None, Heard(Wish.STOP, answered=True)),
        ("adios", "STOP", Heard(Wish.STOP, answered=True)),
        ("hola", "start", Heard(Wish.START, answered=True)),
        ("ayuda", "HELP", Heard(Wish.HELP, answered=True)),
        ("stop", "START", Heard(Wish.START, answered=True)),
        ("hello", "SOMETHING", Heard(Wish.WORDS, answered=False)),
        ("YES", None, Heard(Wish.WORDS, answered=False)),
    ],
)
def test_who_answers(message: str, kind: str | None, heard: Heard) -> None:
    assert listen(message, opt_out_type=kind) == heard


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
        one.upper() if is_upper else one for one, is_upper in zip(word, upper, strict=False)
    )
    assert listen(f"{before}{spelled}{polite}").wish is Wish.STOP


@given(st.text(max_size=1600), st.booleans())
def test_anything_can_be_heard(text: str, spanish: bool) -> None:
    assert listen(text, spanish=spanish).wish in Wish


@given(
    st.sampled_from(["we", "they", "the bus", "my doctor", "he"]),
    st.sampled_from(["must", "will", "can", "should", "did not"]),
    st.sampled_from(["this bill", "the hearing", "the payments", "at the office"]),
)
def test_stop_in_a_sentence_is_no_refusal(who: str, verb: str, what: str) -> None:
    assert listen(f"{who} {verb} stop {what}").wish is Wish.WORDS
