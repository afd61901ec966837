"""Within a step of a pipeline no command prints what its runner would take for one, whatever data say."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from kept_runs import keep, write_project

from phasegate.audit.signing.keys import new_key
from phasegate.reports.formats.registry import FORMATS

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]
EVIL, WITHIN = "::error::{}", "##[error]{}"
HOSTILE = {
    "pack/pack.yaml": [
        ("title: Harbour", f'title: "{EVIL} title"'),
        ("title: Berth planning", f'title: "{EVIL} point"'),
        ("text: Berth systems activated", f'text: "{EVIL} criterion"'),
        ("text: Crane systems activated", f'text: "{WITHIN} criterion"'),
        ("title: Invoices that were reconciled\n", f'title: "{EVIL} measure"\n'),
        ("title: The latest review", f'title: "{WITHIN} measure"'),
        ('title: Berths, points: ["1.1"]', f'title: "{EVIL} phase", points: ["1.1"]'),
    ],
    "phasegate.yaml": [
        ("title: The harbour", f'title: "{EVIL} project"'),
        ("path: invoices.csv", f'path: "{WITHIN}.csv"'),
    ],
    "invoices.csv": [("Ωmega", EVIL), ("Käse & Söhne", WITHIN)],
    "waivers.yaml": [("reason: The ledger of", f'reason: "{EVIL} reason"\n    #')],
}
COMMANDS = """\
check
check --verbose
check 1.1 --no-ledger
check nothing
gate 1
gate programme
gate '::error::no gate'
explain 1.1
explain 1.2/customers
explain 1.1 --record record.json
explain '##[error]nothing'
why-not 1
why-not '::error::no gate'
facts
facts --format json
lint
lint --explain unknown-column
test
test other --only ::error::case
lint ::error::folder
sources
runs
runs --all
runs --all --format json
show 1
show 1 --format json
report 1
report --record record.json
verify
verify --format json
verify ::error::file
prove 1.1 --run 1 -o proof.json
verify proof.json
replay 1
replay 1 --pack other
replay --all
evidence 1.1/systems/invoices.reconciled
evidence 1.2/customers/invoices.by_customer[::error::{}] --format json
diff 1
diff 1 --format json
diff --rules other pack
trend 1.1
trend 1.1/systems/invoices.reconciled --format json
due
due --format json
baseline
checkpoint
keys new made --name e-1 --role evaluator
keys list
approve
advance 1
waive 1.1/systems/invoices.reconciled --until 2027-01-01 --reason ::error::r --requester a --risk-owner b
attest ::error::m --value true --evidence ##[error]{}.csv --until 2027-01-01
ledger export exported
ledger adopt --up-to 3
schedule list
schedule next
schedule run --once
schedule export cron
notify
notify --show
portfolio .
portfolio . --format json
init --minimal
::error::command
"""


def commands(text: str) -> list[str]:
    """The lines that GitHub's runner acts on."""
    lines = re.split(r"\r\n|\r|\n", text)
    return [
        each
        for each in lines
        if (each.lstrip().startswith("::") and "::" in each.lstrip()[2:]) or re.search(r"##\w*\[", each)
    ]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which every text would be a command, with runs of it; nothing of it is looked at twice."""
    folder = write_project(tmp_path_factory.mktemp("hostile"), waived=True)
    for name, texts in HOSTILE.items():
        file = folder / name
        text = file.read_text(encoding="utf-8")
        for old, new in texts:
            assert old in text, (name, old)
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    (folder / "invoices.csv").rename(folder / f"{WITHIN}.csv")
    digest = digest_of(folder)
    waivers = (folder / "waivers.yaml").read_text(encoding="utf-8")
    waivers = re.sub(r"pack_digest: .*", f"pack_digest: {digest}", waivers)
    (folder / "waivers.yaml").write_text(waivers, encoding="utf-8")
    keep(folder, dt.date(2026, 3, 1))
    (folder / f"{WITHIN}.csv").write_text(
        (folder / f"{WITHIN}.csv").read_text(encoding="utf-8").replace("reconciled", "open", 3)
    )
    keep(folder, dt.date(2026, 3, 1))
    (folder / "other").mkdir()
    other = (folder / "pack" / "pack.yaml").read_text(encoding="utf-8").replace(">= 95 %", ">= 50 %")
    (folder / "other" / "pack.yaml").write_text(other.replace(EVIL, f"{EVIL} {WITHIN}"), encoding="utf-8")
    new_key(folder / "key", "e-1")
    return folder


def digest_of(folder: Path) -> str:
    from phasegate.rules.loading.project import load_project

    return load_project(folder / "phasegate.yaml").pack.digest


@pytest.fixture
def step(hostile: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command within a step of GitHub Actions, in that project."""
    monkeypatch.chdir(hostile)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    if not (hostile / "record.json").exists():
        run("check", "--no-ledger", "--format", "json", "-o", "record.json")
    return run


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize("line", COMMANDS.splitlines())
def test_nothing_that_a_command_prints_is_one_of_the_runner(
    line: str, step: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = step(*shlex.split(line))
    assert commands(result.stdout) == []
    assert commands(result.stderr) == []
    if "--format json" in line:
        json.loads(result.stdout)


def test_what_the_documents_show_stands_in_the_table() -> None:
    shown: set[str] = set()
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        command = r"^\s*(?:\$ |run: )?phasegate ((?:keys|ledger|schedule)? ?[a-z-]+)\b"
        shown |= set(re.findall(command, text, re.MULTILINE))
    told = {each.strip() for each in shown}
    tried = COMMANDS.splitlines()
    missing = {each for each in told if not any(f"{line} ".startswith(f"{each} ") for line in tried)}
    # What `serve` prints is where it listens; it ends when it is stopped.
    assert missing <= {"decides by", "decides", "decides from", "serve"}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", [name for name, each in FORMATS.items() if each.text and name != "github"])
def test_no_format_is_taken_for_a_command(name: str, step: Run) -> None:
    for line in (("check", "--no-ledger"), ("report", "1")):
        told = step(*line, "--format", name).stdout
        assert told
        assert commands(told) == []


def test_the_format_of_annotations_has_its_commands_and_no_others(step: Run) -> None:
    told = step("report", "1", "--format", "github").stdout
    found = commands(told)
    assert found
    assert all(re.match(r"::(error|warning|notice) [a-z]+=", each) for each in found)
    assert not re.search(r"##\w*\[", told)  # which Azure's runner and TeamCity's find anywhere in a line
    assert {each.partition(" ")[0] for each in found} <= {"::notice", "::error", "::warning"}
    (line,) = set(told.splitlines()) - set(found)
    assert line.startswith("A check, which opens no gate, as of 2026-03-01. ")


@pytest.mark.parametrize(("name", "given"), [("text", False), ("github", True)])
def test_the_screen_by_its_path_is_the_screen(
    name: str, given: bool, step: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    assert step("report", "1", "--format", name, "-o", "/dev/stdout").exit_code in (0, 1)
    told = capfd.readouterr().out
    assert told
    assert bool(commands(told)) is given


def test_outside_of_a_runner_texts_are_as_they_were_written(
    step: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = step("report", "1").stdout
    monkeypatch.delenv("GITHUB_ACTIONS")
    outside = step("report", "1").stdout
    assert commands(outside)
    assert inside.replace(" ", "") == outside.replace(" ", "")


def test_the_record_on_the_screen_is_that_in_the_file(step: Run, hostile: Path) -> None:
    told = step("check", "--no-ledger", "--format", "json").stdout
    assert "\\u0023" in told
    assert json.loads(told) == json.loads((hostile / "record.json").read_text(encoding="utf-8"))
