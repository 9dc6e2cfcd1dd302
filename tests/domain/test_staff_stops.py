"""Whose Do not Dial it is, and the question about it."""

from datetime import UTC, datetime
from itertools import product

import pytest

from bridge.domain.case_updates import DialerStatus
from bridge.domain.phones import E164
from bridge.domain.shared_phones import whose
from bridge.domain.staff_stops import case_of, is_by_staff, is_meant_for

DIALED = (DialerStatus.TO_DIAL, DialerStatus.IN_THE_DIALER)
STATUSES = (None, *DialerStatus)


@pytest.mark.parametrize("closed_at", [None, datetime(2026, 11, 24, tzinfo=UTC)])
def test_staff_have_stopped_what_was_dialed_and_is_not_closed(closed_at: datetime | None) -> None:
    for before, now in product(STATUSES, STATUSES):
        expected = before in DIALED and now is DialerStatus.DO_NOT_DIAL and closed_at is None
        assert is_by_staff(before, now, closed_at) is expected


def test_a_question_says_which_case_it_is_about() -> None:
    assert case_of(is_meant_for(515512)) == 515512
    assert case_of(whose(E164("+14025550107"))) is None
    assert case_of("case 7 is paused: asked") is None
