"""`bridge erase PHONE`: what a person wrote is gone wherever it was kept; what is left is said."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import event, insert, select, text, update

from bridge.cli import cli
from bridge.commands import erase
from bridge.consent.consents import record_consents, withdraw_one
from bridge.domain import text_flood
from bridge.domain.consents import NewConsent
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.store.consent import consents
from bridge.store.consent.erasure import FEW
from bridge.store.console import audit, errands
from bridge.store.console.audit import Action
from bridge.store.db import UNREACHABLE, Database
from bridge.store.dialing import pauses
from bridge.store.reporting.lanes import LEASE
from bridge.store.tables import callbacks, deliveries, metadata, opt_outs, turns
from tests.support.clock import Clock
from tests.support.posting import CALL, Twilio
from tests.support.signing import ACCOUNT_SID, call_fields
from tests.support.world import World

PERSON, OTHER = "+14025550107", "+14025550108"
TEXT_IN = "/twilio/messages/inbound"
FELL = "I fell off a ladder, my café knee & 我摔倒了 hurt"
WORK = "Please never ring me at the bakery, Dr. O'Hara says so"
SECRETS = ("ladder", "café", "我摔倒了", "bakery", "O'Hara", "O%27Hara", "\\u6211", "caf\\u00e9")
"""Words of the person's, also as they stand in JSON and in forms."""


@pytest.fixture
def world(database_url: str, clock: Clock) -> Iterator[World]:
    made = World(database_url, clock)
    yield made
    made.close()


@pytest.fixture
def twilio(world: World) -> Twilio:
    return Twilio(world.runtime)


def _is_taken(twilio: Twilio, sid: str, body: str, who: str = PERSON) -> bool:
    fields = {
        "MessageSid": f"SM{sid * 32}"[:34],
        "AccountSid": ACCOUNT_SID,
        "From": who,
        "To": "+14025550100",
        "Body": body,
        "NumMedia": "0",
        "SmsStatus": "received",
    }
    return twilio.post(TEXT_IN, fields).status_code == 200


def _write(twilio: Twilio, sid: str, body: str, who: str = PERSON) -> None:
    assert _is_taken(twilio, sid, body, who)


def _command(world: World, *arguments: str) -> Result:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        return CliRunner().invoke(cli, arguments, env=world.environment)
    finally:
        root.handlers, root.level = handlers, level
        structlog.reset_defaults()


def _erase(world: World, phone: str = "(402) 555-0107") -> Result:
    return _command(world, "erase", phone, "--by", "Ann")


def _dump(db: Database) -> str:
    """Every value of every row, and SQLite's files as they lie on the disk."""
    with db.read() as connection:
        rows = [
            repr(
                tuple(
                    one.decode(errors="replace") if isinstance(one, bytes) else one for one in row
                )
            )
            for table in metadata.sorted_tables
            for row in connection.execute(text(f"SELECT * FROM {table.name}"))
        ]
    files = []
    if db.is_sqlite:
        file = Path(db.url.removeprefix("sqlite:///"))
        files = [path.read_bytes() for path in file.parent.glob(f"{file.name}*")]
    return "\n".join([*rows, *(one.decode("utf-8", "replace") for one in files)])


def test_what_a_person_wrote_is_gone_and_the_facts_stay(world: World, twilio: Twilio) -> None:
    world.case(7, PERSON[2:])
    world.case(8, OTHER[2:])
    world.poll()
    _write(twilio, "a", FELL)
    world.deliver()
    assert FELL.replace("&", "&amp;") in world.shown(7).notes[0]
    _write(twilio, "b", WORK)
    _write(twilio, "c", f"Her number is {PERSON}", OTHER)
    _write(twilio, "d", WORK, OTHER)
    _write(twilio, "e", "STOP")
    _write(twilio, "f", "ok")
    # A call's callback that no worker has understood yet; and what older rows may repeat.
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "busy", 2, To=PERSON))
    first = deliveries.c.sid == f"SM{'a' * 32}"
    with world.runtime.db.begin() as connection:
        said = f"AddCaseNote: 400 Can't take “{FELL.upper()}”"
        connection.execute(update(deliveries).where(first).values(refusal=said, state="dead"))
        why = f"SmartAdvocate refused it: {FELL}"
        connection.execute(update(turns).where(turns.c.case_id == 7).values(ending=why))
        pause = Pause(PauseScope.CASE, "8", None, f"{PERSON} said: {FELL}")
        pauses.add(connection, pause, "test", world.clock())
    assert all(word in _dump(world.runtime.db) for word in ("ladder", "bakery"))

    result = _erase(world)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    tables = len(metadata.tables)
    assert lines[:7] == [
        "callbacks: 6 raw forms erased",
        "deliveries: the words of 4 notes erased, 3 of them still to be told, without the words",
        "opt_outs: the words of 1 refusal erased, not the refusal",
        "deliveries.refusal: 1 sentence redacted",
        "pauses.reason: 1 sentence redacted",
        "turns.ending: 1 sentence redacted",
        f"looked for the number and 2 texts in {tables} tables (not for 2 of under 8 letters)",
    ]
    assert "left: the number in opt_outs.phone, 1 row: a refusal outlives what was said" in lines
    with world.runtime.db.read() as connection:
        (entry,) = audit.newest(connection, 1, None)
    assert (entry.actor, entry.action) == ("command line: Ann", Action.WORDS_ERASED)
    assert (entry.subject, entry.reason) == (
        "the person at …0107",
        "6 raw forms and the words of 4 notes",
    )
    same = "left: the words in callbacks.body, 1 row: another person wrote the same"
    assert same in lines
    with world.runtime.db.begin() as connection:
        # What the other person wrote is the other person's.
        theirs = callbacks.c.sid == f"SM{'d' * 32}"
        assert b"bakery" in (connection.scalar(select(callbacks.c.body).where(theirs)) or b"")
        connection.execute(update(callbacks).where(theirs).values(body=None))
        mine = deliveries.c.sid == f"SM{'d' * 32}"
        connection.execute(update(deliveries).where(mine).values(payload={"phone": OTHER}))
        refusal = connection.scalar(select(deliveries.c.refusal).where(first))
        assert refusal == "AddCaseNote: 400"
        assert len(connection.execute(select(opt_outs)).all()) == 1
        came = connection.execute(select(callbacks).where(callbacks.c.sid == "CA1")).one()
        assert (came.status, came.case_id, came.verdict) == ("busy", 7, "matched")
    assert world.runtime.db.truncate_log()
    left = _dump(world.runtime.db)
    assert [word for word in SECRETS if word.casefold() in left.casefold()] == []


