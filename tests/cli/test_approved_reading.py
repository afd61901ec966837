"""Nobody opens a gate by reading other columns, words or days than those that people approved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from phasegate.rules.loading.pack import LoadedPack

World = Any
DAY = "2026-03-02T09:00:00+00:00"
PLAIN = "{path: invoices.csv}"


def reads(world: World, options: str, more: str = "") -> None:
    """Has the project read its table otherwise; ``team`` is a column that no pack knows."""
    world.write(">= 85 %")
    file = world.folder / "phasegate.yaml"
    text = file.read_text(encoding="utf-8").replace(PLAIN, f"{{path: invoices.csv{options}}}")
    file.write_text(text + more, encoding="utf-8")


def told(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.fixture
def opened(world: World) -> World:
    """The gate of phase 1 is open, under rules and a reading that two people approved."""
    table = world.folder / "invoices.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = [f"{line},reconciled" for line in lines[1:]]
    table.write_text("\n".join([f"{lines[0]},team", *rows, ""]), encoding="utf-8")
    reads(world, "")
    world.approve()
    assert world.gate().exit_code == 0
    return world.at(DAY)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("options", "more", "said"),
    [
        (
            ", rename: {team: status}",
            "",
            "the reading of invoices: column status is read from team, and was from status",
        ),
        (", null_values: [n/a]", "", 'the reading of invoices: null values is n/a, and was ""'),
        (", stop_at: F-7", "", "the reading of invoices: stop at is F-7, and was none"),
        ("", "time_zone: Asia/Tokyo\n", "the project: time zone is Asia/Tokyo, and was UTC"),
        (
            "",
            "calendar: {holidays: [2026-03-02]}\n",
            "the project: calendar holidays is 2026-03-02, and was none",
        ),
    ],
)
def test_another_reading_opens_no_gate_until_it_is_approved(
    opened: World, options: str, more: str, said: str
) -> None:
    if "rename" in options:  # the file has not both
        table = opened.folder / "invoices.csv"
        table.write_text(table.read_text(encoding="utf-8").replace("status", "state"), encoding="utf-8")
    reads(opened, options, more)
    shut = opened.gate()
    assert shut.exit_code == 3, shut.output
    assert "these rules are not approved for developer" in told(shut)
    assert f"fin approved other rules for finance on 2026-03-01; since then: {said}." in told(shut)
    review = told(opened.by("fin", "approve"))
    assert f"Since then: 1 change. reading: {said}." in review
    opened.by("dev", "approve")
    assert opened.gate().exit_code == 0
    assert told(opened.by("fin", "approve")).startswith("fin approved rules for finance")
    assert opened.run("verify").exit_code == 0
    assert opened.run("replay", "--all").exit_code == 0


def test_a_table_that_has_moved_needs_no_approval(opened: World) -> None:
    (opened.folder / "invoices.csv").rename(opened.folder / "moved.csv")
    opened.write(">= 85 %")
    file = opened.folder / "phasegate.yaml"
    moved = "{path: moved.csv, control: {rows: 20}, trim: false}"
    file.write_text(file.read_text(encoding="utf-8").replace(PLAIN, moved), encoding="utf-8")
    assert opened.gate().exit_code == 0


def test_a_pinned_digest_holds_the_reading_too(opened: World) -> None:
    digest = opened.record("check")["pack"]["digest"]
    assert opened.by("ci", "gate", "1", "--pack-digest", digest).exit_code == 0
    reads(opened, ", trim: true")
    assert opened.by("ci", "gate", "1", "--pack-digest", digest).exit_code == 2
    assert "trim is true, and was false" in told(opened.run("diff", "--rules", digest))


def test_nobody_steps_through_a_gate_whose_tables_are_read_otherwise_by_now(opened: World) -> None:
    assert opened.gate().exit_code == 0
    reads(opened, ", trim: true")
    assert opened.by("fin", "advance", "1").exit_code == 2
    reads(opened, "")
    assert opened.by("fin", "advance", "1").exit_code == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [("", 0), (", trim: true", 3)],
)
def test_an_approval_of_files_says_nothing_of_how_tables_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch, options: str, code: int
) -> None:
    """What was signed before the digest was of what rules say counts where a pack is read as it stands."""
    reads(world, options)
    with monkeypatch.context() as patch:
        patch.setattr(LoadedPack, "digest", property(lambda self: self.files_digest))
        world.approve()
    result = world.gate()
    assert result.exit_code == code, result.output
    assert ("trim is true, and was false" in told(result)) == bool(code)
    assert world.run("verify").exit_code == 0


def test_a_reading_that_a_run_kept_beside_files_was_not_signed_with_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(world, "")
    with monkeypatch.context() as patch:
        patch.setattr(LoadedPack, "digest", property(lambda self: self.files_digest))
        world.approve()
    reads(world, ", trim: true")
    assert world.by("ci", "check").exit_code in (0, 3)  # the ledger has the files with the reading now
    assert world.at(DAY).gate().exit_code == 3


def test_a_project_without_a_pack_is_approved_with_its_reading(
    project: Callable[..., Path], run: Callable[..., Result]
) -> None:
    file = project(">= 85 %")
    first = run("check", "--format", "json")
    trimmed = "{path: invoices.csv, trim: true}"
    file.write_text(file.read_text(encoding="utf-8").replace(PLAIN, trimmed), encoding="utf-8")
    second = run("check", "--format", "json")
    digests = [json.loads(each.stdout)["pack"]["digest"] for each in (first, second)]
    assert digests[0] != digests[1]
    assert "trim is true, and was false" in told(run("diff", "--rules", digests[0]))
