"""Calls and texts take their courses: generators that yield the seconds until they go on."""

from collections.abc import Generator
from functools import partial

from tests.simulation.agenda import Agenda, Entry

Course = Generator[float, None, None]
"""What happens to a call or text: it yields how many seconds go by before the next thing."""


class Courses:
    """All that are under way, by what they are about."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._waiting: dict[str, tuple[Course, Entry]] = {}
        self._playing: set[str] = set()

    def start(self, about: str, course: Course) -> None:
        """Begin a course."""
        self._wait(about, course, 0)

    def hurry(self, about: str, seconds: float) -> None:
        """Have one that waits go on so soon; one that is just being played goes on by itself."""
        if about not in self._playing:
            course, entry = self._waiting[about]
            entry.drop()
            self._wait(about, course, seconds)

    def _wait(self, about: str, course: Course, seconds: float) -> None:
        entry = self._agenda.after(seconds, partial(self._go_on, about, course))
        self._waiting[about] = course, entry

    def _go_on(self, about: str, course: Course) -> None:
        self._playing.add(about)
        seconds = next(course, None)
        self._playing.discard(about)
        if seconds is None:
            self._waiting.pop(about, None)
        else:
            self._wait(about, course, seconds)
