"""What a measure counts is told by `explain`, on the page and in the JSON, of kept runs too."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_what_is_counted_is_told_everywhere(run: Run, project: Callable[..., Path], tmp_path: Path) -> None:
    file = project(">= 95 %", more='parameters: {top: "7"}\n')
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("status = 'reconciled'", "\"status = 'reconciled' AND 8 > :top\""), encoding="utf-8"
    )
    record = json.loads(run("check", "--format", "json").stdout)
    clause = {"clause": "ratio of", "says": "status = 'reconciled' AND 8 > :top", "values": {"top": "7"}}
    assert record["definitions"] == {"invoices.reconciled": [clause]}
    said = "It counts ratio of status = 'reconciled' AND 8 > :top (:top is 7)."
    assert said in " ".join(run("explain", "project/requirements").stdout.split())
    (tmp_path / "record.json").write_text(json.dumps(record), encoding="utf-8")
    kept = run("explain", "project/requirements", "--record", "record.json")
    assert said in " ".join(kept.stdout.split())
    page = html.unescape(run("report", "--format", "html").stdout)
    assert "ratio of status = 'reconciled' AND 8 > :top (:top is 7)" in page
