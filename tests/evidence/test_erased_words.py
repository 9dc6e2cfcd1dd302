"""A person's words of refusal stay with the opt-out, unless somebody asks for their removal."""

from sqlalchemy import select, update

from bridge import sweep
from bridge.commands.erase import erase
from bridge.domain.evidence_verification import Finding, Tampering
from bridge.domain.phones import E164
from bridge.store.console import audit as store_audit
from bridge.store.evidence.verification import verify
from bridge.store.tables import audit, callbacks, opt_outs
from tests.support.posting import Twilio
from tests.support.signing import ACCOUNT_SID
from tests.support.world import World

PERSON = E164("+14025550107")
STOP = "Please stop, thanks"


def _write(world: World, body: str) -> None:
    fields = {
        "MessageSid": f"SM{'a' * 32}",
        "AccountSid": ACCOUNT_SID,
        "From": PERSON,
        "To": "+14025550100",
        "Body": body,
        "NumMedia": "0",
        "SmsStatus": "received",
    }
    answered = Twilio(world.runtime).post("/twilio/messages/inbound", fields)
    assert answered.status_code == 200


def test_words_outlive_the_text_and_are_erased_on_request(world: World) -> None:
    world.case(7, PERSON[2:])
    world.poll()
    sweep.run_due(world.runtime)
    _write(world, STOP)
    with world.runtime.db.begin() as connection:
        store_audit.record(
            connection,
            actor="Ann",
            action=store_audit.Action.PAUSED,
            subject="case 7",
            now=world.clock(),
            reason=f"she wrote: {STOP}",
            case_id=7,
        )
    world.clock.advance(days=91)
    sweep.run_due(world.runtime)
    with world.runtime.db.read() as connection:
        assert set(connection.scalars(select(callbacks.c.body))) == {None}
        assert connection.scalar(select(opt_outs.c.words)) == STOP
    report = erase(world.runtime, PERSON, "Ann")
    assert report.is_done, report.text
    assert "opt_outs: the words of 1 refusal erased, not the refusal" in report.text
    assert "audit.reason: 1 sentence redacted" in report.text
    with world.runtime.db.snapshot() as connection:
        row = connection.execute(select(opt_outs)).one()
        assert (row.words, row.words_erased_at, row.lifted_at) == (None, world.clock(), None)
        found = verify(connection)
    assert found.first is None
    assert found.tables["opt_outs"].erased == found.tables["audit"].erased == 1
    # What was erased is as little to be changed as what was not.
    with world.runtime.db.begin() as connection:
        connection.execute(update(audit).values(reason="she never wrote"))
    with world.runtime.db.snapshot() as connection:
        assert verify(connection).first == Finding("audit", 1, Tampering.CHANGED)
