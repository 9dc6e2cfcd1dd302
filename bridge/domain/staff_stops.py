"""Staff have set one case to Do not Dial: is that meant for the same person's other cases, too?

is_by_staff   whether it was staff, and not the bridge, who ended the dialing of a case
is_meant_for  the question that is asked about such a case: the reason for which others are held
case_of       the case that such a question is about
"""

import re
from datetime import datetime

from bridge.domain.case_updates import DialerStatus

_ASKED = re.compile(r"case (\d{1,19}) was set to Do not Dial by staff:")
_DIALED = frozenset({DialerStatus.TO_DIAL, DialerStatus.IN_THE_DIALER})


def is_by_staff(
    before: DialerStatus | None, now: DialerStatus | None, closed_at: datetime | None
) -> bool:
    """Whether staff have set Do not Dial on a case that was dialed when it was last read.

    `closed_at` is since when the bridge itself wants no further call of it: after an outcome, the
    last attempt or an opt-out, what is read is its own Do not Dial. A case that was never seen
    otherwise says nothing of anybody's wish.
    """
    return now is DialerStatus.DO_NOT_DIAL and before in _DIALED and closed_at is None


def is_meant_for(case_id: int) -> str:
    """The question about the other cases, as the reason for which they are held."""
    return (
        f"case {case_id} was set to Do not Dial by staff: is that meant for this case, too? If so, "
        "set it to Do not Dial; if not, resume it"
    )


def case_of(question: str) -> int | None:
    """The case that a question is about; None for another kind of question."""
    found = _ASKED.match(question)
    return int(found[1]) if found else None
