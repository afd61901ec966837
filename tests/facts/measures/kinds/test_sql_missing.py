"""A missing value decides nothing in a query either: it is an error, unless the query says what it means."""

import datetime as dt
from collections.abc import Callable

import pytest

from phasegate.facts.expressions.expression import Kind, Scope, parse
from phasegate.facts.expressions.queries.query import read_query
from phasegate.facts.model.fact import Fact, FactSet

One = Callable[..., Fact]
DAY = dt.date(2026, 3, 1)
NAMES = ("day", "point", "team", "kind", "met", "amount", "plan", "units")
ROWS = [
    dict(zip(NAMES, row, strict=True))
    for row in (
        (DAY, "1.1", "a", "x", True, "1", "1", 1),
        (DAY, "1.1", "b", "x", None, "2", None, 2),
        (DAY, "1.2", None, "y", False, None, "3", 3),
    )
]
PLANS = [{"point": "1.1", "team": "a", "planned": "4"}, {"point": "1.2", "team": None, "planned": None}]
ALL = "COUNT(*) AS rows FROM lines"
NOTHING = "(SELECT MAX(planned) FROM plans WHERE point = '9')"

# A query, and the columns of which it lacks values with their number; none where it says what they mean.
CASES = [
    ("SUM(amount)", ALL, {"amount": 1}),
    ("SUM(amount)", f"{ALL} WHERE kind = 'x'", {}),
    ("SUM(amount)", f"{ALL} WHERE amount IS NOT NULL", {}),
    ("SUM(amount)", f"{ALL} WHERE amount IS NOT NULL AND amount > 0", {}),
    ("SUM(COALESCE(amount, 0))", ALL, {}),
    ("SUM(amount + plan)", ALL, {"amount": 1, "plan": 1}),
    ("SUM(amount + plan)", f"{ALL} WHERE kind = 'x'", {"plan": 1}),
    ("MAX(amount)", ALL, {"amount": 1}),
    ("MIN(units)", ALL, {}),
    ("COUNT(amount)", ALL, {}),
    ("COUNT(DISTINCT team)", ALL, {"team": 1}),
    ("COUNT(DISTINCT COALESCE(team, ''))", ALL, {}),
    ("COUNT(CASE WHEN met THEN 1 END)", ALL, {"met": 1}),
    ("COUNT(CASE WHEN met IS TRUE THEN 1 END)", ALL, {}),
    ("COUNT(CASE WHEN amount IS NULL THEN 1 END)", ALL, {}),
    ("COUNT(CASE WHEN kind = 'x' THEN amount END)", ALL, {}),
    ("COUNT(CASE WHEN kind = 'x' AND met THEN 1 END)", f"{ALL} WHERE kind = 'y'", {}),
    ("COUNT(CASE WHEN kind = 'x' AND met THEN 1 END)", ALL, {"met": 1}),
    ("SUM(CASE WHEN kind = 'x' THEN amount ELSE 0 END)", ALL, {}),
    ("SUM(CASE WHEN kind = 'x' THEN amount END)", ALL, {}),
    ("SUM(CASE WHEN met THEN 1 ELSE 0 END)", ALL, {"met": 1}),
    ("SUM(NULLIF(units, 1))", ALL, {}),
    ("SUM(amount)", "COUNT(*) AS rows, COUNT(*) - COUNT(amount) AS nulls FROM lines", {}),
    (
        "SUM(amount)",
        "COUNT(*) AS rows, COUNT(CASE WHEN plan IS NULL THEN 1 END) AS nulls FROM lines",
        {"amount": 1},
    ),
    # What it returns as nulls excuses no more rows than it counts.
    (
        "SUM(amount)",
        "COUNT(*) AS rows, COUNT(CASE WHEN amount IS NULL AND kind = 'z' THEN 1 END) AS nulls FROM lines",
        {"amount": 1},
    ),
    ("SUM(amount)", "COUNT(*) AS rows, 0 * COUNT(amount) AS nulls FROM lines", {"amount": 1}),
    ("SUM(amount)", "COUNT(*) AS rows, 0.5 * (COUNT(*) - COUNT(amount)) AS nulls FROM lines", {"amount": 1}),
    (
        "SUM(amount + plan)",
        "COUNT(*) AS rows, COUNT(*) - COUNT(amount) + 0 * COUNT(plan) AS nulls FROM lines",
        {"amount": 1, "plan": 1},
    ),
    (
        "SUM(amount + plan)",
        "COUNT(*) AS rows, COUNT(CASE WHEN amount IS NULL OR plan IS NULL THEN 1 END) AS nulls FROM lines",
        {},
    ),
    (
        "COUNT(CASE WHEN NULLIF(kind, 'x') <> 'z' THEN 1 END)",
        "COUNT(*) AS rows, COUNT(*) - COUNT(amount) AS nulls FROM lines",
        {"a value (NULLIF)": 2},
    ),
    ("COUNT(*)", f"{ALL} WHERE met", {"met": 1}),
    ("COUNT(*)", f"{ALL} WHERE met IS TRUE", {}),
    ("COUNT(*)", f"{ALL} WHERE met AND kind = 'y'", {}),
    ("COUNT(*)", f"{ALL} WHERE met OR kind = 'x'", {}),
    ("COUNT(*)", f"{ALL} WHERE met OR kind = 'z'", {"met": 1}),
    ("COUNT(*)", f"{ALL} WHERE NOT (amount > 1)", {"amount": 1}),
    ("COUNT(*)", f"{ALL} WHERE amount > 1 AND amount < 9", {"amount": 1}),
    ("COUNT(*)", f"{ALL} WHERE team IN (SELECT team FROM plans WHERE planned IS NOT NULL)", {"team": 1}),
    ("COUNT(*)", f"{ALL} WHERE team IS NOT NULL AND team NOT IN (SELECT team FROM plans)", {"team": 1}),
    ("COUNT(*)", f"{ALL} WHERE kind NOT IN (SELECT point FROM plans)", {}),
    ("COUNT(*)", f"{ALL} WHERE EXISTS (SELECT team FROM plans)", {}),
    ("COUNT(*)", f"{ALL} WHERE EXISTS (SELECT team FROM plans WHERE planned > 9)", {"planned": 1}),
    ("COUNT(*)", f"{ALL} WHERE units > (SELECT SUM(planned) FROM plans WHERE point = '1.1')", {}),
    ("COUNT(*)", f"{ALL} WHERE units > (SELECT SUM(planned) FROM plans)", {"planned": 1}),
    # A SELECT that finds no rows has no value, and NULLIF may have none: both would drop what hangs on it.
    ("COUNT(*)", f"{ALL} WHERE units > {NOTHING}", {"the value of a SELECT": 3}),
    ("COUNT(*)", f"{ALL} WHERE units > COALESCE({NOTHING}, 0)", {}),
    (f"COUNT(CASE WHEN units > {NOTHING} THEN 1 END)", ALL, {"the value of a SELECT": 3}),
    (f"SUM(CASE WHEN kind = 'y' THEN {NOTHING} ELSE 1 END)", ALL, {"the value of a SELECT": 1}),
    (
        "COUNT(*)",
        f"COUNT(*) AS rows FROM (SELECT units FROM lines GROUP BY units HAVING COUNT(*) > {NOTHING}) AS t",
        {"the value of a SELECT": 3},
    ),
    (
        "COUNT(*)",
        f"COUNT(*) AS rows FROM lines AS l JOIN plans AS p ON p.point = l.point AND l.units > {NOTHING}",
        {"the value of a SELECT": 3},
    ),
    ("COUNT(*)", f"{ALL} WHERE NULLIF(kind, 'x') <> 'z'", {"a value (NULLIF)": 2}),
    ("COUNT(*)", f"{ALL} WHERE (NULLIF(kind, 'x') <> 'z') IS TRUE", {}),
    ("COUNT(*)", f"{ALL} WHERE NULLIF(team, 'a') <> 'z'", {"a value (NULLIF)": 1, "team": 1}),
    ("COUNT(CASE WHEN NULLIF(kind, 'x') <> 'z' THEN 1 END)", ALL, {"a value (NULLIF)": 2}),
    (
        "COUNT(*)",
        f"{ALL} WHERE kind NOT IN (SELECT NULLIF(point, '1.1') FROM plans)",
        {"a value (NULLIF)": 3},
    ),
    ("COUNT(*)", f"{ALL} WHERE CASE WHEN kind = 'x' THEN TRUE END", {}),
    ("COUNT(*)", f"{ALL} WHERE CASE WHEN kind = 'x' THEN 1 END = 1", {"a value (CASE without ELSE)": 1}),
    # Joins: a key that is missing pairs with nothing, and a row that is not there has no values.
    ("COUNT(*)", "COUNT(*) AS rows FROM lines AS l JOIN plans AS p ON p.team = l.team", {"team": 1}),
    ("COUNT(*)", "COUNT(*) AS rows FROM lines AS l JOIN plans AS p ON p.point = l.point", {}),
    ("COUNT(*)", "COUNT(*) AS rows FROM lines AS l JOIN plans AS p USING (point)", {}),
    ("COUNT(*)", "COUNT(*) AS rows FROM lines JOIN plans USING (team)", {"team": 1}),
    (
        "COUNT(*)",
        "COUNT(*) AS rows FROM lines l JOIN plans p ON p.team = l.team WHERE kind = 'x' AND p.point = '1.1'",
        {},
    ),
    (
        "COUNT(*)",
        "COUNT(*) AS rows FROM lines AS l LEFT JOIN plans AS p ON p.team = l.team WHERE l.kind = 'x'",
        {"team": 1},
    ),
    ("COUNT(*)", "COUNT(*) AS rows FROM lines AS l, plans AS p WHERE p.team = l.team", {"team": 1}),
    (
        "COUNT(*)",
        "COUNT(*) AS rows FROM lines l, plans p WHERE p.team = l.team AND l.team IS NOT NULL AND p.team > ''",
        {"team": 1},
    ),
    ("COUNT(*)", "COUNT(*) AS rows FROM lines AS l, plans AS p WHERE p.point = l.point", {}),
    (
        "SUM(p.planned)",
        "COUNT(*) AS rows FROM lines AS l LEFT JOIN plans AS p ON p.point = l.kind",
        {"planned": 3},
    ),
    (
        "SUM(COALESCE(p.planned, 0))",
        "COUNT(*) AS rows FROM lines AS l LEFT JOIN plans AS p ON p.point = l.kind",
        {},
    ),
    (
        "COUNT(p.point)",
        "COUNT(*) AS rows FROM lines AS l LEFT JOIN plans AS p ON p.point = l.kind",
        {},
    ),
    (
        "COUNT(CASE WHEN p.point = '1.1' THEN 1 END)",
        "COUNT(*) AS rows FROM lines AS l LEFT JOIN plans AS p ON p.point = l.kind",
        {"point": 3},
    ),
    (
        "COUNT(*)",
        "COUNT(*) AS rows FROM lines AS l LEFT JOIN plans AS p ON p.point = l.kind WHERE p.point <> '9'",
        {"point": 3},
    ),
    # Groups, and queries within.
    (
        "SUM(n)",
        "SUM(n) AS rows FROM (SELECT team, COUNT(*) AS n FROM lines GROUP BY team) AS t",
        {"team": 1},
    ),
    (
        "SUM(n)",
        "SUM(n) AS rows FROM (SELECT COALESCE(team, '') AS k, COUNT(*) AS n FROM lines GROUP BY k) AS t",
        {},
    ),
    ("COUNT(*)", "COUNT(*) AS rows FROM (SELECT DISTINCT team FROM lines) AS t", {"team": 1}),
    (
        "COUNT(*)",
        "COUNT(*) AS rows FROM (SELECT team FROM lines UNION SELECT team FROM plans) AS t",
        {"team": 1},
    ),
    ("COUNT(*)", "COUNT(*) AS rows FROM (SELECT team FROM lines UNION ALL SELECT team FROM plans) AS t", {}),
    ("COUNT(team)", "COUNT(*) AS rows FROM (SELECT team FROM lines) AS t", {}),
    ("COUNT(k)", "COUNT(*) AS rows FROM (SELECT CASE WHEN met THEN 1 END AS k FROM lines) AS t", {"k": 2}),
    (
        "COUNT(j)",
        "COUNT(*) AS rows FROM (SELECT k AS j FROM (SELECT units + plan AS k FROM lines) a) b",
        {"j": 1},
    ),
    ("COUNT(k)", "COUNT(*) AS rows FROM (SELECT CASE WHEN met IS TRUE THEN 1 END AS k FROM lines) AS t", {}),
    ("COUNT(DISTINCT who)", "COUNT(*) AS rows FROM (SELECT team AS who FROM lines) AS t", {"who": 1}),
    ("SUM(s)", "COUNT(*) AS rows FROM (SELECT kind, SUM(units) AS s FROM lines GROUP BY kind) AS t", {}),
    (
        "SUM(s)",
        "COUNT(*) AS rows FROM (SELECT kind, SUM(amount) AS s FROM lines GROUP BY kind) AS t",
        {"amount": 1, "s": 1},
    ),
    ("COUNT(*)", f"{ALL} HAVING SUM(amount) > 0", {"amount": 1}),
]


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize(("value", "rest", "lacking"), CASES, ids=[f"{case[0]}, {case[1]}" for case in CASES])
def test_what_a_query_lacks(one: One, value: str, rest: str, lacking: dict[str, int]) -> None:
    fact = one({"sql": f"SELECT {value} AS numerator, {rest}", "sources": ["plans"]}, ROWS, PLANS)
    if lacking:
        each = (f"{count} {'lacks' if count == 1 else 'lack'} {name}" for name, count in lacking.items())
        assert fact.status == "error"
        assert fact.reason.partition(": ")[0] == f"of the rows that the query reads, {', and '.join(each)}"
    else:
        assert "lack" not in fact.reason
        told = (
            "no rows",
            "the query returned rows, and no numerator",
            "1 row has no value where one is added up",
            "2 rows have no value where one is added up",
        )
        assert fact.status == "present" or fact.reason in told


