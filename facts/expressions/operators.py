"""Columns, literals, logic, comparisons and arithmetic, each node as a typed value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions.dialect import joined
from phasegate.facts.expressions.polars_sql import written
from phasegate.facts.expressions.polars_words import parts_of
from phasegate.facts.expressions.tokens import nearest, never_held
from phasegate.facts.expressions.tree import FALSE, NULL, TRUE, Op, integer, op
from phasegate.facts.expressions.tree import decimal as decimal_tree
from phasegate.facts.expressions.typed import (
    LIST,
    ONE,
    PAIR,
    READERS,
    Reading,
    alike,
    as_date,
    as_number,
    of_one_unit,
    read_node,
    reads_columns,
)
from phasegate.facts.expressions.types import (
    NUMBERS,
    PARAMETER_SCALE,
    SURE,
    ExpressionError,
    Kind,
    Lack,
    Name,
    Origin,
    Slot,
    Text,
    Tree,
    Typed,
    hidden_person,
)
from phasegate.rules.diagnostics.suggestions import with_article
from phasegate.rules.values.folding import folded
from phasegate.rules.values.units import DAYS

MAX_SCALE = 28
_NUMBER = re.compile(r"^(\d{0,20})(?:\.(\d{0,18}))?$")


def _column(reading: Reading, node: Node, _: int) -> Typed:
    if not isinstance(node.this, exp.Identifier):
        raise reading.refuse(node, "'*' is not allowed here", "name the columns")
    tree, kind, varies = reading.column(node)
    texts = reading.origin(node, kind) if kind.type == "string" else frozenset[Origin]()
    return column_of(node.name, tree, kind, varies)._replace(texts=texts)


def column_of(name: str, tree: Tree, kind: Kind, varies: bool = True) -> Typed:
    """A column as a value."""
    lacks = frozenset({Lack(name, parts_of(tree), computed=kind.computed)} if kind.nullable else ())
    person = Name(hidden_person(name)) if kind.type == "string" else None
    return Typed(tree, kind.type, kind.scale, unit=kind.unit, varies=varies, lacks=lacks, person=person)


def _literal(reading: Reading, node: Node, _: int) -> Typed:
    text = str(node.this)
    if node.args.get("is_string"):
        origin = frozenset({Origin("", text)})
        return Typed(Text(text), "string", literal=text, texts=origin, person=Text(folded(text)))
    found = _NUMBER.match(text)
    if found is None or not (found[1] or found[2]):
        raise reading.refuse(
            node,
            f"{text} is no number that is kept exactly",
            "plain digits, at most 20, and 18 after the point",
        )
    return _number(f"{int(found[1] or '0')}", found[2] or "")


def _number(whole: str, digits: str) -> Typed:
    """A literal number, of the width that columns have: polars' own may have 32 bits, which wrap."""
    if digits:
        text = f"{whole}.{digits}"
        return Typed(decimal_tree(text, len(digits)), "decimal", len(digits), literal=text)
    if abs(int(whole)) < 2**63:
        return Typed(integer(whole), "integer", 0, literal=whole)
    return Typed(decimal_tree(whole, 0), "decimal", 0, literal=whole)


def _boolean(_: Reading, node: Node, __: int) -> Typed:
    return Typed(TRUE if node.this else FALSE, "boolean")


def _null(_: Reading, __: Node, ___: int) -> Typed:
    return Typed(NULL, "null", lacks=frozenset({Lack("NULL")}))


def _placeholder(reading: Reading, node: Node, _: int) -> Typed:
    name = node.args.get("this")
    kind = reading.scope.parameters.get(name) if isinstance(name, str) else None
    if kind is None:
        at = max(reading.sql.find(f":{name}"), 0)
        hint = nearest(str(name), reading.scope.parameters)
        raise ExpressionError(reading.sql, f"there is no parameter :{name}", at, hint)
    reading.parameters.add(str(name))
    slot = Slot(str(name), kind)
    return Typed(slot, "date" if kind == "date" else "decimal", 0 if kind == "date" else PARAMETER_SCALE)


def _paren(reading: Reading, node: Node, depth: int) -> Typed:
    return read_node(reading, node.this, depth)  # whatever needs brackets brings its own


