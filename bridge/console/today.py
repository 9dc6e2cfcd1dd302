"""Today: does it work, how many calls, when do people answer, what needs somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from flask import Response, g, request, url_for

from bridge.circuit_breaker import SMARTADVOCATE, TWILIO
from bridge.console import agents, charts
from bridge.console.pages import page
from bridge.console.sessions import LIVE
from bridge.domain import hours_of_day, working_state
from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import Channel, Direction
from bridge.domain.hours_of_day import Hour
from bridge.domain.local_time import zone_name
from bridge.domain.notes import length
from bridge.domain.redaction import without_numbers
from bridge.domain.working_state import Facts, Halt, Outage
from bridge.store import circuit_breakers, heartbeats, notices
from bridge.store.callbacks import hourly_counts
from bridge.store.callbacks.hourly_counts import Kind
from bridge.store.console import today as store_today
from bridge.store.console.today import Vitals
from bridge.store.db import Connection
from bridge.store.heartbeats import Role
from bridge.web.current import runtime

LATEST = 12
CHARTED = timedelta(weeks=4)
_MOVING = "1"
"""What the page sends with `LIVE` most of the time; now and then it asks for the charts, too."""
_NO_CONTACT = (ContactOutcome.FIRMS_SIDE, ContactOutcome.CANCELED)


@dataclass(frozen=True)
class Tile:
    """A number, and where it leads."""

    number: str
    says: str
    href: str
    css: str = ""
    more: str = ""
    """What else there was, in a few words."""


def today() -> Response:
    """The page, or only what moves on it."""
    now, zone = runtime().clock(), runtime().settings.firm_zone
    moves_alone = request.headers.get(LIVE) == _MOVING
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    with runtime().db.read() as connection:
        vitals = store_today.vitals(connection, now)
        live = hourly_counts.live_from(connection, now)
        counted = hourly_counts.since(connection, midnight, live)
        values: dict[str, Any] = {
            "states": working_state.states(_facts(connection, vitals, now), zone),
            "notices": notices.active(connection),
            "tiles": _tiles(
                counted,
                midnight,
                under_way=vitals.calls_under_way,
                held_back=vitals.held_back,
            ),
            "agents": agents.rows(connection),
            "latest": store_today.latest(connection, LATEST),
            "midnight": midnight,
            "as_of": _as_of(now, zone),
            "length": length,
        }
        hours = None if moves_alone else _hours(connection, now, live)
    if hours is None:
        return page("today_live.html", "Today", **values)
    return page("today.html", "Today", **values, **_charts(hours))


def _as_of(now: datetime, zone: tzinfo) -> str:
    """The time to the second: what is shown is as old as this."""
    there = now.astimezone(zone)
    return f"{there.hour % 12 or 12}:{there:%M:%S %p} {zone_name(now, zone)}"


def _facts(connection: Connection, vitals: Vitals, now: datetime) -> Facts:
    """How the bridge does."""
    seen = [one for one in heartbeats.newest(connection) if one.role is Role.WORKER]
    alive = [one for one in seen if one.is_alive(now)]
    down = {
        name: Outage(since, without_numbers(reason))
        for name, (since, reason) in circuit_breakers.down(connection).items()
    }
    return Facts(
        now=now,
        has_worker=bool(alive),
        worker_seen_at=seen[0].seen_at if seen else None,
        dials=any(one.dials for one in alive),
        halt=_halt(),
        smartadvocate=down.get(SMARTADVOCATE),
        has_asked_smartadvocate=vitals.has_asked_smartadvocate,
        messages_waiting=vitals.messages_waiting,
        most_counted=store_today.MOST_COUNTED,
        twilio=down.get(TWILIO),
        callback_waits_since=vitals.callback_waits_since,
        twilio_heard_at=vitals.twilio_heard_at,
        unheard_since=vitals.unheard_since,
    )


def _halt() -> Halt | None:
    """What holds back everything; what Twilio refuses counts more than what somebody wants."""
    kept = sorted(g.header.pauses, key=lambda one: one.source != working_state.BY_TWILIO)
    if not kept:
        return None
    first = kept[0]
    return Halt(first.created_at, first.by, first.source, first.pause.reason)


def _tiles(
    counted: Mapping[Kind, int], midnight: datetime, *, under_way: int, held_back: int
) -> Sequence[Tile]:
    day = midnight.date().isoformat()
    calls_in = _sum(counted, Channel.CALL, Direction.INBOUND)
    texts_in = _sum(counted, Channel.TEXT, Direction.INBOUND)
    talked = sum(many for kind, many in counted.items() if kind[2] is ContactOutcome.TALKED)
    needs = g.header.to_do

    def contacts(**filters: Any) -> str:
        return url_for("console.contacts", **filters)

    return [
        Tile(
            f"{_sum(counted, Channel.CALL, Direction.OUTBOUND):,}",
            "Calls today",
            contacts(channel=Channel.CALL, direction=Direction.OUTBOUND, day=day),
            more=f"and {calls_in:,} came in" if calls_in else "",
        ),
        Tile(
            f"{talked:,}",
            "Talked with us",
            contacts(outcome=ContactOutcome.TALKED, day=day),
            "text-success-emphasis",
        ),
        Tile(
            f"{_sum(counted, Channel.TEXT, Direction.OUTBOUND):,}",
            "Texts today",
            contacts(channel=Channel.TEXT, direction=Direction.OUTBOUND, day=day),
            more=f"and {texts_in:,} came in" if texts_in else "",
        ),
        Tile(
            f"{under_way:,}",
            "Under way",
            contacts(channel=Channel.CALL, outcome=ContactOutcome.UNDER_WAY),
            "text-info-emphasis",
        ),
        Tile(_capped(held_back), "Held back", url_for("console.plan")),
        Tile(
            f"{needs:,}",
            "Need you",
            url_for("console.todo"),
            "text-danger-emphasis" if needs else "",
        ),
    ]


def _sum(counted: Mapping[Kind, int], channel: Channel, direction: Direction) -> int:
    return sum(
        many
        for (of, way, outcome), many in counted.items()
        if (of, way) == (channel, direction) and outcome not in _NO_CONTACT
    )


def _capped(many: int) -> str:
    is_more = many >= store_today.MOST_COUNTED
    return f"{many:,}{'+' if is_more else ''}"


def _hours(connection: Connection, now: datetime, live: datetime) -> Sequence[Hour]:
    """The firm's calls of the last weeks by the hour of its day."""
    end = hourly_counts.hour_of(now) + hourly_counts.AN_HOUR
    stretches = hours_of_day.stretches(end - CHARTED, end, runtime().settings.firm_zone)
    return hours_of_day.by_hour(
        [
            (
                stretch,
                {
                    kind: many
                    for kind, many in hourly_counts.by_hour(
                        connection, stretch.start, stretch.end, live
                    ).items()
                    if kind[1] not in (*_NO_CONTACT, ContactOutcome.UNDER_WAY)
                },
            )
            for stretch in stretches
        ]
    )


def _charts(hours: Sequence[Hour]) -> Mapping[str, Any]:
    shown = hours_of_day.usual_day(hours)
    return {
        "hours": hours,
        "calls_chart": charts.by_outcome(shown),
        "share_chart": charts.by_share(shown),
        "when_people_answer": hours_of_day.when_people_answer(hours),
    }
