"""Calls and texts stored by schema 0004 get the outcome that the code would give them today."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import sqlalchemy as sa

from bridge.domain.contact_outcomes import Circumstances, contact_outcome
from bridge.domain.events import AnsweredBy, Channel, Direction, Status, Talk
from bridge.domain.outcomes import translate
from bridge.domain.progress import Progress
from bridge.store.db import Database
from bridge.store.migrate import migrate

BEFORE = "0004"
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
PERSON, FIRM = "+14025550107", "+14025550199"
_COLUMNS = (
    "sid, channel, direction, status, answer, talk, duration, case_id, phone, reported_note, "
    "evidence, attempt_id, created_at, updated_at"
)


def _add(connection: sa.Connection, sid: str, **values: Any) -> None:
    row = dict.fromkeys(_COLUMNS.split(", ")) | {
        "sid": sid,
        "channel": "call",
        "direction": "outbound",
        "status": "completed",
        "answer": "unsaid",
        "talk": "unsaid",
        "phone": PERSON,
        "evidence": "phone",
        "created_at": "2026-11-23 17:00:00.000000",
        "updated_at": "2026-11-23 17:00:00.000000",
    }
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(
        sa.text(f"INSERT INTO communications ({_COLUMNS}) VALUES ({marks})"), row | values
    )


def _outcomes(db: Database) -> dict[str, str]:
    with db.read() as connection:
        rows = connection.execute(sa.text("SELECT sid, outcome FROM communications"))
        return {row.sid: row.outcome for row in rows}


def test_what_a_case_was_told_becomes_the_outcome(old_db: Database) -> None:
    """Every end that the code tells a case, and all that has no end yet."""
    expected = {}
    combinations = product(Channel, Direction, Status, AnsweredBy, Talk, (None, 12))
    with old_db.begin() as connection:
        for number, (channel, way, status, answer, talk, seconds) in enumerate(combinations):
            means = translate(channel, way, Progress(status, answer, seconds, talk=talk))
            is_nonsense = means is None and Progress(status).ended
            # Whoever called in was put through at once, and heard no prompt of ours.
            is_later = way is Direction.INBOUND and talk is Talk.HEARD
            if is_nonsense or is_later:
                continue
            text_in = (channel, way) == (Channel.TEXT, Direction.INBOUND)
            told = "heard-words" if text_in else means.kind if means and means.is_told else None
            sid = f"X{number}"
            _add(
                connection,
                sid,
                channel=channel,
                direction=way,
                status=status,
                answer=answer,
                talk=talk,
                duration=seconds,
                case_id=7,
                reported_note=told,
            )
            expected[sid] = contact_outcome(channel, way, means, Circumstances())
    migrate(old_db)
    assert _outcomes(old_db) == expected


def test_untold_ones_by_what_is_known_of_them(old_db: Database) -> None:
    with old_db.begin() as connection:
        # A softphone's call to a person whose number nobody knows.
        _add(connection, "unknown", phone=None, answer="machine")
        _add(connection, "unknown-in", phone=None, direction="inbound", status="no-answer")
        # The leg by which a person was put through.
        _add(connection, "leg", phone=FIRM, case_id=7)
        _add(connection, "own", channel="text", direction="inbound", reported_note="own-words")
        _add(connection, "busy", direction="inbound", reported_note="busy-signal-noted")
        _add(connection, "bad", status="failed", reported_note="failed|bad", case_id=7)
        _add(connection, "stop", channel="text", direction="inbound", reported_note="heard-stop")
        _add(connection, "nine", reported_note="hung-up", case_id=7)
        connection.exec_driver_sql(
            "INSERT INTO opt_outs (phone, case_id, channel, source, sid, created_at) "
            f"VALUES ('{PERSON}', 7, 'call', 'key', 'nine', '2026-11-23 17:00:00.000000')"
        )
    migrate(old_db)
    assert _outcomes(old_db) == {
        "unknown": "machine",
        "unknown-in": "missed",
        "leg": "firms-side",
        "own": "firms-side",
        "busy": "turned-away",
        "bad": "failed",
        "stop": "opted-out",
        "nine": "opted-out",
    }


def test_a_campaign_is_its_turns_and_else_its_cases(old_db: Database) -> None:
    at = "'2026-11-23 17:00:00.000000'"
    with old_db.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO turns (id, case_id, campaign, attempts, state, found_at) "
            f"VALUES (1, 7, 'Then', 0, 'ended', {at})"
        )
        connection.exec_driver_sql(
            "INSERT INTO attempts (id, turn_id, case_id, channel, phone, state, due_at, not_after, "
            f"created_at, via_firm) VALUES ('a1', 1, 7, 'call', '{PERSON}', 'ended', {at}, {at}, "
            f"{at}, true)"
        )
        connection.exec_driver_sql("INSERT INTO cases (case_id, campaign) VALUES (7, 'Now')")
        _add(connection, "ours", case_id=7, attempt_id="a1", reported_note="reached")
        _add(connection, "firm", case_id=7, attempt_id="a1", phone=FIRM)
        _add(connection, "hers", case_id=7, direction="inbound", reported_note="called-in")
        _add(connection, "nobody's", phone=None, direction="inbound")
    migrate(old_db)
    with old_db.read() as connection:
        rows = connection.execute(
            sa.text("SELECT sid, campaign, phone_end, outcome FROM communications")
        ).all()
    assert {tuple(row) for row in rows} == {
        ("ours", "Then", "0107", "talked"),
        ("firm", "Then", "0199", "firms-side"),
        ("hers", "Now", "0107", "talked"),
        ("nobody's", None, None, "talked"),
    }
