"""Charts on Today: calls by hour and outcome, when people answer, the same as a table."""

import re
from datetime import timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bridge import sweep
from bridge.console import charts
from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.hours_of_day import Hour
from bridge.runtime import Runtime
from bridge.store.tables import communications
from tests.support.clock import Clock
from tests.support.console import SignedIn, words
from tests.support.many_rows import fill

NEW_YORK = ZoneInfo("America/New_York")


def _filled(runtime: Runtime, clock: Clock) -> None:
    fill(runtime.db, clock(), 2000, days=28)
    for _ in range(2):
        sweep.run_due(runtime)
        clock.advance(minutes=1)


def test_what_the_charts_show_is_what_there_was(
    viewer: SignedIn, runtime: Runtime, clock: Clock
) -> None:
    _filled(runtime, clock)
    page = viewer.get("/console/")
    kept = communications.c
    with runtime.db.read() as connection:
        talked = connection.scalars(
            select(kept.created_at).where(
                kept.outcome == "talked",
                kept.direction == "outbound",
                kept.created_at >= (clock() - timedelta(days=28)).replace(minute=0),
            )
        ).all()
    assert f"Talked with us {len(talked)}" in words(page)
    table = re.search(r"<table.*?</table>", page.text.partition('id="hours-table"')[2], re.DOTALL)
    assert table is not None
    rows = ElementTree.fromstring(table[0]).findall("./tbody/tr")
    numbers = {row[0].text: [cell.text for cell in row[1:]] for row in rows}
    # The clocks of New York went back on the first of November.
    at_noon = [at for at in talked if at.astimezone(NEW_YORK).hour == 12]
    assert numbers["12 PM"][0] == str(len(at_noon))
    assert "People answer most often between" in words(page)


def test_charts_are_drawn_without_style_and_with_words(
    viewer: SignedIn, runtime: Runtime, clock: Clock
) -> None:
    _filled(runtime, clock)
    page = viewer.get("/console/").text
    drawn = re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    assert len(drawn) == 2
    for one in drawn:
        svg = ElementTree.fromstring(one)
        ids = {child.get("id") for child in svg if child.tag in {"title", "desc"}}
        assert set((svg.get("aria-labelledby") or "").split()) == ids
        assert svg.get("role") == "img"
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)
    assert "<details" in page


def test_parts_stand_on_each_other_and_fill_their_axis() -> None:
    outcomes = {ContactOutcome.TALKED: 4, ContactOutcome.BUSY: 2, ContactOutcome.NO_ANSWER: 1}
    drawn = charts.by_outcome([Hour(9, outcomes), Hour(10, {}), Hour(11, {})])
    talked, no_answer, busy = drawn.parts
    assert [part.css for part in drawn.parts] == ["chart-talked", "chart-no-answer", "chart-busy"]
    assert talked.y + talked.height == drawn.bottom
    assert abs(no_answer.y + no_answer.height - talked.y) < 0.05
    assert abs(busy.y + busy.height - no_answer.y) < 0.05
    assert [line.says for line in drawn.lines] == ["0", "5", "10"]
    assert drawn.lines[-1].at < busy.y
    assert [name.says for name in drawn.names if not name.css] == ["9 AM", "11 AM"]
    assert all(part.x + part.width <= 100 for part in drawn.parts)


def test_the_share_is_in_percent() -> None:
    hours = [Hour(9, {ContactOutcome.TALKED: 1, ContactOutcome.MACHINE: 3}), Hour(10, {})]
    drawn = charts.by_share(hours)
    assert [part.says for part in drawn.parts] == ["9 AM: 25% (1 of 4 calls)"]
    assert drawn.lines[-1].says == "30%"