def test_what_was_typed_in_the_console_about_the_person_is_gone(
    world: World, twilio: Twilio
) -> None:
    world.case(7, PERSON[2:])
    world.poll()
    _write(twilio, "a", FELL)
    now, db = world.clock(), world.runtime.db
    why = f"{PERSON} wrote “{FELL}”"
    with db.begin() as connection:
        pauses.add(connection, Pause(PauseScope.CASE, "7", None, "asked"), "console: Ann", now)
        pauses.lift(connection, PauseScope.CASE, "7", now, by="console: Ann", reason=why)
        audit.record(
            connection, actor="Ann", action=audit.Action.RESUMED, subject="7", reason=why, now=now
        )
        errands.ask(connection, errands.ErrandKind.TEST_CALL, "Ann", now, E164(PERSON))

    result = _erase(world)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert "pauses.lift_reason: 1 sentence redacted" in lines
    assert "audit.reason: 1 sentence redacted" in lines
    assert "errands: the number forgotten in 1 row" in lines
    assert not any("errands" in line or "audit" in line for line in lines if "left" in line)
    with db.read() as connection:
        erased, line = audit.newest(connection, 5)
        assert erased.action == Action.WORDS_ERASED
        assert (line.actor, line.action) == ("Ann", "resumed")
    assert world.runtime.db.truncate_log()
    left = _dump(db)
    assert [word for word in SECRETS if word.casefold() in left.casefold()] == []


def test_what_was_agreed_to_stays_and_what_was_said_about_its_end_goes(
    world: World, twilio: Twilio
) -> None:
    world.case(7, PERSON[2:])
    world.poll()
    _write(twilio, "a", FELL)
    given = NewConsent(
        phone=E164(PERSON),
        channel=Channel.TEXT,
        purpose=Purpose.CLIENT,
        words=f"You may text me at {PERSON}.",
        given_at=world.clock(),
        source="web form",
        evidence="form 17",
    )
    with world.runtime.db.begin() as connection:
        [stored] = record_consents(world.runtime, connection, [given], "Ann")
        withdraw_one(world.runtime, connection, stored.id, by="Ann", reason=f"She wrote: {FELL}")

    result = _erase(world)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert "consents.revoked_how: 1 sentence redacted" in lines
    why = "what was agreed to, and the proof of it, outlives what else was said"
    assert f"left: the number in consents.phone, 1 row: {why}" in lines
    assert f"left: the number in consents.words, 1 row: {why}" in lines
    with world.runtime.db.read() as connection:
        kept = consents.get(connection, stored.id)
    assert kept is not None
    assert (kept.words, kept.given_at) == (given.words, given.given_at)
    assert "ladder" not in (kept.revoked_how or "")


def test_what_was_to_be_told_is_told_without_the_words(world: World, twilio: Twilio) -> None:
    world.case(7, PERSON[2:])
    world.poll()
    _write(twilio, "a", WORK)
    _write(twilio, "b", "STOP")
    assert "2 of them still to be told" in _erase(world).output
    world.deliver()
    first, second, *_ = world.shown(7).notes
    assert "Text from (402) 555-0107 (the words are no longer kept)" in first
    assert "(the words are no longer kept): opted out" in second
    assert world.shown(7).status == "Do not Dial"
    again = _erase(world)
    assert again.exit_code == 0
    assert "callbacks: 0 raw forms erased" in again.output


