"""Twilio's words for statuses, answers and directions, mapped to the bridge's.

Sources: docs/reference/twilio.md.
"""

from collections.abc import Collection

from bridge.domain.events import AnsweredBy, Channel, Direction, Status, Talk

_CALL_STATUSES = (
    Status.QUEUED,
    Status.INITIATED,
    Status.RINGING,
    Status.IN_PROGRESS,
    Status.COMPLETED,
    Status.BUSY,
    Status.NO_ANSWER,
    Status.FAILED,
    Status.CANCELED,
)
_TEXT_STATUSES = (
    Status.ACCEPTED,
    Status.SCHEDULED,
    Status.QUEUED,
    Status.SENDING,
    Status.SENT,
    Status.DELIVERED,
    Status.UNDELIVERED,
    Status.FAILED,
    Status.CANCELED,
    Status.READ,
    Status.RECEIVING,
    Status.RECEIVED,
    Status.PARTIALLY_DELIVERED,
)
STATUSES: dict[Channel, dict[str, Status]] = {
    # `answered` is the name of the event, and one page of the documentation spells `cancelled`.
    Channel.CALL: {status.value: status for status in _CALL_STATUSES}
    | {"answered": Status.IN_PROGRESS, "cancelled": Status.CANCELED},
    Channel.TEXT: {status.value: status for status in _TEXT_STATUSES}
    | {"cancelled": Status.CANCELED},
}
ANSWERED_BY: dict[str, AnsweredBy] = {
    "human": AnsweredBy.HUMAN,
    "machine_start": AnsweredBy.MACHINE,
    "machine_end_beep": AnsweredBy.MACHINE,
    "machine_end_silence": AnsweredBy.MACHINE,
    "machine_end_other": AnsweredBy.MACHINE,
    "fax": AnsweredBy.MACHINE,
    # Detection heard too little to tell, so the length of the call decides.
    "unknown": AnsweredBy.UNSAID,
}
# Whether the two sides talked. `DialCallStatus` is `completed` even if the firm's phone was
# answered and nobody heard it (docs/reference/twilio.md#twiml).
_BRIDGED: dict[str, Talk] = {"true": Talk.BRIDGED, "false": Talk.MISSED}
# The status of the call's second leg counts only without `DialBridged`.
_LEG_STATUSES: dict[str, Talk] = {
    "completed": Talk.BRIDGED,
    "answered": Talk.BRIDGED,
    "busy": Talk.MISSED,
    "no-answer": Talk.MISSED,
    "failed": Talk.MISSED,
    "canceled": Talk.MISSED,
}
DIRECTIONS: dict[str, Direction] = {
    "inbound": Direction.INBOUND,
    "trunking-originating": Direction.INBOUND,
    "outbound-api": Direction.OUTBOUND,
    "outbound-dial": Direction.OUTBOUND,
    "trunking-terminating": Direction.OUTBOUND,
}
FIELD_WORDS: dict[str, Collection[str]] = {
    "CallStatus": STATUSES[Channel.CALL],
    "MessageStatus": STATUSES[Channel.TEXT],
    "SmsStatus": STATUSES[Channel.TEXT],
    "Direction": DIRECTIONS,
    "AnsweredBy": ANSWERED_BY,
    "DialBridged": _BRIDGED,
    "DialCallStatus": _LEG_STATUSES,
    "OptOutType": ("STOP", "START", "HELP"),
}
"""The fields whose value is one of a few words, with those words."""


def talk(bridged: str, leg_status: str) -> Talk:
    """Whether the two sides of a call talked, by `DialBridged` and `DialCallStatus`."""
    if bridged:
        return _BRIDGED.get(bridged.lower(), Talk.UNSAID)
    return _LEG_STATUSES.get(leg_status, Talk.UNSAID)
