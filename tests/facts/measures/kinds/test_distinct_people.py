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