def test_a_missing_date_makes_nothing_newer(one: One) -> None:
    sql = "SELECT COUNT(*) AS numerator, COUNT(*) AS rows, MAX(written) AS newest FROM lines"
    rows = [{**ROWS[0], "written": DAY}, {**ROWS[0], "written": None}]
    assert (one({"sql": sql}, rows).status, one({"sql": sql}, rows).newest) == ("present", DAY)
    earliest = one({"sql": sql.replace("MAX", "MIN")}, rows)
    assert earliest.reason.startswith("of the rows that the query reads, 1 lacks written")


def test_each_point_is_told(measure: Callable[..., FactSet]) -> None:
    sql = f"SELECT point AS slice, SUM(amount) AS numerator, {ALL} GROUP BY point"
    facts = measure({"m": {"sql": sql, "by": "point"}}, ROWS).slices("m")
    assert [fact.status for fact in facts] == ["error"] * 3


@pytest.mark.parametrize(
    ("derived", "counted"),
    [("CASE WHEN met THEN 1 END", ("k",)), ("CASE WHEN met IS TRUE THEN 1 END", ()), ("n", ())],
)
def test_a_derived_column_may_be_empty_because_something_else_is(
    derived: str, counted: tuple[str, ...]
) -> None:
    columns = {"met": Kind("boolean"), "n": Kind("integer")}
    scope = Scope("t", columns | {"k": parse(derived, Scope("t", columns)).kind})
    read = read_query("SELECT COUNT(k) AS numerator, COUNT(*) AS rows FROM t", {"t": scope})
    assert tuple(name for check in read.checks for name in check.names) == counted


