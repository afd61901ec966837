"""Every command in the README runs, and prints what the README says."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from phasegate import cli
from phasegate.rules.values import project_id

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMED = ("exit-codes.md", "packs.md", "signing.md", "for-auditors.md", "reports.md")
DOCUMENTS = [
    README,
    *((ROOT / "docs" / name).read_text(encoding="utf-8") for name in NAMED),
]
DAY = dt.date(2026, 3, 1)
CHECKPOINT = re.compile(r"(checkpoint \d+) [A-Za-z0-9+/]{43}=(?=\n)")


def blocks(kind: str, marker: str | None = None) -> list[str]:
    """The fenced blocks of a kind, those behind a comment that begins with the marker, or behind none."""
    found = re.findall(rf"^(?:<!-- ([^\n>]+) -->\n)?```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for comment, text in found if (comment.startswith(marker) if marker else not comment)]


def runs(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block, with what is printed for it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def matches(printed: str, shown: str) -> bool:
    """Whether a text is what is shown, where a line of three dots stands for any lines.

    The root of a checkpoint is another one in each ledger.
    """
    shown, printed = (CHECKPOINT.sub(r"\1 ROOT", text) for text in (shown, printed))
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*?".join(parts), printed) is not None


def phasegate(command: str) -> tuple[int, str]:
    name, *args = shlex.split(command)
    assert name == "phasegate"
    result = CliRunner().invoke(cli.main, args)
    return result.exit_code, result.output


def test_the_commands_print_what_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)  # parallel workers have one
    monkeypatch.setattr(cli, "now", lambda: dt.datetime.combine(DAY, dt.time(12), dt.UTC))
    monkeypatch.setattr(project_id, "new_project_id", lambda: "p-3f0c96d1a4b7e825")
    commands = [run for block in blocks("console") for run in runs(block)]
    assert len(commands) >= 4
    for command, shown in commands:
        _, printed = phasegate(command)
        assert matches(printed, shown), printed
    (shown,) = blocks("yaml", "minimal")
    assert (tmp_path / "phasegate.yaml").read_text(encoding="utf-8") == shown


@pytest.mark.slow
def test_the_demo_prints_what_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ((command, shown),) = runs(*blocks("console", "demo"))
    day = command.removeprefix("make demo AS_OF=")
    example = ROOT / "examples" / "developer_finance"
    generate = [sys.executable, example / "generate.py", "--out", tmp_path, "--as-of", day]
    subprocess.run(generate, check=True)
    (tmp_path / "phasegate.yaml").write_bytes((example / "phasegate.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    code, printed = phasegate(f"phasegate check --as-of {day}")
    assert code == 1
    assert matches(printed, shown)
    # What is asked of the run afterwards.
    asked = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("phasegate ")]
    assert len(asked) == 5
    for line in asked:
        code, printed = phasegate(line.partition("#")[0])
        assert (code, bool(printed)) == (0, True), f"{line}\n{printed}"
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_three_dots_stand_for_any_lines_and_for_nothing_else() -> None:
    assert matches("a\nb\nc\n", "a\n...\nc\n")
    assert matches("a\nc\n", "a\n...\nc\n")
    assert matches(f"checkpoint 5 {'a' * 43}=\n", f"checkpoint 5 {'b' * 43}=\n")
    assert not matches(f"checkpoint 5 {'a' * 43}=\n", f"checkpoint 6 {'a' * 43}=\n")
    assert not matches("a\nb\nc\n", "a\nc\n")
    assert not matches("a\nb\n", "a\n...\nc\n")


def test_the_pipeline_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = """\
phasegate: 1
pack: pack
sources: {berths: {path: berths.csv}}
"""
    (tmp_path / "phasegate.yaml").write_text(project, encoding="utf-8")
    (tmp_path / "berths.csv").write_text("call,status,arrived_on\n1,planned,2026-02-01\n", encoding="utf-8")
    (tmp_path / "pack").mkdir()
    pack = (
        (ROOT / "docs" / "packs.md").read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    )
    pack = pack.replace('  "1": {title', '  "2": {title')
    (tmp_path / "pack" / "pack.yaml").write_text(pack, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "now", lambda: dt.datetime.combine(DAY, dt.time(12), dt.UTC))
    (pipeline,) = blocks("yaml", "pipeline")
    gate, explain = re.findall(r"run: (phasegate .*)", pipeline)
    assert phasegate(gate)[0] == 3  # one call is too few to judge
    code, printed = phasegate(explain)
    assert code == 0
    assert printed.startswith("? Gate 2, Berths: UNDECIDED\n")


def test_every_command_has_its_row() -> None:
    rows = re.findall(r"^\| `phasegate (\w[\w-]*)[^`]*` \|", README, re.MULTILINE)
    assert rows == list(cli.main.commands)


def test_options_that_documents_name_exist() -> None:
    commands = list(cli.main.commands.values())
    commands += [
        each for group in commands if isinstance(group, click.Group) for each in group.commands.values()
    ]
    known = {option for command in commands for parameter in command.params for option in parameter.opts}
    for text in DOCUMENTS:
        named = set(re.findall(r"`(?:phasegate (?:[^`]*? )?)?(--?[a-z][a-z-]*)", text))
        assert named - known - {"--help", "--version"} == set()


def test_links_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
