"""One SELECT while it is being read: which columns may be named in it, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions.queries.tables import Check, Table
from phasegate.facts.expressions.tokens import nearest, position_of
from phasegate.facts.expressions.tree import Polars, Tree
from phasegate.facts.expressions.typed import (
    READERS,
    Reader,
    Reading,
    hold_arguments,
    of_one_width,
    read_node,
)
from phasegate.facts.expressions.types import (
    NUMBERS,
    ExpressionError,
    Kind,
    Lack,
    Name,
    Origin,
    Part,
    Scope,
    Typed,
    hidden_tag,
)

SLICE = "slice"
"""The column of a result that says to which slice a row belongs."""
OF_QUERY = "the value of a SELECT"
"""What is missing where a query that stands for a value finds no rows."""
AMONG = "IN a SELECT"
"""What is missing where one of the values is, among which another is not found; the SELECT tells which."""
AGGREGATES = ("sum", "count", "min", "max")
"""The functions that a query has besides those of an expression."""
QUERY_READERS: dict[type[Node], tuple[Callable[[QueryReading, Node, int], Typed], frozenset[str]]] = {}
"""By node class what reads it in a query, over and above `READERS`."""


@dataclass
class QueryReading(Reading):
    """One SELECT while it is being read.

    Attributes:
        sources: the sources that it may read, by name.
        read: those that it did read.
        common: what WITH named before.
        tables: what stands in FROM.
        merged: the columns that USING makes one, and how each is written.
        keys: what GROUP BY names, as it was written by the author and by us.
        grouped: whether each column must be one of the keys, or be added up.
        inside: whether what is being read is added up, or is a key itself.
        aggregates: whether rows may be added up where it is read now.
        joining: whether what is being read says which rows of two tables belong together.
        commas: whether a comma stands between two of the tables.
        counted: whether the data say how many rows it reads.
        adds_up: whether somewhere amounts are added up within groups; one item where they are.
        compared: the texts that are compared as ids of people anywhere in the query.
        checks: what its SELECTs ask of their rows.
        withs: how the tables are written that WITH named before.
        written: how each of the tables is written.
        outer: those of which an outer JOIN may have no row.
        held: the values that are null where something is missing that decides.
        told: what is missing and counted by the query itself, as ``nulls``.
        crossed: whether every pair of rows of two tables is read.
        whole: whether its rows are the query's result.
        item: the column of the result that is being read; empty elsewhere.
    """

    sources: Mapping[str, Scope] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    common: dict[str, Table] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    merged: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    keys: list[tuple[Node, tuple[Part, ...]]] = field(default_factory=list)
    grouped: bool = False
    inside: bool = False
    aggregates: bool = False
    joining: bool = False
    commas: bool = False
    counted: bool = False
    adds_up: set[str] = field(default_factory=set)
    compared: set[Origin] = field(default_factory=set)
    checks: list[Check] = field(default_factory=list)
    withs: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    written: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    held: list[Typed] = field(default_factory=list)
    told: set[Lack] = field(default_factory=set)
    crossed: bool = False
    whole: bool = False
    item: str = ""

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that may be called."""
        return (*AGGREGATES, *super().functions)

    def hold_whole(self, node: Node, values: Iterable[Typed]) -> None:
        """Refuses lengths of time that are kept as seconds where a query hands values on.

        Raises:
            ExpressionError: if there is one.
        """
        if any(typed.per != 1 for typed in values):
            raise self.refuse(
                node, "a length of time is not handed on", "use seconds_between, which is exact"
            )

    def below(self) -> QueryReading:
        """A SELECT within this one, which sees nothing of what this one reads from."""
        shared = (self.columns, self.tags)
        return QueryReading(
            self.sql, self.scope, *shared, sources=self.sources, read=self.read, common=dict(self.common),
            adds_up=self.adds_up, compared=self.compared, checks=self.checks, withs=dict(self.withs),
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

    def column(self, node: Node) -> tuple[Tree, Kind, bool]:
        """A column: how it is written, what it holds, and whether that varies."""
        self.hold_name(node)
        parts, table = self._place(node, node.name)
        if table.source is not None:
            self.columns.add(node.name)
        if self.grouped and not self.inside and all(parts != key for _, key in self.keys):
            hint = "add it to GROUP BY, or put it into SUM, MIN, MAX or COUNT"
            raise self.refuse(node, f"{node.name} is neither grouped by nor added up", hint)
        found = table.columns[node.name]
        return Polars(parts), found.kind, found.varies

    def tag(self, node: Node, column: Node | None, name: str, key: str) -> Tree:
        """The hidden column of a tag, how it is written."""
        parts, table = self._place(column if column is not None else node, name)
        if table.source is None or table.columns[name].kind.type != "string":
            raise self.refuse(node, f"{name} is no text column of a source, which tags could be read from")
        if not isinstance(parts[-1], Name):
            raise self.refuse(node, f"{name} is a column of several tables", "write tag(table.column, key)")
        self.columns.add(name)
        self.tags.add((name, key))
        return Polars((*parts[:-1], Name(hidden_tag(name, key))))

    def _place(self, node: Node, name: str) -> tuple[tuple[Part, ...], Table]:
        """Where a column stands: how it is written, and its table."""
        hold_arguments(self, node, frozenset(node.args) if not isinstance(node, exp.Column) else _COLUMN)
        asked = node.args.get("table") if isinstance(node, exp.Column) else None
        if asked is not None and asked.name not in self.tables:
            hint = nearest(asked.name, self.tables) or "a SELECT within another sees its own FROM only"
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
            return self.merged[name], self.tables[having[0]]
        if len(having) > 1:
            hint = " or ".join(f"{alias}.{name}" for alias in having)
            raise self.refuse(node, f"{name} is a column of {' and of '.join(having)}", f"write {hint}")
        alone = len(self.tables) == 1
        table = self.tables[having[0]]
        own = Name(table.columns[name].written or name)
        return ((own,) if alone else (Name(having[0]), ".", own)), table

    def origin(self, node: Node, kind: Kind) -> frozenset[Origin]:
        """Where the text of a column comes from; of a column of USING, all of them."""
        self._place(node, node.name)
        asked = node.args.get("table")
        tables = [self.tables[asked.name]] if asked is not None else self.tables.values()
        found = (self.origin_in(table, node.name) for table in tables if node.name in table.columns)
        return frozenset[Origin]().union(*found)

    def tag_origin(self, column: Node | None, name: str, key: str) -> frozenset[Origin]:
        """Where the text of a tag comes from."""
        found = (self.origin_in(table, name) for table in self.tables.values() if name in table.columns)
        whole = frozenset[Origin]().union(*found)
        return frozenset(each._replace(text=hidden_tag(name, key)) for each in whole)

    def origin_in(self, table: Table, name: str) -> frozenset[Origin]:
        """Where the text of a table's column comes from."""
        column = table.columns[name]
        if table.source is None:
            return column.texts
        return frozenset({Origin(table.source.source, name, column.kind.personal)})

    def same(self, node: Node, values: list[Typed], test: Callable[[list[Typed]], Tree]) -> Tree:
        """A test of whether texts are the same; a query takes in no ids of people that only seem to be."""
        self.compare(values)
        return test(values)

    def compare(self, values: Iterable[Typed]) -> None:
        """Notes texts that are held against each other, where ids of people are among them."""
        texts = frozenset[Origin]().union(*(value.texts or () for value in values if value.type == "string"))
        if any(text.personal for text in texts):
            self.compared |= texts

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

    def each(self, *, aggregates: bool = False, joining: bool = False) -> QueryReading:
        """The same SELECT in another place: where rows may be added up, or of two tables are compared."""
        self.aggregates, self.inside, self.joining = aggregates, False, joining
        return self

    def comparable(self, node: Node, values: list[Typed]) -> list[Typed]:
        """Values as they are compared: polars joins by numbers of one width only."""
        return of_one_width(self, node, values) if self.joining and values[0].type in NUMBERS else values


_COLUMN = frozenset({"this", "table"})


def _key(reading: Reading, node: Node, depth: int) -> Typed:
    """What GROUP BY names, in a column that is returned."""
    assert isinstance(reading, QueryReading)
    before, reading.inside = reading.inside, True
    try:
        return read_node(reading, node, depth)
    finally:
        reading.inside = before
