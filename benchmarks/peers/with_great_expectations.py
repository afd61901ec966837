"""The checks as a Great Expectations suite on a pandas frame."""

import json
import sys

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

table, checks = sys.argv[1], json.load(open(sys.argv[2]))
context = gx.get_context(mode="ephemeral")
suite = gx.ExpectationSuite(name="plain")
for check in checks:
    column, value = check.get("column"), check.get("value")
    match check["kind"]:
        case "not_null":
            suite.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column=column))
        case "unique":
            suite.add_expectation(gxe.ExpectColumnValuesToBeUnique(column=column))
        case "min":
            suite.add_expectation(gxe.ExpectColumnValuesToBeBetween(column=column, min_value=value))
        case "max":
            suite.add_expectation(gxe.ExpectColumnValuesToBeBetween(column=column, max_value=value))
        case "allowed":
            suite.add_expectation(gxe.ExpectColumnValuesToBeInSet(column=column, value_set=value))
        case "pattern":
            suite.add_expectation(gxe.ExpectColumnValuesToMatchRegex(column=column, regex=f"^{value}$"))
        case "rows":
            suite.add_expectation(gxe.ExpectTableRowCountToBeBetween(min_value=value))
source = context.data_sources.add_pandas("orders")
batch = source.add_dataframe_asset("orders").add_batch_definition_whole_dataframe("all")
result = batch.get_batch({"dataframe": pd.read_parquet(table)}).validate(suite)
assert result.success
assert len(result.results) == 31, len(result.results)
