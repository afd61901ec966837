"""SELECTs: what they read from, what they return, and how both are written for polars.

Every value in a query is read as it is in an expression over one row, by the same readers: an amount
is as exact, a moment belongs to its day, and nothing is cast that would round. What a query has
besides is read here: FROM, JOIN, GROUP BY and their like, and in `expressions_aggregates` what adds
rows up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions import NUMBERS, ExpressionError, Kind, Name, Part, Scope, hidden_tag
from phasegate.facts.expressions_operators import truth
from phasegate.facts.expressions_text import nearest, position_of
from phasegate.facts.expressions_typed import (
    READERS,
    Reader,
    Reading,
    Typed,
    hold_arguments,
    of_one_width,
    read_node,
)

FUNCTIONS = (
    "sum", "count", "min", "max", "abs", "least", "greatest", "coalesce", "nullif", "cast", "lower", "upper",
    "trim", "length", "tag", "month_of", "days_between", "date_plus", "replace", "substr", "split_part",
    "seconds_between", "minutes_between", "hours_between",
)  # fmt: skip
QUERY_READERS: dict[type[Node], tuple[Callable[[QueryReading, Node, int], Typed], frozenset[str]]] = {}
"""By node class what reads it in a query, over and above `READERS`."""
_SELECT = frozenset({"expressions", "from_", "joins", "where", "group", "having", "with_", "distinct"})
_SIDES = frozenset({"", "LEFT", "RIGHT", "FULL"})
_KINDS = frozenset({"", "INNER", "OUTER", "CROSS"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table of a query has: what it holds, and whether that depends on the rows."""

    kind: Kind
    varies: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """What stands in FROM under one name.

    Attributes:
        columns: its columns.
        source: the source that it is; None for another SELECT.
    """

    columns: Mapping[str, Column]
    source: Scope | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One SELECT of a query: what stands before its columns, these by name, and what stands behind."""

    head: tuple[Part, ...]
    columns: tuple[tuple[str, Typed], ...]
    tail: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """A query that was read: one SELECT, or several joined by UNION.

    Attributes:
        common: its WITH.
        branches: its SELECTs, whose columns have the same names and types.
        words: what stands between them.
        single: whether it always returns one row.
    """

    common: tuple[Part, ...]
    branches: tuple[Branch, ...]
    words: tuple[str, ...] = ()
    single: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """It as polars SQL."""
        parts: list[Part] = [*self.common]
        for branch, word in zip(self.branches, ("", *self.words), strict=True):
            parts += [word, *branch.head]
            for index, (name, typed) in enumerate(branch.columns):
                parts += [", "] if index else []
                parts += [*typed.parts, " AS ", Name(name)] if name else typed.parts
            parts += branch.tail
        return tuple(parts)

    @property
    def table(self) -> Table:
        """It as a table to read from."""
        columns: dict[str, Column] = {}
        for place, (name, typed) in enumerate(self.branches[0].columns):
            varies = any(branch.columns[place][1].varies for branch in self.branches)
            kind = Kind(typed.type, typed.scale, typed.unit)
            columns[name] = Column(kind, varies or len(self.branches) > 1)
        return Table(columns)


@dataclass
class QueryReading(Reading):
    """One SELECT while it is being read.

    Attributes:
        sources: the sources that it may read, by name.
        read: those that it did read.
        common: what WITH named before.
        tables: what stands in FROM.
        merged: the columns that USING makes one.
        keys: what GROUP BY names, as it was written by the author and by us.
        grouped: whether each column must be one of the keys, or be added up.
        inside: whether what is being read is added up, or is a key itself.
        aggregates: whether rows may be added up where it is read now.
        adds_up: whether somewhere amounts are added up within groups; one item where they are.
    """

    sources: Mapping[str, Scope] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    common: dict[str, Table] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    merged: set[str] = field(default_factory=set)
    keys: list[tuple[Node, tuple[Part, ...]]] = field(default_factory=list)
    grouped: bool = False
    inside: bool = False
    aggregates: bool = False
    adds_up: set[str] = field(default_factory=set)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that may be called."""
        return FUNCTIONS

    def below(self) -> QueryReading:
        """A SELECT within this one, which sees nothing of what this one reads from."""
        shared = (self.columns, self.tags)
        return QueryReading(
            self.sql, self.scope, *shared, sources=self.sources, read=self.read, common=dict(self.common),
            adds_up=self.adds_up,
        )  # fmt: skip

    def names(self) -> Iterable[str]:
        """The columns that may be named."""
        return {name for table in self.tables.values() for name in table.columns}

    def no_column(self, node: Node) -> ExpressionError:
        """The error for a column that does not exist."""
        hint = nearest(node.name, self.names())
        where = " and ".join(sorted(self.tables)) or "a SELECT without FROM"
        read = [table.source for table in self.tables.values() if table.source is not None]
        why = next((scope.barred[node.name] for scope in read if node.name in scope.barred), None)
        if why is not None:
            return self.refuse(node, f"the column {node.name} can not be used in {where}", why)
        return self.refuse(node, f"there is no column {node.name} in {where}", hint)

    def column(self, node: Node) -> tuple[tuple[Part, ...], Kind, bool]:
        """A column: how it is written, what it holds, and whether that varies."""
        parts, table = self._place(node, node.name)
        if table.source is not None:
            self.columns.add(node.name)
        if self.grouped and not self.inside and all(parts != key for _, key in self.keys):
            hint = "add it to GROUP BY, or put it into SUM, MIN, MAX or COUNT"
            raise self.refuse(node, f"{node.name} is neither grouped by nor added up", hint)
        found = table.columns[node.name]
        return parts, found.kind, found.varies

    def tag(self, node: Node, column: Node | None, name: str, key: str) -> tuple[Part, ...]:
        """The hidden column of a tag, how it is written."""
        parts, table = self._place(column if column is not None else node, name)
        if table.source is None or table.columns[name].kind.type != "string":
            raise self.refuse(node, f"{name} is no text column of a source, which tags could be read from")
        self.columns.add(name)
        self.tags.add((name, key))
        return (*parts[:-1], Name(hidden_tag(name, key)))

    def _place(self, node: Node, name: str) -> tuple[tuple[Part, ...], Table]:
        """Where a column stands: how it is written, and its table."""
        hold_arguments(self, node, frozenset(node.args) if not isinstance(node, exp.Column) else _COLUMN)
        asked = node.args.get("table") if isinstance(node, exp.Column) else None
        if asked is not None and asked.name not in self.tables:
            hint = nearest(asked.name, self.tables)
            raise self.refuse(node, f"nothing is called {asked.name} in FROM", hint)
        having = [alias for alias, table in self.tables.items() if name in table.columns]
        if asked is not None:
            having = [alias for alias in having if alias == asked.name]
        if not having:
            raise (
                self.no_column(node)
                if isinstance(node, exp.Column)
                else self.refuse(node, f"there is no column {name} in {' and '.join(sorted(self.tables))}")
            )
        if asked is None and name in self.merged:
            return (Name(name),), self.tables[having[0]]
        if len(having) > 1:
            hint = " or ".join(f"{alias}.{name}" for alias in having)
            raise self.refuse(node, f"{name} is a column of {' and of '.join(having)}", f"write {hint}")
        alone = len(self.tables) == 1 and asked is None
        parts: tuple[Part, ...] = (Name(name),) if alone else (Name(having[0]), ".", Name(name))
        return parts, self.tables[having[0]]

    def allowed(self, column: Node) -> tuple[str, ...]:
        """The only texts that a column may hold; none where it may hold any."""
        _, table = self._place(column, column.name)
        return () if table.source is None else table.source.allowed.get(column.name, ())

    def reader(self, node: Node) -> tuple[Reader, frozenset[str]] | None:
        """What reads a node, and the arguments that it may have; None if it may not stand here."""
        if self.grouped and not self.inside and any(node == key for key, _ in self.keys):
            return _key, frozenset(node.args)
        found = QUERY_READERS.get(type(node))
        if found is not None and (not isinstance(node, exp.In) or node.args.get("query")):
            return found  # type: ignore[return-value]
        return READERS.get(type(node))

    def not_allowed(self, node: Node) -> ExpressionError:
        """The error for a node that may not stand here."""
        if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
            return self.refuse(node, "division is not allowed, because it rounds", "return both sides of it")
        if isinstance(node, exp.Star):
            return self.refuse(node, "'*' stands in COUNT(*) only", "name the columns")
        if isinstance(node, exp.Avg):
            return self.refuse(node, "AVG is not allowed, because it rounds", "return SUM and COUNT")
        if isinstance(node, exp.Window):
            hint = "join an aggregate of the same source"
            return self.refuse(node, "window functions are not allowed", hint)
        return super().not_allowed(node)

    def joins_at(self, node: Node) -> bool:
        """Whether the word JOIN stands before a table, and not a comma."""
        start = position_of(node)
        return self.sql[:start].rstrip().rstrip("(").rstrip().upper().endswith("JOIN")

    def each(self, *, aggregates: bool = False, inside: bool = False) -> QueryReading:
        """The same SELECT in another place: where rows may be added up, or within such a sum."""
        self.aggregates, self.inside = aggregates, inside
        return self


