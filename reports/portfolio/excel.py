"""A portfolio as a workbook for Excel: the projects, their gates, and why they stand so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.excel.workbook import Cell
from phasegate.reports.formats.excel import workbook_of
from phasegate.reports.portfolio.words import asked_said, sign_of, verdict_said, what_ends
from phasegate.reports.text.labels import STATES, state_sign
from phasegate.reports.text.plain import moment
from phasegate.reports.text.verdict_rows import told_id

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import GateRow, Portfolio, PortfolioRow
    from phasegate.monitoring.portfolio.standing import Standing
    from phasegate.records.schema import Score
    from phasegate.reports.excel.workbook import Sheets

_NONE = Cell("")
_SUMMARY = ("What", "State", "Says")
_PROJECTS = (
    "Project", "State", "Pass", "Pass with waivers", "Apply", "Overdue days", "Ends next on", "Ends next",
    "Last run", "Day of the run", "Age in days", "Recorded", "Entries", "Root", "Signed by", "Verified",
    "Cycle", "Weight", "Project id", "Ledger",
)  # fmt: skip
_GATES = (
    "Project", "Gate", "Title", "Today", "As decided", "Run", "Day of the run", "Pass", "Pass with waivers",
    "Apply", "Overdue days", "What is otherwise today",
)  # fmt: skip
_REASONS = ("Project", "State", "Kind", "Says")


def render(found: Portfolio, *, width: int, colour: bool) -> bytes:  # noqa: ARG001 - as all formats
    """The workbook.

    Raises:
        ExcelMissingError: if the extra ``excel`` is not installed.
    """

    def sheets(book: Sheets) -> None:
        book.table("Summary", _SUMMARY, _summary(found))
        book.table("Projects", _PROJECTS, map(_project, found.rows))
        book.table("Gates", _GATES, (_gate(row, gate) for row in found.rows for gate in row.gates))
        book.table("Reasons", _REASONS, (each for row in found.rows for each in _reasons(row)))

    subject = f"A portfolio, read {moment(found.now)}"
    return workbook_of(sheets, found.title, subject, "ledgers", found.now.date().isoformat())


def _summary(found: Portfolio) -> Iterator[list[Cell]]:
    yield [Cell("Portfolio"), _standing(found.rolled_up.standing), Cell(verdict_said(found))]
    yield [Cell("Title"), _NONE, Cell(found.title)]
    yield [Cell("Read"), _NONE, Cell(moment(found.now))]
    yield [Cell("Asked"), _NONE, Cell(asked_said(found))]


def _project(row: PortfolioRow) -> list[Cell]:
    ends, run, verified = row.ends_next, row.last_run, row.verified
    return [
        Cell(row.name),
        _standing(row.standing),
        *_score(row.score),
        _number(row.overdue_days),
        *([Cell(ends.day.isoformat(), kind="date"), Cell(what_ends(ends))] if ends else [_NONE, _NONE]),
        *(
            [_number(run.number), _day(run.as_of), _number(run.age_days), _day(run.recorded_at)]
            if run
            else [_NONE] * 4
        ),
        *(
            [
                _number(verified.size),
                Cell(verified.root),
                Cell(", ".join(verified.signed_by)),
                Cell(moment(verified.at)),
            ]
            if verified
            else [_NONE] * 4
        ),
        Cell(told_id("cycle", row.cycle)),
        _number(row.weight),
        Cell(told_id("project", row.project)),
        Cell(row.ledger),
    ]


def _gate(row: PortfolioRow, gate: GateRow) -> list[Cell]:
    decided = state_sign(gate.decided)
    return [
        Cell(row.name),
        Cell(told_id("phase", gate.id)),
        Cell(gate.title),
        _standing(gate.standing),
        Cell(f"{decided.mark} {decided.word}", gate.decided if gate.decided in STATES else "unknown"),
        _number(gate.run),
        _day(gate.as_of),
        *_score(gate.score),
        _number(gate.overdue_days),
        Cell("; ".join(gate.why)),
    ]


def _reasons(row: PortfolioRow) -> Iterator[list[Cell]]:
    for kind, lines in (("why", row.why), ("help", row.hints), ("note", row.notes)):
        for line in lines:
            yield [Cell(row.name), _standing(row.standing), Cell(kind), Cell(line)]


def _standing(standing: Standing) -> Cell:
    sign = sign_of(standing)
    return Cell(f"{sign.mark} {sign.word}", standing.word)


def _score(score: Score | None) -> list[Cell]:
    if score is None:
        return [_NONE] * 3
    return [_number(each) for each in (score["passing"], score["passing_with_waivers"], score["apply"])]


def _number(number: int) -> Cell:
    return Cell(str(number), kind="number")


def _day(text: str) -> Cell:
    return Cell(text, kind="date")
