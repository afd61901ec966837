"""What became of cases as annotations of GitHub Actions, each on the line of a missed expectation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.cases.text import NOUNS, missed
from phasegate.reports.formats.github import command
from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.rules.diagnostics.position import Position
    from phasegate.runs.cases.run import CaseResult


def render_github(results: Sequence[CaseResult], files: Mapping[str, str] | None = None) -> str:
    """The results as annotations; no line at all where all cases passed.

    Args:
        results: the results, in the order of the cases.
        files: the paths of the files of cases from the root of the repository, without those that are not in
            it; None where no repository is named.
    """
    return "".join(f"{line}\n" for each in results if not each.passed for line in _annotations(each, files))


def _annotations(result: CaseResult, files: Mapping[str, str] | None) -> Iterator[str]:
    name = visible(result.case.name)
    if result.fault is not None:
        yield _annotation(f"case {name}", result.fault, result.case.position, files)
    for outcome in result.missed:
        _, expected, found = missed(outcome)
        said = f"{NOUNS[outcome.part]} {visible(outcome.id)}\nexpected {expected}\nfound {found}"
        yield _annotation(f"case {name}", said, outcome.position, files)


def _annotation(title: str, said: str, at: Position, files: Mapping[str, str] | None) -> str:
    file = at.file if files is None else files.get(at.file, "")
    stands = "" if file else f"\nThe case stands at {visible(at.file)}:{at.line}"
    line = at.line if file else None
    return command("error", f"{said}{stands}", file=visible(file), line=line, title=title)