_COLUMN = frozenset({"this", "table"})


def _key(reading: Reading, node: Node, depth: int) -> Typed:
    """What GROUP BY names, in a column that is returned."""
    assert isinstance(reading, QueryReading)
    before, reading.inside = reading.inside, True
    try:
        return read_node(reading, node, depth)
    finally:
        reading.inside = before


def select(outer: QueryReading, node: Node, depth: int) -> Selected:
    """Reads a query, within another one or by itself.

    Raises:
        ExpressionError: if it is anything that is not carried over.
    """
    if isinstance(node, exp.Subquery) and not node.alias:
        hold_arguments(outer, node, frozenset({"this"}))
        return select(outer, node.this, depth + 1)
    if depth > _DEEPEST:
        raise outer.refuse(node, f"this is nested deeper than {_DEEPEST} levels")
    if isinstance(node, exp.Union):
        return _union(outer, node, depth)
    if type(node) is not exp.Select:
        raise outer.not_allowed(node)
    hold_arguments(outer, node, _SELECT)
    own = outer.below()
    common = _common(own, node, depth)
    branch, single = _branch(own, node, depth)
    return Selected(common, (branch,), single=single)


_DEEPEST = 30


def _union(outer: QueryReading, node: exp.Union, depth: int) -> Selected:
    hold_arguments(outer, node, frozenset({"this", "expression", "with_", "distinct"}))
    own = outer.below()
    common = _common(own, node, depth)
    left, right = (select(own, side, depth + 1) for side in (node.this, node.args["expression"]))
    if right.words or right.common:
        hint = "name it in WITH"
        raise outer.refuse(node.args["expression"], "a UNION in brackets, or WITH, behind UNION", hint)
    word = " UNION " if node.args.get("distinct") else " UNION ALL "
    count = len(left.branches[0].columns)
    if len(right.branches[0].columns) != count:
        what = f"UNION of {count} columns and {len(right.branches[0].columns)}"
        raise outer.refuse(node.args["expression"], what, "both sides return the same columns")
    branches = _alike(outer, node, (*left.branches, *right.branches))
    return Selected((*common, *left.common), branches, (*left.words, word))


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
        Branch(branch.head, tuple(columns), branch.tail)
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
        parts += [", "] if index else []
        parts += [Name(name), " AS (", *selected.parts, ")"]
    return (*parts, " ")


