"""The words of polars' SQL for each operation of a tree."""

from __future__ import annotations

from collections.abc import Iterable

from phasegate.facts.expressions.dialect import Dialect, Rule, between
from phasegate.facts.expressions.tree import Op, Part, Polars, Tree


class _Polars(Dialect):
    def within(self, tree: Tree, at: int) -> Iterable[Part]:
        return parts_of(tree)

    def query(self, tree: Polars, at: int) -> Iterable[Part]:
        return tree.parts


def _number(_: Dialect, tree: Op) -> Iterable[Part]:
    text, scale = str(tree.note).split(":")
    yield f"CAST({text} AS DECIMAL(38,{scale}))"


def _chain(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
    yield from ("(", *between(f" {tree.name.upper()} ", tree.of), ")")


def _case(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
    yield "CASE"
    nullable = str(tree.note)
    for place, may_be in enumerate(nullable):
        test, result = tree.of[2 * place : 2 * place + 2]
        if may_be == "?":  # SQL goes on to the next branch, as if a missing value had said no
            yield from (" WHEN ", test, " IS NULL THEN NULL")
        yield from (" WHEN ", test, " THEN ", result)
    if len(tree.of) > 2 * len(nullable):
        yield from (" ELSE ", tree.of[-1])
    yield " END"


def _unless_null(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
    yield "CASE WHEN "
    for place, each in enumerate(tree.of[1:]):
        yield from (" OR " if place else "", each, " IS NULL")
    yield from (" THEN NULL ELSE ", tree.of[0], " END")


def _in(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
    yield from ("(", tree.of[0], " IN (", *between(", ", tree.of[1:]), "))")


def _decimal_of_text(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
    """A text that is a number of at most so many digits after the point; another one is made no number."""
    (text,) = tree.of
    yield from ("CAST(CASE WHEN CHAR_LENGTH(RTRIM(SPLIT_PART(", text, f", '.', 2), '0')) > {tree.note}")
    yield from (" OR (LOWER(", text, ") LIKE '%e%') THEN REPLACE(REPLACE(LOWER(", text)
    yield from ("), '.', ' rounds .'), 'e', ' e') ELSE ", text, f" END AS DECIMAL(38,{tree.note}))")


_MICROSECONDS = "CAST(CAST({} AS BIGINT) AS DECIMAL(38,0))"
RULES: dict[str, Rule] = {
    "true": "TRUE", "false": "FALSE", "null": "NULL",
    "integer": "CAST({note} AS BIGINT)", "days": "{note}", "number": _number, "day": "DATE '{note}'",
    "and": _chain, "or": _chain, "not": "(NOT {0})",
    "is null": "({0} IS NULL)",
    "is true": "COALESCE({0}, FALSE)", "is false": "COALESCE(NOT {0}, FALSE)",  # null IS TRUE is null there
    **{sign: f"({{0}} {sign} {{1}})" for sign in ("=", "<>", "<", "<=", ">", ">=", "+", "-", "*")},
    "in": _in, "like": "({0} LIKE {1})",
    "alike": "(CASE WHEN {0} = {1} THEN {0} END)",
    "abs": "ABS({0})", "least": "LEAST({*})", "greatest": "GREATEST({*})", "unless null": _unless_null,
    "coalesce": "COALESCE({*})", "null if": "CASE WHEN {0} IS NULL OR {0} THEN NULL ELSE {1} END",
    "case": _case,
    "decimal": "CAST({0} AS DECIMAL(38,{note}))", "decimal of text": _decimal_of_text,
    "whole": "CAST({0} AS BIGINT)", "whole of truth": "CAST({0} AS BIGINT)",
    "whole of text": "CAST({0} AS BIGINT)",
    "text": "CAST({0} AS VARCHAR)", "text of number": "CAST({0} AS VARCHAR)",
    "text of day": "CAST({0} AS VARCHAR)", "text of truth": "CAST({0} AS VARCHAR)",
    "lower": "LOWER({0})", "upper": "UPPER({0})", "trim": "TRIM({0})",
    "length": "CAST(CHAR_LENGTH({0}) AS BIGINT)",
    "replace": "REPLACE({*})", "substr": "SUBSTR({*})", "split_part": "SPLIT_PART({*})",
    "day of moment": "CAST({0} AS DATE)",
    "day plus": "CAST((CAST({0} AS BIGINT) + {1}) AS DATE)",
    "day minus": "CAST((CAST({0} AS BIGINT) - {1}) AS DATE)",
    "days between": "(CAST({1} AS BIGINT) - CAST({0} AS BIGINT))",
    "month of": "(CAST(EXTRACT(YEAR FROM {0}) AS BIGINT) * 100 + CAST(EXTRACT(MONTH FROM {0}) AS BIGINT))",
    "seconds between": f"(({_MICROSECONDS.format('{1}')} - {_MICROSECONDS.format('{0}')})"
    " * CAST(0.000001 AS DECIMAL(38,6)))",
}  # fmt: skip
POLARS = _Polars(RULES)


def parts_of(tree: Tree) -> tuple[Part, ...]:
    """A tree as polars SQL; what stands within others is written once."""
    if not isinstance(tree, Op):
        return tree.parts if isinstance(tree, Polars) else (tree,)
    found = tree.memo.get("polars")
    if found is None:
        found = tree.memo["polars"] = POLARS.written(tree)
    return found
