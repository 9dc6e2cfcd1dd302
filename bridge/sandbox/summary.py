"""The sandbox's lines in the terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import unescape

from bridge.sandbox import office
from bridge.sandbox.casebook import Case
from bridge.sandbox.cast import Role
from bridge.sandbox.courier import PostCounts
from bridge.sandbox.line import Call
from bridge.sandbox.page import written_phone
from bridge.sandbox.smartadvocate import Entry
from bridge.sandbox.switchboard import SentText

_HEADINGS = (
    "case",
    "person",
    "phone",
    "texts",
    "calls",
    "disposition",
    "status",
    "attempts",
    "notes",
    "result",
)

_NUMBERS = frozenset({"texts", "calls", "attempts", "notes"})


def event(entry: Entry) -> str | None:
    """A line for each change that SmartAdvocate was just sent; None for a request that reads."""
    now = datetime.now().astimezone()
    if not entry.done or entry.call.startswith("Get"):
        return None
    if entry.call == "UpdateCaseStatus":
        lines = [
            f"case {update['CaseID']:<6} "
            + ", ".join(
                f"{name} {update[name]}"
                for name in ("Status", "Disposition", "Attempts")
                if name in update
            )
            for update in entry.sent["Cases"]
        ]
    else:
        case_id = entry.sent.get("CaseID")
        whose = f"case {case_id:<6}" if case_id else "by phone   "
        lines = [f"{whose} “{unescape(entry.sent['Note'])}”"]
    return "\n".join(f"{now:%H:%M:%S}  {line}" for line in lines)


def indented(text: str, by: str = "  ") -> str:
    """A text with every line indented."""
    return "\n".join(f"{by}{line}" for line in text.splitlines())


def table(
    roles: Sequence[Role],
    cases: Mapping[int, Case],
    reached: tuple[Sequence[Call], Sequence[SentText]],
    wrong: Mapping[int, Sequence[str]],
) -> str:
    """A row for each person: what was tried, what the case shows, and whether that is right."""
    calls = Counter(call.to for call in reached[0])
    texts = Counter(text.to for text in reached[1])
    rows: list[Sequence[str]] = [_HEADINGS]
    for role in roles:
        case = cases[role.case_id]
        texted = sum(texts[number] for number in role.numbers)
        called = sum(calls[number] for number in role.numbers)
        result = "wrong" if wrong.get(role.case_id) else "ok"
        tried = (str(role.case_id), role.person.label, written_phone(role.number), texted, called)
        shown = (case.disposition, case.status, case.attempts or "0", len(case.notes), result)
        rows.append([str(cell) for cell in (*tried, *shown)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(_aligned, _HEADINGS, row, widths)).rstrip() for row in rows)


def _aligned(heading: str, cell: str, width: int) -> str:
    return cell.rjust(width) if heading in _NUMBERS else cell.ljust(width)


def standing(
    reached: tuple[Sequence[Call], Sequence[SentText]], wrong: Mapping[int, Sequence[str]]
) -> str:
    """How far a run is, in one line."""
    final = sum(not found for found in wrong.values())
    texts, calls = _counted(len(reached[1]), "text"), _counted(_count_calls(reached[0]), "call")
    return f"{final} of {len(wrong)} cases final, {texts}, {calls}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _of_agents(calls: Iterable[Call]) -> str:
    rings = office.rung(office.AGENTS, calls)
    missed = sum(call.status == "no-answer" for call in rings)
    return f"rung first {_counted(len(rings), 'time')}, {missed} of them missed"


def _count_calls(calls: Iterable[Call]) -> int:
    return sum(call.to not in office.PHONES for call in calls)


def promises(roles: Iterable[Role], faults: Sequence[str]) -> str:
    """How people were protected, and whether it held: a line for each rule, with its cases.

    `faults` are all that were found, each with the case of its person (`proof`).
    """
    cases: dict[str, list[int]] = {}
    for role in roles:
        if role.person.promise:
            cases.setdefault(role.person.promise, []).append(role.case_id)
    lines = []
    for promise, case_ids in cases.items():
        broken = any(fault.startswith(f"case {case} ") for case in case_ids for fault in faults)
        listed = ", ".join(map(str, case_ids))
        lines.append(f"  {'broken' if broken else 'ok    '}  {promise} ({listed})")
    return "\n".join(["People's wishes and the law:", *lines])


def totals(
    cases: Iterable[Case],
    reached: tuple[Sequence[Call], Sequence[SentText]],
    journal: Sequence[Entry],
    tally: PostCounts,
) -> str:
    """The totals of a run."""
    shown = list(cases)
    dispositions = Counter(case.disposition for case in shown)
    updates = sum(
        len(entry.sent["Cases"])
        for entry in journal
        if entry.call == "UpdateCaseStatus" and entry.done
    )
    figures = {
        "cases": len(shown),
        "texts": len(reached[1]),
        "calls": _count_calls(reached[0]),
        "agents": _of_agents(reached[0]),
        "dispositions": ", ".join(f"{name} {count}" for name, count in dispositions.most_common()),
        "updates": updates,
        "notes": sum(len(case.notes) for case in shown),
        "requests": f"{tally.posted} posted by Twilio, {tally.doubled} of them twice, "
        f"{tally.late} late, {len(tally.lost)} lost",
    }
    return "\n".join(f"{name:<14}{value}" for name, value in figures.items())
