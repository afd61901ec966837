"""What became of cases, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phasegate.reports.cases.lacks import Section
    from phasegate.runs.cases.run import CaseResult

SCHEMA = "phasegate/cases/1"


def cases_document(results: Sequence[CaseResult], sections: Sequence[Section] = ()) -> dict[str, Any]:
    """All results, in the order of the cases, and what is asked of all of them together."""
    return {
        "schema": SCHEMA,
        "passed": sum(each.passed for each in results),
        "failed": sum(not each.passed for each in results),
        "cases": [_case(each) for each in results],
        **{each.name: each.document for each in sections},
    }


def _case(result: CaseResult) -> dict[str, Any]:
    at = result.case.position
    return {
        "name": result.case.name,
        "at": f"{at.file}:{at.line}",
        "passed": result.passed,
        "fault": result.fault,
        "filled_in": list(result.filled),
        "expectations": [
            {
                "of": each.part,
                "id": each.id,
                "at": f"{each.position.file}:{each.position.line}",
                "expected": each.expected,
                "found": each.found,
                "holds": each.holds,
                "reason": each.reason,
            }
            for each in result.outcomes
        ],
    }
