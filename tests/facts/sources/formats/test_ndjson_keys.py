"""A key that stands twice in one object of a NDJSON file has two values, and nobody knows which counts."""

from __future__ import annotations

import json
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


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("place", [0, 1, 7, 39, 40])
@pytest.mark.parametrize(
    "line", [TWICE, TWICE + '{"b": "1"}\n' * 5, '{"b": 1, "a": {"c": 1}, "c": 2, "b": 3}\n']
)
def test_a_single_line_anywhere_in_a_large_file_is_found(
    tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch, line: str, place: int
) -> None:
    monkeypatch.setattr(passes, "SMALL", 8)
    lines = [LONG] * 40
    (tmp_path / "t.ndjson").write_text("".join([*lines[:place], line, *lines[place:]]), encoding="utf-8")
    state = settle(LINES, path="t.ndjson")[0]
    assert state.status == "error"
    assert state.reason.startswith(f"t.ndjson:{place + 1} has the key ")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('{"b":"4","a":"3"}', None),  # in another order
        ('{"b":"4","a":"3","b":"4"}', "b"),
        ('{"a":"3"}', None),
        ('{"a":"3","a":"3"}', "a"),
        ('{"a":{"b":"1"},"b":"4"}', None),
        ('{"a":{"b":"1"},"a":"4"}', "a"),
        ('{"a":"\\"b\\":","b":"4"}', None),
        ('{"a":"\\"b\\":","a":"4"}', "a"),
        ('{"a":"b:","b":null,"c":7}', None),
        ('{"a":"b:","c":null,"c":7}', "c"),
        ('{"a" : "3", "b" : true}\r', None),
        ('{"a":"1", "b": true, "a": "1"}\r', "a"),
        ('{"\u00e4 (b)":"[{","a":"}","b":-1.5e9}', None),
        ('{"\u00e4 (b)":"[{","a":"}","\\u00e4 (b)":1}', "\u00e4 (b)"),
    ],
)
def test_objects_of_another_layout_are_read(line: str, key: str | None) -> None:
    """Those of one layout are told by their text, which a line of another one changes for those to come."""
    plain = '{"a":"1","b":2}\n' * 50
    watcher = SingleKeys()
    for text in (plain, f"{line}\n" * 3, plain, f"{line}\n", plain):
        watcher.see(text.encode())
    assert watcher.fault() == (None if key is None else f"51 has the key {key!r} more than once")


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
