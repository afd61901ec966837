from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

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
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PHASEGATE_TRACEBACK"):
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
        from phasegate.rules.load import load_pack

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