def test_of_a_number_that_nobody_knows_nothing_is_left(world: World) -> None:
    result = _erase(world, "+14025550188")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "nothing is left")
    wrong = _erase(world, "4025")
    assert wrong.exit_code != 0
    assert "PHONE should be a number, such as +14025555759" in wrong.output


@pytest.mark.parametrize("own", ["+14025550100", "+14025550199"])
def test_a_number_of_our_own_is_refused(world: World, twilio: Twilio, own: str) -> None:
    """Everybody's callbacks name it."""
    _write(twilio, "a", WORK)
    result = _erase(world, own)
    assert result.exit_code == 1
    assert result.output == (
        f"Error: {own} is the firm's own (TWILIO_FROM_NUMBER, FIRM_PHONE or DIAL_AGENTS): name the "
        "number of the person whose words are to be erased\n"
    )
    assert "bakery" in _dump(world.runtime.db)


def test_nobody_waits_while_it_looks_and_it_writes_few_rows_at_a_time(
    world: World, twilio: Twilio
) -> None:
    world.case(7, PERSON[2:])
    world.poll()
    _write(twilio, "a", WORK)
    db = world.runtime.db
    rows = [
        {
            "received_at": world.clock(),
            "channel": "call",
            "sid": f"CA{number:032x}",
            "event": "1",
            "status": "busy",
            "verdict": "recorded",
            "body": f"From={PERSON}".encode(),
        }
        for number in range(250)
    ]
    with db.begin() as connection:
        connection.execute(insert(callbacks), rows)
    locked: list[str] = []
    written: list[int] = []

    def before(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not db.is_sqlite or not statement.startswith("SELECT"):
            return
        with closing(sqlite3.connect(db.url.removeprefix("sqlite:///"), timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                locked.append(statement)

    def after(_connection: object, cursor: sqlite3.Cursor, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE"):
            written.append(cursor.rowcount)

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)
    report = erase.erase(world.runtime, E164(PERSON), "Ann")
    assert "callbacks: 251 raw forms erased" in report.text
    assert report.is_done
    assert (sum(written) > 250, max(written)) == (True, FEW)
    at_once = ("FROM deliveries", "WHERE deliveries.id IN (?)")
    assert [one for one in locked if not all(part in one for part in at_once)] == []


def test_dead_notes_lose_their_words_in_time_and_can_still_be_sent(
    world: World, twilio: Twilio
) -> None:
    world.case(7, PERSON[2:])
    world.poll()
    _write(twilio, "a", WORK)
    with world.runtime.db.begin() as connection:
        said = f"AddCaseNote: 400 Can't take “{WORK}”"
        connection.execute(update(deliveries).values(state="dead", refusal=said))
        connection.execute(text("DELETE FROM lanes"))
    world.clock.now += timedelta(days=89)
    world.sweep()
    assert "bakery" in _dump(world.runtime.db)
    world.clock.now += timedelta(days=2)
    world.sweep()
    assert world.runtime.db.truncate_log()
    assert [word for word in SECRETS if word in _dump(world.runtime.db)] == []
    with world.runtime.db.read() as connection:
        note = (deliveries.c.kind == "note") & (deliveries.c.sid == f"SM{'a' * 32}")
        row = connection.execute(select(deliveries).where(note)).one()
    assert (row.state, row.refusal) == ("dead", "AddCaseNote: 400")
    retried = _command(world, "deliveries", "retry", str(row.id))
    assert retried.output.splitlines() == [
        "1 to be sent again",
        f"without the person's words, which are no longer kept: {row.id}",
    ]
    world.deliver()
    assert "(the words are no longer kept)" in world.shown(7).notes[-1]


def test_while_workers_are_at_it(world: World, twilio: Twilio) -> None:
    """What comes in meanwhile is erased by the next run, and no worker brings words back."""
    world.case(7, PERSON[2:])
    world.poll()
    stopping = threading.Event()

    def work() -> None:
        # As the worker's own loop: on SQLite another writer may be in the way for too long.
        while not stopping.is_set():
            with suppress(*UNREACHABLE):
                world.take_in()
                world.deliver()

    def write() -> None:
        for number in range(14):
            while not _is_taken(twilio, f"{number:02d}", f"{number}: {WORK}"):
                pass

    threads = [threading.Thread(target=one) for one in (work, write)]
    for thread in threads:
        thread.start()
    outcomes = {_erase(world).exit_code}
    threads[1].join()
    outcomes.add(_erase(world).exit_code)
    stopping.set()
    threads[0].join()
    # A lane is still leased if its worker could not reach the database; and what the command has
    # taken in by itself is due by the host's clock, which it runs on.
    world.clock.now = max(world.clock.now, datetime.now(UTC)) + LEASE
    world.deliver()
    assert outcomes <= {0, 1}
    assert _erase(world).exit_code == 0
    assert world.runtime.db.truncate_log()
    assert "bakery" not in _dump(world.runtime.db)
    assert sum("Text from" in note for note in world.shown(7).notes) == text_flood.NOTED_APART
