"""A text that a column's contract rules out is refused: its condition would be false for every row."""

from __future__ import annotations

import pytest

from phasegate.facts.expressions.expression import ExpressionError, Kind, Scope, condition
from phasegate.facts.expressions.queries.query import read_query

TEXT = Kind("string")
RISKS = Scope(
    "risks",
    {"status": TEXT, "note": TEXT, "amount": Kind("decimal", 2)},
    allowed={"status": ("open", "closed")},
)
OTHERS = Scope("others", {"status": TEXT}, allowed={"status": ("late",)})
FREE = Scope("free", {"status": TEXT})


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("status = 'opne'", "did you mean open?"),
        ("'Open' <> status", "did you mean open?"),
        ("amount > 1 AND NOT status IN ('open', 'xyz')", "it holds closed, open"),
        ("CASE WHEN status = '' THEN TRUE ELSE FALSE END", "it holds closed, open"),
    ],
)
def test_a_text_that_a_column_never_holds_is_refused(sql: str, hint: str) -> None:
    with pytest.raises(ExpressionError, match="its contract does not allow that") as caught:
        condition(sql, RISKS)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    "sql", ["status = 'open'", "status IN ('closed', 'open')", "note = 'opne'", "LOWER(status) = 'OPEN'"]
)
def test_other_texts_are_taken(sql: str) -> None:
    condition(sql, RISKS)


QUERY = "SELECT COUNT(CASE WHEN {} THEN 1 END) AS numerator, COUNT(*) AS rows FROM risks AS r"


def test_a_query_is_held_to_the_same() -> None:
    with pytest.raises(ExpressionError, match=r"status is never 'opne'"):
        read_query(QUERY.format("r.status = 'opne'"), {"risks": RISKS})
    with pytest.raises(ExpressionError, match=r"status is never 'opne'"):
        read_query(QUERY.format("r.status IN ('open', 'opne')"), {"risks": RISKS})
    read_query(QUERY.format("r.status = 'open'"), {"risks": RISKS})


def test_a_name_stands_for_the_column_of_its_own_table() -> None:
    both = {"risks": RISKS, "others": OTHERS}
    with pytest.raises(ExpressionError, match=r"status is never 'late'"):
        read_query(QUERY.format("status = 'late'"), both)
    read_query(QUERY.format("status = 'late'").replace("risks", "others"), both)
    joined = QUERY.format("{}status = 'late'") + " JOIN others AS o ON o.status = r.status"
    read_query(joined.format("o."), both)
    with pytest.raises(ExpressionError, match=r"status is a column of r and of o"):
        read_query(joined.format(""), both)


def test_an_alias_may_hold_anything() -> None:
    sql = """SELECT COUNT(CASE WHEN x.status = 'many' THEN 1 END) AS numerator, SUM(x.rows) AS rows
             FROM (SELECT CASE WHEN COUNT(*) > 9 THEN 'many' END AS status, COUNT(*) AS rows
                   FROM risks) AS x"""
    read_query(sql, {"risks": RISKS})
