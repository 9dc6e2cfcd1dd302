"""Wrong numbers that somebody at the command line records or lifts, each with its audit line."""

from bridge.commands.listings import Column, Listing
from bridge.commands.opt_outs import ACTOR
from bridge.consent.wrong_numbers import SaidWrong, lift_wrong_number, record_wrong_number
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.cases import identity
from bridge.store.consent import wrong_numbers
from bridge.store.consent.wrong_numbers import WrongNumberWay
from bridge.store.console import audit
from bridge.store.console.audit import Action

_COLUMNS = (
    Column("id", "id", is_number=True),
    Column("case_id", "case", is_number=True),
    Column("phone", "phone"),
    Column("way", "by way of"),
    Column("recorded_at", "recorded"),
    Column("recorded_by", "recorded by"),
    Column("settled_at"),
    Column("settled_by"),
    Column("lifted_at", "lifted"),
    Column("lifted_by", "lifted by"),
    Column("lift_reason", "reason"),
)


def listing(runtime: Runtime, case_id: int | None, limit: int) -> Listing:
    """The newest, lifted ones too."""
    with runtime.db.read() as connection:
        found = wrong_numbers.listed(connection, case_id, limit)
    rows = [{column.key: getattr(wrong, column.key) for column in _COLUMNS} for wrong in found]
    return Listing(_COLUMNS, rows, "No wrong numbers.")


def add(runtime: Runtime, case_id: int, phone: E164, by: str, reason: str) -> str:
    """Record one; return what became of it, as a sentence.

    Raises:
        LookupError: the case doesn't have this number, as far as the bridge knows.
    """
    subject = _subject(case_id, phone)
    with runtime.db.begin() as connection:
        if phone not in identity.phones_of(connection, case_id):
            raise LookupError(f"case {case_id} doesn't have this number: check both")
        said = SaidWrong(phone, case_id, WrongNumberWay.STAFF, by, reason=reason)
        new = record_wrong_number(runtime, connection, said)
        for new_id in new:
            audit.record(
                connection,
                actor=ACTOR.format(by),
                action=Action.WRONG_NUMBER,
                subject=_subject(new_id, phone),
                reason=reason,
                case_id=new_id,
                now=runtime.clock(),
            )
    runtime.notifier.notify()
    if not new:
        return f"{subject}: somebody had recorded this already"
    return f"{subject}: never called or texted for this case again. Enter a better number."


def lift(runtime: Runtime, wrong_id: int, by: str, reason: str) -> str | None:
    """Lift one; return what was lifted, as a sentence. None: it wasn't in effect."""
    with runtime.db.begin() as connection:
        lifted = lift_wrong_number(runtime, connection, wrong_id, by, reason)
        if lifted is None:
            return None
        audit.record(
            connection,
            actor=ACTOR.format(by),
            action=Action.WRONG_NUMBER_LIFTED,
            subject=_subject(lifted.case_id, lifted.phone),
            reason=reason,
            case_id=lifted.case_id,
            now=runtime.clock(),
        )
    runtime.notifier.notify()
    return f"{_subject(lifted.case_id, lifted.phone)}: right after all. It may be called again."


def _subject(case_id: int, phone: E164) -> str:
    return f"number …{phone[-4:]} of case {case_id}"
