"""The cases of a project are decided as the project decides, those of a pack by the pack alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from case_folder import PACK
from click.testing import Result

Run = Callable[..., Result]
PROJECT = """\
phasegate: 1
pack: rules
time_zone: Europe/Berlin
sources: {deliveries: {path: deliveries.csv}}
parameters: {tolerance: 4 days}
harden: {1.2/audited: hard, 1.1/told: soft}
"""
LATE = """\
as_of: 2026-03-31
cases:
  - name: five days late
    given: {deliveries: [{ordered: 1, delivered: 1, days: 5}]}
    expect: {requirements: {1.2/complete/deliveries.late: pass}}
  - name: nobody told them
    given:
      letters: [{sent: false}]
      customers: [{}]
      invoices: [{repeat: 2, row: {status: paid}}]
      ledger: [{signed: true}]
    expect: {points: {"1.1": pass}}
  - name: waived
    given: {invoices: [{repeat: 2, row: {point: "1.2"}}]}
    waivers: [{requirement: 1.2/audited/invoices.paid, covers: [fail], floor: 0 %}]
    expect: {requirements: {1.2/audited/invoices.paid: fail}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that sets a parameter and hardens criteria, with cases of its own, and such of its pack."""
    copytree(PACK, tmp_path / "rules")
    (tmp_path / "phasegate.yaml").write_text(PROJECT)
    for folder in (tmp_path, tmp_path / "rules"):
        (folder / "tests").mkdir()
        (folder / "tests/late.yaml").write_text(LATE)
    return tmp_path


def found(run: Run, target: Path) -> dict[str, list[str]]:
    told = json.loads(run("test", target, "--format", "json").stdout)
    return {
        each["name"]: [one["found"] for one in each["expectations"] if not one["holds"]]
        for each in told["cases"]
    }


def test_a_case_is_decided_by_the_rules_that_it_stands_beside(run: Run, project: Path) -> None:
    alone = {"five days late": [], "nobody told them": [], "waived": ["waived"]}
    assert found(run, project / "rules") == alone
    assert found(run, project) == {"five days late": ["fail"], "nobody told them": ["fail"], "waived": []}


def test_a_project_without_cases_has_those_of_its_pack(run: Run, project: Path) -> None:
    (project / "tests/late.yaml").unlink()
    (project / "tests").rmdir()
    assert found(run, project) == {"five days late": ["fail"], "nobody told them": ["fail"], "waived": []}


def test_a_project_of_a_built_in_pack_is_told_whose_cases_there_are(run: Run, tmp_path: Path) -> None:
    (tmp_path / "phasegate.yaml").write_text(
        "phasegate: 1\npack: developer_finance\nsources: {costs: {path: c.csv}}\n"
    )
    result = run("test")
    assert result.exit_code == 2
    assert "no case in tests" in result.stderr
    assert "'phasegate test developer_finance'" in result.stderr
