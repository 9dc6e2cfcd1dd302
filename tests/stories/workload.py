"""Calls and texts of many cases as a heap of callbacks, and what must come of them."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bridge.sandbox.casebook import Case
from tests.support.signing import call_fields, text_fields

CASES = 20
POSTS = 300
_ENDS: tuple[tuple[str, dict[str, str], str, bool], ...] = (
    ("completed", {"CallDuration": "49", "AnsweredBy": "human"}, "Successful", True),
    ("completed", {"CallDuration": "31"}, "Successful", True),
    (
        "completed",
        {"CallDuration": "20", "AnsweredBy": "machine_start"},
        "Answering Machine",
        False,
    ),
    ("busy", {"CallDuration": "0", "SipResponseCode": "486"}, "Busy", False),
    ("no-answer", {"CallDuration": "0", "SipResponseCode": "487"}, "No Answer", False),
    ("failed", {"CallDuration": "0", "SipResponseCode": "404"}, "No Answer", False),
)


@dataclass(frozen=True)
class Posting:
    """One callback to be posted."""

    target: str
    fields: dict[str, str]


@dataclass
class Workload:
    """The callbacks, in the order in which they are to be posted, and what must come of them."""

    postings: list[Posting] = field(default_factory=list)
    sids: dict[int, list[str]] = field(default_factory=dict)
    """Case → its calls and texts; each must be noted once."""
    dispositions: dict[int, str] = field(default_factory=dict)
    """Case → the disposition of its newest call."""
    reached: set[int] = field(default_factory=set)
    """Cases one of whose calls reached the person: Do not Dial, whatever the order."""


def workload(chance: random.Random, first_case: int = 1) -> Workload:
    """60 calls and texts of 20 cases, shuffled, a third of their callbacks twice: 300 in all."""
    made = Workload()
    begun = datetime.now(UTC) - timedelta(hours=2)
    for case_id in range(first_case, first_case + CASES):
        made.sids[case_id] = []
        for number in range(2):
            _add_call(made, case_id, begun + timedelta(minutes=30 * number), chance)
        _add_text(made, case_id, chance)
    doubled = chance.sample(made.postings, POSTS - len(made.postings))
    made.postings += doubled
    chance.shuffle(made.postings)
    return made


def _add_call(made: Workload, case_id: int, begun: datetime, chance: random.Random) -> None:
    status, facts, disposition, is_final = chance.choice(_ENDS)
    sid = _sid("CA", chance)
    steps: list[tuple[str, dict[str, str]]] = [
        ("initiated", {}),
        ("ringing", {}),
        ("in-progress", {}),
        (status, facts),
    ]
    for sequence, (step, more) in enumerate(steps):
        at = format_datetime(begun + timedelta(seconds=10 * sequence))
        fields = call_fields(sid, step, sequence, Timestamp=at, To=_phone(case_id), **more)
        made.postings.append(Posting(f"/twilio/voice/status?CaseID={case_id}", fields))
    made.sids[case_id].append(sid)
    made.dispositions[case_id] = disposition
    if is_final:
        made.reached.add(case_id)


def _add_text(made: Workload, case_id: int, chance: random.Random) -> None:
    sid = _sid("SM", chance)
    for step in ("sending", "sent", chance.choice(("delivered", "undelivered"))):
        more = {"ErrorCode": "30005"} if step == "undelivered" else {}
        fields = text_fields(sid, step, To=_phone(case_id), **more)
        made.postings.append(Posting(f"/twilio/messages/status?CaseID={case_id}", fields))
    made.sids[case_id].append(sid)


def case(case_id: int) -> Case:
    """The case as SmartAdvocate has it before."""
    phones = [{"PhoneName": "Cell", "Phone": _phone(case_id)[2:], "Primary": True, "Text": True}]
    return Case(case_id, phones)


def _phone(case_id: int) -> str:
    return f"+1402555{case_id:04d}"


def _sid(prefix: str, chance: random.Random) -> str:
    return f"{prefix}{chance.getrandbits(128):032x}"
