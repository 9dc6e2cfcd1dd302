"""Which tests are slow, and which worker of a parallel run gets which test."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

_BROWSER = "tests/browser/"
_STORIES = ("tests/stories/", _BROWSER)
_SLOW = (
    *_STORIES,
    "tests/hostile/",
    "tests/fault_places/",
    "tests/dialing/",
    "tests/commands/",
    "tests/simulation/",
    "tests/test_cli.py",
)


def mark_slow(items: list[pytest.Item]) -> None:
    """Mark what `make check` leaves to `make test`.

    That is what runs the bridge as a whole, between the stand-ins, or as commands of its own
    processes, and all that runs on PostgreSQL: most of it runs on SQLite as well.
    """
    for item in items:
        if item.nodeid.startswith(_SLOW) or _runs_on_postgres(item):
            item.add_marker("slow")


def _runs_on_postgres(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return "postgres" in {*item.fixturenames, parameters.get("database_url")}


def stories_first(items: list[pytest.Item]) -> None:
    """Move stories to the front: begun last, a long one would keep one worker after the others."""
    items.sort(key=lambda item: not item.nodeid.startswith(_STORIES))


class StoriesAside(LoadScopeScheduling):
    """Every test by itself, to whichever worker is free; no story to the first half of the workers.

    A story starts several processes. Were one under way on every worker, each would mostly wait
    for the machine; and tests that need one process alone fill what stories leave of it. What a
    browser looks at is one office's, of each database: it stays with the worker that opened it.
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        self._without_stories: list[WorkerController] = []

    def _split_scope(self, nodeid: str) -> str:
        if not nodeid.startswith(_BROWSER):
            return nodeid
        return f"{_BROWSER}{'postgres' if nodeid.endswith('[postgres]') else 'sqlite'}"

    def _assign_work_unit(self, node: WorkerController) -> None:
        if len(self._without_stories) < self.numnodes // 2 and node not in self._without_stories:
            self._without_stories.append(node)
        if node in self._without_stories:
            plain = next((one for one in self.workqueue if not one.startswith(_STORIES)), None)
            if plain is not None:
                self.workqueue.move_to_end(plain, last=False)
        super()._assign_work_unit(node)
