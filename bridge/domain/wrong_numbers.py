"""Numbers at which the person of a case is not to be found."""

from datetime import datetime


def why_wrong(recorded_at: datetime) -> str:
    """Why a number is skipped that is wrong for its case."""
    return f"it is a wrong number for this case (recorded {recorded_at:%Y-%m-%d})"
