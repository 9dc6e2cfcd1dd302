"""How many threads of a worker deliver at a time: as many as wait for SmartAdvocate, and a few."""

import pytest

from bridge.worker import AT_ONCE, THREADS, WAITING_SECONDS, threads_to_begin

NOW = 1000.0
JUST_NOW, LONG_AGO = NOW - WAITING_SECONDS / 2, NOW - WAITING_SECONDS * 2


@pytest.mark.parametrize(
    ("at_work", "waiting", "more"),
    [
        (0, 0, AT_ONCE),
        (1, 0, AT_ONCE - 1),
        (AT_ONCE, 0, 0),
        (0, AT_ONCE, AT_ONCE),
        (1, AT_ONCE, AT_ONCE - 1),
        (0, THREADS - 1, 1),
        (0, THREADS, 0),
        # Those that waited go on by themselves, so that all may be at work.
        (THREADS - 1, 0, 0),
        (THREADS, 0, 0),
    ],
)
def test_more_threads_begin_only_as_those_there_wait(at_work: int, waiting: int, more: int) -> None:
    since = [JUST_NOW] * at_work + [LONG_AGO] * waiting
    assert threads_to_begin(since, NOW) == more
