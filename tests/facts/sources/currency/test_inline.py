"""A short project file converts too, and takes its columns from the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchanged import AS_OF

from phasegate.facts.assemble import assemble
from phasegate.facts.model.fact import FactSet
from phasegate.facts.sources.open import open_sources
from phasegate.rules.loading.project import load_project

PROJECT = """
phasegate: 1
sources:
  invoices:
    path: invoices.csv
    contract:
      title: one invoice
      infer: true
      event: day
      currency: currency
      convert: {to: USD, rates: fx, columns: [amount]}
  fx:
    path: fx.csv
    contract: {title: one rate, infer: true, rates: {date: day, currency: code, rate: usd_per_unit, to: USD}}
measures: {spent: {title: Spent, from: invoices, sum: amount, unit: USD}}
require: {spent: "<= 1 M USD"}
"""
INVOICES = "day,currency,amount\n2026-01-05,EUR,10.50\n2026-02-05,EUR,10.00\n2026-02-05,USD,0.25\n"
RATES = "day,code,usd_per_unit\n2026-01-01,EUR,1.1\n2026-02-01,EUR,1.2345678\n"


@pytest.mark.sampled(every=6)
@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize(
    ("invoices", "rates", "value", "reason"),
    [
        (INVOICES, RATES, "11.55 + 12.345678 + 0.25", ""),
        (INVOICES, RATES.replace("1.2345678", "2"), "11.55 + 20 + 0.25", ""),
        (INVOICES, RATES.replace("1.1", "1e1"), "105 + 12.345678 + 0.25", ""),
        (INVOICES, RATES.replace("1.1", "1").replace("1.2345678", "2"), "10.5 + 20 + 0.25", ""),
        (INVOICES, RATES.replace("1.1", "0"), None, "fx: 1 row breaks the contract: usd_per_unit: above 0"),
        (
            INVOICES,
            RATES.replace("1.1", "1.1234567890123456789"),
            None,
            "fx: rates.rate names 'usd_per_unit', which is no decimal or integer but float",
        ),
        (
            INVOICES,
            RATES.replace("2026-02-01", "1 February"),
            None,
            "fx: rates.date names 'day', which is no date but string",
        ),
        (
            INVOICES.replace(".50", "").replace(".00", "").replace("0.25", "0"),
            RATES,
            "11 + 12.345678",
            "",
        ),
        (
            INVOICES,
            RATES.replace("code", "name"),
            None,
            "fx: rates.currency names 'code', which is no column",
        ),
        (
            INVOICES.replace("day", "date"),
            RATES,
            None,
            "invoices: event names 'day', which is no column of the",
        ),
    ],
)
def test_the_columns_are_those_of_the_files(
    tmp_path: Path, invoices: str, rates: str, value: str | None, reason: str
) -> None:
    fact = found(tmp_path, invoices, rates).facts["spent", ""]
    if value is None:
        assert fact.status == "error"
        assert fact.reason.startswith(reason), fact.reason
    else:
        assert (fact.status, fact.sources) == ("present", ("invoices", "fx"))
        assert round(float(fact.value or 0), 9) == round(sum(map(float, value.split("+"))), 9)


def found(root: Path, invoices: str, rates: str, project: str = PROJECT) -> FactSet:
    """The facts of a project."""
    for name, text in {"phasegate.yaml": project, "invoices.csv": invoices, "fx.csv": rates}.items():
        (root / name).write_text(text.lstrip(), encoding="utf-8")
    loaded = load_project(root / "phasegate.yaml")
    pack = loaded.pack.pack
    return assemble(pack, open_sources(pack.sources, loaded.project.sources, root, AS_OF), AS_OF)


def test_which_columns_are_amounts_is_not_left_to_the_file(tmp_path: Path) -> None:
    fact = found(tmp_path, INVOICES, RATES, PROJECT.replace(", columns: [amount]", "")).facts["spent", ""]
    assert fact.reason == (
        "invoices: convert: the file decides which columns are decimals; "
        "name the columns that are amounts under convert.columns"
    )
