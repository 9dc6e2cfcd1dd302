"""What the tests of tests/fault_places report at the end of a run: K, the faults, and the time."""

from collections import defaultdict
from collections.abc import Iterable

import pytest

PROPERTY = "fault places"


def lines(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line a story and database; the seconds are those of all its parts, one after the other."""
    found: dict[tuple[str, str], list[tuple[int, int, float]]] = defaultdict(list)
    for report in reports:
        for name, said in report.user_properties:
            if name == PROPERTY and isinstance(said, list):
                story, where, places, faults, seconds = said
                found[story, where].append((places, faults, seconds))
    return [
        f"{story} on {where}: K = {parts[0][0]}, {sum(part[1] for part in parts)} faults in "
        f"{sum(part[2] for part in parts):.0f} s"
        for (story, where), parts in sorted(found.items())
    ]
