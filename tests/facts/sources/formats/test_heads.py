"""The head of a large file ends with a whole row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from phasegate.facts.sources.formats.base import HEAD_BYTES, HEAD_ROWS, copy_lines
from phasegate.facts.sources.formats.registry import format_named
from phasegate.rules.model.file_format import FILE_FORMATS
from phasegate.rules.model.project import SourceFile

HEADS: dict[str, tuple[bytes, bytes | None]] = {
    "a line that has begun": (b"a\nb\nc", b"a\nb\n"),
    "a quoted text that has begun": (b'a\n"b\nc', b"a\n"),
    "a line end in quotes": (b'a\n"b\nc"\nd', b'a\n"b\nc"\n'),
    "doubled quotes": (b'a\n"b""\n""c"\nd', b'a\n"b""\n""c"\n'),
    "one long line": (b"abc", None),
    "no text": (b"a\0\nb\n", None),
}


LARGE: dict[str, tuple[Callable[[pl.DataFrame, Path], object], Callable[[Path], pl.DataFrame]]] = {
    "csv": (pl.DataFrame.write_csv, pl.read_csv),
    "ndjson": (pl.DataFrame.write_ndjson, pl.read_ndjson),
    "parquet": (pl.DataFrame.write_parquet, pl.read_parquet),
}
"""The formats of which a large file has a head."""


@pytest.mark.parametrize("case", HEADS)
def test_lines(case: str, tmp_path: Path) -> None:
    text, kept = HEADS[case]
    file, head = tmp_path / "t.csv", tmp_path / "head.csv"
    file.write_bytes(text)
    assert copy_lines(file, b'"', head) == (kept is not None)
    assert (head.read_bytes() if head.exists() else None) == kept


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_a_format_gives_the_head_of_a_large_file_or_says_that_it_can_not(name: str, tmp_path: Path) -> None:
    file, head = tmp_path / f"t.{name}", tmp_path / f"head.{name}"
    source = SourceFile.model_validate({"path": file.name, "format": name})
    rows = pl.DataFrame({"id": pl.int_range(200_000, eager=True)})
    if name not in LARGE:
        assert not format_named(name).copy_head(file, source, head)
        return
    write, read = LARGE[name]
    write(rows, file)
    assert format_named(name).copy_head(file, source, head)
    found = read(head)
    assert found.equals(rows.head(found.height))
    assert HEAD_ROWS <= found.height < rows.height
    assert head.stat().st_size <= HEAD_BYTES
