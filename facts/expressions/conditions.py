"""Conditions as formulas, from which follows which rows they can hold in.

What compares a column, or something computed from columns, with a literal or a date of the run is read as
what it is; all else is something of its own, which is true, false or null as it likes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions.expression import NUMBERS, Scope, parse
from phasegate.rules.lint.logic.formulas import ALWAYS, NEVER, Condition, Is, Key, joined, negated, turned
from phasegate.rules.lint.logic.values import Known, Members, Numbers, Values, members
from phasegate.rules.values.units import DAYS

_SIGNS: dict[type[Node], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
ORDER = ("<", "=", ">")
"""How two values stand to each other."""
_STRICT: tuple[type[Node], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Placeholder, exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.Neg,
    exp.Abs, exp.Lower, exp.Upper, exp.Trim,
)  # fmt: skip
"""What is null where anything in it is."""


class Day(NamedTuple):
    """A day that the run knows, so many days on."""

    parameter: str
    shift: int


Constant = Fraction | str | bool | Day


class Conditions:
    """Reads the conditions over one source.

    Args:
        scope: what they may name.
        personal: the columns whose values are compared as ids of people are: two that differ may be alike.
        derived: the SQL of derived columns that are true or false.
        domains: what each column may be; what is found of pairs of columns is added.
    """

    def __init__(
        self,
        scope: Scope,
        personal: Iterable[str],
        derived: Mapping[str, str],
        domains: Mapping[str, Values],
    ) -> None:
        self._scope = scope
        self._personal = frozenset(personal)
        self._derived = derived
        self.domains = dict(domains)

    def read(self, sql: str) -> Condition:
        """A condition; see `expression.condition`, which accepted it before."""
        tree = parse(sql, self._scope).tree
        assert tree is not None, "whatever was read has a tree"
        return self._read(tree)

    def _read(self, node: Node) -> Condition:
        node = node.unnest()
        text = node.sql
        match node:
            case exp.And() | exp.Or():
                return joined("AND" if isinstance(node, exp.And) else "OR", self._operands(node), text)
            case exp.Not():
                return turned(self._read(node.this), text)
            case exp.Is():
                return self._is(node, text)
            case exp.Between():
                return self._between(node, text)
            case exp.In():
                options = [self._compared(node.this, option, "=", option) for option in node.expressions]
                return joined("OR", options, text)
            case exp.Boolean():
                holds = Condition(ALWAYS, NEVER, text)
                return holds if node.this else turned(holds, text)
            case exp.Column():
                how = self._derived.get(node.name)
                if how is not None:
                    return self.read(how)._replace(told=text)
                return _leaf(Key(node.name), Members.of(True), text)
            case exp.Like() if node.args.get("negate"):
                like = node.copy()
                like.set("negate", None)
                return turned(self._read(like), text)
        if (sign := _SIGNS.get(type(node))) is not None:
            return self._compared(node.this, node.expression, sign, node)
        return _leaf(self._key(node), Members.of(True), text)

    def _operands(self, node: Node) -> list[Condition]:
        kind, operands = type(node), []
        while type(node) is kind:
            operands.append(self._read(node.args["expression"]))
            node = node.this
        return [self._read(node), *reversed(operands)]

    def _is(self, node: Node, text: Callable[[], str]) -> Condition:
        what = node.args["expression"]
        if isinstance(what, exp.Null):
            inner = node.this.unnest()
            none: Known = Numbers(()) if self._type(inner) in (*NUMBERS, "date") else Members.of()
            lacks = Is(self._key(inner), Values(none, null=True))
            return Condition(lacks, negated(lacks), text)
        inner = self._read(node.this)
        holds = inner.true if what.this else inner.false
        return Condition(holds, negated(holds), text)

    def _between(self, node: Node, text: Callable[[], str]) -> Condition:
        value, ends = node.this.unnest(), [node.args["low"], node.args["high"]]
        plain = self._type(value) in NUMBERS or all(constant(end) is not None for end in ends)
        if not plain:
            return _leaf(self._key(node), Members.of(True), text)
        signs = zip((">=", "<="), ends, strict=True)
        both = joined("AND", (self._compared(value, end, sign, node) for sign, end in signs), text)
        return both._replace(joins="", parts=())

    def _compared(self, left: Node, right: Node, sign: str, node: Node) -> Condition:
        left, right = left.unnest(), right.unnest()
        if constant(left) is not None:
            left, right, sign = right, left, _TURNED.get(sign, sign)
        fixed, text = constant(right), _text(left, sign, right, node)
        type_ = self._type(left)
        if isinstance(fixed, bool) and sign in ("=", "<>"):
            inner = self._read(left)
            same = fixed is (sign == "=")
            return inner._replace(told=text) if same else turned(inner, text)
        if isinstance(left, exp.Column) and left.name in self._personal:
            return self._pair(left, right, sign, text)
        if isinstance(fixed, Fraction) and type_ in (*NUMBERS, None):
            return _leaf(self._key(left), Numbers.compared(sign, fixed, type_ == "integer"), text)
        if isinstance(fixed, str) and type_ in ("date", "datetime"):
            key = Key(left.name) if type_ == "date" else Key(f"DATE({left.name})", (left.name,), total=True)
            day = Fraction(dt.date.fromisoformat(fixed).toordinal())
            return _leaf(key, Numbers.compared(sign, day, whole=True), text)
        if isinstance(fixed, Day) and type_ in ("date", "datetime"):
            key = since(left.name, fixed.parameter)
            return _leaf(key, Numbers.compared(sign, Fraction(fixed.shift), whole=True), text)
        if isinstance(fixed, str) and sign in ("=", "<>"):
            return _leaf(self._key(left), _signed(Members.of(fixed), sign), text)
        return self._pair(left, right, sign, text)

    def _pair(self, left: Node, right: Node, sign: str, text: Callable[[], str]) -> Condition:
        one, two = left.sql(), right.sql()
        if one > two:
            left, right, one, two, sign = right, left, two, one, _TURNED.get(sign, sign)
        columns = [each.name for each in (left, right) if isinstance(each, exp.Column)]
        total = len(columns) == len((left, right)) and self._personal.isdisjoint(columns)
        key = Key(f"{one} ? {two}", tuple(sorted({*_strict_reads(left), *_strict_reads(right)})), total)
        self.domains[key.name] = members(ORDER, null=not (total and all(map(self._certain, columns))))
        held = Members(frozenset(sign))
        return Condition(Is(key, Values(held)), Is(key, members({*ORDER} - held.named)), text)

    def _certain(self, name: str) -> bool:
        """Whether a column has a value in every row."""
        kind = self._scope.columns.get(name)
        return kind is not None and not kind.nullable

    def _key(self, node: Node) -> Key:
        return Key(node.name) if isinstance(node, exp.Column) else Key(node.sql(), _strict_reads(node))

    def _type(self, node: Node) -> str | None:
        """The type of a column; None for anything else."""
        kind = self._scope.columns.get(node.name) if isinstance(node, exp.Column) else None
        return None if kind is None else kind.type


def since(column: str, parameter: str) -> Key:
    """How many days after a day of the run the day in a column lies."""
    return Key(f"{column} - :{parameter}", (column,), total=True)


def _leaf(key: Key, held: Known, text: Callable[[], str]) -> Condition:
    """A condition that is true where something is one of some values, and false where it is another."""
    return Condition(Is(key, Values(held)), Is(key, Values(~held)), text)


def _signed(held: Members, sign: str) -> Members:
    return held if sign == "=" else ~held


def _text(left: Node, sign: str, right: Node, node: Node) -> Callable[[], str]:
    return node.sql if type(node) in _SIGNS else lambda: f"{left.sql()} {sign} {right.sql()}"


def _strict_reads(node: Node) -> tuple[str, ...]:
    """The columns of which none is null where this is not, as far as one can tell."""
    for each in node.walk():
        between = isinstance(each, exp.Anonymous) and str(each.this).lower() == "days_between"
        if not between and type(each) not in _STRICT and type(each) not in (exp.Like, *_SIGNS):
            return ()
    return tuple(sorted({column.name for column in node.find_all(exp.Column)}))


def constant(node: Node) -> Constant | None:
    """The value that a node has in every row; None where it has none that is known here."""
    node = node.unnest()
    match node:
        case exp.Literal():
            return str(node.this) if node.is_string else Fraction(str(node.this))
        case exp.Boolean():
            return bool(node.this)
        case exp.Neg():
            inner = constant(node.this)
            return -inner if isinstance(inner, Fraction) else None
        case exp.Anonymous() if node.this == DAYS:
            return constant(node.expressions[0])
        case exp.Placeholder():
            return Day(str(node.this), 0) if str(node.this) else None
        case exp.Add() | exp.Sub():
            day, days = constant(node.this), constant(node.expression)
            if isinstance(day, Day) and isinstance(days, Fraction) and days.denominator == 1:
                return day._replace(shift=day.shift + int(days) * (1 if isinstance(node, exp.Add) else -1))
    return None
