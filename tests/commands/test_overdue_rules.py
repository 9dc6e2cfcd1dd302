"""`bridge check` warns when the states' rules were to be reviewed, and fails nothing for it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bridge.checking import examination
from bridge.checking.findings import WARNING, Finding
from bridge.domain.state_rules import RulePack, rule_pack


def _due(review: date, *states: str) -> RulePack:
    pack = rule_pack()
    old = {
        state: replace(
            pack.states[state],
            provenance=replace(pack.states[state].provenance, review=review),
        )
        for state in states
    }
    later = {
        state: replace(rule, provenance=replace(rule.provenance, review=date(9999, 1, 1)))
        for state, rule in pack.states.items()
    }
    return replace(pack, states=later | old, recorded_voice={}, calendars={})


def _said(home: Path, **environment: str) -> list[Finding]:
    found = examination.examine({"BRIDGE_HOME": str(home), **environment})
    return [one for one in found if one.subject == "state rules"]


def test_a_review_that_is_over_is_warned_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "rule_pack", lambda: _due(date(2026, 11, 1), "PA", "AL"))
    (finding,) = _said(tmp_path)
    assert finding.level == WARNING
    assert "the rules of AL, PA were to be reviewed by November 1, 2026" in finding.sentence
    assert _said(tmp_path, DIAL_STATE_RULES="off") == []
    monkeypatch.setattr(examination, "rule_pack", lambda: _due(date(9999, 1, 1), "PA"))
    assert _said(tmp_path) == []
