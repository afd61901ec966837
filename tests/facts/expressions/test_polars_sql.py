"""What is written for polars is what was read, whatever columns and texts are called."""

import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.facts.expressions import polars_sql
from phasegate.facts.expressions.expression import (
    Expression,
    ExpressionError,
    Kind,
    Name,
    Part,
    Scope,
    Slot,
    add_columns,
    parse,
)
from phasegate.facts.expressions.polars_sql import quoted, written
from phasegate.facts.expressions.queries.query import read_query
from phasegate.facts.expressions.tree import op
from phasegate.facts.expressions.types import Text
from phasegate.facts.measures.query_frames import run

HOSTILE = [
    'a"b',
    '"',
    '""',
    'a" = "a" OR "b',
    "n\" FROM t UNION ALL SELECT pw FROM read_csv('x.csv') AS z --",
    "it's",
    "';--",
    "back\\slash\\",
    "new\nline",
    "/* no comment */",
    "-- no comment",
    "§0",
    "§1",
    "{{ x }}",
    "é \u00a0 ü",
    "SELECT",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_of_any_name_is_that_column(name: str) -> None:
    frame = pl.LazyFrame({name: ["x", "y"], "other": ["x", "x"]})
    scope = Scope("t", {name: Kind("string"), "other": Kind("string")})
    sql = f"{quoted(Name(name))} = 'x'"
    found = add_columns(frame, {"found": parse(sql, scope)}, {})
    assert found.collect()["found"].to_list() == [True, False]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_query_reads_columns_tables_and_aliases_of_any_name(name: str) -> None:
    own = quoted(Name(name))
    scope = Scope(name, {name: Kind("integer")})
    sql = f"""SELECT SUM({own}.{own}) AS numerator, COUNT(*) AS rows
              FROM (SELECT x.{own} AS {own} FROM {own} AS x) AS {own}"""
    query = read_query(sql, {name: scope})
    assert (query.tables, query.columns) == ((name,), (name,))
    result = run(sql, query.bind({}), {name: pl.LazyFrame({name: [1, 2, 3]})}, sliced=False)
    assert result.collect().to_dict(as_series=False) == {"numerator": [6], "rows": [3]}


@given(
    text=st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Co", "Cn"]), max_size=20)
)
def test_a_text_is_that_text(text: str) -> None:
    scope = Scope("t", {"s": Kind("string")})
    frame = pl.LazyFrame({"s": [text, text + "x"]})
    found = add_columns(frame, {"found": parse(f"s = {quoted(Text(text))}", scope)}, {})
    assert found.collect()["found"].to_list() == [True, False]


@pytest.mark.parametrize("name", HOSTILE[:5])
def test_a_name_that_is_quoted_wrongly_does_not_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polars_sql, "quoted", lambda part: f'"{part.text}"')
    with pytest.raises(ExpressionError, match="not what was read"):
        written("x", (Name(name), " IS NULL"), {})
    with pytest.raises(ExpressionError, match="not what was read"):
        written("x", ("SELECT ", Name(name), " FROM ", Name("t")), {}, query=True)


@pytest.mark.parametrize(
    ("parts", "query"),
    [
        (("read_csv('x')",), False),
        (("NOW()",), False),
        ((Name("a"), " > (SELECT MAX(", Name("a"), ") FROM ", Name("t"), ")"), False),
        (("SUM(", Name("a"), ")"), False),
        (("a",), False),
        ((Name("a"), " -- a comment"), False),
        ((Name("a"), "; DROP TABLE ", Name("t")), False),
        (("SELECT ", Name("a"), " FROM read_csv('x')"), True),
        (("SELECT ", Name("a"), " FROM t"), True),
        (("SELECT * EXCLUDE (", Name("a"), ") FROM ", Name("t")), True),
        (("SELECT ", Name("a"), " FROM ", Name("t"), " ORDER BY ", Name("a")), True),
        (("SELECT ", Name("a"), " FROM ", Name("t"), " LIMIT 1"), True),
        (("SELECT SUM(", Name("a"), ") OVER () FROM ", Name("t")), True),
        ((Name("a"), " ="), False),
    ],
)
def test_what_no_reader_makes_does_not_run(parts: tuple[Part, ...], query: bool) -> None:
    with pytest.raises(ExpressionError, match="not what was read"):
        written("x", parts, {}, query=query)


