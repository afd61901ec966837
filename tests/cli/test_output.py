"""A report never replaces what it tells of."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from phasegate.audit.signing.keys import new_key

Run = Callable[..., Result]
Project = Callable[..., Path]
WAIVERS = "waivers: []\n"


def refused(result: Result, output: object, what: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    told = f"error: {output} is {what}: the report would replace it\nhelp: choose another file for --output\n"
    left = f"help: left as it was, for it is no report of a run: {output}\n"
    assert result.stderr in (told, told + left)


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize(
    "command",
    [
        ("check", "--format", "csv"),
        ("gate", "programme", "--format", "csv"),
        ("facts",),
        ("explain", "project/requirements"),
    ],
)
@pytest.mark.parametrize(
    ("output", "what"),
    [
        ("phasegate.yaml", "the project file"),
        ("./invoices.csv", "a file of the source invoices"),
        ("link.csv", "a file of the source invoices"),
        ("rest/b.csv", "a file of the source rest"),
        ("waivers.yaml", "the file of waivers"),
        ("phasegate.db", "the ledger"),
    ],
)
def test_an_input_of_the_run_is_not_replaced(
    tmp_path: Path, run: Run, project: Project, command: tuple[str, ...], output: str, what: str
) -> None:
    project(more="waivers: waivers.yaml\n")
    file = tmp_path / "phasegate.yaml"
    both = "sources: {invoices: {path: invoices.csv}, rest: {path: 'rest/*.csv'}}"
    file.write_text(
        file.read_text(encoding="utf-8").replace("sources: {invoices: {path: invoices.csv}}", both),
        encoding="utf-8",
    )
    (tmp_path / "rest").mkdir()
    for name in ("rest/a.csv", "rest/b.csv"):
        (tmp_path / name).write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "waivers.yaml").write_text(WAIVERS, encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("invoices.csv")
    assert run("check").exit_code == 1
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    refused(run(*command, "-o", output), Path(output), what)
    assert {path: path.read_bytes() for path in before} == before


def test_a_file_of_the_pack_is_not_replaced(
    tmp_path: Path, run: Run, programme: Callable[[bool], None]
) -> None:
    programme(True)
    for file in (tmp_path / "pack").rglob("*.yaml"):
        before = file.read_bytes()
        refused(run("gate", "1", "--format", "text", "--output", file), file, "a file of the pack")
        assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "output", "what"),
    [
        (("explain", "project", "--record", "run.json"), "run.json", "what the command reads"),
        (("lint",), "phasegate.yaml", "the project file"),
        (("lint", "--project", "phasegate.yaml"), "phasegate.yaml", "what the command reads"),
        (("runs",), "phasegate.db", "the ledger"),
        (("show",), "phasegate.yaml", "the project file"),
        (("runs", "--ledger", "phasegate.db", "--project", "."), "phasegate.db", "the ledger"),
    ],
)
def test_what_a_command_was_given_is_not_replaced(
    tmp_path: Path, run: Run, project: Project, command: tuple[str, ...], output: str, what: str
) -> None:
    project()
    assert run("check", "--format", "json", "-o", "run.json").exit_code == 1
    before = (tmp_path / output).read_bytes()
    refused(run(*command, "-o", output), output, what)
    assert (tmp_path / output).read_bytes() == before


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("command", ["runs", "show", "checkpoint", "verify", "replay", "lint"])
@pytest.mark.parametrize(
    ("output", "what"),
    [("kept.db", "the ledger"), ("invoices.csv", "a file of the source invoices")],
)
def test_what_the_project_names_is_not_replaced_by_who_reads_its_ledger(
    tmp_path: Path, run: Run, project: Project, command: str, output: str, what: str
) -> None:
    project(more="ledger: kept.db\n")
    assert run("check").exit_code == 1
    before = (tmp_path / output).read_bytes()
    refused(run(command, "-o", output), Path(output), what)
    assert (tmp_path / output).read_bytes() == before


@pytest.mark.parametrize("fault", ["", "unknown: true\n", "points: [\n"])
@pytest.mark.parametrize(
    ("command", "what"),
    [
        (("lint",), "a file of the pack"),
        (("lint", "pack"), "a file of the pack"),
        (("lint", "--project", "phasegate.yaml"), "a file of the pack"),
        (("lint", "pack/pack.yaml"), "a file of the pack"),
        (("lint", "invoices.csv"), "a file of the pack"),
        (("lint", "other"), "a file of the pack"),
    ],
)
def test_a_pack_is_not_replaced_by_what_is_wrong_with_it(
    command: tuple[str, ...],
    what: str,
    fault: str,
    tmp_path: Path,
    run: Run,
    programme: Callable[[bool], None],
) -> None:
    programme(False)
    if "other" in command:
        (tmp_path / "pack").rename(tmp_path / "other")
    file = Path("other/pack.yaml" if "other" in command else "pack/pack.yaml")
    file.write_text(file.read_text(encoding="utf-8") + fault, encoding="utf-8")
    before = file.read_bytes()
    refused(run(*command, "-o", file), file, what)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "command",
    [("replay", "--pack", "pack"), ("diff", "--rules", "pack", "pack"), ("diff", "--rules", "pack")],
)
def test_a_pack_is_not_replaced_by_who_decides_or_compares_by_it(
    command: tuple[str, ...], tmp_path: Path, run: Run, programme: Callable[[bool], None]
) -> None:
    programme(False)
    run("check")
    (tmp_path / "other").mkdir()
    file = tmp_path / "other" / "pack.yaml"
    file.write_bytes((tmp_path / "pack" / "pack.yaml").read_bytes())
    words = ["other" if word == "pack" else word for word in command]
    refused(run(*words, "-o", file), file, "a file of the pack")


@pytest.mark.parametrize("fault", ["unknown: true\n", "pack: none\n", "harden: {none: hard}\n"])
@pytest.mark.parametrize(
    ("output", "what"),
    [
        ("invoices.csv", "a file of the source invoices"),
        ("waivers.yaml", "the file of waivers"),
        ("kept.db", "the ledger"),
    ],
)
def test_what_a_faulty_project_names_is_not_replaced_by_who_looks_for_its_faults(
    output: str, what: str, fault: str, tmp_path: Path, run: Run, project: Project
) -> None:
    project(more=f"ledger: kept.db\nwaivers: waivers.yaml\n{fault}")
    for name in ("waivers.yaml", "kept.db"):
        (tmp_path / name).write_text("mine\n", encoding="utf-8")
    before = (tmp_path / output).read_bytes()
    refused(run("lint", "-o", output), Path(output), what)
    assert (tmp_path / output).read_bytes() == before


def test_a_report_of_before_is_replaced(tmp_path: Path, run: Run, project: Project) -> None:
    project()
    report = tmp_path / "report.txt"
    report.write_text("of yesterday", encoding="utf-8")
    assert run("check", "-o", report).exit_code == 1
    assert "CLOSED" in report.read_text(encoding="utf-8")


COMMANDS = [
    ("check", "--format", "text"),
    ("gate", "programme", "--format", "text"),
    ("explain", "project/requirements"),
    ("facts",),
    ("lint",),
    ("schema", "project"),
    ("runs",),
    ("show",),
    ("verify",),
    ("prove", "run"),
    ("replay",),
    ("checkpoint",),
    ("keys", "list"),
    ("report", "--format", "text"),
]
OF_OTHER = "a file of the SQLite database other.db"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("command", COMMANDS, ids="-".join)
def test_no_key_and_no_database_is_replaced(
    tmp_path: Path, run: Run, project: Project, command: tuple[str, ...]
) -> None:
    """Whether or not the project, or the command, has ever heard of it."""
    project()
    assert run("check").exit_code == 1
    (tmp_path / "keys").mkdir()
    new_key(tmp_path / "keys" / "ci", "ci")
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("CREATE TABLE t (c)")
    (tmp_path / "other.db-wal").touch()
    (tmp_path / "link").symlink_to("other.db-shm")
    (tmp_path / "hard").hardlink_to(tmp_path / "keys" / "ci")
    (tmp_path / "gone.db-wal").write_bytes(bytes.fromhex("377f0682002de218"))
    (tmp_path / "old.pem").write_text("-----BEGIN EC PRIVATE KEY-----\n", encoding="ascii")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for output, what in {
        "keys/ci": "a private key",
        "keys/ci.pub": "a public key",
        "hard": "a private key",
        "old.pem": "a private key",
        ".phasegate/evaluator": "a private key",
        ".phasegate/evaluator.pub": "a public key",
        "other.db": "an SQLite database, such as a ledger",
        "other.db-wal": OF_OTHER,
        "other.db-journal": OF_OTHER,
        "link": OF_OTHER,
        "gone.db-wal": "a file of an SQLite database",
        "phasegate.db": "the ledger",
        "phasegate.db-wal": "a file of the SQLite database phasegate.db",
        "phasegate.db-shm": "a file of the SQLite database phasegate.db",
        "phasegate.db-journal": "a file of the SQLite database phasegate.db",
    }.items():
        refused(run(*command, "-o", output), output, what)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_what_the_project_names_is_not_replaced_by_a_command_without_project(
    tmp_path: Path, run: Run, project: Project
) -> None:
    project()
    before = (tmp_path / "invoices.csv").read_bytes()
    refused(run("schema", "pack", "-o", "invoices.csv"), "invoices.csv", "a file of the source invoices")
    assert (tmp_path / "invoices.csv").read_bytes() == before


def test_names_that_only_end_like_those_beside_a_database(tmp_path: Path, run: Run) -> None:
    (tmp_path / "notes").write_text("no database", encoding="utf-8")
    for name in ("notes-wal", "-wal", "report-journal", "old.pub"):
        assert run("schema", "pack", "-o", f"./{name}").exit_code == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith("{")


def test_a_file_that_nobody_can_look_into_is_not_replaced(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.write_text("?", encoding="utf-8")
    really = Path.open

    def refuse(path: Path, *more: object) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return really(path, *more)  # type: ignore[call-overload]  # as it was called

    monkeypatch.setattr(Path, "open", refuse)
    refused(run("schema", "pack", "-o", closed), closed, "a file that can not be read (Permission denied)")
