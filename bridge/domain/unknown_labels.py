"""What is said of a dialer status that the bridge doesn't know: the firm's own, or not yet mapped.

Labels are the firm's own words (smartadvocate.md, 1.2); SMARTADVOCATE_LABELS maps them.
"""

from collections.abc import Sequence

from bridge.domain.case_updates import DialerStatus

Pairs = Sequence[tuple[str, str]]


def listed_as_due(label: str, mapped: Pairs) -> str:
    """Why a case is skipped that SmartAdvocate lists as due under a label of the firm's own."""
    return (
        f"its dialer status “{label}” is unknown; if it is the firm's word for To Dial, set "
        f"{sentence(DialerStatus.TO_DIAL, label, mapped)}"
    )


def left_as_it_is(label: str, mapped: Pairs) -> str:
    """What an operator should know of a case whose status was not overwritten."""
    return (
        f"The dialer status “{label}” is the firm's own and was left as it is. To map it, set for "
        f"example {sentence(DialerStatus.DO_NOT_DIAL, label, mapped)}"
    )


def sentence(status: DialerStatus, label: str, mapped: Pairs) -> str:
    """The setting that maps this label, those included that are mapped already."""
    pairs = [(ours, theirs) for ours, theirs in mapped if ours != status]
    shown = "; ".join(f"{ours}={theirs}" for ours, theirs in (*pairs, (str(status), label)))
    return f'SMARTADVOCATE_LABELS="{shown}"'
