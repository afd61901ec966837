"""What lint found, for people and for the programs that show it beside the rules: a function a format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from phasegate.reports.formats.github import command
from phasegate.reports.formats.sarif import SCHEMA
from phasegate.reports.output import Json, json_text
from phasegate.reports.sarif.messages import limited, message
from phasegate.reports.text.locations import uri
from phasegate.reports.text.plain import visible
from phasegate.rules.diagnostics.diagnostic import Diagnostic, count_problems, render_all
from phasegate.rules.lint.codes.table import CODES
from phasegate.rules.version import VERSION


class Findings(NamedTuple):
    """What was found.

    Attributes:
        found: in the order of files and lines.
        files: the path of each file from the root of the repository, by the path that findings have; without
            the files that are in none. None where no repository is named.
    """

    found: Sequence[Diagnostic]
    files: Mapping[str, str] | None = None

    def file(self, one: Diagnostic) -> str | None:
        """The file of a finding as programs look for it; None for one that they could not find."""
        if one.position is None or self.files is None:
            return one.position.file if one.position else None
        return self.files.get(one.position.file)


def text(findings: Findings) -> str:
    """All of them with their lines, and how many there are."""
    return f"{render_all(findings.found)}\n"


def json(findings: Findings) -> str:
    """A document with a list of them."""
    return json_text(
        {
            "errors": sum(each.severity == "error" for each in findings.found),
            "warnings": sum(each.severity == "warning" for each in findings.found),
            "findings": [_as_data(findings, each) for each in findings.found],
        }
    )


def _as_data(findings: Findings, one: Diagnostic) -> Json:
    at = one.position
    return {
        "rule": one.rule,
        "severity": one.severity,
        "message": one.message,
        "hint": one.hint,
        "file": findings.file(one) or (at.file if at else None),
        "line": at.line if at else None,
        "column": at.column if at else None,
    }


def github(findings: Findings) -> str:
    """An annotation each, errors first: a runner shows ten of each level."""
    told = sorted(findings.found, key=lambda each: each.severity)
    return "".join(f"{_annotation(findings, each)}\n" for each in told)


def _annotation(findings: Findings, one: Diagnostic) -> str:
    file, at = findings.file(one), one.position
    stands = f"\nIt stands at {visible(str(at))}" if at and file is None else ""
    hint = f"\nhelp: {visible(one.hint)}" if one.hint else ""
    return command(
        one.severity,
        f"{visible(one.message)}{hint}{stands}",
        file=visible(file or ""),
        line=at.line if at and file else None,
        col=at.column if at and file else None,
        title=one.rule,
    )


def sarif(findings: Findings) -> str:
    """A log with one run, whose rules are the codes of what was found."""
    codes = list(dict.fromkeys(each.rule for each in findings.found))
    results = [_result(findings, each, codes.index(each.rule)) for each in findings.found]
    driver: Json = {
        "name": "phasegate lint",
        "version": VERSION,
        "shortDescription": {"text": f"Rules that were read: {count_problems(findings.found)}"},
        "rules": [_rule(code) for code in codes],
    }
    run: Json = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "phasegate/lint/"},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str) -> Json:
    code = CODES.get(name)
    if code is None:
        return {"id": name}
    told = {"text": limited(code.means)}
    example = f"{code.means}\n\nwrong:\n{code.wrong}\n\nright:\n{code.right}"
    return {"id": name, "shortDescription": told, "fullDescription": told, "help": {"text": message(example)}}


def _result(findings: Findings, one: Diagnostic, index: int) -> Json:
    hint = f" ({one.hint})" if one.hint else ""
    told: Json = {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": one.severity,
        "message": {"text": message(f"{one.message}{hint}")},
    }
    file = findings.file(one) or (one.position.file if one.position else None)
    if one.position is not None and file is not None:
        region = {"startLine": one.position.line, "startColumn": one.position.column}
        place = {"artifactLocation": {"uri": uri(file)}, "region": region}
        told["locations"] = [{"physicalLocation": place}]
    return told


FORMATS: Mapping[str, Callable[[Findings], str]] = {
    "text": text,
    "json": json,
    "github": github,
    "sarif": sarif,
}
