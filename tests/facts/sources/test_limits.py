"""What is larger than any table is refused at once, with one sentence, before anything is planned for it."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ends import ends
from sizes import some

from phasegate.facts.sources.formats.parquet_footer import FooterError, shape
from phasegate.facts.sources.formats.pieces import PIECE
from phasegate.facts.sources.limits import COLUMNS_AT_MOST
from phasegate.rules.model.contract import Contract

MILLION = 1_000_000
TEAM = Contract.model_validate({"title": "T", "columns": {"a": {"type": "string"}}})
SIDE = "more than 10,000 are not read; is it a table turned on its side?"
DEEP = (
    "is no JSON that can be read: it is nested too deeply; what is measured must stand in the object of the"
)


def header(columns: int) -> str:
    return ",".join(f"c{place}" for place in range(columns)) + "\n"


def keys(count: int) -> str:
    return "{" + ",".join(f'"k{place}":1' for place in range(count)) + "}\n"


def nested(depth: int, sign: str = "[]") -> str:
    if sign == "[]":
        return '{"a": "x", "b": ' + "[" * depth + "]" * depth + "}\n"
    return '{"a": "x", "b": ' + '{"b": ' * depth + "1" + "}" * depth + "}\n"


LINE = '{"a": "x"}\n'
HOSTILE: dict[str, tuple[str, Callable[[], str], str]] = {
    "a million columns": (
        "f.csv",
        lambda: header(MILLION) + "1\n",
        f"f.csv:1 has 144,961 columns or more; {SIDE}",
    ),
    "a column too many": (
        "f.csv",
        lambda: header(COLUMNS_AT_MOST + 1) + "1\n",
        f"f.csv:1 has 10,001 columns or more; {SIDE}",
    ),
    "a long header": (
        "f.csv",
        lambda: ",".join("name" * 10_000 + str(place) for place in range(50)) + "\n1\n",
        "f.csv:1 is longer than 1,048,576 bytes: it can be no header; is it a table",
    ),
    "no line at all": ("f.csv", lambda: "x" * 3_000_000, "f.csv:1 is longer than 1,048,576 bytes"),
    "a million keys": (
        "f.ndjson",
        lambda: keys(MILLION),
        f"f.ndjson:1 has 1,000,000 columns or more; {SIDE}",
    ),
    "a key too many": (
        "f.ndjson",
        lambda: keys(COLUMNS_AT_MOST + 1),
        f"f.ndjson:1 has 10,001 columns or more; {SIDE}",
    ),
    "a million keys below": (
        "f.ndjson",
        lambda: LINE * 3 + keys(MILLION) + LINE,
        "f.ndjson:4 has more than 100,000 keys; what is measured must stand in the object",
    ),
    "a million keys at the end": (
        "f.ndjson",
        lambda: LINE * (3 * PIECE // len(LINE)) + keys(MILLION).rstrip(),
        f"f.ndjson:{3 * PIECE // len(LINE) + 1:} has more than 100,000 keys",
    ),
    "a million keys, half a chunk each": (
        "f.ndjson",
        lambda: LINE + keys(300_000) + LINE,
        "f.ndjson:2 has more than 100,000 keys",
    ),
    "deep lists": ("f.ndjson", lambda: nested(5_000), f"f.ndjson:1 {DEEP}"),
    "deep objects": ("f.ndjson", lambda: nested(5_000, "{}"), f"f.ndjson:1 {DEEP}"),
    "lists at the bound": ("f.ndjson", lambda: LINE + nested(501), f"f.ndjson:2 {DEEP}"),
    "deep lists below": ("f.ndjson", lambda: LINE + nested(50_000), f"f.ndjson:2 {DEEP}"),
    "deep objects below": ("f.ndjson", lambda: LINE + nested(50_000, "{}"), f"f.ndjson:2 {DEEP}"),
}


@pytest.mark.sampled(every=2)
@pytest.mark.sampled
@pytest.mark.parametrize("case", HOSTILE)
def test_a_table_of_a_hostile_size_is_refused_at_once(
    tmp_path: Path, settle: Callable[..., Any], case: str
) -> None:
    """As the file is, and by contract."""
    (tmp_path / HOSTILE[case][0]).write_text(HOSTILE[case][1]())
    for contract in some([None, TEAM], list(HOSTILE).index(case), 2, slow=2):
        refused_at_once(settle, case, contract)


def refused_at_once(settle: Callable[..., Any], case: str, contract: Contract | None) -> None:
    name, _, reason = HOSTILE[case]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ends():
        state, _ = settle(contract, path=name)
    assert state.status == "error"
    # Where the columns are those of the file, all of its keys are looked at first.
    assert state.reason.startswith((reason, "f.ndjson has objects with more than 10,000 different keys"))
    assert len(state.reason) < 300
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000


def test_as_many_columns_as_may_be_are_read(tmp_path: Path, settle: Callable[..., Any]) -> None:
    wide = Contract.model_validate({"title": "T", "columns": {"c9999": {"type": "string"}}})
    (tmp_path / "f.csv").write_text(header(COLUMNS_AT_MOST) + "1," * (COLUMNS_AT_MOST - 1) + "1\n")
    (tmp_path / "f.ndjson").write_text(keys(COLUMNS_AT_MOST).replace("k", "c"))
    for name in ("f.csv", "f.ndjson"):
        state, rows = settle(wide, path=name)
        assert (state.status, state.reason) == ("ok", "")
        assert rows["c9999"].to_list() == ["1"]


def test_a_key_that_stands_twice_is_not_hidden_by_what_is_nested(
    tmp_path: Path, settle: Callable[..., Any]
) -> None:
    (tmp_path / "f.ndjson").write_text(LINE + nested(990).rstrip().rstrip("}") + ', "a": "y"}\n')
    state, _ = settle(TEAM, path="f.ndjson")
    assert state.status == "error"
    assert state.reason.startswith("f.ndjson:2 ")


def number(value: int) -> bytes:
    """A number as Thrift's compact protocol writes it."""
    coded, found = (value << 1) ^ (value >> 63), bytearray()
    while coded > 127:
        found.append(coded & 127 | 128)
        coded >>= 7
    return bytes([*found, coded])


