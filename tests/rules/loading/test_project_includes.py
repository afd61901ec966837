"""The cycle and the control totals may stand in files that others write."""

import datetime as dt
from pathlib import Path

import pytest

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.loading.project import load_project

PROJECT = """\
phasegate: 1
{extra}
sources:
  bills: {{path: bills.csv}}
measures:
  bills.all: {{title: Bills, from: bills, count: "true"}}
require:
  bills.all: ">= 1"
"""


def _project(folder: Path, extra: str, **files: str) -> Path:
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content)
    file = folder / "phasegate.yaml"
    file.write_text(PROJECT.format(extra=extra))
    return file


def test_the_cycle_comes_from_its_file(tmp_path: Path) -> None:
    file = _project(tmp_path, "cycle_file: cycle.yaml", cycle="cycle: {id: c7, start: 2025-10-06}\n")
    cycle = load_project(file).project.cycle
    assert cycle is not None
    assert (cycle.id, cycle.start) == ("c7", dt.date(2025, 10, 6))


def test_control_totals_come_from_their_file_and_others_are_left_aside(tmp_path: Path) -> None:
    totals = 'control:\n  bills: {rows: 3, sums: {amount: "10.50"}}\n  elsewhere: {rows: 1}\n'
    project = load_project(_project(tmp_path, "control_file: totals.yaml", totals=totals)).project
    control = project.sources["bills"].control
    assert control is not None
    assert (control.rows, dict(control.sums)) == (3, {"amount": "10.50"})
    assert list(project.sources) == ["bills"]


@pytest.mark.parametrize(
    ("extra", "files", "rule", "place"),
    [
        ("cycle_file: cycle.yaml", {}, "unreadable-file", "phasegate.yaml:2"),
        ("cycle_file: ../cycle.yaml", {}, "path-outside", "phasegate.yaml:2"),
        ("cycle_file: cycle.yaml", {"cycle": "cycle: {id: c7}\n"}, None, "cycle.yaml:1"),
        ("cycle_file: cycle.yaml", {"cycle": "cycle: [\n"}, None, "cycle.yaml"),
        (
            "cycle_file: cycle.yaml\ncycle: {id: c7, start: 2025-10-06}",
            {"cycle": "cycle: {id: c7, start: 2025-10-06}\n"},
            "cycle-twice",
            "phasegate.yaml:2",
        ),
        (
            "control_file: totals.yaml",
            {"totals": "control:\n  bills: {row: 3}\n"},
            "unknown-key",
            "totals.yaml:2",
        ),
    ],
)
def test_a_wrong_file_is_told_where_it_is_wrong(
    tmp_path: Path, extra: str, files: dict[str, str], rule: str | None, place: str
) -> None:
    with pytest.raises(PackError) as caught:
        load_project(_project(tmp_path, extra, **files))
    diagnostic = caught.value.diagnostics[0]
    assert rule is None or diagnostic.rule == rule
    assert place in str(diagnostic.position)
