"""Whatever a note is made of, it is safe to render, and short."""

import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.case_updates import DialerStatus, UpdatePlan
from bridge.domain.local_time import local
from bridge.domain.notes import OutcomeNote, outcome_note, reference
from bridge.domain.outcomes import OutcomeKind
from bridge.domain.phones import E164

PHONE = E164("+14025555759")
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
told_kinds = st.sampled_from([kind for kind in OutcomeKind if kind is not OutcomeKind.CANCELED])
seconds = st.none() | st.integers(0, 100_000)
ends = st.builds(
    OutcomeNote,
    kind=told_kinds,
    sid=st.just("CA<b>&amp;1f3a"),
    phone=st.none() | st.just(PHONE),
    talked_for=seconds,
    connected=st.booleans(),
    rang_for=seconds,
    reason=st.just("") | st.text(max_size=40).map("☃{}".format),
    bad_number=st.booleans(),
    opted_out=st.booleans(),
    correction=st.booleans(),
)
decisions = st.none() | st.builds(
    UpdatePlan,
    update=st.none(),
    status=st.none() | st.sampled_from(DialerStatus),
    next_call=st.none() | st.just(NOW),
    attempts=st.integers(0, 20),
    gave_up=st.booleans(),
    left_alone=st.booleans(),
)

_WITH_REASON = {OutcomeKind.FAILED, OutcomeKind.TEXT_FAILED, OutcomeKind.NOT_GREETED}


@given(ends, decisions)
def test_it_is_escaped_once_and_ends_with_its_reference(
    ended: OutcomeNote, told: UpdatePlan | None
) -> None:
    note = outcome_note(ended, told, UTC)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", note)
    assert escape(unescape(note), quote=False) == note
    assert note.endswith("[CA…1f3a]")
    assert len(unescape(note)) < 320


@given(ends, decisions)
def test_without_a_reason_it_holds_our_own_words_alone(
    ended: OutcomeNote, told: UpdatePlan | None
) -> None:
    note = outcome_note(ended, told, UTC)
    has_reason = ended.kind in _WITH_REASON and ended.reason != ""
    assert ("☃" in note) is has_reason
    assert ("(402) 555-5759" in note) is (ended.phone is not None)


def test_it_has_no_place_for_what_people_wrote() -> None:
    texts = {one.name for one in fields(OutcomeNote) if one.type in {"str", str}}
    # Whom of the firm: DIAL_AGENTS names them.
    assert texts == {"sid", "reason", "taken_by"}


def test_references_show_the_kind_and_the_end_of_a_sid() -> None:
    assert reference("SM0123456789abcdef0123456789ab1f3a") == "SM…1f3a"


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - gets its zone below
    st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Honolulu", "UTC"]),
)
def test_times_read_back(naive: datetime, zone: str) -> None:
    there = ZoneInfo(zone)
    moment = naive.replace(second=0, microsecond=0, tzinfo=UTC)
    said, _, name = local(moment, there).rpartition(" ")
    names = {"New_York": "ET", "Phoenix": "MST", "Honolulu": "HT", "UTC": "UTC"}
    assert name == names[zone.rpartition("/")[2]]
    assert re.fullmatch(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [1-9]\d?, ([1-9]|1[0-2]):\d\d [AP]M", said)
    year = moment.astimezone(there).year
    read = datetime.strptime(f"{year} {said}", "%Y %a %b %d, %I:%M %p").replace(tzinfo=there)
    # In the hour that the clock repeats, both readings are right.
    assert read.astimezone(UTC) in {moment, moment - timedelta(hours=1)}
    assert f"{read:%a}" == said[:3]
