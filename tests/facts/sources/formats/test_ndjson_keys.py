"""A key that stands twice in one object of a NDJSON file has two values, and nobody knows which counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources import passes
from phasegate.facts.sources.formats.ndjson_damage import SingleKeys
from phasegate.facts.sources.formats.pieces import PIECE
from phasegate.rules.model.contract import Column, Contract

LINES = Contract(title="a line", columns={"a": Column(type="string", nullable=True)})
GOOD = '{"a": "1", "b": {"a": 2}}\n'
Settle = Callable[..., tuple[SourceState, object]]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD, None),
        (GOOD * 3 + '{"a": "\\"a\\":1", "b": "a\\":"}\n', None),
        ('{"b": {"c": 1, "c": 2}}\n', None),  # inside of another object, which no column reads
        ("\n" + GOOD + "\n\n", None),
        ('{"a": "1", "a": "2"}\n', "1 has the key 'a' more than once"),
        (GOOD * 2 + '{"b": 1, "a": "1", "b" : 2}', "3 has the key 'b' more than once"),
        (GOOD + '{"a":"1","\\u0061":"2"}\r\n', "2 has the key 'a' more than once"),
        (GOOD + '{"a":1,\t"a"\t:2}\n' + '{"b":1,"b":1}\n', "2 has the key 'a' more than once"),
        ('{"a" :1,"b" :2}\n{"a" :1,"a" :2}\n', "2 has the key 'a' more than once"),
        ('{"a" \t:1,"a"  :2}\n', "1 has the key 'a' more than once"),
        ('{"a": {"x": 1}, "b": 1, "a": [{"x": 1, "y": 2}]}\n', "1 has the key 'a' more than once"),
    ],
)
def test_a_key_that_stands_twice_is_an_error(
    tmp_path: Path, settle: Settle, text: str, fault: str | None
) -> None:
    (tmp_path / "t.ndjson").write_text(text, encoding="utf-8", newline="")
    watcher = SingleKeys()
    watcher.see(text.encode())
    assert watcher.fault() == fault
    if fault is not None:
        state, _ = settle(LINES, path="t.ndjson")
        assert state.status == "error"
        assert state.reason == f"t.ndjson:{fault}; which of its values counts can not be told"


TWICE = '{"a": "1", "a": "2"}\n'
LONG = '{"a": "%s"}\n' % ("x" * (PIECE - 11))
"""A line of a piece but for one byte."""


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (TWICE + LONG * 20, 1),
        (LONG + TWICE * 210_000, 3 + (15 * PIECE + 1) // len(TWICE)),  # whatever writes it so in every line
        (LONG * 16 + TWICE + LONG, None),  # in it the piece begins that is looked at, and the line is not
        (LONG * 16 + GOOD + TWICE + LONG, 18),
        (LONG * 2 + TWICE + LONG * 20, None),
    ],
)
def test_of_a_large_file_some_pieces_are_looked_at(
    tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch, text: str, fault: int | None
) -> None:
    monkeypatch.setattr(passes, "SMALL", 8)
    (tmp_path / "t.ndjson").write_text(text, encoding="utf-8")
    state = settle(LINES, path="t.ndjson")[0]
    if fault is None:
        assert state.status == "ok"
    else:
        assert state.status == "error"
        assert re.match(r"t.ndjson:(\d+) has the key 'a' more than once", state.reason)[1] == str(fault)


TEXTS = st.text(alphabet='a":, \\\t\u00e9', max_size=4)
PAIRS = st.lists(
    st.tuples(TEXTS, st.one_of(TEXTS, st.integers(0, 9), st.dictionaries(TEXTS, TEXTS, max_size=2)))
)


@given(
    lines=st.lists(PAIRS, max_size=5),
    colon=st.sampled_from([":", ": ", " : ", "\t:", "  :", " \t:"]),
    size=st.integers(1, 40),
)
def test_whatever_is_written_a_key_that_stands_twice_is_found(
    lines: list[list[tuple[str, object]]], colon: str, size: int
) -> None:
    text = "".join(
        "{" + ",".join(f"{json.dumps(key)}{colon}{json.dumps(value)}" for key, value in pairs) + "}\n"
        for pairs in lines
    ).encode()
    watcher = SingleKeys()
    for start in range(0, len(text), size):
        watcher.see(text[start : start + size])
    fault = watcher.fault()
    bad = [at for at, pairs in enumerate(lines, start=1) if len(dict(pairs)) < len(pairs)]
    assert (fault is None) == (not bad)
    assert fault is None or fault.startswith(f"{bad[0]} has the key ")
