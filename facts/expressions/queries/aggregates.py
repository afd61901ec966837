"""What only a query has among values: sums and counts of rows, and the results of other queries."""

from __future__ import annotations

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions.dialect import joined
from phasegate.facts.expressions.queries.scope import AMONG, OF_QUERY, QUERY_READERS, QueryReading
from phasegate.facts.expressions.queries.select import select
from phasegate.facts.expressions.tree import Polars
from phasegate.facts.expressions.typed import (
    ONE,
    alike,
    as_number,
    hold_arguments,
    read_node,
)
from phasegate.facts.expressions.types import SURE, Lack, Part, Typed
from phasegate.rules.diagnostics.suggestions import with_article


def _argument(reading: QueryReading, node: Node, item: Node, depth: int) -> Typed:
    """What is added up, counted or compared over rows."""
    name = node.sql_name().upper() if isinstance(node, exp.Func) else "this"
    if reading.inside and reading.grouped:
        raise reading.refuse(node, f"{name} within another sum or count, or within GROUP BY")
    if not reading.aggregates:
        hint = "a condition on sums stands in HAVING"
        raise reading.refuse(node, f"{name} adds rows up, which WHERE, ON and GROUP BY can not", hint)
    reading.inside = True
    try:
        return read_node(reading, item, depth)
    finally:
        reading.inside = False


def _sum(reading: QueryReading, node: Node, depth: int) -> Typed:
    if isinstance(node.this, exp.Distinct):
        hint = "SUM over (SELECT DISTINCT ...) AS t says of which rows each counts once"
        raise reading.refuse(node, "SUM(DISTINCT ...) drops amounts that are equal by chance", hint)
    found = _argument(reading, node, node.this, depth)
    reading.held.append(found)
    if reading.keys:
        reading.adds_up.add("groups")
    typed = as_number(reading, node, found)
    # The sum of a constant counts rows; that of nothing but zeros does not.
    varies = bool(found.varies) or (reading.counted and bool(found.literal and found.literal.strip("-0.")))
    parts = _polars("SUM(", *typed.parts, ")")
    lacks = _of_rows(reading, node, found)
    return Typed(parts, "decimal", typed.scale, per=typed.per, unit=typed.unit, varies=varies, lacks=lacks)


def _of_rows(reading: QueryReading, node: Node, found: Typed) -> frozenset[Lack]:
    """What an aggregate is null by: that there are no rows; groups have some."""
    none = frozenset({Lack(f"{node.sql_name().upper()} of no rows")})  # type: ignore[attr-defined]
    return none if found.nullable or not reading.keys else SURE


def _count(reading: QueryReading, node: Node, depth: int) -> Typed:
    counted, varies = node.this, reading.counted
    if isinstance(counted, exp.Star):
        hold_arguments(reading, counted, frozenset())
        _argument(reading, node, exp.Literal.number(1), depth)
        inside: list[Part] = ["*"]
    elif isinstance(counted, exp.Distinct):
        hold_arguments(reading, counted, frozenset({"expressions"}))
        if len(counted.expressions) != 1:
            raise reading.refuse(
                node, "COUNT(DISTINCT ...) takes one value", "count a SELECT DISTINCT of several"
            )
        found = _argument(reading, node, counted.expressions[0], depth)
        reading.held.append(found)
        reading.compare([found])
        inside, varies = ["DISTINCT ", *found.parts], bool(found.varies)
    elif counted is None:
        raise reading.refuse(node, "COUNT counts nothing here", "COUNT(*) counts the rows")
    else:
        found = _argument(reading, node, counted, depth)
        if any(lack.parts == found.parts and not lack.computed for lack in found.lacks or ()):
            reading.asked |= (
                found.lacks or SURE
            )  # a column is counted where it has a value, as everybody knows
        else:
            reading.held.append(found)
        # COUNT(1) counts rows as COUNT(*) does, and is written like it.
        counts_rows = found.literal is not None
        inside = ["*"] if counts_rows else [*found.parts]
        varies = reading.counted if counts_rows else bool(found.varies)
    # A count is 32 bits wide in polars, and sums of counts wrap.
    counts = _polars("CAST(COUNT(", *inside, ") AS DECIMAL(38,0))")
    return Typed(counts, "decimal", varies=varies, lacks=SURE, texts=frozenset())


