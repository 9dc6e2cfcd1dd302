"""The host's routes: is the process alive, can it work, how is it doing."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bridge.runtime import write_counts
from bridge.store.db import FAILED
from bridge.web.current import runtime
from bridge.web.metrics import BridgeCollector

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """The process lives. Touches nothing else."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """The database answers and its schema is current, or why not."""
    try:
        lack = runtime().db.lacks()
    except FAILED as error:
        lack = f"the database can't be reached: {type(error).__name__}"
    return (
        ({"status": "ok"}, 200) if lack is None else ({"status": "not ready", "reason": lack}, 503)
    )


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text, for whoever knows METRICS_TOKEN; off without one."""
    write_counts(runtime())
    registry = CollectorRegistry(auto_describe=False)
    registry.register(BridgeCollector(runtime()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