def length(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def element(name: str, children: int | None = None) -> bytes:
    """A column of a Parquet schema: of 32-bit integers, or of others."""
    text = length(len(name)) + name.encode()
    if children is None:
        return b"\x15\x02\x25\x02\x18" + text + b"\x00"  # type, repetition, name
    return b"\x35\x02\x18" + text + b"\x15" + number(children) + b"\x00"  # repetition, name, children


def root(children: int) -> bytes:
    return b"\x48\x06schema\x15" + number(children) + b"\x00"


def parquet(elements: list[bytes]) -> bytes:
    """A Parquet file with a schema and without rows."""
    listed = b"\xfc" + length(len(elements)) + b"".join(elements)
    footer = b"\x15\x02\x19" + listed + b"\x16\x00\x19\x0c\x00"
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def columns(count: int) -> bytes:
    return parquet([root(count), *(element(f"c{place}") for place in range(count))])


def endless() -> bytes:
    """Before the schema a list of more numbers than anybody can step over one by one."""
    footer = b"\x19\xf7" + length(1 << 60) + b"\x00"
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def deep(depth: int) -> bytes:
    return parquet([root(1), *(element("s", 1) for _ in range(depth)), element("v")])


def bushy(depth: int) -> bytes:
    """At each depth one column that holds others, and one that holds none."""

    def below() -> Iterator[bytes]:
        for _ in range(depth):
            yield element("v")
            yield element("s", 2)

    return parquet([root(2), *below(), element("v"), element("w")])


def test_a_parquet_file_that_is_written_by_hand_is_one(tmp_path: Path) -> None:
    for made, fields, depth in ((columns(3), 3, 1), (deep(5), 6, 6), (bushy(4), 10, 5)):
        (tmp_path / "f.parquet").write_bytes(made)
        with (tmp_path / "f.parquet").open("rb") as file:
            assert shape(file) == (fields, depth)
        assert pl.read_parquet(tmp_path / "f.parquet").height == 0


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: columns(MILLION), f"f.parquet has 1,000,000 columns or more; {SIDE}"),
        (lambda: columns(COLUMNS_AT_MOST + 1), f"f.parquet has 10,001 columns or more; {SIDE}"),
        (lambda: deep(5_000), "f.parquet has columns that are nested more than 100 deep"),
        (lambda: deep(101), "f.parquet has columns that are nested more than 100 deep"),
        (lambda: bushy(1_000), "f.parquet has columns that are nested more than 100 deep"),
        (lambda: parquet([root(1), element("s", 2), element("v")]), "f.parquet is no whole Parquet file"),
        (lambda: parquet([root(-1)]), "f.parquet is no whole Parquet file"),
        (endless, "f.parquet is no whole Parquet file"),
    ],
    ids=[
        "a million",
        "one too many",
        "deep",
        "one too deep",
        "bushy",
        "lacks one",
        "fewer than none",
        "endless",
    ],
)
def test_a_parquet_file_of_a_hostile_shape_is_refused_at_once(
    tmp_path: Path, settle: Callable[..., Any], made: Callable[[], bytes], reason: str
) -> None:
    (tmp_path / "f.parquet").write_bytes(made())
    with ends():
        state, _ = settle(TEAM, path="f.parquet")
    assert state.status == "error"
    assert state.reason.startswith(reason)


def test_the_shape_of_what_polars_writes(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    frame = pl.DataFrame({"a": [1], "b": [[1, 2]], "c": [{"x": 1, "y": {"z": [True]}}], "d": ["x"]})
    frame.write_parquet(path)
    with path.open("rb") as file:
        fields, depth = shape(file)
    assert (fields, depth) == (11, 5)
    for damaged in (b"", b"PAR1", path.read_bytes()[:-9], b"PAR1" + b"\xff" * 40 + b"\x28\0\0\0PAR1"):
        path.write_bytes(damaged)
        with path.open("rb") as file, pytest.raises(FooterError):
            shape(file)
