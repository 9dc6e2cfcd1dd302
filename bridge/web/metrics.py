"""What `/metrics` shows: counts of all processes together, and the queue as it is now."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from bridge import counts
from bridge.adapters.geography import holiday
from bridge.domain.business_days import a_business_day_before
from bridge.domain.registry import age
from bridge.runtime import Runtime
from bridge.store import overview
from bridge.store.consent import registry
from bridge.store.console import to_do
from bridge.store.dialing import abandonment
from bridge.store.dialing.abandonment import CampaignCalls
from bridge.store.tallies import StoredCount

_COUNTERS = {
    counts.CALLBACKS: ("bridge_callbacks", "Callbacks by kind and verdict", ["kind", "verdict"]),
    counts.REJECTED: ("bridge_rejected", "Requests refused at the gate", ["reason", "route"]),
    counts.DELIVERIES: ("bridge_deliveries", "Tries to deliver", ["kind", "state"]),
    counts.ATTEMPTS: ("bridge_placed", "Tries to place a call or text", ["channel", "state"]),
    counts.CANARY: (
        "bridge_canary",
        "Pauses because Twilio did not reach the bridge, and their ends",
        ["event"],
    ),
}


class BridgeCollector(Collector):
    """Reads everything from the database, since web and worker are different processes."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        """One scrape."""
        with self._runtime.db.read() as connection:
            health = overview.health(connection)
            tallied = overview.tallies(connection)
            dialing = overview.dialing(connection, self._runtime.clock())
            asked = to_do.count(connection)
            late = to_do.count_late(connection, self._late_since())
            oldest_list = registry.oldest(connection)
            campaigns = abandonment.listed(connection)
        for name, (metric, help_text, labels) in _COUNTERS.items():
            family = CounterMetricFamily(metric, help_text, labels=labels)
            for stored in tallied:
                if stored.name == name:
                    family.add_metric(stored.labels.split("|"), stored.value)
            yield family
        yield _latency(tallied)
        now = self._runtime.clock()
        oldest = health.oldest_pending_at
        for metric, help_text, value in (
            ("bridge_callbacks_waiting", "Callbacks not processed yet", health.new_callbacks),
            ("bridge_deliveries_pending", "Deliveries pending", health.pending),
            (
                "bridge_deliveries_oldest_seconds",
                "Age of the oldest pending delivery",
                (now - oldest).total_seconds() if oldest else 0,
            ),
            ("bridge_deliveries_dead", "Deliveries given up on or refused", health.dead),
            ("bridge_questions", "Questions in To do", asked),
            ("bridge_questions_overdue", "Those open for more than one business day", late),
            (
                "bridge_registry_oldest_seconds",
                "Age of the do-not-call registry's oldest list; 0: none was imported",
                age(oldest_list, now).total_seconds() if oldest_list else 0,
            ),
            ("bridge_pauses", "Pauses in effect", dialing.pauses),
            ("bridge_turns_open", "Turns in progress", dialing.turns),
            ("bridge_skipped_cases", "Cases that the last poll skipped", dialing.skipped),
            ("bridge_smartadvocate_up", "0 while the circuit breaker is open", int(health.is_up)),
        ):
            yield GaugeMetricFamily(metric, help_text, value=value)
        noticed = GaugeMetricFamily(
            "bridge_notices", "Notices about SmartAdvocate: see bridge check", labels=["name"]
        )
        for name, count in dialing.notices.items():
            noticed.add_metric([name], count)
        yield noticed
        attempts = GaugeMetricFamily(
            "bridge_attempts", "Calls and texts planned or under way", labels=["channel", "state"]
        )
        for (channel, state), count in dialing.attempts.items():
            attempts.add_metric([channel, state], count)
        yield attempts
        yield from _abandoned(campaigns)

    def _late_since(self) -> datetime:
        return a_business_day_before(
            self._runtime.clock(), self._runtime.settings.firm_zone, holiday
        )


def _abandoned(campaigns: Sequence[CampaignCalls]) -> Iterator[Metric]:
    """Answered client-first calls, by campaign."""
    for metric, help_text, value_of in (
        ("bridge_calls_answered", "Answered client-first calls of 30 days", _answered),
        ("bridge_calls_abandoned", "Those that nobody of the firm took in time", _left),
        ("bridge_agent_first", "1 while the campaign goes agent first for that", _is_held),
    ):
        family = GaugeMetricFamily(metric, help_text, labels=["campaign"])
        for kept in campaigns:
            family.add_metric([kept.campaign], value_of(kept))
        yield family


def _answered(kept: CampaignCalls) -> int:
    return kept.calls.answered


def _left(kept: CampaignCalls) -> int:
    return kept.calls.abandoned


def _is_held(kept: CampaignCalls) -> int:
    return int(kept.held_at is not None)


def _latency(tallied: list[StoredCount]) -> HistogramMetricFamily:
    """From a callback's arrival to its delivery."""
    found = {count.labels: count.value for count in tallied if count.name == counts.LATENCY}
    buckets, total = [], 0.0
    for bound in counts.LATENCY_BOUNDS:
        total += found.get(str(bound), 0)
        buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
    return HistogramMetricFamily(
        "bridge_delivery_seconds",
        "Seconds from a callback's arrival to its delivery",
        buckets=buckets,
        sum_value=found.get("sum", 0),
    )
