"""The queue: nothing lost, never two at once, order kept, whoever dies or comes back late."""

import itertools
import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, delete, select, text

from bridge.store.db import Database
from bridge.store.reporting import lanes
from bridge.store.reporting.lanes import LEASE, PENDING, Job, Lease
from bridge.store.tables import deliveries
from bridge.store.tables import lanes as lanes_table

BEGUN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
LANES = ("case:1", "case:2", "phone:+14025555759")


def _enqueue(db: Database, lane: str, due_at: datetime, sid: str = "CA1") -> int:
    with db.begin() as connection:
        return lanes.enqueue(
            connection,
            lane,
            due_at,
            kind="note",
            case_id=1,
            sid=sid,
            payload={"n": 1},
            created_at=due_at,
            give_up_at=due_at + timedelta(days=3),
        )


def _empty(db: Database) -> None:
    with db.begin() as connection:
        connection.execute(delete(deliveries))
        connection.execute(delete(lanes_table))


class LanesMachine(RuleBasedStateMachine):
    """Workers that lease, work, die and come back; a model says who may do what."""

    db: Database
    leases = Bundle("leases")
    """Everything any worker believes to hold, also those who died or were too slow."""

    def __init__(self) -> None:
        super().__init__()
        _empty(self.db)
        self.now = BEGUN
        self.names = (f"worker-{number}" for number in itertools.count())
        self.pending: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
        self.done: dict[str, list[int]] = defaultdict(list)
        self.holders: dict[str, tuple[str, datetime]] = {}

    @rule(lane=st.sampled_from(LANES), wait=st.integers(0, 20))
    def add(self, lane: str, wait: int) -> None:
        due_at = self.now + timedelta(seconds=wait)
        self.pending[lane].append((_enqueue(self.db, lane, due_at), due_at))

    @rule(seconds=st.integers(1, 30))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=leases, count=st.integers(1, 3))
    def take(self, count: int) -> object:
        holder = next(self.names)
        with self.db.begin() as connection:
            taken = lanes.lease(connection, holder, self.now, count)
        for one in taken:
            _, held_until = self.holders.get(one.lane, ("", self.now))
            assert held_until <= self.now, "leased though another holds it"
            assert self.pending[one.lane], "leased though there is nothing to do"
            self.holders[one.lane] = (holder, self.now + LEASE)
        due = [lane for lane in LANES if self._is_free_and_due(lane)]
        assert len(taken) == min(count, len(due) + len(taken)), "a due lane was overlooked"
        return multiple(*taken)

    @rule(held=leases)
    def renew(self, held: Lease) -> None:
        with self.db.begin() as connection:
            lanes.renew(connection, [held], self.now)
        if self._is_holder(held):
            self.holders[held.lane] = (held.holder, self.now + LEASE)

    @rule(held=leases)
    def release(self, held: Lease) -> None:
        with self.db.begin() as connection:
            lanes.release(connection, held)
        if self._is_holder(held):
            del self.holders[held.lane]

    @rule(held=leases, finishes=st.booleans(), pause=st.integers(1, 30))
    def work_and_settle(self, held: Lease, finishes: bool, pause: int) -> None:
        """Also by those whose lease ended long ago, and by the same one twice."""
        with self.db.begin() as connection:
            is_held = lanes.still_held(connection, held, self.now)
            assert is_held == self._is_holder(held)
            if not is_held:
                return
            self.holders[held.lane] = (held.holder, self.now + LEASE)
            job = lanes.first(connection, held, self.now)
            if job is None:
                self._let_go(held)
                return
            self._settle(connection, held, job, finishes=finishes, pause=pause)

    def _settle(
        self, connection: Connection, held: Lease, job: Job, *, finishes: bool, pause: int
    ) -> None:
        identity, due_at = self.pending[held.lane][0]
        assert (job.id, due_at <= self.now) == (identity, True), "out of order, or too early"
        if finishes:
            lanes.finish(connection, job, "done", self.now)
            self.pending[held.lane].pop(0)
            self.done[held.lane].append(identity)
        else:
            again = self.now + timedelta(seconds=pause)
            lanes.postpone(connection, job, again, "away")
            self.pending[held.lane][0] = (identity, again)
        following = lanes.first(connection, held, self.now)
        if following is None:
            self._let_go(held)

    def _let_go(self, held: Lease) -> None:
        head = self.pending[held.lane][:1]
        assert not head or head[0][1] > self.now, "let go though there is something to do"
        del self.holders[held.lane]

    def _is_holder(self, held: Lease) -> bool:
        """A lease that ended still counts as long as nobody else took the lane."""
        return self.holders.get(held.lane, ("", self.now))[0] == held.holder

    def _is_free_and_due(self, lane: str) -> bool:
        head = self.pending[lane][:1]
        _, held_until = self.holders.get(lane, ("", self.now))
        return bool(head) and head[0][1] <= self.now and held_until <= self.now

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        with self.db.read() as connection:
            pending = connection.execute(
                select(deliveries.c.lane, deliveries.c.id)
                .where(deliveries.c.state == PENDING)
                .order_by(deliveries.c.id)
            ).all()
            rows = {row.lane: row for row in connection.execute(select(lanes_table))}
        found: dict[str, list[int]] = defaultdict(list)
        for lane, identity in pending:
            found[lane].append(identity)
        assert found == {
            lane: [job for job, _ in jobs] for lane, jobs in self.pending.items() if jobs
        }
        for lane, jobs in self.pending.items():
            if jobs:
                assert lane in rows, "a lane with jobs that nobody would look at"
                if lane not in self.holders:
                    look_at = max(jobs[0][1], self.now)
                    assert rows[lane].due_at <= look_at, "its head is looked at too late"
            elif lane not in self.holders:
                assert lane not in rows, "an empty lane is left"
        for lane, done in self.done.items():
            assert done == sorted(done), f"{lane} was worked on out of order"


