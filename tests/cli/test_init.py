"""Projects that are started from a planning document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from phasegate.reports import output

Run = Callable[..., Result]
MAPS = Path(__file__).parents[1] / "rules" / "maps"
DOCUMENTS = sorted(MAPS.glob("maps/*.md")) + sorted(MAPS.glob("plans/*.md"))


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_becomes_a_project_that_lints_decides_and_traces(
    document: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started = run("init", "plan", "--from", document)
    assert started.exit_code == 0, started.output
    monkeypatch.chdir(tmp_path / "plan")
    linted = run("lint")
    assert (linted.exit_code, linted.output) == (0, "Found no problems.\n")
    traced = run("trace", document)  # the project's own pack
    assert traced.exit_code == 0, traced.output
    decided = run("check")
    assert decided.exit_code == 3, decided.output
    assert "UNDECIDED" in decided.output.splitlines()[-1]


PLAN = "# Plan\n\n## M1: First\n\n"
BAD = {
    "no criteria": (PLAN + "We do things.\n", "'Acceptance criteria', 'Entry criteria' or 'Exit criteria'"),
    "an id twice": (PLAN + "- [ ] a\n\n## M1: Again\n- [ ] b\n", "plan.md:7:1 unfit-document  point 'M1'"),
    "a row twice": (
        "# Plan\n\n| ID | Requirement |\n|-|-|\n| R-1 | It works |\n| r-1 | It works too |\n",
        "plan.md:6:1 unfit-document  point 'R-1' is there a second time, after line 5",
    ),
    "a criterion twice": (
        PLAN + "| # | Exit criterion |\n|-|-|\n| X1 | a |\n| X1 | b |\n",
        "point M1 has two criteria 'X1'",
    ),
    "a sibling without": (
        PLAN + "- [ ] a\n\n## M2: Zweitens\n\n- b\n",
        "plan.md:7:1 unfit-document  point M2",
    ),
    "an escape": (PLAN + "- [ ] a \x1b[31mred\n", "plan.md:5:1 unfit-document  a criterion holds the"),
    "a turn of writing": (PLAN + "- [ ] a \u202eder\n", "U+202E"),
    "no title": ("## M1: First\n- [ ] a\n\n## M2: Second\n- [ ] b\n", "begin it with '# Title'"),
    "headings in Japanese": (
        "# 計画\n\n## M1: 準備\n\n### 受け入れ基準\n\n- ある\n",
        "are looked for in English",
    ),
    "a point that is none": (
        PLAN + "- [ ] a\n\n## Phase 1: One\n\n- Point 9.9\n",
        "phase 1 schedules no point",
    ),
    "too long": (PLAN + f"- [ ] {'long ' * 1000}\n", "more than 4,000 characters"),
    "too many": (PLAN + "- [ ] a\n" * 2_001, "2,001 criteria, more than 2,000"),
    "a target without its area": (
        (
            "# Map\n\n## A\n\n#### Integration Point 1.1: T\n\nAcceptance criteria:\n- a\n"
            "\n## Phase 1: P\n\n- Point 1.1\n"
        ),
        "area '1' has points in phase 1 and no success target",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_document_that_is_no_plan_is_refused_and_nothing_is_written(
    case: str, run: Run, tmp_path: Path
) -> None:
    text, says = BAD[case]
    document = tmp_path / "plan.md"
    document.write_text(text, encoding="utf-8")
    result = run("init", "plan", "--from", "plan.md")
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert "\x1b" not in result.stderr
    assert list(tmp_path.iterdir()) == [document]


@pytest.mark.parametrize("there", ["phasegate.yaml", "pack/points.yaml", "pack"])
def test_nothing_is_overwritten(there: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / there
    if there == "pack":
        path.mkdir()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine\n")
    before = sorted(tmp_path.rglob("*"))
    result = run("init", "--from", DOCUMENTS[0])
    assert result.exit_code == 2
    assert f"{Path(there).parts[0]} is there already" in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_is_half_written(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = output._written_new

    def full(path: Path, text: str, made: dict[Path, None]) -> bool:
        if path.name == "phasegate.yaml":
            raise OSError(28, "No space left on device")
        return written(path, text, made)

    monkeypatch.setattr(output, "_written_new", full)
    result = run("init", "--from", DOCUMENTS[0])
    assert result.exit_code == 2
    assert "phasegate.yaml can not be written: No space left on device" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_kinds_of_project_are_not_started_at_once(run: Run) -> None:
    result = run("init", "--minimal", "--from", DOCUMENTS[0])
    assert result.exit_code == 2
    assert "leave out one" in result.stderr


@pytest.mark.parametrize(
    "args", [(), ("--minimal",), ("--from", DOCUMENTS[0])], ids=["pack", "minimal", "plan"]
)
def test_an_editor_finds_the_schema_of_each_file_beside_it(
    args: tuple[object, ...], run: Run, tmp_path: Path
) -> None:
    assert run("init", *args).exit_code == 0
    files = sorted(tmp_path.rglob("*.yaml"))
    assert files
    for file in files:
        (named,) = re.findall(r"^# yaml-language-server: \$schema=(\S+)$", file.read_text(), re.MULTILINE)
        schema = json.loads((file.parent / named).read_text())
        assert schema["title"].startswith(
            "phasegate project" if file.name == "phasegate.yaml" else "a file of a"
        )


def test_the_template_of_the_docs_becomes_what_they_say(run: Run, tmp_path: Path) -> None:
    page = (MAPS.parents[2] / "docs" / "maps.md").read_text(encoding="utf-8")
    template = page.partition("```markdown\n")[2].partition("```")[0]
    (tmp_path / "roadmap.md").write_text(template, encoding="utf-8")
    started = run("init", "--from", "roadmap.md")
    assert "read 4 points, 7 criteria, 2 phases, 1 success targets" in started.output
    assert run("lint").output == "Found no problems.\n"
    assert run("trace", "roadmap.md", "--pack", "pack").exit_code == 0
    decided = {gate: json.loads(run("gate", gate, "--format", "json").stdout) for gate in ("M1", "M2")}
    asked = {gate: {each["id"] for each in record["points"]} for gate, record in decided.items()}
    assert asked["M1"] == {"M1", "REQ-1"}
    assert {"M2", "REQ-2"} <= asked["M2"]
