"""Callbacks once, breakers, indexes, and a database whose connections die."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.phones import E164
from bridge.store import circuit_breakers, schedules, tallies
from bridge.store.callbacks import callbacks
from bridge.store.callbacks.callbacks import NewCallback, Verdict
from bridge.store.callbacks.writer import CallbackWriter
from bridge.store.cases import cases
from bridge.store.db import UNREACHABLE, Database, inline
from bridge.store.tables import callbacks as callbacks_table
from bridge.store.tables import deliveries as deliveries_table
from tests.support.postgres import Postgres

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def _arrival(sid: str, event: str = "completed|3|||", body: bytes = b"a=1") -> NewCallback:
    return NewCallback(
        NOW, "call", sid, event, "completed", "/twilio/voice/status", body, None, "r"
    )


def _count(db: Database) -> int:
    with db.read() as connection:
        return connection.scalar(select(func.count()).select_from(callbacks_table)) or 0


def test_duplicates_at_the_same_moment_are_kept_once(db: Database) -> None:
    """Two inboxes, as in two web processes, eight threads each."""
    inboxes, new = [CallbackWriter(db), CallbackWriter(db)], list[bool]()
    begin = threading.Barrier(16)

    def keep(inbox: CallbackWriter) -> None:
        begin.wait()
        new.extend(inbox.keep(_arrival(f"CA{number}")) for number in range(10))

    threads = [threading.Thread(target=keep, args=[inboxes[n % 2]]) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (_count(db), new.count(True), len(new)) == (10, 10, 160)


def test_the_event_is_the_key_and_never_the_sid_alone(db: Database) -> None:
    inbox = CallbackWriter(db)
    assert [inbox.keep(_arrival("CA1", event)) for event in ("a", "b", "a")] == [True, True, False]


def test_any_bytes_are_kept(db: Database) -> None:
    body = bytes(range(256))
    CallbackWriter(db).keep(_arrival("CA1", body=body))
    with db.read() as connection:
        assert callbacks.by_ids(connection, [1])[0].body == body


def test_one_that_the_database_cannot_take_hurts_no_other(db: Database) -> None:
    inbox = CallbackWriter(db)
    good = [threading.Thread(target=inbox.keep, args=[_arrival(f"CA{n}")]) for n in range(8)]
    failures = []

    def bad() -> None:
        broken = _arrival("CA-bad", event=None)  # type: ignore[arg-type]
        try:
            inbox.keep(broken)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [*good[:4], threading.Thread(target=bad), *good[4:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (_count(db), len(failures)) == (8, 1)


def test_connections_that_died_unnoticed_are_replaced(
    postgres: Postgres, postgres_template: str
) -> None:
    name = postgres.new_database(postgres_template)
    db = Database(postgres.url(name), connections=2)
    inbox = CallbackWriter(db)
    inbox.keep(_arrival("CA1"))
    killer = Database(db.url, connections=1)
    with killer.read() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    killer.close()
    assert inbox.keep(_arrival("CA2"))
    db.close()
    postgres.drop_database(name)


def test_an_unreachable_database_says_so() -> None:
    away = Database("postgresql+psycopg://bridge@127.0.0.1:9/none", connections=1)
    with pytest.raises(UNREACHABLE):
        CallbackWriter(away).keep(_arrival("CA1"))
    with pytest.raises(UNREACHABLE):
        away.lacks()
    away.close()


def test_partial_indexes_serve_the_queries_they_were_made_for(db: Database) -> None:
    new = (
        select(callbacks_table.c.id)
        .where(callbacks_table.c.verdict == inline(Verdict.NEW))
        .order_by(callbacks_table.c.id)
        .limit(25)
    )
    pending = (
        select(deliveries_table.c.id)
        .where(deliveries_table.c.lane == "case:1", deliveries_table.c.state == inline("pending"))
        .order_by(deliveries_table.c.id)
        .limit(1)
    )
    done = [
        {
            "lane": f"case:{number % 5}",
            "kind": "note",
            "state": "delivered",
            "due_at": NOW,
            "give_up_at": NOW,
            "created_at": NOW,
            "sid": f"CA{number}",
            "payload": {},
        }
        for number in range(500)
    ]
    writer = CallbackWriter(db)
    for number in range(200):
        writer.keep(_arrival(f"CA{number}"))
    with db.begin() as connection:
        connection.execute(deliveries_table.insert(), done)
        connection.execute(update(callbacks_table).values(verdict=Verdict.MATCHED))
    with db.begin() as connection:
        # What the planner chooses depends on what it knows of the tables.
        connection.execute(text("ANALYZE"))
        for query, index in ((new, "ix_callbacks_new"), (pending, "ix_deliveries_pending")):
            how = "EXPLAIN QUERY PLAN" if db.is_sqlite else "EXPLAIN"
            compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
            plan = connection.execute(text(f"{how} {compiled}")).all()
            assert index in str(plan)


def test_a_target_that_fails_rests_and_one_probe_asks(db: Database) -> None:
    def fail(at: datetime, *, at_once: bool = False) -> None:
        with db.begin() as connection:
            rest = timedelta(seconds=4)
            circuit_breakers.record_failure(
                connection, "sa", at, reason="away", pause=rest, at_once=at_once
            )

    def allowance(at: datetime) -> int | None:
        with db.begin() as connection:
            return circuit_breakers.allowance(connection, "sa", at)

    for _ in range(circuit_breakers.TRIPS_AT - 1):
        fail(NOW)
    assert allowance(NOW) is None
    fail(NOW)
    assert allowance(NOW) == 0
    later = NOW + timedelta(seconds=5)
    assert allowance(later) == 1
    with db.begin() as connection:
        circuit_breakers.start_probe(connection, "sa", later)
    assert allowance(later) == 0
    with db.begin() as connection:
        circuit_breakers.record_success(connection, "sa")
    assert allowance(later) is None
    fail(later, at_once=True)
    assert allowance(later) == 0


def test_a_tick_is_claimed_once(db: Database) -> None:
    claimed = []
    begin = threading.Barrier(8)

    def claim() -> None:
        begin.wait()
        with db.begin() as connection:
            claimed.append(schedules.claim(connection, "sweep", timedelta(hours=1), NOW))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert claimed.count(True) == 1
    with db.begin() as connection:
        after = NOW + timedelta(hours=1)
        assert schedules.claim(connection, "sweep", timedelta(hours=1), after)


def test_counts_of_many_processes_add_up(db: Database) -> None:
    for _ in range(3):
        with db.begin() as connection:
            tallies.add(connection, {("a", "x|y"): 2, ("b", ""): 0.5}, NOW)
    with db.read() as connection:
        found = {(one.name, one.labels): one.value for one in tallies.read(connection)}
    assert found == {("a", "x|y"): 6, ("b", ""): 1.5}


def test_a_case_has_the_phones_that_smartadvocate_gives_it_and_no_others(db: Database) -> None:
    phone, other = E164("+14025555759"), E164("+14025551234")
    with db.begin() as connection:
        cases.add_phone(connection, 7, other, NOW)
        phones = (CasePhone("(402) 555-5759"), CasePhone("none"), CasePhone("402-555-5759"))
        cases.save_case(connection, CaseInfo(7, DialerStatus.TO_DIAL, 1, None, phones), NOW)
        assert cases.sharing(connection, phone) == [7]
        assert cases.sharing(connection, other) == []
        cases.save_case(connection, CaseInfo(8, None, 0, None, phones[:1]), NOW)
        assert sorted(cases.sharing(connection, phone)) == [7, 8]
        assert cases.sharing(connection, None) == []
