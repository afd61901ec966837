"""Where the table stands in a CSV file: its header, what is above it, what is below."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phasegate.facts.sources.content import Held
from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats import ndjson_objects as sources_objects
from phasegate.facts.sources.formats import pieces
from phasegate.facts.sources.formats.csv.header import refuse_rows
from phasegate.facts.sources.formats.ndjson_objects import ndjson_keys
from phasegate.rules.model.contract import Column, Contract

Settle = Callable[..., Any]
BILLS = Contract(
    title="a bill", columns={"inv": Column(type="string"), "amount": Column(type="decimal", scale=2)}
)
LETTER = 'Bills of "March"\nprinted 5" wide\n\n'


@pytest.mark.parametrize(
    "name",
    [
        *(
            "2026",
            "1.0",
            "9000000.00",
            "1,234.50",
            "1.234,50",
            "1'234",
            "$5",
            "€ 5.00",
            "5 €",
            "(5.50)",
            "-3",
        ),
        *("95%", "95 %", "1e6", "1.5E-3", "+49 30 123", "007", "EUR 5.00", "5.00 EUR", "٣"),
        *(
            "2026-01-31",
            "2026-01",
            "31.01.2026",
            "1/31/2026",
            "31-Jan-2026",
            "31 January 2026",
            "Jan 31, 2026",
        ),
        *("2026-01-31T10:00:00Z", "2026-01-31 10:00", "10:00:00", "2026-01-31T10:00:00.5+02:00"),
        *("", "  ", "\u00a0", "true", "FALSE", "NULL"),
    ],
)
def test_a_name_that_looks_like_data_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match=r"f\.csv:1 may be a row and no header: the name of column 2"):
        refuse_rows("f.csv:1", ["id", name], ["id", name], ["", "NULL"])
    refuse_rows("f.csv:1", ["id", name], ["id"], ["", "NULL"])  # which nobody reads


@pytest.mark.parametrize(
    "name",
    [
        *("id", "P-1", "#", "%", "№", "Q1 2026", "FY2026", "2026-Q1", "amount_2026", "1st", "e5", "E", "CO2"),
        *(
            "EffectiveCost",
            "Größe",
            "列1",
            "x" * 100,
            "1" + "x" * 100,
            "no",
            "May",
            "date",
            "Total 95 %",
            "5 days",
        ),
    ],
)
def test_a_name_is_a_name(name: str) -> None:
    refuse_rows("f.csv:1", [name], [name], ["", "NULL"])


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(SourceError, match="has the column 'a' more than once") as refused:
        refuse_rows("f.csv:1", ["a", "b", "a"], ["a", "b"], [])
    assert "header: true" in str(refused.value.hint)


TABLES: dict[str, tuple[str, dict[str, Any], list[str] | str]] = {
    "plain": ("inv,amount\nA,1\nB,2\n", {}, ["A", "B"]),
    "header_row": (LETTER + "inv,amount\nA,1\n", {"header_row": 4}, ["A"]),
    "first": ("inv,amount\nA,1\n", {"header_row": 1}, ["A"]),
    "skipped": (LETTER + "inv,amount\nA,1\n", {"skip_rows": 3}, ["A"]),
    "crlf": (LETTER.replace("\n", "\r\n") + "inv,amount\r\nA,1\r\n", {"skip_rows": 3}, ["A"]),
    "no_header": (LETTER + "A,1", {"skip_rows": 3, "header": False, "columns": ("inv", "amount")}, ["A"]),
    "mark": ("\ufeffA,1\n", {"header": False, "columns": ("inv", "amount")}, ["A"]),
    "mark_and_titles": ("\ufeff" + LETTER + "inv,amount\nA,1\n", {"skip_rows": 3}, ["A"]),
    "mark_and_totals": ("\ufeffinv,amount\nA,1\nTotal,1\n", {"stop_at": "Total"}, ["A"]),
    "totals": ("inv,amount\nA,1\nTotal,1\n", {"stop_at": "Total"}, ["A"]),
    "totals_alone": ("inv,amount\nTotal,0\n", {"stop_at": "Total"}, []),
    "totals_quoted": ('inv,amount\nA,1\n"Total, all",1\n', {"stop_at": "Total, all"}, ["A"]),
    "totals_with_quotes": ('inv,amount\nA,1\n"The ""sum""",1\n', {"stop_at": 'The "sum"'}, ["A"]),
    "totals_in_blanks": ("inv,amount\nA,1\n  Total ,1\n", {"stop_at": "Total"}, ["A"]),
    "totals_without_end": ("inv,amount\nA,1\nTotal,1", {"stop_at": "Total"}, ["A"]),
    "blank_lines": ("inv,amount\nA,1\n\n,\n  \nTotal,1\n", {"stop_at": "Total"}, ["A"]),
    "a_name_like_it": ("inv,amount\nTotal Energies,1\nTotals,2\nTotal,3\n", {"stop_at": "Total"}, 2),
    "in_a_text": ('inv,amount\n"A\nTotal",1\nTotal,1\n', {"stop_at": "Total"}, ["A\nTotal"]),
    "a_header_like_it": ("inv,amount\nA,1\ninv,2\n", {"stop_at": "inv"}, ["A"]),
    "a_note": ('inv,amount\nA,1\n\nNote: 5" wide\nand more, of, it\n"', {"stop_at": "Note"}, ["A"]),
    "notes": ("inv,amount\nA,1\n* one\n* two\n", {"stop_at": "*"}, ["A"]),
    "a_note_in_quotes": ('inv,amount\nA,1\n"Note: a, b"\n', {"stop_at": "Note"}, ["A"]),
    "both": (LETTER + "inv,amount\nA,1\nTotal,1\n", {"header_row": 4, "stop_at": "Total"}, ["A"]),
    "latin1": ("inv,amount\nÄ,1\nSumme für,1\n", {"stop_at": "Summe für", "encoding": "latin1"}, ["Ä"]),
    "none": ('inv,amount\n"A,1\nTotal",1\n', {"stop_at": 'Total"', "quote": "none"}, ['"A']),
    "never": ("inv,amount\nA,1\nSum,1\n", {"stop_at": "Total"}, "f.csv: no record begins with 'Total'"),
    "in_a_text_only": ('inv,amount\n"A\nTotal",1\n', {"stop_at": "Total"}, "no record begins with 'Total'"),
    "never_but_like": (
        "inv,amount\nA,1\nTotal of March,1\n",
        {"stop_at": "Total"},
        "f.csv:3 may be a row; if it is none, name its whole first field 'Total of March'",
    ),
    "longer": ("inv,amount\nA,1\nTotally\n", {"stop_at": "Total"}, "did you mean 'Totally'?"),
    "twice": (
        LETTER + "inv,amount\nTotal,1\nA,1\nTotal,1\n",
        {"header_row": 4, "stop_at": "Total"},
        "f.csv:5 begins with 'Total', and so does f.csv:7",
    ),
    "short": ("inv\n", {"header_row": 4}, "f.csv has 1 whole lines, and 3 are said to stand above its table"),
    "nothing_left": (LETTER, {"header_row": 4}, "f.csv:4 is empty where the header should be"),
    "no_rows_left": (
        LETTER,
        {"skip_rows": 3, "header": False, "columns": ("inv",)},
        "f.csv:4 is empty where",
    ),
    "fault_below": (
        LETTER + "inv,amount\nA,1\nB\n",
        {"header_row": 4},
        "f.csv:6 has 1 field, the header has 2",
    ),
    "fault_in_header": (LETTER + 'inv,am"ount\n', {"header_row": 4}, "f.csv:4:7 has a quote"),
    "no_row": (LETTER + "A,1\n", {"skip_rows": 3}, "f.csv:4 may be a row"),
    "renamed": ("A,1\n", {"rename": {"A": "inv", "1": "amount"}}, "f.csv:1 may be a row"),
    "above_parquet": (
        "x",
        {"format": "parquet", "skip_rows": 1},
        "skip_rows is about CSV or Excel files",
    ),
    "below_ndjson": ("{}", {"format": "ndjson", "stop_at": "x"}, "stop_at is about CSV or Excel files"),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("size", [1, 7, 1 << 18])
