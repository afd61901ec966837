"""Each requirement knows which alternative of its criterion it belongs to."""

from __future__ import annotations

import datetime as dt

from phasegate.engine.resolve import resolve
from phasegate.engine.scope import everything
from phasegate.facts.fact import Fact, FactSet
from phasegate.rules.pack import Pack

NAMES = ("a", "b", "c", "d")
REQUIRE = {
    "w.a": ">= 1",
    "any_of": [{"w.b": ">= 2"}, {"w.c": ">= 3", "any_of": [{"w.b": "< 1"}, {"w.d": ">= 4"}]}],
}


def test_alternatives_are_numbered_from_the_outermost() -> None:
    pack = Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "sources": {"w": {"title": "Work", "columns": {"x": {"type": "string"}}}},
            "measures": {f"w.{name}": {"title": name, "from": "w", "count": "x"} for name in NAMES},
            # an id that is called like the choice is none
            "points": {
                "any_of": {
                    "title": "Point",
                    "criteria": [{"id": "c", "text": "it holds", "require": REQUIRE}],
                }
            },
        }
    )
    facts = {
        (f"w.{name}", ""): Fact(f"w.{name}", "", "present", numerator=1, denominator=1) for name in NAMES
    }
    resolved = resolve(pack, FactSet(dt.date(2026, 3, 1), facts, {}), {}, everything(pack))
    found = [
        (requirement.bound, asked.alternative)
        for requirement, asked in zip(resolved.plan.requirements, resolved.asked, strict=True)
    ]
    assert found == [(">= 1", None), (">= 2", "1"), (">= 3", "2"), ("< 1", "2.1"), (">= 4", "2.2")]
