"""What tells a run and a result from others: whose they are, and what was asked.

Whoever keeps results over time takes a log for all that there is to say under its name. So the name has the
project and the scope, or the log of one gate would close what that of another one has found.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.records.schema import Record
    from phasegate.reports.report import Report

_STRANGE = re.compile(r"[^A-Za-z0-9.\-_]+")
_LONGEST = 64


def run_id(record: Record) -> str:
    """Whose run it is, what was asked, and for which day: ``phasegate/p-1a2b/gate/2/2026-03-01``.

    All but the last part is the category by which GitHub tells logs of one tool apart.
    """
    scope = sorted(set(record["scope"]))
    asked = scope if len(scope) < 2 else [json.dumps(scope)]
    return "/".join(map(_part, ["phasegate", _project(record), record["kind"], *asked, record["as_of"]]))


def fingerprints(report: Report, name: str, at: str) -> dict[str, str]:
    """What knows a result again in another run of the same scope.

    Args:
        report: the record, and what is known of the files of its rules.
        name: what was found: a criterion, or a gate.
        at: where its rule stands.
    """
    record = report.record
    named = [_project(record), record["kind"], sorted(set(record["scope"])), name]
    digest = hashlib.sha256(json.dumps(named).encode("utf-8")).hexdigest()
    found = {"phasegateCriterion/v2": digest}
    if at in report.line_hashes:
        found["primaryLocationLineHash"] = report.line_hashes[at]
    elif report.files is not None:  # of what is in no file of the repository nobody else makes one
        found["primaryLocationLineHash"] = f"{digest[:16]}:1"
    return found


def _project(record: Record) -> str:
    project = record.get("project")
    return project["id"] if project is not None else f"{record['pack']['id']} {record['title']}"


def _part(text: str) -> str:
    """A text as one part of a name with slashes; different texts give different parts."""
    plain = _STRANGE.sub("-", visible(text))[:_LONGEST]
    if plain == text and plain.strip("."):
        return plain
    return f"{plain}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
