"""How slices are named: after the values of their column, and one for the rows that have none."""

from __future__ import annotations

import re

NO_VALUE = "(no value)"
"""The slice of rows whose slicing column is empty."""
_LIKE_IT = re.compile(rf'"*{re.escape(NO_VALUE)}"*')


def slice_name(value: str | None) -> str:
    """The name of the slice of a value; one that is called like the slice without a value gets quotes."""
    if value is None:
        return NO_VALUE
    return f'"{value}"' if _LIKE_IT.fullmatch(value) else value


def slice_value(name: str) -> str | None:
    """The value whose slice has a name; None where its rows have none."""
    if name == NO_VALUE:
        return None
    return name[1:-1] if _LIKE_IT.fullmatch(name) else name
