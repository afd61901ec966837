"""Portfolios as they are typed: many projects, one verdict, and whose word counts today."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from kept_runs import keep, write_project

from phasegate import cli

Run = Callable[..., Result]
DAY = dt.date(2026, 3, 1)
FILE = (
    "phasegate: 1\ntitle: The ports\n{more}projects:\n  - {{name: Harbour, path: good}}\n  - {{path: bad}}\n"
)


@pytest.fixture
def ports(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is open, one that is closed, and one that nobody has decided."""
    assert run is not None
    monkeypatch.setattr(cli, "now", lambda: dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC))
    for number, (name, open_invoices) in enumerate({"good": (), "bad": (7, 16), "new": ()}.items()):
        (tmp_path / name).mkdir()
        write_project(tmp_path / name, open_invoices=open_invoices, id_=f"harbour.000{number}")
        if name != "new":
            keep(tmp_path / name, DAY)
    return tmp_path


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["good"], 0),
        (["good", "--gate", "2"], 0),
        (["good", "--gate", "phase:2"], 0),
        (["good", "bad"], 1),
        (["good", "bad", "--at-least", "1"], 0),
        (["good", "new", "--at-least", "1"], 3),
        (["good", "nowhere", "--at-least", "1"], 3),
        (["good", "--gate", "9"], 3),
        (["good", "--max-age", "0d"], 0),
        (["good", "bad", "--at-least", "3"], 2),
        (["good", "--format", "excel"], 2),
        (["good", "-o", "out.pdf"], 2),
        ([], 2),
        (["--file", "nowhere.yaml"], 2),
    ],
)
def test_it_ends_as_a_gate_does(words: list[str], code: int, ports: Path, run: Run) -> None:
    assert run("portfolio", *words).exit_code == code, words
    assert not (ports / "new" / "phasegate.db").exists()


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("", 1),
        ("rollup: {at_least: 1}\n", 0),
        ("rollup: {at_least: 2}\n", 1),
        ("rollup: {weighted: 50 %}\n", 0),
        ("rollup: {weighted: 51 %}\n", 1),
        ("rollup: {at_least: 3}\n", 2),
        ("gate: '9'\nrollup: {at_least: 1}\n", 3),
    ],
)
def test_a_file_has_the_rule(more: str, code: int, ports: Path, run: Run) -> None:
    (ports / "phasegate.portfolio.yaml").write_text(FILE.format(more=more))
    assert run("portfolio").exit_code == code
    if code != 2:
        assert run("portfolio", "--at-least", "1").exit_code == 2
        assert run("portfolio", "new", "--file", "phasegate.portfolio.yaml").exit_code == 3


def test_strict_takes_no_waivers(ports: Path, run: Run) -> None:
    write_project(ports / "bad", waived=True, open_invoices=(7, 16), id_="harbour.0001")
    keep(ports / "bad", DAY)
    assert run("portfolio", "bad").exit_code == 0
    assert run("portfolio", "bad", "--strict").exit_code == 1


def test_a_report_replaces_nothing_that_is_read(ports: Path, run: Run) -> None:
    (ports / "phasegate.portfolio.yaml").write_text(FILE.format(more=""))
    for name in ("phasegate.portfolio.yaml", "good/phasegate.yaml", "good/phasegate.db"):
        before = (ports / name).read_bytes()
        assert run("portfolio", "--format", "text", "-o", name).exit_code == 2
        assert (ports / name).read_bytes() == before
    written = run("portfolio", "-o", "out.html")
    said = "✗ CLOSED: 1 of 2 projects is open; it takes all of them. Exit code 1.\n"
    assert (written.exit_code, written.stdout) == (1, said)
    assert (ports / "out.html").read_text().startswith("<!DOCTYPE html>")


def row(world: Any, *words: str) -> Any:
    """The row of the world's project, by its folder."""
    found = json.loads(world.run("portfolio", world.folder, "--format", "json", *words).stdout)
    (only,) = found["projects"]
    return only


def by_ledger(world: Any) -> str:
    """How the same project stands by what its ledger alone says."""
    file = world.folder / "phasegate.portfolio.yaml"
    text = "phasegate: 1\ntitle: x\nprojects: [{ledger: phasegate.db, project: harbour.0001}]\n"
    file.write_text(text)
    found = json.loads(world.run("portfolio", "--file", file, "--gate", "1", "--format", "json").stdout)
    return str(found["standing"])


@pytest.fixture
def decided(world: Any) -> Any:
    """The world with an id, approved rules, a waiver for gate 1, and a gate that was decided by it."""
    world.more = "id: harbour.0001\n"
    world.write()
    world.approve()
    assert world.waive().exit_code == 0
    assert world.gate().exit_code == 0
    return world.at("2026-03-02T12:00:00+00:00")


