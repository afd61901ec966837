"""What a shell proposes at the Tab key."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import CompletionItem, ShellComplete
from click.testing import CliRunner, Result
from sizes import some

from phasegate import cli

Run = Callable[..., Result]
Watching = Callable[[Path], AbstractContextManager[Any]]
ROOT = Path(__file__).parents[2]
ANSWERING = "_PHASEGATE_COMPLETE"


def items(*words: str) -> list[CompletionItem[str]]:
    """What is proposed for the last word."""
    return ShellComplete(cli.main, {}, "phasegate", ANSWERING).get_completions(list(words[:-1]), words[-1])


def values(*words: str) -> list[str]:
    """The same, without what each is."""
    return [each.value for each in items(*words)]


def shell(kind: str, words: list[str], at: int) -> Result:
    """What a shell reads."""
    said = {
        ANSWERING: f"{kind}_complete",
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": words[-1] if kind == "fish" else str(at),
    }
    return CliRunner().invoke(cli.main, [], env=said)


@pytest.fixture
def harbour(run: Run, programme: Callable[[bool], None], tmp_path: Path) -> Path:
    """A project of a pack with two phases."""
    programme(False)
    return tmp_path


IDS = ["programme", "phase:1", "phase:2", "1.1", "1.2"]


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        (("ch",), ["check", "checkpoint"]),
        (("schedule", ""), ["list", "next", "run", "export"]),
        (("help", "sched"), ["schedule"]),
        (("help", "schedule", "e"), ["export"]),
        (("help", "check", ""), []),
        (("help", "bogus", ""), []),
        (("check", ""), IDS),
        (("check", "1.1", ""), IDS),
        (("check", "p"), ["programme", "phase:1", "phase:2"]),
        (("check", "phase:"), ["phase:1", "phase:2"]),
        (("check", "1.1"), ["1.1", "1.1/systems"]),
        (("check", "1.1/"), ["1.1/systems"]),
        (("check", "9"), []),
        (("facts", "in"), ["invoices.reconciled"]),
        (("explain", "in"), ["invoices.reconciled"]),
        (("gate", ""), ["1", "2", "programme"]),
        (("advance", ""), ["1", "2", "programme"]),
        (("waive", ""), ["1.1/systems/invoices.reconciled"]),  # the other is hard
        (("evidence", "1.2/"), ["1.2/systems"]),
        (("evidence", "1.2/systems"), ["1.2/systems", "1.2/systems/invoices.reconciled"]),
        (("evidence", "1.2/systems/"), ["1.2/systems/invoices.reconciled"]),
        (("trend", "1.2/"), ["1.2/systems"]),
        (("prove", "phase:2"), ["phase:2"]),
        (("attest", "x", "--point", "1"), ["1.1", "1.2"]),
        (("attest", ""), []),  # nothing is attested here
        (("baseline", "--measure", ""), ["invoices.reconciled"]),
        (("ledger", "export", "out", "--gate", ""), ["1", "2", "programme"]),
    ],
    ids=" ".join,
)
def test_what_is_proposed(words: tuple[str, ...], proposed: list[str], harbour: Path) -> None:
    assert values(*words) == proposed


def test_each_is_told_by_its_title(harbour: Path) -> None:
    assert {each.value: each.help for each in items("check", "")} == {
        "programme": "Harbour",
        "phase:1": "Berths",
        "phase:2": "Cranes",
        "1.1": "Berth planning",
        "1.2": "Crane planning",
    }
    assert [each.help for each in items("facts", "in")] == ["Invoices that were reconciled"]


@pytest.mark.slow
@pytest.mark.sampled
def test_whatever_is_proposed_is_taken(run: Run, harbour: Path) -> None:
    """Areas, sections, targets and attested measures too, as the pack that comes with phasegate has them."""
    (harbour / "phasegate.yaml").unlink()
    run("init")
    from phasegate.engine.scope import for_ids
    from phasegate.rules.loading.pack import load_pack

    pack = load_pack("developer_finance").pack
    first = values("check", "")
    below = {*some(first, 0, 6, slow=3), "1", "1.1.1"}
    deeper = [each for id_ in first if id_ in below for each in values("check", id_) if each not in first]
    assert {"1", "1.1", "1.1.1", "phase:1", "programme"} <= set(first)
    assert {"1/success", "1.1.1/framework"} <= set(deeper)
    for id_ in [*first, *deeper]:
        for_ids(pack, [id_])
    attested = [name for name, measure in pack.measures.items() if measure.attested]
    assert values("attest", "") == attested


def test_requirements_are_called_as_a_record_calls_them(run: Run, harbour: Path) -> None:
    record = json.loads(run("check", "--format", "json").stdout)
    recorded = {each["id"] for each in record["requirements"]}
    assert {values("evidence", f"{id_}/systems")[1] for id_ in ("1.1", "1.2")} == recorded


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("report",),
        ("replay",),
        ("baseline",),
        ("diff",),
        ("diff", "1"),
        ("prove", "1.1", "--run"),
        ("evidence", "1.1", "--run"),
        ("due", "--run"),
        ("ledger", "export", "out", "--run"),
    ],
    ids=" ".join,
)
def test_runs(words: tuple[str, ...], run: Run, harbour: Path) -> None:
    assert values(*words, "") == []  # there is no ledger
    run("check")
    run("gate", "1")
    assert {each.value: each.help for each in items(*words, "")} == {
        "latest": "the newest run",
        "2": "gate 1 as of 2026-03-01: closed",
        "1": "check as of 2026-03-01: closed",
    }
    assert values(*words, "1") == ["1"]


def test_a_ledger_and_a_project_that_are_named_are_looked_at(
    run: Run, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("check")
    elsewhere = harbour / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert values("show", "") == ["latest", "1"]  # the nearest project upward
    monkeypatch.chdir("/")
    assert values("show", "") == values("gate", "") == []
    assert values("show", "--ledger", str(harbour / "phasegate.db"), "") == ["latest", "1"]
    assert values("gate", "--project", str(harbour), "") == ["1", "2", "programme"]


def test_a_ledger_on_a_server_is_not_asked(run: Run, harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from phasegate.audit.ledger.ledger import Ledger

    def explode(*_: object, **__: object) -> None:
        raise AssertionError("it was asked")

    monkeypatch.setattr(Ledger, "open", explode)
    address = "postgresql://nobody:secret@localhost:1/none"
    assert values("show", "--ledger", address, "") == []
    file = harbour / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "ledger: env:LEDGER\n", encoding="utf-8")
    monkeypatch.setenv("LEDGER", address)
    assert values("show", "") == []


def test_no_table_is_opened_and_nothing_is_written(run: Run, harbour: Path, watching: Watching) -> None:
    run("check")
    with watching(harbour) as seen:
        for words in (("check",), ("facts",), ("waive",), ("show",), ("evidence", "1.1", "--run")):
            assert values(*words, "")
    assert seen.opened == {"phasegate.yaml", "pack", "phasegate.db"}
    assert seen.changed == set()


def test_a_ledger_that_is_being_written_is_not_touched(run: Run, harbour: Path, watching: Watching) -> None:
    import sqlite3

    run("check")
    with sqlite3.connect(harbour / "phasegate.db", isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with watching(harbour) as seen:
            assert values("show", "") == ["latest", "1"]
        assert seen.changed == set()
        writer.execute("ROLLBACK")
    writer.close()


BROKEN = {
    "no project": None,
    "not YAML": "phasegate: [",
    "not text": b"\xff\xfe\x00",
    "no such pack": "phasegate: 1\npack: nowhere\nsources: {}\n",
    "aliases": "phasegate: &a [*a]\n",
    "a file of nothing": "",
}


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_broken_is_passed_over_without_a_word(
    broken: str, kind: str, run: Run, harbour: Path
) -> None:
    text = BROKEN[broken]
    file = harbour / "phasegate.yaml"
    if text is None:
        file.unlink()
    else:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    (harbour / "phasegate.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    for words in (["check", ""], ["attest", ""], ["show", ""], ["show", "--ledger", "phasegate.db", ""]):
        result = shell(kind, ["phasegate", *words], len(words))
        assert (result.output.strip(), result.exit_code) == ("", 0), words


def test_a_fault_of_ours_disturbs_nobody_who_types(
    run: Run, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in (RuntimeError("boom"), KeyboardInterrupt(), type("PanicException", (BaseException,), {})()):

        def fail(*_: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr("phasegate.rules.loading.project.read_project", fail)
        result = shell("bash", ["phasegate", "check", ""], 2)
        assert result.output.strip() == ""


def test_nothing_that_steers_a_terminal_is_shown(
    run: Run, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"1.1": "\x1b[31mred\a\u202e\n$(touch pwned)", "1.2": "one\ttwo"}
    monkeypatch.setattr("phasegate.commands.completion._ids_of", lambda _: found)
    for kind in ("bash", "zsh", "fish"):
        result = shell(kind, ["phasegate", "check", "1."], 2)
        assert "1.1" in result.stdout
        assert [char for char in result.stdout if not (char.isprintable() or char in "\n\t")] == []
        if kind != "bash":  # which shows no titles
            assert "[31mred" in result.stdout
            assert len(result.stdout.splitlines()) == (6 if kind == "zsh" else 2)


@pytest.mark.parametrize("id_", ["$(touch pwned)", "a b", "a;b", "*", "-x", "a\nb", "`x`", "a'b", "~", "#"])
def test_an_id_that_a_shell_would_run_is_left_out(
    id_: str, run: Run, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phasegate.commands.completion._ids_of", lambda _: {id_: "", "1.1": ""})
    assert values("check", "") == ["1.1"]
    if not id_.startswith("-"):
        assert values("check", id_[0]) in ([], ["1.1"])


@pytest.mark.parametrize(
    ("words", "at", "answer"),
    [
        (["check", "phase"], 2, ["phase:1", "phase:2"]),
        (["check", "phase", ":"], 3, ["1", "2"]),
        (["check", "phase", ":", "2"], 4, ["2"]),
        (["check", "1.1", "phase", ":", "2"], 5, ["2"]),
        (["check", "phase", ":", "2", "1.2"], 5, ["1.2", "1.2/systems"]),
        (["check", "phase:"], 2, ["phase:1", "phase:2"]),  # where a colon breaks no word
        (["check", "phase", ":", "2", ""], 5, IDS),
        (["check"], 2, IDS),
    ],
)
def test_bash_takes_an_id_with_a_colon_apart(
    words: list[str], at: int, answer: list[str], harbour: Path
) -> None:
    result = shell("bash", ["phasegate", *words], at)
    assert result.stdout.splitlines() == [f"plain,{each}" for each in answer]


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_the_script_that_switches_it_on(kind: str, run: Run) -> None:
    result = CliRunner().invoke(cli.main, [], env={ANSWERING: f"{kind}_source"})
    assert result.exit_code == 0
    assert f"{ANSWERING}={kind}_complete" in result.stdout
    assert result.stderr == ""


def test_another_shell_is_refused_in_one_sentence(run: Run) -> None:
    result = CliRunner().invoke(cli.main, [], env={ANSWERING: "ksh_source\x1b"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: {ANSWERING} asks for 'ksh_source\\x1b'\nhelp: take bash_source, zsh_source or fish_source\n"
    )


@pytest.mark.parametrize("asked", ["bash_source", "bash_complete", "zsh_source", "1", "bogus"])
def test_the_variable_never_stands_in_for_a_verdict(asked: str, harbour: Path) -> None:
    """A gate is decided whatever the environment says: it would be open where nothing was decided."""
    words = {ANSWERING: asked, "COMP_WORDS": "phasegate gate 1", "COMP_CWORD": "2"}
    result = CliRunner().invoke(cli.main, ["gate", "1"], env=words)
    assert result.exit_code == 1
    assert "CLOSED" in result.stdout


DRIVER = """
eval "$(_PHASEGATE_COMPLETE=bash_source phasegate)"
COMP_WORDS=(phasegate check phase :) COMP_CWORD=3
_phasegate_completion phasegate
printf '%s\\n' "${COMPREPLY[@]}"
"""


def test_bash_itself(harbour: Path) -> None:
    place = Path(sys.executable).parent
    if not (place / "phasegate").exists():
        pytest.skip("phasegate is not installed beside this Python")
    found = subprocess.run(
        ["bash", "--norc", "-c", DRIVER],
        env={**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"},
        cwd=harbour,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (found.stdout, found.stderr) == ("1\n2\n", "")


def test_the_documents_switch_it_on_with_these_words() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert re.findall(r"(\w+)=(\w+)_source phasegate", text) == [
        (ANSWERING, kind) for kind in ("bash", "zsh", "fish")
    ]
