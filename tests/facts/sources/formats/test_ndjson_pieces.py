"""Large NDJSON is read in pieces, and gives what it would give at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from phasegate.facts.sources import passes
from phasegate.facts.sources.formats import ndjson
from phasegate.facts.sources.scan import READ_ERRORS, scan_source
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

CONTRACT = Contract.model_validate(
    {
        "title": "Costs",
        "columns": {"team": {"type": "string"}, "amount": {"type": "string"}, "late": {"type": "string"}},
    }
)
ROWS = (
    '{"team": "Zoë", "amount": 1.50, "late": "x"}',
    "",
    '{"amount": 12345678901234567.25, "team": "a name longer than any of the pieces that are read"}',
    '{"late": null, "team": "\\u00e9\\n", "other": [1, {"team": "inner"}], "amount": -0}',
    "  \r",
    '{"team": "", "amount": true, "late": 3}',
)
FILES = {
    "ended": "\n".join(ROWS) + "\n",
    "not ended": "\n".join(ROWS),
    "blank above and below": "\n\n" + "\n".join(ROWS) + "\n\n\n",
    "carriage returns": "\r\n".join(ROWS) + "\r\n",
    "broken in the middle": "\n".join((*ROWS[:3], '{"team": ', *ROWS[3:])),
    "broken at the end": "\n".join((*ROWS, '{"team": "b"')),
}


def read(root: Path, path: str, engine: str) -> list[object]:
    scanned = scan_source(CONTRACT, SourceFile(path=path), root)
    numbered = scanned.raw.with_row_index("row")
    asked = [
        numbered,
        scanned.raw.select(pl.len()),
        scanned.raw.filter(pl.col("late").is_null()).select("team"),
        scanned.raw.head(2),
        scanned.raw.filter(pl.col("team") != "").head(1),
    ]
    try:
        found = pl.collect_all(asked, engine=engine)  # type: ignore[call-overload]
    except READ_ERRORS as error:
        return [scanned.explain(error).sentence]
    return [frame.to_dict(as_series=False) for frame in found]


@pytest.mark.sampled(every=12)
@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
@pytest.mark.parametrize("size", [1, 7, 64, 1 << 23])
@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_gives_the_same_in_pieces_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, size: int, engine: str
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.ndjson").write_text(content, encoding="utf-8", newline="")
    for path in ("a.ndjson", "?.ndjson"):
        whole = read(tmp_path, path, engine)
        with monkeypatch.context() as patched:
            patched.setattr(passes, "SMALL", -1)
            patched.setattr(ndjson, "_AT_A_TIME", size)
            assert read(tmp_path, path, engine) == whole
