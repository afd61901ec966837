"""A waiver for a slice is granted where a run has decided that slice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

PACK = """\
pack: slices
title: Spending by cost centre
sources:
  costs: {title: one cost, columns: {Cost Centre: {type: string}, amount: {type: integer}}}
parameters:
  shift: {value: 100_000.5 seconds, text: a shift}
measures:
  spent: {title: spent, from: costs, sum: amount, by: Cost Centre, unit: points}
  all: {title: all, from: costs, sum: amount, unit: points}
  spent_hours: {title: hours, from: costs, sum: amount, unit: hours}
points:
  "1":
    title: Spending
    criteria:
      - id: spending
        text: enough
        enforcement: soft
        require:
          spent: ">= 20 points"
          all: [">= 50 points", "<= 90 points"]
          spent_hours: ["<= 100 seconds", "<= 100_000 seconds", "<= :shift", ">= 90 minutes"]
"""

SHORT = ("1/spending/spent[North East]", "1/spending/spent[a]#b]")


@pytest.fixture
def waive(tmp_path: Path, run: Callable[..., Result]) -> Callable[[str], Result]:
    """A project with a fact by a column with a blank, and somebody who grants waivers in it."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack.yaml").write_text(PACK, encoding="utf-8")
    (tmp_path / "costs.csv").write_text(
        'Cost Centre,amount\nNorth East,10\nSouth,20\n"a]#b",5\n', encoding="utf-8"
    )
    signers = ""
    for name, role in (("ci", "evaluator"), ("fin", "approver:finance")):
        assert run("keys", "new", tmp_path / name, "--role", role).exit_code == 0
        public = (tmp_path / f"{name}.pub").read_text(encoding="utf-8").strip()
        signers += f"  - {{name: {name}, roles: ['{role}'], key: {public!r}}}\n"
    (tmp_path / "phasegate.yaml").write_text(
        "phasegate: 1\npack: pack\nsources: {costs: {path: costs.csv}}\n"
        f"ledger: kept.db\nsigners:\n{signers}",
        encoding="utf-8",
    )

    def asked(requirement: str, floor: str = "5 points") -> Result:
        return run(
            "waive", requirement, "--id", f"W-{abs(hash(requirement))}", "--floor", floor, "--reason", "late",
            "--risk-owner", "o-1", "--requester", "r-1", "--until", "2026-05-01", "--key", tmp_path / "fin",
        )  # fmt: skip

    return asked


def said(result: Result) -> str:
    assert result.exit_code == 2, result.output
    return " ".join(result.output.split())


def test_a_slice_that_nobody_decided_is_refused_with_those_that_there_are(
    tmp_path: Path, run: Callable[..., Result], waive: Callable[..., Result]
) -> None:
    told = said(waive("1/spending/spent[South]"))
    assert "no run has decided '1/spending/spent' under these rules" in told
    assert "'phasegate check' decides it" in told
    assert run("check", "--key", tmp_path / "ci").exit_code == 1
    for wrong in ("1/spending/spent[Nowhere]", "1/spending/spent", "1/spending/spent[South]#2"):
        told = said(waive(wrong))
        assert f"no run has decided {wrong!r}" in told
        assert (
            "there are 1/spending/spent[North East], 1/spending/spent[South], 1/spending/spent[a]#b]" in told
        )
    for right in SHORT:
        granted = waive(right)
        assert granted.exit_code == 0, granted.output
    decided = run("check", "--key", tmp_path / "ci", "--as-of", "2026-03-02", "--format", "csv")
    assert decided.output.count("waived") >= len(SHORT), decided.output


@pytest.mark.parametrize("name", ["1/spending/all", "1/spending/all#2"])
def test_one_of_several_bounds_is_named_by_its_number(waive: Callable[..., Result], name: str) -> None:
    granted = waive(name)
    assert granted.exit_code == 0, granted.output


def test_what_has_no_slices_has_none_to_be_waived(waive: Callable[..., Result]) -> None:
    told = said(waive("1/spending/all[South]"))
    assert "'all' has no slices" in told
    assert "write 1/spending/all or 1/spending/all#2" in told
    assert "'all' is asked 2 times" in said(waive("1/spending/all#3"))


def test_a_floor_in_another_unit_is_refused(waive: Callable[..., Result]) -> None:
    told = said(waive("1/spending/all", floor="5 hours"))
    assert "the floor '5 hours' has not the unit of what is measured" in told
    assert "write it in points" in told


def test_times_in_other_units_are_kept_waived_and_verified(
    tmp_path: Path, run: Callable[..., Result], waive: Callable[..., Result]
) -> None:
    granted = waive("1/spending/spent_hours", floor="126_000 seconds")  # 35 hours are found
    assert granted.exit_code == 0, granted.output
    again = waive("1/spending/spent_hours#2", floor="34 hours")
    assert again.exit_code == 0, again.output
    as_of = ("--as-of", "2026-03-02")
    assert run("check", "--key", tmp_path / "ci", *as_of, "--format", "json", "-o", "r.json").exit_code == 1
    record = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    found = {
        each["id"].partition("spent_hours")[2]: each
        for each in record["requirements"]
        if "hours" in each["id"]
    }
    told = {name: (each["limit"], each["unit"], each["verdict"]) for name, each in found.items()}
    assert told == {
        "": ("100 seconds", "hours", "waived"),
        "#2": ("100,000 seconds", "hours", "fail"),
        "#3": ("1,666.675 minutes", "hours", "fail"),
        "#4": ("1.5 hours", "hours", "pass"),
    }
    verified = run("verify")
    assert verified.exit_code == 0, verified.output
    replayed = run("replay", "1")
    assert replayed.exit_code == 0, replayed.output
    for form in ("html", "markdown", "excel", "oscal", "junit", "sarif", "csv"):
        report = run("report", "1", "--format", form, "-o", tmp_path / f"out.{form}")
        assert report.exit_code == 0, report.output