def _named(own: QueryReading, node: Node, selected: Selected) -> Table:
    """A query as a table, all of whose columns have names of their own."""
    names = [name for name, _ in selected.branches[0].columns]
    if "" in names or len(set(names)) < len(names):
        raise own.refuse(node, "a column within has no name, or that of another", "name it with AS")
    if any(typed.per != 1 for _, typed in selected.branches[0].columns):
        raise own.refuse(node, "a length of time is not handed on", "use seconds_between, which is exact")
    return selected.table


def _alias_of(own: QueryReading, node: Node) -> str:
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias):
        hold_arguments(own, alias, frozenset({"this"}))
    return str(node.alias)


def _branch(own: QueryReading, node: exp.Select, depth: int) -> tuple[Branch, bool]:
    """One SELECT, and whether it always returns one row."""
    tail: list[Part] = []
    if (source := node.args.get("from_")) is not None:
        hold_arguments(own, source, frozenset({"this"}))
        tail += [" FROM ", *_table(own, source.this, depth)]
    for join in node.args.get("joins") or []:
        tail += _join(own, join, depth)
    if (where := node.args.get("where")) is not None:
        tail += [" WHERE ", *truth(own.each(), where.this, depth).parts]
    items = list(node.args["expressions"])
    group, having = node.args.get("group"), node.args.get("having")
    if group is not None:
        tail += [" GROUP BY ", *_group(own, group, items, depth)]
    added = any(_adds_up(item) for item in items)
    own.grouped = group is not None or having is not None or added
    columns = tuple(_item(own, item, depth) for item in items)
    if having is not None:
        tail += [" HAVING ", *truth(own.each(aggregates=True), having.this, depth).parts]
    distinct = node.args.get("distinct")
    if distinct is not None:
        hold_arguments(own, distinct, frozenset())
    head: tuple[Part, ...] = ("SELECT DISTINCT ",) if distinct is not None else ("SELECT ",)
    return Branch(head, columns, tuple(tail)), added and group is None and having is None


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
        name, node = node.alias, node.this
    return name, read_node(own.each(aggregates=True), node, depth)


