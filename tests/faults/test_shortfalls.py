"""What a machine or an installation lacks: one sentence with what to do, exit code 2, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from broken import Harbour

NEEDED = {
    "click": "click",
    "cryptography": "cryptography",
    "durable": "durable-rules",
    "orjson": "orjson",
    "polars": "polars",
    "_polars_runtime_32": "polars-runtime-32",
    "pydantic": "pydantic",
    "sqlglot": "sqlglot",
    "yaml": "pyyaml",
}
"""Modules without which nothing can be decided, kept or shown, and the packages that bring them."""
EXTRAS = {
    "xlsxwriter": (["check", "--no-ledger", "-o", "report.xlsx"], "excel"),
    "psycopg": (["runs", "--ledger", "postgresql:///nowhere"], "postgres"),
    "apprise": (["notify", "--test", "board"], "notify"),
}


def phasegate(harbour: Harbour, hook: str, *words: str, more: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a Python that runs some lines before anything else."""
    place = harbour.write("../hook/sitecustomize.py", hook).parent
    # Processes that phasegate starts may run in isolation, and lack the same.
    return subprocess.run(
        ["sh", "-c", f'{more}exec "$0" "$@"', sys.executable, "-m", "phasegate", *words],
        cwd=harbour.root,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def one_sentence(ended: subprocess.CompletedProcess[str], said: str) -> None:
    assert ended.returncode == 2, ended
    told = ended.stderr.splitlines()
    assert len(told) == 2, ended.stderr
    assert told[0].startswith("error: ")
    assert said in told[0]
    assert told[1].startswith("help: ")
    assert "unexpected" not in ended.stderr


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("module", NEEDED)
def test_a_package_that_is_missing_is_named(module: str, harbour: Harbour) -> None:
    ended = phasegate(harbour, f"import sys; sys.modules[{module!r}] = None", "check")
    one_sentence(ended, f"{NEEDED[module]} is needed, and can not be loaded")
    assert "install phasegate once more" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("module", ["click", "polars", "pydantic"])
def test_whatever_is_missing_no_report_of_an_earlier_run_is_left(module: str, harbour: Harbour) -> None:
    assert harbour.run("check", "-o", "gate.html").exit_code == 0
    ended = phasegate(harbour, f"import sys; sys.modules[{module!r}] = None", "check", "-o", "gate.html")
    assert ended.returncode == 2
    assert "removed gate.html" in ended.stderr
    assert not (harbour.root / "gate.html").exists()
    assert ended.stdout == ""


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("module", EXTRAS)
def test_an_extra_that_is_missing_is_named(module: str, harbour: Harbour) -> None:
    words, extra = EXTRAS[module]
    if module == "apprise":
        harbour.edit("phasegate.yaml", "sources:\n", "notifications: {board: {to: env:BOARD}}\nsources:\n")
    ended = phasegate(
        harbour, f"import os, sys; sys.modules[{module!r}] = None; os.environ['BOARD'] = 'json://x'", *words
    )
    assert ended.returncode == 2, ended
    assert extra in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


REFUSES = """
import _thread

def refuse(*_, **__):
    raise RuntimeError("can't start new thread")

_thread.start_new_thread = refuse
_thread.start_joinable_thread = refuse
"""


@pytest.mark.slow
def test_a_thread_that_the_system_refuses(harbour: Harbour) -> None:
    rows = (harbour.root / "invoices.csv").read_text(encoding="utf-8")
    paid = "".join(f"G-{number},2026-03-01,100.00,EUR,paid\n" for number in range(400_000))
    harbour.write("invoices.csv", rows + paid)  # so many are read while the rest is prepared
    ended = phasegate(harbour, REFUSES, "check", "--no-ledger")
    one_sentence(ended, "the system gives no further thread or process")
    assert "POLARS_MAX_THREADS=1" in ended.stderr


PANICS = """
import os
import sys
import polars

computed = polars.collect_all

def panics(frames, **how):
    if not frames or not sys._getframe(1).f_globals["__name__"].startswith("phasegate.facts."):
        return computed(frames, **how)
    os.write(2, b"a library's own words\\n\\nthread 'async-1' (7) panicked at src/mod.rs:4:3:\\nleft: 1\\n")
    raise polars.exceptions.PanicException('JoinError::Panic(Id(20), "left: 1")')

polars.collect_all = panics
"""


def test_what_rust_says_of_a_panic_is_told_by_phasegate_alone(harbour: Harbour) -> None:
    ended = phasegate(harbour, PANICS, "check", "--no-ledger")
    assert ended.returncode == 3, ended
    assert ended.stderr == "a library's own words\n", ended
    assert "can not be read: polars broke off in the midst of it" in " ".join(ended.stdout.split())
    assert "Id(20)" not in ended.stdout


def test_a_library_may_say_as_much_as_it_likes(harbour: Harbour) -> None:
    much = "os.write(2, b'words\\n' * 40_000) == 240_000 or sys.exit(7)"
    loud = PANICS.replace("    os.write(", f"    {much}\n    os.write(", 1)
    ended = phasegate(harbour, loud, "check", "--no-ledger")
    assert ended.returncode == 3, ended
    assert ended.stderr == "words\n" * 40_000 + "a library's own words\n"


def test_the_error_stream_that_is_kept_apart_is_written_to_by_its_name(harbour: Harbour) -> None:
    ended = phasegate(harbour, PANICS, "check", "--no-ledger", "--format", "json", "-o", "/dev/stderr")
    assert "UNDECIDED" in ended.stdout
    assert "can not be read" in ended.stderr
    assert "thread" not in ended.stderr


@pytest.mark.sampled(every=2)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems limit memory in another way")
@pytest.mark.parametrize("megabytes", [60, 120, 400, 600])
def test_a_process_without_memory_opens_no_gate(megabytes: int, harbour: Harbour) -> None:
    ended = phasegate(harbour, "", "check", "--no-ledger", more=f"ulimit -v {megabytes << 10}; ")
    # Where a library of C finds none, it ends the process.
    assert ended.returncode not in (0, 1, 3), ended
    assert "Traceback" not in ended.stderr or "phasegate" not in ended.stderr


def test_a_file_that_takes_all_memory_is_told(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *_: object, **__: object) -> object:
        raise MemoryError

    monkeypatch.setattr(Path, "open", full)
    result = harbour.run("check", "--no-ledger")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: there is not enough memory\nhelp: ")
