"""What facts rest on is found whatever the columns are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from phasegate.records.basis.parts import basis
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
