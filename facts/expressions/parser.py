"""Reading one expression, from its text to polars SQL."""

from __future__ import annotations

# They register what reads the nodes of a syntax tree.
import phasegate.facts.expressions.functions
import phasegate.facts.expressions.operators  # noqa: F401
from phasegate.facts.expressions.expression import Expression, Scope
from phasegate.facts.expressions.tokens import WORDS, hold_words, tokens_of, tree_of
from phasegate.facts.expressions.typed import Reading, joined, read_node


def read(sql: str, scope: Scope) -> Expression:
    """Reads one expression; see `expression.parse`."""
    reading = Reading(sql, scope)
    tokens = tokens_of(sql)
    tree = tree_of(sql, tokens)
    typed = read_node(reading, tree, 0)
    hold_words(sql, tokens, tree, WORDS.union(reading.functions))
    lacks = typed.lacks or frozenset()
    return Expression(
        sql=sql,
        type=typed.type,
        scale=typed.scale,
        parts=joined(typed.parts),
        columns=tuple(sorted(reading.columns)),
        tags=tuple(sorted(reading.tags)),
        varies=bool(typed.varies),
        per=typed.per,
        unit=typed.unit,
        deciding=tuple(sorted({each.name for each in lacks if each.parts and not each.key})),
        deciding_tags=tuple(sorted({(each.name, each.key) for each in lacks if each.key})),
        people=tuple(sorted(reading.people)),
        personal=typed.personal,
        otherwise=tuple(sorted({each.name for each in lacks if not each.parts})),
    )
