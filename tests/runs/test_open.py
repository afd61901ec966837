"""Sources that are opened ahead, while the pack is still being looked over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from phasegate.facts.model.progress import Come, Later
from phasegate.facts.sources import passes
from phasegate.records.build import to_json
from phasegate.records.schema import Record
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.runs.evaluate import evaluate
from phasegate.runs.open import Prefetch
from phasegate.runs.preflight import ready_project

DAY = dt.date(2026, 3, 10)
PROJECT = """\
phasegate: 1
sources:
  costs:
    path: costs.parquet
    contract:
      title: one cost
      key: [id]
      columns:
        id: {{type: integer}}
        amount: {{type: integer, min: 0}}
measures:
  costs.positive: {{title: Costs above 0, from: costs, ratio: {{of: {condition}}}}}
require: {{costs.positive: ">= 50 %"}}
"""


class Heard(list[str]):
    """What a listener heard."""

    def started(self, name: str) -> None:
        self.append(f"started {name}")

    def came(self, so_far: Come) -> None:
        """How far it has come is tried by itself."""

    def finished(self, name: str) -> None:
        self.append(f"finished {name}")


def project(folder: Path, condition: str = "amount > 0", amounts: tuple[int, ...] = (1, 2, 0)) -> Path:
    rows = {"id": pl.Series(range(len(amounts)), dtype=pl.Int64), "amount": amounts}
    pl.DataFrame(rows).write_parquet(folder / "costs.parquet")
    (folder / "phasegate.yaml").write_text(PROJECT.format(condition=condition))
    return folder


def told(record: Record) -> str:
    """A record, but for the digest of rows in any order, which is of what is held alone."""
    for source in record["sources"]:
        source.pop("content", None)
    return to_json(record)


@pytest.mark.parametrize("small", [-1, passes.SMALL])
@pytest.mark.parametrize("amounts", [(1, 2, 0), (1, -2, 0), ()])
def test_the_record_is_the_same(
    amounts: tuple[int, ...], small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path, amounts=amounts)
    expected = told(evaluate(ready_project(folder), DAY))
    monkeypatch.setattr(passes, "SMALL", small)
    prefetch = Prefetch(DAY)
    loaded = ready_project(folder, prefetch.begin)
    assert told(evaluate(loaded, DAY, prefetch=prefetch)) == expected


def test_a_damaged_file_is_the_same_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path, amounts=tuple(range(5000)))
    file = folder / "costs.parquet"
    content = bytearray(file.read_bytes())
    content[100:400] = bytes(300)
    file.write_bytes(content)
    expected = told(evaluate(ready_project(folder), DAY))
    monkeypatch.setattr(passes, "SMALL", -1)
    prefetch = Prefetch(DAY)
    loaded = ready_project(folder, prefetch.begin)
    assert told(evaluate(loaded, DAY, prefetch=prefetch)) == expected
    assert '"status": "error"' in expected


def test_nothing_is_decided_under_a_pack_with_a_fault(tmp_path: Path) -> None:
    prefetch, heard = Prefetch(DAY), Heard()
    with pytest.raises(PackError, match="amuont"):
        ready_project(project(tmp_path, "amuont > 0"), prefetch.begin)
    assert heard == []


def test_what_fails_ahead_fails_again_where_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path)
    calls = []

    def fail(*args: object, **_: object) -> None:
        calls.append(args)
        raise RuntimeError("no such thing")

    monkeypatch.setattr("phasegate.runs.open.open_run", fail)
    monkeypatch.setattr("phasegate.runs.evaluate.open_run", fail)
    prefetch = Prefetch(DAY)
    loaded = ready_project(folder, prefetch.begin)
    with pytest.raises(RuntimeError, match="no such thing"):
        evaluate(loaded, DAY, prefetch=prefetch)
    assert len(calls) == 2


def test_whoever_listens_later_hears_everything(tmp_path: Path) -> None:
    heard, prefetch = Heard(), Prefetch(DAY)
    loaded = ready_project(project(tmp_path), prefetch.begin)
    evaluate(loaded, DAY, progress=heard, prefetch=prefetch)
    assert heard == ["started costs", "finished costs"]


def test_later_passes_on_what_comes_after() -> None:
    later, heard = Later(), Heard()
    later.started("a")
    later.tell(heard)
    later.started("b")
    later.finished("a")
    assert heard == ["started a", "started b", "finished a"]
