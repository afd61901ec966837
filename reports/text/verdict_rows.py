"""A record as one table, a row a requirement: what CSV and Excel both write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from phasegate.reports.text.plain import visible
from phasegate.reports.text.sentences import asked_title
from phasegate.reports.text.undetermined import ends_told

if TYPE_CHECKING:
    from phasegate.records.schema import AttestationEntry, FactEntry, RequirementEntry
    from phasegate.reports.report import Report

Kind = Literal["text", "id", "whole", "decimal", "truth", "date"]
COLUMNS: Mapping[str, Kind] = MappingProxyType(
    {
        "requirement": "text",
        "criterion": "text",
        "alternative": "id",
        "point": "id",
        "point_title": "text",
        "area": "id",
        "gates": "id",
        "enforcement": "text",
        "verdict": "text",
        "criterion_verdict": "text",
        "asked": "text",
        "bound": "text",
        "limit": "text",
        "limit_value": "decimal",
        "limit_low": "decimal",
        "limit_high": "decimal",
        "unit": "text",
        "observed": "text",
        "value": "decimal",
        "value_low": "decimal",
        "value_high": "decimal",
        "numerator": "whole",
        "denominator": "whole",
        "low_numerator": "whole",
        "low_denominator": "whole",
        "high_numerator": "whole",
        "high_denominator": "whole",
        "scale": "whole",
        "margin": "text",
        "margin_value": "decimal",
        "margin_low": "decimal",
        "margin_high": "decimal",
        "rounded": "truth",
        "distance": "text",
        "days_left": "whole",
        "reason": "text",
        "waiver": "id",
        "risk_owner": "text",
        "waived_by": "text",
        "waived_until": "date",
        "attestation": "id",
        "attested_by": "text",
        "attested_until": "date",
        "evidence_digests": "text",
        "fact": "text",
        "fact_status": "text",
        "rows": "whole",
        "nulls": "whole",
        "undetermined": "whole",
        "lacking": "text",
        "newest": "date",
        "sources": "text",
        "at": "text",
        "as_of": "date",
        "kind": "text",
        "run": "whole",
        "recorded_at": "text",
        "pack_digest": "text",
    }
)
"""The heads of the table in their order, and what stands below each: the one place that names them.

Verdicts are the record's own words, which programs compare. An ``id`` has its kind in front: `told_id`.
A value is numerator / denominator, exactly; one that missing values leave open has neither, but those of
the least and the greatest that it can be. The record's own digest is not among them: one changed verdict
would change every row.
"""
LONGEST = 32_767
"""What a cell of Excel holds, in UTF-16 units; more makes Excel repair a workbook and split a CSV's row."""
_PAIRS = ("low_numerator", "low_denominator", "high_numerator", "high_denominator")
_NUMBERS = tuple(name for name, kind in COLUMNS.items() if kind == "decimal")


def rows(report: Report) -> Iterator[dict[str, str]]:
    """The rows in the order of the record, each with every column; empty where there is nothing."""
    record = report.record
    points = {each["id"]: each for each in record["points"]}
    same = {
        "as_of": record["as_of"],
        "kind": record["kind"],
        "run": str(report.kept.run) if report.kept else "",
        "recorded_at": (report.kept.recorded_at if report.kept else None) or "",
        "pack_digest": record["pack"]["digest"],
    }
    for requirement in record["requirements"]:
        criterion = report.criteria[requirement["criterion"]]
        point = points.get(criterion["point"] or "")
        yield {
            **_asked(report, requirement),
            **_numbers(requirement),
            **_attested(report.attestations.get(requirement["fact"])),
            "criterion_verdict": criterion["verdict"],
            "enforcement": criterion["enforcement"],
            "point": told_id("point", point["id"]) if point else "",
            "point_title": point["title"] if point else "",
            "area": told_id("area", point["area"]) if point else "",
            "gates": ", ".join(told_id("phase", each) for each in point["phases"]) if point else "",
            **same,
        }


def told_id(kind: str, name: str | None) -> str:
    """``point:1.10``: an id that no program takes for a number or a date, as many do ``1.10``."""
    return f"{kind}:{name}" if name else ""


def _asked(report: Report, requirement: RequirementEntry) -> dict[str, str]:
    """What the requirement, its fact and its waiver say."""
    fact = report.facts[requirement["fact"]]
    waiver = report.waivers.get(requirement["waiver"] or "")
    return {
        "requirement": requirement["id"],
        "criterion": requirement["criterion"],
        "alternative": told_id("alternative", requirement["alternative"]),
        "verdict": requirement["verdict"],
        "asked": asked_title(requirement, fact),
        "bound": requirement["bound"],
        "limit": requirement["limit"] or "",
        "unit": requirement["unit"] or "",
        "observed": requirement["observed"],
        "margin": requirement["margin"] or "",
        "distance": requirement["distance"] or "",
        "reason": requirement["reason"],
        "waiver": told_id("waiver", requirement["waiver"]),
        "risk_owner": waiver["risk_owner"] if waiver else "",
        "waived_by": (waiver["signer"] or "") if waiver else "",
        "waived_until": waiver["end"] if waiver else "",
        "at": requirement["at"],
        **_found(fact),
    }


def _numbers(requirement: RequirementEntry) -> dict[str, str]:
    told: Mapping[str, Any] = requirement
    return {
        **{name: told.get(name, "") for name in _NUMBERS},
        "rounded": {True: "true", False: "false"}.get(told.get("rounded"), ""),  # type: ignore[arg-type]
        "days_left": str(told.get("days_left", "")),
    }


def _found(fact: FactEntry) -> dict[str, str]:
    unsure, (low, high) = fact.get("undetermined"), ends_told(fact) or (["", ""], ["", ""])
    lacking = unsure["lacking"] if unsure else []
    return {
        "numerator": fact["numerator"] or "",
        "denominator": fact["denominator"] or "",
        **dict(zip(_PAIRS, (*low, *high), strict=True)),
        "scale": str(fact["scale"]),
        "fact": fact["id"],
        "fact_status": fact["status"],
        "rows": str(fact["rows"]),
        "nulls": str(fact["nulls"]),
        "undetermined": str(unsure["rows"] if unsure else 0),
        "lacking": ", ".join(f"{each['column']}: {each['rows']:,}" for each in lacking),
        "newest": fact["newest"] or "",
        "sources": ", ".join(fact["sources"]),
    }


def _attested(word: AttestationEntry | None) -> dict[str, str]:
    return {
        "attestation": told_id("attestation", word["id"]) if word else "",
        "attested_by": (word["signer"] or "") if word else "",
        "attested_until": word["end"] if word else "",
        "evidence_digests": ", ".join(word["evidence"].values()) if word else "",
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
