"""The built-in pack decides with its tables in a lake as it does with files."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from example_runs import generator, place
from lake_corpus import secrets
from spark_servers import Lake

from phasegate import cli
from phasegate.facts.sources.scan import scan_source, typed_frame
from phasegate.rules.loading.project import load_project

pytestmark = pytest.mark.slow
DAY = dt.date(2026, 3, 1)
ALIKE = ("facts", "requirements", "criteria", "points", "areas", "gates", "score")


def test_the_pack_decides_in_a_lake_as_with_files(
    sail: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator("developer_finance").generate(place("developer_finance", tmp_path), DAY)
    path = tmp_path / "phasegate.yaml"
    project = yaml.safe_load(path.read_text())
    del project["waivers"]  # which are granted under the rules that say where tables are
    path.write_text(yaml.safe_dump(project))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPARK_REMOTE", sail.url)
    files = checked()
    sail.run("CREATE SCHEMA example", *tables(tmp_path))
    project["connections"] = {"lake": {"spark_connect": "env:SPARK_REMOTE"}}
    project["sources"] = {name: {"from": "lake", "table": f"example.{name}"} for name in project["sources"]}
    path.write_text(yaml.safe_dump(project))
    lake = checked()
    assert not secrets(json.dumps(lake), sail)
    told = [each["table"]["snapshot"] for each in lake["sources"] if "table" in each]
    assert len(told) == len(project["sources"]), [each.get("reason") for each in lake["sources"]]
    assert all(each.startswith("files sha256:") for each in told)
    for part in ALIKE:
        assert without_places(files, part) == without_places(lake, part), part


def checked() -> dict[str, Any]:
    result = CliRunner().invoke(cli.main, ["check", "--as-of", DAY.isoformat(), "--format", "json"])
    assert result.exit_code in (0, 1, 3), result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def tables(folder: Path) -> list[str]:
    """What makes the project's tables of a lake, of the rows that its files have."""
    loaded = load_project(folder / "phasegate.yaml")
    made = []
    for name, source in loaded.project.sources.items():
        contract = loaded.pack.pack.sources[name]
        scanned = scan_source(contract, source, loaded.root, loaded.project.time_zone)
        there = [column for column in contract.columns if column in scanned.columns]
        (folder / "lake" / name).mkdir(parents=True)
        typed_frame(scanned).select(there).collect().write_parquet(folder / "lake" / name / "1.parquet")
        made.append(f"CREATE TABLE example.{name} USING parquet LOCATION '{folder}/lake/{name}'")
    return made


def without_places(record: dict[str, Any], part: str) -> Any:
    """A part of a record, whose rows stand nowhere."""
    files = [file for source in record["sources"] for file in source["files"]]
    where = re.compile(f"(?:{'|'.join(map(re.escape, files))})(?::[0-9]+| row [0-9]+)")
    return json.loads(where.sub("a row", json.dumps(record[part])))
