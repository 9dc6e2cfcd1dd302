"""What a call or text leans on: against an oracle that knows nothing of how it is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.consents import (
    Attestation,
    Basis,
    Consent,
    NewConsent,
    basis_for,
    why_none,
)
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose

HERS, OTHER = E164("+14025550101"), E164("+14025550102")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONSENT = Consent(
    id=1,
    phone=HERS,
    channel=Channel.TEXT,
    purpose=Purpose.CLIENT,
    words="You may text me about my case.",
    given_at=NOON,
    source="web form",
    evidence="https://firm.example.com/forms/17",
)
RETAINER = Attestation(Purpose.CLIENT, Channel.TEXT, "retainer, section 8")

_moments = st.integers(0, 6).map(lambda hours: NOON + timedelta(hours=hours))
_consents = st.lists(
    st.builds(
        Consent,
        id=st.just(0),
        phone=st.sampled_from([HERS, OTHER]),
        channel=st.sampled_from(Channel),
        purpose=st.sampled_from(Purpose),
        words=st.just("words"),
        given_at=_moments,
        source=st.just("form"),
        evidence=st.just("file"),
        revoked_at=st.none() | _moments,
    ),
    max_size=5,
).map(lambda made: [replace(each, id=number) for number, each in enumerate(made, 1)])
_attestations = st.lists(
    st.builds(Attestation, st.sampled_from(Purpose), st.sampled_from(Channel), st.just("words")),
    max_size=3,
)


def _allows(consent: Consent, purpose: Purpose, channel: Channel, refused: set[datetime]) -> bool:
    """The rule as docs/how-to/consent.md has it, sentence by sentence."""
    if consent.phone != HERS or consent.channel != channel:
        return False
    if purpose == "lead" and consent.purpose == "client":
        return False
    if consent.revoked_at:
        return False
    return all(moment <= consent.given_at for moment in refused)


@given(
    st.sampled_from(Purpose),
    st.sampled_from(Channel),
    _consents,
    _attestations,
    st.none() | _moments,
)
def test_what_is_leaned_on_is_what_the_rule_says(
    purpose: Purpose,
    channel: Channel,
    consents: list[Consent],
    attestations: list[Attestation],
    refused_at: datetime | None,
) -> None:
    basis = basis_for(purpose, channel, HERS, consents, attestations, refused_at=refused_at)
    refused = {refused_at} - {None}
    taken_back = {
        consent.revoked_at
        for consent in consents
        if consent.phone == HERS and consent.channel == channel
    } - {None}
    allowing = [
        consent
        for consent in consents
        if _allows(consent, purpose, channel, {at for at in refused | taken_back if at})
    ]
    withdrawn = any(
        consent.revoked_at and consent.phone == HERS and consent.channel == channel
        for consent in consents
    )
    attested = any(
        (attestation.purpose, attestation.channel) == (purpose, channel)
        for attestation in attestations
    )
    if allowing:
        newest = max(consent.given_at for consent in allowing)
        assert basis is not None
        assert basis.consent_id in {each.id for each in allowing if each.given_at == newest}
    elif attested and not withdrawn and not refused:
        assert basis == Basis(None, "the firm's attestation: words")
    else:
        assert basis is None
        assert why_none(purpose, channel, HERS, consents, refused_at=refused_at)


@pytest.mark.parametrize(
    ("consent", "refused_at", "covers"),
    [
        (CONSENT, None, True),
        (CONSENT, NOON - timedelta(days=1), True),
        (CONSENT, NOON + timedelta(days=1), False),
        (replace(CONSENT, revoked_at=NOON), None, False),
        (replace(CONSENT, phone=OTHER), None, False),
        (replace(CONSENT, channel=Channel.CALL), None, False),
    ],
)
def test_consent_covers_its_number_and_channel_until_it_is_refused(
    consent: Consent, refused_at: datetime | None, covers: bool
) -> None:
    basis = basis_for(Purpose.CLIENT, Channel.TEXT, HERS, [consent], (), refused_at=refused_at)
    assert basis == (Basis(1, "consent of 2026-11-24 (web form)") if covers else None)


def test_consent_to_be_solicited_covers_being_informed_and_not_the_other_way_round() -> None:
    for given_for, asked_for, covers in [
        (Purpose.LEAD, Purpose.CLIENT, True),
        (Purpose.CLIENT, Purpose.LEAD, False),
        (Purpose.LEAD, Purpose.LEAD, True),
    ]:
        on_file = [replace(CONSENT, purpose=given_for)]
        basis = basis_for(asked_for, Channel.TEXT, HERS, on_file, (), refused_at=None)
        assert (basis is not None) is covers


def test_what_was_given_before_another_was_revoked_is_over() -> None:
    """However late it is entered, and if the one that was revoked was a mistake."""
    about = (Purpose.CLIENT, Channel.TEXT, HERS)
    revoked = replace(CONSENT, recorded_at=NOON, revoked_at=NOON + timedelta(days=19))
    earlier = replace(CONSENT, id=2, given_at=NOON - timedelta(days=31))
    later = replace(CONSENT, id=3, given_at=NOON + timedelta(days=20))
    assert basis_for(*about, [revoked, earlier], (), refused_at=None) is None
    assert "refused on 2026-12-13" in why_none(*about, [revoked, earlier], refused_at=None)
    basis = basis_for(*about, [revoked, earlier, later], (), refused_at=None)
    assert basis is not None
    assert basis.consent_id == 3
    for other in (replace(revoked, phone=OTHER), replace(revoked, channel=Channel.CALL)):
        assert basis_for(*about, [other, earlier], (), refused_at=None) is not None


def test_what_was_over_when_it_was_entered_ends_nothing_else() -> None:
    entered = NOON + timedelta(days=9)
    late = replace(
        CONSENT, id=2, given_at=NOON - timedelta(days=9), recorded_at=entered, revoked_at=entered
    )
    about = (Purpose.CLIENT, Channel.TEXT, HERS)
    basis = basis_for(*about, [CONSENT, late], (), refused_at=NOON - timedelta(days=1))
    assert basis is not None
    assert basis.consent_id == 1
    withdrawal = replace(late, source="withdrawn", given_at=entered)
    assert basis_for(*about, [CONSENT, withdrawal], [RETAINER], refused_at=None) is None


def test_an_attestation_covers_nobody_who_has_refused_or_taken_consent_back() -> None:
    about = (Purpose.CLIENT, Channel.TEXT, HERS)
    attested = Basis(None, "the firm's attestation: retainer, section 8")
    assert basis_for(*about, (), [RETAINER], refused_at=None) == attested
    assert basis_for(*about, (), [RETAINER], refused_at=NOON) is None
    withdrawn = [replace(CONSENT, revoked_at=NOON)]
    assert basis_for(*about, withdrawn, [RETAINER], refused_at=None) is None
    elsewhere = [replace(CONSENT, phone=OTHER, revoked_at=NOON)]
    assert basis_for(*about, elsewhere, [RETAINER], refused_at=None) == attested
    lead = (Purpose.LEAD, Channel.TEXT, HERS)
    assert basis_for(*lead, (), [RETAINER], refused_at=None) is None


def test_why_nothing_allows_it_is_a_sentence() -> None:
    about = (Purpose.LEAD, Channel.TEXT, HERS)
    assert why_none(*about, (), refused_at=None) == (
        "no consent to texts at this number is on file, and CONSENT_BASIS attests none for leads"
    )
    assert why_none(*about, (), refused_at=NOON) == (
        "the person refused on 2026-11-24, and no consent to texts at this number since then is on "
        "file"
    )


def test_consent_for_another_purpose_is_named_as_the_reason() -> None:
    says = why_none(Purpose.LEAD, Channel.TEXT, HERS, [CONSENT], refused_at=NOON)
    assert says == "the consent to texts at this number covers clients, not leads"
    lapsed = why_none(
        Purpose.LEAD, Channel.TEXT, HERS, [CONSENT], refused_at=NOON + timedelta(days=1)
    )
    assert lapsed.startswith("the person refused on 2026-11-25")


def test_the_same_consent_has_one_fingerprint_and_another_has_another() -> None:
    given = NewConsent(
        phone=HERS,
        channel=Channel.TEXT,
        purpose=Purpose.LEAD,
        words="yes",
        given_at=NOON,
        source="form",
        evidence="file",
    )
    same = replace(given, given_at=NOON.astimezone())
    assert same.fingerprint == given.fingerprint
    others = [
        replace(given, phone=OTHER),
        replace(given, channel=Channel.CALL),
        replace(given, purpose=Purpose.CLIENT),
        replace(given, words="yes, please"),
        replace(given, given_at=NOON + timedelta(seconds=1)),
        replace(given, source="file", evidence="form"),
    ]
    assert len({other.fingerprint for other in [given, *others]}) == len(others) + 1


def test_what_people_have_said_is_in_no_repr() -> None:
    assert CONSENT.words not in repr(CONSENT)
    assert CONSENT.evidence not in repr(CONSENT)
