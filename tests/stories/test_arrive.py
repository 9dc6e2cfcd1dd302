"""300 callbacks of 60 calls and texts arrive complete, once and in order, whatever happens."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from bridge.sandbox.casebook import Case
from bridge.sandbox.faults import Fault
from bridge.sandbox.smartadvocate import Entry, SmartAdvocate
from tests.stories.workload import CASES, Posting, Workload, case, workload
from tests.support.processes import Bridge, Process, wait_until

THREADS = 8
_PATIENCE_SECONDS = 400
_OUTAGES = (
    Fault(status=503, count=40),
    Fault(status=429, retry_after=1, count=10),
    Fault(drop="before", count=25),
    Fault(html=True, count=10),
    Fault(delay=5, count=8),
)


def test_three_workers(bridge: Bridge, standin: SmartAdvocate) -> None:
    bridge.start_web()
    for _ in range(3):
        bridge.start_worker()
    _arrive(bridge, standin, _prepare(standin))


def test_smartadvocate_is_away(bridge: Bridge, standin: SmartAdvocate) -> None:
    """All is calm; then it is away in one way after the other; then its answers are lost."""
    bridge.start_web()
    bridge.start_worker()
    _arrive(bridge, standin, _prepare(standin))
    for number, fault in enumerate(_OUTAGES, 1):
        heap = _prepare(standin, 1 + number * CASES)
        before = _faults(standin)
        standin.order(fault)
        _post_all(bridge, heap)
        wait_until(lambda: _faults(standin) > before, f"it was not met: {fault}")  # noqa: B023 - awaited here
        if not fault.delay:
            # The breaker asks ever more rarely: the outage ends when it has shown that it does.
            wait_until(lambda: _faults(standin) >= before + 6, f"too few tries: {fault}", 150)  # noqa: B023 - awaited here
            standin.order(None)
        _await_all(bridge, standin, heap)
        _assert_told(standin, heap)
    _answers_are_lost(bridge, standin, _prepare(standin, 1 + 6 * CASES))


def _arrive(bridge: Bridge, standin: SmartAdvocate, heap: Workload) -> None:
    _post_all(bridge, heap)
    _await_all(bridge, standin, heap)
    _assert_told(standin, heap)


def _answers_are_lost(bridge: Bridge, standin: SmartAdvocate, heap: Workload) -> None:
    """SmartAdvocate does what it is asked and then drops the connection."""
    # Few enough that the breaker doesn't make all wait: the lost ones alone are tried again.
    standin.order(Fault(drop="after", count=4))
    _post_all(bridge, heap)
    _await_all(bridge, standin, heap)
    lost_notes = Counter(
        _mark(entry.sent["Note"])
        for entry in standin.journal()
        if entry.call == "AddCaseNote" and entry.done and entry.status == 0
    )
    # A note has no key by which its double could be told: only those whose answer was lost may be.
    _assert_told(standin, heap, doubled=lost_notes)


def _faults(standin: SmartAdvocate) -> int:
    return sum(entry.fault for entry in standin.journal())


def test_worker_is_killed(bridge: Bridge, standin: SmartAdvocate) -> None:
    bridge.start_web()
    worker = bridge.start_worker()
    heap = _prepare(standin)
    told_before: list[int] = []

    def kill_at_the_tenth_note(entry: Entry) -> None:
        """Before that note is answered, and while others are under way."""
        if entry.call == "AddCaseNote" and _notes(standin) >= 10 and not told_before:
            told_before.append(_notes(standin))
            worker.kill()

    standin.on_request = kill_at_the_tenth_note
    _post_all(bridge, heap)
    wait_until(lambda: not worker.alive(), "the worker was not killed")
    assert told_before[0] < _expected_notes(heap)
    bridge.start_worker()
    _await_all(bridge, standin, heap)
    counts = _counts(standin)
    surplus = sum(counts.values()) - len(counts)
    assert surplus <= THREADS, "more notes are doubled than were under way"
    _assert_told(standin, heap, doubled=Counter({mark: 1 for mark in counts if counts[mark] > 1}))


def test_web_is_killed(bridge: Bridge, standin: SmartAdvocate) -> None:
    """Whatever was answered 204 is not posted again, and must not be lost."""
    running: list[Process] = [bridge.start_web()]
    bridge.start_worker()
    heap = _prepare(standin)

    def kill() -> None:
        running[0].kill()
        running[0] = bridge.restart(running[0])

    _post_all(bridge, heap, halfway=kill)
    _await_all(bridge, standin, heap)
    _assert_told(standin, heap)


def _prepare(standin: SmartAdvocate, first_case: int = 1) -> Workload:
    heap = workload(random.Random(20261122 + first_case), first_case)
    for case_id in heap.sids:
        standin.book.add(case(case_id))
    return heap


def _post_all(bridge: Bridge, heap: Workload, halfway: Callable[[], None] | None = None) -> None:
    """Post from 8 threads; like Twilio, again when there was no answer or a 5xx, else not."""
    local = threading.local()
    posted = threading.Semaphore(0)

    def post(posting: Posting) -> None:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                answer = bridge.post(local.session, posting.target, posting.fields)
            except requests.RequestException:
                threading.Event().wait(0.1)  # Twilio's pause between two tries
                continue
            if answer.status_code == requests.codes.service_unavailable:
                threading.Event().wait(0.1)
                continue
            assert answer.status_code == 204, answer.text
            posted.release()
            return
        raise AssertionError("no answer to a callback")

    with ThreadPoolExecutor(THREADS) as pool:
        posts = [pool.submit(post, posting) for posting in heap.postings]
        if halfway is not None:
            for _ in range(len(posts) // 3):
                assert posted.acquire(timeout=_PATIENCE_SECONDS)
            halfway()
        for one in posts:
            one.result()


def _await_all(bridge: Bridge, standin: SmartAdvocate, heap: Workload) -> None:
    try:
        wait_until(lambda: _noted(standin, heap) >= _expected_notes(heap), "notes are missing", 150)
        wait_until(lambda: _nothing_pending(bridge), "the bridge still has something to deliver")
    except AssertionError:
        print(bridge.logs())  # noqa: T201 - shown when the test fails
        raise


def _nothing_pending(bridge: Bridge) -> bool:
    answer = requests.get(
        f"{bridge.url}/metrics",
        headers={"Authorization": f"Bearer {bridge.environment['METRICS_TOKEN']}"},
        timeout=5,
    )
    lines = answer.text.splitlines()
    return {"bridge_deliveries_pending 0.0", "bridge_callbacks_waiting 0.0"} <= set(lines)


def _assert_told(
    standin: SmartAdvocate, heap: Workload, doubled: Counter[str] | None = None
) -> None:
    """Complete, once (but for notes named in `doubled`), in order."""
    cases = {one.case_id: one for one in standin.book.all()}
    for case_id, sids in heap.sids.items():
        _assert_notes(cases[case_id], sids, doubled or Counter())
        expected = heap.dispositions[case_id]
        assert cases[case_id].disposition == expected, f"case {case_id}"
        status = "Do not Dial" if case_id in heap.reached else "To Dial"
        assert cases[case_id].status == status, f"case {case_id}"
        # A call that is told after the person was reached adds no attempt (interface: it gets
        # the disposition and the note alone), so which of the two came first shows here alone.
        least = 1 if case_id in heap.reached else 2
        assert least <= int(cases[case_id].attempts) <= 2, f"case {case_id}"
    _assert_in_order(standin.journal())
    refused = [entry for entry in standin.journal() if entry.status in {400, 401, 404, 405}]
    assert not refused


def _assert_notes(shown: Case, sids: list[str], doubled: Counter[str]) -> None:
    for sid in sids:
        mark = f"[{sid[:2]}…{sid[-4:]}]"
        found = sum(mark in note for note in shown.notes)
        assert 1 <= found <= 1 + doubled[mark], f"case {shown.case_id}: {mark} in {shown.notes}"


def _assert_in_order(journal: list[Entry]) -> None:
    """No two requests about a case at once, and a call's note after its status."""
    ends: dict[int, float] = {}
    for entry in journal:
        sent = entry.sent["Cases"][0] if "Cases" in entry.sent else entry.sent
        case_id = int(sent["CaseID"])
        assert entry.at >= ends.get(case_id, 0), f"two requests at once for case {case_id}"
        ends[case_id] = entry.done_at


def _expected_notes(heap: Workload) -> int:
    return sum(map(len, heap.sids.values()))


def _noted(standin: SmartAdvocate, heap: Workload) -> int:
    """How many of the heap's calls and texts have a note."""
    ours = [one for one in standin.book.all() if one.case_id in heap.sids]
    return len({(one.case_id, _mark(note)) for one in ours for note in one.notes})


def _counts(standin: SmartAdvocate) -> Counter[str]:
    return Counter(_mark(note) for one in standin.book.all() for note in one.notes)


def _mark(note: str) -> str:
    """The reference at a note's end, such as `[CA…1f3a]`."""
    return note[note.rindex("[") :]


def _notes(standin: SmartAdvocate) -> int:
    return sum(len(one.notes) for one in standin.book.all())
