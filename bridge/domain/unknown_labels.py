"""Messages about a dialer status that the bridge doesn't know, with the setting that maps it.

Labels are the firm's own words (docs/reference/smartadvocate.md#labels); SMARTADVOCATE_LABELS maps
them.
"""

from collections.abc import Sequence

from bridge.domain.case_updates import DialerStatus

Pairs = Sequence[tuple[str, str]]


def why_skipped(label: str, mapped: Pairs) -> str:
    """Why a due case with an unknown dialer status is skipped."""
    return (
        f"its dialer status “{label}” is unknown; if it is the firm's word for To Dial, set "
        f"{setting_line(DialerStatus.TO_DIAL, label, mapped)}"
    )


def left_unchanged(label: str, mapped: Pairs) -> str:
    """The message for a case whose unknown dialer status was not overwritten."""
    return (
        f"The dialer status “{label}” is unknown and was left unchanged. To map it, set for "
        f"example {setting_line(DialerStatus.DO_NOT_DIAL, label, mapped)}"
    )


def setting_line(status: DialerStatus, label: str, mapped: Pairs) -> str:
    """The setting that maps this label, together with those that are mapped already."""
    pairs = [(ours, theirs) for ours, theirs in mapped if ours != status]
    shown = "; ".join(f"{ours}={theirs}" for ours, theirs in (*pairs, (str(status), label)))
    return f'SMARTADVOCATE_LABELS="{shown}"'
