"""Tables that deltalake writes, whatever is done with them, are read as they were at each version."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from delta_tables import read
from deltalake import DeltaTable, write_deltalake
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.rules.model.contract import Contract

SCHEMA = {
    "id": pl.Int64,
    "team": pl.String,
    "of": pl.Date,
    "cost": pl.Decimal(12, 2),
    "seen": pl.Datetime("us", "UTC"),
    "told": pl.Datetime("us"),
    "done": pl.Boolean,
}
CONTRACT = Contract.model_validate(
    {
        "title": "t",
        "columns": {
            "id": {"type": "integer"},
            "team": {"type": "string", "nullable": True},
            "of": {"type": "date", "nullable": True},
            "cost": {"type": "decimal", "scale": 2, "nullable": True},
            "seen": {"type": "datetime", "nullable": True},
            "told": {"type": "datetime", "nullable": True},
            "done": {"type": "boolean", "nullable": True},
        },
    }
)
MOMENTS = st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2199, 1, 1))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(-5, 5),
            "team": st.none() | st.sampled_from(["a", "a b", "ä/%2F", "=", "x'\"y", "..", "\U0001f600"]),
            "of": st.none() | st.dates(dt.date(1901, 1, 1), dt.date(2199, 1, 1)),
            "cost": st.none() | st.decimals(-(10**9), 10**9, places=2),
            "seen": st.none() | MOMENTS.map(lambda moment: moment.replace(tzinfo=dt.UTC)),
            "told": st.none() | MOMENTS,
            "done": st.none() | st.booleans(),
        }
    ),
    max_size=6,
)
STEPS = st.lists(
    st.tuples(st.just("append") | st.just("overwrite"), ROWS)
    | st.tuples(st.just("delete"), st.integers(-5, 5))
    | st.tuples(st.just("checkpoint") | st.just("compact") | st.just("vacuum"), st.none()),
    max_size=5,
)


def plain(row: dict[str, Any]) -> tuple[Any, ...]:
    """A row as a source has it: moments in UTC and without a zone."""
    seen = {**row, "seen": row["seen"] and row["seen"].replace(tzinfo=None)}
    return tuple(seen[name] for name in SCHEMA)


# Writing takes its time; to look for the least table that fails would take minutes.
@settings(max_examples=examples(40), phases=[Phase.explicit, Phase.generate])
@given(
    first=ROWS,
    steps=STEPS,
    partitions=st.sampled_from([None, ["team"], ["of"], ["id", "done"], ["team", "of"]]),
)
def test_each_version_is_what_was_written(
    first: list[dict[str, Any]],
    steps: list[tuple[str, Any]],
    partitions: list[str] | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("delta")
    place = folder / "t"
    write_deltalake(place, pl.DataFrame(first, schema=SCHEMA), partition_by=partitions)
    rows, states = list(first), [list(first)]
    for step, what in steps:
        table = DeltaTable(place)
        match step:
            case "append" | "overwrite":
                write_deltalake(place, pl.DataFrame(what, schema=SCHEMA), mode=step)
                rows = what if step == "overwrite" else rows + what
            case "delete":
                table.delete(f"id = {what}")
                rows = [row for row in rows if row["id"] != what]
            case "checkpoint":
                table.create_checkpoint()
            case "compact":
                table.optimize.compact()
            case "vacuum":
                table.vacuum(dry_run=True)
        states += [rows] * (DeltaTable(place).version() + 1 - len(states))
    for version, due in enumerate(states):
        state, found = read(folder, contract=CONTRACT, version=version)
        assert (state.status, state.reason) == ("ok", "")
        assert sorted(found, key=repr) == sorted(map(plain, due), key=repr)
    assert read(folder, contract=CONTRACT)[0].digest == state.digest


def test_columns_that_came_later_are_null_in_older_rows(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", pl.DataFrame({"id": [1]}))
    more = pl.DataFrame({"id": [2], "cost": [Decimal("1.50")]})
    write_deltalake(tmp_path / "t", more, mode="append", schema_mode="merge")
    assert sorted(read(tmp_path)[1]) == [(1, None), (2, Decimal("1.50"))]
