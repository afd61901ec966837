"""A small programme of two phases that passes, for tests to break."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from phasegate import cli
from phasegate.records.schema import Record
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project

TODAY = dt.date(2026, 3, 31)
PROJECT = """\
phasegate: 1
title: Harbour
pack: pack
cycle: {id: "2026-1", start: 2026-03-01}
sources:
  invoices: {path: invoices.csv}
  inspections: {path: inspections.csv}
"""
PACK = """\
pack: harbour
title: Harbour
points:
  quay:
    title: Quay fees
    criteria:
      - id: paid
        text: Quay fees are paid
        enforcement: soft
        require:
          invoices.paid: ">= 95 %"
  crane:
    title: Cranes
    criteria:
      - id: safe
        text: Cranes are inspected
        require:
          inspections.passed: ">= 80 %"
phases:
  "1": {title: Fees, points: [quay]}
  "2": {title: Cranes, points: [crane], after: ["1"]}
sources:
  invoices:
    title: one invoice
    event: day
    currency: currency
    key: [invoice]
    columns:
      invoice: {type: string}
      day: {type: date}
      amount: {type: decimal, scale: 2}
      currency: {type: string}
      status: {type: string}
  inspections:
    title: one inspection of a crane
    event: day
    columns:
      crane: {type: string}
      day: {type: date}
      reported: {type: date, past: true}
      passed: {type: boolean}
measures:
  invoices.paid:
    title: Value of invoices that were paid
    from: invoices
    share: {of: status = 'paid', value: amount}
  inspections.passed:
    title: Inspections that were passed
    from: inspections
    ratio: {of: passed}
"""
INVOICES = "invoice,day,amount,currency,status\n" + "".join(
    f"F-{number},2026-03-{number:02d},{100}.00,EUR,{'paid' if number < 20 else 'open'}\n"
    for number in range(1, 21)
)
INSPECTIONS = "crane,day,reported,passed\n" + "".join(
    f"{crane},2026-03-02,2026-03-05,true\n" for crane in "ABC"
)
TRAIL = (".phasegate", "phasegate.db")
"""What a run writes into the folder of a project."""
WAIVERS = """\
waivers:
  - id: W-1
    requirement: quay/paid/invoices.paid
    pack_digest: {digest}
    covers: [fail]
    floor: 80 %
    reason: The ledger is being moved.
    risk_owner: f-101
    requester: d-7
    approver: f-9
    granted: 2026-03-01T00:00:00Z
    start: 2026-03-01T00:00:00Z
    end: 2026-05-01T00:00:00Z
"""


@dataclass
class Harbour:
    """A project in a folder, and the ways to run it."""

    root: Path
    monkeypatch: pytest.MonkeyPatch

    def write(self, name: str, text: str | bytes) -> Path:
        """Writes a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces what stands once in a file of the project."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def waive(self, old: str = "", new: str = "") -> None:
        """Adds the waiver W-1 under the pack as it is now."""
        from phasegate.rules.loading.pack import load_pack

        text = WAIVERS.format(digest=load_pack(self.root / "pack").digest)
        assert old in text
        self.write("waivers.yaml", text.replace(old, new) if old else text)
        project = self.root / "phasegate.yaml"
        if "waivers:" not in project.read_text(encoding="utf-8"):
            self.edit("phasegate.yaml", "sources:\n", "waivers: waivers.yaml\nsources:\n")

    def run(self, *args: object, today: dt.date = TODAY) -> Result:
        """A command line, run in the project's folder on a day that does not change."""
        self.monkeypatch.chdir(self.root)
        self.monkeypatch.setattr(cli, "now", lambda: dt.datetime.combine(today, dt.time(12), dt.UTC))
        return CliRunner().invoke(cli.main, [str(arg) for arg in args])

    def record(self, as_of: dt.date = TODAY) -> Record:
        """What a check of everything decides."""
        return evaluate(ready_project(self.root), as_of)

    def verdict(self, criterion: str, as_of: dt.date = TODAY) -> str:
        """The verdict of one criterion."""
        (found,) = (each for each in self.record(as_of)["criteria"] if each["id"] == criterion)
        return found["verdict"]

    def files(self) -> dict[str, tuple[int, int]]:
        """What is in the folder beside the trail, to see that nothing was written."""
        return {
            str(path.relative_to(self.root)): (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in sorted(self.root.rglob("*"))
            if path.relative_to(self.root).parts[0] not in TRAIL
        }
