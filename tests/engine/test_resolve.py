"""What each requirement knows of itself: its alternative, and the fact that answers it."""

from __future__ import annotations

import datetime as dt

import pytest

from phasegate.engine.gates import GateMembers, gate_members
from phasegate.engine.resolve import resolve
from phasegate.engine.scope import everything
from phasegate.facts.model.fact import Fact, FactSet, Status
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.model.verdict import Evidence

DAY = dt.date(2026, 3, 1)
NAMES = ("a", "b", "c", "d")
INNER = {"w.c": ">= 3", "any_of": [{"w.b": "< 1"}, {"w.d": ">= 4"}]}


def pack_of(require: object, **measure: object) -> Pack:
    """A pack of one criterion of one point, whose id is called like a choice and is none."""
    criterion = {"id": "c", "text": "it holds", "require": require}
    return Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "sources": {"w": {"title": "Work", "columns": {"x": {"type": "string"}}}},
            "measures": {
                f"w.{name}": {"title": name, "from": "w", "count": "x", **measure} for name in NAMES
            },
            "points": {"any_of": {"title": "Point", "criteria": [criterion]}},
        }
    )


def test_alternatives_are_numbered_from_the_outermost() -> None:
    pack = pack_of({"w.a": ">= 1", "any_of": [{"w.b": ">= 2"}, INNER]})
    facts = {
        (f"w.{name}", ""): Fact(f"w.{name}", "", "present", numerator=1, denominator=1) for name in NAMES
    }
    resolved = resolve(pack, FactSet(DAY, facts, {}), {}, everything(pack))
    found = [
        (requirement.bound, asked.alternative)
        for requirement, asked in zip(resolved.plan.requirements, resolved.asked, strict=True)
    ]
    assert found == [(">= 1", None), (">= 2", "1"), (">= 3", "2"), ("< 1", "2.1"), (">= 4", "2.2")]


@pytest.mark.parametrize(
    ("measured", "reason"),
    [
        ({"any_of": "present"}, ""),
        ({"any_of": "present", "": "error"}, ""),
        ({"": "error"}, "too many slices"),
        ({"": "present"}, "the fact was not measured"),
        ({"": "unknown"}, "the fact was not measured"),
        ({}, "the fact was not measured"),
    ],
)
def test_a_point_without_a_fact_tells_what_went_wrong(measured: dict[str, Status], reason: str) -> None:
    pack = pack_of({"w.a": ">= 1"}, by="point")
    facts = {
        ("w.a", slice_): Fact(
            "w.a", slice_, status, "too many slices" if status == "error" else "", numerator=1, denominator=1
        )
        for slice_, status in measured.items()
    }
    resolved = resolve(pack, FactSet(DAY, facts, {}), {}, everything(pack))
    assert [asked.fact.reason for asked in resolved.asked] == [reason]
    assert [seen.evidence is Evidence.ERROR for seen in resolved.observations] == [bool(reason)]
    assert [requirement.id for requirement in resolved.plan.requirements] == ["any_of/c/w.a"]


@pytest.mark.parametrize(
    ("gate", "members"),
    [
        # A phase needs the targets of the areas that it has a point of, and no others.
        ("1", GateMembers(("1.1",), ("1/success",), (), 2)),
        ("2", GateMembers(("2.1", "3.1"), ("2/success",), ("1",), None)),
        (PROGRAMME, GateMembers(("1.1", "2.1", "3.1"), ("1/success", "2/success"), ("1", "2"), 3)),
    ],
)
def test_a_gate_needs_its_own_points_targets_and_cap(gate: str, members: GateMembers) -> None:
    criterion = {"id": "c", "text": "it holds", "require": {"w.a": ">= 1"}}
    success = {"name": "Reached", "measure": "w.a", "bound": ">= 1"}
    pack = Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "programme": {"title": "All", "max_waivers": 3},
            "sources": {"w": {"title": "Work", "columns": {"x": {"type": "string"}}}},
            "measures": {"w.a": {"title": "a", "from": "w", "count": "x"}},
            "areas": {
                "1": {"title": "One", "success": success},
                "2": {"title": "Two", "success": success},
                "3": {"title": "Three"},
            },
            "points": {
                f"{area}.1": {"title": "Point", "area": area, "criteria": [criterion]} for area in "123"
            },
            "phases": {
                "1": {"title": "First", "points": ["1.1"], "max_waivers": 2},
                "2": {"title": "Second", "points": ["2.1", "3.1"], "after": ["1"]},
            },
        }
    )
    assert gate_members(pack, gate) == members
