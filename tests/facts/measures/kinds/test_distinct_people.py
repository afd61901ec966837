"""Different people: two ids that a reader does not tell apart are neither one person nor two."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from phasegate.facts.model.fact import Fact

One = Callable[..., Fact]
PERSON = {"type": "string", "nullable": True, "personal": True}
LINES: dict[str, Any] = {
    "title": "An approval",
    "columns": {"who": PERSON, "name": {"type": "string"}, "of": {"type": "boolean", "nullable": True}},
}
ALIKE = [("F-101", True), ("f-101", True), ("b@x", True), ("b@y", False)]


@pytest.mark.parametrize(
    ("definition", "rows", "found"),
    [
        ({"distinct": "who"}, ALIKE, "1 id in who differs"),
        ({"distinct": "SPLIT_PART(who, '@', 1)"}, ALIKE, "1 id in SPLIT_PART(who, '@', 1) differs"),
        ({"distinct": "SUBSTR(who, 1, 1)"}, ALIKE, "1 id in SUBSTR(who, 1, 1) differs"),
        ({"distinct": "who", "where": '"of"'}, [*ALIKE[:1], ("f-101", None)], "1 id in who differs"),
        ({"distinct": "who", "where": '"of"'}, [*ALIKE[:1], ("f-101", False)], 1),
        ({"distinct": "name"}, ALIKE, 4),
        ({"distinct": "LENGTH(who)"}, ALIKE, 2),
        ({"distinct": "who"}, ALIKE[1:], 3),
    ],
)
def test_different_people(
    one: One, definition: dict[str, Any], rows: list[tuple[str, bool | None]], found: str | int
) -> None:
    told = [{"who": who, "name": who, "of": of} for who, of in rows]
    fact = one(definition, told, contracts={"lines": LINES})
    if isinstance(found, int):
        assert fact.value == Fraction(found)
    else:
        assert (fact.status, fact.value) == ("error", None)
        assert fact.reason.startswith(found)


AMOUNT = {"type": "decimal", "scale": 2}
ITEMS: dict[str, Any] = {
    "title": "A piece of work",
    "columns": {"who": PERSON, "name": {"type": "string"}, "done": AMOUNT, "due": AMOUNT},
}
OWED: dict[str, Any] = {
    "title": "What somebody owes",
    "columns": {"who": {**PERSON, "personal": False}, "name": {"type": "string"}, "owed": AMOUNT},
}
ONE_OR_TWO = [("F-101", "2", "1"), ("f-101", "0", "1")]
APART = [("F-101", "2", "1"), ("F-102", "0", "1")]
ELSEWHERE = {"from": "plans", "value": "owed"}


@pytest.mark.parametrize(
    ("definition", "rows", "found"),
    [
        ({"attainment": {"actual": "done", "expected": "due"}, "grain": "who"}, ONE_OR_TWO, None),
        ({"attainment": {"actual": "done", "expected": "due"}, "grain": ["name", "who"]}, ONE_OR_TWO, None),
        ({"attainment": {"actual": "done", "expected": "due"}, "grain": "name"}, ONE_OR_TWO, Fraction(1, 2)),
        ({"attainment": {"actual": "done", "expected": "due"}}, ONE_OR_TWO, Fraction(1, 2)),
        ({"attainment": {"actual": "done", "expected": "due"}, "grain": "who"}, APART, Fraction(1, 2)),
        ({"accuracy": {"actual": "done", "forecast": "due"}, "grain": "who"}, ONE_OR_TWO, None),
        ({"attainment": {"actual": "done", "expected": ELSEWHERE}, "grain": "who"}, ONE_OR_TWO[1:], None),
        ({"attainment": {"actual": "done", "expected": ELSEWHERE}, "grain": "who"}, APART[:1], Fraction(1)),
        (
            {"attainment": {"actual": "done", "expected": "due"}, "grain": "who", "where": "done > 0"},
            ONE_OR_TWO,
            Fraction(1),
        ),
    ],
)
def test_items_of_people_that_only_seem_to_be_one(
    one: One, definition: dict[str, Any], rows: list[tuple[str, str, str]], found: Fraction | None
) -> None:
    """As one they make up for each other, as two they do not."""
    told = [{"who": who, "name": who, "done": done, "due": due} for who, done, due in rows]
    owed = [{"who": "F-101", "name": "", "owed": "2"}]
    fact = one(definition, told, owed, contracts={"lines": ITEMS, "plans": OWED})
    if found is not None:
        assert fact.value == found
    else:
        assert (fact.status, fact.value) == ("error", None)
        assert fact.reason.startswith("1 id in who differs from another in nothing that a reader sees")
