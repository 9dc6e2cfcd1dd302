"""What a month has much of, some of, or nothing at all.

Were there a little of everything in every month, what takes two rare things at once would happen in
none of them. So each seed draws anew how much there is of each thing ("swarm testing"): in some
months processes die all day, in others half of the people share their phones, and so on.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rates:
    """How often what befalls a process or a request: a probability each."""

    dies: float = 0.0005
    """At a commit or request, before or behind it."""
    never_arrives: float = 0.01
    answer_lost: float = 0.02
    freezes: float = 0.006
    """The machine stands still for a while, behind a request or a step."""
    others_go_on: float = 0.3
    """Somebody else does something between two lines of this process."""
    stands_still_for: tuple[float, float] = (21, 90)
    """Seconds; a lease lasts 20."""


CALM = Rates(0, 0, 0, 0, 0)
"""Nothing goes wrong."""


@dataclass(frozen=True)
class PostRates:
    """How callbacks travel: a probability each."""

    doubled: float = 0.1
    late: float = 0.1
    lost: float = 0.02


@dataclass(frozen=True)
class Temper:
    """What a month has much of."""

    rates: Rates = field(default_factory=Rates)
    post: PostRates = field(default_factory=PostRates)
    dawdles: float = 0.1
    """How often a worker leaves a step out until its next turn."""
    shares: float = 0.1
    """How many of the people share the phone of somebody else."""
    meddles: float = 0.15
    """Of how many cases staff change the status by hand, and how often while they are claimed."""
    calls_back: float = 0.1
    """How many of those who call in do so when they have read a text."""
    deploys: tuple[int, int] = (3, 7)


def draw(chance: random.Random) -> Temper:
    """The temper of a seed's month."""

    def much(none: float, some: float, much: float) -> float:
        return chance.choices((none, some, much), (1, 2, 1))[0]

    return Temper(
        rates=Rates(
            dies=much(0, 0.0005, 0.004),
            never_arrives=much(0, 0.01, 0.04),
            answer_lost=much(0, 0.02, 0.08),
            freezes=much(0, 0.006, 0.03),
            others_go_on=much(0.1, 0.3, 0.8),
            stands_still_for=chance.choice(((15, 30), (21, 90), (60, 600))),
        ),
        post=PostRates(doubled=much(0, 0.1, 0.5), late=much(0, 0.1, 0.4), lost=much(0, 0.02, 0.08)),
        dawdles=much(0, 0.1, 0.4),
        shares=much(0, 0.1, 0.5),
        meddles=much(0, 0.15, 0.5),
        calls_back=much(0, 0.1, 0.6),
        deploys=chance.choice(((0, 2), (3, 7), (10, 20))),
    )


def mixed(chance: random.Random, weights: Mapping[str, float]) -> dict[str, float]:
    """Of some kinds many, of others few or none: weights of which not all are 0."""
    drawn = {
        name: weight * chance.choices((0, 1, 4), (1, 2, 1))[0] for name, weight in weights.items()
    }
    return drawn if any(drawn.values()) else dict(weights)
