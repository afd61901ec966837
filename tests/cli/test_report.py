"""A run in any format, on the screen and in files, when it is decided and afterwards."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from phasegate.reports.formats.registry import FORMATS

Run = Callable[..., Result]
Project = Callable[..., Path]
BEGINS = {
    "text": b"Project \xc2\xb7 as of 2026-03-01\n",
    "json": b"{\n",
    "html": b"<!DOCTYPE html>\n",
    "markdown": b"## ",
    "junit": b"<?xml version=",
    "sarif": b"{\n",
    "code-scanning": b"{\n",
    "oscal": b"{\n",
    "github": b"::",
    "csv": b"requirement,",
    "excel": b"PK",
}
LAST = "✗ CLOSED: 1 requirement fails. Exit code 1.\n"
PAST = "✗ CLOSED: 1 requirement fails.\n"
LINE_OF_A_PAST_RUN = re.compile(rb"^A check, which opens no gate, as of .*\n", re.MULTILINE)


def test_every_format_is_tried_here() -> None:
    assert set(BEGINS) == set(FORMATS)


def parts(file: Path) -> dict[str, bytes]:
    """The contents of a file by name: of a workbook those that are packed into it."""
    if not zipfile.is_zipfile(file):
        return {"": file.read_bytes()}
    with zipfile.ZipFile(file) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", FORMATS)
def test_a_run_is_rendered_alike_when_it_is_decided_and_afterwards(
    name: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project()
    assert run("check", "--format", name, "-o", "then").exit_code == 1
    assert run("report", "--format", name, "-o", "now").exit_code == 0
    then, now = parts(tmp_path / "then"), parts(tmp_path / "now")
    if name in ("text", "github"):  # beside the command that decides nobody asks which run it is
        now = {part: LINE_OF_A_PAST_RUN.sub(b"", told) for part, told in now.items()}
    assert {part: told.replace(b" Exit code 1.", b"") for part, told in then.items()} == now
    assert (tmp_path / "then").read_bytes().startswith(BEGINS[name])
    assert list(tmp_path.glob(".phasegate-*")) == []


@pytest.mark.parametrize("name", [name for name, each in FORMATS.items() if each.text])
def test_text_goes_to_the_screen(name: str, run: Run, project: Project) -> None:
    project()
    result = run("check", "--format", name, "--no-ledger")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout_bytes.startswith(BEGINS[name])


def test_several_reports_at_once(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    result = run("check", "--format", "junit", "-o", "tests.out", "--format", "json", "-o", "run.out")
    assert (result.exit_code, result.stdout) == (1, LAST)
    assert (tmp_path / "tests.out").read_bytes().startswith(b"<?xml")
    assert json.loads((tmp_path / "run.out").read_bytes())["outcome"] == "closed"


def test_one_more_format_than_files_goes_to_the_screen(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    result = run("check", "--format", "html", "--format", "github", "-o", "page.out")
    assert result.stdout.startswith("::error")
    assert (tmp_path / "page.out").read_bytes().startswith(b"<!DOCTYPE html>")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a.html", "html"),
        ("a.HTM", "html"),
        ("a.json", "json"),
        ("a.md", "markdown"),
        ("a.Markdown", "markdown"),
        ("a.xml", "junit"),
        ("a.sarif", "sarif"),
        ("a.sarif.json", "sarif"),
        ("a.oscal.json", "oscal"),
        ("a.csv", "csv"),
        ("a.xlsx", "excel"),
        ("a.txt", "text"),
        ("a.log", "text"),
        (".hidden", "text"),
        ("a", "text"),
        ("html", "text"),
    ],
)
def test_the_ending_of_a_file_tells_its_format(
    file: str, name: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project()
    assert run("check", "-o", file).exit_code == 1
    assert (tmp_path / file).read_bytes().startswith(BEGINS[name])


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("csv", "a.dat"),
        ("junit", "a.txt"),
        ("github", "a.log"),
        ("sarif", "a.json"),
        ("code-scanning", "a.sarif"),
        ("code-scanning", "a.json"),
        ("oscal", "a.json"),
        ("html", "a.htm"),
    ],
)
def test_a_named_format_goes_before_an_ending_that_does_not_contradict_it(
    name: str, file: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project()
    assert run("check", "--format", name, "-o", file, "-o", "b.html").exit_code == 1
    assert (tmp_path / file).read_bytes().startswith(BEGINS[name])
    assert (tmp_path / "b.html").read_bytes().startswith(BEGINS["html"])


@pytest.mark.parametrize("file", ["x.pdf", "x.parquet", "x.xls", "x.HTML5", "sub/run.2026"])
@pytest.mark.parametrize("command", [("check",), ("gate", "programme"), ("report",)])
def test_an_ending_that_tells_no_format_is_refused(
    command: tuple[str, ...], file: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project()
    result = run(*command, "-o", file)
    assert (result.exit_code, result.stdout) == (2, "")
    name = Path(file)
    assert result.stderr == (
        f"error: {name.name}: no format is known by the ending {name.suffix}\n"
        "help: the endings are .txt, .log, .json, .html, .htm, .md, .markdown, .xml, .sarif, .sarif.json, "
        ".oscal.json, .csv, .xlsx; or name a format with --format\n"
    )
    assert not (tmp_path / "phasegate.db").exists()


@pytest.mark.parametrize(
    ("options", "named", "file", "told"),
    [
        (("--format", "oscal", "--format", "html", "-o", "q.html"), "oscal", "q.html", "html"),
        (("--format", "csv", "-o", "a.html", "-o", "b.html"), "csv", "a.html", "html"),
        (("--format", "json", "-o", "a.sarif.json"), "json", "a.sarif.json", "sarif"),
        (("--format", "sarif", "-o", "a.oscal.json"), "sarif", "a.oscal.json", "oscal"),
        (("--format", "excel", "-o", "a.txt"), "excel", "a.txt", "text"),
        (("-o", "a.html", "--format", "json"), "json", "a.html", "html"),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("gate", "programme"), ("report",)])
def test_a_name_that_tells_another_format_than_its_own_is_refused(
    command: tuple[str, ...],
    options: tuple[str, ...],
    named: str,
    file: str,
    told: str,
    tmp_path: Path,
    run: Run,
    project: Project,
) -> None:
    project()
    result = run(*command, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: {named} would be written to {file}, whose name tells {told}\n"
        "help: the first --format is for the first --output, the second for the second: "
        f"--format {named} -o FILE --format {told} -o {file}\n"
    )
    assert not (tmp_path / "phasegate.db").exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("d/a.html", "d/../d/a.html"),
        ("d/a.html", "e/a.html"),
        ("d/old.html", "d/soft.html"),
        ("d/old.html", "d/hard.html"),
        ("d/new.html", "d/to_new.html"),
    ],
)
@pytest.mark.parametrize("command", ["check", "report"])
def test_two_reports_into_one_file_are_refused_whatever_leads_there(
    command: str, first: str, second: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project()
    folder = tmp_path / "d"
    folder.mkdir()
    (tmp_path / "e").symlink_to("d")
    (folder / "old.html").write_text("old", encoding="utf-8")
    (folder / "soft.html").symlink_to("old.html")
    (folder / "hard.html").hardlink_to(folder / "old.html")
    (folder / "to_new.html").symlink_to("new.html")
    result = run(command, "-o", first, "-o", second)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"two reports would go to {Path(first).name}: give each an --output of its own" in result.stderr
    assert (folder / "old.html").read_text(encoding="utf-8") == "old"
    assert not (tmp_path / "phasegate.db").exists()


def test_a_dash_is_the_screen(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    result = run("check", "--format", "csv", "-o", "-", "--format", "json", "-o", "run.json")
    assert result.stdout_bytes.startswith(BEGINS["csv"])
    assert [path.name for path in tmp_path.glob("*.json")] == ["run.json"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--format", "csv", "--format", "json"), "only one report goes to the screen"),
        (("--format", "csv", "-o", "-", "--format", "json"), "only one report goes to the screen"),
        (("--format", "excel"), "excel is no text for a screen: name a file with --output"),
        (("-o", "a.html", "-o", "./a.html"), "two reports would go to a.html"),
        (("--format", "pdf"), "'pdf' is not one of 'text', 'json', 'html'"),
    ],
)
@pytest.mark.parametrize("command", ["check", "report"])
def test_what_can_not_be_written_is_told_before_anything_is_done(
    command: str, options: tuple[str, ...], says: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project()
    result = run(command, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert not (tmp_path / "phasegate.db").exists()


def test_a_file_that_can_not_be_written_leaves_nothing(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    result = run("check", "-o", "nowhere/a.html")
    assert result.exit_code == 2
    assert "nowhere/a.html can not be written: No such file or directory" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} >= {"phasegate.db"}  # the run itself is kept
    assert list(tmp_path.rglob(".phasegate-*")) == []


def test_no_input_is_replaced_by_any_of_several_files(run: Run, project: Project) -> None:
    project()
    result = run("check", "-o", "a.html", "-o", "invoices.csv")
    assert result.exit_code == 2
    assert "invoices.csv is a file of the source invoices" in result.stderr


def test_a_past_run_by_its_number(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    run("check")
    project(bound=">= 90 %")
    run("check")
    assert run("report", "1", "--quiet").stdout == PAST
    assert run("report", "2", "--quiet").stdout == "✓ OPEN: the requirement holds.\n"
    assert run("report", "--quiet").stdout == run("report", "2", "--quiet").stdout
    missing = run("report", "3")
    assert missing.exit_code == 2
    assert "the ledger has no run" in missing.stderr


def test_a_saved_record_without_any_ledger(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    run("check", "--no-ledger", "-o", "run.json")
    for path in ("phasegate.yaml", "invoices.csv"):
        (tmp_path / path).unlink()
    result = run("report", "--record", "run.json", "-o", "page.html", "--quiet")
    assert (result.exit_code, result.stdout) == (0, PAST)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Kept in no ledger that this report knows of." in page


def test_a_check_as_of_another_day_says_when_it_was_made(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    run("check", "--as-of", "2026-02-01", "-o", "then.html", "-o", "then.md")
    run("report", "-o", "now.html", "-o", "now.md")
    for name in ("then.html", "then.md", "now.html", "now.md"):
        told = (tmp_path / name).read_text(encoding="utf-8")
        assert "A check, which opens no gate, as of 2026-02-01. Recorded" in told
        assert "Recorded on another day, 2026-03-01T" in told
        assert ", as run 1 in phasegate.db" in told


def test_a_page_shows_what_earlier_runs_found(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    for day in ("2026-02-01", "2026-02-15"):
        run("check", "--as-of", day)
    run("check", "-o", "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'Earlier runs: fail 2026-02-01 to 2026-03-01, about 90 %; bound about 95 %"' in page
    run("report", "2", "-o", "older.html")  # of a past run only what came before it
    older = (tmp_path / "older.html").read_text(encoding="utf-8")
    assert 'Earlier runs: fail 2026-02-01 to 2026-02-15, about 90 %; bound about 95 %"' in older
    assert "to 2026-03-01" not in older


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", [name for name, each in FORMATS.items() if each.text])
def test_quiet_leaves_files_whole(name: str, tmp_path: Path, run: Run, project: Project) -> None:
    project()
    assert run("check", "--quiet", "--format", name, "-o", "quiet").stdout == LAST
    for command in (("check", "--no-ledger"), ("gate", "programme", "--no-ledger"), ("report",)):
        for option, file in ((), "whole"), (("--quiet",), "quiet"):
            assert run(*command, *option, "--format", name, "-o", file).exit_code in (0, 1)
        assert (tmp_path / "quiet").read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.parametrize("command", [("report",), ("report", "1"), ("report", "--strict"), ("show",)])
def test_no_exit_code_is_told_of_a_run_that_another_command_decided(
    command: tuple[str, ...], run: Run, project: Project
) -> None:
    project()
    assert run("check").stdout.endswith(LAST)
    result = run(*command)
    assert result.exit_code == 0
    assert result.stdout.endswith(PAST)


@pytest.mark.parametrize("given", [("1",), ("latest",), ("--ledger", "phasegate.db")])
def test_a_saved_record_beside_a_run_is_refused(given: tuple[str, ...], run: Run, project: Project) -> None:
    project()
    run("check", "-o", "run.json")
    result = run("report", *given, "--record", "run.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a saved record is rendered by itself, without a RUN and --ledger" in result.stderr
