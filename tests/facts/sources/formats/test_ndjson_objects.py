"""What polars would make of half a character is refused; a whole one, and what only looks so, is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.sources import passes
from phasegate.facts.sources.formats import pieces
from phasegate.facts.sources.formats.ndjson_objects import half_of_a_character
from phasegate.facts.sources.scan import scan_source
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

CONTRACT = Contract.model_validate({"title": "a vote", "columns": {"voter": {"type": "string"}}})
SIGNS = st.sampled_from(
    [r"\ud83d", r"\ude00", r"\uD83D", r"\uDE00", r"\\", "ud83d", r"\n", "a", r"\u00e9", "é"]
)


@settings(max_examples=examples(500), deadline=None)
@given(st.lists(SIGNS, max_size=8).map("".join))
@example(r"\\ud83d\ude00")  # a backslash, "ud83d", and the second half of what only looks like a pair
def test_half_of_a_character_is_what_no_text_can_have(written: str) -> None:
    line = f'{{"voter": "{written}"}}'
    text = json.loads(line)["voter"]
    whole = all(not 0xD800 <= ord(sign) <= 0xDFFF for sign in text)
    at = half_of_a_character(line.encode())
    assert (at is None) == whole
    assert at is None or line.encode()[at : at + 3].lower() == rb"\ud"


@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("long_number", ["", '{"n": 1234567890123456.78}\n'])
def test_its_line_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int, long_number: str
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    monkeypatch.setattr(pieces, "PIECE", 16)
    rows = '{"voter": "\\ud83d\\ude00"}\n' * 3
    (tmp_path / "t.ndjson").write_text(f'{rows}{long_number}{rows}{{"voter": "\\ude00"}}\n', encoding="utf-8")
    line = 8 if long_number else 7
    with pytest.raises(PhasegateError, match=rf"^t\.ndjson:{line} has \\ude00, half of a character"):
        scan_source(CONTRACT, SourceFile(path="t.ndjson"), tmp_path)
