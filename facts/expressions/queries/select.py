"""SELECTs: what they read from, what they return, and how both are written for polars.

Every value in a query is read as it is in an expression over one row, by the same readers: an amount
is as exact, a moment belongs to its day, and nothing is cast that would round. What a query has
besides is read here: FROM, JOIN, GROUP BY and their like, and in `aggregates` what adds
rows up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions.dialect import joined
from phasegate.facts.expressions.operators import column_of, truth
from phasegate.facts.expressions.queries.checks import Asked, checks_of, conjuncts, of_queries
from phasegate.facts.expressions.queries.scope import SLICE, QueryReading
from phasegate.facts.expressions.queries.tables import Branch, Column, Selected, Table
from phasegate.facts.expressions.tokens import nearest
from phasegate.facts.expressions.tree import Polars
from phasegate.facts.expressions.typed import (
    hold_arguments,
    of_one_width,
    read_node,
)
from phasegate.facts.expressions.types import NUMBERS, Lack, Name, Part, Typed
from phasegate.rules.diagnostics.suggestions import with_article

_SELECT = frozenset({"expressions", "from_", "joins", "where", "group", "having", "with_", "distinct"})
_JOINS = frozenset(
    {"", "INNER", "CROSS", *(f"{s}{o}" for s in ("LEFT", "RIGHT", "FULL") for o in ("", " OUTER"))}
)


def select(outer: QueryReading, node: Node, depth: int, use: Use = "") -> Selected:
    """Reads a query, within another one or by itself.

    Args:
        outer: the query that it stands in.
        node: it.
        depth: how deep it stands.
        use: what its rows are; ``keys`` where they are compared with others or with each other.

    Raises:
        ExpressionError: if it is anything that is not carried over.
    """
    if isinstance(node, exp.Subquery) and not node.alias:
        hold_arguments(outer, node, frozenset({"this"}))
        return select(outer, node.this, depth + 1, use)
    if depth > _DEEPEST:
        raise outer.refuse(node, f"this is nested deeper than {_DEEPEST} levels")
    if isinstance(node, exp.Union):
        return _union(outer, node, depth, use)
    if type(node) is not exp.Select:
        raise outer.not_allowed(node)
    hold_arguments(outer, node, _SELECT)
    own = outer.below()
    common = _common(own, node, depth)
    branch, single = _branch(own, node, depth, use)
    return Selected(common, (branch,), single=single)


_DEEPEST = 30


Use = Literal["", "result", "keys"]


def _union(outer: QueryReading, node: exp.Union, depth: int, use: Use) -> Selected:
    hold_arguments(outer, node, frozenset({"this", "expression", "with_", "distinct"}))
    own = outer.below()
    common = _common(own, node, depth)
    within: Use = "keys" if node.args.get("distinct") else use
    left, right = (select(own, side, depth + 1, within) for side in (node.this, node.args["expression"]))
    if right.words or right.common:
        hint = "name it in WITH"
        raise outer.refuse(node.args["expression"], "a UNION in brackets, or WITH, behind UNION", hint)
    if left.common:  # the other side would read it too
        raise outer.refuse(node.this, "WITH in brackets before UNION", "write WITH before the first SELECT")
    word = " UNION " if node.args.get("distinct") else " UNION ALL "
    count = len(left.branches[0].columns)
    if len(right.branches[0].columns) != count:
        what = f"UNION of {count} columns and {len(right.branches[0].columns)}"
        raise outer.refuse(node.args["expression"], what, "both sides return the same columns")
    for one, other in zip(*(side.branches[0].columns for side in (left, right)), strict=True):
        if use == "result" and one[0] and other[0] and one[0] != other[0]:  # it is read by its place
            what = f"a column is {one[0]} on one side of UNION and {other[0]} on another"
            raise outer.refuse(node.args["expression"], what, "both sides return the same columns")
    branches = _alike(outer, node, (*left.branches, *right.branches))
    for place in range(count if within == "keys" else 0):
        outer.compare(branch.columns[place][1] for branch in branches)
    return Selected(common, branches, (*left.words, word))


def _alike(outer: QueryReading, node: Node, branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
    """The SELECTs of a UNION, their columns of the same names and types."""
    made: list[list[tuple[str, Typed]]] = [[] for _ in branches]
    for place, (name, _) in enumerate(branches[0].columns):
        column = [branch.columns[place][1] for branch in branches]
        kinds = {typed.type for typed in column} - {"null", "any"}
        if kinds <= NUMBERS:
            present = iter(of_one_width(outer, node, [typed for typed in column if typed.type != "null"]))
            column = [typed if typed.type == "null" else next(present) for typed in column]
        elif len(kinds) > 1:
            first, second = sorted(kinds)[:2]
            what = f"{name or 'a column'} is {first} on one side of UNION and {second} on another"
            raise outer.refuse(node, what, "make them one type")
        for branch, typed in zip(made, column, strict=True):
            branch.append((name, typed))
    return tuple(
        Branch(branch.head, tuple(columns), branch.tail, branch.counted)
        for branch, columns in zip(branches, made, strict=True)
    )


def _common(own: QueryReading, node: Node, depth: int) -> tuple[Part, ...]:
    """WITH, whose names the query may read from."""
    found = node.args.get("with_")
    if found is None:
        return ()
    hold_arguments(own, found, frozenset({"expressions"}))
    parts: list[Part] = ["WITH "]
    for index, cte in enumerate(found.expressions):
        hold_arguments(own, cte, frozenset({"this", "alias"}))
        selected = select(own, cte.this, depth + 1)
        name = _alias_of(own, cte)
        if name in own.common:
            raise own.refuse(cte, f"WITH names {name} twice")
        own.common[name] = _named(own, cte, selected)
        own.withs[name] = (Name(name), " AS (", *selected.parts, ")")
        parts += [", "] if index else []
        parts += own.withs[name]
    return (*parts, " ")


def _named(own: QueryReading, node: Node, selected: Selected) -> Table:
    """A query as a table, all of whose columns have names of their own."""
    names = [name for name, _ in selected.branches[0].columns]
    if "" in names or len(set(names)) < len(names):
        raise own.refuse(node, "a column within has no name, or that of another", "name it with AS")
    own.hold_whole(node, (typed for _, typed in selected.branches[0].columns))
    return selected.table


def _alias_of(own: QueryReading, node: Node) -> str:
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias):
        hold_arguments(own, alias, frozenset({"this"}))
    return str(node.alias)


def _branch(own: QueryReading, node: exp.Select, depth: int, use: Use) -> tuple[Branch, bool]:
    """One SELECT, and whether it always returns one row."""
    tail: list[Part] = []
    own.whole = use == "result"
    joined_on: list[Typed] = []
    if (source := node.args.get("from_")) is not None:
        hold_arguments(own, source, frozenset({"this"}))
        tail += [" FROM ", *_table(own, source.this, depth)]
    for join in node.args.get("joins") or []:
        tail += _join(own, join, depth, joined_on)
    asked = Asked(tuple(tail), joined_on)
    if (where := node.args.get("where")) is not None:
        condition = truth(own.each(), where.this, depth)
        own.counted = own.counted or bool(condition.varies)
        tail += [" WHERE ", *condition.parts]
        asked.where = conjuncts(own, where.this, depth)
    items = list(node.args["expressions"])
    group, having = node.args.get("group"), node.args.get("having")
    if group is not None:
        asked.keys = tuple(_group(own, group, items, depth))
        tail += [" GROUP BY ", *asked.keys]
    added = any(_adds_up(item) for item in items)
    own.grouped = group is not None or having is not None or added
    columns = tuple(_item(own, item, depth) for item in items)
    asked.slice = next((typed for name, typed in columns if own.whole and name == SLICE), None)
    if asked.slice is not None and not own.grouped:  # else it is made of what is grouped by, or added up
        own.held.append(asked.slice)
    counted = own.counted if group is not None or not own.grouped else False
    if having is not None:
        condition = truth(own.each(aggregates=True), having.this, depth)
        counted = counted or bool(condition.varies)
        unsure = of_queries(condition)
        own.held += [Typed(Polars(lack.parts), "any", lacks=frozenset({lack})) for lack in unsure]
        tail += [" HAVING ", *condition.parts]
    distinct = node.args.get("distinct")
    if distinct is not None:
        hold_arguments(own, distinct, frozenset())
    if distinct is not None or use == "keys":
        own.held += [] if own.grouped else [typed for _, typed in columns]
        for _, typed in columns:
            own.compare([typed])
    head: tuple[Part, ...] = ("SELECT DISTINCT ",) if distinct is not None else ("SELECT ",)
    if distinct is not None:
        counted = any(typed.varies for _, typed in columns)
    own.checks += checks_of(own, asked)
    return Branch(head, columns, tuple(tail), counted), added and group is None and having is None


def _adds_up(node: Node) -> bool:
    """Whether something adds rows up, queries within it aside."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, exp.AggFunc):
            return True
        if not isinstance(found, exp.Query):
            waiting.extend(found.iter_expressions())
    return False