@pytest.mark.parametrize("case", TABLES)
def test_the_table_is_what_stands_between(
    tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch, case: str, size: int
) -> None:
    monkeypatch.setattr(pieces, "PIECE", size)
    text, options, wanted = TABLES[case]
    content = text.encode(options.get("encoding", "utf-8"))
    (tmp_path / "f.csv").write_bytes(content)
    state, rows = settle(BILLS, path="f.csv", **options)
    if isinstance(wanted, str):
        assert state.status == "error"
        assert wanted in state.reason
        return
    assert (state.status, state.reason) == ("ok", "")
    assert rows.height == wanted if isinstance(wanted, int) else rows["inv"].to_list() == wanted
    assert state.files == {"f.csv": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def test_files_of_a_glob_may_have_titles_of_their_own(tmp_path: Path, settle: Settle) -> None:
    (tmp_path / "a.csv").write_text(LETTER + "inv,amount\nA,1\nTotal,1\n")
    (tmp_path / "b.csv").write_text("x\n\n\namount,more,inv\n2,,B\nTotal\n")
    state, rows = settle(BILLS, path="*.csv", header_row=4, stop_at="Total")
    assert (state.status, rows["inv"].to_list()) == ("ok", ["A", "B"])


def keys(tmp_path: Path, text: str, wanted: tuple[str, ...] = ()) -> tuple[str, ...]:
    path = tmp_path / "f.ndjson"
    path.write_text(text, encoding="utf-8")
    file = FoundFile(path, path.name, Held(path, "memory"))
    return ndjson_keys(file, file.open(), wanted)


@pytest.mark.parametrize("size", [1, 20, 1 << 18])
def test_all_keys_of_all_objects_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(pieces, "PIECE", size)
    text = '{"b": 1, "a": {"no": 1}}\n\n{"a": "\\ud800", "c": [{"no": 1}]}\r\n{"\\u0064": null}'
    assert keys(tmp_path, text) == ("b", "a", "c", "d")
    if size == 1:  # no further than is needed
        assert keys(tmp_path, text + "\n[1]", ("a",)) == ("a",)
    for line, bad in ((5, "[1]"), (5, '{"a": NaN}'), (5, "{"), (5, '"a"')):
        with pytest.raises(SourceError, match=rf"f\.ndjson:{line} is no JSON"):
            keys(tmp_path, f"{text}\n{bad}\n")


def test_ids_as_keys_are_no_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_objects, "COLUMNS_AT_MOST", 3)
    assert len(keys(tmp_path, '{"a": 1, "b": 1}\n{"c": 1}\n')) == 3
    with pytest.raises(SourceError, match="more than 3 different keys"):
        keys(tmp_path, '{"a": 1, "b": 1}\n{"c": 1, "d": 1}\n')
