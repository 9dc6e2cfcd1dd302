"""Notes that a paralegal can read."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.case_updates import DialerStatus, UpdatePlan
from bridge.domain.local_time import local, zone_name
from bridge.domain.notes import OutcomeNote, outcome_note
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
        "Call to (402) 555-5759: no answer after 25 s. Next call Tue Nov 24, 1:10 PM ET. [CA…1f3a]"
    )


@pytest.mark.parametrize(
    ("ended", "told", "says"),
    [
        (
            OutcomeNote(OutcomeKind.REACHED, SID, PHONE, talked_for=94),
            None,
            "Call to (402) 555-5759: answered (1 min 34 s). [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.REACHED, SID, PHONE, talked_for=94, connected=True),
            None,
            "Call to (402) 555-5759: connected to the firm, talked 1 min 34 s. [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.CUT_SHORT, SID, PHONE, talked_for=4, connected=True),
            None,
            (
                "Call to (402) 555-5759: answered, but the call ended before a conversation (4 s). "
                "[CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.REACHED, SID, PHONE, talked_for=120),
            None,
            "Call to (402) 555-5759: answered (2 min). [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.BUSY, SID, PHONE),
            TO_DIAL,
            "Call to (402) 555-5759: busy. Next call Tue Nov 24, 1:10 PM ET. [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.MACHINE, SID, PHONE),
            replace(TO_DIAL, gave_up=True, attempts=8),
            (
                "Call to (402) 555-5759: answering machine. "
                "Attempt 8 was the last: no further calls. [CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.NO_ANSWER, SID, PHONE),
            replace(TO_DIAL, left_alone=True),
            ("Call to (402) 555-5759: no answer. The case remains Do not Dial. [CA…1f3a]"),
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
                "The number seems to be out of service. Please check it. [CA…1f3a]"
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
            "Call from a number that is not shown: answered (3 s). [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.HUNG_UP, SID, PHONE, talked_for=2),
            None,
            (
                "Call to (402) 555-5759: answered, but hung up before the message ended (2 s). "
                "[CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.HEARD_ALONE, SID, PHONE, talked_for=31),
            TO_DIAL,
            (
                "Call to (402) 555-5759: answered and heard the message, did not ask to be "
                "connected (31 s). "
                "Next call Tue Nov 24, 1:10 PM ET. [CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.HEARD, SID, PHONE, talked_for=31),
            None,
            "Call to (402) 555-5759: answered and heard the message (31 s). [CA…1f3a]",
        ),
        (
            OutcomeNote(OutcomeKind.REACHED_US, SID, PHONE, talked_for=64),
            None,
            (
                "Call from (402) 555-5759: answered, talked 1 min 4 s. Planned calls are canceled. "
                "[CA…1f3a]"
            ),
        ),
        (
            OutcomeNote(OutcomeKind.CALLED_BACK, SID, PHONE, talked_for=64),
            None,
            (
                "Call from (402) 555-5759: answered, talked 1 min 4 s. "
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
        (datetime(2026, 11, 24, 5, 5, tzinfo=UTC), "America/New_York", "Tue Nov 24, 12:05 AM ET"),
        (datetime(2026, 11, 24, 17, 0, tzinfo=UTC), "America/New_York", "Tue Nov 24, 12:00 PM ET"),
        (datetime(2026, 7, 1, 17, 0, tzinfo=UTC), "America/Chicago", "Wed Jul 1, 12:00 PM CT"),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/New_York", "Sun Nov 1, 1:30 AM ET"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "America/New_York", "Sun Nov 1, 1:30 AM ET"),
    ],
)
def test_local_times(moment: datetime, zone: str, says: str) -> None:
    assert local(moment, ZoneInfo(zone)) == says


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("America/New_York", "ET", "ET"),
        ("America/Indiana/Knox", "CT", "CT"),
        ("America/Denver", "MT", "MT"),
        ("America/Phoenix", "MST", "MST"),
        ("US/Pacific", "PT", "PT"),
        ("America/Anchorage", "AKT", "AKT"),
        ("America/Adak", "HT", "HT"),
        ("Pacific/Honolulu", "HT", "HT"),
        ("America/Puerto_Rico", "AST", "AST"),
        ("Pacific/Guam", "ChST", "ChST"),
        ("Asia/Shanghai", "CST", "CST"),
        ("America/Sao_Paulo", "UTC-03", "UTC-03"),
        ("UTC", "UTC", "UTC"),
    ],
)
def test_zones_have_the_names_that_people_use(zone: str, winter: str, summer: str) -> None:
    moments = (datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC))
    assert [zone_name(moment, ZoneInfo(zone)) for moment in moments] == [winter, summer]
