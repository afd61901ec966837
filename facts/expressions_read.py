"""Reading one expression, from its text to polars SQL."""

from __future__ import annotations

# They register what reads the nodes of a syntax tree.
import phasegate.facts.expressions_functions
import phasegate.facts.expressions_operators  # noqa: F401
from phasegate.facts.expressions import Expression, Scope
from phasegate.facts.expressions_text import tokens_of, tree_of
from phasegate.facts.expressions_typed import Reading, joined, read_node


def read(sql: str, scope: Scope) -> Expression:
    """Reads one expression; see `expressions.parse`."""
    reading = Reading(sql, scope)
    typed = read_node(reading, tree_of(sql, tokens_of(sql)), 0)
    return Expression(
        sql=sql,
        type=typed.type,
        scale=typed.scale,
        parts=joined(typed.parts),
        columns=tuple(sorted(reading.columns)),
        floats=tuple(sorted(reading.floats)),
        tags=tuple(sorted(reading.tags)),
        varies=bool(typed.varies),
        per=typed.per,
    )
