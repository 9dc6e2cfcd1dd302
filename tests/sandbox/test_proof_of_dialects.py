"""What must come of a play in each dialect, and the harm that the proof finds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.sandbox import cast, proof
from bridge.sandbox.casebook import LOCKED, Case
from bridge.sandbox.cast import Role
from bridge.sandbox.courier import PostCounts
from bridge.sandbox.dialects import HOLD, named
from bridge.sandbox.ending import Played, conclude
from bridge.sandbox.line import Call
from bridge.sandbox.processes import Processes
from bridge.sandbox.switchboard import SentText

NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
DEAD = "1  2026-11-23 18:00:00 EST  status  {}  CA1  dead  3    UpdateCaseStatus: " + LOCKED


def _roles(*names: str, count: int = 40) -> list[Role]:
    return cast.cast(count, cast.setting(NOON), named(names))


def _one(roles: Sequence[Role], label: str) -> Role:
    return next(role for role in roles if role.person.label == label)


def _played(roles: Sequence[Role], *names: str, **changes: Any) -> Played:
    """A play in which all went as it must; `changes` are of the first person's first case."""
    cases: dict[int, Case] = {}
    calls, texts = [], []
    for role in roles:
        expected = role.person.expected
        notes = [f"{words} [{place}]" for place, words in enumerate(expected.notes)]
        for case in cast.cases(role, NOON, named(names)):
            cases[case.case_id] = case
        for place, case_id in list(enumerate(role.case_ids))[expected.waiting :]:
            case, mine, notes = cases[case_id], notes, []
            cases[case.case_id] = replace(
                case,
                status=expected.status_of(place),
                disposition=expected.disposition,
                attempts=expected.attempts,
                notes=mine,
            )
        calls += [_call(role) for _ in range(expected.calls)]
        texts += [_text(role) for _ in range(expected.texts)]
    first = cases[roles[0].case_id]
    cases[first.case_id] = replace(first, **changes)
    return Played(roles, cases, calls, texts, [], [], PostCounts())


def _call(role: Role, status: str = "completed") -> Call:
    # Where no machine may speak, the firm's phone rings first.
    parent = None if role.person.may_hear_machines else "CA0"
    return Call("CA1", role.numbers[-1], "", NOON, 0.0, status=status, parent_sid=parent)


def _text(role: Role) -> SentText:
    return SentText("SM1", role.numbers[-1], NOON, 0.0, {})


ALL = [(), ("refusing",), ("own-labels",), ("capped",), ("own-labels", "capped", "refusing")]


@pytest.mark.parametrize("names", ALL, ids=",".join)
def test_nothing_is_wrong_where_all_went_as_it_must(names: tuple[str, ...]) -> None:
    assert _played(_roles(*names), *names).faults() == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"status": "In the Dialer"}, "101 is In the Dialer, but no call is under way"),
        (
            {"notes": ["delivered", "answered", "answered"]},
            "the same note 2 times: 'answered'",
        ),
    ],
)
def test_harm_to_a_case_is_found(changes: dict[str, Any], found: str) -> None:
    played = _played(_roles(), **changes)
    (harm,) = played.harm()
    assert harm.endswith(found)
    assert harm in played.faults()


def test_of_a_person_with_two_cases_one_waits_whichever() -> None:
    roles = [_one(_roles(), "number of two cases")]
    played = _played(roles)
    first, second = (played.cases[case_id] for case_id in roles[0].case_ids)
    swapped = {
        first.case_id: replace(second, case_id=first.case_id),
        second.case_id: replace(first, case_id=second.case_id),
    }
    assert replace(played, cases=swapped).faults() == []
    both = {one.case_id: replace(second, case_id=one.case_id) for one in (first, second)}
    none = {one.case_id: replace(first, case_id=one.case_id) for one in (first, second)}
    stranded = {**played.cases, first.case_id: replace(first, status="In the Dialer")}
    for cases, words in (
        (both, "should wait"),
        (none, "10115 shows"),
        (stranded, "115 shows"),
    ):
        wrong = proof.discrepancies(roles[0], cases, played.calls, played.texts)
        assert any(words in one for one in wrong)


def test_a_case_may_be_in_the_dialer_while_its_call_is_under_way() -> None:
    roles = _roles()
    played = _played(roles, status="In the Dialer")
    ringing = replace(played, calls=[*played.calls[1:], _call(roles[0], "ringing")])
    assert ringing.harm() == []


def test_whoever_is_reached_too_often_is_found() -> None:
    roles = _roles()
    played = _played(roles)
    (called,) = replace(played, calls=[*played.calls, _call(roles[0])]).harm()
    assert called.endswith("called 1 times too many")
    twice = [*played.texts, _text(roles[0]), _text(roles[0])]
    (texted,) = replace(played, texts=twice).harm()
    assert texted.endswith("texted 2 times too many")
    # Too seldom is wrong, and no harm.
    seldom = replace(played, calls=[])
    assert seldom.faults() != []
    assert seldom.harm() == []


