"""What the firm's staff do in SmartAdvocate while the bridge works on their cases."""

from collections.abc import Sequence

from bridge.sandbox.cast import Role
from bridge.sandbox.dialects import DO_NOT_DIAL
from bridge.sandbox.line import Call
from bridge.sandbox.smartadvocate import SmartAdvocate
from bridge.sandbox.switchboard import Switchboard


def arrange(roles: Sequence[Role], board: Switchboard, smartadvocate: SmartAdvocate) -> None:
    """Have staff label some cases while phones ring, and stop some once they are claimed."""
    book, label = smartadvocate.book, smartadvocate.dialect.hold
    held = {number: role for role in roles if role.person.held for number in role.numbers}
    stopped = {role.case_id for role in roles if role.person.stopped_by_staff}

    def hold(call: Call) -> None:
        if call.to in held:
            book.relabel(held[call.to].case_id, label)

    def stop(case_id: int) -> None:
        if case_id in stopped:
            book.relabel(case_id, DO_NOT_DIAL)

    board.on_ringing, book.on_claim = hold, stop
