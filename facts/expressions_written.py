"""A query's syntax tree written as polars SQL, without what wraps, rounds or differs in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions import DEFAULT_TAGS, Slot, hidden_tag

Part = str | Slot
Parts = list[Part]
Kinds = Callable[[str], str | None]
"""The kind of a parameter by its name: ``date`` or ``number``."""
SIGNS: dict[type[Node], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
    exp.And: "AND", exp.Or: "OR", exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Like: "LIKE",
}  # fmt: skip
NAMES: dict[type[Node], str] = {
    exp.Sum: "SUM", exp.Min: "MIN", exp.Max: "MAX", exp.Coalesce: "COALESCE", exp.Nullif: "NULLIF",
    exp.Abs: "ABS", exp.Lower: "LOWER", exp.Upper: "UPPER", exp.Trim: "TRIM",
}  # fmt: skip
TYPES = {
    "DECIMAL": "DECIMAL", "INT": "BIGINT", "BIGINT": "BIGINT", "VARCHAR": "VARCHAR", "TEXT": "VARCHAR",
    "DATE": "DATE", "BOOLEAN": "BOOLEAN",
}  # fmt: skip
_WIDENED = (exp.If, exp.Case, exp.Sum, exp.Alias, exp.Coalesce, exp.Least, exp.Greatest, exp.Nullif, exp.Mul)
"""Where a whole number stands for a value: 32 bits there would wrap in a sum."""


def write(tree: Node, kind_of: Kinds) -> tuple[Part, ...]:
    """The text of a tree whose nodes were all checked, with slots for its parameters."""
    joined: Parts = []
    for part in _Writer(kind_of).write(tree):
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def type_name(cast: Node) -> str:
    """The name of the type that a CAST makes."""
    to = cast.args["to"]
    return to.this.name if isinstance(to.this, exp.DType) else str(to.this)


class _Writer:
    """Writes one tree, node by node."""

    def __init__(self, kind_of: Kinds) -> None:
        self.kind_of = kind_of

    def write(self, node: Node) -> Parts:
        """One node and what is below it."""
        kind = type(node)
        if kind in SIGNS:
            return self._binary(node)
        if kind in NAMES:
            return self._call(NAMES[kind], self._arguments(node))
        method = getattr(self, f"_{kind.__name__.lower()}")
        parts: Parts = method(node)
        return parts

    def _list(self, nodes: Iterable[Node]) -> Parts:
        parts: Parts = []
        for index, node in enumerate(nodes):
            parts += [", "] if index else []
            parts += self.write(node)
        return parts

    def _arguments(self, node: Node) -> list[Node]:
        second = node.args.get("expression")
        return [node.args["this"], *([second] if second else []), *(node.args.get("expressions") or [])]

    def _call(self, name: str, arguments: Iterable[Node]) -> Parts:
        return [f"{name}(", *self._list(arguments), ")"]

    def _after(self, word: str, node: Node | None) -> Parts:
        return [f" {word} ", *self.write(node)] if node is not None else []

    # Queries

    def _select(self, node: Node) -> Parts:
        arguments = node.args
        parts: Parts = [*self._with_of(node), "SELECT "]
        parts += ["DISTINCT "] if arguments.get("distinct") else []
        parts += self._list(arguments["expressions"])
        if (source := arguments.get("from_")) is not None:
            parts += [" FROM ", *self.write(source.this)]
        for join in arguments.get("joins") or []:
            parts += self.write(join)
        parts += self._after("WHERE", where.this if (where := arguments.get("where")) else None)
        if (group := arguments.get("group")) is not None:
            parts += [" GROUP BY ", *self._list(group.args["expressions"])]
        return parts + self._after("HAVING", having.this if (having := arguments.get("having")) else None)

    def _union(self, node: Node) -> Parts:
        word = " UNION " if node.args.get("distinct") else " UNION ALL "
        return [*self._with_of(node), *self.write(node.this), word, *self.write(node.args["expression"])]

    def _with_of(self, node: Node) -> Parts:
        common = node.args.get("with_")
        if common is None:
            return []
        parts: Parts = ["WITH "]
        for index, cte in enumerate(common.expressions):
            parts += [", "] if index else []
            parts += [f'"{cte.alias}" AS (', *self.write(cte.this), ")"]
        return [*parts, " "]

    def _subquery(self, node: Node) -> Parts:
        alias = [f' AS "{node.alias}"'] if node.alias else []
        return ["(", *self.write(node.this), ")", *alias]

    def _table(self, node: Node) -> Parts:
        return [f'"{node.name}"', *([f' AS "{node.alias}"'] if node.alias else [])]

    def _join(self, node: Node) -> Parts:
        words = [node.args.get("side"), node.args.get("kind")]
        before = " ".join(word for word in words if word)
        bare = not before and not node.args.get("on") and not node.args.get("using")
        parts: Parts = [" CROSS JOIN " if bare else f" {before} JOIN ".replace("  ", " ")]
        parts += self.write(node.this)
        parts += self._after("ON", node.args.get("on"))
        if node.args.get("using"):
            parts += [" USING (", *self._list(node.args["using"]), ")"]
        return parts

    def _exists(self, node: Node) -> Parts:
        return ["EXISTS (", *self.write(node.this), ")"]

    def _alias(self, node: Node) -> Parts:
        return [*self.write(node.this), f' AS "{node.alias}"']

    # Leaves

    def _identifier(self, node: Node) -> Parts:
        return [f'"{node.name}"']

    def _column(self, node: Node) -> Parts:
        table = node.args.get("table")
        return [f'"{table.name}".' if table else "", f'"{node.name}"']

    def _star(self, _: Node) -> Parts:
        return ["*"]

    def _literal(self, node: Node) -> Parts:
        text = str(node.this)
        if node.args.get("is_string"):
            return ["'" + text.replace("'", "''") + "'"]
        if "." not in text and isinstance(node.parent, _WIDENED):
            return [f"CAST({text} AS DECIMAL(38, 0))"]
        return [text]

    def _boolean(self, node: Node) -> Parts:
        return ["TRUE" if node.this else "FALSE"]

    def _null(self, _: Node) -> Parts:
        return ["NULL"]

    def _placeholder(self, node: Node) -> Parts:
        name = str(node.this)
        return [Slot(name, "date" if self.kind_of(name) == "date" else "number")]

    # Expressions

    def _paren(self, node: Node) -> Parts:
        return ["(", *self.write(node.this), ")"]

    def _binary(self, node: Node) -> Parts:
        folded = self._folded(node)
        if folded is not None:
            return [folded]
        left, right = self.write(node.this), self.write(node.args["expression"])
        return ["(", *left, f" {SIGNS[type(node)]} ", *right, ")"]

    def _folded(self, node: Node) -> Slot | None:
        """``:as_of - 31`` as one slot; None for everything else."""
        left, right = node.args["this"], node.args["expression"]
        if not isinstance(node, exp.Add | exp.Sub) or not isinstance(left, exp.Placeholder):
            return None
        name, sign = str(left.this), -1 if isinstance(node, exp.Sub) else 1
        if self.kind_of(name) != "date":
            return None
        if isinstance(right, exp.Literal) and not right.is_string and right.name.isdigit():
            return Slot(name, "date", ((sign, int(right.name)),))
        if isinstance(right, exp.Placeholder) and self.kind_of(str(right.this)) == "number":
            return Slot(name, "date", ((sign, str(right.this)),))
        return None

    def _not(self, node: Node) -> Parts:
        return ["(NOT ", *self.write(node.this), ")"]

    def _neg(self, node: Node) -> Parts:
        return ["(- ", *self.write(node.this), ")"]

    def _is(self, node: Node) -> Parts:
        right = node.args["expression"]
        if isinstance(right, exp.Boolean):  # polars answers null IS TRUE with null; SQL says false
            return ["COALESCE(", "" if right.this else "NOT ", *self.write(node.this), ", FALSE)"]
        return ["(", *self.write(node.this), " IS NULL)"]

    def _between(self, node: Node) -> Parts:
        low, high = self.write(node.args["low"]), self.write(node.args["high"])
        return ["(", *self.write(node.this), " BETWEEN ", *low, " AND ", *high, ")"]

    def _in(self, node: Node) -> Parts:
        query = node.args.get("query")
        options = self.write(query.this if isinstance(query, exp.Subquery) else query) if query else []
        return ["(", *self.write(node.this), " IN (", *(options or self._list(node.expressions)), "))"]

    def _count(self, node: Node) -> Parts:
        # A count is 32 bits wide in polars, and sums of counts wrap.
        counted = node.this
        if isinstance(counted, exp.Distinct):
            inside: Parts = ["DISTINCT ", *self._list(counted.expressions)]
        else:
            inside = self.write(counted)
        return ["CAST(COUNT(", *inside, ") AS DECIMAL(38, 0))"]

    def _length(self, node: Node) -> Parts:
        return ["CAST(CHAR_LENGTH(", *self.write(node.this), ") AS BIGINT)"]

    def _least(self, node: Node) -> Parts:
        return self._extreme("LEAST", node)

    def _greatest(self, node: Node) -> Parts:
        return self._extreme("GREATEST", node)

    def _extreme(self, name: str, node: Node) -> Parts:
        items = self._arguments(node)
        parts: Parts = ["CASE WHEN "]
        for index, item in enumerate(items):
            parts += [" OR "] if index else []
            parts += [*self.write(item), " IS NULL"]
        return [*parts, " THEN NULL ELSE ", *self._call(name, items), " END"]

    def _case(self, node: Node) -> Parts:
        parts: Parts = ["CASE"]
        parts += [" ", *self.write(node.this)] if node.this is not None else []
        for branch in node.args["ifs"]:
            parts += [" WHEN ", *self.write(branch.this), " THEN ", *self.write(branch.args["true"])]
        parts += self._after("ELSE", node.args.get("default"))
        return [*parts, " END"]

    def _cast(self, node: Node) -> Parts:
        name = type_name(node)
        sizes = node.args["to"].expressions
        scale = f"(38, {sizes[1].name})" if name == "DECIMAL" else ""
        if name == "DATE" and isinstance(node.this, exp.Literal):
            return ["DATE ", *self.write(node.this)]
        return ["CAST(", *self.write(node.this), f" AS {TYPES[name]}{scale})"]

    def _anonymous(self, node: Node) -> Parts:
        name, items = str(node.this).lower(), node.expressions
        if name == "tag":
            column = items[0].name if len(items) == 2 else DEFAULT_TAGS
            table = items[0].args.get("table") if len(items) == 2 else None
            return [f'"{table.name}".' if table else "", f'"{hidden_tag(column, items[-1].name)}"']
        first = self.write(items[0])
        if name == "month_of":
            year: Parts = ["CAST(EXTRACT(YEAR FROM ", *first, ") AS BIGINT)"]
            return ["(", *year, " * 100 + CAST(EXTRACT(MONTH FROM ", *first, ") AS BIGINT))"]
        second = self.write(items[1])
        if name == "days_between":
            return ["(CAST(", *second, " AS BIGINT) - CAST(", *first, " AS BIGINT))"]
        return ["CAST((CAST(", *first, " AS BIGINT) + CAST(", *second, " AS BIGINT)) AS DATE)"]
