"""A team tests its own reports in three lines, with nothing but pytest and phasegate installed."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from _pytest.config import _iter_rewritable_modules

from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.views.starter import first_files
from phasegate.rules.errors import PhasegateError
from phasegate.testing import decide

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [name for name, each in FORMATS.items() if each.text]
THREE_LINES = """\
def test_report(phasegate_record, report_snapshot):
    record = phasegate_record(as_of="2026-03-01")
    assert record == report_snapshot("markdown")
"""
RECORD_ALONE = """\
def test_one(phasegate_record):
    assert phasegate_record(as_of="2026-03-01")["outcome"] == "closed"
"""
EVERY_FORMAT = f"""\
import pytest

def test_each(phasegate_record, report_snapshot):
    record = phasegate_record("..", as_of="2026-03-01")
    for form in {TEXTS}:
        assert record == report_snapshot(form)

@pytest.mark.parametrize("form", ["json", "oscal"])
def test_parametrized(form, phasegate_record, report_snapshot):
    assert phasegate_record(as_of="2026-03-01") == report_snapshot(form)
"""
ENDINGS = {
    "test_each.txt",
    "test_each.json",
    "test_each.html",
    "test_each.md",
    "test_each.xml",
    "test_each.sarif",
    "test_each.csv",
    "test_each[code-scanning].sarif",
    "test_each[oscal].json",
    "test_each[github].txt",
    "test_parametrized[json].json",
    "test_parametrized[oscal][oscal].json",
}
UPGRADED = """\
import phasegate.runs.evaluate as run
run._versions = lambda: {"phasegate": "99.1", "polars": "98.2", "durable-rules": "97.3"}

from phasegate.facts.evidence_rows import RowsBehind
parquet = RowsBehind.parquet
RowsBehind.parquet = lambda self: parquet(self) + b"as another polars writes it"
"""


TRUE = """\
def test_the_record_itself_tells_what_decided_it(phasegate_record):
    record = phasegate_record(as_of="2026-03-01")
    assert record["versions"]["phasegate"] == "99.1"
    assert record["rows"][0]["digest"].startswith("sha256:")
"""


class Team(NamedTuple):
    """A team's repository, a project at its root and tests in a folder."""

    folder: Path

    @property
    def snapshots(self) -> set[str]:
        return {path.name for path in self.folder.glob("tests/__snapshots__/*/*")}

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / "tests" / f"{name}.py").write_text(text, encoding="utf-8")

    def pytest(self, *options: str, code: int = 0) -> str:
        """Runs pytest, with every warning an error, and gives what it prints."""
        unwanted = ("PYTEST", "COV_", "FORCE_COLOR", "COLUMNS")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", *options],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if not name.startswith(unwanted)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def team(tmp_path: Path) -> Team:
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    for name, text in first_files(True, dt.date(2026, 3, 1), "p-0123456789abcdef").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Team(tmp_path)


@pytest.mark.slow
def test_three_lines(team: Team) -> None:
    team.write(test_gate=THREE_LINES)
    assert "Snapshot 'test_report' does not exist!" in team.pytest(code=1)
    assert "1 snapshot generated." in team.pytest("--snapshot-update")
    assert team.snapshots == {"test_report.md"}
    assert "1 snapshot passed." in team.pytest("tests/test_gate.py::test_report", "--rootdir=tests")


@pytest.mark.slow
def test_a_changed_row_is_a_readable_difference(team: Team) -> None:
    team.write(test_gate=THREE_LINES)
    team.pytest("--snapshot-update")
    table = team.folder / "invoices.csv"
    table.write_text(table.read_text().replace("open", "reconciled", 1), encoding="utf-8")
    printed = team.pytest("-vv", code=1)
    told = [line.removeprefix("E ").strip() for line in printed.splitlines() if line.startswith("E ")]
    assert told[0].endswith("assert [+ received] == [- snapshot]")
    (before,) = [line for line in told if line.startswith("- ") and "18 of 20" in line]
    (after,) = [line for line in told if line.startswith("+ ") and "19 of 20" in line]
    assert ("90 %" in before, "95 %" in after) == (True, True)
    assert max(map(len, told)) < 1000
    assert len(told) < 50
    assert not (team.folder / "phasegate.db").exists()


@pytest.mark.slow
def test_every_format_has_a_file_with_its_ending_and_survives_an_upgrade(team: Team) -> None:
    team.write(test_gate=EVERY_FORMAT)
    team.pytest("--snapshot-update")
    assert team.snapshots == ENDINGS
    assert not {path.name for path in team.folder.iterdir()} & {"phasegate.db", ".phasegate"}
    team.write(conftest=UPGRADED, test_truth=TRUE)
    assert "12 snapshots passed." in team.pytest("-n", "2")


@pytest.mark.slow
def test_two_of_one_format_are_two_files(team: Team) -> None:
    more = '    assert record == report_snapshot()\n    assert record == report_snapshot("csv")\n'
    team.write(test_gate=THREE_LINES + more)
    team.pytest("--snapshot-update")
    assert team.snapshots == {"test_report.md", "test_report.1.md", "test_report.csv"}
    assert "3 snapshots passed." in team.pytest()


