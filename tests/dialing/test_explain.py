"""What `dial explain` answers: one answer, nothing that contradicts it, and what lifts a hold."""

from datetime import timedelta

import pytest

from bridge.commands import explain, pause
from tests.support.world import World, Worldwide


def _said(world: World, case_id: int = 7) -> list[str]:
    return (explain.explain(world.runtime, world.remote, case_id) or "").splitlines()


def test_a_case_that_is_due_later_is_never_said_to_be_called_now(world: World) -> None:
    world.case(7, dial_at="2026-11-23T17:17:00")
    said = _said(world)
    assert said[1] == ("Not before Mon Nov 23, 5:17 PM ET, the next call that SmartAdvocate shows.")
    assert "Call to (402) 555-0107: not before Mon Nov 23, 5:17 PM ET (there: " in said[2]
    assert not any("now." in line for line in said[1:])
    assert not any("Z" in line for line in said), "one form of time, with its zone"


def test_hours_are_those_of_the_moment_it_is_due(world: World) -> None:
    world.case(7, dial_at="2026-11-23T23:30:00")
    said = _said(world)
    assert said[1] == "Not before Tue Nov 24, 10:05 AM ET."
    assert not any("Yes" in line for line in said)


def test_a_case_that_is_not_to_dial_is_answered_no(world: World) -> None:
    world.case(7, status="Do not Dial")
    assert _said(world)[1:] == ["No: only cases that are To Dial are called and texted."]


@pytest.mark.parametrize(
    ("scope", "what", "command"),
    [
        ("everything", "", "bridge dial resume"),
        ("state", "NE", "bridge dial resume --state NE"),
        ("case", "7", "bridge dial resume --case 7"),
        ("campaign", "Intake follow-up", "bridge dial resume --campaign 'Intake follow-up'"),
    ],
)
def test_what_is_held_names_the_command_that_lifts_it(
    scope: str, what: str, command: str, world: World
) -> None:
    world.case(7, campaign="Intake follow-up")
    pause.pause(world.runtime.settings, scope, what, None, "lunch")
    said = _said(world)
    assert said[1] == "Not until somebody lifts what holds it."
    assert f"  To lift that: {command}" in said
    pause.resume(world.runtime.settings, scope, what)
    assert _said(world)[1] == "Yes, at the next poll."


def test_a_paused_number_names_it_too(world: World) -> None:
    number = world.case(7)
    pause.pause(world.runtime.settings, "number", number, None, "wrong person")
    said = _said(world)
    assert said[1] == "No: it has no phone that may be called or texted."
    assert f"  To lift that: bridge dial resume --number {number}" in said


def test_a_pause_that_ends_before_it_is_due_holds_nothing(world: World) -> None:
    world.case(7, dial_at="2026-11-23T17:17:00")
    soon = world.clock() + timedelta(hours=1)
    pause.pause(world.runtime.settings, "everything", "", soon, "lunch")
    assert not any("lift" in line for line in _said(world))


def test_with_dialing_off_it_says_so(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_ENABLED="false")
    world.case(7)
    assert _said(world)[1] == "Yes, at the next poll. But DIAL_ENABLED is false."


def test_a_case_in_its_turn_is_in_progress(world: World) -> None:
    world.case(7)
    world.poll()
    said = _said(world)
    assert said[1].startswith("In progress since Mon Nov 23, ")
    assert said[2].startswith("  Call to (402) 555-0107: planned, Mon Nov 23, ")
