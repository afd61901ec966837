"""The report on the terminal: a record in, text out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from phasegate.reports.report import NONE_OVERDUE
from phasegate.reports.terminal.page import Page, Span
from phasegate.reports.terminal.provenance import trail
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.provenance import run_line
from phasegate.reports.text.sentences import (
    criterion_counts,
    cycle_line,
    outcome_line,
    own_rules,
    supposed_line,
)

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import Kept
    from phasegate.records.overdue import Overdue
    from phasegate.records.schema import Record
    from phasegate.reports.report import Report

DEFAULT_WIDTH = 100


def render(report: Report) -> str:
    """The report of a run as people read it on a terminal."""
    return terminal_text(
        report.record,
        code=report.ended_with,
        strict=report.strict,
        verbose=report.verbose,
        quiet=report.quiet,
        width=report.width,
        colour=report.colour,
        kept=report.kept,
        overdue=report.overdue,
    )


def terminal_text(
    record: Record,
    *,
    code: int | None,
    strict: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    width: int = DEFAULT_WIDTH,
    colour: bool = False,
    kept: Kept | None = None,
    overdue: Mapping[str, Overdue] = NONE_OVERDUE,
) -> str:
    """The report of a run as people read it, ending with its verdict.

    Args:
        record: what is told.
        code: the exit code that the command ends with; None where it only tells of a past run, and then says
            which one that is.
        strict: whether open with waivers was taken for closed.
        verbose: whether passes and facts are told too, and nothing is shortened.
        quiet: whether only the last line is told.
        width: columns of the page.
        colour: whether escape sequences may be used.
        kept: where the run is kept; None where it is not.
        overdue: the phases that are overdue, by the ids of their gates.
    """
    page = Page(width, colour)
    if not quiet:
        if (supposed := supposed_line(record)) is not None:
            page.line((supposed, "bold"))
        _head(record, page)
        if code is None:
            page.unbroken((run_line(record, kept), "dim"))
        _body(record, page, verbose, overdue)
        page.blank()
        if not own_rules(record) or len(record["requirements"]) > 1:
            page.line(criterion_counts(record))
        trail(record, kept, page)
    _last(record, page, code, strict)
    return page.text()


def _head(record: Record, page: Page) -> None:
    parts = [f"as of {record['as_of']}"]
    if (cycle := cycle_line(record)) is not None:
        parts.append(cycle)
    if record["scope"] and record["kind"] == "check":
        parts.append(f"only {', '.join(record['scope'])}")
    page.line((record["title"], "bold"), (f" · {' · '.join(parts)}", "dim"))


def _body(record: Record, page: Page, verbose: bool, overdue: Mapping[str, Overdue]) -> None:
    from phasegate.reports.terminal.findings import Findings
    from phasegate.reports.terminal.gates import gates
    from phasegate.reports.terminal.matrix import matrix, targets
    from phasegate.reports.terminal.notes import (
        attested,
        disagreements,
        idle_attestations,
        idle_waivers,
        sources,
        undetermined,
        unknown_points,
    )

    disagreements(record, page)
    findings = Findings(record, page, verbose)
    findings.failed()
    findings.undecided()
    findings.waived()
    findings.advisory()
    if verbose or own_rules(record):
        findings.passed()
    sources(record, page, verbose)
    unknown_points(record, page)
    if not verbose and not own_rules(record):  # or else they stand beside what passed
        undetermined(record, page)
    attested(record, page)
    idle_waivers(record, page)
    idle_attestations(record, page)
    if verbose:
        _facts(record, page)
    matrix(record, page)
    targets(record, page)
    gates(record, page, verbose, overdue)


def _facts(record: Record, page: Page) -> None:
    from phasegate.reports.terminal.facts import fact_table

    page.heading("Facts")
    fact_table(record["facts"], page)


def _last(record: Record, page: Page, code: int | None, strict: bool) -> None:
    sign = state_sign(record["outcome"])
    line = outcome_line(record, code, strict)
    start, word, rest = line.partition(sign.word)
    spans: list[Span] = [(f"{sign.mark} ", sign.style), start, (word, sign.style), rest]
    page.unbroken(*spans)
