"""The workbook, as another program opens it."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from dressed_record import dressed
from hostile_text import TEXTS, with_text
from made_records import counted, many, with_verdict
from numbered_record import numbered
from openpyxl import load_workbook
from openpyxl.chart import LineChart
from openpyxl.workbook import Workbook
from syrupy.assertion import SnapshotAssertion

from phasegate.audit.trail.runs import Kept
from phasegate.monitoring.history.beside import Beside, RunOn
from phasegate.records.schema import Record
from phasegate.reports.excel import workbook as own
from phasegate.reports.excel.questions import digits_shown
from phasegate.reports.excel.workbook import Cell
from phasegate.reports.formats.excel import ExcelMissingError, render
from phasegate.reports.report import Report
from phasegate.reports.text.labels import VERDICTS
from phasegate.reports.text.plain import visible
from phasegate.reports.text.sentences import own_rules
from phasegate.reports.text.verdict_rows import COLUMNS, LONGEST, rows

Ready = Callable[[str], Report]
Saved = Callable[[str], Record]
RECORDS = Path(__file__).parents[1] / "records"
NAMES = sorted(path.stem for path in RECORDS.glob("*.json"))
SHEETS = ["Answers", "Summary", "Criteria", "Requirements", "Waivers", "Attestations", "Sources"]


def opened(report: Report) -> Workbook:
    return load_workbook(BytesIO(render(report)))


def values(workbook: Workbook, sheet: str) -> list[list[Any]]:
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


def full(saved: Saved) -> Report:
    """A record with numbers for programs, attestations, and something of everything that is rare."""
    return Report(dressed(numbered(saved("programme"))), 1)


def test_snapshot_of_numbers_and_attestations(saved: Saved, snapshot: SnapshotAssertion) -> None:
    assert told(opened(full(saved))) == snapshot


def expected(kind: str, text: str, percent: bool) -> Any:
    """What a cell of the requirements holds, by openpyxl's reading."""
    if not text:
        return None
    if kind == "decimal":
        return float(Decimal(text) / (100 if percent else 1))
    if kind == "whole":
        return int(text)
    return dt.datetime.fromisoformat(text).replace(tzinfo=None) if kind == "date" else visible(text)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", NAMES)
def test_the_requirements_are_the_table_with_numbers_and_dates(name: str, saved: Saved) -> None:
    report = Report(dressed(numbered(saved(name))) if name == "programme" else numbered(saved(name)), 1)
    heads, *found = values(opened(report), "Requirements")
    assert heads == list(COLUMNS)
    for cells, meant in zip(found, rows(report), strict=True):
        for (column, kind), value in zip(COLUMNS.items(), cells, strict=True):
            assert value == expected(kind, meant[column], meant["unit"] == "%"), column


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("cell", "value", "shown"),
    [
        (Cell("90", kind="percent"), 0.9, "0%"),
        (Cell("94.999", kind="percent"), 0.94999, "0.000%"),
        (Cell("-5", kind="percent"), -0.05, "0%"),
        (Cell("-5", kind="number"), -5, "General"),
        (Cell("-1234.5", kind="number"), -1234.5, "0.0"),
        (Cell("123456789012345", kind="number"), 123456789012345, "General"),
        (Cell("1234567890123456", kind="number"), "1234567890123456", "General"),
        (Cell("94.9999999999999999", kind="percent"), "94.9999999999999999", "General"),
        (Cell("0." + "0" * 30 + "1", kind="number"), "0." + "0" * 30 + "1", "General"),
        (Cell("1e5", kind="number"), "1e5", "General"),
        (Cell("+5", kind="number"), "+5", "General"),
        (Cell("=1", kind="number"), "=1", "General"),
        (Cell("-5"), "-5", "General"),
        (Cell("2026-03-01", kind="date"), dt.datetime(2026, 3, 1), "yyyy-mm-dd"),
        (
            Cell("2026-03-01T23:30:00-02:00", kind="date"),
            dt.datetime(2026, 3, 2, 1, 30),
            'yyyy-mm-dd hh:mm:ss "UTC"',
        ),
        (Cell("2026-03-01T09:00:00Z", kind="date"), dt.datetime(2026, 3, 1, 9), 'yyyy-mm-dd hh:mm:ss "UTC"'),
        (Cell("2026-03-01T09:00:00", kind="date"), "2026-03-01T09:00:00", "General"),
        (Cell("2026-03-01T09:00:00.5Z", kind="date"), "2026-03-01T09:00:00.5Z", "General"),
        (Cell("2026-02-30", kind="date"), "2026-02-30", "General"),
        (Cell("1900-02-28", kind="date"), "1900-02-28", "General"),
        (Cell("9999-12-31", kind="date"), dt.datetime(9999, 12, 31), "yyyy-mm-dd"),
        (Cell("9999-12-31T23:59:59-02:00", kind="date"), "9999-12-31T23:59:59-02:00", "General"),
        (Cell("2026-03-01"), "2026-03-01", "General"),
    ],
)
def test_what_a_cell_is_written_as(cell: Cell, value: Any, shown: str) -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        own.Sheets(workbook).table("T", ["head"], [[cell]])
    found = load_workbook(out)["T"]["A2"]
    assert (found.value, found.number_format) == (value, shown)
    assert not found.quotePrefix


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Cell("66.666666666667", kind="percent"), "66.666666666667%"),
        (Cell("-1234.5", kind="number"), "-1234.5"),
        (Cell("2026-03-01", kind="date"), "2026-03-01"),
        (Cell("2026-03-01T09:00:00Z", kind="date"), "2026-03-01 09:00:00 UTC"),
    ],
)
def test_numbers_and_dates_have_the_room_that_they_need_to_be_shown(cell: Cell, shown: str) -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        own.Sheets(workbook).table("T", ["h"], [[cell]])
    assert load_workbook(out)["T"].column_dimensions["A"].width > len(shown)


