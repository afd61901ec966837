"""Rows of which nobody knows whether they count, as records have them, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.facts.model.lacking import MAY_COUNT, cause_said, lacking_said
from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phasegate.records.schema import FactEntry, RequirementEntry


def undetermined_said(fact: FactEntry) -> str | None:
    """``3 rows have no `days` ``; None where of each row it is known."""
    if (rows := fact.get("undetermined")) is None or not rows["rows"]:
        return None
    return visible(lacking_said(rows["rows"], _lacking(fact)))


def cause_told(fact: FactEntry) -> str | None:
    """The same, with what to do about them."""
    if (rows := fact.get("undetermined")) is None or not rows["rows"]:
        return None
    return visible(cause_said(rows["rows"], _lacking(fact), rows["fix"]))


def ends_told(fact: FactEntry) -> tuple[list[str], list[str]] | None:
    """The least and the greatest that a number can be, each as numerator and denominator."""
    rows = fact.get("undetermined", {})
    if "low" not in rows or "high" not in rows or (len(rows["low"]), len(rows["high"])) != (2, 2):
        return None
    return rows["low"], rows["high"]


def left_open(requirement: RequirementEntry, fact: FactEntry) -> bool:
    """Whether undetermined rows make a requirement unknown: its reason says all that there is to say."""
    return requirement["verdict"] == "unknown" and "undetermined" in fact


def row_said(columns: Iterable[str], row: Mapping[str, str]) -> str:
    """The cells of a row; what it lacks only where it may count."""
    told = [(name, row.get(name, "")) for name in columns]
    cells = [f"{visible(name)}: {visible(cell)}" for name, cell in told if cell or name != MAY_COUNT]
    return ", ".join(cells)


def _lacking(fact: FactEntry) -> list[tuple[str, int]]:
    rows = fact.get("undetermined")
    return [(each["column"], each["rows"]) for each in rows["lacking"]] if rows is not None else []