def _item(own: QueryReading, node: Node, depth: int) -> tuple[str, Typed]:
    """A column that is returned."""
    name = node.name if isinstance(node, exp.Column) else ""
    if isinstance(node, exp.Alias):
        hold_arguments(own, node, frozenset({"this", "alias"}))
        own.hold_name(node.args["alias"])
        name, node = node.alias, node.this
    own.item, own.asked = name if own.whole else "", set()
    typed = read_node(own.each(aggregates=True), node, depth)
    own.told |= own.asked if own.item == "nulls" else set()
    own.item = ""
    return name, typed


def _group(own: QueryReading, group: Node, items: list[Node], depth: int) -> Iterator[Part]:
    hold_arguments(own, group, frozenset({"expressions"}))
    if not group.expressions:
        raise own.refuse(group, "GROUP BY names nothing", "name the columns to group by")
    named = {item.alias: item.this for item in items if isinstance(item, exp.Alias)}
    for index, key in enumerate(group.expressions):
        if isinstance(key, exp.Literal):
            raise own.refuse(key, "GROUP BY takes columns by their names, not by their places")
        if isinstance(key, exp.Column) and not key.args.get("table") and key.name not in own.names():
            key = named.get(key.name, key)  # noqa: PLW2901 - the name of a column that is returned
        typed = read_node(own.each(), key, depth)
        if not typed.varies:  # polars would make a group of no rows
            raise own.refuse(key, "GROUP BY a constant", "leave GROUP BY out")
        own.keys.append((key, typed.parts))
        own.held.append(typed)
        own.compare([typed])
        own.counted = True
        yield from [", "] if index else []
        yield from typed.parts


