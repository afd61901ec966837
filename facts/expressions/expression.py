"""Expressions: the SQL that packs are written in, held to an allowlist.

An author writes conditions and amounts as SQL over the columns of one source. `parse` accepts
what the allowlist names and refuses everything else with a position and a hint. What it accepts
comes out as polars SQL that is exact: integers become decimals
before arithmetic, and three-valued logic is spelt out where polars' own differs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from phasegate.facts.expressions.polars_words import parts_of
from phasegate.facts.expressions.types import (
    DEFAULT_TAGS,
    ENGINE_DATES,
    NUMBERS,
    PARAMETER_SCALE,
    ExpressionError,
    Kind,
    Name,
    Part,
    Scope,
    Slot,
    Tree,
    UnboundParameterError,
    ValueType,
    hidden_person,
    hidden_tag,
)
from phasegate.rules.values.units import Quantity

if TYPE_CHECKING:
    import polars as pl
    from sqlglot.expressions import Expr as Node

__all__ = [
    "DEFAULT_TAGS",
    "ENGINE_DATES",
    "NUMBERS",
    "PARAMETER_SCALE",
    "Expression",
    "ExpressionError",
    "Kind",
    "Name",
    "Part",
    "Scope",
    "Slot",
    "UnboundParameterError",
    "ValueType",
    "add_columns",
    "condition",
    "hidden_person",
    "hidden_tag",
    "number",
    "parse",
    "with_computed",
]
"""What others know of expressions; the modules in this folder take `types` itself."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An accepted expression.

    Attributes:
        sql: the text as its author wrote it.
        type, scale: what it yields.
        meaning: what it means, for the engine that computes it.
        columns: the source's columns that it reads, sorted.
        tags: the JSON columns and keys that ``tag`` reads, sorted.
        varies: whether it depends on a row at all.
        per: by what its number is divided to be in its unit: 3,600 for hours that are kept as seconds.
        unit: what a length of time is counted in; None for other numbers, and for products.
        deciding: the columns of which an empty cell may make it null, sorted. Not among them are those
            that are read under the author's word alone (IS NULL, IS TRUE, a COALESCE that ends with a
            value), and those that the contract holds to be filled.
        deciding_tags: likewise the tags, columns and keys, that may be missing.
        texts: the only texts that it can yield, where its own words say so.
        otherwise: what of its own words may yield no value where every cell is filled, such as NULLIF.
        people: the columns that it compares as ids of people, sorted.
        personal: whether what it yields is such an id.
        computed: whether it is more than a cell, and null where one is empty that decides.
        tree: its syntax tree, for those who ask what follows from it; nobody may change it.
    """

    sql: str
    type: ValueType
    scale: int
    meaning: Tree
    columns: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    varies: bool = True
    per: int = 1
    unit: str | None = None
    deciding: tuple[str, ...] = ()
    deciding_tags: tuple[tuple[str, str], ...] = ()
    otherwise: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    personal: bool = False
    computed: bool = False
    texts: tuple[str, ...] = ()
    tree: Node | None = field(default=None, repr=False, compare=False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """It as polars SQL, with slots where parameters go."""
        return parts_of(self.meaning)

    @property
    def nullable(self) -> bool:
        """Whether it may be null in a row at all."""
        return bool(self.deciding or self.deciding_tags or self.otherwise)

    @property
    def kind(self) -> Kind:
        """What a column holds that is derived so."""
        return Kind(
            self.type,
            self.scale,
            self.unit,
            self.varies,
            self.nullable,
            self.personal,
            self.computed,
            self.texts,
        )

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that it names, sorted."""
        names: set[str] = set()
        for part in self.parts:
            if isinstance(part, Slot):
                names.add(part.name)
                names.update(days for _, days in part.shift if isinstance(days, str))
        return tuple(sorted(names))

    def bind(self, values: Mapping[str, dt.date | Quantity | Fraction | int | None]) -> str:
        """The polars SQL with its parameters filled in, held to what was read.

        Raises:
            UnboundParameterError: if a parameter has no value.
            ExpressionError: if a value does not fit its place, or the text would say something else
                than what was read.
        """
        from phasegate.facts.expressions.polars_sql import written

        return written(self.sql, self.parts, values)

    def compile(self, values: Mapping[str, dt.date | Quantity | Fraction | int | None]) -> pl.Expr:
        """The expression as polars evaluates it.

        Raises:
            UnboundParameterError, ExpressionError: as `bind`.
        """
        import polars as pl

        compiled = pl.sql_expr(self.bind(values))
        read = {*self.columns, *(hidden_tag(*tag) for tag in self.tags), *map(hidden_person, self.people)}
        if not read.issuperset(compiled.meta.root_names()):  # polars has a reader of its own
            raise ExpressionError(self.sql, "polars would read other columns than this names")
        return compiled

    def column(self, values: Mapping[str, dt.date | Quantity | Fraction | int | None]) -> pl.Expr:
        """The same, as what a column keeps.

        Raises:
            UnboundParameterError, ExpressionError: as `bind`, or if a column does not keep it exactly.
        """
        if self.per != 1:
            what = "a column does not keep this length of time exactly"
            raise ExpressionError(self.sql, what, hint="use seconds_between, which is exact")
        return self.compile(values)


