"""`explain` answers: what is asked, what was found, from what, and why it is decided so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.records.schema import Record
from phasegate.reports.explain.explain import NotInRecordError, explain_text

Saved = Callable[[str], Record]
HEAVY = ("polars", "pydantic", "rich", "sqlglot", "durable", "yaml", "fractions")


@pytest.mark.parametrize(
    "given",
    [
        "2.1.1/validation",  # fails, with one requirement that passes
        "1.1.1/validation",  # passes
        "1.1.2/protocols",  # waived
        "1.1.2/systems",  # does not apply
        "1.2.1/protocols",  # no source
        "1.2.1/validation/validation.passed",  # one requirement, stale
        "1/success",
        "programme/roi",
        "2.1.1",
        "2.2.1",  # in no phase
        "phase:1",
        "4",  # closed by itself and by the gate before it
        "5",  # closed by the gate before it and by its limit of waivers
        "programme",
        "tariffs.accuracy",
        "validation",  # all fields of all points
        "framework.documents_in_force[2.2.1]",
    ],
)
def test_story(given: str, saved: Saved, snapshot: SnapshotAssertion) -> None:
    assert explain_text(saved("programme"), given) == snapshot


def test_story_of_the_smallest_project(saved: Saved, snapshot: SnapshotAssertion) -> None:
    assert explain_text(saved("minimal_fail"), "project/requirements") == snapshot


@pytest.mark.parametrize("name", ["programme", "gate_with_waivers", "hostile", "minimal_pass"])
def test_everything_that_a_record_names_can_be_explained(name: str, saved: Saved) -> None:
    record = saved(name)
    ids = [
        each["id"]
        for part in ("criteria", "points", "gates", "requirements", "facts")
        for each in record[part]
    ]  # type: ignore[literal-required]
    for given in ids:
        text = explain_text(record, given)
        assert text.endswith(".\n")
        assert all(char.isprintable() or char == "\n" for char in text), given
        assert "None" not in text, given


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("2.1.1/validaton", "did you mean 2.1.1/validation"),
        ("tariff.accuracy", "did you mean tariffs.accuracy"),
        ("phase:9", "did you mean phase:"),
        ("", "name a requirement"),
        ("zzzzzz", "name a requirement"),
    ],
)
def test_a_mistyped_id_gets_the_nearest_ones(given: str, hint: str, saved: Saved) -> None:
    with pytest.raises(NotInRecordError) as caught:
        explain_text(saved("programme"), given)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(hint)


def test_a_saved_record_is_explained_without_heavy_imports() -> None:
    record = Path(__file__).parents[1] / "records" / "programme.json"
    code = f"""
import sys
from phasegate.cli import main
try:
    main(["explain", "2.1.1/validation", "--record", {str(record)!r}])
finally:
    print("loaded:", *sorted(set(sys.modules) & set({HEAVY!r})))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "loaded:"