def _group(own: QueryReading, group: Node, items: list[Node], depth: int) -> Iterator[Part]:
    hold_arguments(own, group, frozenset({"expressions"}))
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
        yield from [", "] if index else []
        yield from typed.parts


def _table(own: QueryReading, node: Node, depth: int) -> tuple[Part, ...]:
    """What stands in FROM or behind JOIN; it is a table of the SELECT from here on."""
    if isinstance(node, exp.Subquery):
        hold_arguments(own, node, frozenset({"this", "alias"}))
        selected, name = select(own, node.this, depth + 1), _alias_of(own, node)
        if not name:
            raise own.refuse(node, "a query in FROM needs a name", "... AS t")
        _add(own, node, name, _named(own, node, selected))
        return ("(", *selected.parts, ") AS ", Name(name))
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        raise own.not_allowed(node.this if isinstance(node, exp.Table) else node)
    if node.args.get("db") or node.args.get("catalog"):
        raise own.refuse(node, "a table is a source of the pack, without a schema before it")
    hold_arguments(own, node, frozenset({"this", "alias"}))
    name, alias = node.name, _alias_of(own, node) or node.name
    found = own.common.get(name) or _source(own, node, name)
    _add(own, node, alias, found)
    return (Name(name), " AS ", Name(alias)) if alias != name else (Name(name),)


def _source(own: QueryReading, node: Node, name: str) -> Table:
    scope = own.sources.get(name)
    if scope is None:
        hint = nearest(name, own.sources) or "name it in the measure's 'sources'"
        raise own.refuse(node, f"{name} is no source that this measure declares", hint)
    own.read.add(name)
    return Table({column: Column(kind) for column, kind in scope.columns.items()}, scope)


def _add(own: QueryReading, node: Node, name: str, table: Table) -> None:
    if name in own.tables:
        raise own.refuse(node, f"two tables are called {name}", "give one another name with AS")
    own.tables[name] = table


def _join(own: QueryReading, node: Node, depth: int) -> tuple[Part, ...]:
    hold_arguments(own, node, frozenset({"this", "side", "kind", "on", "using"}))
    side, kind = (str(node.args.get(key) or "").upper() for key in ("side", "kind"))
    if side not in _SIDES or kind not in _KINDS:
        raise own.refuse(node, f"{side} {kind} JOIN is not allowed".strip(), "WHERE ... IN (SELECT ...)")
    before = set(own.names())
    table = _table(own, node.this, depth)
    on, using = node.args.get("on"), node.args.get("using") or []
    if not on and not using:
        if side or kind not in ("", "CROSS") or (not kind and own.joins_at(node)):
            raise own.refuse(node, "a JOIN without ON or USING", "CROSS JOIN takes every pair of rows")
        return (" CROSS JOIN ", *table)
    if kind == "CROSS":
        raise own.refuse(node, "a CROSS JOIN takes no ON")
    word = f" {side or 'INNER'} JOIN "
    if on:
        return (word, *table, " ON ", *truth(own.each(), on, depth).parts)
    last = own.tables[next(reversed(own.tables))]
    for column in using:
        if column.name not in before or column.name not in last.columns:
            raise own.refuse(column, f"USING names {column.name}, which one of both has not")
    own.merged |= {column.name for column in using}
    names: list[Part] = []
    for index, column in enumerate(using):
        names += [", "] if index else []
        names += [Name(column.name)]
        if own.tables:
            own.columns.add(column.name)
    return (word, *table, " USING (", *names, ")")