def test_rounded_numbers_are_shortened_where_they_stay_apart(saved: Saved) -> None:
    record = numbered(saved("minimal_fail"))
    asked = record["requirements"][0]
    for value, limit, cells in (
        ("123456.666666666667", "123457", (123456.666666667, 123457)),
        ("123456.666666666667", "123456.666666666668", ("123456.666666666667", "123456.666666666668")),
    ):
        asked |= {"unit": "USD", "value": value, "limit_value": limit, "rounded": True}
        line = dict(zip(*values(opened(Report(record, 1)), "Requirements"), strict=True))
        assert (line["value"], line["limit_value"]) == cells
    asked |= {"value": "many", "limit_value": "1e999999999", "rounded": True}
    line = dict(zip(*values(opened(Report(record, 1)), "Requirements"), strict=True))
    assert (line["value"], line["limit_value"]) == ("many", "1e999999999")


def test_attestations_and_waivers_tell_signer_evidence_and_end(saved: Saved) -> None:
    workbook = opened(full(saved))
    heads, older, used = values(workbook, "Attestations")
    found = dict(zip(heads, used, strict=True))
    assert (found["Attestation"], found["Standing"], found["Signer"]) == ("attestation:A-1", "used", "aud")
    assert (found["Evidence"], found["Evidence digests"]) == ("minutes.txt", f"sha256:{'a' * 64}")
    assert found["End"] == dt.datetime(2026, 6, 1)
    assert dict(zip(heads, older, strict=True))["Signer"] is None
    heads, *lines = values(workbook, "Waivers")
    ends = [dict(zip(heads, line, strict=True))["End"] for line in lines]
    assert ends
    assert {type(end) for end in ends} == {dt.datetime}
    first = dict(zip(*values(workbook, "Requirements")[:2], strict=True))
    assert (first["attestation"], first["attested_by"]) == ("attestation:A-1", "aud")
    assert (first["attested_until"], first["evidence_digests"]) == (
        dt.datetime(2026, 6, 1),
        f"sha256:{'a' * 64}",
    )


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", NAMES)
def test_counts_agree_with_the_record(name: str, report: Ready) -> None:
    workbook = opened(report(name))
    column = list(COLUMNS).index("verdict")
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
    for sheet in workbook.worksheets[1:]:  # the first one is no table
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(own.NARROWEST <= each.width <= own.WIDEST + 1 for each in sheet.column_dimensions.values())


@pytest.mark.slow
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


