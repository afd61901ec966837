"""Packed tables: read as if they were unpacked, hashed as they lie there, refused where they are none."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources import packed, passes
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

AS_OF = dt.date(2026, 3, 31)
CONTRACT = Contract.model_validate(
    {"title": "Costs", "columns": {"team": {"type": "string"}, "amount": {"type": "decimal", "scale": 2}}}
)
PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda text: gzip.compress(text, mtime=0),
    ".zst": zstd.compress,
    "": lambda text: text,
}
CSV = b"team,amount\n" + b"".join(b"t%d,%d.50\n" % (row, row) for row in range(2000))
NDJSON = b"".join(b'{"team": "t%d", "amount": "%d.50"}\n' % (row, row) for row in range(2000))


def opened(folder: Path, name: str, said: dict[str, Any]) -> tuple[SourceState, pl.DataFrame | None]:
    file = SourceFile.model_validate({"path": name, **said})
    source = open_source("costs", CONTRACT, file, folder, AS_OF)
    if source.frame is None:
        return source.settle({}), None
    try:
        *checks, rows = pl.collect_all([*source.checks, source.frame.select(*source.kinds)])
    except pl.exceptions.PolarsError:
        state = source.diagnose()
        assert state is not None
        return state, None
    return source.settle(numbers(checks)), rows


TABLES: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "a table": ("t.csv", CSV, {}),
    "objects": ("t.ndjson", NDJSON, {}),
    "objects with long numbers": ("t.ndjson", b'{"team": "a", "amount": 12345678901234567.25}\n', {}),
    "a late key": ("t.jsonl", b'{"team": "a"}\n{"team": "a", "amount": 1}\n', {}),
    "a key twice": ("t.ndjson", b'{"team": "a", "amount": 1, "amount": 2}\n', {}),
    "no object": ("t.ndjson", b'{"team": "a", "amount": 1}\n[1]\n', {}),
    "tabs": ("t.tsv", CSV.replace(b",", b"\t"), {}),
    "a format that is said": ("export", CSV, {"format": "csv"}),
    "another encoding": ("t.csv", "team,amount\né,1\n".encode("latin1"), {"encoding": "latin1"}),
    "an encoding not told": ("t.csv", "team,amount\né,1\n".encode("latin1"), {}),
    "utf-16": ("t.csv", CSV.decode().encode("utf-16"), {"encoding": "utf-16"}),
    "titles and totals": (
        "t.csv",
        b"Costs\n\nteam,amount\na,1\nb,2\nTotal,3\n",
        {"header_row": 3, "stop_at": "Total"},
    ),
    "no header": ("t.csv", b"a,1\nb,2\n", {"header": False, "columns": ["team", "amount"]}),
    "a broken cell": ("t.csv", b'team,amount\n"a\nb",1\nc,x\n', {}),
    "a stray quote": ("t.csv", b'team,amount\na,1\nb"c,2\n', {}),
    "a short line": ("t.csv", b"team,amount\na,1\nb\n", {}),
    "zero bytes": ("t.csv", b"team,amount\na,1\nb\0,2\n", {}),
}


@pytest.mark.sampled(every=10)
@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("case", TABLES)
def test_a_packed_table_is_read_as_it_is_unpacked(
    case: str, ending: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    name, text, said = TABLES[case]
    (tmp_path / name).write_bytes(text)
    packed_bytes = PACK[ending](text)
    (tmp_path / (name + ending)).write_bytes(packed_bytes)
    state, rows = opened(tmp_path, name, said)
    found, packed_rows = opened(tmp_path, name + ending, said)
    assert (found.status, found.reason) == (state.status, state.reason.replace(name, name + ending))
    assert (found.rows, found.totals, found.content) == (state.rows, state.totals, state.content)
    cells = [[cell.at for cell in breach.cells] for breach in state.breaches]
    assert [[cell.at for cell in breach.cells] for breach in found.breaches] == [
        [at.replace(name, name + ending) for at in each] for each in cells
    ]
    assert (rows is None) == (packed_rows is None)
    if rows is not None and packed_rows is not None:
        assert packed_rows.equals(rows)
    if found.files:
        assert found.files == {name + ending: f"sha256:{hashlib.sha256(packed_bytes).hexdigest()}"}


def test_several_members_are_one_text(tmp_path: Path) -> None:
    half = CSV.index(b"t900,")
    for ending, pack in PACK.items():
        (tmp_path / f"t.csv{ending}").write_bytes(pack(CSV[:half]) + pack(b"") + pack(CSV[half:]))
    found = {ending: opened(tmp_path, f"t.csv{ending}", {})[1] for ending in PACK}
    assert all(rows is not None and rows.height == 2000 for rows in found.values())


def test_a_glob_reads_packed_and_plain_files_together(tmp_path: Path) -> None:
    for number, (ending, pack) in enumerate(PACK.items()):
        (tmp_path / f"{number}.csv{ending}").write_bytes(pack(CSV))
    state, rows = opened(tmp_path, "?.csv*", {})
    assert (state.status, rows is not None and rows.height) == ("ok", 6000)


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "cut off": (
        "t.csv.gz",
        PACK[".gz"](CSV)[:-9],
        "t.csv.gz is no whole gzip file: it is damaged or cut off",
    ),
    "cut off in zstd": ("t.csv.zst", PACK[".zst"](CSV)[:-9], "t.csv.zst is no whole zstd file"),
    "its checksum": ("t.csv.gz", PACK[".gz"](CSV)[:-8] + b"\0" * 8, "t.csv.gz is no whole gzip file"),
    "damage": ("t.csv.gz", PACK[".gz"](CSV)[:40] + b"\xff" * 99, "t.csv.gz is no whole gzip file"),
    "damage in zstd": ("t.csv.zst", PACK[".zst"](CSV)[:40] + b"\xff" * 99, "t.csv.zst is no whole zstd file"),
    "more behind it": ("t.csv.gz", PACK[".gz"](CSV) + CSV, "t.csv.gz goes on after the end of its gzip data"),
    "zeros behind it": ("t.csv.gz", PACK[".gz"](CSV) + b"\0", "t.csv.gz goes on after the end"),
    "more behind zstd": ("t.csv.zst", PACK[".zst"](CSV) + b"x", "t.csv.zst goes on after the end"),
    "zstd behind gzip": ("t.csv.gz", PACK[".gz"](CSV) + PACK[".zst"](CSV), "t.csv.gz goes on after the end"),
    "a member cut off": ("t.csv.gz", PACK[".gz"](CSV) * 2 + PACK[".gz"](CSV)[:9], "is no whole gzip file"),
    "twice": (
        "t.csv.gz",
        PACK[".gz"](PACK[".gz"](CSV)),
        "t.csv.gz is compressed twice: it holds a gzip file",
    ),
    "zstd in gzip": ("t.csv.gz", PACK[".gz"](PACK[".zst"](CSV)), "it holds a zstd file"),
    "a plain file": ("t.csv.gz", CSV, "t.csv.gz is not compressed, and its name says gzip"),
    "another way": ("t.csv.gz", PACK[".zst"](CSV), "t.csv.gz is compressed (zstd), and its name says gzip"),
    "an untold way": ("t.csv", PACK[".zst"](CSV), "t.csv is compressed (zstd); unpack it first, or call it"),
    "nothing": ("t.csv.gz", PACK[".gz"](b""), "t.csv.gz is empty: it has not even a header"),
    "no bytes": ("t.csv.gz", b"", "t.csv.gz is empty"),
    "something else": ("t.csv.gz", PACK[".gz"](b"%PDF-1.7\n"), "t.csv.gz holds a PDF"),
    "no format": ("t.gz", PACK[".gz"](CSV), "t.gz: its extension tells no format"),
    "Parquet": ("t.parquet.gz", PACK[".gz"](b"PAR1xxxxPAR1"), "t.parquet.gz is a packed Parquet file"),
    "Parquet as CSV": ("t.csv.gz", PACK[".gz"](b"PAR1xxxxPAR1"), "t.csv.gz is a Parquet file"),
    "a bomb": ("t.csv.zst", PACK[".zst"](b"a,b\n" * (20 << 20)), "unpacks to more than 1,000 times its"),
    "zeros": ("t.csv.gz", PACK[".gz"](bytes(70 << 20)), "unpacks to more than 1,000 times its"),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_packed_table_is_told(case: str, tmp_path: Path) -> None:
    name, content, said = REFUSED[case]
    (tmp_path / name).write_bytes(content)
    state, _ = opened(tmp_path, name, {})
    assert (state.status, said in state.reason) == ("error", True), state.reason


def test_more_than_is_ever_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "UNPACKED_AT_MOST", len(CSV) - 1)
    for ending in (".gz", ".zst"):
        (tmp_path / f"t.csv{ending}").write_bytes(PACK[ending](CSV))
        state, _ = opened(tmp_path, f"t.csv{ending}", {})
        assert f"unpacks to more than {len(CSV) - 1:,} bytes, which are not read" in state.reason


def test_what_small_files_say_is_held_in_memory_only_while_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phasegate.facts.sources.content import Room
    from phasegate.facts.sources.files import find_files

    monkeypatch.setattr(passes, "SMALL", len(CSV))
    monkeypatch.setattr(passes, "SMALL_TOGETHER", 2 * len(CSV))
    for number in range(4):
        (tmp_path / f"{number}.csv.gz").write_bytes(PACK[".gz"](CSV))
    files = find_files(tmp_path, "*.csv.gz", outside=False, room=Room())
    kept = [isinstance(file.unpacked.kept, bytes) for file in files if file.unpacked]
    assert kept == [True, True, False, False]
    assert [file.open().read() for file in files] == [CSV] * 4


def test_without_the_library_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("backports", "backports.zstd", "compression", "compression.zstd"):
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "t.csv.zst").write_bytes(PACK[".zst"](CSV))
    state, _ = opened(tmp_path, "t.csv.zst", {})
    assert "install it with: pip install 'phasegate[zstd]'" in state.reason