def test_a_tag_is_missing(one: One) -> None:
    rows = [{**ROWS[0], "kind": '{"owner": "a"}'}, {**ROWS[0], "kind": "{}"}]
    sql = f"SELECT COUNT(CASE WHEN tag(kind, 'owner') = 'a' THEN 1 END) AS numerator, {ALL}"
    assert "1 lacks tag(kind, 'owner')" in one({"sql": sql}, rows).reason
    said = sql.replace("tag(kind, 'owner')", "COALESCE(tag(kind, 'owner'), '')")
    assert one({"sql": said}, rows).value == 1


# What a query counts itself, as nulls, it counts slice by slice: none answers for another.

COUNTED = "COUNT(*) - COUNT(amount)"
SLICED = [
    # how nulls are counted, and the rows of point or team, amount: what is lacked in each slice
    (COUNTED, [("1.1", "1"), ("1.2", "2")], {"1.1": 0, "1.2": 0}),
    (COUNTED, [("1.1", None), ("1.2", "2")], {"1.1": 1, "1.2": 0}),
    (f"CASE WHEN kind = 'x' THEN 0 ELSE 9 + {COUNTED} END", [("1.1", None), ("1.2", "2")], {"1.1": 1}),
    (f"CASE WHEN kind = 'x' THEN 0 ELSE 9 + {COUNTED} END", [("1.1", "1"), ("1.2", None)], {"1.1": 0}),
]


