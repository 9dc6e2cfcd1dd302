"""Opt-outs: who, when, by which way; recorded and lifted by hand; as a file."""

import csv
import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from bridge.domain.decisions import Rule
from bridge.runtime import Runtime
from bridge.store.console import audit
from bridge.store.tables import opt_outs
from tests.support.console import SignedIn, words
from tests.support.desk import Desk

HERS, OTHER = "+14025550114", "+14025550115"
PAGE = "/console/opt-outs"


def _page(desk: Desk, **query: object) -> str:
    return words(desk.operator.get(PAGE, **query))


def test_nobody_has_opted_out(operator: SignedIn) -> None:
    assert "Nobody has opted out." in words(operator.get(PAGE))
    assert "No opt-out fits." in words(operator.get(PAGE, state="lifted"))


def test_each_opt_out_says_who_when_how_and_what_it_ends(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.case(8, OTHER)
    desk.text_in(HERS, "STOP")
    desk.text_in(OTHER, "Stop. My lawyer is <script>alert(1)</script>")
    desk.text_in("+14025550116", "stop. I never wrote to you")
    page = _page(desk)
    assert "Case 7 …0114 text STOP all calls and texts to this person in effect" in page
    assert "Case 8 …0115 text Words on the case" in page
    assert "no case …0116 text in free words" in page
    assert "alert(1)" not in desk.operator.get(PAGE).text
    assert HERS not in desk.operator.get(PAGE).text
    desk.text_in(HERS, "START")
    assert "by START from the phone" in _page(desk)


def test_the_list_is_filtered_and_read_page_by_page(desk: Desk) -> None:
    with desk.runtime.db.begin() as connection:
        connection.execute(
            opt_outs.insert(),
            [
                {
                    "phone": f"+1402555{number:04d}",
                    "phone_end": f"{number:04d}",
                    "case_id": number,
                    "channel": "call",
                    "scope": "person",
                    "source": "key",
                    "sid": f"CA{number}",
                    "created_at": desk.clock(),
                    "lifted_at": desk.clock() if number == 3 else None,
                }
                for number in range(1, 54)
            ],
        )
    first = desk.operator.get(PAGE)
    assert first.text.count("in effect</span>") == 50
    assert "Show older" in first.text
    assert desk.operator.get(PAGE, before="4").text.count("in effect</span>") == 2
    assert "…0009" in _page(desk, case="9")
    assert "…0008" not in _page(desk, case="9")
    assert "…0008" in _page(desk, digits="555-0008")
    assert "…0009" not in _page(desk, digits="0008")
    assert "No opt-out fits" in _page(desk, digits="4440008")
    assert "…0003" in _page(desk, state="lifted")
    assert "…0002" not in _page(desk, state="lifted")
    assert "…0003" not in _page(desk, state="in-effect", before="10")
    for odd in ({"case": "x"}, {"digits": "1"}, {"state": "odd"}, {"before": "9" * 30}):
        assert desk.operator.get(PAGE, **odd).status_code == 200


def test_an_opt_out_is_recorded_and_lifted_by_hand(desk: Desk) -> None:
    desk.case(7, HERS)
    form = "/console/opt-outs/new"
    assert "Record an opt-out" in _page(desk)
    assert "START by text does not lift it" in words(desk.operator.get(form, case="7"))
    done = desk.operator.post(form, case="7", phone="", reason="<b>By letter</b>")
    assert done.status_code == 303
    page = words(desk.operator.get(done.location))
    assert "Opted out: case 7." in page
    assert "by hand, Ann Operator <b>By letter</b>" in page
    assert desk.decision(7, HERS).is_restricted_by(Rule.OPTED_OUT)
    assert desk.status(7) == "Do not Dial"
    again = desk.operator.post(form, case="7", phone="", reason="Again")
    assert "had recorded this already" in words(desk.operator.get(again.location))
    desk.text_in(HERS, "START")
    assert desk.decision(7, HERS).is_restricted_by(Rule.OPTED_OUT)

    lift = "/console/opt-outs/1/lift"
    warning = words(desk.operator.get(lift))
    assert "Lift it only if this person has asked to be contacted again." in warning
    assert "set the case to To Dial there" in warning
    refused = desk.operator.post(lift, reason=" ")
    assert (refused.status_code, "Please give a reason" in refused.text) == (400, True)
    assert desk.decision(7, HERS).is_restricted_by(Rule.OPTED_OUT)
    lifted = desk.operator.post(lift, reason="She called us")
    page = words(desk.operator.get(lifted.location))
    assert "set case 7 to To Dial there" in page
    assert "by Ann Operator: She called us" in page
    assert not desk.decision(7, HERS).is_restricted_by(Rule.OPTED_OUT)
    late = desk.operator.post(lift, reason="Twice")
    assert "was lifted already" in words(desk.operator.get(late.location))
    assert "was lifted already" in words(desk.operator.get(desk.operator.get(lift).location))
    assert desk.audited() == [
        ("Ann Operator", "opted-out", "case 7", "<b>By letter</b>", 7),
        ("Ann Operator", "opt-out-lifted", "opt-out of case 7", "She called us", 7),
    ]
    assert desk.operator.get("/console/opt-outs/99/lift").status_code == 404


def test_a_number_alone_is_recorded(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    form = "/console/opt-outs/new"
    number = {"case": "", "phone": "(402) 555-0114", "ends": "number"}
    done = desk.operator.post(form, **number, reason="A stranger")
    assert "Opted out: number …0114." in words(desk.operator.get(done.location))
    assert desk.decision(7, HERS).is_restricted_by(Rule.OPTED_OUT_HERE)
    assert not desk.decision(7, OTHER).is_restricted_by(Rule.OPTED_OUT, Rule.OPTED_OUT_HERE)
    assert desk.audited()[0][2] == "number …0114"


def test_a_phone_stands_for_its_person_unless_it_is_meant_alone(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    form = "/console/opt-outs/new"
    done = desk.operator.post(form, case="", phone=HERS, ends="person", reason="She called")
    assert "Opted out: whoever has number …0114." in words(desk.operator.get(done.location))
    for number in (HERS, OTHER):
        assert desk.decision(7, number).is_restricted_by(Rule.OPTED_OUT)
    assert desk.status(7) == "Do not Dial"
    assert desk.audited()[0][2] == "whoever has number …0114"


def test_of_a_phone_that_several_share_it_is_asked_whose_it_was(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.case(8, HERS)
    fields = {"case": "", "phone": HERS, "reason": "She called"}
    done = desk.operator.post("/console/opt-outs/new", **fields)
    assert "cases 7, 8 are held, and To do asks." in words(desk.operator.get(done.location))
    for case_id in (7, 8):
        assert desk.decision(case_id, HERS).is_restricted_by(Rule.OPTED_OUT_HERE)
    assert "…0114" in words(desk.operator.get("/console/todo"))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"case": "", "phone": "", "reason": "x"}, "Give the number of a case, or a phone"),
        ({"case": "7", "phone": HERS, "reason": "x"}, "Give the number of a case, or a phone"),
        ({"case": "seven", "phone": "", "reason": "x"}, "Type the number of a case"),
        ({"case": "0", "phone": "", "reason": "x"}, "Type the number of a case"),
        ({"case": "99", "phone": "", "reason": "x"}, "has never seen a case 99"),
        ({"case": "", "phone": "12", "reason": "x"}, "That is no phone number"),
        ({"case": "", "phone": HERS, "reason": ""}, "Please give a reason"),
    ],
)
def test_what_is_refused_says_why(
    operator: SignedIn, runtime: Runtime, fields: dict[str, str], says: str
) -> None:
    answer = operator.post("/console/opt-outs/new", **fields)
    assert answer.status_code == 400
    assert says in words(answer)
    with runtime.db.read() as connection:
        assert connection.execute(select(opt_outs)).all() == []


