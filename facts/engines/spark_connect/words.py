"""The words of Spark for each operation of a tree, besides those that all servers share.

Columns are those of `language`: texts compare byte by byte, moments have no zone, and no number is a float.
Where the server would answer otherwise in some row, what is written raises there: an error, and no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.engines.sql.words import SHARED, Words, of_places
from phasegate.facts.expressions.dialect import Dialect, Rule, between
from phasegate.facts.expressions.tree import Name, Op, Part, Slot, Tree, op
from phasegate.facts.expressions.types import PARAMETER_SCALE

RAISED = "PHASEGATE_NOT_ASCII"
"""What is raised where a text has other signs than those that ASCII prints."""
FAILS = f"CAST(raise_error('[{RAISED}]') AS STRING)"


def decimal(sql: str, scale: int) -> str:
    """A number as a decimal of 38 digits; more are an error."""
    return f"CAST({sql} AS DECIMAL({DECIMAL_DIGITS}, {scale}))"


def _number(_: Dialect, tree: Op) -> Iterable[Part]:
    text, scale = str(tree.note).split(":")
    yield decimal(text, int(scale))


def _of_ascii(function: str) -> Callable[[Dialect, Op], Iterable[Part | Tree]]:
    """A function that does the same everywhere with signs that are printed in ASCII, and fails for others."""

    def written(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
        (of,) = tree.of
        yield from ("(CASE WHEN ", of, f" RLIKE '[^ -~]' THEN {FAILS} ELSE {function}(", of, ") END)")

    return written


def _compared(words: Dialect, tree: Op) -> Iterable[Part | Tree]:
    """A comparison, decimals brought to the digits after the point of whichever has most.

    Of decimals of 38 digits with others after the point Spark cuts digits off before it compares them.
    """
    assert isinstance(words, Words)
    most = max(_scale(each, words) for each in tree.of)
    first, *others = (op("decimal", each, note=most) for each in tree.of) if most else tree.of
    if tree.name == "in":
        yield from ("(", first, " IN (", *between(", ", others), "))")
    else:
        yield from ("(", first, f" {tree.name} ", *others, ")")


def _scale(tree: Tree, words: Words) -> int:
    """The digits after the point of a number; 0 of anything else."""
    match tree:
        case Name():
            return words.over.scale(tree.text)
        case Slot(type="number"):
            return PARAMETER_SCALE
        case Op("number"):
            return int(str(tree.note).split(":")[1])
        case Op("decimal" | "*") if tree.note != "":
            return int(tree.note)
        case Op("seconds between"):
            return 6
        case Op("+" | "-" | "abs" | "coalesce" | "least" | "greatest"):
            return max(_scale(each, words) for each in tree.of)
        case Op("unless null"):
            return _scale(tree.of[0], words)
        case Op("null if"):
            return _scale(tree.of[1], words)
        case Op("case"):
            results = [each for place, each in enumerate(tree.of) if place % 2 or place == len(tree.of) - 1]
            return max(_scale(each, words) for each in results)
    return 0


_DAYS = "CAST(unix_date({0}) AS BIGINT)"
_MICROSECONDS = "CAST(unix_micros(CAST({} AS TIMESTAMP)) AS DECIMAL(38, 0))"
RULES: dict[str, Rule] = SHARED | {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "in"), _compared),
    # What is IS TRUE as a column some servers hold to be missing nowhere, and then stumble over it.
    "is true": "coalesce({0}, FALSE)", "is false": "coalesce(NOT {0}, FALSE)",
    "integer": "CAST({note} AS BIGINT)", "days": "({note})", "number": _number,
    "decimal": "CAST({0} AS DECIMAL(38, {note}))",
    "whole": "CAST({0} AS BIGINT)", "whole of truth": "CAST({0} AS BIGINT)",
    **{f"text of {kind}": "CAST({0} AS STRING)" for kind in ("number", "day", "truth")},
    "lower": _of_ascii("lower"), "upper": _of_ascii("upper"), "trim": _of_ascii("btrim"),
    "length": "CAST(char_length({0}) AS BIGINT)",
    "substr": of_places("substr"), "split_part": of_places("split_part"),
    "day of moment": "CAST({0} AS DATE)",
    # Spark's own sums of days wrap without a word.
    "day plus": f"date_from_unix_date(CAST(({_DAYS} + CAST({{1}} AS BIGINT)) AS INT))",
    "day minus": f"date_from_unix_date(CAST(({_DAYS} - CAST({{1}} AS BIGINT)) AS INT))",
    "days between": "CAST((unix_date({1}) - unix_date({0})) AS BIGINT)",
    "month of": "CAST((year({0}) * 100 + month({0})) AS BIGINT)",
    "seconds between": f"(({_MICROSECONDS.format('{1}')} - {_MICROSECONDS.format('{0}')})"
    " * CAST(0.000001 AS DECIMAL(38, 6)))",
}  # fmt: skip
