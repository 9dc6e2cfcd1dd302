"""The proof at the end of a play passes what is right, and finds what is wrong."""

from dataclasses import replace
from datetime import UTC, datetime

from bridge.sandbox import cast, office, proof, summary
from bridge.sandbox.casebook import Case
from bridge.sandbox.line import Call
from bridge.sandbox.papers import on_file
from bridge.sandbox.people import PEOPLE
from bridge.sandbox.switchboard import SentText

NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def _played() -> tuple[list[cast.Role], dict[int, Case], list[Call], list[SentText]]:
    """All people, their cases as they must be at the end, and what reached them."""
    roles = cast.cast(len(PEOPLE), cast.setting(NOON))
    ends, calls, texts = {}, [], []
    for role in roles:
        expected = role.person.expected
        notes = list(expected.notes)
        for place, case in enumerate(cast.cases(role, NOON)):
            if place < expected.waiting:
                ends[case.case_id] = case
                continue
            mine, notes = notes, []
            ends[case.case_id] = replace(
                case,
                status=expected.status_of(place),
                disposition=expected.disposition,
                attempts=expected.attempts,
                notes=mine,
            )
        number = role.numbers[-1]
        # Where no machine may speak, the firm's phone rings first.
        parent = None if role.person.may_hear_machines else "CA0"
        calls += [
            Call("CA1", number, "", NOON, 0.0, parent_sid=parent) for _ in range(expected.calls)
        ]
        texts += [SentText("SM1", number, NOON, 0.0, {}) for _ in range(expected.texts)]
    return roles, ends, calls, texts


def test_the_proof_passes_what_is_right_and_finds_what_is_wrong() -> None:
    roles, cases, calls, texts = _played()
    assert [proof.discrepancies(role, cases, calls, texts) for role in roles] == [[]] * len(roles)
    role = next(role for role in roles if "talks" in role.person.label)
    right = cases[role.case_id]
    for wrong in (
        replace(right, notes=right.notes[:-1]),
        replace(right, notes=[*right.notes, right.notes[0]]),
        replace(right, notes=[*right.notes, "something else"]),
        replace(right, notes=[note.replace("talked", "busy") for note in right.notes]),
        replace(right, status="To Dial"),
        replace(right, disposition="Busy"),
        replace(right, attempts="2"),
    ):
        assert proof.discrepancies(role, cases | {role.case_id: wrong}, calls, texts)
    again = [*calls, Call("CA2", role.numbers[0], "", NOON, 0.0)]
    assert proof.discrepancies(role, cases, again, texts)
    assert proof.discrepancies(role, cases, calls, [])
    alone = next(role for role in roles if role.person.far_away)
    touched = replace(cases[alone.case_id], updates=1)
    assert proof.discrepancies(alone, cases | {alone.case_id: touched}, calls, texts)


def _who(roles: list[cast.Role], label: str) -> cast.Role:
    return next(role for role in roles if role.person.label == label)


def test_whoever_was_not_to_be_greeted_and_was_is_found() -> None:
    roles, cases, calls, texts = _played()
    role = _who(roles, "writes STOP while it rings")
    (call,) = [call for call in calls if call.to in role.numbers]
    call.heard.append("Hello, this is Example & Partners.")
    (wrong,) = proof.discrepancies(role, cases, calls, texts)
    assert wrong.endswith("a machine spoke, and should not have")
    assert proof.harm(role, cases, calls, texts) == [wrong]


def test_staffs_do_not_dial_must_stand_and_the_other_case_wait() -> None:
    roles, cases, calls, texts = _played()
    role = _who(roles, "one case stopped by staff")
    first, second = (cases[case_id] for case_id in role.case_ids)
    for changed in (
        replace(first, status="To Dial"),
        replace(second, status="Do not Dial"),
        replace(second, disposition="Successful", attempts="1"),
    ):
        wrong = proof.discrepancies(role, cases | {changed.case_id: changed}, calls, texts)
        assert any(f"{changed.case_id} shows" in sentence for sentence in wrong)


def test_a_machine_speaks_to_no_lead_who_has_not_agreed() -> None:
    roles, cases, calls, texts = _played()
    role = _who(roles, "lead, nothing on file")
    (leg,) = [call for call in calls if call.to in role.numbers]
    others = [call for call in calls if call is not leg]
    spoken = replace(leg, heard=["Hello, this is Example & Partners."])
    (wrong,) = proof.harm(role, cases, [*others, spoken], texts)
    assert wrong.endswith("a machine spoke, and should not have")
    first = replace(leg, parent_sid=None)
    (wrong,) = proof.harm(role, cases, [*others, first], texts)
    assert wrong.endswith("was rung before anybody at the firm was")