@pytest.mark.sampled(every=6)
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
        assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "d"}
        assert not [cell for line in sheet.iter_rows() for cell in line if cell.hyperlink]
    packed = zipfile.ZipFile(BytesIO(data))
    named = [name for name in packed.namelist() if "rels" in name and "sheet" in name]
    assert named in ([], ["xl/worksheets/_rels/sheet1.xml.rels"])  # no link, no picture, no comment
    related = "".join(packed.read(name).decode() for name in named)
    assert re.findall('Target="([^"]*)"', related) in ([], ["../drawings/drawing1.xml"])
    found = values(workbook, "Requirements")[1:]
    for cells, meant in zip(found, rows(report), strict=True):
        for (column, kind), value in zip(COLUMNS.items(), cells, strict=True):
            if not isinstance(value, int | dt.datetime):  # a text that is a number again is one
                assert (value or "") == visible(meant[column])
            assert isinstance(value, str | None) or kind in ("whole", "decimal", "date")


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
    column = list(COLUMNS).index("verdict")
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
    one, other = (
        told(opened(Report(each, 1))).partition("== Summary")[2].splitlines()
        for each in (record, with_verdict(record, requirement, "fail"))
    )
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
    assert values(workbook, "Requirements")[1][list(COLUMNS).index("run")] == 7


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


def remembered(report: Report, runs: int) -> Report:
    """The report with so many runs before it, a day each, and targets that can be drawn."""
    day = dt.date.fromisoformat(report.record["as_of"])
    before = [
        RunOn(number, (day - dt.timedelta(days=runs - number + 1)).isoformat(), True, "closed",
              {"apply": 24, "passing": number % 20, "passing_with_waivers": number % 20}, {"1": "closed"})
        for number in range(1, runs + 1)
    ]  # fmt: skip
    return replace(report, beside=Beside(runs=tuple(before)))


def charts(workbook: Workbook) -> list[list[str]]:
    """Of each chart on the first sheet the ranges that its series draw."""
    return [
        [each.val.numRef.f for part in (chart, *chart._charts[1:]) for each in part.series]
        for chart in workbook["Answers"]._charts
    ]


def test_the_score_is_a_line_and_targets_are_bars_with_their_bounds(saved: Saved) -> None:
    record = numbered(saved("programme"))
    for target, value in (("1/success", "97.5"), ("2/success", "88.25")):
        for each in record["requirements"]:
            if each["criterion"] == target:
                each |= {"value": value, "limit_value": "90", "unit": "%"}
    workbook = opened(remembered(Report(record, 1), 3))
    sheet = workbook["Answers"]
    drawn = charts(workbook)
    assert len(drawn) == 2
    (days, apply), (found, bound) = drawn
    cells = [[[cell.value for (cell,) in sheet[each.rpartition("!")[2]]] for each in pair] for pair in drawn]
    assert cells[0] == [[1, 2, 3, 17], [24, 24, 24, 24]]
    assert cells[1] == [[0.975, 0.8825], [0.9, 0.9]]
    assert {each.partition("!")[0] for each in (days, apply, found, bound)} == {"Answers"}
    formats = [sheet[each.rpartition("!")[2]][0][0].number_format for each in (found, bound)]
    assert formats == ["0.0%", "0.0%"]


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(("runs", "lines"), [(0, 0), (1, 0), (2, 1), (499, 1)])
def test_a_line_needs_three_runs(runs: int, lines: int, report: Ready) -> None:
    workbook = opened(remembered(report("programme"), runs))
    assert sum(isinstance(each, LineChart) for each in workbook["Answers"]._charts) == lines
    said = [line[0] for line in values(workbook, "Answers")]
    assert ("Score" in said) == (runs > 0)


def test_the_three_questions_are_its_headings(report: Ready) -> None:
    said = [line[0] for line in values(opened(report("programme")), "Answers")]
    asked = [each for each in said if isinstance(each, str) and each.endswith("?")]
    assert asked == ["May we advance?", "What will it take?", "What ends next?"]


@pytest.mark.parametrize(
    ("number", "bound", "shown"),
    [
        (97.5, 95.0, "97.5"),
        (96.42857142857143, 95.0, "96.4285714285714"),
        (94.99999999999999, 95.0, "94.99999999999999"),
        (17900000.04, 17300000.0, "17900000.04"),
        (1e-7, None, "0.0000001"),
    ],
)
def test_no_digit_is_cut_that_would_bring_a_number_to_its_bound(
    number: float, bound: float | None, shown: str
) -> None:
    assert digits_shown(number, bound) == shown
