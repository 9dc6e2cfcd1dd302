"""The sentence at the top of Today: the gravest thing that is so, in the firm's time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.working_state import Facts, Gravity, Halt, Outage, State, states

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 24, 22, 6, 49, tzinfo=UTC)
HEARD = NOW - timedelta(minutes=10)
FINE = Facts(
    now=NOW,
    has_worker=True,
    worker_seen_at=NOW,
    dials=True,
    has_asked_smartadvocate=True,
    twilio_heard_at=HEARD,
)
DOWN = Outage(datetime(2026, 11, 24, 19, 10, tzinfo=UTC), "GetCaseInfo: no connection")
HALT = Halt(NOW - timedelta(minutes=6), "Ann Operator", "console: Ann Operator", "snow")


def _first(**facts: object) -> State:
    return states(replace(FINE, **facts), ZONE)[0]  # type: ignore[arg-type]


def _said(**facts: object) -> str:
    first = _first(**facts)
    return f"{first.headline} {first.says}"


def test_all_is_well() -> None:
    assert states(FINE, ZONE) == [
        State(
            Gravity.WORKING,
            "Working.",
            "Twilio last heard 4:56 PM · SmartAdvocate answers · dialer running",
        )
    ]


def test_a_new_firm() -> None:
    assert _said(dials=False, twilio_heard_at=None, has_asked_smartadvocate=False) == (
        "Working. Twilio not heard yet · SmartAdvocate not asked yet · dialer off"
    )
    assert "DIAL_ENABLED=true" in _first(dials=False).what_to_do


def test_another_days_time_has_its_date() -> None:
    assert "Twilio last heard Mon Nov 23, 5:06 PM ET" in _said(
        twilio_heard_at=NOW - timedelta(days=1)
    )


@pytest.mark.parametrize(
    ("facts", "says", "gravity"),
    [
        (
            {"has_worker": False, "worker_seen_at": NOW - timedelta(minutes=40)},
            "Nothing is dialed or delivered: no worker has been heard from since 4:26 PM.",
            Gravity.STOPPED,
        ),
        (
            {"has_worker": False, "worker_seen_at": None},
            "Nothing is dialed or delivered: no worker has been heard from yet.",
            Gravity.STOPPED,
        ),
        (
            {"halt": HALT},
            "Paused: no call or text goes out since 5:00 PM, by Ann Operator: snow",
            Gravity.HELD,
        ),
        (
            {"halt": replace(HALT, by="the bridge (Twilio refuses)", source="twilio")},
            "Paused: no call or text goes out since 5:00 PM, by the bridge (Twilio refuses): snow",
            Gravity.STOPPED,
        ),
        (
            {"smartadvocate": DOWN, "messages_waiting": 14},
            "SmartAdvocate has not answered since 2:10 PM. 14 messages wait; nothing is lost.",
            Gravity.TROUBLED,
        ),
        (
            {"smartadvocate": DOWN, "messages_waiting": 1},
            "SmartAdvocate has not answered since 2:10 PM. 1 message waits; nothing is lost.",
            Gravity.TROUBLED,
        ),
        (
            {"smartadvocate": DOWN, "messages_waiting": 1000},
            (
                "SmartAdvocate has not answered since 2:10 PM. "
                "More than 1,000 messages wait; nothing is lost."
            ),
            Gravity.TROUBLED,
        ),
        (
            {"twilio": DOWN},
            (
                "Twilio has not answered since 2:10 PM. "
                "No call or text goes out meanwhile; those that are planned wait."
            ),
            Gravity.TROUBLED,
        ),
        (
            {"callback_waits_since": NOW - timedelta(minutes=3)},
            "Callbacks wait: what Twilio says is kept, and nobody has processed it since 5:03 PM.",
            Gravity.TROUBLED,
        ),
        (
            {"unheard_since": NOW - timedelta(minutes=4)},
            (
                "Twilio is silent: a call was placed at 5:02 PM, and nothing was heard of it. "
                "It was last heard 4:56 PM."
            ),
            Gravity.TROUBLED,
        ),
    ],
)
def test_what_is_wrong(facts: dict[str, object], says: str, gravity: Gravity) -> None:
    assert _said(**facts) == says
    assert _first(**facts).gravity is gravity
    assert _first(**facts).what_to_do


@pytest.mark.parametrize(
    "facts",
    [
        {"callback_waits_since": NOW - timedelta(seconds=90)},
        {"unheard_since": NOW - timedelta(seconds=90)},
        {"messages_waiting": 3},
    ],
)
def test_what_takes_a_moment_is_no_trouble(facts: dict[str, object]) -> None:
    assert _first(**facts).gravity is Gravity.WORKING


def test_the_gravest_comes_first_and_nothing_is_left_out() -> None:
    everything = replace(
        FINE,
        dials=False,
        halt=HALT,
        smartadvocate=DOWN,
        twilio=DOWN,
        callback_waits_since=NOW - timedelta(hours=1),
        unheard_since=NOW - timedelta(hours=1),
    )
    assert [state.headline.partition(" ")[0] for state in states(everything, ZONE)] == [
        "Paused:",
        "SmartAdvocate",
        "Twilio",
        "Callbacks",
        "Twilio",
        "Dialer",
    ]
    gone = states(replace(everything, has_worker=False), ZONE)
    assert gone[0].headline == "Nothing is dialed or delivered:"
    assert "Dialer off." not in [state.headline for state in gone]
