"""Stories of one case, told with a fault at any place, and what must be true at their ends."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import repeat

from structlog.testing import capture_logs

from bridge.sandbox.manner import Manner
from bridge.store.db import Database
from tests.fault_places.places import Fault, Place, Places, faults
from tests.support.in_process import Town, emptied

CASE, DIGITS = 7, "4025550107"
_COURSE = (4, 61)
"""Seconds after which the claim is read back, and the text has led long enough."""
_RECOVERY = (25, 361, 61, 61, *repeat(301, 12), *repeat(1801, 12))
"""Seconds after which a lease ends, Twilio is asked, it is polled anew, and so on: for hours."""
_SID = re.compile(r"(CA|SM|AT)…\w{4}")
_OURS_TO_END = ("To Dial", "In the Dialer")


@dataclass(frozen=True)
class Story:
    """One case's way, as its person takes it."""

    name: str
    person: Manner
    struck_from: str = ""
    """The request from which on faults strike: before it, it is the story above to the letter."""


STORIES = {
    story.name: story
    for story in (
        # Texted, called, put through by key: all of one case's way.
        Story("talk", Manner(key="1", talks_for=60)),
        Story("stop-while-planned", Manner(key="1", reply="STOP"), "Twilio POST Messages"),
        Story("stop-while-ringing", Manner(key="1", while_ringing="STOP"), "Twilio POST Calls"),
    )
}


@dataclass(frozen=True)
class Ending:
    """What the world shows when all is over."""

    shown: tuple[str, str, str]
    """The case's dialer status, disposition and attempts."""
    notes: Counter[str]
    calls: int
    texts: int
    heard: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """A story that was told to its end."""

    ending: Ending
    places: list[Place]
    broken: list[str] = field(default_factory=list)
    """What must be true of every story and isn't."""
    may_repeat_note: bool = False
    log: Sequence[Mapping[str, object]] = ()


def struck(story: Story, plain: Told) -> list[Fault]:
    """All faults of a story that was told without one."""
    begins = next(place.number for place in plain.places if story.struck_from in place.what)
    return [fault for fault in faults(plain.places) if fault.place.number >= begins]


def tell(story: Story, database: Database, fault: Fault | None = None) -> Told:
    """Tell a story to its end, with one fault or none."""
    emptied(database)
    places = Places(fault)
    town = Town(database, around=places.around)
    town.case(CASE, DIGITS, story.person)
    town.on_stretch = places.begin_stretch
    with places.watching(database), capture_logs() as log:
        if not town.live(map(_seconds, _COURSE), lambda: _is_over(town)):
            town.recover(map(_seconds, _RECOVERY), lambda: _is_over(town))
    broken = [*_broken(town, fault, places)]
    return Told(_ending(town), places.passed, broken, places.may_repeat_note, log)


def _seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


def _is_over(town: Town) -> bool:
    return not town.in_flight() and town.firm.shown(CASE).status not in _OURS_TO_END


def _ending(town: Town) -> Ending:
    case, calls = town.firm.shown(CASE), town.exchange.calls()
    ours = [call for call in calls if call.to == f"+1{DIGITS}"]
    return Ending(
        (case.status, case.disposition, case.attempts),
        Counter(_SID.sub(r"\1", note) for note in case.notes),
        len(ours),
        len(town.exchange.texts()),
        tuple(words for call in ours for words in call.heard),
    )


def _broken(town: Town, fault: Fault | None, places: Places) -> Iterator[str]:
    """What must be true of every story, and isn't of this one."""
    if fault is not None and not places.has_struck:
        yield "the fault never struck"
    if town.deaths.all != int(fault is not None and fault.strike.kills):
        yield f"processes died: {town.deaths}"
    left = town.in_flight()
    if left:
        yield f"forgotten: {left}"
    if town.exchange.tally.lost:
        yield f"Twilio gave up: {town.exchange.tally.lost}"
    if town.firm.book.lapses():
        yield f"written and should not have been: {town.firm.book.lapses()}"
    for sender, words, calls, texts in town.exchange.heard_from:
        called = {call.to for call in town.exchange.calls()[calls:]}
        if sender in called | {text.to for text in town.exchange.texts()[texts:]}:
            yield f"reached again after {words!r}"


def compare(plain: Told, struck: Told) -> list[str]:
    """What is wrong at the end of a story that was struck, held against the plain one."""
    was, now = plain.ending, struck.ending
    wrong = list(struck.broken)
    wrong += [
        f"{name}: {getattr(now, name)} instead of {getattr(was, name)}"
        for name in ("shown", "calls", "texts", "heard")
        if getattr(was, name) != getattr(now, name)
    ]
    missing, more = was.notes - now.notes, now.notes - was.notes
    if missing:
        wrong.append(f"notes missing: {dict(missing)}")
    if more.total() > int(struck.may_repeat_note) or set(more) - set(was.notes):
        wrong.append(f"notes too many: {dict(more)}")
    return wrong
