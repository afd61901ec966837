"""Files of one source may grow: what is read must be in each, what nobody reads may come and go."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.sources import passes
from phasegate.rules.model.contract import Column, Contract

Settle = Callable[..., Any]
FORMATS = ["csv", "ndjson", "parquet"]
BILLS = Contract(
    title="a bill",
    columns={
        "inv": Column(type="string"),
        "amount": Column(type="decimal", scale=2),
        "note": Column(type="string", nullable=True, optional=True),
        "paid": Column(type="date", nullable=True, optional=True),
    },
)


def put(folder: Path, ending: str, files: dict[str, list[dict[str, Any]]]) -> None:
    """Writes files, each with the keys of its first row in their order."""
    for name, rows in files.items():
        frame = pl.DataFrame(rows)
        buffer = io.BytesIO()
        {"csv": frame.write_csv, "ndjson": frame.write_ndjson, "parquet": frame.write_parquet}[ending](buffer)
        (folder / f"{name}.{ending}").write_bytes(buffer.getvalue())


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize("small", [0, passes.SMALL])
@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("order", ["abcd", "dcba", "bdac"])
def test_a_column_more_is_ignored_and_an_optional_one_less_is_null(
    tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch, ending: str, order: str, small: int
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    rows = {
        "a": [{"inv": "A", "amount": "1.00"}],
        "b": [
            {"note": "b", "amount": "2.00", "inv": "B", "extra": 1},
            {"note": None, "amount": "0", "inv": "b"},
        ],
        "c": [{"extra": "text", "amount": "3.00", "paid": "2026-01-31", "inv": "C"}],
        "d": [{"inv": "D", "amount": "4.00", "paid": "2026-02-01", "note": "d", "more": True}],
    }
    put(tmp_path, ending, {f"{place}": rows[name] for place, name in enumerate(order)})
    state, found = settle(BILLS, path=f"*.{ending}")
    assert (state.status, state.reason) == ("ok", "")
    wanted = [
        (row["inv"], f"{float(row['amount']):.2f}", row.get("note"), row.get("paid"))
        for name in order
        for row in rows[name]
    ]
    assert [(a, str(b), c, d and d.isoformat()) for a, b, c, d in found.rows()] == wanted


@pytest.mark.parametrize("ending", FORMATS)
def test_a_column_less_is_missed_in_its_file(tmp_path: Path, settle: Settle, ending: str) -> None:
    put(tmp_path, ending, {"a": [{"inv": "A", "amount": "1"}], "b": [{"inv": "B", "amout": "1"}]})
    state, _ = settle(BILLS, path=f"*.{ending}")
    assert state.reason.startswith(
        f"b.{ending} has no column 'amount', a.{ending} has one; did you mean 'amout'?"
    )
    assert "optional: true" in state.reason
    (tmp_path / f"a.{ending}").unlink()
    state, _ = settle(BILLS, path=f"*.{ending}")
    assert state.reason == f"b.{ending} has no column 'amount'; did you mean 'amout'?"


def test_a_type_that_nobody_reads_may_change_another_may_not(tmp_path: Path, settle: Settle) -> None:
    for name, kind in (("a", pl.Int64), ("b", pl.String)):
        frame = pl.DataFrame({"inv": [name], "amount": ["1"], "extra": ["1"]})
        frame.with_columns(pl.col("extra").cast(kind)).write_parquet(tmp_path / f"{name}.parquet")
    assert settle(BILLS, path="*.parquet")[0].status == "ok"
    frame.with_columns(amount=pl.lit(1)).write_parquet(tmp_path / "c.parquet")
    state, _ = settle(BILLS, path="*.parquet")
    assert "c.parquet has 'amount' as Int32, a.parquet as String" in state.reason
    frame.with_columns(note=pl.lit("n")).write_parquet(tmp_path / "c.parquet")
    frame.with_columns(note=pl.lit(1)).write_parquet(tmp_path / "d.parquet")
    state, _ = settle(BILLS, path="*.parquet")
    assert "d.parquet has 'note' as Int32, c.parquet as String" in state.reason


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_without_a_contract_all_files_have_the_same_columns(
    tmp_path: Path, settle: Settle, ending: str
) -> None:
    put(tmp_path, ending, {"a": [{"inv": "A"}], "b": [{"inv": "B", "more": "1"}]})
    state, _ = settle(None, path=f"*.{ending}")
    assert state.reason.startswith(f"a.{ending} has no column 'more', b.{ending} has one; name the columns")


def test_files_of_one_source_have_one_format(tmp_path: Path, settle: Settle) -> None:
    put(tmp_path, "csv", {"a": [{"inv": "A", "amount": "1"}]})
    put(tmp_path, "parquet", {"b": [{"inv": "A", "amount": "1"}]})
    state, _ = settle(BILLS, path="*")
    assert state.reason.startswith("b.parquet is parquet, a.csv is csv")


def test_files_by_commas_and_by_tabs_are_one_table(tmp_path: Path, settle: Settle) -> None:
    (tmp_path / "a.csv").write_text('inv,amount\n"A, a",1\n')
    (tmp_path / "b.TSV").write_text('inv\tamount\nB, b\t2\n"C\tc"\t3\n')
    (tmp_path / "c.csv").write_text("inv,amount\nD,4\n")
    state, rows = settle(BILLS, path="*")
    assert (state.status, rows["inv"].to_list()) == ("ok", ["A, a", "B, b", "C\tc", "D"])


def test_keys_that_come_late_are_columns_without_a_contract(tmp_path: Path, settle: Settle) -> None:
    (tmp_path / "a.ndjson").write_text('{"inv": "A"}\n' * 9 + '{"inv": "B", "amount": 1.5}\n')
    (tmp_path / "b.ndjson").write_text('{"paid": "2026-01-31", "nested": {"a": 1}}\n')
    state, rows = settle(None, path="*.ndjson")
    assert state.status == "ok", state.reason
    assert rows.columns == ["inv", "amount", "paid", "nested"]
    assert rows["amount"].drop_nulls().to_list() == [rows["amount"][9]]
    assert rows.schema["paid"] == pl.Date


def test_a_key_that_comes_late_is_no_missing_column(tmp_path: Path, settle: Settle) -> None:
    columns = {"inv": Column(type="string"), "amount": Column(type="integer", nullable=True)}
    contract = Contract(title="a bill", columns=columns)
    (tmp_path / "a.ndjson").write_text('{"inv": "A"}\n{"inv": "B", "amount": 1}\n')
    state, rows = settle(contract, path="*.ndjson")
    assert (state.status, rows["amount"].to_list()) == ("ok", [None, 1])
    (tmp_path / "b.ndjson").write_text('{"inv": "A"}\n{"inv": "B", "other": {"amount": 1}}\n')
    state, _ = settle(contract, path="*.ndjson")
    assert state.reason.startswith("b.ndjson has no column 'amount'")
