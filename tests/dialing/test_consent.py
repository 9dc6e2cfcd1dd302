"""A text needs consent on file or the firm's attestation; the call goes out either way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bridge.commands import explain
from bridge.consent.consents import record_consents, withdraw
from bridge.domain.consents import NewConsent
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.sandbox.casebook import phone
from bridge.store.consent import consents
from bridge.store.consent.consents import StoredConsent
from bridge.store.tables import attempts, decisions
from tests.support.world import World, Worldwide

UNATTESTED = {"TEXT_ENABLED": "true", "CONSENT_BASIS": "client:voice=the retainer"}
"""Clients who may be called by a machine; for texts to them the firm says nothing."""
LACKS = "no consent to texts at this number is on file, and CONSENT_BASIS attests none for clients"


def _agree(
    world: World,
    number: str,
    purpose: Purpose = Purpose.LEAD,
    channel: Channel = Channel.TEXT,
    ago: timedelta = timedelta(days=1),
) -> StoredConsent:
    consent = NewConsent(
        phone=E164(number),
        channel=channel,
        purpose=purpose,
        words="You may text me about my claim.",
        given_at=world.clock() - ago,
        source="web form",
        evidence="https://firm.example.com/forms/17",
    )
    with world.runtime.db.begin() as connection:
        [stored] = record_consents(world.runtime, connection, [consent], "Ann Example")
    return stored


def _texted(world: World) -> list[str]:
    return [str(text.to) for text in world.exchange.texts()]


def _on_file(world: World, *numbers: str) -> list[tuple[str, str, str | None]]:
    """Channel, purpose and how it ended of each consent, the oldest first."""
    with world.runtime.db.read() as connection:
        found = consents.of_phones(connection, [E164(number) for number in numbers])
    return [(one.channel, one.purpose, one.revoked_how) for one in reversed(found)]


def _decided(world: World, stage: str) -> list[tuple[str, str, str]]:
    with world.runtime.db.read() as connection:
        rows = connection.execute(
            select(decisions).where(decisions.c.stage == stage).order_by(decisions.c.id)
        )
        return [(row.channel, row.answer, row.why) for row in rows]


def test_who_has_nothing_on_file_is_called_at_once_and_not_texted(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**UNATTESTED)
    number = world.case(7)
    world.poll()
    assert world.place() == 1, "the call waits for no text"
    assert [call.to for call in world.exchange.calls()] == [number]
    assert _texted(world) == []
    assert _decided(world, "plan") == [("text", "refuse", LACKS)]


def test_a_lead_with_consent_is_texted_and_the_decision_names_it(worldwide: Worldwide) -> None:
    world = worldwide(**UNATTESTED | {"CAMPAIGN_PURPOSES": "*=lead"})
    number = world.case(7)
    _agree(world, number, channel=Channel.CALL)
    stored = _agree(world, number)
    world.poll()
    world.place(1)
    assert _texted(world) == [number]
    with world.runtime.db.read() as connection:
        inputs = connection.scalar(
            select(decisions.c.inputs).where(decisions.c.channel == Channel.TEXT)
        )
    assert inputs is not None
    says = f"consent of {stored.given_at:%Y-%m-%d} (web form)"
    assert inputs["purpose"] == "lead"
    assert inputs["basis"] == {"consent": stored.id, "says": says}


@pytest.mark.parametrize("purpose", Purpose)
def test_the_firms_attestation_is_that_of_one_purpose(
    worldwide: Worldwide, purpose: Purpose
) -> None:
    world = worldwide(
        TEXT_ENABLED="true",
        CAMPAIGN_PURPOSES=f"*={purpose}",
        CONSENT_BASIS="client:text=retainer, section 8",
    )
    world.case(7)
    world.poll()
    world.place(1)
    assert bool(_texted(world)) is (purpose is Purpose.CLIENT)


def test_consent_that_ends_between_plan_and_placing_ends_the_text_and_not_the_call(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**UNATTESTED, TEXT_LEAD="10m")
    number = world.case(7)
    _agree(world, number)
    world.poll()
    with world.runtime.db.begin() as connection:
        ended = withdraw(
            world.runtime,
            connection,
            E164(number),
            [Channel.TEXT],
            by="Ann Example",
            reason="She called",
        )
    assert [one.revoked_how for one in ended] == ["She called"]
    world.place()
    assert _texted(world) == []
    with world.runtime.db.read() as connection:
        rows = connection.execute(select(attempts.c.channel, attempts.c.state, attempts.c.reason))
        found = {row.channel: (row.state, row.reason) for row in rows}
    assert found["text"][0] == "canceled"
    assert "no consent to texts at this number since" in (found["text"][1] or "")
    world.clock.advance(minutes=11)
    world.place()
    assert [call.to for call in world.exchange.calls()] == [number]


def test_a_client_who_is_only_attested_can_take_that_back(worldwide: Worldwide) -> None:
    world = worldwide(CONSENT_BASIS="client:text=the retainer", TEXT_ENABLED="true")
    number = world.case(7)
    with world.runtime.db.begin() as connection:
        withdraw(
            world.runtime, connection, E164(number), list(Channel), by="Ann", reason="She called"
        )
    world.poll()
    world.place()
    assert _texted(world) == []
    world.clock.advance(hours=1)
    _agree(world, number, ago=timedelta(0))
    said = explain.explain(world.runtime, world.remote, 7) or ""
    assert "no consent to texts" not in said


def test_of_two_phones_that_take_texts_the_one_with_consent_is_texted(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**UNATTESTED)
    world.case(7, phones=[phone("4025550107"), phone("4025550108")])
    _agree(world, "+14025550108")
    world.poll()
    world.place(1)
    assert _texted(world) == ["+14025550108"]


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ("person", set[str]()),
        ("number", {"+14025550108"}),
        ("channel", {"+14025550107 call", "+14025550108"}),
    ],
)
def test_a_stop_ends_what_the_opt_out_itself_ends(
    worldwide: Worldwide, scope: str, left: set[str]
) -> None:
    world = worldwide(**UNATTESTED, OPT_OUT_SCOPE=scope)
    world.case(7, phones=[phone("4025550107"), phone("4025550108")])
    world.poll()
    for number in ("+14025550107", "+14025550108"):
        for channel in Channel:
            _agree(world, number, channel=channel)
    world.exchange.text_in("+14025550107", "STOP")
    world.settle()
    with world.runtime.db.read() as connection:
        on_file = consents.of_phones(connection, [E164("+14025550107"), E164("+14025550108")])
    in_effect = {f"{one.phone} {one.channel}" for one in on_file if one.revoked_at is None}
    expected = {
        entry if " " in entry else f"{entry} {channel}" for entry in left for channel in Channel
    }
    assert in_effect == expected
    ended = [one for one in on_file if one.revoked_at is not None]
    assert {one.revoked_by for one in ended} == {"the person"}
    assert all((one.revoked_how or "").startswith("opted out by text: SM") for one in ended)


def test_start_is_kept_as_consent_to_texts_for_the_purpose_that_had_ended(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**UNATTESTED)
    number = world.case(7)
    world.poll()
    _agree(world, number)
    world.exchange.text_in(number, "STOP")
    world.settle()
    world.clock.advance(hours=30)
    world.exchange.text_in(number, "Start please")
    world.settle()
    with world.runtime.db.read() as connection:
        newest, before = consents.of_phones(connection, [E164(number)])
    assert before.revoked_at is not None
    assert (newest.words, newest.source, newest.purpose) == (
        "Start please",
        "START by text",
        Purpose.LEAD,
    )
    assert newest.evidence.startswith("SM")
    assert newest.revoked_at is None


def test_start_alone_agrees_to_no_solicitation_and_lifts_no_attestation_back(
    worldwide: Worldwide,
) -> None:
    world = worldwide(
        TEXT_ENABLED="true",
        CONSENT_BASIS="lead:text=the web form; client:text=the retainer",
        CAMPAIGN_PURPOSES="Leads=lead; *=client",
    )
    hers = world.case(7, campaign="Leads")
    his = world.case(8, campaign="News")
    world.poll()
    for number in (hers, his):
        world.exchange.text_in(number, "STOP")
    world.settle()
    for number in (hers, his):
        world.exchange.text_in(number, "START")
    world.settle()
    assert _on_file(world, hers) == [("text", "client", None)]
    world.clock.advance(days=2)
    for case_id in (7, 8):
        world.sa.book.relabel(case_id, "To Dial")
    said = explain.explain(world.runtime, world.remote, 7) or ""
    assert "  because the consent to texts at this number covers clients, not leads" in said
    said = explain.explain(world.runtime, world.remote, 8) or ""
    assert "(START by text)" in said


def test_explain_says_why_no_text_goes_out(worldwide: Worldwide) -> None:
    world = worldwide(**UNATTESTED)
    world.case(7)
    said = (explain.explain(world.runtime, world.remote, 7) or "").splitlines()
    assert said[1] == "Yes, at the next poll."
    assert "Text to (402) 555-0107: no." in said
    assert f"  because {LACKS}" in said


def test_what_was_given_before_a_refusal_is_kept_and_allows_nothing(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**UNATTESTED)
    number = world.case(7)
    world.poll()
    world.exchange.text_in(number, "STOP")
    world.settle()
    old = _agree(world, number, ago=timedelta(days=30))
    assert (old.revoked_by, old.revoked_how) == (
        "the person",
        "refused on 2026-11-23, after it was given and before it was entered here",
    )
