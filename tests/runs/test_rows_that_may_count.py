"""Rows of which nobody knows whether they count stand behind those of which it is known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from phasegate.records.recheck_requirements import follow
from phasegate.records.rows_behind import miscounted
from phasegate.records.schema import Record, RowsEntry
from phasegate.reports.views.evidence import rows_said
from phasegate.rules.loading.project import load_project
from phasegate.runs.evaluate import evaluate

DAY = dt.date(2026, 3, 1)
TABLE = """\
id,part,kind,met,amount
a,1.1,x,true,1.00
b,1.1,x,false,2.00
c,1.1,x,,3.00
d,1.1,,true,4.00
e,1.1,,false,5.00
f,1.1,y,true,6.00
g,,x,false,7.00
h,,,,8.00
"""
PACK = """\
pack: p
title: P
points:
  "1.1": {{title: One, criteria: [{{id: c, text: C, require: {{m: "{bound}"}}}}]}}
sources:
  t:
    title: a row
    point: part
    columns:
      id: {{type: string}}
      part: {{type: string, nullable: true}}
      kind: {{type: string, nullable: true}}
      met: {{type: boolean, nullable: true}}
      amount: {{type: decimal, scale: 2}}
    currency: USD
measures:
  m: {{title: M, from: t, {measure}}}
"""


def decided(folder: Path, measure: str, bound: str) -> Record:
    (folder / "pack").mkdir()
    text = PACK.format(measure=measure, bound=bound.replace('"', ""))
    (folder / "pack" / "pack.yaml").write_text(text, encoding="utf-8")
    (folder / "t.csv").write_text(TABLE, encoding="utf-8")
    (folder / "phasegate.yaml").write_text("phasegate: 1\npack: pack\nsources: {t: {path: t.csv}}\n")
    return evaluate(load_project(folder / "phasegate.yaml"), DAY)


X = "where: kind = 'x'"


@pytest.mark.parametrize(
    ("measure", "bound", "what", "certain", "unsure"),
    [
        ("ratio: {of: met}", ">= 90 %", "not met", "beg", {"c": "met", "h": "met"}),
        ("ratio: {of: met}", "<= 40 %", "counted", "adf", {"c": "met", "h": "met"}),
        (f"ratio: {{of: met}}, {X}", ">= 60 %", "not met", "bg",
         {"c": "met", "d": "kind", "e": "kind", "h": "kind, met"}),
        (f"ratio: {{of: met}}, {X}", "between 90 % and 100 %", "not met", "bg",
         {"c": "met", "d": "kind", "e": "kind", "h": "kind, met"}),
        (f"ratio: {{of: met}}, {X}, by: point", ">= 60 %", "not met", "b",
         {"c": "met", "d": "kind", "e": "kind", "g": "part", "h": "part, kind, met"}),
        ("count: met", "<= 4", "counted", "adf", {"c": "met", "h": "met"}),
        ("count: met", ">= 4", "may count", "", {"c": "met", "h": "met"}),
        (f"count: met, {X}", "between 2 and 9", "may count", "", {"c": "met", "d": "kind", "h": "kind, met"}),
        ("share: {of: met, value: amount}", ">= 90 %", "not met", "beg", {"c": "met", "h": "met"}),
        (f"sum: amount, unit: USD, {X}", ">= 20 USD", "may count", "",
         {"d": "kind", "e": "kind", "h": "kind"}),
        (f"median: amount, unit: USD, {X}", ">= 20 USD", "may count", "",
         {"d": "kind", "e": "kind", "h": "kind"}),
        ("exists: met AND kind = 'z'", "true", "may count", "", {"c": "", "d": "kind", "h": "met, kind"}),
    ],
)  # fmt: skip
def test_they_come_last_with_what_they_lack(
    measure: str, bound: str, what: str, certain: str, unsure: dict[str, str], tmp_path: Path
) -> None:
    record = decided(tmp_path, measure, bound)
    (rows,) = record["rows"]
    told = [(each["id"], each["may count"]) for each in rows["sample"]]
    if measure.startswith("exists"):  # a row of a known kind that is not z is sure not to count
        unsure = {"d": "kind", "h": "kind, met"}
    assert rows["what"] == what
    assert [name for name, lacks in told if not lacks] == list(certain)
    found = {name: {*lacks.removeprefix("lacks ").split(", ")} for name, lacks in told if lacks}
    assert found == {name: {*lacks.split(", ")} for name, lacks in unsure.items()}
    assert [name for name, _ in told] == [*certain, *sorted(unsure)]
    assert (rows["total"], rows["undetermined"]) == (len(told), len(unsure))
    assert follow({**record, "pack": record["pack"]["digest"]}).against == ()


def entry(what: str, total: int, undetermined: int) -> RowsEntry:
    rows = RowsEntry(
        requirement="r", what=what, total=total, columns=["id"], sample=[{"id": "a"}] * min(total, 10),
        held=total, size=1, digest="sha256:",
    )  # fmt: skip
    if undetermined:
        rows["undetermined"] = undetermined
    return rows


@pytest.mark.parametrize(
    ("what", "total", "undetermined", "fault"),
    [
        ("not met", 8, 3, None),
        ("counted", 8, 3, None),
        ("may count", 3, 3, None),
        ("not met", 7, 3, "there are 4, and its fact says 5"),
        ("not met", 9, 3, "there are 6, and its fact says 5"),
        ("not met", 5, 0, "0 of 5 are undetermined, and of its fact 3"),
        ("not met", 7, 2, "2 of 7 are undetermined, and of its fact 3"),
        ("counted", 6, 1, "1 of 6 are undetermined, and of its fact 3"),
        ("may count", 2, 2, "2 of 2 are undetermined, and of its fact 3"),
        ("may count", 4, 3, "3 of 4 are undetermined, and of its fact 3"),
    ],
)
def test_how_many_there_are_must_follow_from_both_ends(
    what: str, total: int, undetermined: int, fault: str | None
) -> None:
    fact = {
        "status": "present", "kind": "ratio", "numerator": None, "denominator": None, "rows": 13,
        "undetermined": {"rows": 3, "lacking": [], "fix": "", "low": ["5", "13"], "high": ["8", "13"]},
    }  # fmt: skip
    assert miscounted(entry(what, total, undetermined), fact) == fault


@pytest.mark.parametrize("status", ["unknown", "stale", "error"])
def test_without_a_value_only_those_that_may_count_are_behind_it(status: str) -> None:
    fact = {
        "status": status, "kind": "median", "numerator": None, "denominator": None, "rows": 9,
        "undetermined": {"rows": 2, "lacking": [], "fix": ""},
    }  # fmt: skip
    said = "no value was held against its bound"
    assert miscounted(entry("not met", 2, 2), fact) == said
    assert miscounted(entry("may count", 2, 2), fact) == (None if status == "unknown" else said)


@pytest.mark.parametrize(
    ("what", "total", "undetermined", "said"),
    [
        ("not met", 5, 0, "5 rows that do not meet the measure's condition"),
        ("not met", 8, 3, "5 rows that do not meet the measure's condition, and 3 that may count"),
        ("counted", 2, 1, "1 row that is counted, and 1 that may count"),
        ("not met", 3, 3, "3 rows that may count"),
        ("may count", 1, 1, "1 row that may count"),
    ],
)
def test_what_they_are_is_told(what: str, total: int, undetermined: int, said: str) -> None:
    assert rows_said(entry(what, total, undetermined)) == said
