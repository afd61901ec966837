"""Random conditions and queries, as a pack has them and as PostgreSQL does.

Most texts are the same for both. Where phasegate means something else on purpose, both are drawn side
by side, and `test_postgres.DIFFERENCES` has an example of each.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

Both = tuple[str, str]
"""A text for phasegate, and the one that means the same in PostgreSQL."""
TEXTS = ("a", "b", "ab", "a-b", "A", "a b", "", "é-x", "it's", "100%")
NUMBERS = ("0", "1", "-1", "2.50", "0.005", "99.999", "3", "2147483648", "-7.25", ".5")
DAYS = ("2026-01-31", "2026-02-01", "2026-02-28", "2024-02-29", "2026-03-01")


@dataclass
class Draw:
    """Draws texts, of values of the columns of some tables.

    Attributes:
        dice: where chance comes from.
        columns: the columns by type, as they are written.
    """

    dice: random.Random
    columns: dict[str, list[str]] = field(default_factory=dict)

    def one(self, options: Any) -> Any:
        return self.dice.choice(list(options))

    def condition(self, depth: int = 3) -> Both:
        """A condition over one row."""
        if depth > 0 and self.dice.random() < 0.45:
            kind = self.one(("and", "or", "not", "is", "case"))
            left, right = self.condition(depth - 1), self.condition(depth - 1)
            if kind in ("and", "or"):
                return self._joined(f" {kind.upper()} ", left, right)
            if kind == "not":
                return self._in("(NOT {})", left)
            if kind == "is":
                how = self.one(
                    ("IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE", "IS NULL", "IS NOT NULL")
                )
                return self._in(f"({{}} {how})", left)
            return self._case(left, right, self.condition(depth - 1))
        return self.one((self._comparison, self._comparison, self._text, self._day, self._bare))()

    def number(self, depth: int = 2) -> Both:
        """A number."""
        if depth > 0 and self.dice.random() < 0.5:
            left, right = self.number(depth - 1), self.number(depth - 1)
            kind = self.one(("+", "-", "*", "neg", "abs", "coalesce", "nullif", "case", "extreme", "cast"))
            if kind in ("+", "-", "*"):
                return self._joined(f" {kind} ", left, right)
            if kind == "neg":
                return self._in("(- {})", left)
            if kind == "abs":
                return f"ABS({left[0]})", f"ABS(({left[1]})::numeric)"  # of -2147483648 it has none
            if kind == "coalesce":
                return self._in("COALESCE({}, {})", left, right)
            if kind == "nullif":
                theirs = f"(CASE WHEN ({right[1]}) IS NOT NULL THEN NULLIF({left[1]}, {right[1]}) END)"
                return f"NULLIF({left[0]}, {right[0]})", theirs
            if kind == "case":
                return self._case(self.condition(1), left, right)
            if kind == "cast":
                whole = self.one(self.columns["integer"])
                return (f"CAST({whole} AS DECIMAL(38, 2))", f"CAST({whole} AS DECIMAL(38, 2))")
            name = self.one(("LEAST", "GREATEST"))  # of something and nothing: nothing, unlike PostgreSQL
            ours = f"{name}({left[0]}, {right[0]})"
            missing = f"({left[1]}) IS NULL OR ({right[1]}) IS NULL"
            return ours, f"(CASE WHEN {missing} THEN NULL ELSE {name}({left[1]}, {right[1]}) END)"
        if self.dice.random() < 0.15:
            return self._length()
        literal = self.one(NUMBERS)
        written = f"({literal})" if literal.startswith("-") else literal
        return self._same(self.one([*self.columns["decimal"], *self.columns["integer"], written]))

    def text(self) -> Both:
        """A text."""
        column = self.one(self.columns["string"])
        kind = self.dice.random()
        if kind < 0.5:
            return self._same(column)
        shape = self.one(
            (
                "LOWER({})", "UPPER({})", "COALESCE({}, 'none')", "NULLIF({}, 'a')", "REPLACE({}, '-', '+')",
                "SUBSTR({}, 1, 2)", "SUBSTR({}, 2)", "SPLIT_PART({}, '-', 1)", "SPLIT_PART({}, '-', 2)",
                "TRIM({})",
            )
        )  # fmt: skip
        return self._same(shape.format(column))

    def day(self) -> Both:
        """A day; a moment belongs to its day, unlike in PostgreSQL."""
        kind = self.dice.random()
        if kind < 0.3:
            moment = self.one(self.columns["datetime"])
            return moment, f"({moment})::date"
        if kind < 0.5:
            literal = f"DATE '{self.one(DAYS)}'"
            return self._same(literal)
        column = self.one(self.columns["date"])
        if kind < 0.7:
            moved = self.one((1, 31, 365))
            return f"({column} + {moved} days)", f"({column} + {moved})"
        return self._same(column)

    def _comparison(self) -> Both:
        kind = self.dice.random()
        if kind < 0.15:
            low, high = sorted(self.dice.sample([-5, 0, 1, 7, 2000], 2))
            no = self.one(("", "NOT "))
            return self._in(f"({{}} {no}BETWEEN {low} AND {high})", self.number(1))
        if kind < 0.3:
            items = ", ".join(self.dice.sample(NUMBERS, 3))
            return self._in(f"({{}} {self.one(('', 'NOT '))}IN ({items}))", self.number(1))
        return self._joined(f" {self.one(('=', '<>', '<', '<=', '>', '>='))} ", self.number(), self.number())

    def _text(self) -> Both:
        kind = self.dice.random()
        if kind < 0.25:
            pattern = self.one(("a%", "%b", "_", "a_b", "%", "é%", "%''%"))
            return self._in(f"({{}} {self.one(('', 'NOT '))}LIKE '{pattern}')", self.text())
        literals = [self._quoted(text) for text in self.dice.sample(TEXTS, 3)]
        if kind < 0.5:
            return self._in(f"({{}} {self.one(('', 'NOT '))}IN ({', '.join(literals)}))", self.text())
        other = self.text() if kind < 0.7 else self._same(literals[0])
        return self._joined(f" {self.one(('=', '<>', '<', '>='))} ", self.text(), other)

    def _day(self) -> Both:
        if self.dice.random() < 0.3:
            low, high = sorted(self.dice.sample(DAYS, 2))
            value = self.day()
            ours = f"({value[0]} BETWEEN '{low}' AND '{high}')"
            return ours, f"({value[1]} BETWEEN DATE '{low}' AND DATE '{high}')"
        first, second = self.day(), self.day()
        if "::" in first[1] and "::" in second[1]:  # two moments are compared as such
            first, second = (first[0], first[0]), (second[0], second[0])
        return self._joined(f" {self.one(('=', '<>', '<', '<=', '>', '>='))} ", first, second)

    def _bare(self) -> Both:
        column = self.one(self.columns["boolean"])
        return self._same(self.one((column, f"(NOT {column})", f"({column} IS NULL)", "TRUE", "FALSE")))

    def _length(self) -> Both:
        kind = self.one(("length", "month", "days", "seconds"))
        if kind == "length":
            ours, theirs = self.text()
            return f"LENGTH({ours})", f"LENGTH({theirs})::numeric"
        if kind == "month":
            day = self.day()
            return (
                f"month_of({day[0]})",
                f"(EXTRACT(YEAR FROM {day[1]}) * 100 + EXTRACT(MONTH FROM {day[1]}))",
            )
        if kind == "days":
            first, second = self.day(), self.day()
            return f"days_between({first[0]}, {second[0]})", f"(({second[1]}) - ({first[1]}))::numeric"
        a, b = self.one(self.columns["datetime"]), self.one(self.columns["datetime"])
        unit, seconds = self.one((("seconds", 1), ("minutes", 60), ("hours", 3600)))
        if unit == "seconds":
            return f"seconds_between({a}, {b})", f"EXTRACT(EPOCH FROM ({b}) - ({a}))"
        bound = self.one(("1", "2.5", "48"))
        theirs = f"EXTRACT(EPOCH FROM ({b}) - ({a})) > {bound} * {seconds}"
        return self._case((f"{unit}_between({a}, {b}) > {bound}", theirs), ("1", "1"), ("0", "0"))

    def _case(self, condition: Both, first: Both, second: Both) -> Both:
        """A CASE; where nobody knows whether its condition holds it is null, unlike in PostgreSQL."""
        ours = f"(CASE WHEN {condition[0]} THEN {first[0]} ELSE {second[0]} END)"
        unknown = f"WHEN ({condition[1]}) IS NULL THEN NULL"
        return ours, f"(CASE {unknown} WHEN {condition[1]} THEN {first[1]} ELSE {second[1]} END)"

    def _same(self, text: str) -> Both:
        return text, text

    def _in(self, shape: str, *values: Both) -> Both:
        return tuple(shape.format(*(value[side] for value in values)) for side in (0, 1))  # type: ignore[return-value]

    def _joined(self, word: str, left: Both, right: Both) -> Both:
        return self._in("({}" + word + "{})", left, right)

    def _quoted(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"


COLUMNS = {
    "decimal": ("amount", "plan"), "integer": ("units",), "string": ("team", "status"), "boolean": ("ok",),
    "date": ("due",), "datetime": ("at",),
}  # fmt: skip


def over(dice: random.Random, *aliases: str) -> Draw:
    """Draws over the columns of some tables, all of which have the same."""
    columns = {
        type_: [f"{alias}.{name}" if alias else name for alias in aliases for name in names]
        for type_, names in COLUMNS.items()
    }
    return Draw(dice, columns)


def query(dice: random.Random) -> Both:
    """A query that returns numerator, denominator and rows in one row."""
    shape = dice.choice(
        (
            _plain,
            _joined,
            _grouped,
            _common,
            _union,
            _among,
            _exists,
            _scalar,
            _having,
            _distinct,
            _cross,
            _using,
            _three,
            _shadowed,
        )
    )
    return shape(dice)


def _result(draw: Draw) -> Both:
    """The columns that come out of a plain SELECT, which depend on the rows."""
    amount, condition, other = draw.number(1), draw.condition(1), draw.condition(1)
    column = draw.one(draw.columns["decimal"])
    shape = draw.one(
        (
            "SUM({3} + 0 * {0})", "COUNT(CASE WHEN {1} THEN {3} END)", "SUM({4})",
            "MAX({3}) - COUNT({0})", "COUNT(DISTINCT {3})", "MIN({3}) + SUM({3})",
        )
    )  # fmt: skip
    case = draw._case(condition, (column, column), ("0", "0"))
    both = []
    for side in (0, 1):
        numerator = shape.format(amount[side], condition[side], other[side], column, case[side])
        both.append(
            f"{numerator} AS numerator, COUNT(CASE WHEN {other[side]} THEN 1 END) + 1 AS denominator, "
            "COUNT(*) AS rows"
        )
    return both[0], both[1]


def _sides(shape: str, *values: Both) -> Both:
    return shape.format(*(v[0] for v in values)), shape.format(*(v[1] for v in values))


def _plain(dice: random.Random) -> Both:
    draw = over(dice, "")
    return _sides("SELECT {} FROM t WHERE {}", _result(draw), draw.condition())


def _joined(dice: random.Random) -> Both:
    draw = over(dice, "x", "y")
    side = dice.choice(("", "LEFT ", "INNER ", "RIGHT ", "FULL "))
    on = dice.choice(("x.team = y.team", "x.units = y.units", "x.team = y.team AND x.due = y.due"))
    return _sides(
        f"SELECT {{}} FROM t AS x {side}JOIN u AS y ON {on} WHERE {{}}", _result(draw), draw.condition(1)
    )


def _cross(dice: random.Random) -> Both:
    draw = over(dice, "x", "y")
    word = dice.choice((" CROSS JOIN ", ", "))
    return _sides(f"SELECT {{}} FROM t AS x{word}u AS y WHERE {{}}", _result(draw), draw.condition(1))


def _grouped(dice: random.Random) -> Both:
    draw = over(dice, "")
    days: tuple[Both, ...] = (("due", "due"), ("CAST(at AS DATE)", "at::date"), ("due + 1 day", "due + 1"))
    key = draw.text() if dice.random() < 0.5 else dice.choice(days)
    inner = "SELECT {0} AS k, SUM(amount) AS a, COUNT(*) AS c, MAX(units) AS m FROM t WHERE {1} GROUP BY {0}"
    outer = "SELECT SUM(g.a) AS numerator, COUNT(g.k) + 1 AS denominator, SUM(g.c) AS rows FROM ({}) AS g"
    return _sides(outer, _sides(inner, key, draw.condition(1)))


def _having(dice: random.Random) -> Both:
    inner = (
        "SELECT team AS k, COUNT(*) AS c, MIN(due) AS d FROM t WHERE {} GROUP BY team "
        f"HAVING COUNT(*) > {dice.choice((0, 1, 2))} AND MAX(amount) >= -500"
    )
    outer = (
        "SELECT SUM(g.c) AS numerator, COUNT(DISTINCT g.d) AS denominator, COUNT(*) AS rows FROM ({}) AS g"
    )
    return _sides(outer, _sides(inner, over(dice, "").condition(1)))


def _common(dice: random.Random) -> Both:
    draw = over(dice, "")
    first = _sides("SELECT team, status, amount, units FROM t WHERE {}", draw.condition(2))
    shape = (
        "WITH a AS ({}), b AS (SELECT team, SUM(units) AS n FROM a GROUP BY team) "
        "SELECT SUM(b.n) + COUNT(a.amount) AS numerator, COUNT(DISTINCT a.status) AS denominator, "
        "COUNT(*) AS rows FROM a LEFT JOIN b ON b.team = a.team"
    )
    return _sides(shape, first)


def _union(dice: random.Random) -> Both:
    word = dice.choice(("UNION", "UNION ALL"))
    draw = over(dice, "")
    inner = f"SELECT {{0}} AS v, team AS k FROM t WHERE {{1}} {word} SELECT {{2}}, status FROM u"
    both = _sides(inner, draw.number(1), draw.condition(1), draw.number(1))
    return _sides(
        "SELECT SUM(g.v) AS numerator, COUNT(g.k) AS denominator, COUNT(*) AS rows FROM ({}) AS g", both
    )


def _among(dice: random.Random) -> Both:
    draw = over(dice, "")
    no = dice.choice(("", "NOT "))
    column = dice.choice(("team", "units", "due", "amount"))
    shape = f"SELECT {{}} FROM t WHERE {column} {no}IN (SELECT {column} FROM u WHERE {{}})"
    return _sides(shape, _result(draw), draw.condition(1))


def _exists(dice: random.Random) -> Both:
    draw = over(dice, "")
    no = dice.choice(("", "NOT "))
    shape = f"SELECT {{}} FROM t WHERE {no}EXISTS (SELECT 1 FROM u WHERE {{}})"
    return _sides(shape, _result(draw), draw.condition(1))


def _scalar(dice: random.Random) -> Both:
    draw = over(dice, "")
    shape = (
        "SELECT SUM(amount) AS numerator, (SELECT COUNT(*) FROM u WHERE {}) AS denominator, COUNT(*) AS rows "
        "FROM t WHERE amount > (SELECT MIN(plan) FROM u)"
    )
    return _sides(shape, draw.condition(1))


def _distinct(dice: random.Random) -> Both:
    draw = over(dice, "")
    inner = "SELECT DISTINCT {} AS k, ok AS o FROM t WHERE {}"
    outer = "SELECT COUNT(g.k) AS numerator, COUNT(*) + 1 AS denominator, COUNT(*) AS rows FROM ({}) AS g"
    return _sides(outer, _sides(inner, draw.text(), draw.condition(1)))


def _using(dice: random.Random) -> Both:
    side, column = (
        dice.choice(("", "LEFT ", "RIGHT ", "FULL ")),
        dice.choice(("team", "units", "due", "amount")),
    )
    shape = (
        f"SELECT COUNT({column}) + 0 * SUM(x.units) AS numerator, COUNT(x.{column}) AS denominator, "
        f"COUNT(y.{column}) + 0 * SUM(y.units) AS nulls, COUNT(*) AS rows "
        f"FROM t AS x {side}JOIN u AS y USING ({column}) WHERE {{}}"
    )
    return _sides(shape, over(dice, "x", "y").condition(1))


def _three(dice: random.Random) -> Both:
    """Three tables side by side, of which moments meet days and numbers have different widths."""
    sides = [dice.choice(("", "LEFT ", "INNER ")) for _ in range(2)]
    on: list[Both] = [
        ("x.at = y.at", "x.at = y.at"), ("x.at = y.due", "x.at::date = y.due"), ("x.amount = y.plan",) * 2,
        ("x.units = y.amount",) * 2, ("x.plan + 1 = y.units",) * 2,
    ]  # fmt: skip
    third = f"{sides[1]}JOIN t AS z ON z.team = y.team"
    shape = f"SELECT {{}} FROM t AS x {sides[0]}JOIN u AS y ON {{}} {third} WHERE {{}}"
    draw = over(dice, "x", "y", "z")
    return _sides(shape, _result(draw), dice.choice(on), draw.condition(1))


def _shadowed(dice: random.Random) -> Both:
    """Names that stand for other tables than those of that name."""
    draw = over(dice, "t", "u")
    shape = (
        "WITH u AS (SELECT * FROM t WHERE {1}) "
        "SELECT {0} FROM u AS t CROSS JOIN (SELECT * FROM u WHERE {2}) AS u WHERE {3}"
    )
    columns = "amount, plan, units, team, status, ok, due, at"
    plain = over(dice, "")
    both = _sides(shape, _result(draw), plain.condition(1), plain.condition(1), draw.condition(1))
    return both[0].replace("SELECT * ", f"SELECT {columns} "), both[1].replace(
        "SELECT * ", f"SELECT {columns} "
    )
