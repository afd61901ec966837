"""`phasegate test --mutate` and `--coverage`: what is said, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result
from harbour_rules import FOLDER

Run = Callable[..., Result]
STRONG = FOLDER.parent / "strong.yaml"


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """The pack with its strong cases, in the folder in which the command runs."""
    copytree(FOLDER, tmp_path / "harbour")
    cases = tmp_path / "harbour/tests/weak.yaml"
    cases.write_bytes(STRONG.read_bytes())
    return cases


@pytest.mark.slow
def test_strong_cases_show_and_notice_everything(run: Run, harbour: Path) -> None:
    found = run("test", "harbour", "--coverage", "--at-least", "100 %", "--mutate")
    assert (found.exit_code, found.stdout) == (
        0,
        "✓ 22 cases passed\n\n✓ 39 of 39 things shown (100 %)\n\n✓ 64 of 64 mutants noticed (100 %)\n",
    )


BROKEN = {
    "a bound": ('crane.heavy: ">= 1"', 'crane.heavy: ">= 2"'),
    "a condition": ("is_heavy: weight > 10", "is_heavy: weight >= 10"),
    "an age": ("min_rows: 2", "min_rows: 1"),
    "an enforcement": ("enforcement: soft", "enforcement: advisory"),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("what", BROKEN)
def test_a_rule_that_is_broken_by_hand_makes_a_case_fail(run: Run, harbour: Path, what: str) -> None:
    pack, (before, after) = harbour.parents[1] / "pack.yaml", BROKEN[what]
    written = pack.read_text()
    assert written.count(before) == 1
    pack.write_text(written.replace(before, after))
    found = run("test", "harbour", "--mutate")
    assert found.exit_code == 1
    assert "✗ mutants are tried once all cases pass" in found.stdout
    assert "1 case failed" in found.stdout or "cases failed" in found.stdout


@pytest.mark.slow
def test_a_case_less_and_a_mutant_survives(run: Run, harbour: Path) -> None:
    before, _, behind = harbour.read_text().partition("  - name: just below the target fails\n")
    _, name, others = behind.partition("  - name:")
    harbour.write_text(f"{before}{name}{others}")
    found = run("test", "harbour", "--mutate")
    assert found.exit_code == 1
    assert found.stdout == (
        "✓ 21 cases passed\n\n"
        "    harbour/pack.yaml:6  quays/success | >= 75 % -> >= 74 %: "
        "not noticed by the 13 cases that rest on it\n"
        "✗ 63 of 64 mutants noticed (98.4 %), 1 not noticed\n"
        "  write a case for each that comes out otherwise, or why there can be none, under 'survivors'\n"
    )
    reason = "survivors:\n  - {mutant: quays/success | >= 75 % -> >= 74 %, why: nobody has so many lifts}\n"
    harbour.write_text(harbour.read_text() + reason)
    found = run("test", "harbour", "--mutate")
    assert found.exit_code == 0
    assert found.stdout.endswith("✓ 63 of 64 mutants noticed (98.4 %), 1 not, for a written reason\n")


@pytest.mark.slow
def test_each_format_names_what_is_left_open(run: Run, harbour: Path) -> None:
    harbour.write_text(
        "as_of: 2026-03-31\ncases:\n  - name: no lift is heavy\n    given: {lifts: [{weight: 10}]}\n"
        "    expect: {requirements: {p1/load/crane.heavy: fail}}\n"
        "survivors:\n  - {mutant: nothing of the kind, why: it was there once}\n"
    )
    asked = ("test", "harbour", "--coverage", "--at-least", "50%", "--mutate", "--format")
    found = json.loads(run(*asked, "json").stdout)
    survivors = [each["id"] for each in found["mutants"]["mutants"] if each["noticed_by"] is None]
    unshown = [each["id"] for each in found["coverage"]["unshown"]]
    assert [found[name]["passed"] for name in ("mutants", "coverage")] == [False, False]
    assert (found["mutants"]["unfounded"], found["coverage"]["shown"]) == (["nothing of the kind"], 3)

    suites = {each.get("name"): each for each in ET.fromstring(run(*asked, "junit").stdout)}
    named = {name: [each.get("name") for each in suite][1:] for name, suite in suites.items()}
    assert (named["coverage"], named["mutants"]) == (unshown, [*survivors, "nothing of the kind"])
    assert suites["mutants"].get("failures") == str(len(survivors) + 2)

    annotations = run(*asked, "github").stdout.splitlines()
    assert annotations[0] == (
        "::error title=coverage::3 of 39 things shown (7.6 %25), where at least 50 %25 is asked"
    )
    assert len(annotations) == 2 + len(unshown) + len(survivors) + 1
    assert (
        "::error file=harbour/pack.yaml,line=16,title=mutants::p1/load/crane.heavy | >= 1 -> >= 2%0A"
        "not noticed by the case that rests on it"
    ) in annotations
    assert annotations[-1] == (
        "::error file=harbour/tests/weak.yaml,line=7,title=mutants::nothing of the kind%0A"
        "a reason for a mutant that does not survive: remove it"
    )


def test_less_than_everything_is_taken_where_nobody_asks_for_more(run: Run, harbour: Path) -> None:
    chosen = ("test", "harbour", "--only", "no lift is heavy", "--coverage")
    assert run(*chosen).exit_code == 0
    assert run(*chosen, "--at-least", "7 %").exit_code == 0
    assert run(*chosen, "--at-least", "8%").exit_code == 1


@pytest.mark.parametrize("share", ["90", "101 %", "-1 %", "many", ""])
def test_what_is_no_share_is_refused(run: Run, share: str) -> None:
    found = run("test", "harbour", "--coverage", "--at-least", share)
    assert found.exit_code == 2
    assert "is no share: write '90 %'" in found.stderr


def test_a_share_without_coverage_is_refused(run: Run) -> None:
    found = run("test", "harbour", "--at-least", "90 %")
    assert (found.exit_code, "--at-least is about --coverage" in found.stderr) == (2, True)
