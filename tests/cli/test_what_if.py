"""What if: a check under other figures decides nothing, says so everywhere, and opens no gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from phasegate import cli
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.withdrawal import is_report

Run = Callable[..., Result]
World = Any
GOOD = "1.1/systems=>= 80 %"
PARAMETERS = """\
parameters:
  least: {value: 95 %, text: how many must be reconciled}
"""


@pytest.fixture
def waived(tmp_path: Path, programme: Callable[[bool], None]) -> None:
    """18 of 20 are reconciled: phase 1 wants ``:least`` and is waived down to 80 %, phase 2 wants 80 %."""
    programme(True)
    pack = tmp_path / "pack" / "pack.yaml"
    pack.write_text(PARAMETERS + pack.read_text().replace('">= 95 %"', '">= :least"'), encoding="utf-8")
    from phasegate.rules.loading.pack import load_pack

    waivers = tmp_path / "waivers.yaml"
    digest = load_pack(tmp_path / "pack").digest
    lines = [
        f"    pack_digest: {digest}" if "pack_digest" in line else line
        for line in waivers.read_text(encoding="utf-8").splitlines()
    ]
    waivers.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.usefixtures("waived")
@pytest.mark.parametrize(
    ("options", "really", "code", "says"),
    [
        (["--set", "least=90 %"], 0, 3, "What if: OPEN: all 2 criteria that apply pass."),
        (["--set-bound", "1.1/systems=>= 90 %"], 0, 3, "What if: OPEN:"),
        (["--set-bound", "1.1/systems/invoices.reconciled=>= 90 %"], 0, 3, "What if: OPEN:"),
        (["--set", "least=92 %"], 0, 3, "What if: OPEN WITH WAIVERS:"),  # what was granted counts on
        (["--set", "least=92 %", "--strict"], 1, 1, "What if: OPEN WITH WAIVERS:"),
        (["--without-waivers"], 0, 1, "What if: CLOSED: 1 criterion fails."),
        (["--set", "least=90 %", "--without-waivers"], 0, 3, "What if: OPEN:"),
        (["--set-bound", "1.2/systems=>= 95 %"], 0, 1, "What if: CLOSED: 1 criterion fails."),
    ],
)
def test_what_would_follow_never_ends_like_an_open_gate(
    options: list[str], really: int, code: int, says: str, run: Run, tmp_path: Path
) -> None:
    strict = [each for each in options if each == "--strict"]
    assert run("check", "--no-ledger", *strict).exit_code == really
    found = run("check", *options)
    assert found.exit_code == code, found.output
    assert says in found.stdout
    assert found.stdout.startswith("What if ")
    assert found.stdout.splitlines()[-1].endswith(f"What if: nothing was kept. Exit code {code}.")
    assert not (tmp_path / "phasegate.db").exists()


@pytest.mark.usefixtures("waived")
def test_what_is_supposed_stands_beside_what_the_rules_say(run: Run) -> None:
    found = run("check", "--set", "least=90 %", "--set-bound", "1.2/systems=>= 70 %", "--without-waivers")
    first = " ".join(found.stdout.split("\nHarbour")[0].split())
    assert first == (
        "What if least were 90 % and not 95 %, 1.2/systems were >= 70 % and not >= 80 % and no waiver "
        "counted? Nothing is decided by this."
    )


@pytest.mark.usefixtures("waived")
@pytest.mark.parametrize(
    ("options", "says", "help_"),
    [
        (["--set", "lest=90 %"], "the pack knows no parameter 'lest'", "did you mean 'least'?"),
        (["--set", ":least=90 %"], "the pack knows no parameter ':least'", "write 'least'"),
        (["--set", "least=many"], "'many' is not a quantity", "the pack has 95 %"),
        (["--set", "least=90 days"], "'least' is set in days, the pack has it in %", "the pack has 95 %"),
        (["--set", "least=0.9"], "'least' is set in plain numbers", "the pack has 95 %"),
        (["--set-bound", "1.1/system=>= 1 %"], "no bound '1.1/system'", "did you mean '1.1/systems'?"),
        (["--set-bound", "1.1/systems=>= 9 days"], "is in %, its bound in days", "'>= 95 %'"),
        (["--set-bound", "1.1/systems=true"], "is a number, not true or false", "'>= 95 %'"),
        (["--set-bound", "1.1/systems=90 %"], "'90 %' is not a bound", "write for example"),
        (["--set-bound", "1.1/systems=>= :lest"], "there is no parameter 'lest'", "did you mean 'least'?"),
        (["--set", "least"], "'least' is not of the form PARAMETER=VALUE", "--help"),
        (["--set", "least=1 %", "--set", "least=2 %"], "--set says two things of least", "--help"),
        (["--without-waivers", "--key", "k"], "--key signs what is kept", "--help"),
    ],
)
def test_what_the_rules_do_not_have_is_refused(options: list[str], says: str, help_: str, run: Run) -> None:
    found = run("check", *options)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert says in found.stderr
    assert help_ in found.stderr


@pytest.mark.usefixtures("waived")
@pytest.mark.parametrize("name", FORMATS)
def test_a_report_says_so_at_both_ends_or_is_refused(name: str, run: Run, tmp_path: Path) -> None:
    """No format is let through because somebody forgot to say what it does."""
    file = tmp_path / f"report.{name}"
    found = run("check", "--set", "least=90 %", "--format", name, "-o", file)
    if not FORMATS[name].what_if:
        assert found.exit_code == 2
        assert "a what-if is told as one of text, json, html, markdown" in found.stderr
        assert not file.exists()
        return
    assert found.exit_code == 3
    text = file.read_text(encoding="utf-8")
    if name == "json":
        told = json.loads(text)
        assert (told["schema"], list(told)) == ("phasegate/what-if/1", ["schema", "what_if", "record"])
        assert told["record"]["what_if"] == told["what_if"]
    else:
        head, end = text[:2000], text[-600:]
        assert "What if" in head
        assert "What if: nothing was kept." in end
    assert is_report(file)  # so that a refused run leaves none


@pytest.mark.usefixtures("waived")
@pytest.mark.parametrize("part", [None, "record"])
@pytest.mark.parametrize("command", [["report"], ["explain", "1.1"]])
def test_no_command_takes_it_for_a_record(
    command: list[str], part: str | None, run: Run, tmp_path: Path
) -> None:
    told = json.loads(run("check", "--set", "least=90 %", "--format", "json").stdout)
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(told if part is None else told[part]), encoding="utf-8")
    found = run(*command, "--record", file)
    assert found.exit_code == 2
    assert "it is a what-if, by which nothing was decided" in found.stderr


@pytest.mark.usefixtures("waived")
@pytest.mark.parametrize("option", ["--set", "--set-bound", "--without-waivers"])
def test_a_gate_is_decided_by_the_rules_in_force_alone(option: str, run: Run) -> None:
    found = run("gate", "1", option, "least=90 %")
    assert found.exit_code == 2
    assert f"No such option '{option}'" in found.stderr


def test_the_trail_takes_none(world: World) -> None:
    from phasegate.audit.errors import TrailError
    from phasegate.audit.trail.trail import Trail
    from phasegate.rules.loading.project import load_project

    supposed = json.loads(world.by("ci", "check", "--format", "json").stdout)
    supposed["what_if"] = {"rules": [], "without_waivers": True}
    loaded = load_project(world.folder / "phasegate.yaml")
    trail = Trail.of(loaded, world.folder / "keys" / "ci", cli.now(), {})
    with pytest.raises(TrailError, match="a what-if is never kept"):
        trail.keep(supposed, loaded)


class Sly(dict[str, Any]):
    """A record that does not say that it is a what-if until it is written."""

    def __contains__(self, key: object) -> bool:
        return key != "what_if" and super().__contains__(key)


@pytest.mark.parametrize("command", ["verify", "replay", "report", "show", "evidence 1.1"])
def test_whoever_writes_one_into_a_ledger_all_the_same_is_not_read(command: str, world: World) -> None:
    from phasegate.audit.trail.trail import Trail
    from phasegate.rules.loading.project import load_project

    world.approve()
    supposed = Sly(json.loads(world.by("ci", "check", "--no-ledger", "--format", "json").stdout))
    supposed["what_if"] = {"rules": [], "without_waivers": True}
    loaded = load_project(world.folder / "phasegate.yaml")
    trail = Trail.of(loaded, world.folder / "keys" / "ci", cli.now(), {})
    trail.keep(supposed, loaded)
    found = world.run(*command.split())
    assert found.exit_code == (1 if command in ("verify", "replay") else 2)
    assert "a what-if" in found.output


def test_signed_waivers_count_on_and_no_signature_is_asked_for(world: World) -> None:
    world.approve()
    world.waive()
    size = len(world.log())
    told = world.run("check", "--set-bound", "1.1/systems=>= 96 %", "1.1")
    assert told.exit_code == 3
    assert "What if: OPEN WITH WAIVERS" in told.stdout
    assert world.run("check", "--without-waivers", "1.1").exit_code == 1
    assert len(world.log()) == size
