"""Typed values: what a node of a syntax tree becomes, and how values are made alike.

Only the node classes in `READERS` exist; whatever else sqlglot can build is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import lcm

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions.polars_words import parts_of
from phasegate.facts.expressions.tokens import HINT_DIVISION, MAX_DEPTH, nearest, position_of, refusal
from phasegate.facts.expressions.tree import Op, Tree, as_decimal, op
from phasegate.facts.expressions.tree import day as day_tree
from phasegate.facts.expressions.tree import decimal as decimal_tree
from phasegate.facts.expressions.types import (
    ALIKE,
    NUMBERS,
    ExpressionError,
    Kind,
    Lack,
    Name,
    Origin,
    Scope,
    Slot,
    Typed,
    hidden_person,
    hidden_tag,
)
from phasegate.rules.diagnostics.suggestions import with_article
from phasegate.rules.model.base import RENAME, reserved
from phasegate.rules.values.units import DAYS, TIMES

MAX_WRITTEN = 20_000
"""Characters of polars SQL: BETWEEN and LEAST repeat their operands, so nesting them multiplies."""
FUNCTIONS = (
    "abs", "least", "greatest", "coalesce", "nullif", "cast", "lower", "upper", "trim", "length",
    "month_of", "days_between", "date_plus", "tag", "replace", "substr", "split_part", "seconds_between",
    "minutes_between", "hours_between",
)  # fmt: skip


@dataclass
class Reading:
    """One expression while it is being read.

    Attributes:
        sql: its text.
        scope: what it may name.
        columns, tags, parameters: what it read so far.
        varied: whether what is being read depends on the rows.
        lacking: what may be missing so that what is being read is null.
        texts: the texts that it is made of.
        people: the columns that are compared as ids of people.
        asked: what it asks about itself, by IS NULL and COUNT.
    """

    sql: str
    scope: Scope
    columns: set[str] = field(default_factory=set)
    tags: set[tuple[str, str]] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    varied: bool = False
    lacking: frozenset[Lack] = frozenset()
    texts: frozenset[Origin] = frozenset()
    people: set[str] = field(default_factory=set)
    asked: set[Lack] = field(default_factory=set)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that may be called."""
        return FUNCTIONS

    def refuse(self, node: Node, what: str, hint: str = "") -> ExpressionError:
        """The error at a node."""
        return ExpressionError(self.sql, what, position_of(node), hint)

    def names(self) -> Iterable[str]:
        """The columns that may be named."""
        return self.scope.columns

    def column(self, node: Node) -> tuple[Tree, Kind, bool]:
        """A column: how it is written, what it holds, and whether that varies.

        Raises:
            ExpressionError: if there is none of that name.
        """
        if node.args.get("table") is not None:
            raise self.refuse(node, "a column stands by itself here", f"write {node.name}")
        kind = self.scope.columns.get(node.name)
        if kind is None:
            raise self.no_column(node)
        self.hold_name(node)
        self.columns.add(node.name)
        return Name(node.name), kind, kind.varies

    def hold_name(self, node: Node) -> None:
        """Refuses a name that would be taken for something else than a column.

        Raises:
            ExpressionError: saying for what.
        """
        if (what := reserved(node.name)) is not None:
            raise self.refuse(node, what, RENAME)

    def no_column(self, node: Node) -> ExpressionError:
        """The error for a column that does not exist."""
        name = node.name
        if name.casefold() in ("nan", "infinity", "inf"):
            return self.refuse(node, f"{name} is no number that can be compared")
        hint = nearest(name, self.names())
        if node.this.args.get("quoted"):
            hint = f"a text stands in single quotes: '{name}'" + (f"; or {hint}" if hint else "")
        if (why := self.scope.barred.get(name)) is not None:
            return self.refuse(node, f"the column {name} can not be used in {self.scope.source}", why)
        return self.refuse(node, f"there is no column {name} in {self.scope.source}", hint)

    def tag(self, node: Node, column: Node | None, name: str, key: str) -> Tree:
        """The hidden column of a tag, how it is written.

        Args:
            node: the call, for messages.
            column: the column with the tags; None for the usual one.
            name: its name.
            key: the tag's.

        Raises:
            ExpressionError: if there is no such column, or it holds no texts.
        """
        kind = self.scope.columns.get(name)
        if kind is None or kind.type != "string":
            hint = nearest(name, self.scope.columns)
            raise self.refuse(node, f"there is no text column {name} in {self.scope.source}", hint)
        self.columns.add(name)
        self.tags.add((name, key))
        return Name(hidden_tag(name, key))

    def allowed(self, column: Node) -> tuple[str, ...]:
        """The only texts that a column may hold; none where it may hold any."""
        return self.scope.allows(column.name)

    def origin(self, node: Node, kind: Kind) -> frozenset[Origin]:
        """Where the text of a column comes from."""
        return frozenset({Origin(self.scope.source, node.name, kind.personal)})

    def tag_origin(self, column: Node | None, name: str, key: str) -> frozenset[Origin]:
        """Where the text of a tag comes from."""
        personal = self.scope.columns[name].personal
        return frozenset({Origin(self.scope.source, hidden_tag(name, key), personal)})

    def same(self, node: Node, values: list[Typed], test: Callable[[list[Typed]], Tree]) -> Tree:
        """A test of whether texts are the same, which is not known of ids of people that only seem to be.

        Args:
            node: what tests them, for messages.
            values: the texts, or other values.
            test: how it is written.

        Raises:
            ExpressionError: if what it tests is computed from an id so that nobody knows how it reads.
        """
        plain = test(values)
        if not any(value.personal for value in values):
            return plain
        if any(value.personal and value.person is None for value in values):
            raise self.refuse(node, "this is computed from an id of a person", "compare the column itself")
        persons = [value._replace(tree=value.person or value.tree) for value in values]
        for part in (part for value in persons for part in value.parts if isinstance(part, Name)):
            if part.text.startswith(hidden_person("")):
                self.people.add(part.text.removeprefix(hidden_person("")))
        self.lacking |= {Lack(ALIKE)}
        seen = test(persons)
        return op("alike", plain, seen)

    def comparable(self, node: Node, values: list[Typed]) -> list[Typed]:
        """Values as they are compared."""
        return values

    def reader(self, node: Node) -> tuple[Reader, frozenset[str]] | None:
        """What reads a node, and the arguments that it may have; None if it may not stand here."""
        return READERS.get(type(node))

    def not_allowed(self, node: Node) -> ExpressionError:
        """The error for a node that may not stand here."""
        return not_allowed(self, node)