def test_an_agent_is_rung_for_one_at_a_time_and_rests_after_a_miss() -> None:
    phone, rest = next(iter(office.AGENTS)), office.REST

    def ring(at: float, ended_at: float | None, status: str = "completed") -> Call:
        return Call("CA1", phone, "", NOON, at, ended_at=ended_at, status=status)

    def wrong(*rings: Call) -> list[str]:
        return office.discrepancies(office.AGENTS, rings, rest)

    assert wrong(ring(0, 5), ring(5, 9), ring(10, None, "in-progress")) == []
    (at_once,) = wrong(ring(0, 5), ring(4, 9))
    assert at_once.endswith("was rung for two people at once")
    assert len(wrong(ring(0, None, "in-progress"), ring(4, 9))) == 1
    (too_soon,) = wrong(ring(0, 5, "no-answer"), ring(6, 9))
    assert too_soon.endswith("missed a call and was rung again too soon")
    assert wrong(ring(0, 5, "no-answer"), ring(5 + rest.total_seconds(), 999)) == []


def test_either_of_two_ends_is_right_and_no_mixture_of_them() -> None:
    roles, cases, calls, texts = _played()
    role = _who(roles, "writes STOP while it rings")
    right = cases[role.case_id]
    cut_short = replace(
        right, disposition="Never Dialed", attempts="", notes=["delivered", "opted out"]
    )
    assert not proof.discrepancies(role, cases | {role.case_id: cut_short}, calls, texts)
    mixed = replace(cut_short, attempts="1")
    assert proof.discrepancies(role, cases | {role.case_id: mixed}, calls, texts)


def test_the_firms_papers_name_leads_alone() -> None:
    roles = cast.cast(len(PEOPLE), cast.setting(NOON))
    consents, registry = on_file(roles)
    agreed = _who(roles, "lead who has agreed")
    assert [row.split(",")[:3] for row in consents.text.splitlines()[1:]] == [
        [agreed.numbers[0], "voice", "lead"],
        [agreed.numbers[0], "text", "lead"],
    ]
    listed = {line.replace(",", "") for line in registry.text.splitlines()}
    assert _who(roles, "lead in the registry").number in listed
    leads = [role for role in roles if role.person.is_lead]
    assert {number[:3] for number in listed} == {role.number[:3] for role in leads}
    assert [role.number for role in roles if role.number in listed] == [
        _who(roles, "lead in the registry").number
    ]
    assert on_file([role for role in roles if not role.person.is_lead]) == []


PAUSES = """\
paused  which         until  by             since                    reason
case    10120                shared-number  2026-11-26 14:42:29 EST  case 120 was set to Do not Dial by staff: is that meant for this case, too?
number  +14025550121         text           2026-11-26 14:42:34 EST  a text from …0121 limits when or how the person may be reached: somebody must decide
case    118                  text           2026-11-26 14:42:34 EST  a text from …0121 limits when or how the person may be reached: somebody must decide
"""  # noqa: E501 - as it is printed


def test_a_case_that_waits_for_the_firm_must_be_listed_with_its_question() -> None:
    roles = cast.cast(len(PEOPLE), cast.setting(NOON))
    asked = [
        role for role in roles if role.person.label in {"only after 5", "one case stopped by staff"}
    ]
    assert [role.case_id for role in asked] == [118, 120]
    assert proof.unasked(asked, PAUSES) == []
    other_reason = PAUSES.replace("limits when or how", "was set to Do not Dial by staff:")
    assert len(proof.unasked(asked, other_reason)) == 1
    assert len(proof.unasked(asked, "Nothing is paused.")) == 2


def test_the_summary_says_of_each_promise_whether_it_was_kept() -> None:
    roles = cast.cast(len(PEOPLE), cast.setting(NOON))
    fault = "case 107 (writes STOP): called 1 times, not 0"
    told = summary.promises(roles, [fault]).splitlines()
    (broken,) = [line for line in told if line.startswith("  broken")]
    assert "by text, in English or in Spanish" in broken
    assert broken.endswith("(107, 108, 116, 125)")
    assert sum(line.startswith("  ok ") for line in told) == len(told) - 2
    assert "broken" not in summary.promises(roles, [])
