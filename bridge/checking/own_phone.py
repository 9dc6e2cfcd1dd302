"""Whether somebody at the console may have this number called or texted as a test.

It is the operator's own phone, by their own request: hours and caps don't matter, nor does a pause
of all calls or texts, during which a test shows that the line is mended before anybody resumes. Who
has opted out, on whatever phone, or is on hold, is left alone all the same.
"""

from datetime import datetime

from bridge.domain.contact_facts import PauseScope
from bridge.domain.dialable import why_not_dialable
from bridge.domain.eligibility import opt_out_applies
from bridge.domain.events import Channel
from bridge.domain.phones import E164, ten_digits
from bridge.settings import Settings
from bridge.store.cases import identity
from bridge.store.consent import opt_outs
from bridge.store.db import Connection
from bridge.store.dialing import pauses


def why_not(
    connection: Connection, settings: Settings, phone: E164, channel: Channel, now: datetime
) -> str | None:
    """Why this number gets no test, and what to do; None: it may get one."""
    if phone in settings.own_numbers:
        return "That is a number of the firm's own. Give the number of the phone in your hand."
    if ten_digits(phone) is None:
        return "Tests go to numbers of the United States and Canada only. Give such a number."
    dialable = why_not_dialable(phone)
    if dialable is not None:
        return f"That number is never dialed: {dialable}. Give another one."
    return _why_left_alone(connection, settings, phone, channel, now)


def _why_left_alone(
    connection: Connection, settings: Settings, phone: E164, channel: Channel, now: datetime
) -> str | None:
    """That whoever has the number has refused, or is on hold."""
    standing = opt_outs.standing_at(connection, phone)
    if any(opt_out_applies(opt_out, channel, phone) for opt_out in standing):
        return "Somebody at that number has opted out. Give another number, or lift the opt-out."
    own = settings.own_numbers
    cases = identity.identify(connection, None, phone, own).cases
    if any(identity.has_refused(connection, case_id, phone, own) for case_id in cases):
        return (
            "The person with that number has opted out. Give another number, or lift the opt-out."
        )
    held = {(kept.pause.scope, kept.pause.what) for kept in pauses.active(connection, now)}
    if (PauseScope.NUMBER, phone) in held:
        return "That number is paused. Give another number, or lift the pause."
    if any((PauseScope.CASE, str(case_id)) in held for case_id in cases):
        return "The case with that number is paused. Give another number, or lift the pause."
    return None
