"""A missing value never decides: what may be missing is known of an expression, what is lacking is null."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from phasegate.facts.expressions.expression import Kind, Scope, parse
from phasegate.facts.expressions.missing import remedy

# What it means in a row of which nothing is filled but what stands here: where SQL would go on, nobody knows.
UNKNOWN = [
    ("CASE WHEN ok THEN amount ELSE plan END", {"plan": "0.125"}, None),
    ("CASE WHEN status = 'a' THEN 1 WHEN ok THEN 2 ELSE 3 END", {"status": "a"}, 1),
    ("CASE WHEN status = 'a' THEN 1 WHEN ok THEN 2 ELSE 3 END", {"status": "b"}, None),
    ("CASE status WHEN 'a' THEN 1 ELSE 2 END", {}, None),
    ("CASE WHEN ok IS TRUE THEN 1 ELSE 2 END", {}, 2),
    ("CASE WHEN amount IS NULL THEN 0 WHEN amount > plan THEN 1 ELSE 2 END", {}, 0),
    ("CASE WHEN NOT ok THEN TRUE ELSE FALSE END", {}, None),
    ("(CASE WHEN ok THEN TRUE ELSE FALSE END) IS FALSE", {}, False),
    ("COALESCE(CASE WHEN ok THEN 1 ELSE 2 END, 3)", {}, 3),
    ("LEAST(units, 1)", {}, None),
    ("GREATEST(units, 1) IS NULL", {}, True),
    ("NULLIF(status, owner)", {"status": "a"}, None),
    ("ok IS TRUE", {}, False),
    ("ok IS FALSE", {}, False),
    ("ok IS NOT TRUE", {}, True),
    ("ok IS NOT FALSE", {}, True),
    ("(due <= :as_of) IS TRUE", {}, False),
    ("(due <= :as_of OR ok) IS NOT FALSE", {}, True),
]


@pytest.mark.parametrize(("sql", "row", "expected"), UNKNOWN, ids=[f"{row[0]} {row[1]}" for row in UNKNOWN])
def test_a_missing_value_never_decides(
    evaluate: Callable[..., Any], sql: str, row: dict[str, Any], expected: Any
) -> None:
    assert evaluate(sql, **row) == expected


SCOPE = Scope(
    "t",
    {
        "a": Kind("decimal", 2), "b": Kind("decimal", 2), "n": Kind("integer"), "p": Kind("boolean"),
        "s": Kind("string"), "d": Kind("date"), "Tags": Kind("string"),
        "who": Kind("string", personal=True),
        "full": Kind("decimal", 2, nullable=False), "yes": Kind("boolean", nullable=False),
    },
)  # fmt: skip

DECIDING = [
    ("a", ("a",), ()),
    ("full > 3", (), ()),
    ("a > full AND p", ("a", "p"), ()),
    ("a IS NULL", (), ()),
    ("p IS NOT TRUE", (), ()),
    ("(a > b) IS FALSE OR n > 3", ("n",), ()),
    ("COALESCE(a, 0) > 3", (), ()),
    ("COALESCE(a, b) > 3", ("a", "b"), ()),
    ("a IS NOT NULL AND a > b", ("b",), ()),
    ("NOT (a IS NULL) AND p AND (a > 3 OR a < n)", ("n", "p"), ()),
    ("a IS NULL OR a > b", ("b",), ()),
    ("a IS NULL AND a > b", ("a", "b"), ()),
    ("CASE WHEN p THEN a ELSE full END", ("a", "p"), ()),
    ("CASE WHEN yes THEN full END", (), ("CASE without ELSE",)),
    ("CASE WHEN yes THEN NULL ELSE full END", (), ("NULL",)),
    ("CASE WHEN a IS NULL THEN 0 ELSE a * b END", ("b",), ()),
    ("CASE WHEN a IS NOT NULL THEN a ELSE 0 END", (), ()),
    ("CASE WHEN a IS NOT NULL THEN b ELSE a END", ("a", "b"), ()),
    ("CASE s WHEN 'x' THEN 1 ELSE 2 END", ("s",), ()),
    ("NULLIF(full, 0)", (), ("NULLIF",)),
    ("days_between(d, :as_of) BETWEEN n AND 3", ("d", "n"), ()),
    ("s IN ('x', 'y') OR s LIKE 'z%'", ("s",), ()),
    ("LENGTH(tag('owner')) > 3", (), ()),
]


@pytest.mark.parametrize(("sql", "columns", "otherwise"), DECIDING, ids=[case[0] for case in DECIDING])
def test_what_may_be_missing(sql: str, columns: tuple[str, ...], otherwise: tuple[str, ...]) -> None:
    found = parse(sql, SCOPE)
    assert (found.deciding, found.otherwise) == (columns, otherwise)
    assert found.nullable == bool(columns or otherwise or found.deciding_tags)


ALIKE = "write ids of one person alike in the source, where `s` and `who` differ only as F-1 and f-1 do"


def test_a_tag_may_be_missing() -> None:
    found = parse("tag('owner') = s", SCOPE)
    assert (found.deciding, found.deciding_tags) == (("s",), (("Tags", "owner"),))
    assert parse("tag('owner') IS NULL", SCOPE).deciding_tags == ()


@pytest.mark.parametrize(
    ("sqls", "lacking", "said"),
    [
        (["a <= b"], ["a"], "write `(a <= b) IS TRUE` if no `a` means not met"),
        (["p", "a <= b"], ["a", "b"], "write `(a <= b) IS TRUE` if no `a` or `b` means not met"),
        (["a IS NOT NULL", "a - b"], ["a"], "write `COALESCE(a - b, 0)` if no `a` means 0"),
        (["s"], ["s"], "write `COALESCE(s, '')` if no `s` means ''"),
        (["d"], ["d"], "ask for `(d) IS NOT NULL` in `where` if rows with no `d` do not count"),
        (["tag('o') = 'x'"], ["tag('o')"], "write `(tag('o') = 'x') IS TRUE` if no `tag('o')` means not met"),
        (["a IS NULL"], ["a"], ""),
        (["a > 3", "who <> s"], [], ALIKE),
        (["a > 3", "who <> s"], ["b"], ""),
    ],
)  # fmt: skip
def test_what_an_author_can_write(sqls: list[str], lacking: list[str], said: str) -> None:
    assert remedy([parse(sql, SCOPE) for sql in sqls], lacking) == said