Reader = Callable[[Reading, Node, int], Typed]
PAIR = frozenset({"this", "expression"})
ONE = frozenset({"this"})
LIST = frozenset({"this", "expressions"})
READERS: dict[type[Node], tuple[Reader, frozenset[str]]] = {}
"""By node class what reads it, and the arguments that it may have."""


def read_node(reading: Reading, node: Node, depth: int) -> Typed:
    """One node of a tree as a typed value.

    Raises:
        ExpressionError: if the node, or anything below it, is not on the allowlist.
    """
    if depth > MAX_DEPTH:
        raise reading.refuse(node, f"this is nested deeper than {MAX_DEPTH} levels")
    found = reading.reader(node)
    if found is None:
        raise reading.not_allowed(node)
    reader, allowed = found
    hold_arguments(reading, node, allowed)
    before, reading.varied = reading.varied, False
    lacking, reading.lacking = reading.lacking, frozenset()
    texts, reading.texts = reading.texts, frozenset()
    typed = reader(reading, node, depth + 1)
    varies = reading.varied if typed.varies is None else typed.varies
    lacks = reading.lacking if typed.lacks is None else typed.lacks
    own = reading.texts if typed.texts is None else typed.texts
    reading.varied, reading.lacking, reading.texts = before or varies, lacking | lacks, texts | own
    # Placed first: what is written of a tree is kept with it, for the trees that it stands in.
    tree = typed.tree
    if isinstance(tree, Op) and tree.at < 0:
        tree = tree.placed(position_of(node))
    if sum([len(part) if isinstance(part, str) else 2 for part in parts_of(tree)]) > MAX_WRITTEN:
        raise reading.refuse(node, "this is too large an expression", "derive a column from a part of it")
    return typed._replace(tree=tree, varies=varies, lacks=lacks, texts=own)


def hold_arguments(reading: Reading, node: Node, allowed: frozenset[str]) -> None:
    """Refuses what a node says beside the arguments that its reader carries over.

    Raises:
        ExpressionError: naming the word, such as SYMMETRIC.
    """
    for key, value in node.args.items():
        if value and key not in allowed and not (value is True and key in _HARMLESS.get(type(node), ())):
            if isinstance(value, exp.Query) and reading.reader(value) is None:
                raise reading.not_allowed(value)
            word = key.strip("_").replace("_", " ")
            what = f"{name_of(node)} does not take {word} here"
            written = value if isinstance(value, str) else word
            raise ExpressionError(reading.sql, what, _place_of(written, reading.sql, position_of(node)))