@pytest.mark.slow
def test_what_is_refused_is_told_in_its_own_words(team: Team) -> None:
    with (team.folder / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write("unknown: true\n")
    team.write(test_gate=THREE_LINES)
    printed = team.pytest(code=1)
    assert "phasegate.yaml:13:1 unknown-key" in printed
    assert "Traceback" not in printed
    assert "deciding" not in printed


MISTAKES = {
    'report_snapshot("excel")': "no snapshot is made of the format 'excel'; there are text, json",
    'report_snapshot("pdf")': "no snapshot is made of the format 'pdf'; there are text, json",
    "{} == report_snapshot()": "report_snapshot is compared with a record, not with dict",
    '"text" == report_snapshot()': "report_snapshot is compared with a record, not with str",
    'phasegate_record(as_of="soon")': "error: 'soon' is not a date\nhelp: write it as 2026-01-31",
    'phasegate_record(as_of="2026-W09-7")': "error: '2026-W09-7' is not a date",
    'phasegate_record("../nowhere", as_of="2026-03-01")': "/tests/../nowhere\nhelp: name the project's file",
    'phasegate_record("nowhere/phasegate.yaml", as_of="2026-03-01")': "nowhere/phasegate.yaml\nhelp: name",
    "phasegate_record()": "missing 1 required keyword-only argument: 'as_of'",
}


@pytest.mark.slow
def test_each_mistake_is_told(team: Team) -> None:
    tests = (
        f"def test_{number}(phasegate_record, report_snapshot):\n    assert {line}\n"
        for number, line in enumerate(MISTAKES)
    )
    team.write(test_gate="\n".join(tests))
    printed = team.pytest(code=1)
    assert f"{len(MISTAKES)} failed" in printed
    told = re.split(r"^_+ test_[0-9]+ _+$", printed, flags=re.MULTILINE)[1:]
    assert [says for says, text in zip(MISTAKES.values(), told, strict=True) if says not in text] == []


@pytest.mark.parametrize("day", ["tomorrow", "20260301", "2026-02-30", ""])
def test_a_text_that_is_no_day_is_no_day_without_a_fixture_either(day: str, team: Team) -> None:
    with pytest.raises(PhasegateError, match=f"'{day}' is not a date") as raised:
        decide(team.folder, as_of=day)
    assert isinstance(raised.value, ValueError)


def test_a_path_that_is_not_there_is_no_project_further_up(team: Team) -> None:
    with pytest.raises(PhasegateError, match=r"there is no .*/nowhere"):
        decide(team.folder / "nowhere", as_of="2026-03-01")


@pytest.mark.slow
def test_a_part_of_a_project_elsewhere(team: Team) -> None:
    team.write(
        test_gate="""\
import datetime as dt
from pathlib import Path

def test_it(phasegate_record):
    here = Path(__file__).parent.parent
    record = phasegate_record(here / "phasegate.yaml", as_of=dt.date(2026, 2, 3), ids=["project"])
    assert (record["as_of"], record["scope"]) == ("2026-02-03", ["project"])
"""
    )
    team.pytest()


@pytest.mark.slow
def test_without_syrupy_records_are_decided_and_only_snapshots_fail(team: Team) -> None:
    team.write(
        conftest='import sys\nsys.modules["syrupy"] = None\n',
        test_gate=f"{THREE_LINES}\n{RECORD_ALONE}",
    )
    printed = team.pytest("-p", "no:syrupy", code=1)
    assert "1 passed, 1 error" in printed
    assert "report_snapshot needs syrupy: install phasegate with the extra 'testing'" in printed


@pytest.mark.slow
def test_tests_that_ask_for_nothing_import_nothing(team: Team) -> None:
    team.write(
        conftest="""\
import sys

def pytest_sessionfinish(session):
    heavy = {"phasegate", "click", "polars", "pydantic", "yaml"}
    print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules} & heavy))
""",
        test_gate="def test_it(request):\n    assert request.config.pluginmanager.has_plugin('phasegate')\n",
    )
    assert "loaded:\n" in team.pytest("-s")


def shipped(pyproject: dict[str, Any]) -> list[str]:
    """The modules of the wheel, by the places where they are installed."""
    tool = pyproject["tool"]["setuptools"]
    return [
        f"{package.replace('.', '/')}/{module.name}"
        for package in tool["packages"]
        for module in sorted(place(package, tool["package-dir"]).glob("*.py"))
    ]


def place(package: str, places: dict[str, str]) -> Path:
    first, *rest = package.split(".")
    return ROOT.joinpath(places[first], *rest)


@pytest.fixture
def names() -> Callable[[list[str]], set[str]]:
    return lambda files: set(_iter_rewritable_modules(files))


def test_pytest_rewrites_the_plugin_and_no_package_of_another(names: Callable[[list[str]], set[str]]) -> None:
    files = shipped(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    assert "phasegate/testing/snapshots.py" in files
    assert names(files) == {"phasegate", "pytest_phasegate"}
    # What it would do to everybody's `engine`, if neither had a module of its own at its root:
    assert "engine" in names([file for file in files if file.count("/") > 1 or file == "phasegate/cli.py"])
