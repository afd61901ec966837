"""The formats that a run is reported in. Each is a module with a function ``render``, imported when asked."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from phasegate.reports.report import Report


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: as ``--format`` takes it.
        about: who reads it, in a few words.
        module: the module of this package that renders it.
        endings: of the names of files that are taken for it where no format is named.
        text: whether it is text, and may go to the screen.
    """

    name: str
    about: str
    module: str
    endings: tuple[str, ...] = ()
    text: bool = True

    def render(self, report: Report) -> str | bytes:
        """The report as it is written."""
        module = import_module(f"phasegate.reports.{self.module}")
        return cast("str | bytes", module.render(report))


TEXT = Format("text", "people, on a terminal", "terminal", (".txt",))
FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        TEXT,
        Format("json", "programs: the record itself", "record_json", (".json",)),
        Format("html", "people: one page with everything", "html", (".html", ".htm")),
        Format("markdown", "pull requests and step summaries", "markdown", (".md",)),
        Format("junit", "what shows tests (JUnit XML)", "junit", (".xml",)),
        Format("sarif", "security tools: every verdict (SARIF 2.1.0)", "sarif", (".sarif",)),
        Format("code-scanning", "GitHub's code scanning: SARIF of what does not pass", "code_scanning"),
        Format("oscal", "compliance platforms (OSCAL assessment results)", "oscal"),
        Format("github", "annotations of GitHub Actions", "github"),
        Format("csv", "spreadsheets and databases", "csv_table", (".csv",)),
        Format("excel", "spreadsheets (needs the extra 'excel')", "excel", (".xlsx",), text=False),
    )
}
"""By name, in the order in which they are listed."""


def format_of(path: PurePath) -> Format:
    """The format that the name of a file tells; text where it tells none."""
    name = path.name.lower()
    return next((each for each in FORMATS.values() if name.endswith(each.endings or ("\0",))), TEXT)
