"""Whoever waits goes on when their moment has come, also while another is in the middle."""

from datetime import UTC, datetime, timedelta

from tests.simulation.agenda import Agenda

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)


def test_two_are_in_the_middle_of_something_at_once() -> None:
    agenda, done = Agenda(NOON), list[str]()

    def does(name: str, seconds: float) -> None:
        done.append(f"{name} begins")
        agenda.wait(seconds)
        done.append(f"{name} goes on at {(agenda.now - NOON).total_seconds():.0f}")

    agenda.after(0, lambda: does("first", 2))
    agenda.after(1, lambda: does("second", 3))
    while agenda.step(NOON + timedelta(seconds=10)):
        pass
    assert done == ["first begins", "second begins", "first goes on at 2", "second goes on at 4"]


def test_who_waits_at_the_end_ends_there() -> None:
    agenda, done = Agenda(NOON), list[str]()

    def does() -> None:
        try:
            agenda.wait(60)
            done.append("goes on")
        finally:
            done.append("ends")

    agenda.after(0, does)
    agenda.step(NOON)
    agenda.close()
    assert done == ["ends"]
    assert agenda.next_at() is None
