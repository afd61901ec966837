"""What can be asked for in the shipped example, and with which exit code it answers."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from phasegate import cli

EXAMPLE = Path(__file__).parents[2] / "examples/developer_finance"
DAY = dt.date(2026, 2, 28)
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with its tables, made for one day."""
    root = tmp_path_factory.mktemp("example")
    shutil.copy(EXAMPLE / "phasegate.yaml", root)
    before = sys.path[:]
    sys.path.insert(0, str(EXAMPLE))
    try:
        spec = importlib.util.spec_from_file_location("example_generator", EXAMPLE / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.main(["--out", str(root), "--as-of", str(DAY)])
    finally:
        sys.path[:] = before
    return root


@pytest.fixture
def run(example: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line in the example's folder, on its day."""
    monkeypatch.chdir(example)
    monkeypatch.setattr(cli, "now", lambda: dt.datetime.combine(DAY, dt.time(12), dt.UTC))
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PHASEGATE_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    return lambda *args: CliRunner().invoke(cli.main, list(args))


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize(
    ("command", "code", "state"),
    [
        ("gate 1", 0, "Gate 1 is OPEN WITH WAIVERS"),
        ("gate 1 --strict", 1, "Gate 1 is OPEN WITH WAIVERS"),
        ("gate 2", 3, "Gate 2 is UNDECIDED"),
        pytest.param("gate 2 --strict", 3, "Gate 2 is UNDECIDED", marks=pytest.mark.slow),
        ("gate 3", 1, "Gate 3 is CLOSED"),
        ("gate 4", 1, "Gate 4 is CLOSED: gate 3 is closed"),
        ("gate programme", 1, "CLOSED"),
        ("check", 1, "CLOSED"),
        ("check phase:1", 0, "OPEN WITH WAIVERS"),
        pytest.param("check phase:2", 3, "UNDECIDED", marks=pytest.mark.slow),
        ("check 1.1.1", 0, "OPEN"),
        pytest.param("check 1.1.1 --strict", 0, "OPEN", marks=pytest.mark.slow),
        pytest.param("check 1.1.3/systems", 0, "OPEN WITH WAIVERS", marks=pytest.mark.slow),
        ("check 1.1.3/systems --strict", 1, "OPEN WITH WAIVERS"),
        ("check 1.2", 3, "UNDECIDED"),
        pytest.param("check 2", 1, "CLOSED", marks=pytest.mark.slow),
        ("check 1/success", 0, "OPEN"),
        ("check 1/kpi", 3, "NOTHING DECIDED"),
        ("check 1.1.1 3.1 4/success", 0, "OPEN"),
        pytest.param("check 1.1.1 phase:2", 3, "UNDECIDED", marks=pytest.mark.slow),
    ],
)
def test_an_id_and_its_exit_code(run: Run, command: str, code: int, state: str) -> None:
    result = run(*command.split())
    assert result.exit_code == code, result.output
    last = " ".join(result.stdout.split("\n\n")[-1].split())
    assert f"{state}:" in last or f" {state}" in last or last.startswith(state)
    assert last.endswith(f"Exit code {code}.")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("check 1.1.1/sytems", "did you mean '1.1.1/systems'?"),
        ("check 1/sucess", "did you mean '1/success'?"),
        ("check programe", "did you mean 'programme'?"),
        ("check Phase:2", "did you mean 'phase:2'?"),
        ("check phase:5", "the phases are 1, 2, 3, 4, programme"),
        ("check 1.1.1 1.1.9", "did you mean '1.1."),
        ("check 7", "phasegate check without ids decides everything"),
        ("gate 0", "the phases are 1, 2, 3, 4, programme"),
        ("gate 1.1.1", "the phases are 1, 2, 3, 4, programme"),
        ("explain 2.2.1/validaton", "2.2.1/validation"),
        ("facts 9.9.9", "help: "),
    ],
)
def test_an_id_that_is_none_is_told_the_nearest(run: Run, command: str, hint: str) -> None:
    result = run(*command.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert hint in result.stderr


@pytest.mark.slow
def test_a_point_has_the_same_verdict_however_it_is_asked_for(run: Run) -> None:
    whole = json.loads(run("check", "--format", "json").stdout)
    expected = {point["id"]: point["verdict"] for point in whole["points"]}
    for ids in (["1.1.1", "1.2.2"], ["phase:3"], ["3.2.3/systems", "4.2"]):
        part = json.loads(run("check", *ids, "--format", "json").stdout)
        assert part["points"]
        for point in part["points"]:
            assert point["verdict"] == expected[point["id"]]


@pytest.mark.slow
def test_a_gate_has_the_same_state_however_it_is_asked_for(run: Run) -> None:
    whole = json.loads(run("check", "--format", "json").stdout)
    expected = {gate["id"]: gate["state"] for gate in whole["gates"]}
    assert set(expected) == {"1", "2", "3", "4", "programme"}
    for gate in ("1", "4"):
        state = expected[gate]
        asked = json.loads(run("gate", gate, "--format", "json").stdout)
        assert asked["outcome"] == state
        assert {each["id"]: each["state"] for each in asked["gates"]}[gate] == state
