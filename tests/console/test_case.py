"""The page of a case: how it stands, why, and what has happened with it."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.sandbox.manner import Manner
from bridge.store import tables
from bridge.store.callbacks import callbacks
from bridge.store.console import audit
from bridge.store.dialing import number_health
from tests.console.conftest import with_console
from tests.support.console import PASSWORD, SignedIn, words
from tests.support.world import World

CASE = "/console/cases/7"


@pytest.fixture
def runtime(world: World) -> Runtime:
    """The world's own, with a console."""
    return with_console(world.runtime, world.url)


def lines(answer: Any) -> list[str]:
    """The lines of the history, without what is folded."""
    listed = re.findall(r'<li class="tone-\w+">(.*?)</li>', answer.text, re.DOTALL)
    plain = (re.sub(r"<details.*?</details>", "", one, flags=re.DOTALL) for one in listed)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in plain]


def standing(answer: Any) -> str:
    """The sentence at the top."""
    found = re.search(r'<p id="standing".*?>(.*?)</p>', answer.text, re.DOTALL)
    assert found is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


def called(world: World, manner: Manner) -> None:
    """Case 7 was texted and called."""
    world.case(7, "4025550114", manner)
    world.poll()
    world.place()
    world.clock.advance(minutes=11)
    world.place()
    world.settle()


def test_a_busy_call_is_told_from_the_poll_to_the_note(world: World, operator: SignedIn) -> None:
    called(world, Manner("busy"))
    page = operator.get(CASE)
    assert standing(page) == (
        "1 call so far: busy. Next call Mon Nov 23, 4:12 PM ET, 3:12 PM for the person. Why then?"
    )
    assert '<span class="badge text-bg-primary">To Dial</span>' in page.text
    said = "\n".join(lines(page))
    in_order = [
        "Due: SmartAdvocate lists it to be called (0 attempts so far).",
        "May be reached by call.",
        "Set to In the Dialer in SmartAdvocate.",
        "Text to …0114 Delivered",
        "Call to …0114 Busy",
        (
            "SmartAdvocate was told: To Dial, next call Mon Nov 23, 12:33 PM ET, 1 attempt, "
            "disposition Busy."
        ),
        "Noted in SmartAdvocate: Call to …0114: busy. Next call Mon Nov 23, 12:33 PM ET.",
    ]
    places = [said.find(one) for one in in_order]
    assert -1 not in places, said
    assert places == sorted(places), said
    assert re.match(r"Nov 23, 12:01:\d\d PM Due", lines(page)[0])


def test_nothing_is_shown_in_the_programs_own_form(world: World, operator: SignedIn) -> None:
    called(world, Manner(key="9"))
    page = operator.get(CASE)
    for form in ("{'", '{"', "None", "datetime", "&lt;", "remark", "5550114"):
        assert form not in words(page), form
    assert "5550114" not in page.text


def test_a_person_who_pressed_9_is_called_no_more(world: World, operator: SignedIn) -> None:
    called(world, Manner(key="9"))
    page = operator.get(CASE)
    assert standing(page).startswith(
        "1 call so far: asked us to stop. No call is planned because the person opted out (key)."
    )
    said = "\n".join(lines(page))
    assert "Pressed 9, not to be contacted again." in said
    assert "Opted out by pressing 9: no calls or texts to this person." in said
    assert "Opt-outs lists it" in words(page)
    # What the key was is still known when the callback is erased.
    with world.runtime.db.begin() as connection:
        callbacks.erase_bodies(connection, 0, world.clock() + timedelta(days=1), 1000)
    page = operator.get(CASE)
    assert "Pressed 9, not to be contacted again." in "\n".join(lines(page))
    assert "The callback itself is no longer kept." in words(page)


def test_the_persons_words_are_shown_as_they_are(world: World, operator: SignedIn) -> None:
    called(world, Manner("busy", reply="<script>alert('hi')</script> Call 402-555-0177"))
    page = operator.get(CASE)
    assert "<script>alert" not in page.text
    assert "“<script>alert('hi')</script> Call 402-555-0177”" in "\n".join(lines(page))
    assert "Wrote to us" in words(page)
    with world.runtime.db.begin() as connection:
        callbacks.erase_bodies(connection, 0, world.clock() + timedelta(days=1), 1000)
    assert "(the words are no longer kept)" in "\n".join(lines(operator.get(CASE)))


