"""What lint finds of an author's mistakes, and what only a test of the rule can find."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from made_mistakes import MISTAKES, Mistake, silent_table, told_table

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.runs.cases.run import run_cases
from phasegate.runs.cases.select import selected
from phasegate.runs.preflight import all_faults

HERE = Path(__file__).parent
PACK = HERE / "mistakes"
MOST_SILENT = 12
SILENT = [each for each in MISTAKES if not each.found]


def shop(folder: Path, mistake: Mistake | None = None) -> Path:
    """The project with one mistake in its pack, or with none."""
    shutil.copytree(PACK, folder / "shop")
    if mistake is not None:
        pack = folder / "shop/pack/pack.yaml"
        text = pack.read_text(encoding="utf-8")
        assert text.count(mistake.old) == 1, mistake.what
        pack.write_text(text.replace(mistake.old, mistake.new), encoding="utf-8")
    return folder / "shop"


def told(folder: Path, mistake: Mistake | None = None) -> list[Diagnostic]:
    """What lint says of the pack with one mistake in it."""
    return all_faults(None, shop(folder, mistake))


def failing(folder: Path, mistake: Mistake | None = None) -> list[str]:
    """The cases of the pack that do not pass with one mistake in it."""
    chosen = selected(str(shop(folder, mistake) / "pack"))
    return [each.case.name for each in run_cases(chosen.ground, chosen.cases) if not each.passed]


def test_nothing_is_said_of_the_pack_without_a_mistake(tmp_path: Path) -> None:
    assert told(tmp_path) == []


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_a_mistake_is_told_by_its_code_or_named_as_silent(mistake: Mistake, tmp_path: Path) -> None:
    rules = {one.rule for one in told(tmp_path, mistake)}
    assert (mistake.found in rules) if mistake.found else not rules
    assert bool(mistake.found) != bool(mistake.why)


def test_the_cases_of_the_pack_without_a_mistake_pass(tmp_path: Path) -> None:
    assert failing(tmp_path) == []


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("mistake", SILENT, ids=lambda mistake: mistake.what)
def test_what_lint_can_not_tell_one_case_finds(mistake: Mistake, tmp_path: Path) -> None:
    assert failing(tmp_path, mistake) == [mistake.case]


def test_few_are_silent_of_many() -> None:
    assert len(MISTAKES) >= 48
    assert len(SILENT) <= MOST_SILENT


def test_the_documents_name_each() -> None:
    page = (HERE.parents[2] / "docs/mistakes.md").read_text(encoding="utf-8")
    assert told_table() in page
    assert silent_table() in page
    counts = f"{len(MISTAKES)} plausible mistakes", f"{len(SILENT)} of them"
    assert all(count in page for count in counts)


def test_a_contract_that_says_how_two_dates_stand_tells_the_wrong_one(tmp_path: Path) -> None:
    """What is silent in the pack as it is; so does each thing more that a contract says."""
    shutil.copytree(PACK, tmp_path / "shop")
    pack = tmp_path / "shop/pack/pack.yaml"
    text = pack.read_text(encoding="utf-8")
    text = text.replace("    key: [id]\n", "    key: [id]\n    holds: [ordered_on <= promised_on]\n")
    assert text.count("of: delivered_on <= promised_on AND") == 1
    pack.write_text(text, encoding="utf-8")
    assert all_faults(None, tmp_path / "shop") == []
    pack.write_text(text.replace("of: delivered_on <= promised_on AND", "of: ordered_on <= promised_on AND"))
    (found,) = all_faults(None, tmp_path / "shop")
    assert (found.rule, found.severity) == ("idle-part", "warning")
