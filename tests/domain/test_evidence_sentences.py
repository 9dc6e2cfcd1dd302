"""What is kept with a decision, in sentences; decisions alike are one line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.domain import evidence_sentences as sentences
from bridge.domain.decisions import Permission
from bridge.domain.events import Channel
from bridge.domain.evidence import evidence
from bridge.domain.evidence_record import AttemptRecord, CaseRecord, DecisionRecord
from bridge.domain.phones import E164
from bridge.store.dialing.attempts import AttemptState

NOW = datetime(2026, 11, 27, 17, 0, 5, tzinfo=UTC)
EASTERN = ZoneInfo("America/New_York")


def _decision(
    number: int = 1, answer: Permission = Permission.ALLOW, why: str = "", **inputs: Any
) -> DecisionRecord:
    at = NOW + timedelta(minutes=number)
    return DecisionRecord(number, at, "poll", None, Channel.CALL, answer, None, why, inputs)


def test_every_zone_has_its_time_of_day() -> None:
    said = sentences.where_and_when(
        _decision(local={"America/Chicago": "", "America/Phoenix": "", "Pacific/Honolulu": ""})
    ).says
    assert said == (
        "Fri Nov 27, 2026, 11:01:05 AM CT (America/Chicago); "
        "Fri Nov 27, 2026, 10:01:05 AM MST (America/Phoenix); "
        "Fri Nov 27, 2026, 7:01:05 AM HT (Pacific/Honolulu); 2026-11-27 17:01:05 UTC."
    )


def test_a_day_without_a_window_says_why() -> None:
    closed = {"of": "LA", "zones": ["America/Chicago"], "day": "2026-11-27", "window": None}
    (named,) = sentences.windows(_decision(windows=[{**closed, "holiday": "Acadian Day"}]))
    assert named.says == "LA rules on Fri Nov 27: none (Acadian Day), in America/Chicago."
    (unnamed,) = sentences.windows(_decision(windows=[closed]))
    assert unnamed.says == "LA rules on Fri Nov 27: none, in America/Chicago."


def test_what_allowed_it() -> None:
    says = "consent of 2026-10-02 (web form)"
    on_file = sentences.basis(_decision(basis={"consent": 12, "says": says}), None)
    assert on_file.says == ("Consent of 2026-10-02 (web form), number 12 in the list of consents.")
    nothing = sentences.basis(_decision(basis=None), None)
    assert nothing.says == (
        "No consent to a machine's voice and no attestation of the firm was on file."
    )
    assert sentences.basis(_decision(), None).says == sentences.NOT_KEPT


def test_who_was_never_called_is_not_said_to_have_been() -> None:
    planned = AttemptRecord(
        id="a",
        channel=Channel.CALL,
        phone=E164("+14025550114"),
        via_firm=True,
        agent=None,
        state="canceled",
        created_at=NOW,
        placed_at=None,
        ended_at=NOW,
        reason="the person opted out",
        sid=None,
    )
    assert "was to be called before" in sentences.basis(_decision(), planned).says
    placed = replace(planned, placed_at=NOW)
    assert "a phone of the firm was called before" in sentences.basis(_decision(), placed).says


def test_what_else_a_decision_leaned_on() -> None:
    decision = _decision(
        purpose="lead",
        registry="not listed on 2026-11-20, 7 days ago; exempt: consent of 2026-10-02",
        waived="counsel's memo of November 20, 2026",
        preferences=["no-voicemails", "not-before 12:00", "not-this-number", "by-pigeon"],
        voice={"first": "agent", "why": "PA wants a permit for it"},
    )
    said = [
        fact.says
        for of in (sentences.voice, sentences.registry, sentences.waiver, sentences.preferences)
        for fact in of(decision)
    ]
    assert said == [
        "The firm's phone was to ring first, and no machine to speak: PA wants a permit for it.",
        "By the list on file: not listed on 2026-11-20, 7 days ago; exempt: consent of 2026-10-02.",
        (
            "The states' rules on solicitation did not apply to this contact: the firm waived them "
            "for clients (CLIENT_STATE_RULES): counsel's memo of November 20, 2026."
        ),
        (
            "no voicemails; no calls or texts before noon in their own time; no calls or texts at "
            "one of their numbers; by-pigeon."
        ),
    ]
    # Older releases kept none of it.
    for of in (sentences.voice, sentences.registry, sentences.waiver, sentences.preferences):
        assert list(of(_decision())) == []


def test_decisions_alike_are_one_line() -> None:
    held = [
        _decision(number, Permission.DEFER, f"it is {number} PM", restricted_by=["hours"])
        for number in range(1, 30)
    ]
    other = _decision(31, Permission.REFUSE, "the person opted out (text)")
    record = CaseRecord(7, [*held, other], False, (), (), (), (), (), (), None)
    (not_made,) = (
        part
        for part in evidence(record, EASTERN, {}).parts
        if part.title.startswith("When no contact")
    )
    first, second = not_made.entries
    assert first.facts[0].says == ("No call: it is 1 PM. Decided 29 times alike. Decision 1 to 29.")
    assert second.facts[0].says == "No call: the person opted out (text). Decision 31."


def test_what_is_not_shown_is_said() -> None:
    record = CaseRecord(7, [_decision()], True, (), (), (), (), (), (), None)
    (not_made,) = (
        part
        for part in evidence(record, EASTERN, {}).parts
        if part.title.startswith("When no contact")
    )
    assert not_made.entries[0].heading == "Older decisions are not shown"


def test_every_state_of_an_attempt_has_words_of_its_own() -> None:
    assert set(sentences.UNREPORTED) == set(AttemptState)


def test_one_is_singular() -> None:
    counted = {"calls_a_day": 1, "texts_a_day": 0, "contacts_a_day": 1, "contacts_a_week": 2}
    limits = {"calls_a_day": 2, "texts_a_day": 1, "contacts_a_day": 3, "contacts_a_week": 7}
    decision = _decision(counted=counted, limits=limits, attempts=0, max_attempts=1)
    assert sentences.caps(decision).says == (
        "1 of at most 2 calls in 24 hours, 0 of at most 1 text in 24 hours, 1 of at most 3 "
        "contacts in 24 hours and 2 of at most 7 contacts in 7 days. The case had had 0 of at "
        "most 1 attempt."
    )
