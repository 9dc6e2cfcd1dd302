"""Consents: who agreed to what, when and how; recorded and revoked by hand; as a file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bridge.consent.consents import withdraw
from bridge.console.setting_words import written
from bridge.domain.consents import Attestation
from bridge.domain.decisions import Rule
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.runtime import Runtime
from bridge.store.tables import consents
from tests.support.clock import Clock
from tests.support.console import SignedIn, words
from tests.support.desk import Desk

HERS, OTHER = "+14025550114", "+14025550115"
PAGE, FORM = "/console/consents", "/console/consents/new"
GIVEN = {
    "phone": "(402) 555-0114",
    "channel": "text",
    "purpose": "lead",
    "words": "You may text me at 402-555-0114. <b>Ann</b>",
    "source": "web form",
    "evidence": "https://firm.example.com/forms/17",
    "given_at": "2026-11-20T09:30",
}


@pytest.fixture
def desk(runtime: Runtime, operator: SignedIn, clock: Clock) -> Iterator[Desk]:
    made = Desk(runtime, operator, clock)
    yield made
    made.close()


def test_nothing_is_on_file(operator: SignedIn) -> None:
    assert "No consent is on file." in words(operator.get(PAGE))
    assert "No consent fits." in words(operator.get(PAGE, state="revoked"))


def test_a_consent_is_recorded_and_lets_a_text_go_out_until_it_is_revoked(desk: Desk) -> None:
    desk.case(7, HERS)
    assert desk.decision(7, HERS, Channel.TEXT).is_restricted_by(Rule.NO_CONSENT)
    done = desk.operator.post(FORM, **GIVEN)
    page = words(desk.operator.get(done.location))
    assert "Recorded: consent to text at …0114." in page
    assert (
        "Nov 20, 2026 …0114 texts, for being solicited You may text me at …0114. <b>Ann</b>" in page
    )
    assert "web form: https://firm.example.com/forms/17" in page
    assert "by Ann Operator in effect" in page
    assert not desk.decision(7, HERS, Channel.TEXT).is_restricted_by(Rule.NO_CONSENT)
    assert "Agreed to texts on Nov 20, 2026 (web form)." in words(
        desk.operator.get("/console/cases/7")
    )
    again = desk.operator.post(FORM, **GIVEN)
    assert "This is on file already." in words(desk.operator.get(again.location))

    revoke = "/console/consents/1/revoke"
    assert "before new consent is recorded" in words(desk.operator.get(revoke))
    refused = desk.operator.post(revoke, reason=" ")
    assert (refused.status_code, "Please give a reason" in refused.text) == (400, True)
    revoked = desk.operator.post(revoke, reason="She called")
    page = words(desk.operator.get(revoked.location))
    assert "by Ann Operator: She called" in page
    assert desk.decision(7, HERS, Channel.TEXT).is_restricted_by(Rule.NO_CONSENT)
    assert "; revoked on Nov 2" in words(desk.operator.get("/console/cases/7"))
    late = desk.operator.post(revoke, reason="Twice")
    assert "was revoked already" in words(desk.operator.get(late.location))
    assert "was revoked already" in words(desk.operator.get(desk.operator.get(revoke).location))
    assert desk.operator.get(f"{PAGE}/99/revoke").status_code == 404
    assert desk.audited() == [
        ("Ann Operator", "consent-recorded", "consent to text at …0114", "lead: web form", None),
        ("Ann Operator", "consent-revoked", "consent 1 at …0114", "She called", None),
    ]


def test_what_only_the_firm_attested_is_shown_as_taken_back(desk: Desk) -> None:
    desk.case(7, HERS)
    with desk.runtime.db.begin() as connection:
        withdraw(
            desk.runtime, connection, E164(HERS), [Channel.CALL], by="Ann", reason="No machine"
        )
    page = words(desk.operator.get("/console/cases/7"))
    assert "Took back consent to a machine's voice on Nov 23, 2026." in page
    page = words(desk.operator.get(PAGE))
    assert "withdrawn: none was on file" in page
    assert "by Ann: No machine" in page
    assert "bridge consent revoke PHONE keeps that" in page
    evidence = words(desk.operator.get("/console/cases/7/evidence"))
    assert "Withdrawal of consent to calls with a machine's voice, Mon Nov 23" in evidence
    assert "What it ended No consent of this person's own was on file." in evidence
    assert "none was on file" not in evidence


def test_a_stop_ends_it_and_the_page_says_how(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.operator.post(FORM, **GIVEN)
    sid = desk.text_in(HERS, "STOP")
    page = words(desk.operator.get(PAGE))
    assert f"by the person: opted out by text: {sid}" in page
    late = desk.operator.post(FORM, **(GIVEN | {"words": "Others, from before"}))
    assert "It allows nothing" in words(desk.operator.get(late.location))


def test_a_case_that_was_stopped_by_hand_or_shared_has_none_left(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    for number in (HERS, OTHER):
        for channel in ("text", "voice"):
            desk.operator.post(FORM, **(GIVEN | {"phone": number, "channel": channel}))
    desk.operator.post("/console/cases/7/stop", reason="By letter")
    with desk.runtime.db.read() as connection:
        rows = connection.execute(select(consents)).all()
    assert {row.revoked_by for row in rows} == {"Ann Operator"}
    assert {row.revoked_how for row in rows} == {"opted out as the firm has recorded: By letter"}


def test_whoever_says_so_again_ends_what_was_agreed_to_since(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "STOP")
    desk.clock.advance(hours=1)
    now = desk.clock().astimezone(desk.runtime.settings.firm_zone)
    given_at = f"{now:%Y-%m-%dT%H:%M:%S}"
    desk.operator.post(FORM, **(GIVEN | {"given_at": given_at}))
    with desk.runtime.db.read() as connection:
        assert connection.scalar(select(consents.c.revoked_at)) is None
    desk.clock.advance(hours=1)
    desk.text_in(HERS, "STOP")
    with desk.runtime.db.read() as connection:
        assert connection.scalar(select(consents.c.revoked_at)) == desk.clock()


def test_the_list_is_filtered_and_read_page_by_page(desk: Desk) -> None:
    with desk.runtime.db.begin() as connection:
        connection.execute(
            consents.insert(),
            [
                {
                    "phone": f"+1402555{number:04d}",
                    "phone_end": f"{number:04d}",
                    "channel": "text",
                    "purpose": "lead",
                    "words": "yes",
                    "source": "form",
                    "evidence": "file 17",
                    "given_at": desk.clock(),
                    "recorded_at": desk.clock(),
                    "recorded_by": "Ann",
                    "revoked_at": desk.clock() if number == 3 else None,
                    "revoked_by": "Ann" if number == 3 else None,
                    "fingerprint": f"{number}",
                }
                for number in range(1, 54)
            ],
        )
    first = desk.operator.get(PAGE)
    assert first.text.count("in effect</span>") == 50
    assert "Show older" in first.text
    assert desk.operator.get(PAGE, before="4").text.count("in effect</span>") == 2
    assert "…0008" in words(desk.operator.get(PAGE, digits="555-0008"))
    assert "…0009" not in words(desk.operator.get(PAGE, digits="0008"))
    assert "…0003" in words(desk.operator.get(PAGE, state="revoked"))
    assert "…0002" not in words(desk.operator.get(PAGE, state="revoked"))
    for odd in ({"digits": "1"}, {"state": "odd"}, {"before": "9" * 30}):
        assert desk.operator.get(PAGE, **odd).status_code == 200


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"phone": "12"}, "The phone should be a number"),
        ({"words": ""}, "The exact words is empty."),
        ({"channel": "fax"}, "To what should be text or voice."),
        ({"given_at": "2999-01-01T00:00"}, "When it was given is in the future."),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_typed(
    operator: SignedIn, runtime: Runtime, other: dict[str, str], says: str
) -> None:
    answer = operator.post(FORM, **(GIVEN | other))
    assert answer.status_code == 400
    assert says in words(answer)
    assert 'value="https://firm.example.com/forms/17"' in answer.text
    with runtime.db.read() as connection:
        assert connection.execute(select(consents)).all() == []


def test_the_file_has_what_is_filtered_and_is_harmless(desk: Desk, viewer: SignedIn) -> None:
    desk.operator.post(FORM, **(GIVEN | {"words": "=cmd()"}))
    desk.operator.post(FORM, **(GIVEN | {"phone": OTHER, "channel": "voice"}))
    answer = viewer.get("/console/consents.csv", digits="0114")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["Phone"], row["To"], row["For"]) for row in rows] == [("…0114", "text", "lead")]
    assert rows[0]["Words"] == "'=cmd()"
    assert rows[0]["Given at"] == "2026-11-20T09:30:00-05:00"
    assert desk.audited()[-1] == ("Vic Viewer", "exported", "consents", "digits …0114", None)
    assert "Record a consent" not in words(viewer.get(PAGE))
    assert viewer.post(FORM, **GIVEN).status_code == 403


def test_the_settings_page_shows_what_the_firm_attests(runtime: Runtime) -> None:
    attested = (Attestation(Purpose.CLIENT, Channel.CALL, "retainer, section 7"),)
    settings = replace(runtime.settings, consent_basis=attested)
    assert written(settings.consent_basis) == "client:voice=retainer, section 7"
