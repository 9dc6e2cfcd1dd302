"""`bridge check` asks what each campaign is for, and what texts to its people rest on."""

import pytest

from bridge.checking import purposes_named
from bridge.checking.settings_checked import of_settings
from bridge.environment import load

ON = {"DIAL_ENABLED": "true"}


def _said(**environment: str) -> list[str]:
    found = of_settings(load(environment), environment)
    subjects = {"CAMPAIGN_PURPOSES", "CONSENT_BASIS"}
    return [f"{one.subject}: {one.sentence}" for one in found if one.subject in subjects]


def test_a_polled_campaign_without_a_purpose_is_named() -> None:
    [said] = _said(**ON, DIAL_CAMPAIGNS="Intake, News", CAMPAIGN_PURPOSES=" intake=lead; *=client")
    assert said == (
        "CAMPAIGN_PURPOSES: News is polled and not named, and so counts as client: say what each "
        "campaign is for, such as News=client"
    )
    [said] = _said(**ON, DIAL_CAMPAIGNS="Intake, News")
    assert said.startswith("CAMPAIGN_PURPOSES: Intake, News are polled and not named, and so count")
    assert _said(**ON, DIAL_CAMPAIGNS="News", CAMPAIGN_PURPOSES="News=client") == []
    assert _said(DIAL_CAMPAIGNS="News") == [], "nobody is dialed"


def test_where_all_are_polled_the_campaigns_that_were_seen_count() -> None:
    all_polled = load({**ON, "CAMPAIGN_PURPOSES": "News=client"})
    [finding] = purposes_named.of_campaigns(all_polled, {"News ", "Intake", ""})
    assert finding.sentence.startswith("Intake is polled and not named, and so counts as lead")
    some_polled = load({**ON, "DIAL_CAMPAIGNS": "News"})
    assert list(purposes_named.of_campaigns(some_polled, {"Intake"})) == []


@pytest.mark.parametrize(
    ("environment", "lacking"),
    [
        ({}, ["lead"]),
        ({"CONSENT_BASIS": "lead:text=the form"}, []),
        ({"CONSENT_BASIS": "lead:voice=the form"}, ["lead"]),
        ({"CAMPAIGN_PURPOSES": "News=client; *=lead"}, ["client", "lead"]),
        ({"CAMPAIGN_PURPOSES": "News=client"}, ["client", "lead"]),
        ({"CAMPAIGN_PURPOSES": "News=client", "DIAL_CAMPAIGNS": "News"}, ["client"]),
        ({"TEXT_ENABLED": "false"}, []),
    ],
)
def test_texts_without_an_attestation_are_said_to_need_consent_on_file(
    environment: dict[str, str], lacking: list[str]
) -> None:
    assert _said(**{**ON, "TEXT_ENABLED": "true"} | environment) == [
        f"CONSENT_BASIS: it attests nothing for texts to {purpose}s: these go only to numbers with "
        "consent on file (`bridge consent list`)"
        for purpose in lacking
    ]
