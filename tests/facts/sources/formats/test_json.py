"""JSON files: their records and columns by path, exact numbers, and what is refused with its place."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.facts.sources import passes
from phasegate.facts.sources.formats.staged_tables import json_records
from phasegate.facts.sources.formats.staged_tables.table import plain_number
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import OpenSource, numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)


def opened(folder: Path, text: str | bytes, said: dict[str, Any], **columns: str) -> OpenSource:
    (folder / "t.json").write_bytes(text.encode() if isinstance(text, str) else text)
    contract = Contract.model_validate(
        {
            "title": "One",
            "columns": {
                name: {"type": type_, "nullable": True, **({"scale": 4} if type_ == "decimal" else {})}
                for name, type_ in columns.items()
            },
        }
    )
    return open_source("t", contract, SourceFile.model_validate({"path": "t.json", **said}), folder, AS_OF)


def rows(source: OpenSource) -> list[tuple[Any, ...]]:
    assert source.frame is not None, source.settle({}).reason
    *checks, found = pl.collect_all([*source.checks, source.frame.select(*source.kinds)])
    state = source.settle(numbers(checks))
    assert state.status == "ok", state.reason
    return found.rows()


READ: dict[str, tuple[str, dict[str, Any], dict[str, str], list[tuple[Any, ...]]]] = {
    "a list": ('[{"a": "x"}, {"a": null}, {}]', {}, {"a": "string"}, [("x",), (None,), (None,)]),
    "a list within": ('{"d": {"r": [{"a": "x"}]}}', {"records": "d.r"}, {"a": "string"}, [("x",)]),
    "a value within": (
        '[{"f": {"s": {"n": "x"}}}, {"f": {"s": null}}, {"f": {}}, {}]',
        {"columns": {"a": "f.s.n"}},
        {"a": "string"},
        [("x",), (None,), (None,), (None,)],
    ),
    "a path before a key": (
        '[{"a": "no", "f": {"a": "x"}}]',
        {"columns": {"a": "f.a"}},
        {"a": "string"},
        [("x",)],
    ),
    "what numbers are as texts": (
        '[{"a": 1.50}, {"a": 1e3}, {"a": -0}, {"a": 100.0}, {"a": 1234567890123456.78}, {"a": 1E-2}]',
        {},
        {"a": "string"},
        [("1.5",), ("1000",), ("0",), ("100",), ("1234567890123456.78",), ("0.01",)],
    ),
    "numbers beyond all": (
        '[{"a": 123456789012345678901234567890}, {"a": 1E99999999999999999999}, {"a": 1e400}]',
        {},
        {"a": "string"},
        [("123456789012345678901234567890",), ("1E99999999999999999999",), ("1e400",)],
    ),
    "what is nested": (
        '[{"a": {"x": 1.50, "y": [1, "z\\"é", null, true], "z": {}, "w": []}}, {"a": true}]',
        {},
        {"a": "string"},
        [('{"x": 1.5, "y": [1, "z\\"é", null, true], "z": {}, "w": []}',), ("true",)],
    ),
    "no records": ("[]", {}, {"a": "string"}, []),
    "a byte order mark": ('\ufeff[{"a": "x"}]', {}, {"a": "string"}, [("x",)]),
    "words for nothing": (
        '[{"a": ""}, {"a": "-"}]',
        {"null_values": ["", "-"]},
        {"a": "string"},
        [(None,), (None,)],
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("case", READ)
def test_records_are_rows(case: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    text, said, columns, expected = READ[case]
    assert rows(opened(tmp_path, text, said, **columns)) == expected


DEEP = "[" * 600 + "]" * 600
REFUSED: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "a key twice": (
        '[\n{"a": "x"},\n{"b": {"a": 1, "a": 2}}]',
        {},
        "t.json:3 begins an object with the key 'a' more",
    ),
    "no JSON": ('[{"a": x}]', {}, "t.json:1:8 is no JSON: expecting value"),
    "cut off": ('[{"a": "x"},\n{"a"', {}, "t.json:2:5 is no JSON: expecting ':' delimiter; is it cut off?"),
    "lines": ('{"a": 1}\n{"a": 2}\n', {}, "t.json:2:1 is no JSON: extra data; is each line an object"),
    "NaN": ('[{"a": NaN}]', {}, "t.json is no JSON: NaN is no number"),
    "other bytes": (b'[{"a": "\xe9"}]', {}, "t.json:1 is not UTF-8 at byte 8"),
    "half a character": ('[{"a": "x"}, {"a": "\\ud83d"}]', {}, "t.json: $[1] has half of a character in 'a'"),
    "depth": (
        f'[{{"a": {DEEP}}}]',
        {},
        "t.json is no JSON that can be read: it is nested more than 500 deep",
    ),
    "more depth": ("[" * 100_000, {}, "t.json is no JSON that can be read: it is nested more than 500 deep"),
    "no list": ('{"a": "x"}', {}, "t.json: $ is an object and no list of records"),
    "an untold list": (
        '{"a": {"b": [{"a": 1}]}}',
        {},
        "t.json is no list of records; say which it is, as in records: a.b",
    ),
    "another list": (
        '{"rows": [{"a": 1}]}',
        {"records": "row"},
        "t.json: $ has no 'row', which records names; did you mean 'rows'?",
    ),
    "a text for a list": (
        '{"rows": "x"}',
        {"records": "rows"},
        "t.json: $.rows is a text and no list of records",
    ),
    "no object": ('[{"a": 1}, [1]]', {}, "t.json: $[1] is a list and no object"),
    "no column": ('[{"b": 1}]', {}, "t.json has no column 'a'"),
    "a column further within": ('[{"b": {"c": {"a": 1}}}]', {}, "it may stand deeper: columns: {a: b.c.a}"),
    "a path of nobody": (
        '[{"b": {"c": 1}}]',
        {"columns": {"a": "b.d"}},
        "no record has 'b.d', where columns says that it stands; did you mean 'b.c'?",
    ),
    "a path through a text": (
        '[{"b": null}, {"b": "x"}]',
        {"columns": {"a": "b.c"}},
        "t.json: $[1].b is a text, and columns says that 'a' is in it",
    ),
    "other names": (
        '[{"a": 1}]',
        {"columns": ["a"]},
        "'columns' of a JSON file says where each column stands",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_list_of_records_is_told_with_its_place(case: str, tmp_path: Path) -> None:
    text, said, told = REFUSED[case]
    state = opened(tmp_path, text, said, a="string").settle({})
    assert (state.status, told in state.reason) == ("error", True), state.reason


def test_a_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "BYTES_AT_MOST", 9)
    state = opened(tmp_path, '[{"a": 12}]', {}, a="string").settle({})
    assert "t.json has 11 bytes; of JSON no more than 9 are read; write NDJSON" in state.reason


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None))
def test_a_number_keeps_its_value(value: Any) -> None:
    assert type(value)(plain_number(str(value))) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_nested_is_the_json_that_says_it(value: Any) -> None:
    read = json.loads(json.dumps(value), parse_int=json_records.Number)
    found = json_records.text_of(read)
    if isinstance(value, str) or value is None:
        assert found == value
    else:
        assert found is not None
        assert json.loads(found) == value
