"""Reads tables as programs do that are told nothing; runs in the environment of `make validators`.

``table_readers.py TABLE.csv WORKBOOK.xlsx`` prints a JSON object: of each reader the columns, each with its
type and its cells as JSON has them; a date as text.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import sys
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.date | dt.datetime):
        return None if str(value) == "NaT" else value.isoformat()
    return value.item() if hasattr(value, "item") else value


def by_pandas(frame: Any) -> dict[str, Any]:
    return {name: [str(frame[name].dtype), [plain(each) for each in frame[name]]] for name in frame.columns}


def by_duckdb(path: str) -> dict[str, Any]:
    import duckdb

    found = duckdb.read_csv(path)
    cells = zip(*found.fetchall(), strict=True)
    return {
        name: [str(kind), [plain(each) for each in column]]
        for name, kind, column in zip(found.columns, found.types, cells, strict=True)
    }


def main(table: str, workbook: str) -> None:
    import pandas as pd

    sheets = pd.read_excel(workbook, sheet_name=None)
    read = {
        "pandas": by_pandas(pd.read_csv(table)),
        "duckdb": by_duckdb(table),
        **{f"pandas, sheet {name}": by_pandas(frame) for name, frame in sheets.items()},
    }
    json.dump(read, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
