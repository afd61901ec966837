"""A word of SQL is carried over, or refused at its place: none is dropped in silence."""

import pytest

from phasegate.facts.expressions.expression import ExpressionError, Kind, Scope, parse
from phasegate.facts.expressions.queries.query import read_query

SCOPE = Scope(
    "t",
    {
        "a": Kind("decimal", 2),
        "n": Kind("integer"),
        "s": Kind("string"),
        "d": Kind("date"),
        "ok": Kind("boolean"),
    },
)
HEAD = "SELECT SUM(a) AS numerator, COUNT(*) AS rows FROM t"


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("n BETWEEN SYMMETRIC 5 AND 1", "SYMMETRIC"),
        ("n BETWEEN ASYMMETRIC 1 AND 5", "ASYMMETRIC"),
        ("s LIKE ANY ('a')", ""),
        ("s SIMILAR TO 'a'", ""),
        ("s GLOB 'a'", ""),
        ("a IS DISTINCT FROM 1", ""),
        ("a IS NOT DISTINCT FROM 1", ""),
        ("LOWER(DISTINCT s) = 'a'", ""),
        ("COALESCE(s, 'x' IGNORE NULLS) = 'a'", ""),
        ("TRIM(LEADING FROM s) = 'a'", ""),
        ("s COLLATE \"C\" = 'a'", ""),
        ("d AT TIME ZONE 'UTC' > d", ""),
        ("month_of(d ORDER BY d) = 1", ""),
        ("CAST(s AS VARCHAR FORMAT 'x') = 'a'", ""),
        ("s = N'abc'", ""),
        ("s = 'a' 'b'", ""),
        ("s = e'a'", ""),
        ("n = 1_000", ""),
        ("n = 0x10", ""),
        ("ok IS JSON", ""),
        ("n = ALL (1)", ""),
    ],
)
def test_in_a_condition(sql: str, word: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(sql, SCOPE)
    if word:
        assert caught.value.position == sql.index(word)


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        (f"{HEAD} WHERE n BETWEEN SYMMETRIC 5 AND 1", "SYMMETRIC"),
        (f"{HEAD} UNION ALL BY NAME SELECT 1, 2 FROM t", "BY NAME"),
        (f"{HEAD} GROUP BY s WITH TOTALS", "TOTALS"),
        (f"{HEAD} GROUP BY ROLLUP(s)", ""),
        (f"{HEAD} GROUP BY CUBE(s)", ""),
        (f"{HEAD} GROUP BY GROUPING SETS ((s), ())", ""),
        (f"{HEAD} GROUP BY ALL", ""),
        (f"{HEAD} GROUP BY 1", ""),
        (f"WITH RECURSIVE x AS (SELECT 1 AS n) {HEAD}", "RECURSIVE"),
        (f"WITH x AS MATERIALIZED (SELECT n FROM t) {HEAD}", "MATERIALIZED"),
        (f"WITH x AS NOT MATERIALIZED (SELECT n FROM t) {HEAD}", ""),
        (f"WITH x (m) AS (SELECT n FROM t) {HEAD}", ""),
        ("SELECT SUM(DISTINCT a) AS numerator, COUNT(*) AS rows FROM t", ""),
        ("SELECT SUM(a ORDER BY n) AS numerator, COUNT(*) AS rows FROM t", ""),
        ("SELECT SUM(a) FILTER (WHERE ok) AS numerator, COUNT(*) AS rows FROM t", ""),
        ("SELECT DISTINCT ON (s) SUM(a) AS numerator, COUNT(*) AS rows FROM t", ""),
        ("SELECT TOP 5 SUM(a) AS numerator, COUNT(*) AS rows FROM t", ""),
        ("SELECT SUM(a) AS numerator, COUNT(*) AS rows FROM ONLY t", ""),
        ("SELECT SUM(a) AS numerator, COUNT(*) AS rows FROM t AS x (q)", ""),
        ("SELECT SUM(a) AS numerator, COUNT(*) AS rows INTO u FROM t", ""),
        (f"{HEAD} TABLESAMPLE (10)", ""),
        (f"{HEAD} FOR UPDATE", ""),
        (f"{HEAD} FOR SYSTEM_TIME AS OF '2026-01-01'", ""),
        (f"{HEAD} FETCH FIRST 1 ROWS ONLY", ""),
        (f"{HEAD} LIMIT 1", "LIMIT"),
        (f"{HEAD} OFFSET 1", "OFFSET"),
        (f"{HEAD} ORDER BY 1", "ORDER"),
        (f"{HEAD} QUALIFY TRUE", "QUALIFY"),
        (f"{HEAD} WINDOW w AS ()", "WINDOW"),
        (f"{HEAD} EXCEPT SELECT 1, 2 FROM t", ""),
        (f"{HEAD} INTERSECT SELECT 1, 2 FROM t", ""),
        (f"{HEAD} NATURAL JOIN t AS y", "NATURAL"),
        (f"{HEAD} AS x ASOF JOIN t AS y ON x.n = y.n", "ASOF"),
        (f"{HEAD} AS x LEFT SEMI JOIN t AS y ON x.n = y.n", ""),
        (f"{HEAD} AS x LEFT ANTI JOIN t AS y ON x.n = y.n", ""),
        (f"{HEAD} AS x, LATERAL (SELECT 1 AS q) AS y", ""),
        (f"{HEAD} AS x JOIN t AS y", ""),
        (f"{HEAD} WHERE n IN (SELECT n FROM t LIMIT 1)", "LIMIT"),
        (f"{HEAD} WHERE n = ANY (SELECT n FROM t)", ""),
        (f"{HEAD} WHERE EXISTS (SELECT 1 FROM t FOR UPDATE)", ""),
    ],
)
def test_in_a_query(sql: str, word: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_query(sql, {"t": SCOPE})
    if word:
        assert caught.value.position == sql.index(word)


@pytest.mark.parametrize(
    "sql",
    [
        HEAD.replace(" AS ", " "),
        HEAD.replace("SELECT", "SELECT ALL"),
        HEAD.lower(),
        f"{HEAD} UNION DISTINCT SELECT SUM(a), COUNT(*) FROM t",
        f"{HEAD.replace('(a)', '(x.a)')} AS x LEFT OUTER JOIN t AS y USING (n)",
        f"{HEAD} WHERE n IN (1, 2) AND s NOT LIKE 'a%' AND s NOT IN (SELECT s FROM t) AND ok IS NOT TRUE",
        f"{HEAD} WHERE d >= DATE '2026-01-01' AND d < CAST('2026-02-01' AS DATE) + 31 days",
    ],
)
def test_what_is_carried_over(sql: str) -> None:
    read_query(sql, {"t": SCOPE})


@pytest.mark.parametrize(
    "sql",
    [
        "IFNULL(s, 'x') = 'a'",
        "NVL(s, 'x') = 'a'",
        "CHAR_LENGTH(s) = 1",
        "LCASE(s) = 'a'",
        "CAST(n AS NUMERIC(38, 2)) > 1",
        "CAST(n AS STRING) = 'a'",
        "n::BIGINT != 1",
        "s LIKE 'a' AND NOT ok IS UNKNOWN",
    ],
)
def test_a_word_that_means_what_another_does_is_carried_over(sql: str) -> None:
    parse(sql, SCOPE)


def test_a_space_that_is_no_blank_stands_in_quotes_only() -> None:
    assert parse("s = 'a\u00a0b'", SCOPE).sql
    with pytest.raises(ExpressionError) as caught:
        parse("s\u00a0= 'a'", SCOPE)
    assert caught.value.position == 1
    assert "U+00A0" in caught.value.what
