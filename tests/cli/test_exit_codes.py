"""The exit code is the verdict; the gate is shut in all but 0."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

from phasegate.runs import attempt

Run = Callable[..., Result]
Project = Callable[..., Path]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("bound", "min_rows", "code", "state"),
    [
        (">= 90 %", 1, 0, "OPEN"),
        (">= 95 %", 1, 1, "CLOSED"),
        (">= 90 %", 21, 3, "UNDECIDED"),  # too few rows to judge
    ],
)
@pytest.mark.parametrize("command", [("check",), ("gate", "programme")])
def test_verdicts(
    command: tuple[str, ...], bound: str, min_rows: int, code: int, state: str, run: Run, project: Project
) -> None:
    project(bound, min_rows)
    result = run(*command)
    assert result.exit_code == code, result.output
    last = result.stdout.splitlines()[-1]
    assert f"{state}:" in last
    assert last.endswith(f"Exit code {code}.")
    assert result.stderr == ""


@pytest.mark.parametrize("command", [("check",), ("gate", "1"), ("gate", "2"), ("gate", "phase:2")])
def test_open_with_waivers_is_0_and_with_strict_1(
    command: tuple[str, ...], run: Run, programme: Callable[[bool], None]
) -> None:
    programme(True)
    result = run(*command)
    assert result.exit_code == 0, result.output
    assert "OPEN WITH WAIVERS: everything that applies passes or is waived" in result.stdout.splitlines()[-1]
    assert "f-101 carries the risk up to and including 2026-03-31" in result.stdout
    assert run(*command, "--strict").exit_code == 1
    programme(False)
    assert run(*command).exit_code == 1


def test_a_later_gate_inherits(run: Run, programme: Callable[[bool], None]) -> None:
    programme(False)
    result = run("gate", "2")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "✗ Gate 2 is CLOSED: gate 1 is closed. Exit code 1."


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), ""),
        (("bogus",), "No such command 'bogus'"),
        (("check", "--bogus"), "No such option"),
        (("gate",), "Missing argument 'PHASE'"),
        (("gate", "1", "--as-of", "2026-01-01"), "No such option"),
        (("gate", "9"), "the pack has no phase '9'"),
        (("check", "9.9.9"), "the pack has no point"),
        (("check", "--as-of", "20260101"), "is not a date: write it as 2026-01-31"),
        (("check", "--as-of", "2026-02-30"), "is not a date"),
        (("check", "--project", "nowhere"), "does not exist"),
        (("check", "-o", "none/report.txt"), "can not be written"),
        (("gate", "programme", "--pack-digest", "sha256:0"), "the pack has the digest sha256:"),
        (("explain", "9.9.9"), "the record says nothing of '9.9.9'"),
        (("explain", "x", "--record", "none.json"), "it can not be read"),
        (("explain", "x", "--record", "invoices.csv"), "is not JSON"),
        (("lint", "nopack"), "there is no pack 'nopack'"),
        (("trace", "none.md"), "there is no such file"),
        (("schema", "bogus"), "is not one of"),
        (("init",), "phasegate.yaml is there already"),
    ],
)
def test_whatever_is_refused_is_2_and_one_message(
    args: tuple[str, ...], message: str, run: Run, project: Project
) -> None:
    project()
    result = run(*args)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_without_a_project_it_is_2(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: there is no phasegate.yaml in ")
    assert "\nhelp: 'phasegate init' starts a project" in result.stderr


def test_every_fault_of_a_project_is_told_at_once(run: Run, project: Project) -> None:
    project(">= 95 days", more="surprise: 1\n")
    result = run("check")
    assert result.exit_code == 2
    assert "unknown-key" in result.stderr
    project(">= 95 days")
    result = run("check")
    assert result.exit_code == 2
    assert "phasegate.yaml:11:" in result.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "error: interrupted\n"),
        (click.Abort(), "error: interrupted\n"),
        (
            RuntimeError("boom\nmore"),
            "error: unexpected RuntimeError: boom\nhelp: PHASEGATE_TRACEBACK=1 shows",
        ),
        (RecursionError(), "error: unexpected RecursionError\n"),
        (MemoryError(), "error: there is not enough memory\nhelp: end something else, or raise the limit"),
        (OSError(12, "Cannot allocate memory"), "error: there is not enough memory\n"),
        (RuntimeError("can't start new thread"), "error: the system gives no further thread or process\n"),
        (
            type("PanicException", (BaseException,), {})("could not spawn threads: ThreadPoolBuildError {}"),
            "error: the system gives no further thread or process\nhelp: raise the limit",
        ),
        (
            ModuleNotFoundError("No module named 'durable'", name="durable.lang"),
            "error: durable-rules is needed, and can not be loaded: No module named 'durable'\nhelp: install",
        ),
        (SystemExit(0), ""),
        (SystemExit(1), ""),
        (BrokenPipeError(), ""),
        (type("PanicException", (BaseException,), {})("panic"), "error: unexpected PanicException: panic\n"),
    ],
)
def test_whatever_goes_wrong_is_2(
    error: BaseException, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(attempt, "ready_project", fail)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    result = run("check")
    assert result.exit_code == 2
    assert result.stderr.strip("\n").startswith(said.strip("\n"))
    assert "Traceback" not in result.stderr
    monkeypatch.setenv("PHASEGATE_TRACEBACK", "1")
    if type(error) is RuntimeError:
        assert "Traceback" in run("check").stderr


def phasegate(*args: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("phasegate"), *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(("bound", "code"), [(">= 90 %", 0), (">= 95 %", 1), (">= 95 fish", 2)])
def test_the_installed_command(bound: str, code: int, project: Project, tmp_path: Path) -> None:
    project(bound)
    result = phasegate("check", cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert bool(result.stdout) is (code != 2)


def test_a_closed_pipe_is_quiet(project: Project, tmp_path: Path) -> None:
    project()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("phasegate"), "check"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 2
    process.stderr.close()


def test_a_full_disk_is_2(project: Project, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("this system has no /dev/full")
    project(">= 90 %")
    with full.open("w") as out:
        result = subprocess.run(
            [Path(sys.executable).with_name("phasegate"), "check"],
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert result.returncode == 2
    assert "No space left on device" in result.stderr


def test_an_encoding_without_our_signs(project: Project, tmp_path: Path) -> None:
    project()
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = phasegate("check", cwd=tmp_path, env=env)
    assert result.returncode == 1
    assert result.stdout.splitlines()[-1] == "x CLOSED: 1 requirement fails. Exit code 1."
