"""The first of many alike is written, then one a minute."""

from datetime import UTC, datetime, timedelta

from bridge.web.sampling import EVERY, Sampled

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_the_first_is_written_then_counts() -> None:
    sampled = Sampled()
    assert [sampled.count("a", NOW) for _ in range(3)] == [1, 0, 0]
    assert sampled.count("b", NOW) == 1, "each kind for itself"
    assert sampled.count("a", NOW + EVERY - timedelta(seconds=1)) == 0
    assert sampled.count("a", NOW + EVERY) == 4, "itself and the three since"
    assert sampled.count("a", NOW + 2 * EVERY) == 1
