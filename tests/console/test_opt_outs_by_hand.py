"""Somebody at the firm records an opt-out, or lifts one: who is dialed, and what the cases say."""

import pytest
from sqlalchemy import select

from bridge.background import PlannedContact
from bridge.consent.by_hand import HandOptOut, lift_by_hand, opt_out_by_hand
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.decisions import Permission, Rule
from bridge.domain.events import Channel
from bridge.domain.notes import event_note
from bridge.domain.phones import E164
from bridge.eligibility import preview
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.dialing import pauses
from bridge.store.reporting import payloads
from bridge.store.tables import deliveries, opt_outs

HOME, MOBILE, OTHER = E164("+14025550114"), E164("+14025550115"), E164("+14025550116")


def _case(runtime: Runtime, case_id: int, *phones: E164) -> None:
    listed = tuple(CasePhone(phone) for phone in phones)
    due = CaseInfo(case_id, DialerStatus.TO_DIAL, 0, runtime.clock(), listed, "Spring")
    with runtime.db.begin() as connection:
        cases.save_case(connection, due, runtime.clock())


def _refused(
    runtime: Runtime, case_id: int, phone: E164, channel: Channel = Channel.CALL
) -> list[Rule]:
    """The rules that hold back this contact because somebody has refused."""
    with runtime.db.read() as connection:
        case = cases.get(connection, case_id)
        assert case is not None
        decision = preview(runtime, connection, PlannedContact(case, channel, phone))
    about = (Rule.OPTED_OUT, Rule.OPTED_OUT_HERE, Rule.PAUSED, Rule.NOT_BEFORE)
    assert (decision.permission is Permission.ALLOW) <= (not decision.restrictions)
    return [each.rule for each in decision.restrictions if each.rule in about]


def _opt_out(runtime: Runtime, case_id: int | None = None, phone: E164 | None = None) -> bool:
    with runtime.db.begin() as connection:
        wanted = HandOptOut(case_id, phone, "Ann Operator", "By letter")
        return opt_out_by_hand(runtime, connection, wanted)


def _lift(runtime: Runtime, identity: int = 1) -> bool:
    with runtime.db.begin() as connection:
        lifted = lift_by_hand(
            runtime, connection, opt_out_id=identity, by="Ann Operator", reason="She called"
        )
    return lifted is not None


def _notes(runtime: Runtime, case_id: int) -> list[str]:
    with runtime.db.read() as connection:
        rows = connection.execute(
            select(deliveries)
            .where(deliveries.c.case_id == case_id, deliveries.c.kind == "note")
            .order_by(deliveries.c.id)
        ).all()
    about = [payloads.remark(row.payload) for row in rows]
    return [event_note(remark) for remark in about if remark]


def _closed(runtime: Runtime, case_id: int) -> bool:
    with runtime.db.read() as connection:
        return cases.own_moments(connection, case_id).closed_at is not None


def test_a_person_is_opted_out_on_all_phones_and_channels_once(runtime: Runtime) -> None:
    _case(runtime, 7, HOME, MOBILE)
    assert _refused(runtime, 7, MOBILE) == []
    assert _opt_out(runtime, 7) is True
    for phone in (HOME, MOBILE):
        for channel in Channel:
            assert _refused(runtime, 7, phone, channel) == [Rule.OPTED_OUT]
    assert _closed(runtime, 7)
    assert _notes(runtime, 7) == [
        "Opt-out recorded by Ann Operator: “By letter”. Do not call or text this person."
    ]
    assert _opt_out(runtime, 7) is False
    with runtime.db.read() as connection:
        [row] = connection.execute(select(opt_outs)).all()
        statuses = connection.scalars(
            select(deliveries.c.payload).where(deliveries.c.kind == "status")
        ).all()
    assert (row.source, row.recorded_by, row.reason) == (
        "person at the firm",
        "Ann Operator",
        "By letter",
    )
    assert [status["next_call"] for status in statuses] == [None]


def test_a_case_without_a_phone_and_one_never_seen_are_opted_out(runtime: Runtime) -> None:
    _case(runtime, 7)
    assert _opt_out(runtime, 7)
    assert _opt_out(runtime, 8)
    _case(runtime, 7, HOME)
    _case(runtime, 8, MOBILE)
    assert _refused(runtime, 7, HOME)[:1] == [Rule.OPTED_OUT]
    assert _refused(runtime, 8, MOBILE)[:1] == [Rule.OPTED_OUT]


def test_a_number_alone_is_closed_and_the_other_stays_open(runtime: Runtime) -> None:
    _case(runtime, 7, HOME, MOBILE)
    assert _opt_out(runtime, phone=HOME)
    assert _refused(runtime, 7, HOME) == [Rule.OPTED_OUT_HERE]
    assert _refused(runtime, 7, MOBILE) == []
    assert not _closed(runtime, 7)
    assert _notes(runtime, 7) == [
        "Opt-out recorded by Ann Operator: “By letter”. Do not call or text this number."
    ]
    assert _opt_out(runtime, phone=HOME) is False
    assert _opt_out(runtime, phone=OTHER)
    assert [each for each in _notes(runtime, 7) if "number" in each] == _notes(runtime, 7)


def test_nobody_and_nothing_cannot_be_opted_out(runtime: Runtime) -> None:
    with pytest.raises(ValueError, match="needs a case or a number"):
        _opt_out(runtime)


def test_who_shares_a_phone_is_held_until_somebody_has_asked(runtime: Runtime) -> None:
    _case(runtime, 7, HOME)
    _case(runtime, 8, HOME, MOBILE)
    _opt_out(runtime, 7)
    assert Rule.PAUSED in _refused(runtime, 8, MOBILE)
    assert not _closed(runtime, 8)
    [note] = _notes(runtime, 8)
    assert "It may have been this client" in note
    assert "By letter" not in note
    # Lifted: whose opt-out it was is no matter any more.
    assert _lift(runtime)
    assert _refused(runtime, 8, MOBILE) == []
    with runtime.db.read() as connection:
        assert pauses.active(connection, runtime.clock()) == []


def test_what_is_lifted_lets_the_person_be_called_once_staff_set_to_dial(runtime: Runtime) -> None:
    _case(runtime, 7, HOME)
    _opt_out(runtime, 7)
    assert _lift(runtime) is True
    assert _lift(runtime) is False
    _, note = _notes(runtime, 7)
    assert note == (
        "Opt-out lifted by Ann Operator: “She called”. The dialer status is unchanged: set it to "
        "To Dial if calls should resume."
    )
    # SmartAdvocate was told Do not Dial, and has taken it; then somebody sets To Dial there.
    assert _refused(runtime, 7, HOME) == [Rule.NOT_BEFORE]
    with runtime.db.begin() as connection:
        cases.record_status(connection, 7, DialerStatus.DO_NOT_DIAL, None)
    _case(runtime, 7, HOME)
    assert _refused(runtime, 7, HOME) == []
    assert _opt_out(runtime, 7) is True
    assert _refused(runtime, 7, HOME)[:1] == [Rule.OPTED_OUT]
