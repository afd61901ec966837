"""What expressions are changed to, one thing at a time."""

from __future__ import annotations

import pytest

from phasegate.facts.mutants.rewordings import rewordings

TEXTS = {"status": ("open", "paid", "void")}

CHANGED: dict[str, tuple[str, ...]] = {
    # A comparison: the limit itself is on the other side, and the figure moves by its last digit.
    "amount > 5": ("amount >= 5", "amount > 6", "amount > 4"),
    "amount <= 0.50": ("amount < 0.50", "amount <= 0.51", "amount <= 0.49"),
    "amount = due": ("amount <> due",),
    "amount <> due": ("amount = due",),
    "1 < amount": ("2 < amount", "0 < amount", "1 <= amount"),
    "amount > 0": ("amount >= 0", "amount > 1", "amount > -1"),
    "due_on < :as_of - 31 days": (
        "due_on <= :as_of - 31 days",
        "due_on < :as_of + 31 days",
        "due_on < :as_of - 32 days",
        "due_on < :as_of - 30 days",
    ),
    "due_on >= '2026-03-01'": ("due_on > '2026-03-01'", "due_on >= '2026-03-02'", "due_on >= '2026-02-28'"),
    # A text is another one that the contract allows; of others nobody knows any.
    "status = 'paid'": ("status <> 'paid'", "status = 'void'"),
    "name = 'paid'": ("name <> 'paid'",),
    # Each of what is joined is dropped, and the word between is the other one.
    "a AND b": ("a OR b", "b", "a"),
    "a AND b AND c": ("a OR b AND c", "b AND c", "a AND c", "a AND b OR c", "a AND b"),
    "a OR b AND c": ("a AND b AND c", "b AND c", "a", "a OR b OR c", "a OR c", "a OR b"),
    "a AND (b OR c)": ("a OR (b OR c)", "(b OR c)", "a", "a AND (b AND c)", "a AND (c)", "a AND (b)"),
    "(a AND b) IS TRUE": ("(a OR b) IS TRUE", "(b) IS TRUE", "(a) IS TRUE",
        "(a AND b) IS NOT TRUE", "(a AND b)"),
    # NOT, and what is missing.
    "NOT a": ("a",),
    "a IS NULL": ("a IS NOT NULL",),
    "a IS NOT NULL": ("a IS NULL",),
    "a = TRUE": ("a <> TRUE", "a = FALSE"),
    "status IN ('open', 'paid')": ("status NOT IN ('open', 'paid')", "status IN ('paid')",
        "status IN ('open')"),
    "status NOT IN ('open')": ("status IN ('open')",),
    "name LIKE 'x%'": ("name NOT LIKE 'x%'",),
    # Each end of BETWEEN: not included, and open; its AND is no other one.
    "day BETWEEN a AND b": ("(day > a AND day <= b)", "(day >= a AND day < b)", "day >= a", "day <= b"),
    "x AND day BETWEEN a AND b": (
        "x OR day BETWEEN a AND b",
        "day BETWEEN a AND b",
        "x",
        "x AND (day > a AND day <= b)",
        "x AND (day >= a AND day < b)",
        "x AND day >= a",
        "x AND day <= b",
    ),
    "CASE WHEN a > 1 THEN b ELSE 0 END": (
        "CASE WHEN a >= 1 THEN b ELSE 0 END",
        "CASE WHEN a > 2 THEN b ELSE 0 END",
        "CASE WHEN a > 0 THEN b ELSE 0 END",
        "CASE WHEN a > 1 THEN b ELSE 1 END",
        "CASE WHEN a > 1 THEN b ELSE -1 END",
    ),
    # COUNT counts whatever is there: which figure it is changes nothing. What is done with it does.
    "COUNT(CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END)": (),
    "COUNT(DISTINCT CASE WHEN a THEN 1 ELSE 2 END)": (
        "COUNT(CASE WHEN a THEN 1 ELSE 2 END)",
        "COUNT(DISTINCT CASE WHEN a THEN 2 ELSE 2 END)",
        "COUNT(DISTINCT CASE WHEN a THEN 0 ELSE 2 END)",
        "COUNT(DISTINCT CASE WHEN a THEN 1 ELSE 3 END)",
        "COUNT(DISTINCT CASE WHEN a THEN 1 ELSE 1 END)",
    ),
    "SUM(CASE WHEN a THEN 1 END)": ("SUM(CASE WHEN a THEN 2 END)", "SUM(CASE WHEN a THEN 0 END)"),
    "COUNT(CASE WHEN a > 1 THEN b END)": (
        "COUNT(CASE WHEN a >= 1 THEN b END)",
        "COUNT(CASE WHEN a > 2 THEN b END)",
        "COUNT(CASE WHEN a > 0 THEN b END)",
    ),
    "COUNT(CASE WHEN a THEN 1 END = 1)": (
        "COUNT(CASE WHEN a THEN 2 END = 1)",
        "COUNT(CASE WHEN a THEN 0 END = 1)",
        "COUNT(CASE WHEN a THEN 1 END <> 1)",
        "COUNT(CASE WHEN a THEN 1 END = 2)",
        "COUNT(CASE WHEN a THEN 1 END = 0)",
    ),
    # A CASE that gives nothing where nobody knows gives nothing either way; with more to give it may.
    "CASE WHEN (a) IS TRUE THEN b END": ("CASE WHEN (a) IS NOT TRUE THEN b END",),
    "CASE WHEN NOT a IS TRUE THEN b END": (
        "CASE WHEN a IS TRUE THEN b END",
        "CASE WHEN NOT a IS NOT TRUE THEN b END",
        "CASE WHEN NOT a THEN b END",
    ),
    "CASE WHEN a IS TRUE THEN b ELSE c END": (
        "CASE WHEN a IS NOT TRUE THEN b ELSE c END",
        "CASE WHEN a THEN b ELSE c END",
    ),
    "CASE WHEN a IS TRUE THEN b WHEN c THEN d END": (
        "CASE WHEN a IS NOT TRUE THEN b WHEN c THEN d END",
        "CASE WHEN a THEN b WHEN c THEN d END",
    ),
    "SELECT COUNT(CASE WHEN a IS TRUE THEN b END) AS n FROM t": (
        "SELECT COUNT(CASE WHEN a IS NOT TRUE THEN b END) AS n FROM t",
        "SELECT COUNT(CASE WHEN a THEN b END) AS n FROM t",
    ),
    "least(a, b) + 1": ("GREATEST(a, b) + 1", "least(a, b) - 1", "least(a, b) + 2", "least(a, b) + 0"),
    "a - -1": ("a + -1", "a - -2", "a - -0"),
    # What stands in quotes is no word.
    "\"a AND b\" = 'NOT x > 1'": ("\"a AND b\" <> 'NOT x > 1'",),
    "agreed": (),
}  # fmt: skip