def test_a_case_never_seen_is_opted_out_once_it_is_confirmed(desk: Desk) -> None:
    fields = {"case": "99", "phone": "", "reason": "By letter", "confirmed": "yes"}
    assert desk.operator.post("/console/opt-outs/new", **fields).status_code == 303
    desk.case(99, HERS)
    assert desk.decision(99, HERS).is_restricted_by(Rule.OPTED_OUT)


def test_the_file_has_what_is_filtered_and_is_harmless(desk: Desk, viewer: SignedIn) -> None:
    desk.case(7, HERS)
    desk.case(8, OTHER)
    desk.operator.post("/console/opt-outs/new", case="7", phone="", reason="=cmd()")
    desk.text_in(OTHER, "Stop. I have a lawyer")
    answer = viewer.get(f"{PAGE}.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["Case"], row["Phone"]) for row in rows] == [("8", "…0115"), ("7", "…0114")]
    assert rows[1]["Words or reason"] == "'=cmd()"
    assert "lawyer" not in answer.text
    assert HERS not in answer.text
    only = viewer.get(f"{PAGE}.csv", case="7").text
    assert "…0115" not in only
    exported = [line for line in desk.audited() if line[1] == "exported"]
    assert exported == [
        ("Vic Viewer", "exported", "opt-outs", "", None),
        ("Vic Viewer", "exported", "opt-outs", "case 7", 7),
    ]


def test_viewers_look_and_strangers_sign_in(
    desk: Desk, viewer: SignedIn, stranger: FlaskClient
) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "STOP")
    page = viewer.get(PAGE).text
    assert "…0114" in page
    assert "Lift…" not in page
    assert "Record an opt-out" not in page
    for path in ("/console/opt-outs/new", "/console/opt-outs/1/lift"):
        assert viewer.get(path).status_code == 403
        assert viewer.post(path, case="7", reason="x").status_code == 403
        assert desk.operator.post_forged(path, case="7", reason="x").status_code == 400
        assert stranger.get(path).status_code == 302
    assert stranger.get(f"{PAGE}.csv").status_code == 302


def test_a_whole_number_that_is_looked_for_is_not_kept_in_the_audit_trail(
    operator: SignedIn, runtime: Runtime
) -> None:
    assert operator.get("/console/opt-outs.csv", digits="402-555-0114").status_code == 200
    with runtime.db.read() as connection:
        [line] = audit.newest(connection, 1)
    assert line.reason == "digits …0114"


def test_what_is_lifted_says_so_where_another_opt_out_is_in_effect(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "STOP")
    desk.operator.post("/console/cases/7/stop", reason="By letter")
    lifted = desk.operator.post(f"{PAGE}/2/lift", reason="She called")
    says = "Another opt-out of this person is in effect"
    assert f"Lifted. {says}" in words(desk.operator.get(lifted.location))
    assert f"Opt-out lifted by Ann Operator: “She called”. {says}" in desk.notes(7)[-1]
    assert desk.decision(7, HERS).is_restricted_by(Rule.OPTED_OUT)
    lifted = desk.operator.post(f"{PAGE}/1/lift", reason="She called")
    assert "set case 7 to To Dial there" in words(desk.operator.get(lifted.location))
    assert "set it to To Dial" in desk.notes(7)[-1]
