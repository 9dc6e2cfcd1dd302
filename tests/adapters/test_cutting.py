"""A signature means one event: no other cut of the signed characters says anything else."""

from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bridge.adapters.twilio.callbacks import Reading, form_fields, read
from bridge.errors import Unusable
from tests.support.recutting import Posted, recorded, recut

_QUERIES = ("", "?CaseID=515512", "?CaseID=515512&Attempt=0f3b-77abc", "?CaseID=7&from=flow")
ALL = [one for query in _QUERIES for one in recorded(query)]


def _read(one: Posted) -> Reading | None:
    try:
        return read(one.topic, one.target, form_fields(one.body))
    except Unusable:
        return None


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.name}{one.target[-8:]}")
def test_every_recorded_callback_is_read_as_before(one: Posted) -> None:
    assert _read(one) is not None


@given(st.sampled_from(ALL), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_no_new_cut_of_a_recorded_callback_says_anything_else(one: Posted, seed: int) -> None:
    chance = Random(seed)
    for _ in range(10):
        other = recut(one, chance)
        assert other.signed == one.signed, "the signature holds"
        assert _read(other) in {None, _read(one)}
