"""What each command prints and writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

from phasegate import cli
from phasegate.records.reader import load_record

Run = Callable[..., Result]
Project = Callable[..., Path]
ROOT = Path(__file__).parents[2]


def every_command() -> dict[tuple[str, ...], click.Command]:
    """The commands by their words, those of groups among them."""
    found: dict[tuple[str, ...], click.Command] = {}
    for name, command in cli.main.commands.items():
        found[name,] = command
        inner = command.commands if isinstance(command, click.Group) else {}
        found.update({(name, of): each for of, each in inner.items()})
    return found


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_and_option_has_help(command: tuple[str, ...], run: Run) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    found = every_command()[command]
    assert found.help
    for parameter in found.params:
        assert parameter.param_type_name == "argument" or getattr(parameter, "help", None), parameter.name


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("project/requirement", "did you mean 'project/requirements'?"),
        (
            "project/requirements/invoices.paid",
            "did you mean 'project/requirements/invoices.reconciled'?",
        ),
        ("x", "the ids are phase:programme, project, run"),
    ],
)
def test_nothing_is_proved_but_what_was_decided(
    given: str, hint: str, run: Run, project: Project, tmp_path: Path
) -> None:
    project()
    run("check")
    result = run("prove", given, "-o", "proof.json")
    assert result.exit_code == 2
    assert result.stderr == f"error: run 1 decided nothing called {given!r}\nhelp: {hint}\n"
    assert not (tmp_path / "proof.json").exists()
    assert run("prove", "project/requirements", "-o", "proof.json").exit_code == 0


def test_all_runs_or_one_are_replayed_and_never_both(run: Run, project: Project) -> None:
    project()
    run("check")
    result = run("replay", "--all", "7")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--all replays every run" in result.stderr
    assert run("replay", "--all").exit_code == 0


def test_a_record_is_the_same_bytes_on_the_screen_and_in_a_file(
    run: Run, project: Project, tmp_path: Path
) -> None:
    project()
    shown = run("check", "--format", "json")
    written = run("check", "--format", "json", "-o", "record.json")
    assert (shown.exit_code, written.exit_code) == (1, 1)
    assert (tmp_path / "record.json").read_text(encoding="utf-8") == shown.stdout
    assert written.stdout == "✗ CLOSED: 1 requirement fails. Exit code 1.\n"
    record = load_record(tmp_path / "record.json")
    assert (record["kind"], record["as_of"]) == ("check", "2026-03-01")


def test_as_of_is_another_day_for_check_only(run: Run, project: Project) -> None:
    project()
    assert "as of 2025-12-31" in run("check", "--as-of", "2025-12-31").stdout
    assert "as of 2026-03-01" in run("gate", "programme").stdout


def test_a_text_report_goes_to_a_file_and_its_last_line_to_the_screen(
    run: Run, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project()
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run("check", "-o", "report.txt")
    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert text.startswith("Project · as of 2026-03-01\n")
    assert "\x1b" not in text
    assert "\x1b[1;31mCLOSED\x1b[0m" in result.stdout


def test_quiet_and_verbose(run: Run, project: Project) -> None:
    project()
    assert run("check", "-q").stdout == "✗ CLOSED: 1 requirement fails. Exit code 1.\n"
    assert "\nFacts\n" in run("check", "-v").stdout


def test_the_pack_digest_holds_a_gate_to_its_rules(run: Run, project: Project) -> None:
    from phasegate.rules.loading.project import load_project

    digest = load_project(project(">= 90 %")).pack.digest
    assert run("gate", "programme", "--pack-digest", digest).exit_code == 0
    project(">= 80 %")  # somebody made it easier
    result = run("gate", "programme", "--pack-digest", digest)
    assert result.exit_code == 2
    assert "the rules have changed" in result.stderr


def test_explain_tells_of_a_saved_record_or_decides_anew(run: Run, project: Project) -> None:
    project()
    run("check", "--format", "json", "-o", "record.json")
    anew = run("explain", "project/requirements")
    assert anew.exit_code == 0
    assert "1 more of 20 invoices must pass" in anew.stdout
    saved = run("explain", "project/requirements", "--record", "record.json").stdout
    line = "A check, which opens no gate, as of 2026-03-01: {}."
    assert line.format("decided just now and not kept") in anew.stdout
    assert line.format("told from a saved record") in saved
    assert saved.replace("told from a saved record", "decided just now and not kept") == anew.stdout


def test_facts(run: Run, project: Project) -> None:
    project()
    assert "18 of 20" in run("facts").stdout
    (fact,) = json.loads(run("facts", "--format", "json").stdout)
    assert (fact["measure"], fact["counted"], fact["status"]) == (
        "invoices.reconciled",
        "18 of 20",
        "present",
    )


def test_lint_tells_everything_and_exits_2_for_errors(run: Run, project: Project) -> None:
    project()
    clean = run("lint")
    assert (clean.exit_code, clean.stdout) == (0, "Found no problems.\n")
    project(">= 95 days", more="surprise: 1\n")
    result = run("lint")
    assert result.exit_code == 2
    assert result.stdout.endswith("Found 2 problems.\n")
    assert "unknown-key" in result.stdout
    assert "unit-mismatch" in result.stdout


def test_lint_of_the_built_in_pack(run: Run) -> None:
    result = run("lint", "developer_finance")
    assert (result.exit_code, result.stdout) == (0, "Found no problems.\n")


@pytest.mark.parametrize("kind", ["project", "pack", "waivers"])
def test_schema(kind: str, run: Run) -> None:
    assert json.loads(run("schema", kind).stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_init_minimal_runs_at_once(run: Run, tmp_path: Path) -> None:
    result = run("init", "--minimal", "new/folder")
    assert result.exit_code == 0
    assert len((tmp_path / "new/folder/phasegate.yaml").read_text(encoding="utf-8").splitlines()) == 12
    assert run("check", "--project", "new/folder").exit_code == 1
    again = run("init", "--minimal", "new/folder")
    assert (again.exit_code, again.stdout) == (2, "")


def test_init_names_every_source_of_the_pack_and_lints_clean(run: Run, tmp_path: Path) -> None:
    from phasegate.rules.loading.pack import load_pack
    from phasegate.rules.loading.project import load_project

    assert run("init").exit_code == 0
    loaded = load_project(tmp_path / "phasegate.yaml")
    assert set(loaded.project.sources) == set(load_pack("developer_finance").pack.sources)
    assert run("lint").exit_code == 0


def test_what_init_proposes_can_be_taken_as_it_stands(run: Run, tmp_path: Path) -> None:
    run("init")
    file = tmp_path / "phasegate.yaml"
    text = file.read_text(encoding="utf-8")
    begin, end = text.index("# ledger:"), text.index("# Where each table comes from")
    proposed = re.sub(r"(?m)^# (?=ledger:|schedules:|notifications:)|^#(?=   )", "", text[begin:end])
    file.write_text(text[:begin] + proposed + text[end:], encoding="utf-8")
    assert run("lint").exit_code == 0
    assert "weekdays" in run("schedule", "next").stdout
    assert "notifications:\n   board:" in proposed


def test_trace_exits_1_where_pack_and_map_differ(run: Run) -> None:
    other = ROOT / "tests/rules/maps/maps/support_logistics.md"  # a map that the pack does not encode
    result = run("trace", other)
    assert result.exit_code == 1
    assert "the pack developer_finance differs from it" in result.stdout
    assert json.loads(run("trace", other, "--format", "json").stdout)["differs"] is True
