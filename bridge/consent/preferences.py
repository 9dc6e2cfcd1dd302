"""How people want to be reached: somebody at the firm lifts what was kept.

It is kept as an answer to what a text asks for (`suspensions.keep_preferences`). The caller
commits, with the line in the audit trail, and wakes the workers.
"""

from bridge.domain.notes import EventNote, NoteKind
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.cases import identity
from bridge.store.consent import preferences
from bridge.store.consent.preferences import StoredPreference
from bridge.store.db import Connection
from bridge.store.dialing import skipped


def lift_preference(
    runtime: Runtime, connection: Connection, preference_id: int, *, by: str, reason: str
) -> StoredPreference | None:
    """Lift a preference; return it, or None when it wasn't in effect any more."""
    callbacks.lock(connection)
    now = runtime.clock()
    lifted = preferences.lift(connection, preference_id, by=by, reason=reason, now=now)
    if lifted is None:
        return None
    wanted = lifted.preference
    about = EventNote(
        NoteKind.PREFERENCE_LIFTED,
        f"preference-{preference_id}",
        wanted.phone,
        words=reason,
        ends=wanted.says,
        by=by,
    )
    own_numbers = runtime.settings.own_numbers
    told = (
        [lifted.case_id]
        if lifted.case_id is not None
        else sorted(identity.sharing(connection, wanted.phone, own_numbers))
    )
    who = identity.identify(connection, lifted.case_id, wanted.phone, own_numbers)
    skipped.decide_again(connection, who.cases, now)
    for case_id in told:
        queue_note(runtime, connection, case_id, about)
    return lifted
