"""Parts of a record as frames: for looking, filtering and drawing, and never for deciding again.

Numbers are floats here, as plots have them; the exact ones are in the record.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl

from phasegate.records.numbers import floats
from phasegate.rules.values.units import PERCENT

if TYPE_CHECKING:
    from phasegate.records.schema import FactEntry, Record, RequirementEntry
    from phasegate.reports.report import Report

GATES: dict[str, Any] = {
    "id": pl.String,
    "title": pl.String,
    "state": pl.String,
    "own": pl.String,
    "passing": pl.Int64,
    "passing_with_waivers": pl.Int64,
    "apply": pl.Int64,
    "after": pl.List(pl.String),
    "waivers": pl.List(pl.String),
    "reasons": pl.List(pl.String),
}
VERDICTS: dict[str, Any] = {
    "requirement": pl.String,
    "criterion": pl.String,
    "point": pl.String,
    "area": pl.String,
    "text": pl.String,
    "enforcement": pl.String,
    "criterion_verdict": pl.String,
    "verdict": pl.String,
    "bound": pl.String,
    "observed": pl.String,
    "unit": pl.String,
    "value": pl.Float64,
    "limit": pl.Float64,
    "margin": pl.Float64,
    "distance": pl.String,
    "days_left": pl.Int64,
    "reason": pl.String,
    "waiver": pl.String,
    "fact": pl.String,
    "at": pl.String,
}
FACTS: dict[str, Any] = {
    "id": pl.String,
    "measure": pl.String,
    "slice": pl.String,
    "title": pl.String,
    "kind": pl.String,
    "status": pl.String,
    "reason": pl.String,
    "shown": pl.String,
    "unit": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "truth": pl.Boolean,
    "rows": pl.Int64,
    "nulls": pl.Int64,
    "undetermined": pl.Int64,
    "newest": pl.Date,
    "sources": pl.List(pl.String),
}


def gates_frame(record: Record) -> pl.DataFrame:
    """The gates, in the order of the record."""
    rows = [
        {
            **{key: each[key] for key in ("id", "title", "state", "own", "after", "waivers")},
            **each["score"],
            "reasons": [reason["text"] for reason in each["reasons"]],
        }
        for each in record["gates"]
    ]
    return pl.DataFrame(rows, schema=GATES, orient="row")


def verdicts_frame(report: Report) -> pl.DataFrame:
    """The requirements with their verdicts, in the order of the record."""
    areas = {each["id"]: each["area"] for each in report.record["points"]}
    return pl.DataFrame(
        [_verdict(report, areas, each) for each in report.record["requirements"]],
        schema=VERDICTS,
        orient="row",
    )


def facts_frame(record: Record) -> pl.DataFrame:
    """The facts, in the order of the record."""
    return pl.DataFrame([_fact(each) for each in record["facts"]], schema=FACTS, orient="row")


def _verdict(report: Report, areas: dict[str, str | None], each: RequirementEntry) -> dict[str, Any]:
    criterion = report.criteria[each["criterion"]]
    said = {name: each.get(name) for name in VERDICTS}
    return {
        **said,
        "requirement": each["id"],
        "point": criterion["point"],
        "area": areas.get(criterion["point"] or ""),
        "text": criterion["text"],
        "enforcement": criterion["enforcement"],
        "criterion_verdict": criterion["verdict"],
        "value": _number(each.get("value")),
        "limit": _number(each.get("limit_value")),
        "margin": _number(each.get("margin_value")),
    }


def _number(written: Any) -> float | None:
    return None if written is None else float(written)


def _fact(each: FactEntry) -> dict[str, Any]:
    ends = floats(each)
    times = 100 if each["unit"] == PERCENT else 1
    low, high = (None, None) if ends is None else (ends[0] * times, ends[1] * times)
    unsure = each.get("undetermined")
    said: dict[str, Any] = {name: each.get(name) for name in FACTS}
    return {
        **said,
        "value": low if low == high else None,
        "low": low,
        "high": high,
        "undetermined": unsure["rows"] if unsure else 0,
        "newest": dt.date.fromisoformat(each["newest"]) if each["newest"] else None,
    }
