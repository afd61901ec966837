"""The formats that a run is reported in. Each is a module with a function ``render``, imported when asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from phasegate.reports.text.labels import STARTS, STATES, VERDICTS
from phasegate.rules.errors import PhasegateError

if TYPE_CHECKING:
    from phasegate.reports.report import Report


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: as ``--format`` takes it.
        about: who reads it, in a few words.
        module: the module of this package that renders it.
        mark: a pattern of what each report of it has, and no file of anybody else; of a workbook, what that
            says of itself.
        endings: of the names of files that are taken for it where no format is named.
        text: whether it is text, and may go to the screen.
        commands: whether its lines are commands of a runner, which must get through.
        also: endings of other formats, which a file of this one may have where it is named.
        beside: whether it tells what the ledger knows beside the run.
        what_if: whether each of its reports of a what-if says at its beginning that it is one. All others are
            read by programs which would take it for what was decided.
    """

    name: str
    about: str
    module: str
    mark: str
    endings: tuple[str, ...] = ()
    text: bool = True
    commands: bool = False
    also: tuple[str, ...] = ()
    beside: bool = False
    what_if: bool = False

    def render(self, report: Report) -> str | bytes:
        """The report as it is written."""
        module = import_module(f"phasegate.reports.formats.{self.module}")
        return cast("str | bytes", module.render(report))


_OUTCOME = "(?:{})[^\\n]*".format(
    "|".join(
        rf"{re.escape(each.mark)} (?:{STARTS}: )?(?:[^\n]* is )?{each.word}: " for each in STATES.values()
    )
)
"""The line with which a report says what was decided."""
_STORY = r"\A[^ \n]+ [^\n]*: (?:{})\n.*\(sha256:[0-9a-f]{{12}}\)\.\n*\Z".format(
    "|".join(re.escape(each.word) for each in (*STATES.values(), *VERDICTS.values()))
)
"""What `explain` tells."""
TEXT = Format(
    "text",
    "people, on a terminal",
    "terminal",
    rf"{_STORY}|(?:\A|\n){_OUTCOME}\n?\Z",
    (".txt", ".log"),
    what_if=True,
)
_SARIF = r'\A\{\s*"\$schema": [^\n]*sarif[^\n]*\n.{,200}"driver": \{\s*"name": "phasegate"'
FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        TEXT,
        Format(
            "json",
            "programs: the record itself",
            "json",
            r'\A\{.*\n  "schema": "phasegate/(?:record|what-if)/',
            (".json",),
            what_if=True,
        ),
        Format(
            "html",
            "people: one page with everything",
            "html",
            r'\A<!DOCTYPE html>.*<footer class="section"><h2 id="provenance">.*<code>sha256:',
            (".html", ".htm"),
            beside=True,
            what_if=True,
        ),
        Format(
            "markdown",
            "pull requests and step summaries",
            "markdown",
            rf"\A## {_OUTCOME}",
            (".md", ".markdown"),
            beside=True,
            what_if=True,
        ),
        Format(
            "junit",
            "what shows tests (JUnit XML)",
            "junit",
            r'<testsuites .*<property name="record_digest" value="sha256:',
            (".xml",),
        ),
        Format(
            "sarif",
            "security tools: every verdict (SARIF 2.1.0)",
            "sarif",
            _SARIF,
            (".sarif", ".sarif.json"),
            also=(".json",),
        ),
        Format(
            "code-scanning",
            "GitHub's code scanning: SARIF of what does not pass",
            "code_scanning",
            _SARIF,
            also=(".sarif", ".sarif.json", ".json"),
        ),
        Format(
            "oscal",
            "compliance platforms (OSCAL assessment results)",
            "oscal",
            r'\A\{\s*"assessment-results": .*"ns": "urn:phasegate:oscal:',
            (".oscal.json",),
            also=(".json",),
        ),
        Format(
            "github",
            "annotations of GitHub Actions",
            "github",
            r"\A(?:[^\n]*, as of [0-9-]{10}\. (?:Kept|Recorded) [^\n]*\n)?"  # of a run of the past
            r"(?:\Z|::(?:error|warning|notice) (?:[^\n]*,)?title=)",
            commands=True,
        ),
        Format(
            "csv",
            "spreadsheets and databases",
            "csv",
            r"\Arequirement,criterion,alternative,point,",
            (".csv",),
        ),
        Format(
            "excel",
            "spreadsheets (needs the extra 'excel')",
            "excel",
            r"Made by phasegate from a record",
            (".xlsx",),
            text=False,
            beside=True,
        ),
    )
}
"""By name, in the order in which they are listed."""


_ENDINGS = {ending: each for each in FORMATS.values() for ending in each.endings}


class UnknownEndingError(PhasegateError):
    """A file whose name tells no format, although it has an ending."""

    def __init__(self, path: PurePath) -> None:
        super().__init__(
            f"{path.name}: no format is known by the ending {path.suffix}",
            f"the endings are {', '.join(_ENDINGS)}; or name a format with --format",
        )


class OtherFormatError(PhasegateError):
    """A file whose name tells another format than the one that would be written into it."""

    def __init__(self, path: PurePath, named: Format, told: Format) -> None:
        super().__init__(
            f"{named.name} would be written to {path.name}, whose name tells {told.name}",
            "the first --format is for the first --output, the second for the second: "
            f"--format {named.name} -o FILE --format {told.name} -o {path.name}",
        )


def format_of(path: PurePath, named: Format | None = None) -> Format:
    """The format of a file: the one that is named for it, or the one that its own name tells.

    A name without any ending tells text.

    Raises:
        UnknownEndingError: if no format is named and the ending is that of none.
        OtherFormatError: if the name tells another format than the one that is named.
    """
    name = path.name.lower()
    ending = max((each for each in _ENDINGS if name.endswith(each)), key=len, default=None)
    told = None if ending is None else _ENDINGS[ending]
    if named is None:
        if told is None and path.suffix:
            raise UnknownEndingError(path)
        return told or TEXT
    if told is None or told is named or ending in named.also or (told is TEXT and named.text):
        return named
    raise OtherFormatError(path, named, told)
