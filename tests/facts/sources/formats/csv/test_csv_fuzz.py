"""Damaged CSV files: what is accepted has the rows that Python's strict reader sees, all else a place.

Run with more by hand: ``PHASEGATE_FUZZ=100000 python -m pytest -m long -k malformed -n0``.
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.sources import files as sources_files
from phasegate.facts.sources.files import FoundFile
from phasegate.facts.sources.formats import pieces
from phasegate.facts.sources.formats.csv import format as csv_format
from phasegate.facts.sources.formats.csv import structure as csv_structure
from phasegate.facts.sources.formats.csv.damage import Table, find_damage
from phasegate.facts.sources.formats.csv.header import Header
from phasegate.facts.sources.formats.csv.records import Dialect, read_records
from phasegate.rules.model.contract import Column, Contract

SEED = 20261129
MANY = int(os.environ.get("PHASEGATE_FUZZ", "5000"))
ALPHABETS = ('ab"', 'a",\n', 'a"",,\n\r ', "ab,\"\n\r\\' é\u2028\x0b\x1c", 'a"\r\n', "a,\n")
PLACE = re.compile(r"f\.csv(:\d+| ends inside a quoted text that begins in line \d+)")
Row = tuple[str | None, ...]


def malformed(chance: random.Random) -> tuple[int, bytes]:
    """A small CSV file, most often damaged, and how many columns it should have."""
    width, alphabet = chance.choice((1, 1, 2, 2, 2, 3, 4)), chance.choice(ALPHABETS)

    def text(most: int) -> str:
        return "".join(chance.choices(alphabet, k=chance.randint(0, most)))

    written = io.StringIO()
    if chance.random() < 0.3:
        written.write(text(25))
    else:
        ending, quoting = (
            chance.choice(("\n", "\n", "\r\n")),
            chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        )
        rows = [
            [text(chance.choice((0, 1, 3, 6))) for _ in range(width)] for _ in range(chance.randint(1, 5))
        ]
        csv.writer(written, lineterminator=ending, quoting=quoting).writerows(rows)
    found = written.getvalue()
    if chance.random() < 0.3:
        found = found.rstrip("\r\n")
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        at, end = sorted((chance.randint(0, len(found)), chance.randint(0, len(found))))
        sign = chance.choice('"",\n\ra \\')
        found = chance.choice(
            (
                found[:at] + sign + found[at:],
                found[:at] + found[at + 1 :],
                found[:at],
                found[:end] + found[at:end] + found[end:],
            )
        )
    return width, ("\ufeff" * (chance.random() < 0.05) + found).encode() or b"\n"


def strict_rows(content: bytes) -> list[Row]:
    """The rows that Python's reader sees; an empty line is a row of one column without a value."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return [tuple(cell or None for cell in row) or (None,) for row in csv.reader(text, strict=True)]


def without_blanks(rows: list[Row]) -> list[Row]:
    """The same rows, of whose cells those are empty in which nothing can be seen."""
    return [tuple(cell if cell and any(map(_seen, cell)) else None for cell in row) for row in rows]


def _seen(sign: str) -> bool:
    return sign.isprintable() and not sign.isspace()


def look(width: int, content: bytes, size: int) -> str | None:
    """What the second look finds wrong with a file that comes in chunks."""
    watcher = csv_format.structure(Header(tuple(map(str, range(width))), written=False), Dialect())
    for at in range(0, len(content), size):
        watcher.see(content[at : at + size])
    return watcher.fault()


def look_both_ways(width: int, content: bytes, size: int) -> str | None:
    """The same, whether records with quotes are looked at apart from the others or not."""
    found = set()
    for bytes_per_quote in (0, 1 << 30):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(csv_structure, "_BYTES_PER_QUOTE", bytes_per_quote)
            found.add(look(width, content, size))
    (one,) = found
    return one


