"""Cut-off lists are found out by moving one case, whole ones are left alone."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.list_limits import Limit, Step, next_step, observe


@given(st.integers(0, 60), st.integers(0, 200), st.integers(1, 100))
def test_a_whole_list_loses_at_most_one_case(due: int, asked: int, cap_far_above: int) -> None:
    """Nobody can be taken up; SmartAdvocate lists all of them."""
    known, moved = Limit(), 0
    cases = list(range(due))
    for _ in range(6):
        listed = cases[: max(asked, due + cap_far_above)]
        step, known = next_step(known, len(listed), len(listed) + 50, set(listed))
        assert step is not Step.MOVE_ALL
        if step is Step.MOVE_ONE:
            moved += 1
            known = replace(known, moved_case=listed[0])
            cases.remove(listed[0])
    assert moved <= 1


@given(st.sampled_from([10, 20, 25, 50, 100]), st.integers(1, 300))
def test_a_cut_off_list_moves_on_until_all_were_seen(most: int, behind: int) -> None:
    known, cases, seen = Limit(), list(range(most + behind)), set()
    for _ in range(3 * (len(cases) // most + 3)):
        listed = cases[:most]
        seen |= set(listed)
        step, known = next_step(known, len(listed), 1000, set(listed))
        if step is Step.MOVE_ONE:
            known = replace(known, moved_case=listed[0])
            cases = cases[1:]
        elif step is Step.MOVE_ALL:
            cases = cases[len(listed) :]
    assert len(seen) == most + behind


def test_a_list_is_judged_only_when_the_moved_case_has_left_it() -> None:
    known = Limit(suspected=10, moved_case=3, longest=10)
    assert next_step(known, 10, 50, {1, 2, 3}) == (Step.NOTHING, known)
    assert next_step(known, 10, 50, {1, 2, 4}) == (Step.MOVE_ALL, Limit(most=10, longest=10))
    assert next_step(known, 9, 50, {1, 2}) == (Step.NOTHING, Limit(whole=10, longest=10))


def test_a_length_that_is_seen_once_is_no_suspicion() -> None:
    step, known = next_step(Limit(), 10, 50, set())
    assert (step, known) == (Step.NOTHING, Limit(suspected=10, longest=10))
    assert next_step(known, 9, 50, set()) == (Step.NOTHING, Limit(longest=10))
    assert next_step(known, 10, 50, set())[0] is Step.MOVE_ONE


def test_a_list_shorter_than_one_that_was_seen_is_whole() -> None:
    known = observe(Limit(), 24)
    for _ in range(3):
        step, known = next_step(known, 10, 50, set())
        assert step is Step.NOTHING


def test_a_limit_that_was_raised_is_forgotten() -> None:
    step, known = next_step(Limit(most=10), 20, 20, set())
    assert (step, known.most) == (Step.NOTHING, None)
