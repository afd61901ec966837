"""A check of a Dagster asset: nothing is made of `invoices` unless the programme may advance with them."""

import dagster as dg

import phasegate as pg


@dg.asset_check(asset="invoices", blocking=True)
def programme_is_open(invoices) -> dg.AssetCheckResult:
    project = pg.Project.load("compliance")
    result = project.check(["programme"], tables={"invoices": invoices}, keep=True)  # or ["phase:2"]
    report = dg.MetadataValue.md(result.report("markdown"))
    return dg.AssetCheckResult(passed=result.exit_code == 0, metadata={"run": result.run, "report": report})
