"""`lint` reads rules and opens no table."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Watching = Callable[[Path], AbstractContextManager[Any]]


def explode(*_: object, **__: object) -> None:
    raise AssertionError("a table was opened")


def test_no_table_is_opened(
    run: Run,
    project: Callable[..., Path],
    watching: Watching,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project()
    with watching(tmp_path) as seen:
        assert run("facts").exit_code == 0
    assert "invoices.csv" in seen.opened  # the watch sees what it must
    monkeypatch.setattr("phasegate.facts.sources.source.OpenSource", explode)
    with watching(tmp_path) as seen:
        assert run("lint").stdout == "Found no problems.\n"
    assert (seen.opened, seen.changed) == ({"phasegate.yaml"}, set())


@pytest.mark.parametrize("what", ["nothing", "a folder", "a pipe", "a locked file"])
def test_whatever_stands_where_the_table_is_named(
    what: str, run: Run, project: Callable[..., Path], tmp_path: Path
) -> None:
    project()
    table = tmp_path / "invoices.csv"
    table.unlink()
    if what == "a folder":
        table.mkdir()
    elif what == "a pipe":
        os.mkfifo(table)  # whoever opened it would wait for ever
    elif what == "a locked file":
        table.touch(mode=0o000)
    result = run("lint")
    assert (result.exit_code, result.stdout) == (0, "Found no problems.\n")


def test_its_help_says_so(run: Run) -> None:
    assert "No table is opened without --data" in run("lint", "--help").stdout


def test_a_finding_is_explained_by_its_code_wherever_one_stands(run: Run) -> None:
    result = run("lint", "--explain", "condition-always")
    assert result.exit_code == 0
    assert result.stdout.startswith("condition-always\n\nThe condition holds in every row")
    assert "\nwrong:\n    ratio: {of: status = 'approved', over:" in result.stdout
    unknown = run("lint", "--explain", "condition-alway")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "did you mean 'condition-always'?" in unknown.stderr


def test_a_condition_that_decides_without_data_stops_a_run_too(
    run: Run, project: Callable[..., Path]
) -> None:
    file = project()
    text = file.read_text(encoding="utf-8")
    contract = "{title: i, columns: {invoice: {type: string}, status: {type: string}}}"
    text = text.replace("{path: invoices.csv}", f"{{path: invoices.csv, contract: {contract}}}")
    file.write_text(text, encoding="utf-8")
    assert run("check").exit_code == 1
    where = "    where: status <> 'open'\n    ratio: {of: status IN ('reconciled') OR status <> 'open'}"
    file.write_text(text.replace("    ratio: {of: status = 'reconciled'}", where), encoding="utf-8")
    result = run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "condition-always" in result.stderr


FAULTY = {
    "plans/phasegate.yaml": "phasegate: 1\npack: pack\nunknown: 3\nwaivers: w/waivers.yaml\n",
    "plans/pack/pack.yaml": "pack: harbour\ntitle: H\nfoo: 3\n",
    "plans/pack/more/x.yaml": "points: 3\n",
    "plans/w/waivers.yaml": "waivers: 3\n",
    "plans/w/broken.yaml": "a: [\n",
}


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    for name, text in FAULTY.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def places(result: Result) -> set[str]:
    found = re.findall(r"^(\S+?):\d+:\d+ [a-z]", result.stdout + result.stderr, re.MULTILINE)
    return {str(name) for name in found}


@pytest.mark.parametrize(
    ("here", "command", "named"),
    [
        (".", ("lint", "--project", "plans"), FAULTY),
        (".", ("lint", "--project", "plans/phasegate.yaml"), FAULTY),
        (".", ("lint", "plans/w/broken.yaml"), FAULTY),
        (".", ("lint", "plans/w/waivers.yaml", "plans/pack/pack.yaml"), FAULTY),
        (".", ("lint", "plans/pack"), [name for name in FAULTY if "/pack/" in name]),
        (".", ("check", "--project", "plans"), FAULTY),
        (".", ("gate", "1", "--project", "plans"), FAULTY),
        ("plans", ("lint",), FAULTY),
        ("plans/pack/more", ("lint",), FAULTY),
        ("other", ("lint", "--project", "../plans"), FAULTY),
        ("other", ("lint", "../plans/pack"), [name for name in FAULTY if "/pack/" in name]),
    ],
)
def test_paths_are_those_from_the_current_folder(
    here: str,
    command: tuple[str, ...],
    named: Collection[str],
    run: Run,
    faulty: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (faulty / here).mkdir(exist_ok=True)
    monkeypatch.chdir(faulty / here)
    result = run(*command)
    assert result.exit_code == 2
    told = places(result)
    assert {os.path.normpath(faulty / here / each) for each in told} == {
        str(faulty / name) for name in named if "broken" not in name
    }
    assert all(Path(each).is_file() and not Path(each).is_absolute() for each in told)


def test_a_project_that_is_no_yaml_is_named_from_here_too(run: Run, faulty: Path) -> None:
    (faulty / "plans/phasegate.yaml").write_text("a: [\n", encoding="utf-8")
    for command in (("lint", "--project", "plans"), ("check", "--project", "plans")):
        assert places(run(*command)) == {"plans/phasegate.yaml"}


def test_a_file_has_its_own_project(run: Run, faulty: Path) -> None:
    result = run("lint", "--project", "plans", "plans/w/waivers.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "leave out --project, or FILE" in result.stderr
    assert run("lint", "plans/none.yaml").exit_code == 2
    assert run("lint", "developer_finance").stdout == "Found no problems.\n"