@pytest.mark.parametrize("by", ["point", "team"])
@pytest.mark.parametrize(("nulls", "cells", "lacking"), SLICED)
def test_no_slice_is_excused_by_another(
    measure: Callable[..., FactSet],
    by: str,
    nulls: str,
    cells: list[tuple[str, str | None]],
    lacking: dict[str, int],
) -> None:
    rows = [
        {**ROWS[0], by: name, "kind": "x" if name == "1.1" else "y", "amount": amount}
        for name, amount in cells
    ]
    sql = (
        f"SELECT {by} AS slice, COUNT(CASE WHEN amount > 0 THEN 1 END) AS numerator, COUNT(*) AS rows, "
        f"{nulls} AS nulls FROM lines GROUP BY {by}, kind"
    )
    found = {fact.slice: fact for fact in measure({"m": {"sql": sql, "by": by}}, rows).slices("m")}
    for name, count in lacking.items():
        assert (found[name].status == "error") == bool(count), (name, found[name].reason)


def test_a_slice_is_told_by_itself(measure: Callable[..., FactSet]) -> None:
    rows = [{**ROWS[0], "point": name, "amount": amount} for name, amount in (("1.1", None), ("1.2", "2"))]
    sql = (
        "SELECT point AS slice, SUM(amount) AS numerator, COUNT(*) AS rows, "
        "0 * COUNT(amount) AS nulls FROM lines GROUP BY point"
    )
    first, second = measure({"m": {"sql": sql, "by": "point"}}, rows).slices("m")[:2]
    assert first.reason.startswith("of the rows that the query reads, 1 lacks amount")
    assert second.status == "present"