def _extreme(reading: QueryReading, node: Node, depth: int) -> Typed:
    found = _argument(reading, node, node.this, depth)
    name = "MIN" if isinstance(node, exp.Min) else "MAX"
    if found.type == "boolean":
        raise reading.refuse(node, "truth values have no order", "COUNT(CASE WHEN ... THEN 1 END)")
    if name == "MIN" or reading.item != "newest":  # which is then older, at most
        reading.held.append(found)
    lacks = _of_rows(reading, node, found)
    tree = _polars(f"{name}(", *found.parts, ")")
    return found._replace(tree=tree, literal=None, lacks=lacks, undecided=None)


def _exists(reading: QueryReading, node: Node, depth: int) -> Typed:
    found = select(reading, node.this, depth)
    parts = _polars("EXISTS (", *found.parts, ")")
    return Typed(parts, "boolean", varies=found.counted, lacks=SURE, texts=frozenset())


def _among(reading: QueryReading, node: Node, depth: int) -> Typed:
    """``IN (SELECT ...)``."""
    query = node.args["query"]
    found = select(reading, query.this if isinstance(query, exp.Subquery) else query, depth, "keys")
    if len(found.branches[0].columns) != 1:
        raise reading.refuse(node, "IN takes a SELECT of one column")
    column = found.branches[0].columns[0][1]
    value = read_node(reading, node.this, depth)
    made, other = alike(reading, node, [(node.this, value), (query, column)])
    reading.compare([value, *(branch.columns[0][1] for branch in found.branches)])
    reading.hold_whole(node, (value, column))
    if other.parts != column.parts:
        what = f"{with_article(value.type)} is looked for among values of type {column.type}"
        raise reading.refuse(node, what, "make them one type, as CAST(moment AS DATE) does")
    varies = bool(value.varies) or found.counted or any(each.columns[0][1].varies for each in found.branches)
    others = SURE.union(*(each.columns[0][1].lacks or SURE for each in found.branches))
    unsure = {lack if not lack.cell else Lack(AMONG) for lack in others}
    lacks = (value.lacks or SURE) | unsure
    tree = _polars("(", *made.parts, " IN (", *found.parts, "))")
    return Typed(tree, "boolean", varies=varies, lacks=lacks)


def _value(reading: QueryReading, node: Node, depth: int) -> Typed:
    """A query that stands for the one value that it returns."""
    found = select(reading, node.this, depth)
    columns = found.branches[0].columns
    if len(columns) != 1 or not found.single or found.words:
        what = "a query in the place of a value must return one value, whatever the rows"
        raise reading.refuse(node, what, "SELECT one sum or count, without GROUP BY")
    typed = columns[0][1]
    reading.hold_whole(node, (typed,))  # only numbers are kept so
    tree = _polars("(", *found.parts, ")")
    lacks = frozenset({Lack(OF_QUERY, tree.parts, computed=True)}) if typed.nullable else SURE
    return typed._replace(tree=tree, literal=None, lacks=lacks, undecided=None)


def _polars(*parts: Part) -> Polars:
    return Polars(joined(parts))


QUERY_READERS.update(
    {
        exp.Sum: (_sum, ONE),
        exp.Count: (_count, ONE),
        exp.Min: (_extreme, ONE),
        exp.Max: (_extreme, ONE),
        exp.Exists: (_exists, ONE),
        exp.In: (_among, frozenset({"this", "query"})),
        exp.Subquery: (_value, ONE),
    }
)
