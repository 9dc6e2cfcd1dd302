"""The page of a case's evidence: what a lawyer prints, and the same as a file."""

import csv
import io

import pytest
from sqlalchemy import select

from bridge.runtime import Runtime
from bridge.sandbox.manner import Manner
from bridge.store.tables import audit
from tests.console.conftest import with_console
from tests.support.console import SignedIn, words
from tests.support.world import World

PAGE = "/console/cases/7/evidence"


@pytest.fixture
def runtime(world: World) -> Runtime:
    """The world's own, with a console."""
    return with_console(world.runtime, world.url)


def test_the_page_is_linked_and_tells_the_contact(world: World, viewer: SignedIn) -> None:
    world.case(7, "4025550114", Manner("busy"))
    world.poll()
    world.place()
    assert f'href="{PAGE}"' in viewer.get("/console/cases/7").text
    page = viewer.get(PAGE)
    assert page.status_code == 200
    said = words(page)
    for expected in (
        "Evidence on case 7",
        "1. Text to …0114",
        "The firm's hours on Mon Nov 23: from 9:00 AM to 8:00 PM",
        "What allowed it",
        "That nothing was changed",
    ):
        assert expected in said
    assert "4025550114" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    lines = list(csv.reader(io.StringIO(viewer.get(f"{PAGE}.csv").text.removeprefix("\ufeff"))))
    assert lines[0] == ["part", "entry", "about", "says", "links"]
    assert len(lines) > 10
    with world.runtime.db.read() as connection:
        assert "evidence on case 7" in connection.scalars(select(audit.c.subject)).all()


@pytest.mark.parametrize("path", ["/console/cases/8", f"/console/cases/{10**17}"])
def test_a_case_that_nobody_knows(viewer: SignedIn, path: str) -> None:
    for ending in ("evidence", "evidence.csv"):
        assert viewer.get(f"{path}/{ending}").status_code == 404
