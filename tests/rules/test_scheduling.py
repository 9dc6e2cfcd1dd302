"""In a parallel run stories begin at once, side by side, and one worker is left to other tests."""

from itertools import chain
from types import SimpleNamespace
from typing import Any, cast

import pytest
from xdist.remote import Producer
from xdist.workermanage import WorkerController

from tests.support.scheduling import StoriesAside, stories_first

WORKERS = 3
STORIES = [f"tests/stories/test_dial.py::test_{number}" for number in range(8)]
OTHERS = [f"tests/domain/test_hours.py::test_{number}" for number in range(20)]


class _Config:
    def __init__(self) -> None:
        self.option = self
        self.loadscopereorder = True

    def getvalue(self, _name: str) -> list[str]:
        return [f"{WORKERS}*popen"]


class _Worker:
    shutting_down = False

    def __init__(self) -> None:
        self.gateway = SimpleNamespace(id="worker")
        self.sent: list[int] = []

    def send_runtest_some(self, places: list[int]) -> None:
        self.sent += places

    def shutdown(self) -> None:
        self.shutting_down = True


class _Item:
    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


def _run(collected: list[str]) -> list[list[str]]:
    """What each worker runs, in order, when every test takes the same time."""
    scheduler = StoriesAside(cast("pytest.Config", _Config()), Producer("silent", enabled=False))
    workers: list[Any] = [_Worker() for _ in range(WORKERS)]
    for worker in workers:
        scheduler.add_node(cast("WorkerController", worker))
        scheduler.add_node_collection(cast("WorkerController", worker), collected)
    scheduler.schedule()
    done = [0] * WORKERS
    while not scheduler.tests_finished or any(
        done[place] < len(worker.sent) for place, worker in enumerate(workers)
    ):
        for place, worker in enumerate(workers):
            if done[place] < len(worker.sent):
                scheduler.mark_test_complete(worker, worker.sent[done[place]])
                done[place] += 1
    return [[collected[index] for index in worker.sent] for worker in workers]


def test_stories_come_first_and_keep_one_worker_free() -> None:
    items: list[Any] = [_Item(nodeid) for nodeid in OTHERS + STORIES]
    stories_first(items)
    free, *others = _run([item.nodeid for item in items])
    assert not set(free) & set(STORIES)
    assert sorted(chain(free, *others)) == sorted(OTHERS + STORIES)
    for ran in others:
        count = len(set(ran) & set(STORIES))
        assert count == len(STORIES) // len(others)
        assert set(ran[:count]) <= set(STORIES)


def test_where_only_stories_are_left_every_worker_takes_them() -> None:
    assert sorted(chain(*_run(STORIES))) == sorted(STORIES)


def test_in_a_browser_tests_go_where_their_office_is() -> None:
    names = [f"tests/browser/test_looks.py::test_{number}" for number in range(5)]
    steering = [f"tests/browser/test_steering.py::test_{number}" for number in range(5)]
    sqlite = [*names, *(f"{name}[sqlite]" for name in steering)]
    postgres = [f"{name}[postgres]" for name in steering]
    free, *others = _run([*sqlite, *postgres, *STORIES, *OTHERS])
    assert not any(name.startswith("tests/browser/") for name in free)
    for group in (sqlite, postgres):
        (ran,) = (one for one in others if group[0] in one)
        assert set(group) <= set(ran)
