"""What has come in is taken in, and SmartAdvocate is told, as a worker does it."""

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.callbacks import intake
from bridge.reporting import delivery
from bridge.runtime import Runtime


def take_in(runtime: Runtime) -> None:
    """Process every callback that is due."""
    while intake.process_pending(runtime):
        pass


def tell(runtime: Runtime, remote: SmartAdvocate) -> None:
    """Take in and deliver whatever is due now."""
    take_in(runtime)
    while leases := delivery.take(runtime, 8):
        for held in leases:
            delivery.deliver_lane(runtime, remote, held, lambda: False)
