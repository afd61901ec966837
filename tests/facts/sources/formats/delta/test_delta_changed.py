"""A table whose files somebody changed at random is read as it was, or is an error: never otherwise."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest
from delta_tables import COLUMNS, Rows, Table, frame, metadata, opened, protocol
from sizes import examples, first_seed

from phasegate.facts.sources.passes import read_errors
from phasegate.facts.sources.source import numbers


def read(root: Path) -> tuple[str, Rows]:
    """As a run reads it: where the pass fails, each source is asked by itself."""
    source = opened(root)
    if source.frame is None:
        return source.settle({}).status, []
    try:
        *checks, rows = pl.collect_all([*source.checks, source.frame], engine="streaming")
    except read_errors():
        state = source.diagnose()
        assert state is not None
        return state.status, []
    return source.settle(numbers(checks)).status, rows.rows()


def changed(content: bytes, some: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(some.randrange(1, 4)):
        place = some.randrange(len(found))
        match some.randrange(4):
            case 0:
                found[place] = some.randrange(256)
            case 1:
                del found[place : place + some.randrange(1, 9)]
            case 2:
                found[place:place] = some.randbytes(some.randrange(1, 5))
            case _:
                del found[place:]
        found = found or bytearray(b"x")
    return bytes(found)


def lacks_lines(other: bytes, content: bytes) -> bool:
    """Whether whole lines are gone, and nothing else is damaged: that is another log, as its digest tells."""
    try:
        [json.loads(line) for line in other.splitlines()]
    except ValueError:
        return False
    return len(other.splitlines()) < len(content.splitlines())


@pytest.mark.slow
def test_a_table_that_somebody_changed_is_never_read_otherwise(tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    first, second = table.file("1.parquet", frame(1, 2, 3, 4)), table.file("2.parquet", frame(5))
    table.checkpoint(0, [protocol("deletionVectors"), metadata(COLUMNS), table.vector(first, [1])])
    table.commit(second, at=1)
    whole = read(tmp_path)
    assert whole == ("ok", [(1, "a"), (3, "a"), (4, "a"), (5, "a")])
    # Of Parquet files other tests tell; polars ends the process at one change of some thousands.
    files = sorted(path for path in table.folder.rglob("*") if path.is_file() and path.suffix != ".parquet")
    some = random.Random(first_seed())
    for _ in range(examples(600)):
        file = some.choice(files)
        content = file.read_bytes()
        file.write_bytes(other := changed(content, some))
        if file.suffix == ".json" and lacks_lines(other, content):
            file.write_bytes(content)
            continue
        found = read(tmp_path)
        assert found == whole or found[0] == "error", (file.name, file.read_bytes(), found)
        file.write_bytes(content)
