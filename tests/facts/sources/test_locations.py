"""On which line a row begins: whatever quotes, line ends, encodings and files there are."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.model.place import Place
from phasegate.facts.sources.formats import pieces
from phasegate.facts.sources.formats.csv.lines import Head, Records
from phasegate.facts.sources.open import open_source
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

FIELD = st.sampled_from(["a", 'x"y', "l\nm", "\n\n", '""', "", '"\n"', "1,2", "\r\n"])


@settings(max_examples=examples(300))
@given(
    rows=st.lists(st.tuples(FIELD, FIELD), min_size=1, max_size=7),
    ended=st.booleans(),
    everything=st.booleans(),
    head=st.integers(0, 1),
    above=st.integers(0, 3),
    size=st.sampled_from([1, 2, 3, 7, 1000]),
    data=st.data(),
)
def test_a_record_begins_where_it_was_written(
    rows: list[tuple[str, str]],
    ended: bool,
    everything: bool,
    head: int,
    above: int,
    size: int,
    data: st.DataObject,
) -> None:
    text, lines = "", []
    for row in rows:
        lines.append(text.count("\n") + 1 + above)
        held = io.StringIO()
        quoting = csv.QUOTE_ALL if everything else csv.QUOTE_MINIMAL
        csv.writer(held, lineterminator="\n", quoting=quoting).writerow(row)
        text += held.getvalue()
    content = (text if ended else text[:-1]).encode()
    wanted = sorted(data.draw(st.sets(st.integers(1, len(rows) + 3), min_size=1, max_size=4)))
    look = Records(Head(above, head, '"'))
    for at in range(0, len(content), size):
        look.see(content[at : at + size], wanted)
    look.end(wanted)
    assert look.held == len(rows) - head
    assert look.lines == {row: lines[row - 1 + head] for row in wanted if row + head <= len(rows)}


def test_without_quoting_a_quote_is_a_character() -> None:
    look = Records(Head(0, 1, None))
    look.see(b'a,b\n6" pipe,1\nx,2\n', [2])
    look.end([2])
    assert look.lines == {2: 3}


def placed(root: Path, path: str, rows: list[int], **options: Any) -> dict[int, Place]:
    contract = Contract.model_validate({"title": "t", "columns": {"a": {"type": "string", "nullable": True}}})
    source = open_source("t", contract, SourceFile(path=path, **options), root, dt.date(2026, 1, 1))
    assert source.frame is not None
    return source.places(rows)


def test_files_of_a_glob_are_counted_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_bytes(b'a\nx\n"y\nz"')  # no line end
    (tmp_path / "a2.csv").write_bytes(b"a\r\n")
    (tmp_path / "a3.csv").write_bytes(b"a\r\n\r\nx\r\n")  # the first row is empty
    assert placed(tmp_path, "a*.csv", [1, 2, 3, 4, 5]) == {
        1: Place("a1.csv", 2),
        2: Place("a1.csv", 3),
        3: Place("a3.csv", 2),
        4: Place("a3.csv", 3),
    }
    assert placed(tmp_path, "a*.csv", [4]) == {4: Place("a3.csv", 3)}
    assert placed(tmp_path, "a*.csv", []) == {}


@pytest.mark.parametrize("encoding", ["latin1", "utf-16", "cp1252"])
def test_lines_are_those_of_the_file_in_its_own_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes('a\n"ä\nö"\nü\n'.encode(encoding))
    assert placed(tmp_path, "a.csv", [2], encoding=encoding) == {2: Place("a.csv", 4)}


def test_a_byte_order_mark_is_no_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("\ufeffa\nx\n".encode())
    assert placed(tmp_path, "a.csv", [1]) == {1: Place("a.csv", 2)}


def test_objects_stand_on_lines_and_blank_ones_are_none(tmp_path: Path) -> None:
    (tmp_path / "a1.ndjson").write_bytes(b'{"a": "1"}\n\n \n{"a": "2"}')
    (tmp_path / "a2.ndjson").write_bytes(b'{"a": "3"}\n')
    found = placed(tmp_path, "a*.ndjson", [1, 2, 3])
    assert found == {1: Place("a1.ndjson", 1), 2: Place("a1.ndjson", 4), 3: Place("a2.ndjson", 1)}


def test_parquet_has_rows(tmp_path: Path) -> None:
    for name, rows in (("a1", ["x", "y"]), ("a2", ["z"])):
        pl.DataFrame({"a": rows}).write_parquet(tmp_path / f"{name}.parquet")
    found = placed(tmp_path, "a*.parquet", [2, 3])
    assert found == {2: Place("a1.parquet", row=2), 3: Place("a2.parquet", row=1)}


def test_only_a_piece_is_held_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 8)
    lines = "".join(f'"{row}\n",x\n' for row in range(1, 200))
    (tmp_path / "a.csv").write_text(f"a,b\n{lines}", encoding="utf-8")
    found = placed(tmp_path, "a.csv", [1, 77, 199])
    assert {row: place.line for row, place in found.items()} == {1: 2, 77: 154, 199: 398}


def test_the_places_of_a_file_that_is_gone_are_those_that_were_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\nx\n")
    contract = Contract.model_validate({"title": "t", "columns": {"a": {"type": "string"}}})
    source = open_source("t", contract, SourceFile(path="a.csv"), tmp_path, dt.date(2026, 1, 1))
    (tmp_path / "a.csv").unlink()
    assert source.places([1]) == {1: Place("a.csv", 2)}