def hold(seed: int, files: int) -> tuple[int, int]:
    """How many files were accepted, and how many refused; each of them rightly."""
    chance = random.Random(seed)
    accepted = refused = 0
    for _ in range(files):
        width, content = malformed(chance)
        fault = look_both_ways(width, content, chance.choice((1, 2, 3, 5, 1000)))
        if fault is None:
            accepted += 1
            names = tuple(map(str, range(width)))
            frame = csv_format.scan(
                [io.BytesIO(content)],
                Header(names, written=False),
                dict(zip(names, names, strict=True)),
                Dialect(),
                [""],
            )
            rows = strict_rows(content)
            assert frame.collect(engine="streaming").rows() == rows, content
            lines = io.StringIO(content.decode("utf-8-sig"), newline="\n")
            records = read_records(lines, Dialect())
            assert [tuple(cell or None for cell in record.fields) for record in records] == rows, content
        elif content.decode("utf-8-sig"):
            refused += 1
            file = FoundFile(Path("f.csv"), "f.csv", os.stat_result([0] * 10))
            error = find_damage(Table(file, io.BytesIO(content), Dialect(), width), fault)
            assert PLACE.match(error.message), (content, error.message)
    return accepted, refused


def test_malformed_files_are_refused_with_their_line_or_read_as_they_are() -> None:
    accepted, refused = hold(SEED, 500)
    assert min(accepted, refused) > 100


@pytest.mark.parametrize(
    "files", [pytest.param(1_000, marks=pytest.mark.slow), pytest.param(MANY, marks=pytest.mark.long)]
)
def test_many_malformed_files(files: int) -> None:
    accepted, refused = hold(SEED + 1, files)
    print(f"{files} files, seed {SEED + 1}: {accepted} accepted, {refused} refused")
    assert min(accepted, refused) > files // 5


def hold_opened(
    tmp_path: Path, settle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, seed: int, files: int
) -> None:
    chance = random.Random(seed)
    for _ in range(files):
        monkeypatch.setattr(pieces, "PIECE", chance.choice((1, 2, 3, 5, 1 << 18)))
        width, content = malformed(chance)
        names = tuple(f"c{number}" for number in range(width))
        header = chance.random() < 0.5
        above = chance.choice((0, 0, 2))
        written = b'"titles"\n"\n' * (above // 2) + (",".join(names) + "\n").encode() * header + content
        (tmp_path / "f.csv").write_bytes(written)
        contract = Contract(title="x", columns=dict.fromkeys(names, Column(type="string", nullable=True)))
        options: dict[str, Any] = {} if header else {"header": False, "columns": names}
        state, rows = settle(contract, path="f.csv", skip_rows=above, **options)
        if state.status == "ok":
            assert rows.rows() == without_blanks(strict_rows(content)) or header, written
            told = ",".join(names).encode() + b"\n" + content
            assert not header or rows.rows() == without_blanks(strict_rows(told)[1:]), written
        elif content.decode("utf-8-sig"):
            assert PLACE.match(state.reason) or "lone carriage return" in state.reason, (
                written,
                state.reason,
            )


def test_malformed_sources_are_errors_or_what_they_are(
    tmp_path: Path, settle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_opened(tmp_path, settle, monkeypatch, SEED, 150)


@pytest.mark.parametrize(
    "files", [pytest.param(400, marks=pytest.mark.slow), pytest.param(2_000, marks=pytest.mark.long)]
)
def test_many_malformed_sources(
    tmp_path: Path, settle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    hold_opened(tmp_path, settle, monkeypatch, SEED + 1, files)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_ends_in_texts_are_none_however_a_large_file_is_divided(tmp_path: Path, ending: str) -> None:
    chance = random.Random(SEED)
    texts = ['a "quoted" text', "two\nlines, and\nthree", "\n\n", ',",\n",', "", "plain", 'a,b\nc,d\n"e,f"']
    rows = [(str(number), chance.choice(texts), chance.choice(texts)) for number in range(200_000)]
    path = tmp_path / "f.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator=ending).writerows(rows)
    header = Header(("a", "b", "c"), written=False)
    found = sources_files.fingerprint(
        lambda: path.open("rb"), lambda: csv_format.structure(header, Dialect())
    )
    assert found.fault is None
    names = {name: name for name in header.names}
    frame = csv_format.scan([path], header, names, Dialect(), [""]).collect(engine="streaming")
    assert frame.rows() == [tuple(cell or None for cell in row) for row in rows]
    assert isinstance(frame, pl.DataFrame)
