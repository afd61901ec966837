"""The rows behind a verdict on the page."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from phasegate.audit.trail.runs import Kept
from phasegate.records.schema import RowsEntry
from phasegate.reports.formats.html import render
from phasegate.reports.html.requirement import command_for
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


NOTE = "phasegate.local/0\n136\n" + "A" * 43 + "=\n\n\u2014 ci " + "A" * 91 + "=\n"


def page(report: Report, *, run: int | None = 7, **told: object) -> str:
    kept = Kept(run, 93, 136, NOTE, "/x/phasegate.db") if run else None
    if "requirement" in told:
        report.record["requirements"][0]["id"] = str(told["requirement"])
        report.record["criteria"][0]["requirements"] = [str(told["requirement"])]
    return render(replace(report, kept=kept, record={**report.record, "rows": [rows(report, **told)]}))


def test_rows_are_a_table_in_the_order_of_the_columns(report: Ready) -> None:
    text = page(report("minimal_fail"))
    assert "2 rows that do not meet the measure&#x27;s condition:" in text
    assert '<th scope="col">invoice</th><th scope="col">status</th>' in text
    assert "<tr><td>F-007</td><td>open</td></tr><tr><td>F-016</td><td>***</td></tr>" in text


FILE = "The file of"
NOWHERE = " (sha256:aaaaaaaaaaaa) is in no ledger that this report knows of."
HELD = "as many as the project keeps (evidence_rows)"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, f'<p class="note">{FILE} these rows: <code>'),
        ({"total": 2000, "held": 2000}, f'<p class="note">and 1,998 more. {FILE} all of them: <code>'),
        (
            {"total": 12000, "held": 10000},
            f'<p class="note">and 11,998 more. {FILE} the first 10,000, {HELD}: <code>',
        ),
        ({"total": 3, "held": 2}, f'<p class="note">and 1 more. {FILE} the first 2, {HELD}: <code>'),
        ({"run": None}, f'<p class="note">{FILE} these rows{NOWHERE}'),
        ({"run": None, "total": 9, "held": 9}, f'<p class="note">and 7 more. {FILE} all of them{NOWHERE}'),
    ],
    ids=["all shown", "all kept", "some kept", "these kept", "no ledger", "more in no ledger"],
)  # fmt: skip
def test_what_the_file_of_rows_holds_and_where_it_is(
    told: dict[str, object], said: str, report: Ready
) -> None:
    assert said in page(report("minimal_fail"), **told)  # type: ignore[arg-type] - the run is one of them


def test_the_rows_are_those_of_the_run_that_is_told(report: Ready) -> None:
    ready = report("minimal_fail")
    name = ready.record["requirements"][0]["id"]
    command = f"phasegate evidence --run 7 {name} -o rows.parquet"
    assert f": <code>{command}</code> (sha256:aaaaaaaaaaaa)</p>" in page(ready)


@pytest.mark.parametrize(
    "slice_",
    [
        "a'; touch pwned; echo '",
        '"; touch pwned #',
        "$(touch pwned)",
        "`touch pwned`",
        "a b",
        "&& touch pwned",
        "\\' ; touch pwned",
        "größe !x *",
        "",
    ],
)
def test_a_shell_takes_the_name_for_one_word(slice_: str, report: Ready, tmp_path: Path) -> None:
    name = f"project/requirements/invoices.reconciled[{slice_}]"
    text = page(report("minimal_fail"), requirement=name).partition(": <code>phasegate evidence ")[2]
    assert text.partition("</code>")[0]  # of the page, as a reader copies it
    command = f"phasegate evidence {unescape(text.partition('</code>')[0])}"
    words = ["evidence", "--run", "7", name, "-o", "rows.parquet"]
    assert shlex.split(command) == ["phasegate", *words]
    shown = ["sh", "-c", f"phasegate() {{ printf '%s\\0' \"$@\"; }}; {command}"]
    done = subprocess.run(shown, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[:-1] == words
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("slice_", ["a\nb", "a\x1b[31m", "\u202ea", "a\u200bb", "\ud800", "a  b", "x" * 2000])
def test_a_name_that_nobody_can_type_gets_no_command(slice_: str, report: Ready) -> None:
    text = page(report("minimal_fail"), requirement=f"invoices.reconciled[{slice_}]")
    assert "phasegate evidence" not in text
    assert "(sha256:aaaaaaaaaaaa) belongs to run 7, under a name that can not be typed." in text


def test_a_reader_learns_where_the_condition_stands(report: Ready) -> None:
    said = '<p class="note">How this is measured stands in the rules, under <code>invoices.reconciled</code>;'
    assert f"{said} <code>phasegate explain</code> with that name tells of it.</p>" in page(
        report("minimal_fail")
    )


def test_a_name_is_no_option() -> None:
    assert command_for("--project=/elsewhere", 7) is None


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"what": "not met", "total": 1}, "1 row that does not meet the measure&#x27;s condition:"),
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
