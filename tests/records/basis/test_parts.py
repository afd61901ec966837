"""What facts rest on is found whatever the columns are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from phasegate.records.basis.parts import basis
from phasegate.rules.loading.pack import pack_of
from phasegate.rules.loading.project import load_project

PROJECT = """\
phasegate: 1
title: Odd
sources:
  rows:
    path: rows.csv
    contract:
      title: one row
      columns:
        status: {{type: string}}
      derive:
        {name}: "{said}"
measures:
  good: {{title: Good, from: rows, ratio: {{of: {used}}}}}
require:
  good: ">= 50 %"
"""


@pytest.mark.parametrize("name", ["good", 'go"od', 'good"', "go\\od", "good now", "gut é"])
def test_another_derivation_is_another_part(name: str, tmp_path: Path) -> None:
    quoted = name.replace('"', '""')
    used = json.dumps(f'"{quoted}"')
    found = []
    for said in ("status = 'done'", "status = 'open'"):
        text = PROJECT.format(name=json.dumps(name), said=said, used=used)
        (tmp_path / "phasegate.yaml").write_text(text, encoding="utf-8")
        found.append(basis(load_project(tmp_path / "phasegate.yaml").pack.pack, ["good"], {}, {})["good"])
    then, now = found
    assert {part for part in {*then, *now} if then.get(part) != now.get(part)} == {f"derived rows {name}"}


PACK = """\
phasegate: 1
title: Whole
sources:
  rows:
    path: rows.csv
    contract:
      title: one row
      key: [id]
      event: closed
      columns:
        id: {type: string, text: the id}
        closed: {type: date}
        due: {type: date}
        amount: {type: decimal, min: 0}
        status: {type: string, allowed: [done, open]}
        unread: {type: string}
      derive:
        late: "closed > due"
        early: "NOT late"
  other:
    path: other.csv
    contract:
      title: another row
      columns:
        id: {type: string}
        n: {type: integer}
measures:
  good: {title: Good, from: rows, ratio: {of: "early"}, max_age: 31 days, min_rows: 5}
  sum: {title: Sum, from: rows, sum: amount, where: "status = 'done'"}
  plain: {title: Plain, from: other, count: "n > 1"}
require:
  good: ">= 50 %"
"""
PROGRAMME = """\
pack: whole
title: Whole
areas: {a: {title: Area}}
points: {"1": {title: Point, area: a, criteria: [{id: c, text: so, require: {good: ">= 50 %%"}}]}}
phases: {"1": {title: Phase, points: ["1"]}}
baseline: {source: then}
sources:
  then: {title: then, columns: {%s}}
  rows:
    title: one row
    event: closed
    columns: {id: {type: string}, closed: {type: date}, due: {type: date}}
    derive: {late: "closed > due", early: "NOT late"}
measures:
  good: {title: Good, from: rows, ratio: {of: "early"}, max_age: 31 days, min_rows: 5}
  grown: {title: Grown, change: {of: good, as: difference}, max_age: 40 days, min_rows: 2}