def test_what_smartadvocate_remembers_and_what_twilio_lost_is_harm() -> None:
    played = _played(_roles())
    lost = replace(
        played, lapses=["case 101: it overwrote"], tally=PostCounts(lost=["CA1 /status"])
    )
    assert lost.harm() == ["case 101: it overwrote", "lost, though Twilio posted it: CA1 /status"]
    assert lost.faults() == lost.harm()


def test_a_refused_outcome_must_be_listed_as_dead_in_smartadvocates_words() -> None:
    roles = [_one(_roles("refusing"), "presses 1 and talks")]
    (case_id,) = roles[0].case_ids
    for listed, found in (
        ("", 1),
        (DEAD.format(case_id + 1), 1),
        (DEAD.format(case_id).replace(LOCKED, "400"), 1),
        (DEAD.format(case_id), 0),
    ):
        assert len(proof.unlisted(roles, listed)) == found
    # The claim stands, or was put back; the outcome can't have been taken.
    for status in ("In the Dialer", "To Dial", "Do not Dial"):
        assert _played(roles, "refusing", status=status).faults() == []
    assert _played(roles, "refusing", status="Closed").faults() != []
    assert _played(roles, "refusing", disposition="Successful").faults() != []
    assert proof.unlisted(_roles(), "") == []


def test_a_label_of_staff_must_stand_at_the_end() -> None:
    roles = [role for role in _roles("own-labels") if role.person.held]
    assert {role.person.expected.status for role in roles} == {HOLD}
    assert _played(roles, "own-labels", status="Do not Dial").faults() != []


def test_where_lists_are_capped_a_case_may_be_put_off_with_one_note() -> None:
    roles = _roles("capped", count=24)
    crowd = [role for role in roles if role.person.expected.calls == 0][:13]
    assert roles[:13] == crowd, "who can't be called stands before the others"
    assert sum(role.person.expected.calls for role in roles) >= 6
    first = roles[:1]
    assert _played(first, "capped", updates=1, notes=["mend its phone"]).faults() == []
    assert _played(first, "capped", notes=["mend it", "and this"]).faults() != []
    assert _played(first, "capped", status="In the Dialer").faults() != []
    plain = [_one(_roles(), "in another zone, at night")]
    assert _played(plain, notes=["mend its phone"]).faults() != []


def test_a_fast_clock_has_cases_that_are_due_by_it_alone() -> None:
    roles, spoken = _roles("fast-clock", count=80), named(["fast-clock"])
    ahead = NOON.astimezone(spoken.zone) + spoken.ahead
    early = [
        role
        for role in roles
        if cast.cases(role, ahead, spoken)[0].dial_at == f"{ahead:%Y-%m-%dT%H:%M:%S}"
    ]
    assert len(roles) // 4 < len(early) < len(roles) // 2
    # Who loses every callback takes long enough.
    assert not any(role.person.manner.mute for role in early)
    assert any(role.person.manner.mute and role.case_id % 3 == 0 for role in roles)


def _processes(home: Path, **settings: str) -> Processes:
    return Processes(home, {"PUBLIC_URL": "http://127.0.0.1:9", **settings})


def test_what_is_wrong_is_told_in_the_bridges_own_words_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = _processes(tmp_path)
    processes.run("migrate")
    assert conclude(_played(_roles(count=1), status="In the Dialer"), processes) == 1
    said = capsys.readouterr().out
    for words in (
        "Wrong:",
        "case 101 (presses 1 and talks): 101 shows ('In the Dialer'",
        "Of these, lost, duplicated, stranded or overwritten:",
        "bridge deliveries list --dead",
        "bridge dial pauses",
        "bridge dial skipped",
        "TWILIO_ACCOUNT_SID is missing",
    ):
        assert words in said


def test_what_a_command_wrote_counts_over_the_plays_settings(tmp_path: Path) -> None:
    # Further up a real firm's settings may lie.
    (tmp_path / ".env").write_text("DIAL_DAYS=x\n")
    home = tmp_path / "home"
    home.mkdir()
    processes = _processes(home, SMARTADVOCATE_TIMEZONE="America/New_York")
    assert "DIAL_DAYS" not in processes.run("check")
    processes.env_file.write_text("SMARTADVOCATE_TIMEZONE=Nowhere\nSMARTADVOCATE_NAMES=\n")
    assert "Nowhere" not in processes.run("check")
    processes.adopt_env_file()
    assert "SMARTADVOCATE_TIMEZONE should be" in processes.run("check")
