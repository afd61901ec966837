"""A record as one table, a row a requirement: what CSV and Excel both write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.text.plain import visible
from phasegate.reports.text.sentences import asked_title
from phasegate.reports.text.undetermined import ends_told
from phasegate.reports.text.vouched import evidence_digests

if TYPE_CHECKING:
    from phasegate.records.schema import RequirementEntry
    from phasegate.reports.report import Report

_ENDS = ("low_numerator", "low_denominator", "high_numerator", "high_denominator")
NUMBERS = frozenset({"numerator", "denominator", *_ENDS, "scale", "rows", "nulls", "undetermined", "run"})
"""Columns of whole numbers, written as digits; a value is numerator / denominator, exactly.

One that missing values leave open has neither, but those of the least and the greatest that it can be.
"""
LONGEST = 32_767
"""What a cell of Excel holds, in UTF-16 units; more makes Excel repair a workbook and split a CSV's row."""
COLUMNS = (
    "requirement", "criterion", "alternative", "point", "point_title", "area", "gates", "enforcement",
    "verdict", "criterion_verdict", "asked", "bound", "limit", "unit", "observed", "numerator",
    "denominator", *_ENDS, "scale", "margin", "distance", "reason", "waiver", "risk_owner", "waived_until",
    "fact", "fact_status", "rows", "nulls", "undetermined", "lacking", "newest", "sources", "at", "as_of",
    "run", "pack_digest", "waiver_signer", "attestation", "attested_by", "attested_until", "evidence",
)  # fmt: skip
"""The heads of the table; verdicts are the record's own words, which programs compare.

The record's own digest is not among them: one changed verdict would change every row.
"""


def rows(report: Report) -> Iterator[dict[str, str]]:
    """The rows in the order of the record, each with every column; empty where there is nothing."""
    record = report.record
    points = {each["id"]: each for each in record["points"]}
    same = {
        "as_of": record["as_of"],
        "run": str(report.kept.run) if report.kept else "",
        "pack_digest": record["pack"]["digest"],
    }
    for requirement in record["requirements"]:
        criterion = report.criteria[requirement["criterion"]]
        point = points.get(criterion["point"] or "")
        yield {
            **_asked(report, requirement),
            "criterion_verdict": criterion["verdict"],
            "enforcement": criterion["enforcement"],
            "point": point["id"] if point else "",
            "point_title": point["title"] if point else "",
            "area": (point["area"] or "") if point else "",
            "gates": ", ".join(point["phases"]) if point else "",
            **same,
        }


def _asked(report: Report, requirement: RequirementEntry) -> dict[str, str]:
    """What the requirement, its fact and its waiver say."""
    fact = report.facts[requirement["fact"]]
    waiver, word = report.waivers.get(requirement["waiver"] or ""), report.attestations.get(fact["id"])
    unsure, (low, high) = fact.get("undetermined"), ends_told(fact) or (["", ""], ["", ""])
    return {
        "requirement": requirement["id"],
        "criterion": requirement["criterion"],
        "alternative": requirement["alternative"] or "",
        "verdict": requirement["verdict"],
        "asked": asked_title(requirement, fact),
        "bound": requirement["bound"],
        "limit": requirement["limit"] or "",
        "unit": requirement["unit"] or "",
        "observed": requirement["observed"],
        "numerator": fact["numerator"] or "",
        "denominator": fact["denominator"] or "",
        **dict(zip(_ENDS, (*low, *high), strict=True)),
        "scale": str(fact["scale"]),
        "margin": requirement["margin"] or "",
        "distance": requirement["distance"] or "",
        "reason": requirement["reason"],
        "waiver": requirement["waiver"] or "",
        "risk_owner": waiver["risk_owner"] if waiver else "",
        "waived_until": waiver["end"] if waiver else "",
        "waiver_signer": (waiver["signer"] or "") if waiver else "",
        "attestation": word["id"] if word else "",
        "attested_by": (word["signer"] or "") if word else "",
        "attested_until": word["end"] if word else "",
        "evidence": evidence_digests(word) if word else "",
        "fact": fact["id"],
        "fact_status": fact["status"],
        "rows": str(fact["rows"]),
        "nulls": str(fact["nulls"]),
        "undetermined": str(unsure["rows"] if unsure else 0),
        "lacking": ", ".join(f"{each['column']}: {each['rows']:,}" for each in unsure["lacking"])
        if unsure
        else "",
        "newest": fact["newest"] or "",
        "sources": ", ".join(fact["sources"]),
        "at": requirement["at"],
    }


def fitting(text: str) -> str:
    """A text on one line, as far as a cell holds it, with a note where that is not all."""
    text = visible(text)
    if len(text) * 2 <= LONGEST:
        return text
    units = text.encode("utf-16-le")
    if len(units) // 2 <= LONGEST:
        return text
    note = f" … (cut: the text has {len(text):,} characters)"
    return units[: 2 * (LONGEST - len(note))].decode("utf-16-le", "ignore") + note
