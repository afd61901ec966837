"""Queries: the whole SELECT of a ``sql`` measure, held to an allowlist of its own.

A query reads the declared sources and nothing else. On the way to polars it is made safe against
what wraps or rounds in silence: integers are handed over as decimals, whole numbers in branches and
counts become decimals, and the extensions of `expressions` are spelt out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions import (
    DEFAULT_TAGS,
    ExpressionError,
    Scope,
    Slot,
)
from phasegate.facts.expressions_text import (
    MAX_DEPTH,
    nearest,
    never_held,
    position_of,
    refusal,
    tokens_of,
    tree_of,
)
from phasegate.facts.expressions_written import TYPES, type_name, write

MAX_TOKENS = 3000
RESULT_COLUMNS = ("numerator", "denominator", "rows", "nulls", "newest", "slice")
FUNCTIONS = (
    "sum", "count", "min", "max", "abs", "least", "greatest", "coalesce", "nullif", "cast", "lower", "upper",
    "trim", "length", "tag", "month_of", "days_between", "date_plus",
)  # fmt: skip
_PAIR = frozenset({"this", "expression"})
_ONE = frozenset({"this"})
_LIST = frozenset({"this", "expressions"})
_ALLOWED: dict[type[Node], frozenset[str]] = {
    exp.Select: frozenset({"expressions", "from_", "joins", "where", "group", "having", "with_", "distinct"}),
    exp.Union: frozenset({"this", "expression", "with_", "distinct"}),
    exp.Subquery: frozenset({"this", "alias"}),
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias"}),
    exp.TableAlias: _ONE,
    exp.Table: frozenset({"this", "alias"}),
    exp.From: _ONE,
    exp.Join: frozenset({"this", "side", "kind", "on", "using"}),
    exp.Where: _ONE,
    exp.Having: _ONE,
    exp.Group: frozenset({"expressions"}),
    exp.Alias: frozenset({"this", "alias"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Distinct: frozenset({"expressions"}),
    exp.Star: frozenset(),
    exp.Column: frozenset({"this", "table"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: _ONE,
    exp.Null: frozenset(),
    exp.Placeholder: _ONE,
    exp.Paren: _ONE,
    exp.And: _PAIR, exp.Or: _PAIR, exp.Not: _ONE, exp.Is: _PAIR,
    exp.EQ: _PAIR, exp.NEQ: _PAIR, exp.GT: _PAIR, exp.GTE: _PAIR, exp.LT: _PAIR, exp.LTE: _PAIR,
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.Exists: _ONE,
    exp.Like: _PAIR,
    exp.Add: _PAIR, exp.Sub: _PAIR, exp.Mul: _PAIR, exp.Neg: _ONE,
    exp.Sum: _ONE, exp.Count: frozenset({"this", "big_int"}), exp.Min: _ONE, exp.Max: _ONE,
    exp.Least: _LIST | {"ignore_nulls"}, exp.Greatest: _LIST | {"ignore_nulls"},
    exp.Coalesce: _LIST | {"coalesce"}, exp.Nullif: _PAIR, exp.Abs: _ONE,
    exp.Lower: _ONE, exp.Upper: _ONE, exp.Trim: _ONE, exp.Length: _ONE,
    exp.Case: frozenset({"this", "ifs", "default"}), exp.If: frozenset({"this", "true"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.DataType: frozenset({"this", "expressions", "nested"}), exp.DataTypeParam: _ONE,
    exp.Anonymous: _LIST,
}  # fmt: skip
_OWN = {"tag": (1, 2), "month_of": (1,), "days_between": (2,), "date_plus": (2,)}


@dataclass(frozen=True, slots=True)
class Query:
    """An accepted query.

    Attributes:
        sql: the text as its author wrote it.
        parts: polars SQL, with slots where parameters go.
        tables: the sources that it reads, sorted.
        columns: the names of the columns that it may read of any of them, sorted.
        tags: the JSON columns and keys that ``tag`` reads, sorted.
    """

    sql: str
    parts: tuple[str | Slot, ...]
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]


def read_query(sql: str, scopes: Mapping[str, Scope]) -> Query:
    """Reads the query of a ``sql`` measure.

    Args:
        sql: the text.
        scopes: the sources that it may read, by name.

    Raises:
        ExpressionError: if it is anything that the allowlist does not name.
    """
    tree = tree_of(sql, tokens_of(sql, MAX_TOKENS))
    if not isinstance(tree, exp.Select | exp.Union):
        raise ExpressionError(sql, "a sql measure is one SELECT")
    return _Reader(sql, scopes, tree).query()


class _Reader:
    """One query while it is being read."""

    def __init__(self, sql: str, scopes: Mapping[str, Scope], tree: Node) -> None:
        self.sql, self.scopes, self.tree = sql, scopes, tree
        self.tags: set[tuple[str, str]] = set()
        self.names = {name for scope in scopes.values() for name in scope.columns}
        self.common = {cte.alias for cte in tree.find_all(exp.CTE)}
        self.parameters = next(iter(scopes.values())).parameters

    def query(self) -> Query:
        tables = {self._table(table) for table in self.tree.find_all(exp.Table)} - {None}
        aliases = {alias.alias for alias in self.tree.find_all(exp.Alias)}
        read = set()
        for node in self.tree.walk():
            self._check(node)
            if isinstance(node, exp.EQ | exp.NEQ | exp.In):
                self._may_hold(node, aliases)
            if isinstance(node, exp.Column):
                name = node.name
                if name not in self.names | aliases:
                    raise self._refuse(
                        node, f"there is no column {name}", nearest(name, self.names | aliases)
                    )
                read.add(name)
        if not any(tables):
            raise ExpressionError(self.sql, "the query reads no source, so that its result is a constant")
        self._results()
        columns = (read & self.names) | {column for column, _ in self.tags}
        return Query(
            self.sql,
            write(self.tree, self.parameters.get),
            tuple(sorted(name for name in tables if name)),
            tuple(sorted(columns)),
            tuple(sorted(self.tags)),
        )

    def _may_hold(self, node: Node, aliases: set[str]) -> None:
        """Refuses texts that a column never holds; one that several sources have may hold all of theirs."""
        right = [node.args["expression"]] if "expression" in node.args else node.args.get("expressions", [])
        for column, values in ((node.this, right), *((value, [node.this]) for value in right)):
            name = column.name if isinstance(column, exp.Column) else ""
            having = [scope for scope in self.scopes.values() if name in scope.columns]
            if name in aliases or not all(name in scope.allowed for scope in having):
                continue
            allowed = {text for scope in having for text in scope.allowed[name]}
            for value in values:
                if fault := never_held(column, value, allowed):
                    raise self._refuse(value, fault[0], fault[1] or "")

    def _refuse(self, node: Node, what: str, hint: str = "") -> ExpressionError:
        return ExpressionError(self.sql, what, position_of(node), hint)

    def _check(self, node: Node) -> None:
        allowed = _ALLOWED.get(type(node))
        if allowed is None:
            raise self._not_allowed(node)
        if node.depth > MAX_DEPTH * 2:
            raise self._refuse(node, f"this is nested deeper than {MAX_DEPTH * 2} levels")
        for key, value in node.args.items():
            if value and key not in allowed and value is not True:
                name = type(node).__name__.upper()
                raise self._refuse(node, f"{name} does not take {key.strip('_')} here")
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            raise self._refuse(node, "'*' stands in COUNT(*) only", "name the columns")
        if isinstance(node, exp.Anonymous):
            self._own(node)
        if (
            isinstance(node, exp.Literal)
            and not node.is_string
            and not re.match(r"^\d{1,20}(\.\d{1,18})?$", node.name)
        ):
            raise self._refuse(node, f"{node.name} is no number that is kept exactly")
        if isinstance(node, exp.Cast):
            name = type_name(node)
            if name not in TYPES or (name == "DECIMAL" and len(node.args["to"].expressions) != 2):
                raise self._refuse(node, f"a CAST to {name} is not allowed", "DECIMAL(38, 2), INTEGER, DATE")
        if isinstance(node, exp.Like) and "\\" in node.args["expression"].name:
            raise self._refuse(node, "LIKE takes a pattern without a backslash")
        if isinstance(node, exp.Placeholder):
            self._parameter(node)

    def _not_allowed(self, node: Node) -> ExpressionError:
        if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
            return self._refuse(node, "division is not allowed, because it rounds", "return both sides of it")
        if isinstance(node, exp.Avg):
            return self._refuse(node, "AVG is not allowed, because it rounds", "return SUM and COUNT")
        if isinstance(node, exp.Window):
            return self._refuse(
                node, "window functions are not allowed", "join an aggregate of the same source"
            )
        if isinstance(node, exp.Func):
            start = (node._meta or {}).get("start", position_of(node))
            written = re.match(r"\w+", self.sql[start:])
            return refusal(self.sql, written[0] if written else node.sql_name().lower(), start, FUNCTIONS)
        return self._refuse(node, f"{type(node).__name__.upper()} is not allowed in a query")

    def _table(self, table: exp.Table) -> str | None:
        if not isinstance(table.this, exp.Identifier):
            raise self._not_allowed(table.this)
        name = table.name
        if table.args.get("db") or table.args.get("catalog"):
            raise self._refuse(table, "a table is a source of the pack, without a schema before it")
        if name in self.common:
            return None
        if name not in self.scopes:
            hint = nearest(name, self.scopes) or "name it in the measure's 'sources'"
            raise self._refuse(table, f"{name} is no source that this measure declares", hint)
        return name

    def _results(self) -> None:
        """Checks the names of the columns that come out, and that what is decided by is counted."""
        selects = _branches(self.tree)
        found = [column.alias_or_name for column in selects[0].expressions]
        for name in found:
            if name not in RESULT_COLUMNS:
                hint = nearest(name, RESULT_COLUMNS) or "it returns " + ", ".join(RESULT_COLUMNS)
                raise ExpressionError(
                    self.sql, f"the query returns {name or 'a column without a name'}", 0, hint
                )
        for name in ("numerator", "rows"):
            if name not in found:
                raise ExpressionError(self.sql, f"the query returns no column {name}", 0, f"... AS {name}")
            place = found.index(name)
            columns = [select.expressions[place] for select in selects if place < len(select.expressions)]
            if not any(column.find(exp.Column, exp.Count) for column in columns):
                what = f"{name} is a constant, whatever the data say"
                raise self._refuse(columns[0], what, "COUNT(*) AS rows" if name == "rows" else "")

    def _own(self, node: exp.Anonymous) -> None:
        counts = _OWN.get(str(node.this).lower())
        if counts is None:
            start = (node._meta or {}).get("start", position_of(node))
            raise refusal(self.sql, str(node.this), start, FUNCTIONS)
        if len(node.expressions) not in counts:
            raise self._refuse(node, f"{node.this} does not take {len(node.expressions)} arguments")
        if str(node.this).lower() == "tag":
            self._tag(node)

    def _tag(self, node: exp.Anonymous) -> None:
        *before, key = node.expressions
        column = before[0].name if before else DEFAULT_TAGS
        if (
            not isinstance(key, exp.Literal)
            or not key.is_string
            or not re.match(r'^[^"\\$\s]{1,128}$', key.name)
        ):
            raise self._refuse(node, "tag takes its key as a text in quotes", "tag('owner')")
        if column not in self.names:
            raise self._refuse(node, f"there is no column {column}", nearest(column, self.names))
        self.tags.add((column, key.name))

    def _parameter(self, node: exp.Placeholder) -> None:
        name = str(node.args.get("this"))
        if name not in self.parameters:
            at = max(self.sql.find(f":{name}"), 0)
            raise ExpressionError(
                self.sql, f"there is no parameter :{name}", at, nearest(name, self.parameters)
            )


def _branches(tree: Node) -> list[Node]:
    """The SELECTs whose rows come out: one, or those of a UNION from the first to the last."""
    if isinstance(tree, exp.Union):
        return [*_branches(tree.this), *_branches(tree.expression)]
    return _branches(tree.this) if isinstance(tree, exp.Subquery) else [tree]