def _place_of(word: str, sql: str, otherwise: int) -> int:
    """Where the word stands that an argument was made of, as well as that can be told."""
    stem = re.escape(word.split(maxsplit=1)[0].removesuffix("s"))
    found = [match.start() for match in re.finditer(rf"\b{stem}", sql, re.IGNORECASE)]
    return min(found, key=lambda place: abs(place - otherwise), default=otherwise)


_HARMLESS: dict[type[Node], frozenset[str]] = {
    exp.Count: frozenset({"big_int"}),
    exp.Coalesce: frozenset({"coalesce"}),
    exp.Least: frozenset({"ignore_nulls", "return_null_if_any_null"}),
    exp.Greatest: frozenset({"ignore_nulls", "return_null_if_any_null"}),
    exp.Literal: frozenset({"is_string"}),
}
"""What the parser notes by itself: no word of the author's is behind it."""


def name_of(node: Node) -> str:
    """What an author calls such a node."""
    if isinstance(node, exp.Anonymous):
        return str(node.this)
    if isinstance(node, exp.Func):
        return node.sql_name().lower()
    return type(node).__name__


def not_allowed(reading: Reading, node: Node) -> ExpressionError:
    """The error for a node that is not on the allowlist, with what to do instead."""
    if isinstance(node, exp.Window):
        return reading.refuse(node, "window functions are not allowed", "an expression sees one row")
    if isinstance(node, exp.Query | exp.Exists):
        return reading.refuse(node, "subqueries are not allowed", "a measure of kind sql may have them")
    if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        return reading.refuse(node, "division is not allowed, because it rounds", HINT_DIVISION)
    if isinstance(node, exp.Anonymous | exp.Func):
        start = (node._meta or {}).get("start")
        written = re.match(r"\w+", reading.sql[start:]) if start is not None else None
        name = written[0] if written else name_of(node)
        at = start if start is not None else position_of(node)
        return refusal(reading.sql, name, at, reading.functions)
    if isinstance(node, exp.DPipe | exp.Concat):
        return reading.refuse(node, "joining texts is not allowed", "compare the columns one by one")
    if isinstance(node, exp.ILike):
        return reading.refuse(node, "ILIKE is not allowed", "LOWER(column) LIKE 'text%'")
    if isinstance(node, exp.Placeholder | exp.Parameter):
        return reading.refuse(node, "a parameter is written :name")
    if isinstance(node, exp.Alias):
        return reading.refuse(node, "a name is left over", "AS does not belong here; is an operator missing?")
    if isinstance(node, exp.DDL | exp.DML | exp.Command | exp.Drop):
        return ExpressionError(reading.sql, "this is a statement, not a value")
    return reading.refuse(node, f"{name_of(node)} is not allowed here")


def iso_date(reading: Reading, node: Node, text: str) -> Op:
    """A text as a literal day; it must be written ``YYYY-MM-DD``."""
    try:
        if len(text) != 10:
            raise ValueError(text)
        return day_tree(dt.date.fromisoformat(text).isoformat())
    except ValueError:
        raise reading.refuse(node, f"'{text}' is no date", "write it as 'YYYY-MM-DD'") from None


def dated(reading: Reading, item: Node, typed: Typed) -> Typed:
    """A value as the date that it is compared as."""
    if typed.type == "string":
        if typed.literal is None:
            raise reading.refuse(item, "a text is compared with a date", "declare the column as a date")
        return Typed(iso_date(reading, item, typed.literal), "date")
    return as_date(typed)  # a moment belongs to its day


def alike(reading: Reading, node: Node, items: list[tuple[Node, Typed]]) -> list[Typed]:
    """The same values, made comparable with each other."""
    kinds = {typed.type for _, typed in items} - {"any"}
    if "null" in kinds:
        raise reading.refuse(node, "a comparison with NULL is never true", "use IS NULL or IS NOT NULL")
    if len(kinds) <= 1 or kinds <= NUMBERS:
        return reading.comparable(node, of_one_unit(reading, node, [typed for _, typed in items]))
    if kinds <= {"date", "datetime", "string"} and kinds & {"date", "datetime"}:
        return [dated(reading, item, typed) for item, typed in items]
    first, second = sorted(kinds)[:2]
    raise reading.refuse(
        node, f"{with_article(first)} is compared with {with_article(second)}", _quote_hint(items)
    )


