"""What an agent says by key at the end of a call that changes who may be reached.

record_refusal        "do not call again": the person opts out altogether, as said on the phone
record_wrong_person   "wrong person": the number is wrong, as somebody at the firm states
"""

from bridge.consent.by_hand import HandOptOut, opt_out_by_hand
from bridge.consent.wrong_numbers import SaidWrong, record_wrong_number
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.consent.opt_outs import OptOutWay
from bridge.store.consent.wrong_numbers import WrongNumberWay
from bridge.store.db import Connection

_SAID_SO = "said so on the call"


def record_refusal(
    runtime: Runtime, connection: Connection, case_id: int, phone: E164, by: str
) -> None:
    """The person has told an agent not to call again."""
    wanted = HandOptOut(case_id, phone, by, _SAID_SO, OptOutWay.VOICE)
    opt_out_by_hand(runtime, connection, wanted)


def record_wrong_person(
    runtime: Runtime, connection: Connection, case_id: int, phone: E164, by: str
) -> None:
    """An agent has reached somebody else: the number is never dialed again for this person."""
    said = SaidWrong(phone, case_id, WrongNumberWay.KEY, by)
    record_wrong_number(runtime, connection, said)
