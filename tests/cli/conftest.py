from __future__ import annotations

import ctypes
import datetime as dt
import json
import os
import shutil
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from phasegate import cli

TODAY = dt.date(2026, 3, 1)
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line in an empty folder, on a day that does not change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "now", lambda: dt.datetime.combine(TODAY, dt.time(12), dt.UTC))
    for name in (
        "NO_COLOR",
        "FORCE_COLOR",
        "COLUMNS",
        "PHASEGATE_TRACEBACK",
        "PHASEGATE_KEY",
        "PHASEGATE_REFERENCE",
        "GITHUB_WORKSPACE",
    ):
        monkeypatch.delenv(name, raising=False)
    runner = CliRunner()
    return lambda *args: runner.invoke(cli.main, [str(arg) for arg in args])


PROJECT = """\
phasegate: 1
sources: {{invoices: {{path: invoices.csv}}}}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {{of: status = 'reconciled'}}
    items: invoices
    min_rows: {min_rows}
require:
  invoices.reconciled: "{bound}"
{more}"""


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes the smallest project: 18 of 20 invoices are reconciled."""

    def write(bound: str = ">= 95 %", min_rows: int = 1, more: str = "") -> Path:
        file = tmp_path / "phasegate.yaml"
        file.write_text(PROJECT.format(bound=bound, min_rows=min_rows, more=more), encoding="utf-8")
        rows = [f"F-{number},{'open' if number in (7, 16) else 'reconciled'}" for number in range(1, 21)]
        (tmp_path / "invoices.csv").write_text("\n".join(["invoice,status", *rows, ""]), encoding="utf-8")
        return file

    return write


PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berth planning
    criteria:
      - id: systems
        text: Berth systems activated
        enforcement: soft
        require:
          invoices.reconciled: ">= 95 %"
  "1.2":
    title: Crane planning
    criteria:
      - id: systems
        text: Crane systems activated
        require:
          invoices.reconciled: ">= 80 %"
phases:
  "1": {title: Berths, points: ["1.1"]}
  "2": {title: Cranes, points: ["1.2"], after: ["1"]}
sources:
  invoices:
    title: one invoice
    columns:
      invoice: {type: string}
      status: {type: string}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {of: status = 'reconciled'}
    items: invoices
"""
WAIVERS = """\
waivers:
  - id: W-1
    requirement: 1.1/systems/invoices.reconciled
    pack_digest: {digest}
    covers: [fail]
    floor: 80 %
    reason: The ledger is being moved.
    risk_owner: f-101
    requester: d-7
    approver: f-9
    granted: 2026-02-01T00:00:00Z
    start: 2026-02-01T00:00:00Z
    end: 2026-04-01T00:00:00Z
"""


@pytest.fixture
def programme(tmp_path: Path, project: Callable[..., Path]) -> Callable[[bool], None]:
    """Writes a project of a pack with two phases; the first one fails, or rests on a waiver."""

    def write(waived: bool) -> None:
        from phasegate.rules.loading.pack import load_pack

        file = project()
        (tmp_path / "pack").mkdir(exist_ok=True)
        (tmp_path / "pack" / "pack.yaml").write_text(PACK, encoding="utf-8")
        text = "phasegate: 1\npack: pack\nsources: {invoices: {path: invoices.csv}}\n"
        if waived:
            digest = load_pack(tmp_path / "pack").digest
            (tmp_path / "waivers.yaml").write_text(WAIVERS.format(digest=digest), encoding="utf-8")
            text += "waivers: waivers.yaml\n"
        file.write_text(text, encoding="utf-8")

    return write


ROLES = {
    "ci": "evaluator",
    "fin": "approver:finance",
    "fin-2": "approver:finance",
    "dev": "approver:developer",
    "both": "[approver:finance, approver:developer]",
    "eyes": "auditor",
}
SIGNED = """\
phasegate: 1
pack: pack
sources: {{invoices: {{path: invoices.csv}}}}
{more}signers:
{signers}"""