def test_workers_that_die_and_come_back(db: Database) -> None:
    class OnThisDatabase(LanesMachine):
        pass

    OnThisDatabase.db = db
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_more_lanes_are_taken_than_were_asked_for(db: Database) -> None:
    # A queue that PostgreSQL has found used and empty is asked in another way than a new one.
    _enqueue(db, LANES[0], BEGUN)
    _empty(db)
    with db.single() as connection:
        connection.execute(text("ANALYZE lanes"))
    for seconds, lane in enumerate(LANES):
        _enqueue(db, lane, BEGUN - timedelta(seconds=60 - seconds))
    with db.begin() as connection:
        assert [one.lane for one in lanes.lease(connection, "worker", BEGUN, 1)] == [LANES[0]]


def test_threads_share_the_work_without_doubling_or_losing_any(db: Database) -> None:
    jobs, done = 200, list[int]()
    per_lane: dict[str, list[int]] = defaultdict(list)
    working: dict[str, int] = defaultdict(int)
    lock = threading.Lock()
    added = threading.Event()

    def add(first: int) -> None:
        for number in range(first, jobs, 2):
            _enqueue(db, f"case:{number % 20}", BEGUN, sid=f"CA{number}")

    def work(name: str) -> None:
        for turn in itertools.count():
            with db.begin() as connection:
                taken = lanes.lease(connection, f"{name}-{turn}", BEGUN, 1)
            if not taken and added.is_set() and len(done) == jobs:
                return
            if not taken:
                # As a worker does: SQLite's lock is not fair to whoever asks for it without pause.
                threading.Event().wait(0.002)
            for held in taken:
                _drain(held)

    def _drain(held: Lease) -> None:
        with lock:
            working[held.lane] += 1
            assert working[held.lane] == 1, "two workers in one lane"
        with db.begin() as connection:
            assert lanes.still_held(connection, held, BEGUN)
            job = lanes.first(connection, held, BEGUN)
        while job is not None:
            with lock:
                per_lane[held.lane].append(job.id)
                done.append(job.id)
            with db.begin() as connection:
                assert lanes.still_held(connection, held, BEGUN)
                lanes.finish(connection, job, "done", BEGUN)
                upcoming = lanes.first(connection, held, BEGUN)
                if upcoming is None:
                    # Before the commit that lets others in.
                    with lock:
                        working[held.lane] -= 1
            job = upcoming

    threads = [threading.Thread(target=work, args=[f"w{number}"]) for number in range(4)]
    adders = [threading.Thread(target=add, args=[number]) for number in range(2)]
    for thread in threads + adders:
        thread.start()
    for thread in adders:
        thread.join(30)
    added.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a job was never found: a wake-up was lost"
    assert sorted(done) == sorted(set(done))
    assert len(done) == jobs
    for ids in per_lane.values():
        assert ids == sorted(ids)


def test_a_job_added_while_the_last_one_is_settled_is_found(db: Database) -> None:
    """The race behind a lost wake-up, many times over, in one lane."""
    for turn in range(40):
        _enqueue(db, "case:1", BEGUN)
        with db.begin() as connection:
            (held,) = lanes.lease(connection, f"w-{turn}", BEGUN, 1)
        with db.begin() as connection:
            assert lanes.still_held(connection, held, BEGUN)
            job = lanes.first(connection, held, BEGUN)
        assert job is not None
        adder = threading.Thread(target=_enqueue, args=[db, "case:1", BEGUN])
        adder.start()
        with db.begin() as connection:
            assert lanes.still_held(connection, held, BEGUN)
            lanes.finish(connection, job, "done", BEGUN)
            following = lanes.first(connection, held, BEGUN)
        adder.join(10)
        if following is None:
            with db.begin() as connection:
                (held,) = lanes.lease(connection, f"x-{turn}", BEGUN, 1)
            with db.begin() as connection:
                following = lanes.first(connection, held, BEGUN)
        assert following is not None
        with db.begin() as connection:
            lanes.finish(connection, following, "done", BEGUN)
            assert lanes.first(connection, held, BEGUN) is None
