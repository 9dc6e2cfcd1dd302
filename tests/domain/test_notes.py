"""Notes that a paralegal can read."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.case_updates import DialerStatus, UpdatePlan
from bridge.domain.notes import OutcomeNote, local, outcome_note
from bridge.domain.outcomes import OutcomeKind
from bridge.domain.phones import E164

NEW_YORK = ZoneInfo("America/New_York")
SID = "CA0123456789abcdef0123456789ab1f3a"
PHONE = E164("+14025555759")
NEXT = datetime(2026, 11, 24, 18, 10, tzinfo=UTC)
TO_DIAL = UpdatePlan(None, DialerStatus.TO_DIAL, NEXT, 2)


def test_the_example() -> None:
    note = outcome_note(
        OutcomeNote(OutcomeKind.NO_ANSWER, SID, PHONE, rang_for=25), TO_DIAL, NEW_YORK
    )
    assert note == (
        "Call to (402) 555-5759: no answer after 25 s. Next call Tue Nov 24, 1:10 PM. [CA…1f3a]"
    )


@pytest.mark.parametrize(
    ("ended", "told", "says"),
    [
        (
            OutcomeNote(OutcomeKind.REACHED, SID, PHONE, talked_for=94),
            None,
            "Call to (402) 555-5759: answered, 1 min 34 s. [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.REACHED, SID, PHONE, talked_for=120),
            None,
            "Call to (402) 555-5759: answered, 2 min. [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.BUSY, SID, PHONE),
            TO_DIAL,
            "Call to (402) 555-5759: busy. Next call Tue Nov 24, 1:10 PM. [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.MACHINE, SID, PHONE),
            replace(TO_DIAL, gave_up=True, attempts=8),
            (
                "Call to (402) 555-5759: answering machine. "
                "That was attempt 8: no further calls. [CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.NO_ANSWER, SID, PHONE),
            replace(TO_DIAL, left_alone=True),
            (
                "Call to (402) 555-5759: no answer. "
                "The case says Do not Dial and stays so. [CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(
                OutcomeKind.FAILED,
                SID,
                PHONE,
                reason="the number does not exist (SIP 404)",
                bad_number=True,
            ),
            None,
            (
                "Call to (402) 555-5759: could not be connected: the number does not exist "
                "(SIP 404). "
                "The number seems to be out of service: please check it. [CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.TEXT_DELIVERED, "SM00001f3a", PHONE),
            None,
            "Text to (402) 555-5759: delivered. [SM…1f3a]",
        ),
        (
            OutcomeNote(
                OutcomeKind.TEXT_FAILED,
                "SM00001f3a",
                PHONE,
                reason="the number is a landline (21635)",
            ),
            None,
            "Text to (402) 555-5759: not delivered: the number is a landline (21635). [SM…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.CALLED_IN, SID, None, talked_for=3),
            None,
            "Call from a number that is not shown: answered, 3 s. [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.HUNG_UP, SID, PHONE, talked_for=2),
            None,
            "Call to (402) 555-5759: answered, 2 s, hung up before our message ended. [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.HEARD_ALONE, SID, PHONE, talked_for=31),
            TO_DIAL,
            (
                "Call to (402) 555-5759: answered, heard our message, did not talk with us. "
                "Next call Tue Nov 24, 1:10 PM. [CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.HEARD, SID, PHONE, talked_for=31),
            None,
            "Call to (402) 555-5759: answered, 31 s, heard our message. [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.REACHED_US, SID, PHONE, talked_for=64),
            None,
            (
                "Call from (402) 555-5759: answered, 1 min 4 s. Planned calls are canceled. "
                "[CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.CALLED_BACK, SID, PHONE, talked_for=64),
            None,
            (
                "Call from (402) 555-5759: answered, 1 min 4 s. "
                "Planned calls wait until the next business day. [CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.MACHINE, SID, PHONE, correction=True),
            None,
            "Correction: Call to (402) 555-5759: answering machine. [CA…1f3a]",
        ),
    ],
)
def test_sentences(ended: OutcomeNote, told: UpdatePlan | None, says: str) -> None:
    assert outcome_note(ended, told, NEW_YORK) == says


def test_what_came_from_outside_is_escaped() -> None:
    note = outcome_note(
        OutcomeNote(OutcomeKind.FAILED, SID, PHONE, reason="<script>&"), None, NEW_YORK
    )
    assert "<" not in note
    assert "&lt;script&gt;&amp;" in note


@pytest.mark.parametrize(
    ("moment", "zone", "says"),
    [
        (datetime(2026, 11, 24, 5, 5, tzinfo=UTC), "America/New_York", "Tue Nov 24, 12:05 AM"),
        (datetime(2026, 11, 24, 17, 0, tzinfo=UTC), "America/New_York", "Tue Nov 24, 12:00 PM"),
        (datetime(2026, 7, 1, 17, 0, tzinfo=UTC), "America/Chicago", "Wed Jul 1, 12:00 PM"),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/New_York", "Sun Nov 1, 1:30 AM"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "America/New_York", "Sun Nov 1, 1:30 AM"),
    ],
)
def test_local_times(moment: datetime, zone: str, says: str) -> None:
    assert local(moment, ZoneInfo(zone)) == says