def parse(sql: str, scope: Scope) -> Expression:
    """Reads one SQL expression.

    Args:
        sql: the text; a condition or a value over one row.
        scope: what it may name.

    Raises:
        ExpressionError: if it is anything that the allowlist does not name.
    """
    for words, known in _READ.get(sql, ()):
        if words.same_in(scope):
            return known
    words, found = _read(sql, scope)
    if len(_READ) >= _MOST_READ:
        _READ.clear()
    _READ.setdefault(sql, []).append((words, found))
    return found


class _Words(NamedTuple):
    """What the words of an expression stood for when it was read: all that it asked its scope.

    Attributes:
        source: the source.
        columns: of each column that it names, what it holds, and the only texts that it may be.
        parameters: of each parameter that it names, what it is.
    """

    source: str
    columns: tuple[tuple[str, Kind, tuple[str, ...]], ...]
    parameters: tuple[tuple[str, str], ...]

    def same_in(self, scope: Scope) -> bool:
        """Whether they stand for the same in another scope, so that the text means the same there."""
        return (
            self.source == scope.source
            and all(
                scope.columns.get(name) == kind and scope.allows(name) == texts
                for name, kind, texts in self.columns
            )
            and all(scope.parameters.get(name) == type_ for name, type_ in self.parameters)
        )


_READ: dict[str, list[tuple[_Words, Expression]]] = {}
"""What was read already, by its text: lint and run meet the same expressions, in scopes that grow."""
_MOST_READ = 5_000


def _read(sql: str, scope: Scope) -> tuple[_Words, Expression]:
    # They register what reads the nodes of a syntax tree.
    import phasegate.facts.expressions.functions
    import phasegate.facts.expressions.operators  # noqa: F401
    from phasegate.facts.expressions.texts import texts_of
    from phasegate.facts.expressions.tokens import WORDS, hold_words, tokens_of, tree_of
    from phasegate.facts.expressions.typed import Reading, read_node

    reading = Reading(sql, scope)
    tokens = tokens_of(sql)
    tree = tree_of(sql, tokens)
    typed = read_node(reading, tree, 0)
    hold_words(sql, tokens, tree, WORDS.union(reading.functions))
    lacks = typed.lacks or frozenset()
    words = _Words(
        scope.source,
        tuple((name, scope.columns[name], scope.allows(name)) for name in reading.columns),
        tuple((name, scope.parameters[name]) for name in reading.parameters),
    )
    return words, Expression(
        sql=sql,
        type=typed.type,
        scale=typed.scale,
        meaning=typed.tree,
        columns=tuple(sorted(reading.columns)),
        tags=tuple(sorted(reading.tags)),
        varies=bool(typed.varies),
        per=typed.per,
        unit=typed.unit,
        texts=texts_of(tree, reading.allowed) if typed.type == "string" else (),
        deciding=tuple(sorted({each.name for each in lacks if each.parts and not each.key})),
        deciding_tags=tuple(sorted({(each.name, each.key) for each in lacks if each.key})),
        people=tuple(sorted(reading.people)),
        personal=typed.personal,
        computed=typed.computed,
        otherwise=tuple(sorted({each.name for each in lacks if not each.parts})),
        tree=tree,
    )


def condition(sql: str, scope: Scope) -> Expression:
    """Reads an expression that must be true or false.

    Raises:
        ExpressionError: likewise, or if it yields something else.
    """
    found = parse(sql, scope)
    if found.type not in ("boolean", "any"):
        raise ExpressionError(
            sql,
            f"this yields {found.type}, where a condition must be true or false",
            hint="compare it with something",
        )
    return found


def number(sql: str, scope: Scope) -> Expression:
    """Reads an expression that must be a number.

    Raises:
        ExpressionError: likewise, or if it yields something else.
    """
    found = parse(sql, scope)
    if found.type not in NUMBERS | {"any"}:
        raise ExpressionError(
            sql,
            f"this yields {found.type}, where an amount must be a number",
            hint="CASE WHEN ... THEN 1 ELSE 0 END counts",
        )
    return found


def add_columns(
    frame: pl.LazyFrame,
    columns: Mapping[str, Expression],
    values: Mapping[str, dt.date | Quantity | Fraction | int | None],
    no_value: Collection[str] = (),
) -> pl.LazyFrame:
    """A frame with further columns, each computed from the columns of the same row.

    Args:
        frame: the frame.
        columns: what is computed, by the column's name; none reads another one of them.
        values: the values of parameters.
        no_value: words that stand for nothing where a tag is read.

    Raises:
        UnboundParameterError, ExpressionError: as `Expression.column`.
    """
    computed = [expression.column(values).alias(name) for name, expression in columns.items()]
    return with_computed(frame, computed, columns.values(), no_value)


def with_computed(
    frame: pl.LazyFrame,
    computed: Iterable[pl.Expr],
    expressions: Collection[Expression],
    no_value: Collection[str] = (),
) -> pl.LazyFrame:
    """The same, with what was compiled already.

    Args:
        frame: the frame.
        computed: the columns.
        expressions: those that the columns were compiled of.
        no_value: words that stand for nothing where a tag is read.
    """
    from phasegate.facts.expressions.people import with_people
    from phasegate.facts.expressions.tags import with_tags

    tags = sorted({tag for expression in expressions for tag in expression.tags})
    people = sorted({name for expression in expressions for name in expression.people})
    frame = with_people(with_tags(frame, tags, no_value), people).with_columns(computed)
    hidden = [*(hidden_tag(*tag) for tag in tags), *map(hidden_person, people)]
    return frame.drop(hidden) if hidden else frame
