"""What an auditor does one after the other: verify, prove, verify the proof elsewhere, replay everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result


def test_verify_prove_verify_the_proof_in_an_empty_folder_and_replay_all(
    run: Callable[..., Result],
    project: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project()
    assert run("check").exit_code == 1
    assert run("gate", "programme").exit_code == 1
    verified = run("verify", "--ledger", "phasegate.db")  # by a short name, so that no line breaks in it
    assert verified.exit_code == 0
    assert verified.stdout.startswith("✓ phasegate.db holds what was kept.\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    for run_ in ("1", "2"):
        proof = empty / f"proof-{run_}.json"
        assert run("prove", "project", "--run", run_, "-o", proof).exit_code == 0
    (tmp_path / "phasegate.yaml").rename(tmp_path / "away.yaml")
    (tmp_path / "phasegate.db").rename(tmp_path / "away.db")
    monkeypatch.chdir(empty)
    for run_ in ("1", "2"):
        shown = run("verify", f"proof-{run_}.json")
        assert shown.exit_code == 0, shown.output
        assert f"✓ Run {run_} decided point project: fail." in shown.stdout
        assert "Its verdicts follow from its facts" in shown.stdout
    (tmp_path / "away.yaml").rename(tmp_path / "phasegate.yaml")
    (tmp_path / "away.db").rename(tmp_path / "phasegate.db")
    monkeypatch.chdir(tmp_path)
    replayed = run("replay", "--all")
    assert replayed.exit_code == 0
    assert replayed.stdout.startswith("✓ ")
