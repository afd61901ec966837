"""The workbook, as another program opens it."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hostile_text import TEXTS, with_text
from made_records import counted, many, with_verdict
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from syrupy.assertion import SnapshotAssertion

from phasegate.audit.trail.runs import Kept
from phasegate.records.schema import Record
from phasegate.reports.excel import workbook as own
from phasegate.reports.formats.excel import ExcelMissingError, render
from phasegate.reports.report import Report
from phasegate.reports.text.labels import VERDICTS
from phasegate.reports.text.plain import visible
from phasegate.reports.text.sentences import own_rules
from phasegate.reports.text.verdict_rows import COLUMNS, LONGEST, NUMBERS, rows

Ready = Callable[[str], Report]
Saved = Callable[[str], Record]
RECORDS = Path(__file__).parents[1] / "records"
NAMES = sorted(path.stem for path in RECORDS.glob("*.json"))
SHEETS = ["Summary", "Criteria", "Requirements", "Waivers", "Sources"]


def opened(report: Report) -> Workbook:
    return load_workbook(BytesIO(render(report)))


def values(workbook: Workbook, sheet: str) -> list[list[str | int | None]]:
    return [[cell.value for cell in line] for line in workbook[sheet].iter_rows()]


def told(workbook: Workbook) -> str:
    """All cells as text, a line a row."""
    lines = []
    for sheet in workbook:
        lines += [f"== {sheet.title}"]
        lines += [
            " | ".join("" if cell is None else str(cell) for cell in line)
            for line in values(workbook, sheet.title)
        ]
    return "\n".join(lines)


@pytest.mark.parametrize("name", NAMES)
def test_snapshot(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    assert told(opened(report(name))) == snapshot


@pytest.mark.parametrize("name", NAMES)
def test_the_requirements_are_the_table_with_numbers_as_numbers(name: str, report: Ready) -> None:
    heads, *found = values(opened(report(name)), "Requirements")
    assert heads == list(COLUMNS)
    for cells, meant in zip(found, rows(report(name)), strict=True):
        for column, value in zip(COLUMNS, cells, strict=True):
            if column in NUMBERS and meant[column]:
                assert value == int(meant[column])
            else:
                assert (value or "") == visible(meant[column])


@pytest.mark.parametrize("name", NAMES)
def test_counts_agree_with_the_record(name: str, report: Ready) -> None:
    workbook = opened(report(name))
    column = COLUMNS.index("verdict")
    found = [line[column] for line in values(workbook, "Requirements")[1:]]
    unit = "Requirements" if own_rules(report(name).record) else "Criteria"
    summed = {
        line[1]: int(re.match(r"\d+", str(line[2]))[0])  # type: ignore[index]
        for line in values(workbook, "Summary")
        if line[0] in ("Criteria", "Requirements")
    }
    assert {line[0] for line in values(workbook, "Summary")} & {"Criteria", "Requirements"} == {unit}
    meant = counted(report(name).record)
    for word, sign in VERDICTS.items():
        criteria, requirements = meant.get(word, (0, 0))
        assert found.count(word) == requirements
        told_of = requirements if unit == "Requirements" else criteria
        assert summed[f"{sign.mark} {sign.word}"] == told_of


def test_every_verdict_of_the_matrix_is_a_word_and_a_colour(report: Ready) -> None:
    sheet = opened(report("programme"))["Criteria"]
    colours: dict[str, set[str]] = {}
    for line in sheet.iter_rows(min_row=2, min_col=5):
        for cell in line:
            if cell.value is not None:
                colours.setdefault(cell.value, set()).add(cell.fill.fgColor.rgb)
    assert set(colours) == {f"{sign.mark} {sign.word}" for sign in VERDICTS.values()}
    assert all(len(each) == 1 for each in colours.values())
    assert (
        len({next(iter(each)) for each in colours.values()}) == len(VERDICTS) - 1
    )  # stale and unknown share one


def test_a_matrix_of_very_many_kinds_is_a_list(saved: Saved) -> None:
    record = saved("programme")
    template = record["criteria"][0]
    for number, point in enumerate(record["points"]):
        point["criteria"] = [f"{number}.{place}/kind{number}_{place}" for place in range(20)]
        record["criteria"] += [{**template, "id": name} for name in point["criteria"]]  # type: ignore[list-item]
    heads, *found = values(opened(Report(record, 1)), "Criteria")
    assert heads == ["Area", "Point", "Title", "Gates", "Criterion", "Verdict"]
    assert [line[4] for line in found[:2]] == ["0.0/kind0_0", "0.1/kind0_1"]
    assert len(found) == 20 * len(record["points"]) + sum(
        each["point"] is None for each in record["criteria"]
    )


def test_the_heads_stay_in_view_and_every_column_has_a_filter(report: Ready) -> None:
    workbook = opened(report("programme"))
    assert workbook.sheetnames == SHEETS
    for sheet in workbook:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(own.NARROWEST <= each.width <= own.WIDEST + 1 for each in sheet.column_dimensions.values())


def test_the_same_record_gives_the_same_bytes_anywhere(report: Ready) -> None:
    program = (
        "import sys; from pathlib import Path; from phasegate.records.reader import load_record;"
        "from phasegate.reports.formats.excel import render; from phasegate.reports.report import Report;"
        "sys.stdout.buffer.write(render(Report(load_record(Path(sys.argv[1])), 1)))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", program, str(RECORDS / "programme.json")],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))
    ]
    assert found[0] == found[1] == render(report("programme"))


def test_the_date_of_the_workbook_is_the_day_that_was_decided(report: Ready) -> None:
    data = render(report("programme"))
    properties = load_workbook(BytesIO(data)).properties
    assert properties.created == properties.modified == dt.datetime(2026, 3, 1)
    times = {each.date_time for each in zipfile.ZipFile(BytesIO(data)).infolist()}
    assert times == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        *TEXTS.values(),
        "=1+1",
        "{=1}",
        "http://a.example",
        "mailto:x@y.example",
        "internal:A1",
        "123",
        "_x0041_",
    ],
    ids=repr,
)
def test_hostile_text_is_a_text_and_nothing_else(text: str, before: bool, saved: Saved) -> None:
    report = Report(with_text(saved("programme"), text, before=before), 1)
    data = render(report)
    workbook = load_workbook(BytesIO(data))
    assert workbook.sheetnames == SHEETS
    for sheet in workbook:
        assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}
        assert not [cell for line in sheet.iter_rows() for cell in line if cell.hyperlink]
    names = zipfile.ZipFile(BytesIO(data)).namelist()
    assert not [
        name for name in names if "rels" in name and "sheet" in name
    ]  # no link, no picture, no comment
    found = values(workbook, "Requirements")[1:]
    for cells, meant in zip(found, rows(report), strict=True):
        for column, value in zip(COLUMNS, cells, strict=True):
            assert str("" if value is None else value) == visible(meant[column])


@pytest.mark.parametrize("text", ["x" * 1_000_000, "\U0001f600" * 300_000], ids=["x", "beyond"])
def test_what_no_cell_holds_is_cut_with_a_note(text: str, saved: Saved) -> None:
    record = with_text(saved("minimal_fail"), text)
    for sheet in opened(Report(record, 1)):
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, str) and text[:9] in cell.value:
                    assert len(cell.value.encode("utf-16-le")) // 2 in (LONGEST - 1, LONGEST)
                    assert re.search(r" … \(cut: the text has [\d,]+ characters\)$", cell.value)


def test_more_digits_than_excel_keeps_stay_a_text(saved: Saved) -> None:
    record = saved("minimal_fail")
    record["facts"][0]["numerator"] = "-1234567890123456"
    record["facts"][0]["denominator"] = "-123456789012345"
    line = dict(zip(*values(opened(Report(record, 1)), "Requirements"), strict=True))
    assert line["numerator"] == "-1234567890123456"
    assert line["denominator"] == -123456789012345


def test_zero_requirements_are_heads_alone(saved: Saved) -> None:
    record = saved("minimal_pass")
    record["requirements"], record["criteria"], record["points"] = [], [], []
    workbook = opened(Report(record, 3))
    assert values(workbook, "Requirements") == [list(COLUMNS)]
    assert len(values(workbook, "Criteria")) == 1


@pytest.mark.slow
def test_ten_thousand_failures_are_all_there(saved: Saved) -> None:
    record = many(saved("programme"), 10_000, "fail")
    found = values(opened(Report(record, 1)), "Requirements")
    column = COLUMNS.index("verdict")
    assert sum(line[column] == "fail" for line in found) == counted(record)["fail"][1]


def test_where_a_sheet_ends_before_its_table_a_note_says_so(
    saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "MOST_ROWS", 5)
    monkeypatch.setattr(own, "MOST_COLUMNS", 6)
    sheet = opened(Report(saved("programme"), 1))["Requirements"]
    assert (sheet.max_row, sheet.max_column) == (5, 6)
    assert sheet["A1"].comment.text == "Excel has no room for the whole table; the CSV has it."


def test_another_verdict_changes_its_cells_alone(saved: Saved) -> None:
    record = saved("programme")
    requirement = record["requirements"][0]["id"]
    one = told(opened(Report(record, 1))).splitlines()
    other = told(opened(Report(with_verdict(record, requirement, "fail"), 1))).splitlines()
    changed = [b for a, b in zip(one, other, strict=True) if a != b]
    assert [each.partition(" | ")[0] for each in changed] == [
        "Outcome", "Criteria", "Criteria", "Counts", "Record digest", "1  Quay operations", requirement,
    ]  # fmt: skip


def test_where_the_run_is_kept(saved: Saved) -> None:
    note = "phasegate.local/0\n136\n" + "A" * 43 + "=\n\n\u2014 ci " + "A" * 91 + "=\n"
    workbook = opened(Report(saved("minimal_pass"), 0, kept=Kept(7, 93, 136, note, "/x/y.db")))
    said = {line[0]: line[2] for line in values(workbook, "Summary")}
    assert said["Kept as run"] == "7 in y.db"
    assert said["Checkpoint"] == f"136 {'A' * 43}="
    assert values(workbook, "Requirements")[1][COLUMNS.index("run")] == 7


@pytest.mark.parametrize("as_of", ["2026-03-01", "1066-10-14", "no day", "9999-12-31"])
def test_no_date_is_a_workbook_without_one(as_of: str, saved: Saved) -> None:
    record = saved("minimal_pass")
    record["as_of"] = as_of
    created = opened(Report(record, 0)).properties.created
    assert created == {"2026-03-01": dt.datetime(2026, 3, 1), "9999-12-31": dt.datetime(9999, 12, 31)}.get(
        as_of, dt.datetime(1980, 1, 1)
    )


def test_without_xlsxwriter_one_error_says_what_to_do(report: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(ExcelMissingError) as caught:
        render(report("minimal_pass"))
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        "a workbook for Excel needs XlsxWriter\nhelp: install it with: pip install 'phasegate[excel]'"
    )
