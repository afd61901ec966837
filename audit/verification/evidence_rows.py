"""Whether the rows that a record tells of are those of the files that are kept with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from phasegate.audit.signing.canonical_json import canonical
from phasegate.audit.trail.entry_schema import kept_rows
from phasegate.records.schema import Record

_BESIDE = ("requirement", "what", "total")
"""What a record says of rows that no file tells; it is held against their fact."""


class RowsTold:
    """Holds records against files of rows, each of which is read once.

    Args:
        content: gives a kept document by its digest; None where there is none, which is told by itself.
    """

    def __init__(self, content: Callable[[object], bytes | None]) -> None:
        self._content = content
        self._good: set[bytes] = set()

    def against(self, record: Record) -> Iterator[str]:
        """What is wrong with the rows of a record, in words."""
        for rows in kept_rows(record):
            told = {name: value for name, value in rows.items() if name not in _BESIDE}
            if (name := canonical(told)) in self._good or (file := self._content(rows["digest"])) is None:
                continue
            from phasegate.facts.evidence_rows import rows_file

            found = rows_file(file)
            of = f"the file of the rows behind {rows['requirement']}"
            if found is None:
                yield f"{of} can not be read"
                continue
            due = {"size": len(file), **found._asdict()}
            if others := [key for key, value in due.items() if told[key] != value]:
                yield f"{of} has other {', '.join(others)} than its record"
            else:
                self._good.add(name)
