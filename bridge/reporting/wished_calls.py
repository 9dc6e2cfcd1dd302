"""A next call that somebody at the firm asks for at the console, as if set in SmartAdvocate.

why_not     why a case's next call can't be set now, as a sentence; None when it can
wish_call   queue To Dial with that date, which overrides what the bridge has scheduled itself

Like every date of staff's it overrides no caps, hours, pauses or opt-outs.
"""

from datetime import datetime

from bridge.domain.backoff import whole_minute
from bridge.domain.case_updates import CaseInfo, CaseReport, DialerStatus, Wish
from bridge.reporting.messages import Message, queue_message
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import turns
from bridge.store.reporting import payloads
from bridge.store.reporting.deliveries import DeliveryKind


def why_not(connection: Connection, case: CaseInfo) -> str | None:
    """Why the next call of a case can't be set now; None when it can."""
    if case.status is DialerStatus.IN_THE_DIALER or turns.of_case(connection, case.case_id):
        return (
            f"Case {case.case_id} is in the dialer right now. Wait until its call has ended and "
            "SmartAdvocate has been told how, and try again."
        )
    if case.has_own_label:
        return (
            f"Case {case.case_id} has the dialer status “{case.label}”, which is the firm's own. "
            "The bridge leaves it as it is: set To Dial in SmartAdvocate."
        )
    return None


def wish_call(runtime: Runtime, connection: Connection, case: CaseInfo, at: datetime) -> datetime:
    """Have a case called then; return the date, in whole minutes as SmartAdvocate keeps them.

    The caller has locked the case and asked `why_not`.
    """
    later = whole_minute(at)
    is_open = case.status is DialerStatus.TO_DIAL
    cases.set_wish(connection, case.case_id, later)
    report = CaseReport(
        disposition=None,
        next_call=later,
        attempts_made=0,
        wish=Wish.MOVES if is_open else Wish.REOPENS,
    )
    payload = payloads.status_payload(report)
    sid = f"wish-{case.case_id}"
    queue_message(runtime, connection, Message(DeliveryKind.STATUS, sid, case.case_id, payload))
    return later
