"""What may be missing so that an expression has no value, and what its author can do about it.

A missing value never decides: what is computed from it is null, and a condition that is null makes its
row undetermined. Where a missing value means something, the author says so, by IS NULL, IS TRUE or
COALESCE; from there on nothing is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from phasegate.facts.expressions.expression import Expression
from phasegate.facts.expressions.types import DEFAULT_TAGS


def remedy(expressions: Iterable[Expression], lacking: Collection[str]) -> str:
    """What an author can write where cells are empty that decide: ``write `(a <= b) IS TRUE` if ...``.

    Args:
        expressions: the conditions and amounts of a measure, in their order.
        lacking: the columns whose cells are empty, and the tags that are missing, see `tag_written`.

    Returns:
        The sentence, about the first expression that such a cell leaves without a value; where none is
        empty, about the first that compares ids of people; empty where there is no such expression.
    """
    expressions = list(expressions)
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
    compared = next((each.people for each in expressions if each.people), ()) if not lacking else ()
    if not compared:
        return ""
    where = f"where {_listed(compared, ' and ')} differ only as F-1 and f-1 do"
    return f"write ids of one person alike in the source, {where}"


_DEFAULTS = {"integer": "0", "decimal": "0", "string": "''"}


def tag_written(column: str, key: str) -> str:
    """A tag as an author writes it."""
    text = key.replace("'", "''")
    return f"tag('{text}')" if column == DEFAULT_TAGS else f"tag({column}, '{text}')"


def _deciding(expression: Expression) -> list[str]:
    return [*expression.deciding, *(tag_written(*tag) for tag in expression.deciding_tags)]


def _listed(names: Collection[str], word: str = " or ") -> str:
    told = [f"`{name}`" for name in dict.fromkeys(names)]
    return word.join((", ".join(told[:-1]), told[-1])) if len(told) > 1 else told[0]
