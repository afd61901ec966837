"""Each piece of advice about a project file works: it is given, it is followed, and the fault is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from phasegate import cli

PROJECT = """\
phasegate: 1
sources:
  t:
    path: t.csv
    contract:
      title: an invoice
      event: paid
      columns:
        inv: {type: string}
        amount: {type: decimal, scale: 2, nullable: true}
        hours: {type: decimal, scale: 2, nullable: true}
        paid: {type: date}
        due: {type: date}
        seen: {type: string}
        state: {type: string, allowed: [open, paid]}
      derive: {late: "days_between(due, paid)", net: amount}
  u: {path: u.csv, contract: {title: another, columns: {other: {type: string}}}}
measures:
  m: {title: Measure, from: t, count: "inv <> 'x'", max_age: 90 days}
require: {m: ">= 0"}
"""
ROWS = """\
inv,amount,hours,paid,due,seen,state
012,1.00,2,2026-01-31,2026-01-30,2026-02-01,open
B,,3,2026-02-15,2026-01-30,2026-02-01,paid
"""
COUNT = "count: \"inv <> 'x'\""
Changes = list[tuple[str, str]]
ADVICE: dict[str, tuple[Changes, str, Changes]] = {
    "an age without its unit": (
        [("90 days", "14")],
        'write it as "14 days"',
        [("90 days", '"90 days"')],
    ),
    "an age in quotes": ([("90 days", '"14"')], "write '14 days'", [("90 days", "'14 days'")]),
    "an account number among those allowed": (
        [("{type: string}", "{type: string, allowed: [012, B, x]}")],
        'put it in quotes: "012"',
        [("{type: string}", '{type: string, allowed: ["012", B, x]}')],
    ),
    "an account number in a condition": (
        [(COUNT, 'count: "inv = 012"')],
        "write the text '012' in quotes",
        [(COUNT, "count: \"inv = '012'\"")],
    ),
    "a title that is a number": ([("Measure", "007")], 'put it in quotes: "007"', [("Measure", '"007"')]),
    "a title that is a word of YAML": (
        [("Measure", "true")],
        'put it in quotes: "true"',
        [("Measure", '"true"')],
    ),
    "a unit that is none": (
        [("max_age: 90 days", "unit: 5")],
        "or one word such as points",
        [("max_age: 90 days", "max_age: 90 days")],
    ),
    "a bound that is a number": ([('">= 0"', "1")], "write '>= 1'", [('">= 0"', "'>= 1'")]),
    "a column of another source": (
        [(COUNT, "count: \"other <> 'x'\"")],
        "it is a column of u",
        [(f"from: t, {COUNT}, max_age: 90 days", "from: u, count: \"other <> 'x'\"")],
    ),
    "a column of nearly that name": (
        [(COUNT, "count: \"invo <> 'x'\"")],
        "did you mean inv?",
        [(COUNT, "count: \"inv <> 'x'\"")],
    ),
    "a column in the quotes of a text": (
        [(COUNT, "count: 'inv <> \"x\"'")],
        "a text stands in single quotes: 'x'",
        [(COUNT, COUNT)],
    ),
    "a derived column that is derived later": (
        [("net: amount", "twice: net * 2, net: amount")],
        "put it above whatever names it",
        [("net: amount", "net: amount, twice: net * 2")],
    ),
    "days taken from each other": (
        [(COUNT, 'count: "paid - due > 3"')],
        "use days_between(a, b)",
        [(COUNT, 'count: "days_between(due, paid) > 3"')],
    ),
    "a text that should be a day": (
        [(COUNT, 'count: "paid > seen"')],
        "declare the column as a date",
        [(COUNT, 'count: "paid > seen"'), ("seen: {type: string}", "seen: {type: date}")],
    ),
    "a day in another form": (
        [(COUNT, "count: \"paid > '31/01/2026'\"")],
        "write it as 'YYYY-MM-DD'",
        [(COUNT, "count: \"paid > '2026-01-31'\"")],
    ),
    "a comparison with nothing": (
        [(COUNT, 'count: "amount = NULL"')],
        "use IS NULL",
        [(COUNT, 'count: "amount IS NULL"')],
    ),
    "texts without regard to case": (
        [(COUNT, "count: \"seen ILIKE 'a%'\"")],
        "LOWER(column) LIKE 'text%'",
        [(COUNT, "count: \"LOWER(seen) LIKE 'a%'\"")],
    ),
    "today": (
        [(COUNT, 'count: "paid <= CURRENT_DATE"')],
        "write :as_of",
        [(COUNT, 'count: "paid <= :as_of"')],
    ),
    "a word that is never there": (
        [(COUNT, "count: \"state = 'opne'\"")],
        "open",
        [(COUNT, "count: \"state = 'open'\"")],
    ),
    "a sum over an empty cell, as zero": (
        [(COUNT, "sum: amount")],
        "write COALESCE(amount, 0)",
        [(COUNT, 'sum: "COALESCE(amount, 0)"')],
    ),
    "a sum over an empty cell, left out": (
        [(COUNT, "sum: amount")],
        'where: "amount IS NOT NULL"',
        [(COUNT, 'sum: amount, where: "amount IS NOT NULL"')],
    ),
    "a share over an empty cell": (
        [(COUNT, "share: {of: \"inv = 'B'\", value: amount}"), ('">= 0"', "'>= 0 %'")],
        "write COALESCE(amount, 0)",
        [(COUNT, 'share: {of: "inv = \'B\'", value: "COALESCE(amount, 0)"}'), ('">= 0"', "'>= 0 %'")],
    ),
    "a mean over a derived column": (
        [(COUNT, "mean: net")],
        'where: "amount IS NOT NULL"',
        [(COUNT, 'mean: net, where: "amount IS NOT NULL"')],
    ),
    "an attainment over empty cells": (
        [(COUNT, "attainment: {actual: amount, expected: hours}"), ('">= 0"', "'>= 0 %'")],
        "write COALESCE(amount, 0)",
        [(COUNT, 'attainment: {actual: "COALESCE(amount, 0)", expected: hours}'), ('">= 0"', "'>= 0 %'")],
    ),
}


def decided(changes: Changes) -> tuple[int, str]:
    text = PROJECT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    Path("phasegate.yaml").write_text(text, encoding="utf-8")
    told = Path("told.txt")
    told.unlink(missing_ok=True)
    arguments = ["check", "--no-ledger", "--as-of", "2026-03-01", "-o", str(told)]
    result = CliRunner().invoke(cli.main, arguments)
    shown = told.read_text(encoding="utf-8") if told.exists() else ""
    return result.exit_code, " ".join(f"{result.output} {shown}".split())


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize("name", ADVICE)
def test_advice_about_rules_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    Path("t.csv").write_text(ROWS, encoding="utf-8")
    Path("u.csv").write_text("other\nx\n", encoding="utf-8")
    wrong, says, right = ADVICE[name]
    code, told = decided(wrong)
    assert code in (2, 3)
    assert says in told
    code, told = decided(right)
    assert code in (0, 1), told
