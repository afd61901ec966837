"""Portfolio files: what is wrong with one is told with file, line and column, all of it at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.lint.codes.table import CODES
from phasegate.rules.portfolio.load import PortfolioNotFoundError, find_portfolio, load_portfolio
from phasegate.rules.portfolio.model import RollUp

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2pOOV4yOKnHGVNF6G5yTA6JVAlh8z1J6Y6HQDXvKV3"
HEAD = "phasegate: 1\ntitle: The ports\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "phasegate.portfolio.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[tuple[str, int, int]]:
    """Rule, line and column of each fault."""
    with pytest.raises(PackError) as found:
        load_portfolio(write(folder, text))
    return [
        (each.rule, each.position.line, each.position.column)
        for each in found.value.diagnostics
        if each.position
    ]


def test_a_file_says_which_projects_and_when_it_is_open(tmp_path: Path) -> None:
    text = f"""{HEAD}gate: "2"
max_age: 14 days
rollup: {{weighted: 66.5 %}}
projects:
  - {{name: Harbour, path: ../harbour, weight: 3}}
  - {{ledger: env:LEDGER, project: airport.0001}}
"""
    found = load_portfolio(write(tmp_path, text))
    first, second = found.portfolio.projects
    assert (first.name, first.path, first.weight, second.ledger, second.project, second.weight) == (
        "Harbour", "../harbour", 3, "env:LEDGER", "airport.0001", 1,
    )  # fmt: skip
    assert (found.portfolio.gate, found.portfolio.max_age_days, found.root) == ("2", 14, tmp_path)
    assert isinstance(found.portfolio.rollup, RollUp)
    assert found.portfolio.rollup.share == Fraction(665, 1000)


def test_nothing_else_said_all_must_be_open_by_runs_of_a_week(tmp_path: Path) -> None:
    found = load_portfolio(write(tmp_path, f"{HEAD}projects: [{{path: a}}]\n")).portfolio
    assert (found.rollup, found.max_age_days, found.gate) == (None, 7, None)


FAULTY = {
    "nobody is pinned": ("projects: [{path: a, signers: []}]\n", [("empty", 3, 31)]),
    "one signer twice": (
        ("projects:\n  - path: a\n    signers:\n"
        f"      - {{name: ci, roles: [evaluator], key: {KEY}}}\n"
        f"      - {{name: CI, roles: [auditor], key: {KEY}}}\n"),
        [("duplicate-name", 7, 16), ("one-key", 7, 43)],
    ),
    "no project": ("projects: []\n", [("empty", 3, 11)]),
    "no projects": ("", [("missing-key", 1, 1)]),
    "an unknown key": ("projects: [{path: a, wieght: 3}]\n", [("unknown-key", 3, 22)]),
    "a weight of nothing": ("projects: [{path: a, weight: 0}]\n", [("bad-value", 3, 30)]),
    "nowhere": ("projects:\n  - {name: a}\n", [("missing-key", 4, 5)]),
    "a ledger alone": ("projects:\n  - {ledger: a.db}\n", [("missing-key", 4, 5)]),
    "an id alone": ("projects:\n  - {project: harbour.0001}\n", [("missing-key", 4, 5)]),
    "two places": ("projects:\n  - {path: a, ledger: a.db}\n", [("bad-project", 4, 5)]),
    "the same folder": ("projects: [{path: a}, {path: ./a/}]\n", [("project-twice", 3, 30)]),
    "the same ledger": (
        "projects:\n  - {ledger: a.db, project: harbour.0001}\n  - {ledger: ./a.db, project: harbour.0001}\n",
        [("project-twice", 5, 31)],
    ),
    "one name": ("projects: [{path: a, name: x}, {path: b, name: X}]\n", [("duplicate-name", 3, 48)]),
    "another form": ("projects: [{path: a}]\nrollup: all\n", [("wrong-type", 4, 9)]),
    "two rules": ("projects: [{path: a}]\nrollup: {at_least: 1, weighted: 50 %}\n", [("bad-rollup", 4, 1)]),
    "no rule": ("projects: [{path: a}]\nrollup: {}\n", [("missing-key", 4, 1)]),
    "more than there are": ("projects: [{path: a}]\nrollup: {at_least: 2}\n", [("bad-rollup", 4, 20)]),
    "nothing of the weight": ("projects: [{path: a}]\nrollup: {weighted: 0 %}\n", [("bad-rollup", 4, 1)]),
    "more than the weight": ("projects: [{path: a}]\nrollup: {weighted: 101 %}\n", [("bad-rollup", 4, 1)]),
    "a weight in days": ("projects: [{path: a}]\nrollup: {weighted: 5 days}\n", [("bad-rollup", 4, 1)]),
    "an age of hours": ("projects: [{path: a}]\nmax_age: 5 hours\n", [("bad-quantity", 4, 10)]),
    "a gate that is none": ("projects: [{path: a}]\ngate: a b\n", [("bad-name", 4, 7)]),
    "an address of settings": (
        "projects:\n  - {ledger: host=db, project: harbour.0001}\n",
        [("bad-ledger", 4, 14)],
    ),
    "a variable that is none": (
        "projects:\n  - {ledger: 'env:a b', project: harbour.0001}\n",
        [("bad-name", 4, 14)],
    ),
    "an id twice": ("projects: [{path: a}]\nprojects: [{path: b}]\n", [("duplicate-key", 4, 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_wrong_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    text, due = FAULTY[name]
    found = faults(tmp_path, HEAD + text)
    assert found == due
    assert {rule for rule, *_ in found} <= CODES.keys() | {"empty"}


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = f"{HEAD}rollup: {{at_least: 0}}\nprojects:\n  - {{path: a}}\n  - {{path: a}}\n  - {{nam: b}}\n"
    assert {rule for rule, *_ in faults(tmp_path, text)} == {
        "bad-value",
        "project-twice",
        "unknown-key",
        "missing-key",
    }


@pytest.mark.parametrize("more", ["", ", nonsense: 1"])
def test_a_password_is_refused_and_never_shown(more: str, tmp_path: Path) -> None:
    text = f"{HEAD}projects:\n  - {{ledger: 'postgresql://u:s3cret@h/d', project: harbour.0001{more}}}\n"
    with pytest.raises(PackError) as found:
        load_portfolio(write(tmp_path, text))
    assert "password" in {each.rule for each in found.value.diagnostics}
    assert "s3cret" not in f"{found.value}{found.value.diagnostics}"


def test_the_nearest_file_upward_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    with pytest.raises(PortfolioNotFoundError):
        find_portfolio(inner)
    path = write(tmp_path, f"{HEAD}projects: [{{path: a}}]\n")
    assert find_portfolio(inner) == path
