"""Dagster, Airflow and Prefect: our lines run, and what they report shuts a pipeline exactly if it must.

The three are stand-ins of the few names that our lines use, which know their parameters and nothing else:
installing them takes longer than all other tests together.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import polars as pl
import pytest

PROJECT = """\
phasegate: 1
id: test-orchestrators
sources: {invoices: {path: invoices.csv}}
measures:
  reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}
require: {reconciled: ">= 95 %"}
"""


class AirflowFailError(Exception):
    """Stands for what fails a task for good."""


def module(name: str, **names: object) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(names)
    return made


def asset_check(*, asset: str, blocking: bool) -> Callable[[Any], Any]:
    assert (asset, blocking) == ("invoices", True)
    return lambda function: function


def stand_ins(left: list[str]) -> dict[str, ModuleType]:
    """What the lines import; `left` takes the reports that they leave."""

    def result(*, passed: bool, metadata: dict[str, object]) -> bool:
        assert metadata["run"] == 1
        return passed

    def artifact(*, key: str, markdown: str) -> None:
        assert key == "programme"
        left.append(markdown)

    def ended(passed: bool) -> Callable[..., bool]:
        return lambda *, message: passed

    plain: Callable[[Any], Any] = lambda function: function  # noqa: E731 - a decorator that changes nothing
    return {
        "dagster": module(
            "dagster",
            asset_check=asset_check,
            AssetCheckResult=result,
            MetadataValue=SimpleNamespace(md=left.append),
        ),
        "airflow": module("airflow"),
        "airflow.exceptions": module("airflow.exceptions", AirflowFailException=AirflowFailError),
        "airflow.sdk": module("airflow.sdk", task=plain),
        "prefect": module("prefect", flow=plain),
        "prefect.artifacts": module("prefect.artifacts", create_markdown_artifact=artifact),
        "prefect.states": module("prefect.states", Completed=ended(True), Failed=ended(False)),
    }


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("status", ["reconciled", "open"])
@pytest.mark.parametrize("name", ["dagster", "airflow", "prefect"])
def test_the_pipeline_goes_on_only_if_it_is_open(
    name: str,
    status: str,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    left: list[str] = []
    for each, made in stand_ins(left).items():
        monkeypatch.setitem(sys.modules, each, made)
    monkeypatch.delenv("PHASEGATE_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "compliance"
    folder.mkdir()
    (folder / "phasegate.yaml").write_text(PROJECT, encoding="utf-8")
    invoices = pl.DataFrame({"status": [status]})
    invoices.write_csv(folder / "invoices.csv")
    spec = importlib.util.spec_from_file_location(
        f"ours_{name}", root / "integrations" / name / "phasegate_check.py"
    )
    assert spec is not None
    assert spec.loader is not None
    ours = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ours)
    given = invoices if name == "dagster" else "compliance"
    try:
        passed = ours.programme_is_open(given)
    except AirflowFailError as error:
        passed = str(error) != "the programme is closed, by run 1"
    assert bool(passed) is (status == "reconciled")
    told = "".join(left) or capsys.readouterr().out
    assert ("OPEN" if status == "reconciled" else "CLOSED") in told
