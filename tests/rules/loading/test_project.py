"""Every folder under ``projects/`` is a case: the valid ones load and are clean, the others say why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError, in_order, render_all
from phasegate.rules.lint.run import lint
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.loading.project import (
    PROJECT_FILE,
    LoadedProject,
    ProjectNotFoundError,
    find_project,
    load_project,
    read_project,
)
from phasegate.rules.model.pack import Pack

PROJECTS = Path(__file__).parents[1] / "projects"
VALID = sorted(path for path in (PROJECTS / "valid").iterdir() if path.is_dir())
INVALID = sorted(path for path in (PROJECTS / "invalid").iterdir() if path.is_dir())
Folder = Callable[..., Path]


def problems(folder: Path) -> tuple[Diagnostic, ...]:
    """What reading a project finds, and linting as much of its pack as can be read."""
    try:
        project = read_project(folder / PROJECT_FILE)
    except PackError as error:
        return error.diagnostics
    found = in_order([*project.faults, *(lint(project.pack) if project.pack else ())])
    return tuple(one for one in found if one.severity == "error")


def valid(name: str) -> LoadedProject:
    return load_project(PROJECTS / "valid" / name / PROJECT_FILE)


@pytest.mark.parametrize("folder", VALID, ids=lambda folder: folder.name)
def test_a_valid_project_has_no_problem(folder: Path) -> None:
    assert problems(folder) == ()


@pytest.mark.parametrize("folder", INVALID, ids=lambda folder: folder.name)
def test_an_invalid_project_says_everything_that_is_wrong(folder: Path, snapshot: SnapshotAssertion) -> None:
    found = problems(folder)
    assert found
    assert render_all(found) == snapshot


def test_a_project_without_a_pack_carries_a_pack_of_one_point() -> None:
    pack = valid("minimal").pack.pack
    assert list(pack.points) == ["project"]
    assert [name for name, _ in pack.criteria()] == ["project/requirements"]
    assert pack.points["project"].criteria[0].require.root == {"orders.paid": ">= 95 %"}
    assert (pack.areas, pack.phases) == ({}, {})


def test_its_contracts_leave_the_columns_to_the_file_unless_they_are_given() -> None:
    pack = valid("with_contract").pack.pack
    assert {name: contract.infer for name, contract in pack.sources.items()} == {
        "orders": False,
        "plans": True,
        "days": True,
    }
    assert list(pack.sources["orders"].columns) == ["status", "amount", "day"]
    assert pack.sources["days"].event == "day"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("measures", "orders.paid"), 5),
        (("sources", "orders", "path"), 3),
        (("points", "project", "criteria", 0, "require", "orders.paid"), 10),
        (("points", "project", "criteria", 0), 9),
        (("points", "project"), 9),
        ((), 1),
    ],
)
def test_the_positions_of_its_pack_are_those_of_the_project_file(
    path: tuple[str | int, ...], line: int
) -> None:
    at = valid("minimal").pack.where(path)
    assert (at.file, at.line) == (PROJECT_FILE, line)


def test_the_positions_of_a_contract_are_those_of_its_source() -> None:
    project = valid("with_contract")
    assert project.pack.where(("sources", "orders", "columns", "amount")).line == 20
    assert project.where(("sources", "orders", "path"), "value").column == 11


def test_texts_numbers_and_dates_arrive_as_they_were_written() -> None:
    project = valid("with_contract").project
    assert project.cycle is not None
    assert project.cycle.start == dt.date(2026, 1, 5)
    assert project.calendar.holidays == (dt.date(2026, 1, 1),)
    control = project.sources["orders"].control
    assert control is not None
    assert control.sums == {"amount": "1234.50"}


def test_parameters_and_hardening_are_applied_to_the_pack() -> None:
    loaded = valid("built_in").pack
    assert (loaded.pack.parameters["plan_band"].value, loaded.pack.parameters["close_days"].value) == (
        "5 %",
        7,
    )
    assert loaded.pack.parameters["sample_minimum"].value == 25
    assert _enforcement(loaded.pack, "1.1.1/protocols") == "hard"
    assert _enforcement(loaded.pack, "1.1.2/protocols") == "soft"
    assert loaded.pack.areas["1"].kpi is not None
    assert loaded.pack.areas["1"].kpi.enforcement == "soft"
    assert loaded.pack.programme.targets["roi"].enforcement == "hard"


def _enforcement(pack: Pack, criterion: str) -> str:
    return next(one.enforcement for name, one in pack.criteria() if name == criterion)


def test_a_pack_in_the_project_is_named_with_its_folder_in_positions() -> None:
    project = valid("own_pack")
    assert project.pack.where(("points", "p")).file == "rules_of_ours/pack.yaml"
    assert project.pack.files == ("pack.yaml",)


def test_the_nearest_project_file_upward_is_found(folder: Folder) -> None:
    root = folder({"phasegate.yaml": "", "a/phasegate.yaml": "", "a/b/c/x": "", "d/x": ""})
    assert find_project(root / "a/b/c") == root / "a/phasegate.yaml"
    assert find_project(root / "d") == root / "phasegate.yaml"
    assert find_project(root / "phasegate.yaml") == root / "phasegate.yaml"


def test_no_project_file_anywhere_is_an_error_that_names_init(tmp_path: Path) -> None:
    with pytest.raises(ProjectNotFoundError) as caught:
        find_project(tmp_path)
    assert "phasegate init" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_pack_behind_a_link_that_leaves_the_project_is_refused(folder: Folder) -> None:
    outside = folder({"pack.yaml": "pack: x\n"}, "outside")
    root = folder({"phasegate.yaml": "phasegate: 1\npack: ours\nsources: {a: {path: a.csv}}\n"}, "project")
    (root / "ours").symlink_to(outside)
    with pytest.raises(PackError, match="link that leads out") as caught:
        load_project(root / PROJECT_FILE)
    assert [one.rule for one in caught.value.diagnostics] == ["path-outside"]


def test_the_digest_of_a_project_without_a_pack_is_that_of_its_rules(folder: Folder) -> None:
    text = (PROJECTS / "valid/minimal" / PROJECT_FILE).read_text()
    one, two = (load_project(folder({PROJECT_FILE: text}, name) / PROJECT_FILE).pack.digest for name in "ab")
    other = load_project(folder({PROJECT_FILE: text.replace("95", "94")}, "c") / PROJECT_FILE).pack.digest
    beside = f"{text}\nledger: elsewhere.db  # no rule\n"
    same = load_project(folder({PROJECT_FILE: beside}, "d") / PROJECT_FILE).pack.digest
    assert one == two == same != other


@pytest.mark.parametrize("change", ["parameters: {lowest_change: 1 %}", "harden: {1.1.1/systems: hard}"])
def test_rules_that_a_project_changes_have_another_digest(tmp_path: Path, change: str) -> None:
    file = tmp_path / "phasegate.yaml"
    file.write_text("phasegate: 1\npack: developer_finance\nsources: {costs: {path: costs.csv}}\n")
    plain = load_project(file).pack.digest
    assert plain == load_pack("developer_finance").digest
    file.write_text(f"{file.read_text()}{change}\n")
    changed = load_project(file).pack.digest
    assert changed != plain
    assert load_project(file).pack.digest == changed


def test_no_address_and_no_password_of_a_connection_is_shown() -> None:
    """Wherever it was written down: what is said goes into logs."""
    folder = PROJECTS / "invalid" / "connections"
    written = (folder / PROJECT_FILE).read_text()
    told = render_all(problems(folder))
    assert written.count("hunter") == 5
    assert "hunter" not in told
    assert "ada:" not in told