def of_one_unit(reading: Reading, node: Node, values: list[Typed]) -> list[Typed]:
    """Numbers that are divided by the same: two hours beside hours that are kept as seconds are 7,200.

    Raises:
        ExpressionError: if they are lengths of time in different units, such as minutes and hours.
    """
    first, *others = dict.fromkeys(typed.unit for typed in values if typed.unit is not None) or (None,)
    if others:
        hint = _in_the_other(values) or f"count both in {first}, or multiply one of them"
        raise reading.refuse(node, f"these are {first} and {others[0]}", hint)
    values = [typed if typed.unit == first else _in_unit(typed, first) for typed in values]
    whole = lcm(*(typed.per for typed in values))
    return [typed if typed.per == whole else _times(typed, whole // typed.per) for typed in values]


def _in_the_other(values: list[Typed]) -> str:
    """How a literal number of days is written beside hours, minutes or seconds."""
    days = next((typed.literal for typed in values if typed.unit == DAYS), None)
    per = next((TIMES[typed.unit] for typed in values if typed.unit in TIMES), 1)
    return f"write {Decimal(days) * 86400 / per:f}, without 'days'" if days is not None else ""


def _in_unit(typed: Typed, unit: str | None) -> Typed:
    """A number beside lengths of time: in their unit, and so are the parameters that it is made of."""
    if reads_columns(typed):
        return typed._replace(unit=unit)
    alone = all(isinstance(part, Slot) or part in ("(", ")") for part in typed.parts)
    times = TIMES.get(unit or "", 1) if alone else 1  # 100 seconds have no end as hours

    def counted(tree: Tree) -> Tree:
        if isinstance(tree, Slot):
            return replace(tree, unit=unit, times=times)
        return replace(tree, of=tuple(map(counted, tree.of))) if isinstance(tree, Op) else tree

    return typed._replace(tree=counted(typed.tree), unit=unit, per=typed.per * times)


def _times(typed: Typed, factor: int) -> Typed:
    number = as_decimal(typed.tree, 0) if typed.type == "integer" else typed.tree
    times = op("*", number, decimal_tree(f"{factor}", 0))
    return Typed(times, "decimal", typed.scale, per=typed.per * factor, unit=typed.unit, varies=typed.varies)


def reads_columns(typed: Typed) -> bool:
    """Whether any column stands in it, or rows are counted."""
    return any(isinstance(part, Name) or "COUNT(*)" in str(part) for part in typed.parts)


def of_one_width(reading: Reading, node: Node, values: list[Typed]) -> list[Typed]:
    """Numbers of one type, unit and scale.

    Raises:
        ExpressionError: as `of_one_unit`.
    """
    values = of_one_unit(reading, node, values)
    scale = max((typed.scale for typed in values), default=0)
    if all(typed.type == values[0].type and typed.scale == scale for typed in values):
        return values
    return [
        typed._replace(tree=as_decimal(typed.tree, scale), type="decimal", scale=scale) for typed in values
    ]


def _quote_hint(items: list[tuple[Node, Typed]]) -> str:
    # As it is written: an account number without the zeros in front of it is another one.
    numbers = [
        str(item.this) for item, typed in items if isinstance(item, exp.Literal) and not item.is_string
    ]
    return f"write the text '{numbers[0]}' in quotes" if numbers else ""


def as_number(reading: Reading, node: Node, typed: Typed) -> Typed:
    """A value as arithmetic takes it: a decimal."""
    if typed.type not in NUMBERS | {"any"}:
        hint = (
            "use days_between(a, b) for the days between dates" if typed.type in ("date", "datetime") else ""
        )
        raise reading.refuse(node, f"arithmetic needs numbers, this is {with_article(typed.type)}", hint)
    if typed.type == "integer":  # 64 bits wrap silently, a decimal raises
        return typed._replace(tree=as_decimal(typed.tree, 0), type="decimal", scale=0)
    return typed


def as_date(typed: Typed) -> Typed:
    """A moment as the day that it belongs to; other values as they are."""
    return Typed(op("day of moment", typed.tree), "date") if typed.type == "datetime" else typed


def day(reading: Reading, node: Node, depth: int) -> Typed:
    """A node that must be a date."""
    typed = read_node(reading, node, depth)
    if typed.type == "string" and typed.literal is not None:
        return Typed(iso_date(reading, node, typed.literal), "date")
    if typed.type not in ("date", "datetime", "any"):
        raise reading.refuse(node, f"a date is needed here, this is {with_article(typed.type)}")
    return as_date(typed)
