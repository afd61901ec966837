"""A process of ours, interrupted at any moment: one sentence, exit code 2, and nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from broken import Harbour

BIN = Path(sys.executable).parent
WAYS: dict[str, list[str | Path]] = {
    "the command": [BIN / "phasegate"],
    "python -m phasegate": [sys.executable, "-m", "phasegate"],
    "python -m phasegate.cli": [sys.executable, "-m", "phasegate.cli"],
}
# Sends the signal to itself at the so-manieth thing that Python does for us, imports, files and
# databases among them; counted from our first line, since before that the process is not ours.
COUNTS = """
import os, signal, sys
at, done = int(os.environ["INTERRUPT_AT"]), -1

def count(event, arguments):
    global done
    if done < 0 and event == "import" and arguments[0] == "phasegate.commands":
        done = 0
    elif done >= 0:
        done += 1
        if done == at:
            if begun := os.environ.get("BEGUN"):
                os.mkdir(begun)
            os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(count)
ended = os._exit

def end(code):
    if at == 0:
        os.write(2, f"events: {done}".encode())
    ended(code)

os._exit = end
"""
REPORTS = ("report.html", "report.json")
AFTER = ("help: this was done before: kept as run ", "help: a refused run leaves no report: removed report.")


def interrupted(harbour: Harbour, way: str, at: int) -> subprocess.CompletedProcess[str]:
    hook = harbour.write("../hook/sitecustomize.py", COUNTS).parent
    return subprocess.run(
        [*WAYS[way], "check", *(word for name in REPORTS for word in ("-o", name))],
        cwd=harbour.root,
        env={**os.environ, "PYTHONPATH": str(hook), "INTERRUPT_AT": str(at)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def holds(harbour: Harbour, ended: subprocess.CompletedProcess[str]) -> None:
    """Sees that it is told in one sentence, that no report is there, and the ledger is what was kept."""
    assert ended.returncode == 2, ended
    told = ended.stderr.strip().splitlines()
    assert told[0] == "error: interrupted", ended.stderr
    assert all(line.startswith(AFTER) for line in told[1:]), ended.stderr
    names = {path.name for path in harbour.root.iterdir()}
    known = {"phasegate.yaml", "pack", "invoices.csv", "inspections.csv", ".phasegate", "phasegate.db"}
    assert names <= known
    if "phasegate.db" in names:
        assert harbour.run("verify").exit_code == 0
    again = harbour.run("check")
    assert again.exit_code == 0, again.output


def events(harbour: Harbour, way: str) -> int:
    """How much there is to interrupt."""
    ended = interrupted(harbour, way, 0)
    assert ended.returncode == 0, ended.stderr
    for name in (*REPORTS, "phasegate.db"):
        (harbour.root / name).unlink()
    return int(ended.stderr.rpartition("events: ")[2])


@pytest.mark.parametrize(
    ("way", "parts"),
    [("the command", 1), pytest.param("python -m phasegate", 2, marks=pytest.mark.slow)],
)
def test_whatever_it_is_doing(way: str, parts: int, harbour: Harbour) -> None:
    whole = events(harbour, way)
    assert whole > 1_000
    for part in range(parts):
        holds(harbour, interrupted(harbour, way, whole * (2 * part + 1) // (2 * parts)))


@pytest.mark.parametrize(
    "parts", [pytest.param(7, marks=pytest.mark.slow), pytest.param(45, marks=pytest.mark.long)]
)
def test_whatever_it_is_doing_at_many_moments(parts: int, harbour: Harbour) -> None:
    whole = events(harbour, "the command")
    for at in {*range(1, whole, whole // parts), *range(whole - 40, whole, 120 // parts)}:
        holds(harbour, interrupted(harbour, "the command", at))


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("way", WAYS)
def test_it_ends_with_the_code_of_the_command(way: str, harbour: Harbour) -> None:
    def code(*words: str) -> int:
        return subprocess.run([*WAYS[way], *words], cwd=harbour.root, capture_output=True).returncode

    if way == "the command":
        assert code("check", "--no-ledger", "--as-of", "2026-03-31") == 0
    harbour.edit("pack/pack.yaml", ">= 95 %", ">= 99 %")
    assert code("check", "--no-ledger", "--as-of", "2026-03-31") == 1
    assert code("check", "nothing") == 2
    if way != "the command":
        return
    harbour.write("invoices.csv", "invoice,day,amount,currency,status\n")
    harbour.edit("pack/pack.yaml", ">= 99 %", ">= 95 %")
    assert code("check", "--no-ledger", "--as-of", "2026-03-31") == 3
    assert code("--version") == 0


def test_whoever_ignores_interruptions_is_not_interrupted(harbour: Harbour) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell has it for what runs in the background
    try:
        # `lint`, as polars takes interruptions while it computes, whoever ignores them.
        process = subprocess.Popen(
            [*WAYS["the command"], "lint"], cwd=harbour.root, stdout=subprocess.DEVNULL
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
    assert process.returncode == 0


@pytest.mark.slow
def test_one_who_presses_ctrl_c_again_and_again(harbour: Harbour, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    with subprocess.Popen(
        [*WAYS["the command"], "check"],
        cwd=harbour.root,
        env={**os.environ, "PYTHONPATH": str(harbour.write("../hook/sitecustomize.py", COUNTS).parent)}
        | {"INTERRUPT_AT": "900", "BEGUN": str(begun)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while process.poll() is None:
            if begun.exists():
                process.send_signal(signal.SIGINT)
            time.sleep(0.002)
        assert process.stderr is not None
        assert process.stderr.read().strip().splitlines()[0] == "error: interrupted"
    assert process.returncode == 2