"""


def parts_of_pack(text: str, folder: Path, calendar: str = "sat") -> dict[str, dict[str, str]]:
    (folder / "phasegate.yaml").write_text(text, encoding="utf-8")
    pack = load_project(folder / "phasegate.yaml").pack.pack
    return basis(pack, [*pack.measures, "nobody.knows"], {":most": "3"}, {"weekend": [calendar]})


def test_what_facts_rest_on(tmp_path: Path) -> None:
    found = parts_of_pack(PACK, tmp_path)
    assert {name: [*parts] for name, parts in found.items()} == {
        "good": [
            "measure good", "table rows", "derived rows late", "derived rows early", "zone", "contract rows",
            "checks rows", "min_rows", "max_age", "day",
        ],
        "plain": ["measure plain", "table other", "contract other", "checks other", "min_rows"],
        "sum": ["measure sum", "table rows", "zone", "contract rows", "checks rows", "min_rows", "day"],
    }  # fmt: skip
    assert {key: found["good"][key] for key in ("min_rows", "max_age", "day", "zone", "table rows")} == {
        "min_rows": "5", "max_age": "31", "day": "event", "zone": "", "table rows": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        # Words, and what nothing reads, are no part.
        ("title: Good", "title: Better", {}),
        ("text: the id", "text: an id", {}),
        ("title: one row", "title: a row", {}),
        # What is measured.
        ('{of: "early"}', '{of: "late"}', {"good": ["derived rows early", "measure good"]}),
        ("sum: amount, where", "mean: amount, where", {"sum": ["measure sum"]}),
        ("n > 1", "n > 2", {"plain": ["measure plain"]}),
        ("from: other, count", "from: rows, count",
         {"plain": ["checks other", "checks rows", "contract other", "contract rows", "day", "measure plain",
                    "table other", "table rows", "zone"]}),
        # What is held against it is no part of the measure.
        ("max_age: 31 days", "max_age: 14 days", {"good": ["max_age"]}),
        (", max_age: 31 days", "", {"good": ["max_age"]}),
        ("min_rows: 5", "min_rows: 6", {"good": ["min_rows"]}),
        # Columns that are read, and how those are read that are derived.
        ('"closed > due"', '"closed >= due"', {"good": ["derived rows late"]}),
        ('"NOT late"', '"late IS NOT TRUE"', {"good": ["derived rows early"]}),
        ("due: {type: date}", "due: {type: datetime}",
         {"good": ["checks rows", "contract rows"], "sum": ["checks rows"]}),
        ("amount: {type: decimal", "amount: {type: integer",
         {"good": ["checks rows"], "sum": ["checks rows", "contract rows"]}),
        ("unread: {type: string}", "unread: {type: integer}",
         {"good": ["checks rows"], "sum": ["checks rows"]}),
        # Checks alone.
        ("min: 0", "min: 1", {"good": ["checks rows"], "sum": ["checks rows"]}),
        ("allowed: [done, open]", "allowed: [done]", {"good": ["checks rows"], "sum": ["checks rows"]}),
        ("key: [id]", "key: [id, due]", {"good": ["checks rows"], "sum": ["checks rows"]}),
        # What a day means.
        ("event: closed", "recorded: closed",
         {"good": ["checks rows", "contract rows", "day"], "sum": ["checks rows", "contract rows", "day"]}),
        ("n > 1", "n > :most", {"plain": ["measure plain", "parameter most"]}),
        ("n > 1", "n > :most + 1", {"plain": ["measure plain", "parameter most"]}),
        ('"closed > due"', '"closed > :as_of"',
         {"good": ["contract rows", "day", "derived rows late"]}),
        ('"closed > due"', "{business_days_after: due, days: 2}",
         {"good": ["calendar", "derived rows late"]}),
    ],
)  # fmt: skip
def test_an_edit_changes_its_own_parts(
    old: str, new: str, changed: dict[str, list[str]], tmp_path: Path
) -> None:
    assert old in PACK
    text = PACK.replace(old, new)
    if ":most" in text:
        text = text.replace("require:\n", "parameters: {most: 3}\nrequire:\n")
    then, now = parts_of_pack(PACK, tmp_path), parts_of_pack(text, tmp_path)
    assert differing(then, now) == changed


def differing(then: dict[str, dict[str, str]], now: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    found = {
        name: sorted(
            part for part in {*then[name], *now[name]} if then[name].get(part) != now[name].get(part)
        )
        for name in then
    }
    return {name: parts for name, parts in found.items() if parts}


@pytest.mark.parametrize(
    ("columns", "more"),
    [("fixed_on: {type: date}, value: {type: decimal}", ["zone"]), ("x: {type: decimal}", [])],
)
def test_a_change_rests_on_both(columns: str, more: list[str]) -> None:
    pack = pack_of({"pack.yaml": (PROGRAMME % columns).encode()}, "whole").pack
    found = basis(pack, ["grown"], {}, {})["grown"]
    assert [*found] == [
        "measure grown", "measure good", "table rows", "derived rows late", "derived rows early", "zone",
        "contract rows", "checks rows", "min_rows", "min_rows good", "max_age", "table then",
        "contract then", "checks then", "cycle", "day",
    ]  # fmt: skip
    assert (found["min_rows"], found["min_rows good"], found["max_age"]) == ("2", "5", "31")


def test_a_part_has_the_same_digest_in_each_version(tmp_path: Path) -> None:
    """Records hold it: under another one each of them would tell of an edit that nobody made."""
    text = PACK.replace("      event: closed\n", "      event: closed\n      no_value: [n/a, –]\n")
    found = parts_of_pack(text, tmp_path)
    digests = {**found["good"], **found["sum"]}
    assert {part: said for part, said in digests.items() if len(said) == 16} == PINNED


PINNED = {
    "measure good": "dd1bd9e4c5dc8cae",
    "derived rows late": "5145a4e8eb02aa3f",
    "derived rows early": "6846885ad4e549f8",
    "contract rows": "e9ec9afc4241233b",
    "checks rows": "87f451671b7111be",
    "measure sum": "be8ac84aaa105364",
}
