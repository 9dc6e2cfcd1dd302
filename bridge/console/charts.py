"""Charts as plain shapes: what `charts.html` draws as SVG, by attributes and classes alone.

Places across are shares of the width, so that words keep their size on a phone; heights are pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from bridge.domain.contact_outcomes import LABELS, ContactOutcome
from bridge.domain.hours_of_day import Hour

HEIGHT = 240
"""Of the bars' own part, in pixels."""
AXIS = 8.0
"""The part of the width, in percent, that the numbers at the left have."""

_TOP = 14
_BAR = 0.74
_MANY = 12
_GRID_LINES = 3
_STEPS = (1, 2, 5)
_STACKED = (
    ContactOutcome.TALKED,
    ContactOutcome.HEARD,
    ContactOutcome.PICKED_UP,
    ContactOutcome.NOT_CONNECTED,
    ContactOutcome.OPTED_OUT,
    ContactOutcome.MACHINE,
    ContactOutcome.NO_ANSWER,
    ContactOutcome.BUSY,
    ContactOutcome.FAILED,
)
"""From the bottom up: first what people answered."""


@dataclass(frozen=True)
class Part:
    """A part of a bar."""

    says: str
    css: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """A word at an axis, or a line."""

    says: str
    at: float
    css: str = ""


@dataclass(frozen=True)
class Entry:
    """One color of a chart."""

    outcome: ContactOutcome
    counted: int

    @property
    def says(self) -> str:
        """What it stands for."""
        return LABELS[self.outcome]

    @property
    def css(self) -> str:
        """Its class."""
        return f"chart-{self.outcome}"


@dataclass(frozen=True)
class Chart:
    """A chart of bars."""

    parts: Sequence[Part]
    lines: Sequence[Mark]
    names: Sequence[Mark]
    legend: Sequence[Entry]
    bottom: float = _TOP + HEIGHT
    axis: float = AXIS


def by_outcome(hours: Sequence[Hour]) -> Chart:
    """Calls by the hour of the day, stacked by how they went."""
    shown = [one for one in _STACKED if any(hour.outcomes.get(one) for hour in hours)]
    most = _round_up(max((_height_of(hour, shown) for hour in hours), default=1))
    parts = []
    for place, hour in enumerate(hours):
        below = 0
        for outcome in shown:
            many = hour.outcomes.get(outcome, 0)
            if many:
                says = f"{hour.name}: {LABELS[outcome]} {many}"
                parts.append(_part(says, outcome, (place, len(hours)), (below, many), most))
                below += many
    return Chart(
        parts,
        _lines(most, lambda value: f"{value:,.0f}"),
        _names(hours),
        [Entry(one, sum(hour.outcomes.get(one, 0) for hour in hours)) for one in shown],
    )


def by_share(hours: Sequence[Hour]) -> Chart:
    """Which part of the calls is answered, by the hour of the day, in percent."""
    most = _round_up(max((100 * (hour.share or 0) for hour in hours), default=1) or 1)
    parts = [
        _part(
            f"{hour.name}: {round(100 * hour.share)}% ({hour.answered} of {hour.rang} calls)",
            "answered",
            (place, len(hours)),
            (0, 100 * hour.share),
            most,
        )
        for place, hour in enumerate(hours)
        if hour.share
    ]
    return Chart(parts, _lines(most, lambda value: f"{value:.0f}%"), _names(hours), [])


def _height_of(hour: Hour, shown: Sequence[ContactOutcome]) -> int:
    return sum(hour.outcomes.get(outcome, 0) for outcome in shown)


def _part(
    says: str, css: str, column: tuple[int, int], values: tuple[float, float], most: float
) -> Part:
    """A part of a bar, the first of `column` in so many; it stands on one value and has another."""
    (place, places), (below, value) = column, values
    wide = (100 - AXIS) / places
    height = HEIGHT * value / most
    return Part(
        says,
        f"chart-{css}",
        x=round(AXIS + wide * (place + (1 - _BAR) / 2), 3),
        y=round(_TOP + HEIGHT * (1 - below / most) - height, 2),
        width=round(wide * _BAR, 3),
        height=round(height, 2),
    )


def _names(hours: Sequence[Hour]) -> Sequence[Mark]:
    """The hours below the bars; a phone has no room for each."""
    column = (100 - AXIS) / max(len(hours), 1)
    every = 4 if len(hours) > _MANY else 2
    return [
        Mark(
            hour.name,
            round(AXIS + column * (place + 0.5), 3),
            "" if place % every == 0 else "chart-wide-only",
        )
        for place, hour in enumerate(hours)
    ]


def _lines(most: float, spelled: Callable[[float], str]) -> Sequence[Mark]:
    step = _step(most)
    values = [step * number for number in range(int(most / step + 1e-9) + 1)]
    return [Mark(spelled(value), round(_TOP + HEIGHT * (1 - value / most), 2)) for value in values]


def _round_up(value: float) -> float:
    """The end of the axis: a whole number of its steps."""
    step = _step(value)
    return step * ceil(value / step - 1e-9)


def _step(value: float) -> float:
    """The distance of the lines: 1, 2 or 5 of some power of ten."""
    power = 1
    while True:
        for digit in _STEPS:
            if value / (digit * power) <= _GRID_LINES:
                return digit * power
        power *= 10
