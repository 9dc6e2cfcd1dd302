"""Nothing that the page of a case asks reads a whole table."""

import re

from sqlalchemy import Connection, text

from bridge.console import case_facts, timeline
from bridge.runtime import Runtime
from tests.support import many_rows
from tests.support.clock import Clock
from tests.support.query_plans import analyze, plans

_SCANS = {
    True: re.compile(r"SCAN (?!CONSTANT|anon|\()\w+(?! USING)\b(?!.*USING)"),
    False: re.compile(r"Seq Scan on \w+"),
}


def test_each_question_is_answered_by_an_index(runtime: Runtime, clock: Clock) -> None:
    many_rows.fill(runtime.db, clock(), 400)
    analyze(runtime.db)

    def reads(connection: Connection) -> None:
        if not runtime.db.is_sqlite:
            # Tables are small here: where an index can answer, it shall.
            connection.execute(text("SET enable_seqscan = off"))
        facts = case_facts.read(runtime, connection, many_rows.FIRST_CASE)
        assert facts is not None
        found = timeline.read(runtime, connection, many_rows.FIRST_CASE, facts.numbers)
        assert found.lines

    read = plans(runtime.db, reads)
    assert len(read) > 20
    for plan in read:
        assert _SCANS[runtime.db.is_sqlite].search(plan) is None, plan
