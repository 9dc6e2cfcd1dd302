"""How guessing is slowed down: a table of tries, and from which address they count."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.client_addresses import client
from bridge.domain.sign_in_limits import KEPT, OF_ALL, OF_AN_ADDRESS, Limit, most, waits_until

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def _ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=one) for one in sorted(minutes)]


# the minutes since each wrong try, the limits, the minutes that the next one has to wait
# fmt: off
TABLE: list[tuple[str, list[float], tuple[Limit, ...], float | None]] = [
    ("nobody tried", [], OF_AN_ADDRESS, None),
    ("mistyped twice", [0, 1], OF_AN_ADDRESS, None),
    ("mistyped four times at once", [0, 0, 0, 0], OF_AN_ADDRESS, None),
    ("five at once", [0, 0, 0, 0, 0], OF_AN_ADDRESS, 5),
    ("five over four minutes", [0, 1, 2, 3, 4], OF_AN_ADDRESS, 1),
    ("the first of five is just old enough", [0, 1, 2, 3, 5], OF_AN_ADDRESS, None),
    ("ten in an hour", [6, 7, 8, 9, 10, 20, 21, 22, 23, 24], OF_AN_ADDRESS, 36),
    ("twenty a morning", [20 * n for n in range(1, 21)], OF_AN_ADDRESS, 720 - 400),
    ("two limits: the longer wait", [0, 0, 0, 0, 0, 50, 51, 52, 53, 54], OF_AN_ADDRESS, 6),
    ("twenty of all, each elsewhere", [0.5 * n for n in range(20)], OF_ALL, 15 - 9.5),
    ("nineteen of all", [0.5 * n for n in range(19)], OF_ALL, None),
    ("sixty of all", [16 + n for n in range(60)], OF_ALL, 180 - 75),
]
# fmt: on


@pytest.mark.parametrize(
    ("minutes", "limits", "waits"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_how_long_the_next_try_waits(
    minutes: list[float], limits: tuple[Limit, ...], waits: float | None
) -> None:
    expected = None if waits is None else NOW + timedelta(minutes=waits)
    assert waits_until(_ago(*minutes), limits, NOW) == expected


@pytest.mark.parametrize(
    ("limits", "most_a_day"), [(OF_AN_ADDRESS, 40), (OF_ALL, 480)], ids=["one", "all"]
)
def test_how_many_tries_a_day_a_guesser_has(limits: tuple[Limit, ...], most_a_day: int) -> None:
    """Whoever tries as soon as he may, all day long."""
    now, wrong = NOW, list[datetime]()
    while now < NOW + timedelta(days=1):
        waits = waits_until(wrong, limits, now)
        if waits is None:
            wrong.insert(0, now)
        else:
            now = waits
    assert len(wrong) <= most_a_day


def test_tries_are_kept_for_as_long_as_they_count() -> None:
    assert max(limit.span for limit in (*OF_AN_ADDRESS, *OF_ALL)) <= KEPT < timedelta(days=1)
    assert (most(OF_AN_ADDRESS), most(OF_ALL)) == (20, 60)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("10.1.2.3", "203.0.113.7, 8.8.8.8", "8.8.8.8"),
        ("10.1.2.3", "8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1,8.8.8.8", "8.8.8.8"),
        ("::1", "8.8.8.8", "8.8.8.8"),
        ("fd00::1", "8.8.8.8", "8.8.8.8"),
        # Whoever comes from a public address is no router of ours.
        ("9.9.9.9", "8.8.8.8", "9.9.9.9"),
        ("2606:4700::1111", "8.8.8.8", "2606:4700::/64"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "8.8.8.8, ", "10.1.2.3"),
        ("10.1.2.3", "8.8.8.8, unknown", "10.1.2.3"),
        ("10.1.2.3", "8.8.8.8\n", "8.8.8.8"),
        # A customer of a provider has all addresses of a network.
        ("10.1.2.3", "2606:4700:0:7:1:2:3:4", "2606:4700:0:7::/64"),
        ("10.1.2.3", "2606:4700:0:7::9", "2606:4700:0:7::/64"),
        ("10.1.2.3", "::ffff:8.8.8.8", "8.8.8.8"),
        ("::ffff:9.9.9.9", "8.8.8.8", "9.9.9.9"),
        ("", "", "unknown"),
        ("unix", "<script>", "unknown"),
    ],
)
def test_whose_try_it_is(peer: str, forwarded_for: str, address: str) -> None:
    assert client(peer, forwarded_for) == address
