"""Whatever a run was refused for, no report of an earlier one is left in its place; what is no report is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from phasegate import cli
from phasegate.commands.withdrawal import WRITES_NO_REPORT

Run = Callable[..., Result]
Project = Callable[..., Path]
OPEN = ("gate", "programme", "-o", "gate.html", "-o", "gate.json", "-o", "gate.xml")
WRITTEN = ("gate.html", "gate.json", "gate.xml")


def faulty(folder: Path) -> None:
    file = folder / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "unknown: true\n", encoding="utf-8")


def no_project(folder: Path) -> None:
    (folder / "phasegate.yaml").unlink()


def no_ledger(folder: Path) -> None:
    (folder / "phasegate.db").write_bytes(b"no database")


def nothing(folder: Path) -> None: ...


def beside(*others: str) -> tuple[str, ...]:
    return (*OPEN, *others)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("command", "spoil"),
    [
        (OPEN, faulty),
        (OPEN, no_project),
        (OPEN, no_ledger),
        (beside("--pack-digest", "sha256:0"), nothing),
        (beside("--key", "none"), nothing),
        (beside("--no-such-option"), nothing),
        (("--no-such-option", *OPEN), nothing),
        (beside("--project", "none"), nothing),
        (beside("too", "many"), nothing),
        (("gaet", *OPEN[1:]), nothing),
        (("gate", "9", *OPEN[2:]), nothing),
        (("gate", "--", "programme", *OPEN[2:-2]), nothing),
        (beside("-o"), nothing),
        (beside("-o", "gate.docx"), nothing),
        (beside("-o", "invoices.csv"), nothing),
        (beside("-o", "none/gate.md"), nothing),
        (beside("-o", "gate.xml"), nothing),
        (("gate", "programme", "-qogate.html", "--output=gate.json", "-vqo", "gate.xml", "-x"), nothing),
        (("check", "9.9.9", *OPEN[2:]), nothing),
        (("report", "99", *OPEN[2:]), nothing),
    ],
)
def test_a_refused_run_leaves_no_report(
    command: tuple[str, ...], spoil: Callable[[Path], None], tmp_path: Path, run: Run, project: Project
) -> None:
    project(">= 90 %")
    assert run(*OPEN).exit_code == 0
    spoil(tmp_path)
    kept = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    kept = {path: content for path, content in kept.items() if path.name not in WRITTEN}
    done = run(*command)
    assert done.exit_code == 2, done.output
    if "--" in command:  # what stands behind it is no option
        assert all((tmp_path / name).exists() for name in WRITTEN)
        return
    assert [name for name in WRITTEN if (tmp_path / name).exists()] == []
    told = "help: a refused run leaves no report: removed gate.html, gate.json, gate.xml\n"
    assert done.stderr.endswith(told), done.stderr
    kept.pop(tmp_path / "phasegate.db")  # which has the attempt
    assert {path: path.read_bytes() for path in kept} == kept


@pytest.mark.parametrize("words", [("--output=", "gate.json"), ("-o", "", "gate.json")])
def test_an_empty_name_takes_no_other_word(
    words: tuple[str, ...], tmp_path: Path, run: Run, project: Project
) -> None:
    """As ``--output="$UNSET" FILE`` comes to be."""
    project(">= 90 %")
    assert run(*OPEN).exit_code == 0
    assert run("report", *words).exit_code == 2
    assert (tmp_path / "gate.json").exists()


def test_each_command_writes_reports_or_is_known_to_write_none() -> None:
    writes = {"check", "gate", "report", "explain", "show", "portfolio"}
    assert cli.main.commands.keys() == writes | WRITES_NO_REPORT


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("name", sorted(WRITES_NO_REPORT))
def test_a_refused_command_that_writes_no_report_removes_none(
    name: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project(">= 90 %")
    assert run(*OPEN).exit_code == 0
    before = (tmp_path / "gate.html").read_bytes()
    assert run(name, "-o", "gate.html", "--no-such-option").exit_code == 2
    assert (tmp_path / "gate.html").read_bytes() == before


def test_a_decision_that_can_not_be_shown_leaves_no_report(
    tmp_path: Path, run: Run, project: Project
) -> None:
    """The page is written before the one that can not be."""
    project(">= 90 %")
    (tmp_path / "folder.json").mkdir()
    done = run("gate", "programme", "-o", "gate.html", "-o", "folder.json")
    assert done.exit_code == 2
    assert "kept as run 1 (open)" in done.stderr
    assert "removed gate.html" in done.stderr
    assert not (tmp_path / "gate.html").exists()


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("explain", "programme", "-o", "told.txt"), "told.txt"),
        (("show", "-o", "told.txt"), "told.txt"),
        (("show", "--format", "json", "-o", "told.json"), "told.json"),
        (("report", "-o", "told.md"), "told.md"),
    ],
)
def test_every_command_that_tells_of_a_verdict(
    command: tuple[str, ...], name: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project(">= 90 %")
    assert run("gate", "programme").exit_code == 0
    assert run(*command).exit_code == 0
    assert (tmp_path / name).exists()
    faulty(tmp_path)
    no_ledger(tmp_path)
    done = run(*command)
    assert (done.exit_code, (tmp_path / name).exists()) == (2, False), done.output


@pytest.mark.parametrize("name", ["notes.md", "page.html", "rows.csv", "data.json", "LICENSE"])
def test_what_is_no_report_is_left_and_told(name: str, tmp_path: Path, run: Run, project: Project) -> None:
    project()
    faulty(tmp_path)
    (tmp_path / name).write_text("mine\n", encoding="utf-8")
    done = run("gate", "programme", "-o", name)
    assert done.exit_code == 2
    assert done.stderr.endswith(f"help: left as it was, for it is no report of a run: {name}\n")
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine\n"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("record", ["gate.json", "./gate.json", "link.json"])
@pytest.mark.parametrize("more", [("--no-such-option",), (), ("-o", "gate.docx")])
def test_a_report_that_the_command_reads_is_left(
    record: str, more: tuple[str, ...], tmp_path: Path, run: Run, project: Project
) -> None:
    project()
    run(*OPEN)
    (tmp_path / "link.json").symlink_to("gate.json")
    for words in (["--record", record], [f"--record={record}"]):
        assert run("report", *words, "-o", "gate.json", *more).exit_code == 2
        assert (tmp_path / "gate.json").exists()


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("fault", ["", "unknown: true\n"])
@pytest.mark.parametrize("where", [(), ("--project", "plans"), ("--project=plans",)])
def test_a_report_that_the_project_reads_is_left(
    where: tuple[str, ...],
    fault: str,
    tmp_path: Path,
    run: Run,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who measures how earlier runs went has reports among the tables."""
    file = project()
    run("gate", "programme", "-o", "past.csv")
    folder = tmp_path / "plans" if where else tmp_path
    folder.mkdir(exist_ok=True)
    text = file.read_text(encoding="utf-8").replace("invoices.csv", "past.csv") + fault
    for name in ("phasegate.yaml", "past.csv"):
        content = text if name == "phasegate.yaml" else (tmp_path / name).read_text(encoding="utf-8")
        (folder / name).write_text(content, encoding="utf-8")
    table = os.path.relpath(folder / "past.csv", tmp_path)
    done = run("gate", "programme", *where, "-o", table, "--no-such-option")
    assert (done.exit_code, (folder / "past.csv").exists()) == (2, True), done.output


def test_what_lint_found_stays(tmp_path: Path, run: Run, project: Project) -> None:
    """It ends with 2 as well, and what it tells is of now."""
    project()
    faulty(tmp_path)
    assert run("lint", "-o", "found.txt").exit_code == 2
    assert "unknown" in (tmp_path / "found.txt").read_text(encoding="utf-8")


def test_an_interrupted_run_leaves_no_report(
    tmp_path: Path, run: Run, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(">= 90 %")
    assert run(*OPEN).exit_code == 0

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "now", interrupted)
    done = run(*OPEN)
    assert done.exit_code == 2
    assert "error: interrupted" in done.stderr
    assert [name for name in WRITTEN if (tmp_path / name).exists()] == []
