"""A project of one table, which a program gives in place of its file."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = """\
phasegate: 1
id: test-invoices
title: Office
sources:
  invoices:
    path: invoices.csv
    rename: {no: invoice}
    contract:
      title: Invoices
      columns:
        invoice: {type: string, unique: true}
        amount: {type: decimal, scale: 2}
        status: {type: string, nullable: true}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {of: status = 'reconciled'}
  invoices.billed: {title: Amount that was billed, from: invoices, sum: amount, unit: USD}
require:
  invoices.reconciled: ">= 60 %"
  invoices.billed: "> 1000 USD"
"""
CSV = "no,amount,status\nF-1,900.00,reconciled\nF-2,310.50,open\nF-3,95.25,reconciled\n"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the project, with its file."""
    monkeypatch.delenv("PHASEGATE_KEY", raising=False)
    (tmp_path / "phasegate.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "invoices.csv").write_text(CSV, encoding="utf-8")
    return tmp_path
