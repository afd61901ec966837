"""`test` runs cases, and `test --record` writes one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result
from syrupy.assertion import SnapshotAssertion

Run = Callable[..., Result]
CONTRACT = """\
    contract:
      title: one invoice
      event: day
      columns:
        day: {type: date}
        status: {type: string, allowed: [open, reconciled]}
        clerk: {type: string, nullable: true, personal: true}
"""
PROJECT = f"""\
phasegate: 1
sources:
  invoices:
    path: invoices.csv
{CONTRACT}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {{of: status = 'reconciled'}}
    max_age: 31 days
require:
  invoices.reconciled: ">= 90 %"
"""
CASES = """\
as_of: 2026-03-01
cases:
  - name: enough are reconciled
    given:
      invoices: [{repeat: 18, row: {status: reconciled}}, {status: open}, {status: open}]
    expect:
      measures: {invoices.reconciled: {found: 18 of 20}}
      criteria: {project/requirements: pass}
  - name: one more is open
    given:
      invoices: [{repeat: 17, row: {status: reconciled}}, {repeat: 3, row: {status: open}}]
    expect:
      criteria: {project/requirements: fail}
  - name: late ones
    given:
      invoices: [{status: reconciled, day: 2026-01-01}]
    expect:
      criteria: {project/requirements: stale}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with three cases."""
    (tmp_path / "phasegate.yaml").write_text(PROJECT)
    days = "".join(f"2026-02-{n:02d},{'reconciled' if n > 2 else 'open'},Ada\n" for n in range(1, 21))
    (tmp_path / "invoices.csv").write_text(f"day,status,clerk\n{days}")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/invoices.yaml").write_text(CASES)
    return tmp_path


def wrong(folder: Path) -> None:
    """Makes two of the expectations wrong."""
    text = CASES.replace("18 of 20", "17 of 20").replace("requirements: fail", "requirements: pass")
    (folder / "tests/invoices.yaml").write_text(text)


def test_cases_that_pass(run: Run, folder: Path) -> None:
    result = run("test")
    assert (result.exit_code, result.stdout) == (0, "✓ 3 cases passed\n")
    assert run("test", "-v").stdout.splitlines()[0] == "✓ enough are reconciled  tests/invoices.yaml:3"


@pytest.mark.parametrize("form", ["text", "json", "junit", "github"])
def test_what_is_told_of_cases_that_fail(
    form: str, run: Run, folder: Path, snapshot: SnapshotAssertion
) -> None:
    wrong(folder)
    result = run("test", "--format", form)
    assert result.exit_code == 1
    assert result.stdout == snapshot


def test_a_breaking_change_of_a_rule_is_noticed(run: Run, folder: Path) -> None:
    (folder / "phasegate.yaml").write_text(PROJECT.replace(">= 90 %", ">= 80 %"))
    result = run("test")
    assert result.exit_code == 1
    assert "one more is open" in result.stdout
    assert "1 case failed, 2 passed" in result.stdout


def test_formats_are_of_a_form_that_others_read(run: Run, folder: Path) -> None:
    wrong(folder)
    told = json.loads(run("test", "--format", "json").stdout)
    assert (told["passed"], told["failed"]) == (1, 2)
    suites = ET.fromstring(run("test", "--format", "junit").stdout)
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("3", "2", "0")


def test_an_annotation_names_the_file_from_the_root_of_the_repository(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong(folder)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder.parent))
    assert f"file={folder.name}/tests/invoices.yaml,line=7" in run("test", "--format", "github").stdout
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder / "elsewhere"))
    assert "file=" not in run("test", "--format", "github").stdout


@pytest.mark.parametrize(
    ("patterns", "number"), [(["late *"], 1), (["LATE*", "enough*"], 2), (["one more is open"], 1)]
)
def test_cases_are_chosen_by_their_names(patterns: list[str], number: int, run: Run, folder: Path) -> None:
    result = run("test", *(word for each in patterns for word in ("--only", each)))
    assert (result.exit_code, result.stdout) == (0, f"✓ {number} case{'s' * (number > 1)} passed\n")


def test_a_name_that_no_case_has_is_refused(run: Run, folder: Path) -> None:
    result = run("test", "--only", "late one")
    assert result.exit_code == 2
    assert "did you mean 'late ones'?" in result.stderr


@pytest.mark.parametrize(
    "what", ["no folder", "an empty folder", "an unknown pack", "a faulty pack", "a faulty case"]
)
def test_where_there_is_nothing_to_run(what: str, run: Run, folder: Path) -> None:
    arguments: list[str] = []
    cases = folder / "tests/invoices.yaml"
    match what:
        case "no folder":
            cases.unlink()
            cases.parent.rmdir()
        case "an empty folder":
            cases.unlink()
        case "an unknown pack":
            arguments = ["developer_finances"]
        case "a faulty pack":
            (folder / "phasegate.yaml").write_text(PROJECT.replace("reconciled'", "reconciled"))
        case "a faulty case":
            cases.write_text(CASES.replace("18 of 20", "21 of 20"))
    result = run("test", *arguments)
    assert result.exit_code == 2
    assert ("help: " in result.stderr) != (what == "a faulty pack")
    assert result.stdout == ""


def test_the_cases_of_a_pack_in_a_folder_of_its_own(run: Run, tmp_path: Path) -> None:
    pack = tmp_path / "rules"
    (pack / "tests").mkdir(parents=True)
    parts = [line[2:] for line in CONTRACT.splitlines()[1:]]
    (pack / "pack.yaml").write_text(
        "\n".join(
            [
                "pack: invoices",
                "title: Invoices",
                "points:",
                "  project:",
                "    title: Project",
                "    criteria:",
                "      - {id: requirements, text: t, require: {invoices.reconciled: '>= 90 %'}}",
                "sources:",
                "  invoices:",
                *parts,
                "measures:",
                "  invoices.reconciled:",
                "    {title: t, from: invoices, ratio: {of: status = 'reconciled'}, max_age: 31 days}",
                "",
            ]
        )
    )
    (pack / "tests/cases.yaml").write_text(CASES)
    assert run("test", "rules").stdout == "✓ 3 cases passed\n"
    (pack / "more.yaml").write_text("pointz: {}\n")
    assert "rules/more.yaml:1:1 unknown-key" in run("test", "rules").stderr
    (pack / "more.yaml").unlink()
    (tmp_path / "phasegate.yaml").write_text(
        "phasegate: 1\npack: rules\nsources: {invoices: {path: invoices.csv}}\n"
    )
    assert run("test").stdout == "✓ 3 cases passed\n"  # a project without cases of its own has its pack's
    assert run("lint").exit_code == 0


def test_a_project_that_leaves_its_columns_to_its_files(run: Run, folder: Path) -> None:
    plain = PROJECT.replace(CONTRACT, "").replace("    max_age: 31 days\n", "")
    (folder / "phasegate.yaml").write_text(plain)
    (folder / "tests/invoices.yaml").write_text(CASES.partition("  - name: late")[0])
    assert run("test").stdout == "✓ 2 cases passed\n"
    text = CASES.replace("{status: open}", "{statuss: open}")
    (folder / "tests/invoices.yaml").write_text(text.partition("  - name: one more")[0])
    result = run("test")
    assert result.exit_code == 1
    assert "18 to 20 of 20" in result.stdout  # nobody knows of two of them
    assert run("test", "--record", "invoices.reconciled", "-o", "tests/more.yaml").exit_code == 0
    assert run("test", "--cases", "tests/more.yaml").stdout == "✓ 1 case passed\n"


def test_a_case_is_recorded_once_and_passes(run: Run, folder: Path) -> None:
    result = run("test", "--record", "invoices.reconciled")
    assert (result.exit_code, result.stdout) == (0, "wrote tests/invoices.reconciled.yaml\n")
    written = (folder / "tests/invoices.reconciled.yaml").read_text()
    assert "Ada" not in written
    assert "as_of: 2026-03-01" in written
    assert run("test").stdout == "✓ 4 cases passed\n"
    again = run("test", "--record", "invoices.reconciled")
    assert again.exit_code == 2
    assert "there already" in again.stderr
    assert (folder / "tests/invoices.reconciled.yaml").read_text() == written
    other = run("test", "--record", "invoices.reconciled", "--as-of", "2026-06-30", "-o", "tests/later.yaml")
    assert other.exit_code == 0
    assert "status: stale" in (folder / "tests/later.yaml").read_text()
    assert run("test").stdout == "✓ 5 cases passed\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as-of", "2026-03-01"], "--as-of is about --record"),
        (["nowhere", "--record", "invoices.reconciled"], "there is no 'nowhere'"),
        (["--record", "invoices.recon"], "did you mean 'invoices.reconciled'?"),
    ],
)
def test_what_can_not_be_meant_is_refused(arguments: list[str], said: str, run: Run, folder: Path) -> None:
    result = run("test", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert [each.name for each in (folder / "tests").iterdir()] == ["invoices.yaml"]


def test_the_result_goes_to_a_file(run: Run, folder: Path) -> None:
    assert run("test", "--format", "junit", "-o", "out.xml").stdout == ""
    assert (folder / "out.xml").read_text().startswith("<?xml")
    refused = run("test", "-o", "tests/invoices.yaml", "--cases", "tests/invoices.yaml")
    assert refused.exit_code == 2
    assert (folder / "tests/invoices.yaml").read_text() == CASES


def test_what_a_case_says_never_steers_the_screen(run: Run, folder: Path) -> None:
    text = CASES.replace("name: late ones", 'name: "late \u202eones"').replace(
        "requirements: stale", "requirements: fail"
    )
    (folder / "tests/invoices.yaml").write_text(text)
    told = run("test").stdout
    assert "\u202e" not in told
