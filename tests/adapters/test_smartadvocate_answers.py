"""What the body of SmartAdvocate's answer is taken for, whatever its status says."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.adapters.smartadvocate import responses
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.domain.case_updates import CaseUpdate
from bridge.domain.outcomes import Disposition
from bridge.errors import BridgeError, NotKnown, Permanent, Transient, Unclear, Unconfirmed
from tests.adapters.test_smartadvocate import Remote, Scripted, remote, server  # noqa: F401

SUCCESS = (
    "",
    "  ",
    "null",
    "{}",
    "[]",
    "true",
    "OK",
    '"OK"',
    "ok",
    "Success",
    "Done",
    '"Saved"',
    "UPDATED",
    '"success."',
    '{"Success":true}',
    '{"success":"TRUE","Message":"Case updated"}',
    '{"IsSuccess":"true"}',
    '{"Succeeded":true,"Error":null,"Errors":[],"ErrorMessage":""}',
    '{"ok":true}',
    '{"Result":"Success"}',
    '{"Status":"ok"}',
    '{"Result":true}',
    '{"d":null}',
    '{"d":"OK"}',
    '{"d":{"Success":true}}',
    '{"Data":{"IsSuccess":true,"Message":"x"}}',
    '{"Result":{}}',
    '{"NoteID":5}',
    '{"Success":true,"Data":null}',
    '{"Success":true,"Data":{"NoteID":5}}',
    '{"d":"{\\"Success\\":true}"}',
    '{"Success":true,"Result":5}',
    '{"Success":true,"Status":200}',
    '[{"CaseID":1,"Success":true}]',
    '{"Success":true,"Results":[{"CaseID":1,"Success":true}]}',
    '{"Results":[{"CaseID":1,"Success":true},{"CaseID":2,"Success":true}]}',
    '{"d":{"Results":[{"CaseID":1,"Success":true}]}}',
)

DOUBT = (
    ('{"Success":false,"Message":"The case is locked."}', "The case is locked."),
    ('{"success":"false","message":"Locked\\r\\n by Amy"}', "Locked by Amy"),
    ('{"Error":"No such status"}', "No such status"),
    ('{"Error":{"Message":"No such status","Code":7}}', "No such status"),
    ('{"Errors":["No such status"]}', "['No such status']"),
    ('"Case is checked out"', "Case is checked out"),
    ("Case is checked out", "Case is checked out"),
    (
        '{"Message":"An error has occurred.","ExceptionMessage":"Object reference not set"}',
        "Object reference not set",
    ),
    ('{"Message":"Saved"}', "Saved"),
    ('{"d":{"Success":false,"Message":"Locked"}}', "Locked"),
    ('{"d":{"d":{"Success":false,"ErrorMessage":"Locked"}}}', "Locked"),
    ('{"d":"{\\"Success\\":false,\\"Message\\":\\"Locked\\"}"}', "Locked"),
    ('{"Message":"Locked","Data":null}', "Locked"),
    ('{"Success":true,"Error":"Locked"}', "Locked"),
    ('{"Success":true,"Data":{"Success":false,"Message":"Locked"}}', "Locked"),
    ('{"Success":true,"Result":"Failed"}', "Failed"),
    ('{"Success":0,"Data":null}', "an object with Data, Success"),
    ('{"Result":false}', "an object with Result"),
    ('{"Success":null}', "an object with Success"),
    ('{"Results":[]}', "an object with Results"),
    ("7", "7"),
    ("0", "0"),
    ("false", "False"),
    ("[7]", "[7]"),
    ('{"NoteID":0}', "an object with NoteID"),
    (
        '{"Results":[{"CaseID":1,"Success":true},{"CaseID":2,"Success":false}]}',
        "case 2: not accepted",
    ),
    (
        '{"Success":true,"Results":[{"CaseID":2,"Success":false,"Message":"Locked"}]}',
        "case 2: Locked",
    ),
    ('{"Success":true,"Results":[{"CaseID":2,"Status":"Failed"}]}', "case 2: not accepted"),
    ('[{"CaseID":1,"Success":true},{"CaseID":2,"Error":"Locked"}]', "case 2: Locked"),
)

WRITES: tuple[Callable[[SmartAdvocate], None], ...] = (
    lambda it: it.update([CaseUpdate(7, disposition=Disposition.BUSY)]),
    lambda it: it.add_note(7, "…"),
    lambda it: it.add_note_by_phone("4025550007", "…"),
)
READS: tuple[Callable[[SmartAdvocate], object], ...] = (
    lambda it: it.case(7),
    lambda it: it.cases_to_dial("", "", 5),
)


@pytest.mark.parametrize("body", SUCCESS)
def test_forms_of_success(server: Scripted, remote: Remote, body: str) -> None:  # noqa: F811
    server.body = body
    for write in WRITES:
        write(remote())
    assert len(server.asked) == len(WRITES)


@pytest.mark.parametrize(("body", "words"), DOUBT)
def test_a_200_may_be_a_refusal(
    server: Scripted,  # noqa: F811
    remote: Remote,  # noqa: F811
    body: str,
    words: str,
) -> None:
    server.body = body
    for write, error, call in zip(
        WRITES,
        (Unconfirmed, Permanent, Permanent),
        ("UpdateCaseStatus", "AddCaseNote", "AddCaseNoteByPhone"),
        strict=True,
    ):
        with pytest.raises(BridgeError) as raised:
            write(remote())
        assert type(raised.value) is error
        assert raised.value.sentence == f"{call}: 200 {words}"


def test_what_repeats_the_note_is_not_told(server: Scripted, remote: Remote) -> None:  # noqa: F811
    server.body = json.dumps({"CaseID": 7, "Note": "she said stop"})
    with pytest.raises(Permanent) as raised:
        remote().add_note(7, "she said stop")
    assert raised.value.sentence == "AddCaseNote: 200 an object with CaseID, Note"


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500, 503])
@pytest.mark.parametrize("body", ["OK", '{"Success":false,"Message":"no"}', "7", "{}"])
def test_an_error_is_never_just_unconfirmed(
    server: Scripted,  # noqa: F811
    remote: Remote,  # noqa: F811
    status: int,
    body: str,
) -> None:
    server.status, server.body = status, body
    for write in WRITES:
        with pytest.raises((Transient, Permanent)):
            write(remote())


@pytest.mark.parametrize("body", ["[" * 100_000, "9" * 5000, '{"d":' * 50 + "1" + "}" * 50])
def test_hostile_bodies_are_no_crash(server: Scripted, remote: Remote, body: str) -> None:  # noqa: F811
    server.body = body
    with pytest.raises(Unconfirmed):
        WRITES[0](remote())


ROUTING = (
    '{"Message":"No HTTP resource was found that matches the request URI \'https://x/api\'."}',
    '{"Message":"x","MessageDetail":"No type was found that matches the controller named \'x\'."}',
    '{"messageDetail":"No action was found on the controller \'x\' that matches the request."}',
    "",
    "  ",
    "404 page not found",
    "<html>Not found</html>",
    "<Error><Message>x</Message></Error>",
)


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("body", ROUTING)
def test_a_404_of_the_server_itself_is_about_the_address(
    server: Scripted,  # noqa: F811
    remote: Remote,  # noqa: F811
    status: int,
    body: str,
) -> None:
    server.status, server.body = status, body
    server.headers = {"Content-Type": "text/html" if body[:1] == "<" else "application/json"}
    for ask in (*WRITES, *READS):
        with pytest.raises(Transient) as raised:
            ask(remote())
        assert raised.value.code == "address"
        asked = f"{server.url.split('/base')[0]}{server.asked[-1]['path']}"
        for word in (f"{asked};", "SMARTADVOCATE_URL", "SMARTADVOCATE_CALLS"):
            assert word in raised.value.sentence


@pytest.mark.parametrize(
    "body", ['{"Message":"There is no case 7."}', '"no case"', '{"title":"Not Found"}', "null"]
)
def test_a_404_with_other_words_is_about_the_case(
    server: Scripted,  # noqa: F811
    remote: Remote,  # noqa: F811
    body: str,
) -> None:
    server.status, server.body = 404, body
    with pytest.raises(NotKnown):
        remote().case(7)


def test_a_case_that_is_refused_in_a_200_is_unclear(server: Scripted, remote: Remote) -> None:  # noqa: F811
    for wrapped in ("{}", '{{"d":{}}}'):
        server.body = wrapped.format('{"Success":false,"Message":"Locked by Amy"}')
        with pytest.raises(Unclear, match="GetCaseInfo: 200 Locked by Amy"):
            remote().case(7)


def test_a_list_that_is_refused_in_a_200_is_an_outage(server: Scripted, remote: Remote) -> None:  # noqa: F811
    for body in (
        '{"Success":false,"Message":"License expired","Data":[]}',
        '{"Error":"License expired"}',
        '{"d":{"IsSuccess":"false","ErrorMessage":"License expired"}}',
        "License expired",
    ):
        server.body = body
        with pytest.raises(Transient, match="License expired"):
            remote().cases_to_dial("", "", 5)
    server.body = '{"Success":true,"Data":null}'
    assert remote().cases_to_dial("", "", 5).cases == []


def test_the_words_of_what_is_no_case(server: Scripted, remote: Remote) -> None:  # noqa: F811
    for body, words in (
        ('{"Message":"No such case"}', "No such case"),
        ('{"CaseID":7,"Phones":[{"Phone":"4025555', "unreadable JSON"),
        ('{"Message":"a\\u0000b\\ud800"}', "ab"),
    ):
        server.body = body
        with pytest.raises(Unclear) as raised:
            remote().case(7)
        assert raised.value.sentence.endswith(words)


@pytest.mark.parametrize(
    "charset", ["application/json", "text/plain", "application/json; charset=klingon"]
)
def test_json_is_utf8_whatever_the_server_calls_it(
    server: Scripted,  # noqa: F811
    remote: Remote,  # noqa: F811
    charset: str,
) -> None:
    server.headers = {"Content-Type": charset}
    server.body = "\ufeff" + json.dumps(
        {"CaseID": 7, "DialerStatus": "Zurückgestellt"}, ensure_ascii=False
    )
    assert remote().case(7).label == "Zurückgestellt"
    server.body = "\ufeffOK"
    remote().add_note(7, "…")


_LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["OK", "true", "Failed", "Success"])
)
_NAME = st.sampled_from(
    ["d", "Data", "Result", "Results", "Status", "Success", "Message", "Note", "CaseID"]
)
_JSON = st.recursive(
    _LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAME, inner, max_size=3),
    max_leaves=8,
)


@given(value=_JSON, words=st.text(min_size=1).filter(str.strip))
def test_a_refusal_is_never_a_success_however_it_is_wrapped(value: Any, words: str) -> None:
    for refusal in ({"Success": False, "Message": words}, {"Error": words}):
        for wrapped in (
            refusal,
            {"d": refusal},
            {"Data": {"Result": refusal}},
            {"Success": True, "Data": refusal},
            {"Results": [value, refusal]},
            [refusal, value],
        ):
            assert not responses.means_success(wrapped)
    if isinstance(value, dict):
        assert not responses.means_success(value | {"Error": words})
        assert not responses.means_success(value | {"Success": False})
    assert isinstance(responses.unconfirmed_message(value), str)
