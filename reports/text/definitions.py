"""What a measure counts, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phasegate.records.schema import ClauseEntry, FactEntry, Record


def clauses_said(record: Record, fact: FactEntry, *, whole: bool = False) -> list[str]:
    """The clauses of a fact's measure, with the values of what they name; none where the record has none.

    Args:
        record: of the run.
        fact: the fact.
        whole: whole queries too, which are too long for a sentence.
    """
    return [_said(each, whole) for each in record.get("definitions", {}).get(fact["measure"], ())]


def _said(clause: ClauseEntry, whole: bool) -> str:
    """``where due_on < :as_of (:as_of is 2026-03-01)``."""
    values = ", ".join(f":{name} is {value}" for name, value in clause["values"].items())
    if clause["clause"] == "sql" and not whole:
        return f"its query, in which {values}" if values else "its query"
    return f"{clause['clause']} {clause['says']}{f' ({values})' if values else ''}"
