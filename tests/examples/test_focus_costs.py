"""A FOCUS export is read as it is, and a share above 100 % is no success."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from pathlib import Path

import pytest
from example_runs import generator, place, run

SHARED = Path(os.environ.get("PHASEGATE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SAMPLE = SHARED / "data" / "focus" / "focus_sample.csv"


@pytest.mark.parametrize("day", [dt.date(2025, 11, 20), dt.date(2024, 2, 29)], ids=str)
def test_untagged_credits_are_an_error_and_untagged_cost_a_failure(tmp_path: Path, day: dt.date) -> None:
    generator("focus_costs").generate(place("focus_costs", tmp_path), day)
    found = run(tmp_path, day)
    assert found.facts.sources["costs"].status == "ok"
    assert found.short_of_pass == {
        "project/requirements/owner_coverage[AWS]": "error",
        "project/requirements/owner_coverage[Oracle]": "fail",
    }
    assert "above 100 %" in found.facts.facts["owner_coverage", "AWS"].reason
    assert found.facts.facts["credits", "AWS"].value == -400


def test_same_date_and_seed_give_the_same_bytes(tmp_path: Path, as_of: dt.date) -> None:
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        generator("focus_costs").generate(tmp_path / name, as_of)
        made.append((tmp_path / name / "data" / "focus.csv").read_bytes())
    assert made[0] == made[1]
    assert b",NULL," in made[0]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the FOCUS sample is not here")
def test_the_focus_projects_own_sample(tmp_path: Path) -> None:
    place("focus_costs", tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(SAMPLE, tmp_path / "data" / "focus.csv")
    found = run(tmp_path, dt.date(2024, 10, 5))
    assert found.facts.sources["costs"].rows == 1_000
    aws = found.facts.facts["owner_coverage", "AWS"]
    assert aws.status == "error"
    assert re.match(r"16 of 13 = 123\.07… % is above 100 %", aws.reason)
    oracle = found.facts.facts["owner_coverage", "Oracle"]
    assert (oracle.status, oracle.reason) == ("unknown", "the denominator is zero")


@pytest.mark.skipif(not SAMPLE.exists(), reason="the FOCUS sample is not here")
def test_the_sample_as_the_packs_costs(tmp_path: Path) -> None:
    day = dt.date(2024, 10, 5)
    place("developer_finance", tmp_path)
    generator("developer_finance").generate(tmp_path, day)
    shutil.copy(SAMPLE, tmp_path / "data" / "costs.csv")
    file, totals = tmp_path / "phasegate.yaml", tmp_path / "data" / "control-totals.yaml"
    text = file.read_text(encoding="utf-8")
    own = "costs: {path: data/costs/*.parquet}"
    assert own in text
    file.write_text(
        text.replace(own, 'costs: {path: data/costs.csv, null_values: ["", "NULL"]}'), encoding="utf-8"
    )
    of_costs = re.compile(r"  costs:\n(    .*\n)+")
    totals.write_text(of_costs.sub("", totals.read_text(encoding="utf-8")), encoding="utf-8")
    found = run(tmp_path, day)
    assert found.facts.sources["costs"].status == "ok"
    of_2_2_1 = "2.2.1/protocols/platform_cost.owner_coverage"
    # The pack takes cost without its sign: what is 16 of 13 USD above is 16 of 19 here, 3 of them credits.
    aws = found.facts.facts["platform_cost.owner_coverage", "AWS"]
    assert (aws.numerator, aws.denominator) == (16, 19)
    assert found.short_of_pass[f"{of_2_2_1}[AWS]"] == "fail"
    assert found.short_of_pass[f"{of_2_2_1}[Oracle]"] == "unknown"
    assert found.gates["3"] == ("closed", "closed")
