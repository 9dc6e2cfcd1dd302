"""What the sandbox says in the terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import unescape

from bridge.sandbox.casebook import Case
from bridge.sandbox.cast import Role
from bridge.sandbox.smartadvocate import Entry
from bridge.sandbox.twilio import Tally


def event(entry: Entry) -> str | None:
    """One line for what SmartAdvocate was just told; None for what it was only asked."""
    now = datetime.now().astimezone()
    if not entry.done or entry.call.startswith("Get"):
        return None
    if entry.call == "UpdateCaseStatus":
        lines = [
            f"case {one['CaseID']:<6} "
            + ", ".join(
                f"{name} {one[name]}"
                for name in ("Status", "Disposition", "Attempts")
                if name in one
            )
            for one in entry.sent["Cases"]
        ]
    else:
        case_id = entry.sent.get("CaseID")
        whose = f"case {case_id:<6}" if case_id else "by phone   "
        lines = [f"{whose} “{unescape(entry.sent['Note'])}”"]
    return "\n".join(f"{now:%H:%M:%S}  {line}" for line in lines)


def table(
    roles: Sequence[Role], cases: Mapping[int, Case], wrong: Mapping[int, Sequence[str]]
) -> str:
    """A row a case: its person, what was tried, what it shows, and whether that is right."""
    head = ("case", "person", "phone", "texts", "calls", "disposition", "status", "attempts",
            "notes", "")  # fmt: skip
    rows: list[Sequence[str]] = [head]
    for role in roles:
        kinds = Counter(temper.kind for temper in role.person.tempers)
        case = cases.get(role.case_id)
        shown = (
            (case.disposition, case.status, case.attempts or "0", str(len(case.notes)))
            if case
            else ("not a case", "", "", "")
        )
        verdict = "wrong" if wrong.get(role.case_id) else "ok"
        number = f"({role.number[:3]}) {role.number[3:6]}-{role.number[6:]}"
        rows.append(
            (str(role.case_id), role.person.label, number, str(kinds["text"]), str(kinds["call"]),
             *shown, verdict)
        )  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def totals(
    roles: Sequence[Role], cases: Iterable[Case], journal: Sequence[Entry], tally: Tally
) -> str:
    """All of it in figures."""
    shown = list(cases)
    kinds = Counter(temper.kind for role in roles for temper in role.person.tempers)
    dispositions = Counter(case.disposition for case in shown)
    updates = sum(entry.done for entry in journal if entry.call == "UpdateCaseStatus")
    lines = {
        "cases": len(shown),
        "texts": kinds["text"],
        "calls": kinds["call"],
        "dispositions": ", ".join(f"{name} {count}" for name, count in dispositions.most_common()),
        "updates": updates,
        "notes": sum(len(case.notes) for case in shown),
        "callbacks": f"{tally.posted} posted, {tally.doubled} of them twice, "
        f"{tally.late} late or crossed, {len(tally.lost)} lost",
    }
    return "\n".join(f"{name:<14}{value}" for name, value in lines.items())
