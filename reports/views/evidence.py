"""The rows behind verdicts, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.notes import broken_clause
from phasegate.reports.terminal.page import Page
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.plain import counted, digest_start, visible
from phasegate.reports.text.sentences import bound_shown
from phasegate.reports.text.undetermined import row_said
from phasegate.reports.text.violations import broken_clauses
from phasegate.rules.model.verdict import UNDECIDED, WORST_FIRST

if TYPE_CHECKING:
    from pathlib import Path

    from phasegate.records.schema import RowsEntry
    from phasegate.runs.evidence import Evidence


def rows_said(rows: RowsEntry) -> str:
    """What some rows are, and how many: ``5 rows that do not meet ..., and 4 that may count``."""
    unsure = rows.get("undetermined", 0)
    total = rows["total"] - unsure
    unmet = f"that {'does' if total == 1 else 'do'} not meet the measure's condition"
    said = {
        "not met": f"{counted(total, 'row')} {unmet}",
        "counted": f"{counted(total, 'row')} that {'is' if total == 1 else 'are'} counted",
        "short": f"{counted(total, 'item')} that {'falls' if total == 1 else 'fall'} short",
        "newest": "the newest row, which decides" if total == 1 else f"{total:,} rows, of the newest date",
    }.get(rows["what"], counted(total, "row"))
    if not unsure:
        return said
    return f"{said}, and {unsure:,} that may count" if total else f"{counted(unsure, 'row')} that may count"


def left_out(rows: RowsEntry, shown: int) -> str | None:
    """How many rows are not shown; None where all are."""
    return f"and {rows['total'] - shown:,} more" if rows["total"] > shown else None


def in_file(rows: RowsEntry) -> str:
    """Which of the rows their file holds: ``all 12 rows``, or ``the first 10,000 of 12,000 rows``."""
    if rows["held"] < rows["total"]:
        return f"the first {rows['held']:,} of {counted(rows['total'], 'row')}"
    return "the only row" if rows["total"] == 1 else f"all {counted(rows['total'], 'row')}"


def evidence_text(
    found: Sequence[Evidence], run: int, *, width: int, colour: bool, written: Path | None = None
) -> str:
    """The first rows behind each requirement, worst first, personal columns masked.

    Args:
        found: the rows.
        run: the number of the run.
        width: columns of the page.
        colour: whether escape sequences may be used.
        written: the file to which the only rows with a file were written; None where there is none.
    """
    page = Page(width, colour)
    page.line((f"Rows behind verdicts of run {run}; personal columns are masked.", "dim"))
    for each in _worst_first(found):
        _one(each, page, written)
    return page.text()


def _worst_first(found: Sequence[Evidence]) -> list[Evidence]:
    places = {word: place for place, word in enumerate(WORST_FIRST)}
    return sorted(found, key=lambda each: places.get(each.requirement["verdict"], -1))


def _one(evidence: Evidence, page: Page, written: Path | None) -> None:
    requirement, rows = evidence.requirement, evidence.rows
    sign = verdict_sign(requirement["verdict"])
    page.blank()
    page.item(
        [(f"{sign.mark} {sign.word}", sign.style), " "],
        [(visible(requirement["id"]), "bold"), f" {bound_shown(requirement)}"],
    )
    if evidence.unread is not None:
        page.item([("  not shown: ", "dim")], [visible(evidence.unread)])
        return
    if requirement["reason"] and rows is None and requirement["verdict"] in UNDECIDED:
        page.line(visible(requirement["reason"]), indent=2)
        for source in evidence.sources:
            for clause in broken_clauses(source):
                broken_clause(clause, page, indent=2)
        return
    if rows is None or not rows["total"]:
        page.line("no single rows are at fault" if rows is None else "no rows", indent=2)
        return
    page.line(f"{rows_said(rows)}:", indent=2)
    for place, row in enumerate(rows["sample"], 1):
        page.item([(f"{place:>4}  ", "dim")], [row_said(rows["columns"], row)])
    more = left_out(rows, len(rows["sample"]))
    few = (
        " (evidence_rows in phasegate.yaml sets how many a run keeps)" if rows["held"] < rows["total"] else ""
    )
    if written is not None and evidence.file is not None:
        if more:
            page.line((more, "dim"), indent=2)
        page.line(f"wrote {in_file(rows)} to {visible(str(written))}{few}", indent=2)
    elif more:
        page.line((f"{more}; --output FILE writes {in_file(rows)} as Parquet{few}", "dim"), indent=2)
    kept = "kept with the run" if evidence.kept else "read again from the same sources"
    page.line((f"{digest_start(rows['digest'])}, {kept}", "dim"), indent=2)


def evidence_document(found: Sequence[Evidence]) -> list[dict[str, Any]]:
    """The same as plain JSON, in the same order."""
    return [
        {"requirement": each.requirement["id"], "verdict": each.requirement["verdict"],
         "rows": each.rows, "kept": each.kept, "unread": each.unread}
        | ({"reason": each.requirement["reason"]} if each.rows is None else {})
        | ({"breaches": {one["name"]: one["breaches"] for one in each.sources}} if each.sources else {})
        for each in _worst_first(found)
    ]  # fmt: skip
