"""Where runs are kept: the key that signs them, and what happens where they can not be kept."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from phasegate import cli
from phasegate.audit.ledger import ledger as ledgers
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.errors import (
    ExposedKeyError,
    KeyNotKeptError,
    MalformedKeyError,
    UnreadableKeyError,
)
from phasegate.audit.signing.keys import new_key
from phasegate.audit.trail.run_key import own_key
from phasegate.audit.trail.trail import shortened

NOT_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
PROJECT = """\
phasegate: 1
sources: {invoices: {path: invoices.csv}}
measures:
  invoices.reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}
require: {invoices.reconciled: ">= 50 %"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project whose check is open."""
    (tmp_path / "phasegate.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "invoices.csv").write_text("invoice,status\nF-1,reconciled\n", encoding="utf-8")
    return tmp_path


def check(folder: Path, *options: str) -> Result:
    unset = {name: None for name in os.environ if name.startswith("PHASEGATE_")}
    with contextlib.chdir(folder):
        return CliRunner().invoke(cli.main, ["check", *options], env=unset)


def unkept(result: Result, said: str) -> None:
    assert result.exit_code == 2, result.stderr
    assert result.stdout == ""  # no report: it would tell of a run that nobody can find
    assert said in result.stderr
    assert "Traceback" not in result.stderr


# The key that a project without signers makes for itself


def test_a_project_makes_its_key_where_git_does_not_take_it(folder: Path) -> None:
    first = own_key(folder)
    assert own_key(folder).public == first.public
    assert stat.S_IMODE((folder / ".phasegate" / "evaluator").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / ".phasegate").stat().st_mode) == 0o700
    assert (folder / ".phasegate" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def _own(folder: Path, barrier: Callable[[], None], told: Callable[[str], None]) -> None:
    barrier()
    told(own_key(folder).public.fingerprint)


@pytest.mark.slow
def test_first_runs_at_once_share_one_key(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(4), context.Queue()
    runs = [context.Process(target=_own, args=(folder, barrier.wait, told.put)) for _ in range(4)]
    for each in runs:
        each.start()
    found = {told.get(timeout=60) for _ in runs}
    for each in runs:
        each.join()
        assert each.exitcode == 0
    assert found == {own_key(folder).public.fingerprint}
    assert sorted(path.name for path in (folder / ".phasegate").iterdir()) == [
        ".gitignore", "evaluator", "evaluator.pub",
    ]  # fmt: skip


@pytest.mark.slow
def test_first_checks_at_once_are_both_kept(folder: Path) -> None:
    command = [Path(sys.executable).with_name("phasegate"), "check", "-q"]
    runs = [
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [(each.communicate()[1], each.returncode) for each in runs] == [(b"", 0)] * 3
    with Ledger.open(folder / "phasegate.db") as ledger:
        assert ledger.store.newest_run() == 3
        assert len(ledger.find(("key",))) == 1


def test_a_key_that_others_can_read_signs_nothing(folder: Path) -> None:
    own_key(folder)
    (folder / ".phasegate" / "evaluator").chmod(0o640)
    with pytest.raises(ExposedKeyError, match="mode 0640"):
        own_key(folder)
    unkept(check(folder), "is open to others than its owner")
    assert not (folder / "phasegate.db").exists()


@pytest.mark.parametrize("content", ["", "garbage", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_a_damaged_key_is_not_replaced(content: str, folder: Path) -> None:
    own_key(folder)
    key = folder / ".phasegate" / "evaluator"
    key.write_text(content, encoding="utf-8")
    with pytest.raises(MalformedKeyError):
        own_key(folder)
    assert key.read_text(encoding="utf-8") == content


@NOT_ROOT
def test_a_key_that_can_not_be_read(folder: Path) -> None:
    own_key(folder)
    (folder / ".phasegate" / "evaluator").chmod(0o000)
    with pytest.raises(UnreadableKeyError):
        own_key(folder)


def test_a_key_for_which_there_is_no_place(folder: Path) -> None:
    (folder / ".phasegate").write_text("a file", encoding="utf-8")
    with pytest.raises(KeyNotKeptError):
        own_key(folder)
    unkept(check(folder), "was not made")


def test_a_key_beside_which_something_else_stands(folder: Path) -> None:
    (folder / ".phasegate").mkdir()
    (folder / ".phasegate" / "evaluator").symlink_to("nowhere")
    unkept(check(folder), "there is no key")


# What can not be kept decides nothing


def test_a_full_disk(folder: Path) -> None:
    """The file may not grow: SQLite hears of it when it writes."""
    assert check(folder).exit_code == 0
    size = (folder / "phasegate.db").stat().st_size
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size // 2}, {size // 2}));"
        "from phasegate.cli import main; main(['check'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (2, ""), result.stderr
    assert result.stderr.startswith("error: the run could not be kept, and so it decides nothing: ")
    assert "Traceback" not in result.stderr
    with Ledger.open(folder / "phasegate.db") as ledger:
        assert ledger.store.newest_run() == 1
    assert check(folder).exit_code == 0


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b""), "it is empty"),
        (lambda path: path.write_bytes(b"x" * 4096), "it is not an SQLite file"),
        (lambda path: sqlite3.connect(path).execute("CREATE TABLE t (a)").connection.close(), "phasegate.db"),
    ],
)
def test_a_ledger_that_is_none(make: Callable[[Path], object], said: str, folder: Path) -> None:
    make(folder / "phasegate.db")
    result = check(folder)
    unkept(result, said)
    assert "the run could not be kept, and so it decides nothing" in result.stderr


@NOT_ROOT
def test_a_ledger_that_may_not_be_written(folder: Path) -> None:
    assert check(folder).exit_code == 0
    (folder / "phasegate.db").chmod(0o444)
    unkept(check(folder), "can not be written")
    assert check(folder, "--no-ledger").exit_code == 0


@pytest.fixture
def locked(folder: Path) -> Iterator[None]:
    """Somebody else writes to the ledger and does not end."""
    assert check(folder).exit_code == 0
    connection = sqlite3.connect(folder / "phasegate.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.rollback()
    connection.close()


@pytest.mark.sampled(every=2)
@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize("ids", [[], ["9.9"]])
def test_a_ledger_that_somebody_else_holds(
    ids: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ledgers.Ledger.open, "__kwdefaults__", {**ledgers.Ledger.open.__kwdefaults__, "timeout": 0.1}
    )
    result = check(folder, *ids)
    assert (result.exit_code, result.stdout) == (2, "")
    said = (
        "so nothing tells of this attempt, which came to: the pack has no point"
        if ids
        else "so it decides nothing"
    )
    assert said in result.stderr


def test_a_run_under_a_key_of_another_project_is_told_in_the_ledger(folder: Path, tmp_path: Path) -> None:
    """Without signers anybody may go on, and the change of key stands in the ledger."""
    assert check(folder).exit_code == 0
    new_key(tmp_path / "other", "other")
    assert check(folder, "--key", str(tmp_path / "other")).exit_code == 0
    with Ledger.open(folder / "phasegate.db") as ledger:
        assert len(ledger.find(("key",))) == 2


@pytest.mark.parametrize(
    ("text", "kept"),
    [("", ""), (" a b ", "a b"), ("a\tb\udc80", "a\ufffdb\ufffd"), ("é" * 301, "é" * 297 + "...")],
)
def test_texts_from_outside_are_kept_printable_and_short(text: str, kept: str) -> None:
    assert shortened(text) == kept
