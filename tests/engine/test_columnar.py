"""Columnar evaluation against an oracle that shares no code with it."""

from __future__ import annotations

from hypothesis import given, settings

from oracle import oracle
from strategies import scenarios
from phasegate.engine.columnar import decide


@given(scenarios())
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_oracle(case):
    plan, observations = case
    assert decide(plan, observations) == oracle(plan, observations)