def _table(own: QueryReading, node: Node, depth: int) -> tuple[Part, ...]:
    """What stands in FROM or behind JOIN; it is a table of the SELECT from here on."""
    if isinstance(node, exp.Subquery):
        if isinstance(node.this, exp.Table):
            raise own.refuse(node, "a table in brackets", "JOIN one table after the other, each with its ON")
        hold_arguments(own, node, frozenset({"this", "alias"}))
        selected, name = select(own, node.this, depth + 1), _alias_of(own, node)
        if not name:
            raise own.refuse(node, "a query in FROM needs a name", "... AS t")
        _add(own, node, name, _named(own, node, selected))
        own.written[name] = ("(", *selected.parts, ") AS ", Name(name))
        return own.written[name]
    if node.args.get("joins"):
        raise own.refuse(node, "a JOIN within another", "JOIN one table after the other, each with its ON")
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        raise own.not_allowed(node.this if isinstance(node, exp.Table) else node)
    if node.args.get("db") or node.args.get("catalog"):
        raise own.refuse(node, "a table is a source of the pack, without a schema before it")
    hold_arguments(own, node, frozenset({"this", "alias"}))
    name, alias = node.name, _alias_of(own, node) or node.name
    found = own.common.get(name) or _source(own, node, name)
    _add(own, node, alias, found)
    own.written[alias] = (Name(name), " AS ", Name(alias)) if alias != name else (Name(name),)
    return own.written[alias]


def _source(own: QueryReading, node: Node, name: str) -> Table:
    scope = own.sources.get(name)
    if scope is None:
        hint = nearest(name, own.sources) or "name it in the measure's 'sources'"
        raise own.refuse(node, f"{name} is no source that this measure declares", hint)
    own.read.add(name)
    return Table({name: Column(kind, kind.varies) for name, kind in scope.columns.items()}, scope)


