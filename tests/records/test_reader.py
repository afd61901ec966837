"""A file that is no record is refused with one sentence."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phasegate.records.reader import RecordError, load_record, parse_record

RECORD = Path(__file__).parents[1] / "reports" / "records" / "programme.json"
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return loaded


def test_a_record_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    assert load_record(RECORD) == document


def numbered(alternative: str) -> Change:
    return lambda record: record["requirements"][0].update(alternative=alternative)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "line 1 is not JSON"),
        (b"{\n'a': 1}", "line 2 is not JSON"),
        (b"\xff{}", "it is not UTF-8 text"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"[]", "its schema is None"),
        (b'{"schema": "phasegate/record/99"}', "its schema is 'phasegate/record/99'"),
        (b'{"schema": "' + b"x" * 70 + b'"}', f"its schema is '{'x' * 60}', not"),
        (b'{"schema": "phasegate/record/1"}', "it has no 'kind'"),
        (b'{"schema": NaN}', "NaN is not a number"),
        (b'{"schema": "a", "schema": "b"}', "the key 'schema' stands twice in it"),
    ],
)
def test_what_is_no_record(data: bytes, why: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse_record(data, "x.json")
    assert why in caught.value.message


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda record: record.update(kind="guess"), "kind is not one of check, gate"),
        (lambda record: record.update(outcome=None), "outcome is not a text"),
        (lambda record: record.update(facts={}), "facts is not a list"),
        (lambda record: record["facts"][2].pop("shown"), "facts[2] has no 'shown'"),
        (lambda record: record["facts"].append("x"), "is not an object"),
        (lambda record: record["score"].update(apply=True), "score.apply is not a whole number"),
        (lambda record: record["cycle"].update(id=3), "cycle[id] is not a text"),
        (lambda record: record["gates"][0]["points"].append(1), "gates[0].points"),
        (lambda record: record["gates"][0]["points"].append("x"), "gates[0].points names 'x'"),
        (lambda record: record["requirements"][1].update(fact="x"), "requirements[1].fact names 'x'"),
        (lambda record: record["criteria"].pop(0), "and nothing is called so"),
        (lambda record: record["points"].append(record["points"][0]), "two of its points have one id"),
        (numbered(".1"), "requirements[0].alternative is '.1', which numbers none"),
        (numbered("0"), "which numbers none"),
        (numbered("1."), "which numbers none"),
        (numbered("1" + ".1" * 64), "which numbers none"),
    ],
)
def test_a_part_that_is_missing_or_of_another_type(
    change: Change, why: str, document: dict[str, Any]
) -> None:
    changed = copy.deepcopy(document)
    change(changed)
    with pytest.raises(RecordError) as caught:
        parse_record(json.dumps(changed).encode(), "x.json")
    assert why in caught.value.message


@pytest.mark.parametrize("path", ["none.json", "."])
def test_a_file_that_can_not_be_read(path: str, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="it can not be read"):
        load_record(tmp_path / path)


@pytest.mark.parametrize(
    ("unknown", "why"),
    [
        ({"rows": 2, "points": 1, "sample": ["9.9"]}, None),
        ({"rows": 2, "points": 1}, "sources[0].unknown_points has no 'sample'"),
        ({"rows": "2", "points": 1, "sample": []}, "sources[0].unknown_points.rows is not a whole number"),
    ],
)
def test_a_part_that_may_be_missing_is_held_to_its_form(
    document: dict[str, Any], unknown: object, why: str | None
) -> None:
    changed = copy.deepcopy(document)
    changed["sources"][0]["unknown_points"] = unknown
    data = json.dumps(changed).encode()
    if why is None:
        assert parse_record(data, "x.json") == changed
        return
    with pytest.raises(RecordError) as caught:
        parse_record(data, "x.json")
    assert why in caught.value.message
