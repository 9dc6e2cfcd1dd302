"""Settings that were meant, and misspelled."""

import pytest

from bridge.checking.examination import examine
from bridge.checking.misspelled import misspelled
from bridge.environment import names


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("DIAL_HOUR", "did you mean DIAL_HOURS?"),
        ("TWILIO_TOKEN", "did you mean TWILIO_AUTH_TOKEN?"),
        ("SMARTADVOCATE_TIMEZON", "did you mean SMARTADVOCATE_TIMEZONE?"),
        ("FIRM_TIME_ZONE", "did you mean FIRM_TIMEZONE?"),
        ("DATABASE_URI", "did you mean DATABASE_URL?"),
        ("TWILIO_REGION", "it has no effect"),
        ("OPT_OUT_SPANISH", "it is retired: Spanish refusals are always understood; remove it"),
    ],
)
def test_a_name_like_ours_is_reported_with_the_nearest(name: str, hint: str) -> None:
    assert misspelled({name: "x"}) == {name: hint}


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "LOG_LEVEL", "WEB_MEMORY", "SENTRY_RELEASE", "PUBLICITY", "dial_hour"]
)
def test_other_programs_variables_are_left_alone(name: str) -> None:
    assert misspelled({name: "x"}) == {}


def test_no_setting_of_ours_is_misspelled() -> None:
    assert misspelled(dict.fromkeys(names(), "x")) == {}


def test_the_check_warns_and_shows_no_value() -> None:
    said = [finding for finding in examine({"TWILIO_TOKEN": "hunter2"}) if "TOKEN?" in str(finding)]
    (finding,) = said
    assert (finding.level, finding.subject) == ("warning", "settings")
    assert finding.sentence.startswith("TWILIO_TOKEN is not a setting of the bridge")
    assert "hunter2" not in str(finding)
