"""What became of cases as JUnit XML: a case is a test, a file of cases is a suite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.cases.text import missed, place
from phasegate.reports.formats.junit import Case, document, suite

if TYPE_CHECKING:
    from phasegate.reports.cases.lacks import Section
    from phasegate.runs.cases.run import CaseResult


def render_junit(results: Sequence[CaseResult], title: str, sections: Sequence[Section] = ()) -> str:
    """All results as test suites.

    Args:
        results: the results, in the order of the cases.
        title: what was tested.
        sections: what is asked of all cases together; each is a suite, and what it lacks its tests.
    """
    files: dict[str, list[CaseResult]] = {}
    for result in results:
        files.setdefault(result.case.position.file, []).append(result)
    suites = [suite(file, map(_case, found)) for file, found in files.items()]
    return document(title, [*suites, *(suite(each.name, _tests(each)) for each in sections)])


def _tests(section: Section) -> Iterator[Case]:
    """How a section came out, then what it lacks: a failure only where that is not taken."""
    mark = None if section.passed else "failure"
    yield Case(section.summary, section.name, mark, "lacking", section.summary)
    for lack in section.lacks:
        said = f"{lack.said}  {lack.place}"
        yield Case(lack.id, section.name, mark or "skipped", "lacking", lack.said, (said,))


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
