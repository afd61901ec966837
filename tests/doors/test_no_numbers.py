"""What is no number decides nothing: NaN is greater than any threshold to polars, and to many an engine."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from phasegate import cli

MEASURES = {
    "count": "count: rate >= 0.95",
    "ratio": "ratio: {of: rate >= 0.95}",
    "mean": "mean: rate",
    "median": "median: rate",
    "sql": "sql: 'SELECT SUM(rate) AS numerator, COUNT(*) AS rows FROM t'",
    "other": "count: name IS NOT NULL",
}
CONTRACTS = {
    "inferred": "",
    "float": ", contract: {title: row, columns: {name: {type: string}, rate: {type: float}}}",
    "decimal": ", contract: {title: row, columns: {name: {type: string}, rate: {type: decimal}}}",
}


@pytest.mark.sampled(every=9, whole=True)
@pytest.mark.parametrize("kind", [pl.Float32, pl.Float64])
@pytest.mark.parametrize("rate", [math.nan, math.inf, -math.inf, 3e38])
@pytest.mark.parametrize("contract", CONTRACTS)
def test_it_makes_an_error_of_every_measure(
    contract: str, rate: float, kind: type[pl.DataType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pl.DataFrame({"name": ["a", "b"], "rate": pl.Series([1.0, rate], dtype=kind)})
    table.write_parquet(tmp_path / "t.parquet")
    measures = "".join(f"  {name}: {{title: {name}, from: t, {how}}}\n" for name, how in MEASURES.items())
    required = "".join(f"  {name}: '>= 1{' %' * (name == 'ratio')}'\n" for name in MEASURES)
    (tmp_path / "phasegate.yaml").write_text(
        f"phasegate: 1\nsources: {{t: {{path: t.parquet{CONTRACTS[contract]}}}}}\n"
        f"measures:\n{measures}require:\n{required}"
    )
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli.main, ["check", "--no-ledger"])
    assert result.exit_code == 3, result.output
    assert f"{len(MEASURES)} requirements: {len(MEASURES)} error" in result.output
    assert "t.parquet row 2 has rate" in " ".join(result.output.split())