def test_what_twilio_told_is_folded_behind_its_line(world: World, viewer: SignedIn) -> None:
    called(world, Manner("busy"))
    page = viewer.get(CASE)
    [call] = re.findall(r'<details id="raw-CA\w+">(.*?)</details>', page.text, re.DOTALL)
    assert "Status of the call: busy" in re.sub(r"<[^>]+>", "", call)
    assert "<dt>CallStatus</dt><dd>busy</dd>" in call
    assert "<dt>To</dt><dd>…0114</dd>" in call


def test_on_paper_all_is_unfolded_and_nothing_can_be_pressed(
    world: World, operator: SignedIn
) -> None:
    called(world, Manner("busy"))
    page = operator.get(CASE, print=1)
    body = page.text.partition("<main")[2]
    assert "<details id=" in body
    assert not re.findall(r"<details id=[^>]+(?<!open)>", body)
    assert "<button" not in body
    assert "data-live" not in body


def test_the_file_has_the_same_lines_and_is_kept_in_the_audit(
    world: World, viewer: SignedIn
) -> None:
    called(world, Manner("busy"))
    answer = viewer.get(f"{CASE}.csv")
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head == ["time", "what", "details"]
    # The last line is that of the file itself.
    *shown, last = lines(viewer.get(CASE))
    assert "Vic Viewer made a file." in last
    assert len(rows) == len(shown)
    assert all(row[1] in line for row, line in zip(rows, shown, strict=True))
    assert any(row[1:] == ["Call to …0114", "Busy."] for row in rows)
    assert rows[0][0].startswith("2026-11-23T12:01:")
    with world.runtime.db.read() as connection:
        entry = audit.newest(connection, 1)[0]
    assert (entry.actor, entry.action, entry.case_id) == ("Vic Viewer", "exported", 7)


@pytest.mark.parametrize("path", ["/console/cases/8", f"/console/cases/{10**17}"])
def test_a_case_that_nobody_knows_says_so(viewer: SignedIn, path: str) -> None:
    for suffix in ("", ".csv"):
        answer = viewer.get(f"{path}{suffix}")
        assert answer.status_code == 404
        assert "is not known" in words(answer)


def test_a_case_of_which_only_a_call_is_known_has_a_page(world: World, viewer: SignedIn) -> None:
    now = world.clock()
    with world.runtime.db.begin() as connection:
        connection.execute(
            tables.communications.insert().values(
                channel="call",
                sid="CA1",
                direction="inbound",
                case_id=9,
                evidence="by-hand",
                status="completed",
                answer="unsaid",
                created_at=now,
                updated_at=now,
                outcome="talked",
                duration=94,
            )
        )
    page = viewer.get("/console/cases/9")
    assert standing(page) == (
        "No calls so far. No call is planned because SmartAdvocate has not shown this case to "
        "the bridge yet."
    )
    assert lines(page) == [
        "Nov 23, 12:00:00 PM Call from a number that is not shown Talked with us 1 min 34 s"
    ]


def test_it_says_why_then_and_what_lifts_it(world: World, app: Flask) -> None:
    world.case(7, "4025550114", dial_at="2026-11-23T11:00:00")
    world.clock.now = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    world.poll()
    page = SignedIn(app, "Ann Operator", PASSWORD).get(CASE)
    assert standing(page).startswith("No calls so far. Next call Tue Nov 24, 10:05 AM ET, ")
    said = words(page)
    assert "Not before Tue Nov 24, 10:05 AM ET." in said
    assert "Call to …0114: not before Tue Nov 24, 10:05 AM ET" in said
    assert "It ends by itself." in said
    assert "The person may be in NE (America/Chicago" in said
    assert "Contacts in the last 7 days: none." in said
    assert "Not now by call, not before Tue Nov 24, 10:05 AM ET: it is Mon 9:01 PM" in said


def test_a_case_in_its_turn_is_in_progress(world: World, operator: SignedIn) -> None:
    world.case(7, "4025550114")
    world.poll()
    assert standing(operator.get(CASE)).startswith(
        "No calls so far. In progress since Mon Nov 23, 12:01 PM ET. Text to …0114 planned for "
    )