def truth(reading: Reading, node: Node, depth: int) -> Typed:
    """A node that must be true or false."""
    typed = read_node(reading, node, depth)
    if typed.type not in ("boolean", "any"):
        what = f"{with_article(typed.type)} stands where true or false is needed"
        raise reading.refuse(node, what, "compare it with something")
    return settled(reading, typed)


def settled(reading: Reading, typed: Typed) -> Typed:
    """A condition that reads nothing as the truth value that it always has: ``1 = 1`` is TRUE."""
    fixed = all(isinstance(part, str | Text) for part in typed.parts)
    if typed.varies or not fixed or typed.tree in (TRUE, FALSE):
        return typed
    import polars as pl

    try:
        value = pl.select(pl.sql_expr(written(reading.sql, typed.parts, {}))).item()
    except (ExpressionError, pl.exceptions.PolarsError):  # it counts rows, or can not be computed
        return typed
    return typed if value is None else typed._replace(tree=TRUE if value else FALSE)


def _chain(reading: Reading, node: Node, depth: int) -> Typed:
    kind = type(node)
    operands: list[Node] = []
    while type(node) is kind:  # a long chain is wide, not deep
        operands.append(node.args["expression"])
        node = node.this
    operands.append(node)
    read = [truth(reading, operand, depth) for operand in reversed(operands)]
    decided = FALSE if kind is exp.And else TRUE
    varies = False if any(each.tree == decided for each in read) or _opposites(read) else None
    tree = op("and" if kind is exp.And else "or", *(each.tree for each in read))
    return Typed(tree, "boolean", varies=varies, lacks=_undecided(read, kind is exp.And))


def _undecided(read: Sequence[Typed], every: bool) -> frozenset[Lack]:
    """What may be missing so that a chain is null: nothing that one of its own operands asks about.

    ``due IS NOT NULL AND due <= :as_of`` is false where no due is, and so is ``due IS NULL OR ...`` true.

    Args:
        read: its operands.
        every: whether all must be true, and not one of them.
    """
    lacks = frozenset[Lack]().union(*(each.lacks or () for each in read))
    asked = {each.parts for each in read}
    return frozenset(lack for lack in lacks if (lack.filled if every else lack.empty) not in asked)


def _opposites(read: Sequence[Typed]) -> bool:
    """Whether one of two operands is always true and the other false, as of IS NULL and IS NOT NULL."""
    texts = {each.parts for each in read}
    tests = (each.parts for each in read if str(each.parts[-1]).endswith((" IS NULL)", ", FALSE)")))
    return any(joined(("(NOT ", *test, ")")) in texts for test in tests)


def _not(reading: Reading, node: Node, depth: int) -> Typed:
    return Typed(op("not", truth(reading, node.this, depth).tree), "boolean")


def _is(reading: Reading, node: Node, depth: int) -> Typed:
    right = node.args["expression"]
    if isinstance(right, exp.Null):
        typed = read_node(reading, node.this, depth)
        reading.asked |= typed.lacks or SURE
        return Typed(op("is null", typed.tree), "boolean", lacks=SURE)
    if isinstance(right, exp.Boolean):
        known = op("is true" if right.this else "is false", truth(reading, node.this, depth).tree)
        return Typed(known, "boolean", lacks=SURE)
    raise reading.refuse(node, "IS takes NULL, TRUE or FALSE")


