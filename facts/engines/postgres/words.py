"""The words of PostgreSQL for each operation of a tree, besides those that all servers share.

Columns are those of `language`: texts compare byte by byte, moments have no zone, and no number is NaN. Where
the server would answer otherwise in some row, what is written divides by zero there: an error, and no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from phasegate.facts.engines.sql.words import SHARED, of_places
from phasegate.facts.expressions.dialect import Dialect, Rule
from phasegate.facts.expressions.tree import Op, Part, Tree

RAISED = "22012"
"""The SQLSTATE of what is computed only to fail: a division by zero, which nothing else divides."""


def _number(_: Dialect, tree: Op) -> Iterable[Part]:
    yield f"({str(tree.note).split(':')[0]})::numeric"


def _of_ascii(function: str) -> Callable[[Dialect, Op], Iterable[Part | Tree]]:
    """A function that does the same everywhere with signs that are printed in ASCII, and fails for others."""

    def written(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
        (of,) = tree.of
        yield from ("(CASE WHEN ", of, " !~ '^[ -~]*$' THEN (1 / (octet_length(", of)
        yield from (f") * 0))::text ELSE {function}(", of, ') END COLLATE "C")')

    return written


RULES: dict[str, Rule] = SHARED | {
    "integer": "({note})::bigint", "days": "({note})", "number": _number,
    "decimal": "({0})::numeric", "whole": "({0})::bigint", "whole of truth": "({0})::int::bigint",
    **{f"text of {kind}": '(({0})::text COLLATE "C")' for kind in ("number", "day", "truth")},
    "lower": _of_ascii("lower"), "upper": _of_ascii("upper"), "trim": _of_ascii("btrim"),
    "length": "char_length({0})::bigint",
    "substr": of_places("substr"), "split_part": of_places("split_part"),
    "day of moment": "({0})::date",
    "day plus": "({0} + ({1})::int)", "day minus": "({0} - ({1})::int)",
    "days between": "({1} - {0})::bigint",
    "month of": "(extract(year FROM {0}) * 100 + extract(month FROM {0}))::bigint",
    "seconds between": "extract(epoch FROM ({1} - {0}))::numeric",
}  # fmt: skip
