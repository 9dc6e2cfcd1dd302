"""The do-not-call registry: what a list holds, and what it means for a lead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.caps import Caps
from bridge.domain.consents import Basis
from bridge.domain.contact_facts import Facts
from bridge.domain.decisions import Permission, Rule
from bridge.domain.eligibility import Policy, decide
from bridge.domain.events import Channel
from bridge.domain.hours import DAYS, FirmHours, Location, Window
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.domain.registry import RegistryEntry, standing
from bridge.domain.registry_list import MalformedLine, is_in, read
from bridge.domain.state_rules import rule_pack

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # a Tuesday, 11:00 in Omaha
OMAHA = Location(frozenset({"America/Chicago"}), frozenset({"NE"}))
HOURS = FirmHours(
    Window(9 * 60, 20 * 60), frozenset(DAYS) - {"sun"}, skip_holidays=True, rules=rule_pack().states
)
POLICY = Policy(HOURS, Caps(2, 1, 3, 7), 8, lambda *_: None, "test")
FACTS = Facts(7, "Intake", Channel.CALL, E164("+14025550101"), attempts=0, location=OMAHA)
AGREED = Basis(3, "consent of 2026-11-01 (web form)")
MOST = 48
CONTACTED = "the person contacted the firm on"


def _days(days: float) -> datetime:
    return NOW - timedelta(days=days)


_ages = st.none() | st.timedeltas(timedelta(0), timedelta(days=120))


@given(
    purpose=st.sampled_from(Purpose),
    agreed=st.booleans(),
    listed=st.booleans(),
    list_age=_ages,
    inquiry_age=_ages,
)
def test_a_lead_is_reached_only_where_the_registry_lets_it(
    purpose: Purpose,
    agreed: bool,
    listed: bool,
    list_age: timedelta | None,
    inquiry_age: timedelta | None,
) -> None:
    entry = RegistryEntry(
        402,
        None if list_age is None else NOW - list_age,
        listed and list_age is not None,
        None if inquiry_age is None else NOW - inquiry_age,
    )
    facts = replace(FACTS, purpose=purpose, basis=AGREED if agreed else None, registry=entry)
    # Told apart from the code: in whole seconds, a question at a time.
    may_ask_anyway = purpose == "client" or agreed
    if inquiry_age is not None and inquiry_age.total_seconds() <= 90 * 86400:
        may_ask_anyway = True
    if may_ask_anyway:
        expected = Permission.ALLOW
    elif list_age is None:
        expected = Permission.DEFER
    elif listed:
        expected = Permission.REFUSE
    else:
        is_old = list_age.total_seconds() >= 31 * 86400
        expected = Permission.DEFER if is_old else Permission.ALLOW
    decision = decide(facts, POLICY, NOW)
    assert decision.permission is expected
    if expected is not Permission.ALLOW:
        assert [restriction.rule for restriction in decision.restrictions] == [Rule.REGISTRY]
        assert decision.until is None


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (replace(FACTS, purpose=Purpose.CLIENT), "not asked: only leads are solicited"),
        (replace(FACTS, registry=RegistryEntry(402)), "no list of area code 402"),
        (
            replace(FACTS, registry=RegistryEntry(402, _days(1.5))),
            "not listed on 2026-11-23, 1 day ago",
        ),
        (
            replace(FACTS, registry=RegistryEntry(402, _days(40), True, _days(90))),
            f"listed on 2026-10-15, 40 days ago; exempt: {CONTACTED} 2026-08-26",
        ),
        (
            replace(FACTS, basis=AGREED, registry=RegistryEntry(402)),
            "no list of area code 402; exempt: consent of 2026-11-01 (web form)",
        ),
    ],
)
def test_what_was_found_is_kept_with_the_decision(facts: Facts, found: str) -> None:
    assert decide(facts, POLICY, NOW).inputs["registry"] == found


def test_the_sentences_say_what_to_do() -> None:
    never = decide(replace(FACTS, registry=RegistryEntry(402)), POLICY, NOW)
    assert never.why == (
        "no list of the National Do Not Call Registry was imported for area code 402: import it "
        "(`bridge dnc import`), or record the person's consent, or name the campaign in "
        "CAMPAIGN_PURPOSES if it informs clients"
    )
    old = decide(replace(FACTS, registry=RegistryEntry(402, _days(31))), POLICY, NOW)
    assert old.why.startswith(
        "the National Do Not Call Registry's list for area code 402 is of 2026-10-24 and older "
        "than 30 days: import it"
    )
    listed = decide(replace(FACTS, registry=RegistryEntry(402, _days(2), True)), POLICY, NOW)
    assert listed.why == (
        "the number is on the National Do Not Call Registry (listed on 2026-11-22, 2 days ago), "
        "and there is neither consent on file nor an inquiry of the last 90 days"
    )


@pytest.mark.parametrize(
    ("days", "word"),
    [(0, "current"), (24.9, "current"), (25, "due"), (30.9, "due"), (31, "too old")],
)
def test_how_a_list_stands(days: float, word: str) -> None:
    assert standing(_days(days), NOW) == word


_NUMBERS = st.tuples(st.integers(200, 999), st.integers(0, 999), st.integers(0, 9999))


@given(st.lists(_NUMBERS, max_size=60), st.data())
def test_a_list_holds_its_numbers_and_no_others(
    numbers: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    forms = ("%03d,%03d%04d\n", "%03d%03d%04d\r\n", " %03d,%03d%04d \n", "\n%03d%03d%04d\n")
    text = b"".join(data.draw(st.sampled_from(forms)).encode() % number for number in numbers)
    found: set[tuple[int, int, int]] = set()
    counted, done, is_over = 0, set[int](), False
    while not is_over:
        some = read(text.splitlines(keepends=True), 3, done)
        is_over = not some.others
        assert not some.others.keys() & done
        for area in some.areas:
            assert area.area_code not in done
            done.add(area.area_code)
            counted += area.numbers
            found |= {
                (area.area_code, exchange, end)
                for exchange, bits in area.exchanges.items()
                for end in range(10_000)
                if is_in(bytes(bits), end)
            }
    assert found == set(numbers)
    assert counted == len(found)


def test_a_header_a_mark_and_blank_lines_are_passed_over() -> None:
    lines = [b"\xef\xbb\xbf\r\n", b"Area code,Number\r\n", b"402,5550101\r\n", b"  \r\n", b""]
    (area,) = read(lines, MOST).areas
    assert (area.area_code, area.numbers) == (402, 1)
    (marked,) = read([b"\xef\xbb\xbf402,5550101\n"], MOST).areas
    assert marked.numbers == 1


@pytest.mark.parametrize(
    "line",
    [
        b"402,555010\n",
        b"402,55501011\n",
        b"402;5550101\n",
        b"4025550101,2026-11-02,A\n",
        b"122,5550101\n",
        b"A header that comes too late\n",
        b"5550101\n",
        "\u0664\u0660\u0662,5550101\n".encode(),
        b"\x00" * 10,
    ],
)
def test_a_malformed_line_is_named_by_its_number_alone(line: bytes) -> None:
    with pytest.raises(MalformedLine, match=r"^line 3 is not a number") as raised:
        read([b"402,5550100\n", b"\n", line], MOST)
    assert "5550101" not in str(raised.value)


def test_a_line_of_an_area_code_that_is_read_later_is_checked_at_once() -> None:
    with pytest.raises(MalformedLine, match="line 3"):
        read([b"402,5550100\n", b"531,5550100\n", b"531,x\n"], 1)


def test_days_are_named_as_the_firm_has_them() -> None:
    """In the evening of Omaha it is the next day in UTC already."""
    evening = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    entry = RegistryEntry(402, evening, is_listed=True, inquired_at=evening)
    policy = replace(POLICY, zone=ZoneInfo("America/Chicago"))
    for listed in (entry, replace(entry, inquired_at=None), replace(entry, is_listed=False)):
        decided = decide(replace(FACTS, registry=listed), policy, evening + timedelta(days=1))
        said = f"{decided.why} {decided.inputs['registry']}"
        assert "2026-11-24" in said
        assert "2026-11-25" not in said