@pytest.mark.parametrize("by", ["point", "team"])
def test_what_names_no_slice_may_be_of_any_point(measure: Callable[..., FactSet], by: str) -> None:
    """Of a column it has a slice of its own."""
    rows = [{**ROWS[0], by: name} for name in ("1.1", "1.2", None)]
    sql = (
        f"SELECT {by} AS slice, COUNT(*) AS numerator, COUNT(*) AS rows, COUNT(*) - COUNT({by}) AS nulls "
        f"FROM lines GROUP BY {by}"
    )
    facts = measure({"m": {"sql": sql, "by": by}}, rows).slices("m")
    found = {fact.slice: fact.status for fact in facts}
    if by == "point":
        assert set(found.values()) == {"error"}
    else:
        assert found == {"1.1": "present", "1.2": "present", "(no value)": "error"}


def test_a_slice_that_having_leaves_out_is_excused_by_nobody(measure: Callable[..., FactSet]) -> None:
    rows = [{**ROWS[0], "team": name, "amount": amount} for name, amount in (("a", "1"), ("b", None))]
    sql = (
        f"SELECT team AS slice, SUM(amount) AS numerator, COUNT(*) AS rows, {COUNTED} AS nulls FROM lines "
        "GROUP BY team HAVING SUM(amount) > 0"
    )
    (fact,) = measure({"m": {"sql": sql, "by": "team"}}, rows).slices("m")
    assert (fact.slice, fact.status) == ("a", "error")
    assert fact.reason.startswith("of the rows that the query reads, 1 lacks amount")


def test_rows_of_points_that_the_pack_does_not_have_shut_nothing(measure: Callable[..., FactSet]) -> None:
    rows = [{**ROWS[0], "point": name, "amount": amount} for name, amount in (("1.1", "1"), ("9.9", None))]
    sql = (
        f"SELECT point AS slice, SUM(amount) AS numerator, COUNT(*) AS rows, {COUNTED} AS nulls FROM lines "
        "GROUP BY point"
    )
    fact = measure({"m": {"sql": sql, "by": "point"}}, rows).facts["m", "1.1"]
    assert fact.status == "present"


def test_both_sides_of_a_union_count_in_their_slices(measure: Callable[..., FactSet]) -> None:
    rows = [{**ROWS[0], "team": name, "amount": amount} for name, amount in (("a", "1"), ("b", None))]
    side = (
        "SELECT team AS slice, SUM(amount) AS numerator, COUNT(*) AS rows, {nulls} AS nulls FROM lines "
        "WHERE team = '{team}' GROUP BY team"
    )
    for nulls, told in (
        (COUNTED, "1 row has no value"),
        ("0 * COUNT(amount)", "of the rows"),
    ):
        sql = (
            side.format(nulls="9 + 0 * COUNT(amount)", team="a")
            + " UNION ALL "
            + side.format(nulls=nulls, team="b")
        )
        facts = {fact.slice: fact for fact in measure({"m": {"sql": sql, "by": "team"}}, rows).slices("m")}
        assert facts["b"].status == "error"
        assert facts["b"].reason.startswith(told)


def test_rows_of_a_query_without_groups_name_their_slices(measure: Callable[..., FactSet]) -> None:
    rows = [{**ROWS[0], "point": name} for name in ("1.1", None)]
    sql = "SELECT point AS slice, units AS numerator, units AS rows FROM lines"
    facts = measure({"m": {"sql": sql, "by": "point"}}, rows).slices("m")
    assert {fact.status for fact in facts} == {"error"}
    assert "1 lacks point" in facts[0].reason


def test_both_sides_of_a_union_name_their_columns_alike(measure: Callable[..., FactSet]) -> None:
    sql = (
        "SELECT COUNT(*) AS numerator, COUNT(*) AS rows, 0 * COUNT(*) AS nulls FROM lines UNION ALL "
        "SELECT COUNT(*) AS numerator, COUNT(*) AS nulls, COUNT(*) AS rows FROM lines"
    )
    fact = measure({"m": {"sql": sql}}, ROWS).facts["m", ""]
    assert fact.reason.startswith("a column is rows on one side of UNION and nulls on another")
