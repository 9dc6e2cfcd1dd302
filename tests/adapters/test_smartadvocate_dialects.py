"""SmartAdvocate in other dialects: what is read without any setting, and written by settings."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.adapters.smartadvocate import unwrapping
from bridge.adapters.smartadvocate.api_mapping import ApiMapping, api_mapping
from bridge.adapters.smartadvocate.schemas import case_info
from bridge.domain.case_updates import CaseInfo, CaseUpdate, DialerStatus
from bridge.domain.outcomes import Disposition
from bridge.errors import SettingError
from bridge.runtime import smartadvocate
from bridge.settings import Settings
from tests.adapters.test_smartadvocate import CASE, NOW, Remote, Scripted, remote, server  # noqa: F401

ZONES = st.sampled_from(
    ["America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "UTC", "Asia/Kolkata"]
).map(ZoneInfo)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(days=-24_800), timedelta(days=2_900_000)).map(EPOCH.__add__)


def _read(sent: object, zone: ZoneInfo) -> CaseInfo:
    return case_info(CASE | {"DialDateTime": sent}, api_mapping(), zone)


def _offset(there: datetime, colon: str = ":") -> str:
    minutes = round((there.utcoffset() or timedelta()).total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"


@given(moment=MOMENTS, zone=ZONES, separator=st.sampled_from("T t"), data=st.data())
def test_every_moment_with_an_offset_is_read_back(
    moment: datetime, zone: ZoneInfo, separator: str, data: st.DataObject
) -> None:
    there = moment.astimezone(zone)
    assume((there.utcoffset() or timedelta()).seconds % 60 == 0)  # before zones were introduced
    fraction = data.draw(st.sampled_from(["", f".{there:%f}", f".{there:%f}7", f",{there:%f}00"]))
    plain = f"{there.year:04d}-{there:%m-%d}{separator}{there:%H:%M:%S}{fraction}"
    utc = f"{moment.year:04d}-{moment:%m-%d}{separator}{moment:%H:%M:%S}{fraction}"
    expected = moment if fraction else moment.replace(microsecond=0)
    for sent in (
        f"{utc}Z",
        f"{utc} z",
        f"{plain}{_offset(there)}",
        f"{plain} {_offset(there, '')}",
    ):
        case = _read(sent, ZoneInfo("America/Chicago"))
        assert (case.next_call, case.oddities) == (expected, ())


@given(moment=MOMENTS, zone=ZONES)
def test_every_moment_in_local_time_is_read_back(moment: datetime, zone: ZoneInfo) -> None:
    there = moment.astimezone(zone)
    assume(there.fold == 0)  # an hour that comes twice can't be told apart without an offset
    second, minute = moment.replace(microsecond=0), moment.replace(second=0, microsecond=0)
    assume((there.utcoffset() or timedelta()).seconds % 60 == 0)
    iso = f"{there.year:04d}-{there:%m-%d}"
    us = f"{there.month}/{there.day}/{there.year:04d}"
    hour, half = there.hour % 12 or 12, "PM" if there.hour >= 12 else "AM"
    for sent, expected in (
        (f"{iso}T{there:%H:%M:%S.%f}", moment),
        (f"{iso} {there:%H:%M:%S}", second),
        (f"{iso}T{there:%H:%M}", minute),
        (f"{us} {hour}:{there:%M:%S} {half}", second),
        (f"{us} {hour:02d}:{there:%M} {half.lower()}", minute),
        (f"{us}, {hour}:{there:%M}\u202f{half}", minute),
        (f"{us} {there:%H:%M:%S}", second),
        (f" {there:%m/%d}/{there.year:04d} {there.hour}:{there:%M} ", minute),
    ):
        case = _read(sent, zone)
        assert (case.next_call, case.oddities) == (expected, ())


@given(moment=MOMENTS, zone=ZONES, shown=st.sampled_from(["", "-0400", "+0530"]))
def test_every_moment_of_dot_net_is_read_back(moment: datetime, zone: ZoneInfo, shown: str) -> None:
    milliseconds = (moment - EPOCH) // timedelta(milliseconds=1)
    for sent in (f"/Date({milliseconds}{shown})/", f"\\/Date({milliseconds}{shown})\\/"):
        case = _read(sent, zone)
        assert case.next_call == EPOCH + timedelta(milliseconds=milliseconds)
        assert case.oddities == ()


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        ("12/24/2020", datetime(2020, 12, 24, 5, tzinfo=UTC)),
        ("12/24/2020 1:05 PM", datetime(2020, 12, 24, 18, 5, tzinfo=UTC)),
        ("12/24/2020 12:05 AM", datetime(2020, 12, 24, 5, 5, tzinfo=UTC)),
        ("12/24/2020 13:05:00", datetime(2020, 12, 24, 18, 5, tzinfo=UTC)),
        ("12/24/2020 1:05:30 PM -08:00", datetime(2020, 12, 24, 21, 5, 30, tzinfo=UTC)),
        ("2020-12-24", datetime(2020, 12, 24, 5, tzinfo=UTC)),
        ("2020-12-24 13:05:00.0000000 -05", datetime(2020, 12, 24, 18, 5, tzinfo=UTC)),
        ("/Date(1595991720000)/", datetime(2020, 7, 29, 3, 2, tzinfo=UTC)),
        ("/Date(1595991720000-0400)/", datetime(2020, 7, 29, 3, 2, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("   ", None),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("1900-01-01 00:00:00.000", None),
        ("1/1/0001 12:00:00 AM", None),
        ("1/1/1900", None),
        ("/Date(-62135596800000)/", None),
        ("/Date(-62135604000000)/", None),
        ("/Date(-2208988800000)/", None),
    ],
)
def test_dates_and_what_means_none(sent: object, moment: datetime | None) -> None:
    case = _read(sent, ZoneInfo("America/New_York"))
    assert (case.next_call, case.oddities) == (moment, ())


@pytest.mark.parametrize(
    "sent",
    [
        "soon",
        "24/12/2020",
        "12/24/20",
        "2/30/2021",
        "12/24/2020 13:05 PM",
        "12/24/2020 0:05 AM",
        "2020-13-01T00:00:00",
        "2020-12-24T25:00:00",
        "0000-00-00",
        "/Date(abc)/",
        "/Date()/",
        "/Date(999999999999999999)/",
        "9999-12-31T23:59:59",
        7,
        1595991720000,
        True,
        [],
        {},
        "2020-12-24T13:05:00 EST",
        "x" * 300,
    ],
)
def test_a_date_that_cant_be_read_is_an_oddity_and_never_no_date(sent: object) -> None:
    case = _read(sent, ZoneInfo("America/New_York"))
    assert case.next_call is None
    shown = str(sent)[:40]
    assert case.oddities == (f"DialDateTime is {shown!r}, which is not a readable date",)


@given(
    sent=st.text(max_size=30) | st.from_regex(r"[0-9/:TZ .+-]{1,30}", fullmatch=True), zone=ZONES
)
def test_no_text_is_a_crash_and_a_date_unread_is_told(sent: str, zone: ZoneInfo) -> None:
    case = _read(sent, zone)
    if case.next_call is not None:
        assert case.next_call.tzinfo is UTC
        assert case.oddities == ()


_SPACES = st.text(" _\t", max_size=2)


@st.composite
def _spelled(draw: st.DrawFn) -> tuple[DialerStatus, str]:
    status = draw(st.sampled_from(DialerStatus))
    letters = [
        draw(st.sampled_from([letter.lower(), letter.upper()])) + draw(_SPACES)
        for letter in status.value.replace(" ", "")
    ]
    return status, draw(_SPACES) + "".join(letters)


@given(spelled=_spelled())
def test_a_known_label_in_any_spelling(spelled: tuple[DialerStatus, str]) -> None:
    status, label = spelled
    case = case_info(CASE | {"DialerStatus": label}, api_mapping(), ZoneInfo("UTC"))
    assert (case.status, case.label) == (status, label.strip())


@pytest.mark.parametrize(
    ("said", "label"), [(" Attorney Hold ", "Attorney Hold"), ("", ""), (None, ""), (5, "5")]
)
def test_an_unknown_label_is_kept_as_the_firm_spells_it(said: object, label: str) -> None:
    case = case_info(CASE | {"DialerStatus": said}, api_mapping(), ZoneInfo("UTC"))
    assert (case.status, case.label) == (None, label)


def _written(server: Scripted) -> dict[str, Any]:  # noqa: F811
    entry: dict[str, Any] = server.asked[-1]["json"]["Cases"][0]
    return entry


def test_a_label_is_written_back_in_the_firms_spelling(server: Scripted, remote: Remote) -> None:  # noqa: F811
    client = remote()
    for shown in ("TO DIAL", "to_dial"):
        server.body = json.dumps(CASE | {"DialerStatus": shown})
        client.case(7)
        server.body = ""
        client.update([CaseUpdate(7, DialerStatus.TO_DIAL, NOW)])
        assert _written(server)["Status"] == shown
    server.body = json.dumps([CASE | {"DialerStatus": "To dial"}])
    client.cases_to_dial("", "", 5)
    server.body = ""
    client.update([CaseUpdate(7, DialerStatus.TO_DIAL, NOW)])
    assert _written(server)["Status"] == "To dial"
    client.update([CaseUpdate(7, DialerStatus.DO_NOT_DIAL, NOW)])
    assert _written(server)["Status"] == "Do not Dial"


def test_a_label_of_the_settings_is_written_as_it_is_set(server: Scripted, remote: Remote) -> None:  # noqa: F811
    client = remote(api_mapping(labels=[("To Dial", "Ready To Call")]))
    server.body = json.dumps(CASE | {"DialerStatus": "READY TO CALL"})
    assert client.case(7).status is DialerStatus.TO_DIAL
    server.body = ""
    client.update([CaseUpdate(7, DialerStatus.TO_DIAL, NOW)])
    assert _written(server)["Status"] == "Ready To Call"


_ENVELOPE = st.sampled_from(
    ["d", "Data", "data", "Case", "cases", "Result", "RESULTS", "value", "Items"]
)
_BESIDE = st.sampled_from([{}, {"Success": True}, {"Message": "ok", "success": "true"}])


@given(
    names=st.lists(_ENVELOPE, max_size=3),
    beside=_BESIDE,
    as_text=st.booleans(),
    listed=st.booleans(),
)
def test_wrapped_answers_are_read(
    names: list[str],
    beside: dict[str, Any],
    as_text: bool,
    listed: bool,
) -> None:
    value: Any = [CASE] if listed else CASE
    for name in names:
        value = beside | {name: json.dumps(value) if as_text else value}
    assert unwrapping.unwrap_case(value, api_mapping()) == CASE
    assert unwrapping.unwrap_list(value) == ([CASE] if listed else None)


@pytest.mark.parametrize("wrap", ["{}", '{{"d":{}}}', '{{"Success":true,"Data":{{"Items":{}}}}}'])
def test_wrapped_and_respelled_cases_are_read_over_http(
    server: Scripted,  # noqa: F811
    remote: Remote,  # noqa: F811
    wrap: str,
) -> None:
    own = {
        "caseId": 7,
        "dialer_status": "To Dial",
        "dial-date-time": "12/24/2020 1:05 PM",
        "zipCode": "68046",
        "attempts": "2",
        "phones": [{"phone": "4025550007", "primary": True}],
    }
    server.body = wrap.format(json.dumps(own))
    case = remote().case(7)
    assert (case.status, case.attempts, case.zip_code) == (DialerStatus.TO_DIAL, 2, "68046")
    assert case.next_call == datetime(2020, 12, 24, 18, 5, tzinfo=UTC)
    assert [(phone.number, phone.primary) for phone in case.phones] == [("4025550007", True)]
    server.body = wrap.format(json.dumps([own, {"Case": own | {"caseId": 8}}]))
    due = remote().cases_to_dial("", "", 5)
    assert ([case.case_id for case in due.cases], due.unreadable) == ([7, 8], [])


def test_a_parameters_name_leaves_cases_readable(server: Scripted, remote: Remote) -> None:  # noqa: F811
    for names in ([("Phone", "PhoneNumber")], [("AddCaseNoteByPhone.Phone", "PhoneNumber")]):
        client = remote(api_mapping(names=names))
        server.body = json.dumps(CASE)
        assert client.case(7).phones[0].number == "4025555759"
        server.body = ""
        client.add_note_by_phone("4025555759", "…")
        assert server.asked[-1]["json"] == {"PhoneNumber": "4025555759", "Note": "…"}
    phones = [{"PhoneNumber": "4025550001", "Phone": "4025550002"}, {"Phone": "4025550003"}]
    own = api_mapping(names=[("Phone", "PhoneNumber")])
    case = case_info(CASE | {"Phones": phones}, own, ZoneInfo("UTC"))
    assert [phone.number for phone in case.phones] == ["4025550001", "4025550003"]


def test_a_name_for_one_call_alone(server: Scripted, remote: Remote) -> None:  # noqa: F811
    client = remote(
        api_mapping(
            names=[
                ("GetCasesToDial.Auto-change", "AutoChange"),
                ("GetCaseInfo.CaseID", "id"),
                ("UpdateCaseStatus.CaseID", "CaseNumber"),
            ]
        )
    )
    server.body = json.dumps([CASE])
    client.cases_to_dial("", "", 5)
    client.case(7)
    assert server.asked[0]["query"]["AutoChange"] == "false"
    assert "Auto-change" not in server.asked[0]["query"]
    assert server.asked[1]["query"] == {"id": "7"}
    server.body = ""
    client.update([CaseUpdate(7, disposition=Disposition.BUSY)])
    assert _written(server) == {"CaseNumber": 7, "Disposition": "Busy"}
    client.add_note(7, "…")
    assert server.asked[-1]["json"] == {"CaseID": 7, "Note": "…"}


def test_verbs_paths_and_forms(server: Scripted, remote: Remote) -> None:  # noqa: F811
    client = remote(
        api_mapping(
            calls=[
                ("UpdateCaseStatus", "PATCH form v2/Status/"),
                ("AddCaseNote", "post FORM /Notes/"),
                ("AddCaseNoteByPhone", "PUT json form"),
                ("GetCaseInfo", "POST CaseInfo"),
            ]
        )
    )
    server.body = ""
    client.update(
        [CaseUpdate(7, DialerStatus.TO_DIAL, NOW, 2), CaseUpdate(8, disposition=Disposition.BUSY)]
    )
    client.add_note(7, "a & b = ü\n")
    client.add_note_by_phone("4025550007", "…")
    server.body = json.dumps(CASE)
    client.case(7)
    shown = [
        (request["verb"], request["path"].removeprefix("/base/api")) for request in server.asked
    ]
    assert shown == [
        ("PATCH", "/v2/Status/"),
        ("POST", "/Notes/"),
        ("PUT", "/form"),
        ("POST", "/CaseInfo"),
    ]
    assert server.asked[0]["form"] == {
        "Cases[0].CaseID": "7",
        "Cases[0].Status": "To Dial",
        "Cases[0].NextCall": "2026-11-23T12:00:00",
        "Cases[0].Attempts": "2",
        "Cases[1].CaseID": "8",
        "Cases[1].Disposition": "Busy",
    }
    assert server.asked[1]["form"] == {"CaseID": "7", "Note": "a & b = ü\n"}
    assert server.asked[2]["json"] == {"Phone": "4025550007", "Note": "…"}
    assert server.asked[3]["json"] == {"CaseID": 7}


@pytest.mark.parametrize(("said", "written"), [("text", "2"), ("number", 2)])
def test_attempts_as_text(server: Scripted, said: str, written: object) -> None:  # noqa: F811
    settings = Settings(
        smartadvocate_url=server.url, smartadvocate_key="key-1", smartadvocate_attempts=said
    )
    client = smartadvocate(settings)
    client.update([CaseUpdate(7, attempts=2)])
    client.close()
    assert _written(server) == {"CaseID": 7, "Attempts": written}


@pytest.mark.parametrize(
    ("override", "names"),
    [
        ({"calls": [("GetCase", "GET x")]}, "'GetCase'"),
        ({"calls": [("GetCaseInfo", "FETCH x")]}, "GetCaseInfo"),
        ({"calls": [("GetCaseInfo", "GET")]}, "GetCaseInfo"),
        ({"calls": [("GetCaseInfo", "")]}, "GetCaseInfo"),
        ({"calls": [("GetCaseInfo", "POST /")]}, "GetCaseInfo"),
        ({"calls": [("GetCaseInfo", "POST xml Case")]}, "GetCaseInfo"),
        ({"calls": [("GetCaseInfo", "GET form Case")]}, "GetCaseInfo"),
        ({"calls": [("GetCaseInfo", "GET https://sa.example.com/Case")]}, "GetCaseInfo"),
        ({"calls": [("GetCaseInfo", "POST json Case Info")]}, "GetCaseInfo"),
        ({"names": [("Case", "x")]}, "'Case'"),
        ({"names": [("GetCase.CaseID", "x")]}, "'GetCase'"),
        ({"names": [("GetCaseInfo.Note", "x")]}, "'Note'"),
        ({"names": [(".Note", "x")]}, "''"),
        ({"names": [("Note", "CaseID")]}, "AddCaseNote"),
        ({"names": [("AddCaseNoteByPhone.Phone", "Note")]}, "AddCaseNoteByPhone"),
        ({"labels": [("Later", "x")]}, "'Later'"),
    ],
)
def test_malformed_overrides_are_told_in_one_line(override: dict[str, Any], names: str) -> None:
    with pytest.raises(SettingError) as raised:
        api_mapping(**override)
    assert str(raised.value).startswith(f"SMARTADVOCATE_{next(iter(override)).upper()} ")
    assert names in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_wire_is_a_plain_value() -> None:
    plain = ApiMapping(
        calls=api_mapping().calls, names=api_mapping().names, labels=api_mapping().labels
    )
    assert plain == api_mapping()
