"""What is larger than any table, and is refused before anything is planned for it."""

from __future__ import annotations

from phasegate.facts.sources.files import SourceError

COLUMNS_AT_MOST = 10_000
"""So many columns a source may have."""
HEAD_AT_MOST = 1 << 20
"""So many bytes may come before the end of a CSV file's first line."""


def refuse_columns(where: str, columns: int) -> None:
    """Refuses more columns than any table has, before anything is planned for each of them.

    Args:
        where: the file, and the line where there is one.
        columns: how many it has, at least.

    Raises:
        SourceError: if they are too many.
    """
    if columns > COLUMNS_AT_MOST:
        what = f"{where} has {columns:,} columns or more; more than {COLUMNS_AT_MOST:,} are not read"
        raise SourceError(what, "is it a table turned on its side? Export one row for each value")


def refuse_long_line(where: str, head: bytes, separator: str) -> None:
    """Refuses a text without any end of a line where its header should have ended.

    Args:
        where: the file, and the line.
        head: the first `HEAD_AT_MOST` bytes from there on.
        separator: what stands between its fields.

    Raises:
        SourceError: if its first line is too long to be a header.
    """
    if len(head) == HEAD_AT_MOST and b"\n" not in head and b"\r" not in head:
        refuse_columns(where, head.count(separator.encode()) + 1)
        what = f"{where} is longer than {HEAD_AT_MOST:,} bytes: it can be no header"
        raise SourceError(what, "is it a table, with one row in each line?")