def test_decisions_that_say_the_same_are_one_line(world: World, operator: SignedIn) -> None:
    world.case(7, "4025550114")
    world.poll()
    with world.runtime.db.begin() as connection:
        connection.execute(tables.decisions.delete())
        for minutes in range(5):
            connection.execute(
                tables.decisions.insert().values(
                    decided_at=world.clock() + timedelta(minutes=minutes),
                    stage="place",
                    case_id=7,
                    channel="call",
                    answer="defer",
                    until=world.clock() + timedelta(minutes=minutes, seconds=15),
                    why="a call with the person is in progress",
                    inputs={},
                )
            )
    said = [line for line in lines(operator.get(CASE)) if "in progress" in line]
    assert len(said) == 1
    assert "(5 times, the last Nov 23, 12:05:" in said[0]


def test_a_long_history_is_shown_window_by_window(
    world: World, operator: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.console.timeline.A_PAGE", 10)
    monkeypatch.setattr("bridge.console.timeline.ON_PAPER", 10)
    world.case(7, "4025550114")
    with world.runtime.db.begin() as connection:
        for number in range(55):
            audit.record(
                connection,
                actor=f"Person {number}.",
                action=audit.Action.NEXT_CALL_SET,
                subject="case 7",
                # Some at one moment.
                now=world.clock() + timedelta(minutes=number // 2),
                case_id=7,
            )
    world.poll()
    page = operator.get(CASE)
    found = [lines(page)]
    while earlier := re.search(r'href="([^"]+)">Show earlier', page.text):
        page = operator.client.get(unescape(earlier[1]))
        found.append(lines(page))
    assert len(found) > 4
    named = [line for window in reversed(found) for line in window if "Person" in line]
    assert [int(re.findall(r"Person (\d+)", line)[0]) for line in named] == list(range(55))
    file = operator.get(f"{CASE}.csv").text
    assert [int(one) for one in re.findall(r"Person (\d+)", file)] == list(range(55))


def test_phones_show_their_ends_and_what_is_wrong_with_them(
    world: World, operator: SignedIn
) -> None:
    world.case(7, "4025550114")
    with world.runtime.db.begin() as connection:
        number_health.record_failure(
            connection,
            E164("+14025550114"),
            Channel.CALL,
            "not in service",
            world.clock(),
            weight=2,
        )
    world.poll()
    said = words(operator.get(CASE))
    assert "…0114 Cell Primary takes texts Show the whole number" in said
    assert "Out of use for calls: not in service." in said


def test_a_whole_number_is_shown_once_and_the_audit_keeps_it(
    world: World, operator: SignedIn, viewer: SignedIn
) -> None:
    world.case(7, "4025550114")
    world.poll()
    shown = operator.post(f"{CASE}/number", phone="0")
    assert "(402) 555-0114" in words(shown)
    assert "555-0114" not in operator.get(CASE).text
    assert "Ann Operator had a whole number shown (…0114)." in "\n".join(lines(shown))
    assert operator.post(f"{CASE}/number", phone="4").status_code == 404
    assert operator.post(f"{CASE}/number", phone="x").status_code == 404
    assert "Show the whole number" not in viewer.get(CASE).text
    assert viewer.post(f"{CASE}/number", phone="0").status_code == 403
    assert operator.post_forged(f"{CASE}/number", phone="0").status_code == 400
    with world.runtime.db.read() as connection:
        numbers = [one for one in audit.newest(connection, 9) if one.action == "number-shown"]
    assert [(one.actor, one.subject, one.case_id) for one in numbers] == [
        ("Ann Operator", "…0114", 7)
    ]


def test_what_smartadvocate_refused_stands_in_the_history(world: World, operator: SignedIn) -> None:
    called(world, Manner("busy"))
    with world.runtime.db.begin() as connection:
        connection.execute(
            update(tables.deliveries).values(state="dead", refusal="no such case +14025550114")
        )
    said = "\n".join(lines(operator.get(CASE)))
    assert "Not noted in SmartAdvocate: Call to …0114: busy." in said
    assert "SmartAdvocate was not told: To Dial, next call" in said
    assert "Its answer: no such case …0114" in said


def test_the_history_moves_by_itself_and_the_past_does_not(world: World, viewer: SignedIn) -> None:
    called(world, Manner("busy"))
    assert 'id="timeline" data-live aria-live="polite"' in viewer.live(CASE).text
    past = viewer.get(CASE, before=world.clock().isoformat())
    assert "data-live" not in past.text.partition("<main")[2]
    for odd in (
        "yesterday",
        "2026-11-23",
        "9999-12-31T23:59:59+00:00",
        "0001-01-01T00:00:00+05:00",
    ):
        assert viewer.get(CASE, before=odd).status_code == 200
