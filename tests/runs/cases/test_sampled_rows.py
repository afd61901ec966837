"""Which rows are taken as an example of what a measure reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from phasegate.engine.scope import NOTHING
from phasegate.facts.measures.samples import samples
from phasegate.rules.loading.project import load_project
from phasegate.runs.open import open_run

DAY = dt.date(2026, 3, 31)
PROJECT = """\
phasegate: 1
title: Samples
sources:
  rows:
    path: rows.csv
    contract:
      title: one row
      key: [id]
      event: day
      belongs_to: {teams: {team: name}}
      columns:
        id: {type: string}
        day: {type: date}
        team: {type: string, nullable: true}
        done: {type: boolean}
        amount: {type: decimal, nullable: true}
        unread: {type: string, nullable: true}
  others:
    path: others.csv
    contract:
      title: another row
      key: [id]
      columns: {id: {type: string}, amount: {type: decimal}}
  teams:
    path: teams.csv
    contract:
      title: one team
      key: [name]
      columns: {name: {type: string}, lead: {type: string}}
measures:
  one: {title: One, from: rows, ratio: {of: done}}
  some: {title: Some, from: rows, ratio: {of: done}, where: "amount > 2"}
  least: {title: Least, from: rows, ratio: {of: done}, where: "amount > 2", min_rows: 5}
  counted: {title: Counted, from: rows, count: "true"}
  summed: {title: Summed, from: rows, sum: amount}
  led: {title: Led, from: teams, count: "lead <> ''"}
  both:
    title: Both
    from: rows
    grain: id
    attainment: {actual: amount, expected: {from: others, value: amount}}
require:
  one: ">= 50 %"
"""
ROWS = """\
id,day,team,done,amount,unread
1,2026-03-01,a,true,1.50,x
2,2026-03-02,a,true,2,
3,2026-03-03,b,true,3,
4,2026-03-04,b,false,4.00,
5,2026-03-05,c,false,5,
6,2026-03-06,,false,,
7,2026-03-07,d,true,7.250,
8,2026-03-08,d,true,8,
"""


def sampled(folder: Path, *measures: str, project: str = PROJECT, rows: str = ROWS) -> dict[str, list[Any]]:
    (folder / "phasegate.yaml").write_text(project)
    (folder / "rows.csv").write_text(rows)
    (folder / "others.csv").write_text("id,amount\n9,9\n1,1\n10,2\n11,3\n12,4\n7,9\n8,8\n")
    (folder / "teams.csv").write_text("name,lead\na,ann\nb,bob\nc,cid\nd,dan\ne,eva\n")
    loaded = load_project(folder / "phasegate.yaml")
    opened = open_run(loaded, DAY, NOTHING, measures)
    return samples(loaded.pack.pack, opened.sources, measures, DAY, opened.parameters)


def named(row: dict[str, Any]) -> str:
    """By its id, else by the last digit of its day, else by who leads it."""
    return str(row.get("id") or row.get("day", "")[-1:] or row["lead"])


def names(found: dict[str, list[Any]]) -> dict[str, str]:
    return {source: " ".join(map(named, rows)) for source, rows in found.items()}


@pytest.mark.parametrize(
    ("measures", "taken"),
    [
        (["one"], {"rows": "8 7 6 5"}),  # the newest two of each way
        (["some"], {"rows": "8 7 6 5 4 2 1"}),  # which are five, with those of which nobody knows
        (["least"], {"rows": "8 7 6 5 4 3 2 1"}),  # as many that count as it takes
        (["counted"], {"rows": "8 7"}),
        (["summed"], {"rows": "8 7 6 5"}),  # of one way more
        (["led"], {"teams": "ann bob"}),
        (["one", "led"], {"rows": "8 7 6 5", "teams": "ann bob cid dan"}),  # and those that rows name
        (["some", "one"], {"rows": "8 7 6 5 4 2 1"}),
        (["both"], {"rows": "8 7 6 5", "others": "9 1 10 11 7 8"}),  # and those of the same key
        (["both", "led"], {"rows": "8 7 6 5", "others": "9 1 10 11 7 8", "teams": "ann bob cid dan"}),
    ],
)
def test_rows_of_each_way(measures: list[str], taken: dict[str, str], tmp_path: Path) -> None:
    assert names(sampled(tmp_path, *measures)) == taken


def test_no_more_than_two_dozen(tmp_path: Path) -> None:
    amounts = "".join(f"x{n},2026-01-{n + 1:02d},a,{'true' if n % 2 else 'false'},9,\n" for n in range(30))
    least = PROJECT.replace("min_rows: 5", "min_rows: 30")
    assert len(sampled(tmp_path, "least", project=least, rows=ROWS + amounts)["rows"]) > 24
    ways = "".join(f'  w{n}: {{title: W, from: rows, count: "amount > {n}"}}\n' for n in range(1, 20))
    many = PROJECT.replace("require:", ways + "require:")
    assert len(sampled(tmp_path, *(f"w{n}" for n in range(1, 20)), project=many, rows=ROWS)["rows"]) == 8


def test_an_empty_cell_is_said_where_it_decides(tmp_path: Path) -> None:
    rows = sampled(tmp_path, "some", "both")["rows"]
    assert [sorted(row) for row in rows if row["id"] in "68"] == [
        ["amount", "day", "done", "id"], ["day", "done", "id"],
    ]  # fmt: skip
    assert [row["amount"] for row in rows if "amount" in row] == ["8", "7.25", "5", "4", "2", "1.5"]
    assert {row["done"] for row in rows} == {True, False}
