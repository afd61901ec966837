"""Queries over ids of people: an error while two of those that are compared only seem to be the same."""

from collections.abc import Callable
from typing import Any

import pytest

from phasegate.facts.model.fact import Fact

One = Callable[..., Fact]
PERSON = {"type": "string", "nullable": True, "personal": True}
APPROVALS = {
    "title": "An approval",
    "columns": {"id": {"type": "integer"}, "fin": PERSON, "dev": PERSON, "name": {"type": "string"}},
}
STAFF = {"title": "A person", "columns": {"person": PERSON, "alias": {"type": "string"}}}
ROWS = [
    {"id": 1, "fin": "F-101", "dev": "f-101", "name": "x"},
    {"id": 2, "fin": "a", "dev": "b", "name": "X"},
    {"id": 3, "fin": "a", "dev": "c", "name": "B"},
]
PEOPLE = [{"person": "a", "alias": "A"}, {"person": "b", "alias": "bb"}]
ALL = "COUNT(*) AS rows FROM lines"
JOINED = "COUNT(*) AS numerator, COUNT(*) AS rows FROM lines AS l JOIN plans AS p ON"

BOTH = "(SELECT fin AS w FROM lines UNION ALL SELECT dev AS w FROM lines) AS t"

# The query, and the columns whose ids it compares so that nobody knows.
CASES = [
    (f"COUNT(CASE WHEN fin <> dev THEN 1 END) AS numerator, {ALL}", "dev and fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE fin <> dev", "dev and fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE fin < dev OR fin > dev", "dev and fin"),
    (f"COUNT(*) AS numerator, {ALL} HAVING MIN(fin) < MAX(dev)", "dev and fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE NOT (fin BETWEEN dev AND dev)", "dev and fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE fin = 'f-101'", "fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE fin IN ('f-101', 'b')", "fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE fin = 'F-101' AND dev = 'f-101'", "dev and fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE fin LIKE 'f-101'", "fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE LOWER(fin) = LOWER(dev)", "dev and fin"),
    (f"COUNT(*) AS numerator, {ALL} WHERE COALESCE(fin, '') = 'a'", ""),
    (f"COUNT(*) AS numerator, {ALL} WHERE fin IS NOT NULL AND dev IS NOT NULL", ""),
    (f"COUNT(*) AS numerator, {ALL} WHERE fin IN (SELECT alias FROM plans)", "fin"),
    (f"COUNT(DISTINCT fin) AS numerator, {ALL}", ""),
    (f"COUNT(DISTINCT name) AS numerator, {ALL}", ""),
    (f"COUNT(*) AS numerator, {ALL} WHERE name = 'b'", ""),
    (f"COUNT(*) AS numerator, COUNT(*) AS rows FROM {BOTH}", ""),
    (f"COUNT(*) AS numerator, COUNT(*) AS rows FROM {BOTH.replace('ALL ', '')}", "dev and fin"),
    (f"COUNT(DISTINCT w) AS numerator, COUNT(*) AS rows FROM {BOTH}", "dev and fin"),
    (f"SUM(1) AS numerator, SUM(1) AS rows FROM (SELECT w FROM {BOTH} GROUP BY w) AS g", "dev and fin"),
    (f"SUM(1) AS numerator, SUM(1) AS rows FROM (SELECT DISTINCT w FROM {BOTH}) AS g", "dev and fin"),
    (f"{JOINED} p.person = l.fin", ""),
    (f"{JOINED} p.person = l.dev", ""),
    (f"{JOINED} p.alias = l.fin", "fin"),
    (f"{JOINED} p.alias = l.name", ""),
]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(("sql", "columns"), CASES, ids=[case[0] for case in CASES])
def test_a_query_compares_people(one: One, sql: str, columns: str) -> None:
    contracts: dict[str, Any] = {"lines": APPROVALS, "plans": STAFF}
    fact = one({"sql": f"SELECT {sql}", "sources": ["plans"]}, ROWS, PEOPLE, contracts=contracts)
    if columns:
        assert (fact.status, fact.reason.partition(",")[0]) == (
            "error",
            f"1 id in {columns} differs from another in nothing that a reader sees",
        )
    else:
        assert fact.reason in ("", "no rows")


def test_no_id_is_told(one: One) -> None:
    contracts: dict[str, Any] = {"lines": APPROVALS, "plans": STAFF}
    fact = one({"sql": f"SELECT COUNT(*) AS numerator, {ALL} WHERE fin <> dev"}, ROWS, contracts=contracts)
    assert "101" not in fact.reason
