"""What may be missing so that an expression has no value, and what its author can do about it.

A missing value never decides: what is computed from it is null, and a condition that is null makes its
row undetermined. Where a missing value means something, the author says so, by IS NULL, IS TRUE or
COALESCE; from there on nothing is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from phasegate.facts.expressions.expression import DEFAULT_TAGS, Expression, Part


class Lack(NamedTuple):
    """One thing that may be missing.

    Attributes:
        name: the column; or the words that may yield no value, such as NULLIF.
        parts: the column as it is written; none where no cell is meant.
        key: of a tag, its key.
    """

    name: str
    parts: tuple[Part, ...] = ()
    key: str = ""

    @property
    def cell(self) -> bool:
        """Whether it is a cell that may be empty."""
        return bool(self.parts)

    @property
    def filled(self) -> tuple[Part, ...]:
        """The condition that it is there, as it is written."""
        return _joined("(NOT (", *self.parts, " IS NULL))")

    @property
    def empty(self) -> tuple[Part, ...]:
        """The condition that it is not."""
        return _joined("(", *self.parts, " IS NULL)")


ALIKE = "ids of people that only seem to be the same"
"""What leaves a comparison of ids of people open."""
SURE: frozenset[Lack] = frozenset()
"""Of what is never null, because nothing can be missing."""


def _joined(*parts: Part) -> tuple[Part, ...]:
    return parts


def remedy(expressions: Iterable[Expression], lacking: Collection[str]) -> str:
    """What an author can write where cells are empty that decide: ``write `(a <= b) IS TRUE` if ...``.

    Args:
        expressions: the conditions and amounts of a measure, in their order.
        lacking: the columns whose cells are empty, and the tags that are missing, see `tag_written`.

    Returns:
        The sentence, about the first expression that such a cell leaves without a value; empty if
        none is.
    """
    for expression in expressions:
        names = [name for name in _deciding(expression) if name in lacking]
        if names:
            none = f"no {_listed(names)}"
            if expression.type == "boolean":
                return f"write `({expression.sql.strip()}) IS TRUE` if {none} means not met"
            sql, default = expression.sql.strip(), _DEFAULTS.get(expression.type)
            if default is None:
                return f"ask for `({sql}) IS NOT NULL` in `where` if rows with {none} do not count"
            return f"write `COALESCE({sql}, {default})` if {none} means {default}"
    return ""


_DEFAULTS = {"integer": "0", "decimal": "0", "string": "''"}


def tag_written(column: str, key: str) -> str:
    """A tag as an author writes it."""
    text = key.replace("'", "''")
    return f"tag('{text}')" if column == DEFAULT_TAGS else f"tag({column}, '{text}')"


def _deciding(expression: Expression) -> list[str]:
    return [*expression.deciding, *(tag_written(*tag) for tag in expression.deciding_tags)]


def _listed(names: Collection[str]) -> str:
    told = [f"`{name}`" for name in dict.fromkeys(names)]
    return " or ".join((", ".join(told[:-1]), told[-1])) if len(told) > 1 else told[0]