@pytest.mark.parametrize("sql", CHANGED)
def test_each_change_of_an_expression(sql: str) -> None:
    assert tuple(each.text for each in rewordings(sql, TEXTS)) == CHANGED[sql]


def test_a_query_is_changed_in_all_its_clauses() -> None:
    sql = (
        "SELECT a.point AS slice, COUNT(DISTINCT a.team) AS numerator, MAX(t.day) AS newest\n"
        "FROM a LEFT JOIN t ON t.team = a.team WHERE t.covered AND a.n > 3 GROUP BY a.point"
    )
    assert [each.told for each in rewordings(sql, {})] == [
        "DISTINCT a.team -> a.team",
        "MAX(t.day) -> MIN(t.day)",
        "LEFT JOIN -> JOIN",
        "t.team = a.team -> t.team <> a.team",
        "AND -> OR before a.n > 3",
        "t.covered dropped",
        "a.n > 3 dropped",
        "a.n > 3 -> a.n >= 3",
        "a.n > 3 -> a.n > 4",
        "a.n > 3 -> a.n > 2",
    ]


@pytest.mark.parametrize(
    ("sql", "told", "under"),
    [
        ("a AND\n  b > 3", "b > 3 -> b >= 3", "> 3"),
        ("a AND b > 3", "b > 3 -> b > 4", "3"),
        ("a OR b", "b dropped", "b"),
        ("a BETWEEN 1 AND 2", "a BETWEEN 1 AND 2 -> a >= 1", "a BETWEEN 1 AND 2"),
        ("status IN ('open', 'paid')", "'paid' dropped from status IN", "'paid')"),
    ],
)
def test_a_change_knows_where_it_begins(sql: str, told: str, under: str) -> None:
    [found] = [each for each in rewordings(sql, TEXTS) if each.told == told]
    assert sql[found.at :] == under
