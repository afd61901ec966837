"""What became of cases as JUnit XML: a case is a test, a file of cases is a suite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.cases.text import missed, place
from phasegate.reports.formats.junit import Case, document, suite

if TYPE_CHECKING:
    from phasegate.runs.cases.run import CaseResult


def render_junit(results: Sequence[CaseResult], title: str) -> str:
    """All results as test suites.

    Args:
        results: the results, in the order of the cases.
        title: what was tested.
    """
    files: dict[str, list[CaseResult]] = {}
    for result in results:
        files.setdefault(result.case.position.file, []).append(result)
    return document(title, (suite(file, map(_case, found)) for file, found in files.items()))


def _case(result: CaseResult) -> Case:
    plain = Case(result.case.name, "case")
    if result.passed:
        return plain
    at = place(result)
    if result.fault is not None:
        return plain._replace(mark="error", kind="error", message=result.fault, lines=(at, result.fault))
    told = [missed(each) for each in result.missed]
    lines = [at, *(f"{what}: expected {expected}, found {found}" for what, expected, found in told)]
    lines += [f"filled in: {', '.join(result.filled)}"] if result.filled else []
    what, expected, found = told[0]
    return plain._replace(
        mark="failure",
        kind="missed",
        message=f"{what}: expected {expected}, found {found}",
        lines=tuple(lines),
    )
