"""Facts that can not be added up name the first cells that are to blame, and what would help."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.assemble import assemble
from phasegate.facts.model.fact import FactSet
from phasegate.facts.sources import passes
from phasegate.facts.sources.open import open_sources
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
AMOUNT = {"type": "decimal", "scale": 2, "nullable": True}
LINES: dict[str, Any] = {
    "title": "a line",
    "columns": {
        "day": {"type": "date"},
        "point": {"type": "string"},
        "team": {"type": "string", "nullable": True},
        "amount": AMOUNT,
        "plan": AMOUNT,
        "rate": {"type": "float", "nullable": True},
        "who": {"type": "string", "nullable": True, "personal": True},
    },
    "event": "day",
    "point": "point",
}
PLANS = {"title": "a plan", "columns": {"team": {"type": "string", "nullable": True}, "planned": AMOUNT}}
ROWS = [
    # day, point, team, amount, plan, rate, who
    ("2026-01-01", "1.1", "a", "1.00", "1", "1", "f"),
    ("2026-01-02", "1.1", "a", "", "1", "1", "f"),
    ("2027-01-01", "1.1", "a", "", "1", "1", "f"),  # after as-of
    ("2026-01-03", "1.2", "b", "3.00", "", "1", "g"),
    ("2026-01-04", "1.2", "", "4.00", "2", "1", ""),
    ("2026-01-05", "1.2", "b", "", "", "1", "g"),
]


def put(root: Path, ending: str) -> None:
    frame = pl.DataFrame(ROWS, schema=list(LINES["columns"]), orient="row").with_columns(
        pl.all().replace("", None)
    )
    plans = pl.DataFrame({"team": ["a", None, "b"], "planned": ["1", "2", None]})
    for name, each in (("lines", frame), ("plans", plans)):
        path = root / f"{name}.{ending}"
        {"csv": each.write_csv, "ndjson": each.write_ndjson, "parquet": each.write_parquet}[ending](path)


def facts(root: Path, measures: dict[str, Any], ending: str = "csv", **lines: Any) -> FactSet:
    put(root, ending)
    pack = Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "points": {
                point: {"title": point, "criteria": [{"id": "c", "text": "C", "require": {"m": "true"}}]}
                for point in ("1.1", "1.2")
            },
            "sources": {"lines": LINES | lines, "plans": PLANS},
            "measures": {
                id_: {"title": id_, "from": "lines", **measure} for id_, measure in measures.items()
            },
        }
    )
    files = {name: SourceFile(path=f"{name}.{ending}") for name in ("lines", "plans")}
    opened = open_sources(pack.sources, files, root, AS_OF)
    return assemble(pack, opened, AS_OF)


NO_AMOUNT = "2 rows have no value where one is added up; no amount in lines.csv:3, lines.csv:7; "
NULLS = "COUNT(*) - COUNT(plan)"
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "sum": (
        {"sum": "amount"},
        NO_AMOUNT + "write COALESCE(amount, 0) where an empty one counts as zero, or leave such rows out with"
        ' where: "amount IS NOT NULL"',
    ),
    "mean": (
        {"mean": "amount", "where": "team = 'b'"},
        "no amount in lines.csv:7; write COALESCE(amount, ...) with the worst that an empty one may be, or",
    ),
    "median": ({"median": "amount"}, "write COALESCE(amount, ...) with the worst that an empty one may be"),
    "quantile": ({"quantile": {"of": "plan", "at": "90 %"}}, "write COALESCE(plan, ...) with the worst"),
    "an expression": (
        {"sum": "amount - plan"},
        (
            "no amount in lines.csv:3, lines.csv:7, no plan in lines.csv:5, lines.csv:7; "
            "write COALESCE(amount, 0) and COALESCE(plan, 0) where an empty one counts as zero, "
            'or leave such rows out with where: "amount IS NOT NULL AND plan IS NOT NULL"'
        ),
    ),
    "an expression without an empty column": (
        {"sum": "NULLIF(amount, 4)", "where": "amount IS NOT NULL"},
        "no NULLIF(amount, 4) in lines.csv:6",
    ),
    "share": ({"share": {"of": "team = 'a'", "value": "plan"}}, "no plan in lines.csv:5, lines.csv:7; write"),
    "attainment": (
        {"attainment": {"actual": "amount", "expected": "plan"}},
        "no amount in lines.csv:3, lines.csv:7, no plan in lines.csv:5, lines.csv:7",
    ),
    "accuracy by a grain": (
        {
            "accuracy": {"actual": "amount", "forecast": "plan"},
            "grain": "team",
            "where": "(plan > 1) IS TRUE",
        },
        'no team in lines.csv:6; fill it in, or leave such rows out with where: "team IS NOT NULL"',
    ),
    "two sources": (
        {
            "attainment": {"actual": "amount", "expected": {"from": "plans", "value": "planned"}},
            "grain": "team",
            "where": "amount < 4",
        },
        "no team in plans.csv:3, no planned in plans.csv:4",
    ),
    "a query": (
        {"sql": f"SELECT SUM(plan) AS numerator, COUNT(*) AS rows, {NULLS} AS nulls FROM lines"},
        "no plan in lines.csv:5, lines.csv:7",
    ),
}  # fmt: skip


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("large", [False, True], ids=["held", "scanned"])
@pytest.mark.parametrize("name", CASES)
def test_a_flawed_fact_names_the_first_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, large: bool
) -> None:
    if large:
        monkeypatch.setattr(passes, "SMALL", 0)
    measure, says = CASES[name]
    (fact,) = facts(tmp_path, {"m": measure}).facts.values()
    assert fact.status == "error"
    assert says in fact.reason
    assert fact.flaw == ""


def test_each_slice_names_its_own(tmp_path: Path) -> None:
    found = facts(tmp_path, {"m": {"sum": "amount", "by": "point"}, "t": {"sum": "plan", "by": "team"}}).facts
    told = {key: fact.reason.split("; ")[1:2] for key, fact in found.items()}
    assert told == {
        ("m", "1.1"): ["no amount in lines.csv:3"],
        ("m", "1.2"): ["no amount in lines.csv:7"],
        ("t", "(no value)"): [],
        ("t", "a"): [],
        ("t", "b"): ["no plan in lines.csv:5, lines.csv:7"],
    }


@pytest.mark.parametrize(
    ("derive", "says"),
    [
        ({"net": "amount - plan"}, "no amount in lines.csv:3"),
        ({"first": "plan", "net": "first * 2"}, "no plan in lines.csv:5"),
        ({"age": {"business_days_since": "day"}, "net": "plan + age"}, "no plan in lines.csv:5"),
    ],
)
def test_a_derived_column_is_led_back_to_those_of_the_file(
    tmp_path: Path, derive: dict[str, Any], says: str
) -> None:
    fact = facts(tmp_path, {"m": {"sum": "net"}}, derive=derive).facts["m", ""]
    assert says in fact.reason
    assert "no net" not in fact.reason


@pytest.mark.parametrize(
    ("ending", "places"),
    [("ndjson", "lines.ndjson:2, lines.ndjson:6"), ("parquet", "lines.parquet row 2, lines.parquet row 6")],
)
def test_places_are_those_of_the_format(tmp_path: Path, ending: str, places: str) -> None:
    fact = facts(tmp_path, {"m": {"sum": "amount"}}, ending).facts["m", ""]
    assert f"no amount in {places}; " in fact.reason


def test_a_float_that_is_no_number_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(*row[:5], "1e300" if place == 3 else row[5], row[6]) for place, row in enumerate(ROWS)]
    monkeypatch.setattr(f"{__name__}.ROWS", rows)
    fact = facts(tmp_path, {"m": {"mean": "rate"}}).facts["m", ""]
    assert fact.status == "error"
    assert 'lines.csv:5 has rate "1e' in fact.reason


def test_currencies_are_told_with_a_row_of_each(tmp_path: Path) -> None:
    fact = facts(
        tmp_path, {"m": {"sum": "plan", "where": "(plan > 0) IS TRUE", "unit": "USD"}}, currency="team"
    ).facts["m", ""]
    assert fact.reason.startswith(
        "1 row has an amount without a currency; no team in lines.csv:6; fill it in"
    )


def test_what_is_personal_is_masked(tmp_path: Path) -> None:
    measure = {"sum": "amount", "unit": "USD", "where": "(amount > 0) IS TRUE AND who IS NOT NULL"}
    fact = facts(tmp_path, {"m": measure}, currency="who").facts["m", ""]
    assert 'lines.csv:2 has who "***", lines.csv:5 has who "***"' in fact.reason


def test_ids_that_only_seem_to_be_the_same_are_to_be_written_alike(tmp_path: Path) -> None:
    """What is an expression is no column with an odd name."""
    sql = "CASE WHEN who = 'F' THEN amount ELSE 0 END"
    measure = {"sum": sql, "where": "amount IS NOT NULL AND who IS NOT NULL"}
    reason = facts(tmp_path, {"m": measure}).facts["m", ""].reason
    assert reason.endswith(
        "write the ids in `who` alike in the source, "
        f'or leave such rows out with where: "({sql}) IS NOT NULL"'
    )


def test_without_a_flaw_nothing_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phasegate.facts.null_operands.with_places", None)
    fact = facts(tmp_path, {"m": {"count": "amount > 0"}, "n": {"sum": "COALESCE(amount, 0)"}}).facts["n", ""]
    assert fact.status == "present"