@dataclass
class World:
    """A project with signers and their keys; the gates of its pack want 95 % and find 90 %."""

    folder: Path
    run: Run
    clock: Callable[[dt.datetime], None]
    listed: dict[str, str]
    kept: Path
    more: str = ""
    limits: dict[str, str] = field(default_factory=dict)

    def write(self, bound: str = ">= 95 %", **limits: str) -> None:
        """Writes the project file and its pack.

        Args:
            bound: of phase 1.
            limits: for a signer's name (``_`` for ``-``), such as ``"revoked: 2026-03-01T12:00:00Z"``.
        """
        self.limits.update({name.replace("_", "-"): limit for name, limit in limits.items()})
        signers = []
        for name, roles in self.listed.items():
            key = (self.folder / "keys" / f"{name}.pub").read_text(encoding="utf-8").strip()
            listed = roles if roles.startswith("[") else f"[{roles}]"
            limit = f", {self.limits[name]}" if name in self.limits else ""
            signers.append(f"  - {{name: {name}, roles: {listed}, key: {key}{limit}}}\n")
        text = SIGNED.format(more=self.more, signers="".join(signers))
        (self.folder / "phasegate.yaml").write_text(text, encoding="utf-8")
        pack = PACK.replace("enforcement: soft\n", "enforcement: soft\n        function: finance\n")
        (self.folder / "pack" / "pack.yaml").write_text(pack.replace(">= 95 %", bound), encoding="utf-8")

    def once(self, name: str, make: Callable[[], object]) -> World:
        """What many tests begin with: it is made for the first of them, and the others get its files."""
        kept = self.kept / name
        if kept.exists():
            shutil.rmtree(self.folder)
            shutil.copytree(kept, self.folder)
            os.chdir(self.folder)  # another folder of that name
        else:
            make()
            shutil.copytree(self.folder, kept)
        return self

    def at(self, moment: str) -> World:
        """Sets the clock."""
        self.clock(dt.datetime.fromisoformat(moment))
        return self

    def by(self, name: str, *args: object) -> Result:
        """Runs a command with somebody's key."""
        return self.run(*args, "--key", self.folder / "keys" / name)

    def approve(self) -> None:
        """Has both functions approve the rules."""
        for name in ("fin", "dev"):
            result = self.by(name, "approve")
            assert result.exit_code == 0, result.output

    def gate(self, phase: str = "1") -> Result:
        """Has the evaluator decide a gate."""
        return self.by("ci", "gate", phase)

    def waive(self, name: str = "fin", **changes: str | None) -> Result:
        """Has somebody grant a waiver for phase 1; an option that is None is left out."""
        options = {
            "requirement": "1.1/systems/invoices.reconciled",
            "id": "W-1",
            "reason": "two suppliers are late",
            "risk_owner": "r-1",
            "requester": "d-7",
            "floor": "85 %",
            "until": "2026-05-01",
            **changes,
        }
        words = [str(options.pop("requirement"))]
        for option, value in options.items():
            words += [f"--{option.replace('_', '-')}", value] if value is not None else []
        return self.by(name, "waive", *words)

    def record(self, *args: object) -> Any:
        """What the evaluator decides, as a record."""
        return json.loads(self.by("ci", *args, "--format", "json").stdout)

    def log(self) -> list[tuple[str, dict[str, Any]]]:
        """The entries of the ledger: kind and document."""
        from phasegate.audit.ledger.ledger import Ledger
        from phasegate.audit.signing.canonical_json import read_canonical

        with Ledger.open(self.folder / "phasegate.db") as ledger:
            return [(row.kind, read_canonical(row.body)) for row in ledger.rows()]


@pytest.fixture(scope="session")
def kept_worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the worlds lie that are made once."""
    return tmp_path_factory.mktemp("worlds")


@pytest.fixture
def world(
    tmp_path: Path,
    run: Run,
    project: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    kept_worlds: Path,
) -> World:
    """A project whose signers are an evaluator, approvers of two functions, and an auditor."""
    from phasegate.audit.signing.keys import new_key

    project()
    (tmp_path / "pack").mkdir()
    (tmp_path / "keys").mkdir()
    for name in [*ROLES, "stranger"]:
        new_key(tmp_path / "keys" / name, name)

    def clock(moment: dt.datetime) -> None:
        monkeypatch.setattr(cli, "now", lambda: moment)

    made = World(tmp_path, run, clock, dict(ROLES), kept_worlds)
    made.write()
    return made.at("2026-03-01T12:00:00+00:00")


_OPENED, _CHANGED = 0x20, 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200
_HEAD = struct.calcsize("iIII")


class Watched:
    """Which files anything opens, native code of libraries included, as Linux itself counts them.

    What was opened, and what was written, made, moved or deleted, by name.
    """

    def __init__(self) -> None:
        self.opened: set[str] = set()
        self.changed: set[str] = set()


@contextmanager
def watched_files(folder: Path) -> Iterator[Watched]:
    """Watches the files of one folder, without those of folders in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(os.O_NONBLOCK)
    if handle < 0 or libc.inotify_add_watch(handle, os.fsencode(folder), _OPENED | _CHANGED) < 0:
        raise OSError(ctypes.get_errno(), "the folder can not be watched")
    found = Watched()
    try:
        yield found
        while True:
            try:
                events = os.read(handle, 65_536)
            except BlockingIOError:
                return
            at = 0
            while at < len(events):
                _, mask, _, length = struct.unpack_from("iIII", events, at)
                name = os.fsdecode(events[at + _HEAD : at + _HEAD + length].rstrip(b"\0"))
                at += _HEAD + length
                if name and mask & _OPENED:
                    found.opened.add(name)
                if name and mask & _CHANGED:
                    found.changed.add(name)
    finally:
        os.close(handle)


@pytest.fixture
def watching() -> Callable[[Path], AbstractContextManager[Watched]]:
    """Watches the files of a folder."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells which files are opened")
    return watched_files