def _add(own: QueryReading, node: Node, name: str, table: Table) -> None:
    if name in own.tables:
        raise own.refuse(node, f"two tables are called {name}", "give one another name with AS")
    own.tables[name] = table
    own.counted = own.counted or table.counted


def _join(own: QueryReading, node: Node, depth: int, joined_on: list[Typed]) -> tuple[Part, ...]:
    """A further table of FROM; what says which of its rows belong to others is added to `joined_on`."""
    hold_arguments(own, node, frozenset({"this", "side", "kind", "on", "using"}))
    side, kind = (str(node.args.get(key) or "").upper() for key in ("side", "kind"))
    if f"{side} {kind}".strip() not in _JOINS:
        raise own.refuse(
            node, f"{side} {kind} JOIN is not allowed".strip(), "LEFT JOIN, or WHERE ... IN (SELECT ...)"
        )
    before = tuple(own.tables)
    table = _table(own, node.this, depth)
    on, using = node.args.get("on"), node.args.get("using") or []
    if not on and not using:
        if side or kind not in ("", "CROSS") or (not kind and own.joins_at(node)):
            raise own.refuse(node, "a JOIN without ON or USING", "CROSS JOIN takes every pair of rows")
        own.commas, own.crossed = own.commas or not kind, True
        return (" CROSS JOIN ", *table)
    if own.commas and side in ("RIGHT", "FULL"):  # it takes in what stands behind the comma only
        raise own.refuse(node, f"a {side} JOIN behind a comma", "write CROSS JOIN in place of the comma")
    if kind == "CROSS":
        raise own.refuse(node, "a CROSS JOIN takes no ON")
    word = f" {side or 'INNER'} JOIN "
    parts: list[Part] = [word, *table, " ON "]
    if on:
        condition = truth(own.each(joining=True), on, depth)
        own.counted = own.counted or bool(condition.varies)
        parts += condition.parts
        joined_on.append(condition)
    for index, column in enumerate(using):
        parts += [" AND "] if index else []
        compared = _merged(own, column, before, side)
        parts += compared.parts
        joined_on.append(compared)
    last = set(own.tables) - set(before) if side in ("LEFT", "FULL") else set()
    for alias in last.union(before if side in ("RIGHT", "FULL") else ()):
        own.tables[alias] = own.tables[alias].outer
        own.outer.add(alias)
    return tuple(parts)


def _merged(own: QueryReading, node: Node, before: tuple[str, ...], side: str) -> Typed:
    """How a column of USING is compared; from here on both of them are one, which is never the empty one."""
    name, last = node.name, next(reversed(own.tables))
    own.hold_name(node)
    having = [alias for alias in before if name in own.tables[alias].columns]
    if not having or name not in own.tables[last].columns:
        raise own.refuse(node, f"USING names {name}, which one of both has not")
    if len(having) > 1 and name not in own.merged:
        raise own.refuse(
            node, f"{name} is a column of {' and of '.join(having)}", "write ON in place of USING"
        )
    first, second = (own.tables[alias].columns[name].kind for alias in (having[0], last))
    if (first.type, first.scale) != (second.type, second.scale):
        what = (
            f"{name} is {with_article(first.type)} in {having[0]} and {with_article(second.type)} in {last}"
        )
        what = what if first.type != second.type else f"{name} has more digits in one table than in the other"
        raise own.refuse(node, what, f"ON {having[0]}.{name} = {last}.{name}, if they can be compared")
    left = own.merged.get(name, (Name(having[0]), ".", Name(name)))
    right: tuple[Part, ...] = (Name(last), ".", Name(name))
    both = joined(("COALESCE(", *left, ", ", *right, ")"))
    own.merged[name] = right if side == "RIGHT" else both if side == "FULL" else left
    own.columns.add(name)
    own.counted = True
    pair = [
        column_of(name, Polars(parts), kind)._replace(texts=own.origin_in(own.tables[alias], name))
        for parts, kind, alias in ((left, first, having[0]), (right, second, last))
    ]
    own.compare(pair)
    lacks = frozenset[Lack]().union(*(each.lacks or () for each in pair))
    return Typed(Polars(joined(("(", *left, " = ", *right, ")"))), "boolean", lacks=lacks)
