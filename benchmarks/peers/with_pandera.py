"""The checks as a pandera schema on a lazy polars frame."""

import json
import sys

import pandera.polars as pa
import polars as pl

table, checks = sys.argv[1], json.load(open(sys.argv[2]))
TYPES = {"id": pl.Int64, "quantity": pl.Int64, "created_on": pl.Date}
FLOATS = {"price", "discount", "tax", "weight"}

columns = {}
made = 0
for name in dict.fromkeys(check["column"] for check in checks if "column" in check):
    own = [check for check in checks if check.get("column") == name]
    rules = []
    for check in own:
        made += 1
        match check["kind"]:
            case "min":
                rules.append(pa.Check.ge(check["value"]))
            case "max":
                rules.append(pa.Check.le(check["value"]))
            case "allowed":
                rules.append(pa.Check.isin(check["value"]))
            case "pattern":
                rules.append(pa.Check.str_matches(f"^{check['value']}$"))
    columns[name] = pa.Column(
        TYPES.get(name, pl.Float64 if name in FLOATS else pl.String),
        rules,
        nullable=not any(check["kind"] == "not_null" for check in own),
        unique=any(check["kind"] == "unique" for check in own),
    )
schema = pa.DataFrameSchema(columns, checks=[pa.Check(lambda data: data.lazyframe.select(pl.len() >= 1))])
made += 1
frame = pl.read_parquet(table)  # on a lazy frame only the types would be checked
schema.validate(frame, lazy=True)
assert made == 31, made
