"""What was decided, ready to be told: scores, outcome, and why a gate is not simply open."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from phasegate.engine.decide import decide
from phasegate.engine.scope import for_gate
from phasegate.facts.model.fact import Fact, FactSet
from phasegate.records.scoring import Decided
from phasegate.rules.loading.pack import pack_of

DAY = dt.date(2026, 3, 1)


def decided(
    facts: dict[str, Any], levels: str = "", cap: int | None = None, points: int = 1, **more: Any
) -> Decided:
    """A phase, and one after it, over points of one criterion for each count; it shall be 3 at most."""
    level = {"h": "hard", "s": "soft", "a": "advisory"}
    levels = levels or "h" * len(facts)
    written = {
        "pack": "small",
        "title": "Small",
        "areas": {"a": {"title": "Area"}},
        "points": {
            "p": {
                "title": "Point",
                "area": "a",
                "criteria": [
                    {"id": name, "text": "so", "enforcement": level[how], "require": {name: "<= 3"}}
                    for name, how in zip(facts, levels, strict=True)
                ],
            }
        },
        "phases": {
            "1": {
                "title": "First",
                "points": ["p"] * points,
                **({} if cap is None else {"max_waivers": cap}),
            },
            "2": {"title": "Second", "points": ["p"], "after": ["1"]},
        },
        "sources": {"rows": {"title": "Rows", "columns": {"ok": {"type": "boolean"}}}},
        "measures": {name: {"title": name.upper(), "from": "rows", "count": "ok"} for name in facts},
    }
    rules = pack_of({"pack.yaml": json.dumps(written).encode()}, "small")
    known = {(name, ""): fact(name, each) for name, each in facts.items()}
    seen = decide(rules, FactSet(DAY, known, {}), for_gate(rules.pack, "2"), {}, plainly=True)
    return Decided(rules.pack, seen.resolved, seen.agreed)


def fact(name: str, said: Any) -> Fact:
    if isinstance(said, int):
        return Fact(name, "", "present", numerator=said, denominator=1)
    return Fact(name, "", said, f"it is {said}")


@pytest.mark.parametrize(
    ("facts", "levels", "reasons", "states"),
    [
        ({"x": 1}, "h", [], ("open", "open")),
        ({"x": 9}, "h", [("p/x", "fail", "X: 9, where <= 3 is required")], ("closed", "closed")),
        # The worst first, and of equals the first.
        ({"x": "unknown", "y": 9, "z": "stale", "v": 1, "w": 8}, "hhshh", [
            ("p/y", "fail", "Y: 9, where <= 3 is required"), ("p/w", "fail", "W: 8, where <= 3 is required"),
            ("p/z", "stale", "Z: it is stale"), ("p/x", "unknown", "X: it is unknown")],
         ("closed", "closed")),
        ({"x": 1, "y": 9}, "ha", [], ("open", "open")),
        ({"x": 1, "y": "not_applicable"}, "hh", [], ("open", "open")),
        ({"x": "error"}, "s", [("p/x", "error", "X: it is error")], ("undecided", "undecided")),
        ({"x": "not_applicable"}, "h", [("1", "error", "it has no criterion that passes")],
         ("undecided", "undecided")),
    ],
)  # fmt: skip
def test_why_a_gate_is_not_open(
    facts: dict[str, Any], levels: str, reasons: list[tuple[str, str, str]], states: tuple[str, str]
) -> None:
    found = decided(facts, levels)
    first, second = (found.gate(gate) for gate in found.plan.gates[:2])
    assert [(each["id"], each["verdict"], each["text"]) for each in first["reasons"]] == reasons
    assert (first["state"], second["state"]) == states
    own = [each for each in second["reasons"] if each["kind"] == "gate"]
    before = [] if states[0] == "open" else [("1", states[0], f"gate 1 is {states[0]}")]
    assert [(each["id"], each["verdict"], each["text"]) for each in own] == before


@pytest.mark.parametrize(
    ("facts", "levels", "score"),
    [
        ({"x": 1, "y": 9, "z": "unknown"}, "hsh", (3, 1, 1)),
        ({"x": 1, "y": 2, "z": 9}, "hsa", (2, 2, 2)),
        ({"x": 1, "y": "not_applicable", "z": "not_applicable"}, "hhh", (1, 1, 1)),
        ({"x": 9}, "a", (0, 0, 0)),
    ],
)
def test_a_score_counts_what_binds(facts: dict[str, Any], levels: str, score: tuple[int, int, int]) -> None:
    found = decided(facts, levels)
    counted = found.score(range(len(found.plan.criteria)))
    assert (counted["apply"], counted["passing"], counted["passing_with_waivers"]) == score
    assert found.gate(found.plan.gates[0])["score"] == counted


@pytest.mark.parametrize(
    ("facts", "levels", "outcome"),
    [
        ({"x": 1}, "h", "open"),
        ({"x": 1, "y": "stale"}, "hh", "undecided"),
        ({"x": 1, "y": 9}, "hh", "closed"),
        ({"x": 1, "y": 9}, "ha", "open"),
        ({"x": 9}, "a", "nothing"),
    ],
)
def test_the_outcome_is_that_of_the_gate_or_the_worst(
    facts: dict[str, Any], levels: str, outcome: str
) -> None:
    found = decided(facts, levels)
    assert found.outcome(None) == outcome
    gates = [found.gate(gate)["state"] for gate in found.plan.gates]
    assert [found.outcome(gate.id) for gate in found.plan.gates] == gates


def test_an_approval_that_is_missing_is_a_reason() -> None:
    found = decided({"x": 1})
    (reason,) = found.gate(found.plan.gates[0], ["finance"])["reasons"]
    assert (reason["kind"], reason["id"], reason["text"]) == (
        "approval", "finance", "these rules are not approved for finance",
    )  # fmt: skip
