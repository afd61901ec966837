"""The checks as a pointblank validation plan."""

import json
import sys

import pointblank as pb
import polars as pl

table, checks = sys.argv[1], json.load(open(sys.argv[2]))
plan = pb.Validate(pl.read_parquet(table))
for check in checks:
    column, value = check.get("column"), check.get("value")
    match check["kind"]:
        case "not_null":
            plan = plan.col_vals_not_null(columns=column)
        case "unique":
            plan = plan.rows_distinct(columns_subset=[column])
        case "min":
            plan = plan.col_vals_ge(columns=column, value=value, na_pass=True)
        case "max":
            plan = plan.col_vals_le(columns=column, value=value, na_pass=True)
        case "allowed":
            plan = plan.col_vals_in_set(columns=column, set=value)
        case "pattern":
            plan = plan.col_vals_regex(columns=column, pattern=f"^{value}$")
        case "rows":
            plan = plan.col_count_match(count=13)
done = plan.interrogate(collect_extracts=False, collect_tbl_checked=False)
assert done.all_passed()
assert len(done.validation_info) == 31, len(done.validation_info)