def test_polars_reads_the_columns_that_were_read() -> None:
    forged = Expression("a IS NULL", "boolean", 0, op("is null", Name("b")), ("a",), ())
    with pytest.raises(ExpressionError, match="other columns"):
        forged.compile({})


@pytest.mark.parametrize(
    ("slot", "values", "text"),
    [
        (Slot("d", "date"), {"d": dt.date(2026, 2, 28)}, "DATE '2026-02-28'"),
        (Slot("d", "date", ((-1, 31),)), {"d": dt.date(2026, 3, 31)}, "DATE '2026-02-28'"),
        (Slot("n", "number"), {"n": 3_000_000_000}, "CAST(3000000000 AS DECIMAL(38,9))"),
        (Slot("n", "days"), {"n": 31}, "CAST(31 AS BIGINT)"),
    ],
)
def test_a_parameter_has_the_width_of_a_column(slot: Slot, values: dict[str, object], text: str) -> None:
    assert written("x", (Name("a"), " = ", slot), values) == f'"a" = {text}'  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["*", "^other$", "^.*$", "tag:Tags:6f"])
def test_a_name_that_means_something_else_is_refused(name: str) -> None:
    """polars reads some names as patterns, which other columns match."""
    own, scope = quoted(Name(name)), Scope("t", {name: Kind("string"), "other": Kind("string")})
    results = "AS numerator, COUNT(*) AS rows FROM t"
    for sql in (
        f"SELECT COUNT({own}) {results}",
        f"SELECT COUNT(t.{own}) {results}",
        f"SELECT COUNT(t.other) {results} JOIN t AS u USING ({own})",
        f"SELECT COUNT(g.{own}) AS numerator, COUNT(*) AS rows FROM (SELECT other AS {own} FROM t) AS g",
    ):
        with pytest.raises(ExpressionError, match=r"calls a tag|several columns"):
            read_query(sql, {"t": scope})
    with pytest.raises(ExpressionError) as caught:
        parse(f"{own} = 'x'", scope)
    assert caught.value.hint == "give it another name in the file"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("sql", "deepest"),
    [
        # how a level is written, and how many of them polars reads at least
        ("COALESCE({}, 1)", 20),
        ("LEAST({}, 1) + 1", 1),
        ("({} + 1) * 1.0", 12),
        ("CASE WHEN n > 1 THEN {} ELSE 2 END", 12),
        ("days_between(date_plus('2026-01-01', {}), '2026-01-01')", 6),
    ],
)
def test_a_deep_text_is_refused_before_polars_reads_it(sql: str, deepest: int) -> None:
    """Polars' parser takes minutes to give up on some of them."""
    scope, text = Scope("t", {"n": Kind("integer")}), "n"
    for depth in range(1, 45):
        text = sql.replace("{}", text)
        said = _refused(lambda sql=f"{text} > 1": parse(sql, scope).compile({}))
        if said:
            assert any(word in said for word in ("too deep", "too large", "deeper than"))
            assert depth > deepest
            return
    pytest.fail("never refused")


def _refused(read: Callable[[], object]) -> str:
    """Why a text is refused; empty where it is not."""
    try:
        read()
    except ExpressionError as error:
        return error.what
    return ""


def test_a_deep_query_is_refused_before_polars_reads_it() -> None:
    scope, part = Scope("t", {"n": Kind("integer")}), "t"
    for depth in range(1, 30):
        part = f"(SELECT n FROM {part}) AS x{depth}"
        query = read_query(f"SELECT COUNT(*) AS numerator, COUNT(*) AS rows FROM {part}", {"t": scope})
        said = _refused(lambda query=query: query.bind({}))
        if said:
            assert "too deep" in said
            assert depth > 18
            return
        run(query.sql, query.bind({}), {"t": pl.LazyFrame({"n": [1]})}, sliced=False)
    pytest.fail("never refused")