_SIGNS: dict[type[Node], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip


def _compare(reading: Reading, node: Node, depth: int) -> Typed:
    return compared(reading, node, type(node), [node.this, node.args["expression"]], depth)


def compared(reading: Reading, node: Node, kind: type[Node], pair: list[Node], depth: int) -> Typed:
    """A comparison of two values.

    Args:
        reading: the expression.
        node: what compares them, for messages.
        kind: how they are compared.
        pair: the values.
        depth: how deep it stands.
    """
    read = [(item, read_node(reading, item, depth)) for item in pair]
    lacks = frozenset[Lack]().union(*(typed.lacks or () for _, typed in read))
    left, right = alike(reading, node, read)
    for one, other in (pair, pair[::-1]):
        _may_hold(reading, one, [other])
    if left.type == "boolean" and kind not in (exp.EQ, exp.NEQ):
        raise reading.refuse(node, "truth values have no order", "use = or <>")
    itself = left.parts == right.parts  # which varies by nulls alone
    varies = not itself and any(typed.varies for _, typed in read)
    if itself:
        return Typed(holds(left, _SIGNS[kind], right), "boolean", varies=varies, lacks=lacks)
    before, reading.lacking = reading.lacking, frozenset()
    tree = reading.same(node, [left, right], lambda two: holds(two[0], _SIGNS[kind], two[1]))
    lacks, reading.lacking = lacks | reading.lacking, before | reading.lacking
    return Typed(tree, "boolean", varies=varies, lacks=lacks)


def holds(left: Typed, sign: str, right: Typed) -> Op:
    """How a comparison is written.

    What reads columns stands on the left: where polars compares a constant with a column all of whose
    values it knows to be the same, it answers once, and that one answer would be counted as one row.
    """
    if reads_columns(right) and not reads_columns(left):
        left, sign, right = right, _TURNED.get(sign, sign), left
    return op(sign, left.tree, right.tree)


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _may_hold(reading: Reading, column: Node, values: list[Node]) -> None:
    if isinstance(column, exp.Column):
        for value in values:
            if fault := never_held(column, value, reading.allowed(column)):
                raise reading.refuse(value, fault[0], fault[1] or "")


def _between(reading: Reading, node: Node, depth: int) -> Typed:
    three = [node.this, node.args["low"], node.args["high"]]
    values = alike(reading, node, [(item, read_node(reading, item, depth)) for item in three])
    return Typed(reading.same(node, values, _within), "boolean")


def _within(three: list[Typed]) -> Op:
    value, low, high = three
    return op("and", holds(value, ">=", low), holds(value, "<=", high))


def _in(reading: Reading, node: Node, depth: int) -> Typed:
    options: list[Node] = node.args.get("expressions") or []
    if not options:
        raise reading.refuse(node, "IN takes a list of literals", "IN ('a', 'b')")
    for option in options:
        inner = option.this if isinstance(option, exp.Neg) else option
        days = isinstance(inner, exp.Anonymous) and inner.this == DAYS
        if not days and not isinstance(
            inner, exp.Literal | exp.Placeholder | exp.Cast | exp.Boolean | exp.Null
        ):
            raise reading.refuse(option, "IN takes literals only", "compare with = and OR")
    items = [(item, read_node(reading, item, depth)) for item in [node.this, *options]]
    value, *matched = alike(reading, node, items)
    _may_hold(reading, node.this, options)
    return Typed(reading.same(node, [value, *matched], _among), "boolean")


def _among(values: list[Typed]) -> Op:
    return op("in", *(value.tree for value in values))


def _like(reading: Reading, node: Node, depth: int) -> Typed:
    value, pattern = read_node(reading, node.this, depth), read_node(reading, node.args["expression"], depth)
    if value.type not in ("string", "any"):
        raise reading.refuse(node, f"LIKE needs a text, this is a {value.type}")
    if pattern.type != "string" or pattern.literal is None or "\\" in pattern.literal:
        raise reading.refuse(node, "LIKE takes a pattern in quotes, without a backslash")
    like = reading.same(node, [value, pattern], lambda two: op("like", two[0].tree, two[1].tree))
    return Typed(op("not", like) if node.args.get("negate") else like, "boolean")


def _arithmetic(reading: Reading, node: Node, depth: int) -> Typed:
    steps: list[Node] = []
    while isinstance(node, exp.Add | exp.Sub | exp.Mul):  # chains lean to the left
        steps.append(node)
        node = node.this
    left = read_node(reading, node, depth)
    for step in reversed(steps):
        right = read_node(reading, step.args["expression"], depth)
        left = _step(reading, step, left, right)
    return left


def _step(reading: Reading, node: Node, left: Typed, right: Typed) -> Typed:
    if left.type in ("date", "datetime") and isinstance(node, exp.Add | exp.Sub):
        return shifted(reading, node, left, right, -1 if isinstance(node, exp.Sub) else 1)
    a, b = as_number(reading, node.this, left), as_number(reading, node.args["expression"], right)
    multiplied = isinstance(node, exp.Mul)
    scale = a.scale + b.scale if multiplied else max(a.scale, b.scale)
    if scale > MAX_SCALE:
        hint = "declare the columns with the scale that they really have"
        raise reading.refuse(node, f"the result would have {scale} digits after the point", hint)
    sign = "*" if multiplied else "-" if isinstance(node, exp.Sub) else "+"
    if not multiplied:
        a, b = of_one_unit(reading, node, [a, b])
    if (same := _unchanged(a, b, sign)) is not None:
        return same
    zero = multiplied and any(each.literal is not None and not Decimal(each.literal) for each in (a, b))
    varies = not (zero or (sign == "-" and a.parts == b.parts)) and bool(a.varies or b.varies)
    per = a.per * b.per if multiplied else a.per
    unit = None if multiplied else a.unit  # 60 * hours are minutes, and a price * hours an amount
    return Typed(op(sign, a.tree, b.tree, note=scale), "decimal", scale, per=per, unit=unit, varies=varies)


def _unchanged(a: Typed, b: Typed, sign: str) -> Typed | None:
    """The one operand, where the other leaves it as it is: ``a * 1``, ``a - 0``, ``0 + a``."""
    neutral = "1" if sign == "*" else "0"
    if b.literal == neutral and b.per == 1:
        return a._replace(literal=None)
    return b._replace(literal=None) if sign != "-" and a.literal == neutral and a.per == 1 else None


def _neg(reading: Reading, node: Node, depth: int) -> Typed:
    typed = read_node(reading, node.this, depth)
    if typed.literal is not None and typed.type in NUMBERS and not typed.literal.startswith("-"):
        whole, _, digits = typed.literal.partition(".")
        return _number("-" + whole, digits)._replace(unit=typed.unit)
    typed = as_number(reading, node.this, typed)
    negative = op("-", decimal_tree("0", typed.scale), typed.tree, note=typed.scale)
    return Typed(negative, "decimal", typed.scale, per=typed.per, unit=typed.unit)


def shifted(reading: Reading, node: Node, day: Typed, days: Typed, sign: int) -> Typed:
    """A date and so many days: folded where the date is a parameter, computed where it is a column."""
    if days.type in ("date", "datetime"):
        raise reading.refuse(node, "dates are not added or subtracted", "use days_between(a, b)")
    whole = _whole_days(reading, node, days)
    if isinstance(day.tree, Slot) and isinstance(whole, int | str):
        slot = day.tree
        return Typed(Slot(slot.name, "date", (*slot.shift, (sign, whole))), "date")
    if isinstance(whole, str):
        moved: Tree = Slot(whole, "days")
    else:
        moved = op("days", note=f"{whole}") if isinstance(whole, int) else whole
    return Typed(op("day plus" if sign > 0 else "day minus", as_date(day).tree, moved), "date")


def _whole_days(reading: Reading, node: Node, days: Typed) -> int | str | Op:
    """Days as a literal, the name of a parameter, or an integer."""
    if days.literal is not None and days.type == "integer":
        if abs(int(days.literal)) > 1_000_000:
            raise reading.refuse(node, f"{days.literal} days are more than any calendar has")
        return int(days.literal)
    if isinstance(days.tree, Slot) and days.tree.type == "number":
        return days.tree.name
    if days.type in ("integer", "any"):
        return op("whole", days.tree)
    raise reading.refuse(node, "a date moves by whole days", "write for example :as_of - 31 days")


READERS.update(
    {
        exp.Column: (_column, frozenset({"this", "table"})),
        exp.Literal: (_literal, frozenset({"this", "is_string"})),
        exp.Boolean: (_boolean, ONE),
        exp.Null: (_null, frozenset()),
        exp.Placeholder: (_placeholder, ONE),
        exp.Paren: (_paren, ONE),
        exp.And: (_chain, PAIR),
        exp.Or: (_chain, PAIR),
        exp.Not: (_not, ONE),
        exp.Is: (_is, PAIR),
        exp.Between: (_between, frozenset({"this", "low", "high"})),
        exp.In: (_in, LIST),
        exp.Like: (_like, PAIR | {"negate"}),
        exp.Add: (_arithmetic, PAIR),
        exp.Sub: (_arithmetic, PAIR),
        exp.Mul: (_arithmetic, PAIR),
        exp.Neg: (_neg, ONE),
    }
)
READERS.update(dict.fromkeys(_SIGNS, (_compare, PAIR)))
