"""What nobody has read is neither good nor bad: the pack says so, and between which ends it lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from finance_tables import example, facts_of


@pytest.mark.parametrize(
    ("measure", "table", "key", "cells"),
    [
        ("platform_efficiency.cost_within_utilisation_band", "services", "svc-01", {"utilisation": ""}),
        ("cost_measurement.values_agree", "metrics", "cost-01", {"finance_value": ""}),
        ("cost_measurement.values_agree", "metrics", "cost-01", {"platform_value": ""}),
        ("performance_measurement.within_error_band", "performance_measures", "perf-01", {"error": ""}),
    ],
)
def test_a_missing_reading_leaves_both_ends(
    tmp_path: Path, measure: str, table: str, key: str, cells: dict[str, str]
) -> None:
    tables = example()
    first = next(iter(tables[table][0]))
    whole = facts_of(tmp_path, tables, measure).facts[measure, ""]
    rows = [row | cells if row[first] == key else row for row in tables[table]]
    found = facts_of(tmp_path, {**tables, table: rows}, measure).facts[measure, ""]
    assert whole.value is not None
    assert (found.status, found.undetermined) == ("present", 1), found.reason
    assert found.extremes is not None
    low, high = found.extremes
    assert low < whole.value <= high
    assert [each.column for each in found.lacking] == list(cells)
