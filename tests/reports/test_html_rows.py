"""The rows behind a verdict on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from phasegate.audit.record.document import RowsEntry
from phasegate.reports.html import render
from phasegate.reports.report import Report

Ready = Callable[[str], Report]


def rows(report: Report, **told: object) -> RowsEntry:
    entry: RowsEntry = {
        "requirement": report.record["requirements"][0]["id"],
        "what": "not met",
        "total": 2,
        "columns": ["invoice", "status"],
        "sample": [{"invoice": "F-007", "status": "open"}, {"invoice": "F-016", "status": "***"}],
        "held": 2,
        "size": 900,
        "digest": f"sha256:{'a' * 64}",
    }
    return {**entry, **told}  # type: ignore[typeddict-item] - the tests name keys that it has


def page(report: Report, **told: object) -> str:
    return render(replace(report, record={**report.record, "rows": [rows(report, **told)]}))


def test_rows_are_a_table_in_the_order_of_the_columns(report: Ready) -> None:
    text = page(report("minimal_fail"))
    assert "2 rows that do not meet the condition:" in text
    assert '<th scope="col">invoice</th><th scope="col">status</th>' in text
    assert "<tr><td>F-007</td><td>open</td></tr><tr><td>F-016</td><td>***</td></tr>" in text
    assert "The file of these rows: <code>phasegate evidence" in text


def test_more_rows_than_are_shown_are_told(report: Ready) -> None:
    assert "and 1,998 more; all of them: <code>phasegate evidence" in page(report("minimal_fail"), total=2000)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"what": "not met", "total": 1}, "1 row that does not meet the condition:"),
        ({"what": "counted"}, "2 rows that are counted:"),
        ({"what": "short"}, "2 items that fall short:"),
        ({"what": "newest", "total": 1}, "the newest row, which decides:"),
        ({"what": "newest"}, "2 rows, of the newest date:"),
        ({"what": "something"}, "2 rows:"),
    ],
)
def test_what_rows_are(told: dict[str, object], said: str, report: Ready) -> None:
    assert said in page(report("minimal_fail"), **told)


def test_no_rows_are_no_table(report: Ready) -> None:
    plain = report("minimal_fail")
    assert page(plain, total=0, sample=[]).count("<table") == render(plain).count("<table")


def test_hostile_rows_stay_text(report: Ready) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    text = page(report("minimal_fail"), columns=[hostile], sample=[{hostile: hostile}])
    assert "<script" not in text
    assert "\u202e" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;\ufffd") == 2
