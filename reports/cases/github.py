"""What became of cases as annotations of GitHub Actions, each on the line of a missed expectation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.cases.text import NOUNS, missed
from phasegate.reports.formats.github import command
from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.reports.cases.lacks import Section
    from phasegate.rules.diagnostics.position import Position
    from phasegate.runs.cases.run import CaseResult


def render_github(
    results: Sequence[CaseResult],
    files: Mapping[str, str] | None = None,
    sections: Sequence[Section] = (),
) -> str:
    """The results as annotations; no line at all where all cases passed, and leave nothing open.

    Args:
        results: the results, in the order of the cases.
        files: the paths of the files of cases and rules from the root of the repository, without those that
            are not in it; None where no repository is named.
        sections: what is asked of all cases together.
    """
    told = [line for each in results if not each.passed for line in _annotations(each, files)]
    told += [line for each in sections for line in _lacking(each, files)]
    return "".join(f"{line}\n" for line in told)


def _lacking(section: Section, files: Mapping[str, str] | None) -> Iterator[str]:
    level = "notice" if section.passed else "error"
    if not section.passed:
        yield command(level, section.summary, title=section.name)
    for lack in section.lacks:
        yield _annotation(section.name, f"{visible(lack.id)}\n{lack.said}", lack.at, files, level)


def _annotations(result: CaseResult, files: Mapping[str, str] | None) -> Iterator[str]:
    name = visible(result.case.name)
    if result.fault is not None:
        yield _annotation(f"case {name}", result.fault, result.case.position, files)
    for outcome in result.missed:
        _, expected, found = missed(outcome)
        said = f"{NOUNS[outcome.part]} {visible(outcome.id)}\nexpected {expected}\nfound {found}"
        yield _annotation(f"case {name}", said, outcome.position, files)


def _annotation(
    title: str, said: str, at: Position, files: Mapping[str, str] | None, level: str = "error"
) -> str:
    file = at.file if files is None else files.get(at.file, "")
    stands = "" if file else f"\nIt stands at {visible(at.file)}:{at.line}"
    line = at.line if file else None
    return command(level, f"{said}{stands}", file=visible(file), line=line, title=title)