def test_a_gate_that_was_signed_for_is_open_with_waivers(decided: Any) -> None:
    found = row(decided, "--gate", "1")
    assert (found["standing"], found["why"], found["notes"]) == ("open_with_waivers", [], [])
    assert found["verified"]["signed_by"] == ["ci"]
    assert by_ledger(decided) == "open_with_waivers"


Change = Callable[[Any], object]
SINCE: dict[str, tuple[Change, str, str, bool]] = {
    "the waiver was revoked": (
        lambda world: world.by("fin", "waive", "--revoke", "W-1", "--reason", "found out"),
        "closed",
        "1.1/systems is fail",
        True,
    ),
    "an approver's key was revoked": (
        lambda world: world.write(dev="revoked: 2026-02-01T00:00:00Z"),
        "undecided",
        "the rules are not approved for developer",
        False,
    ),
    "who granted the waiver is gone": (
        lambda world: world.write(fin="revoked: 2026-02-01T00:00:00Z"),
        "closed",
        "the rules are not approved for finance",
        False,
    ),
    "the evaluator's key was revoked before": (
        lambda world: world.write(ci="revoked: 2026-03-01T00:00:00Z"),
        "undecided",
        "does not count",
        False,
    ),
    "a function more approves": (
        lambda world: (world.listed.update(stranger="approver:audit"), world.write()),
        "undecided",
        "the rules are not approved for audit",
        False,
    ),
    "the project lists nobody any more": (
        lambda world: _without_signers(world.folder / "phasegate.yaml"),
        "error",
        "the project lists no signers, and its ledger knows some",
        False,
    ),
}


def _without_signers(file: Path) -> None:
    file.write_text(file.read_text().partition("signers:")[0])


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", SINCE)
def test_whose_word_no_longer_counts_opens_nothing(name: str, decided: Any) -> None:
    change, standing, says, in_the_ledger = SINCE[name]
    change(decided)
    found = row(decided, "--gate", "1")
    assert (found["standing"], says in "; ".join(found["why"])) == (standing, True), found["why"]
    assert (by_ledger(decided) == standing) is in_the_ledger


def test_a_check_says_nothing_of_approvals_and_its_row_does(world: Any) -> None:
    world.write(">= 80 %")
    assert world.by("ci", "check").exit_code == 0
    found = row(world)
    assert (found["standing"], {each["decided"] for each in found["gates"]}) == ("undecided", {"open"})
    assert "the rules are not approved for finance" in found["why"]


def test_what_a_stranger_signed_is_an_error(decided: Any) -> None:
    key = (decided.folder / "keys" / "stranger.pub").read_text().strip()
    file = decided.folder / "phasegate.yaml"
    before = file.read_text()
    own = (decided.folder / "keys" / "ci.pub").read_text().strip()
    file.write_text(before.replace(own, key))
    assert row(decided)["standing"] == "error"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("ending", ["html", "json", "txt", "xlsx", "prom"])
def test_a_refused_portfolio_leaves_no_page_of_yesterday(ending: str, ports: Path, run: Run) -> None:
    out = ports / f"out.{ending}"
    assert run("portfolio", "good", "-o", out).exit_code == 0
    refused = run("portfolio", "good", "--at-least", "9", "-o", out)
    assert (refused.exit_code, out.exists()) == (2, False)
    assert "a refused run leaves no report: removed" in refused.output
    out.write_text("a note of somebody else")
    assert run("portfolio", "good", "--at-least", "9", "-o", out).exit_code == 2
    assert out.read_text() == "a note of somebody else"


BESIDE = """\
phasegate: 1
id: harbour.0009
sources: {{invoices: {{path: invoices.csv}}, other: {{path: nowhere.csv}}}}
measures:
  paid: {{title: Paid, from: invoices, ratio: {{of: status = 'paid'}}}}
  seen: {{title: Seen, from: other, ratio: {{of: status = 'paid'}}}}
require: {{paid: "{bound}", seen: ">= 1 %"}}
"""


@pytest.mark.parametrize(("bound", "code", "word"), [(">= 95 %", 1, "closed"), (">= 50 %", 3, "error")])
def test_what_is_closed_whatever_becomes_of_an_error_is_closed(
    bound: str, code: int, word: str, tmp_path: Path, run: Run
) -> None:
    """As a gate has it: what fails is worse than what nobody could find out."""
    (tmp_path / "phasegate.yaml").write_text(BESIDE.format(bound=bound))
    (tmp_path / "invoices.csv").write_text("status\n" + "paid\nopen\n" * 5)
    assert run("check").exit_code == code
    found = run("portfolio", ".", "--format", "json")
    assert found.exit_code == code, found.output
    assert json.loads(found.stdout)["projects"][0]["standing"] == word
    assert run("portfolio", ".", "--at-least", "1").exit_code == code
