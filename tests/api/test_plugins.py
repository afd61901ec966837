"""Formats that other distributions bring: read, told in the record, and refused where they are none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from installed import forget, install

import phasegate as pg
from phasegate import cli

READ = """\
import polars as pl

def read(file):
    return pl.DataFrame(
        [line.decode().split() for line in file], schema=["no", "amount", "status"], orient="row"
    )

def tell(record):
    return f"{record['title']}: {record['outcome']}\\n"
"""
FORMATS = {"phasegate.formats": {"columns": "acme:read"}, "phasegate.reports": {"chat": "acme:tell"}}
ROWS = "F-1 900.00 reconciled\nF-2 310.50 open\nF-3 95.25 reconciled\n"
Install = Callable[..., None]


@pytest.fixture
def acme(office: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a distribution, and has the project read its table by it."""
    (office / "invoices.txt").write_text(ROWS, encoding="utf-8")
    file = office / "phasegate.yaml"
    told = file.read_text(encoding="utf-8").replace("invoices.csv", "invoices.txt\n    format: columns")
    file.write_text(told, encoding="utf-8")

    def made(
        code: str = READ,
        entries: Mapping[str, Mapping[str, str]] = FORMATS,
        name: str = "acme",
        version: str = "1.0",
    ) -> None:
        install(office, monkeypatch, name, code, entries, version)

    return made


def check(folder: Path, *args: str) -> str:
    args = ("check", "--as-of", "2026-03-01", "--project", str(folder), *args)
    return CliRunner().invoke(cli.main, args).output


def test_a_format_of_files(office: Path, acme: Install) -> None:
    acme()
    found = pg.Project.load(office).check(as_of="2026-03-01")
    assert found.outcome == "open"
    told = found.record["versions"]["format:columns"]
    assert told.startswith("acme 1.0 sha256:")
    assert found.record["sources"][0]["reading"]["format"] == "columns"
    assert "format:columns acme 1.0 sha256:" in str(found.report("html"))


def test_the_digest_is_of_the_file(office: Path, acme: Install) -> None:
    """As of each other file: who has the file can compute it."""
    import hashlib

    acme()
    source = pg.Project.load(office).check(as_of="2026-03-01").record["sources"][0]
    assert source["files"] == {"invoices.txt": f"sha256:{hashlib.sha256(ROWS.encode()).hexdigest()}"}


def test_a_cell_is_found(office: Path, acme: Install) -> None:
    acme()
    (office / "invoices.txt").write_text(ROWS.replace("310.50", "310.505"), encoding="utf-8")
    source = pg.Project.load(office).check(as_of="2026-03-01").record["sources"][0]
    assert [(each["file"], each["row"]) for each in source["breaches"][0]["cells"]] == [("invoices.txt", 2)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('line 2 is cut off')", "ValueError: line 2 is cut off"),
        ("return None", "is a builtins.NoneType, and no table"),
        ("return 7", "is a builtins.int, and no table"),
        ("return pl.DataFrame({'x': [1]})", "invoices.txt has no column 'no'"),
        (
            "return pl.DataFrame({'no': [[1]], 'amount': [1], 'status': ['a']})",
            "of which nothing is measured",
        ),
        ("return pl.DataFrame()", "has no column that can be read"),
        ("return pl.LazyFrame({'x': ['a']}).select(pl.col('x').cast(pl.Int64))", "can not be read"),
    ],
)
def test_what_it_makes_of_a_file_is_an_error_of_the_source(
    office: Path, acme: Install, body: str, reason: str
) -> None:
    acme(f"import polars as pl\n\ndef read(file):\n    {body}\n")
    found = pg.Project.load(office).check(as_of="2026-03-01")
    assert found.record["sources"][0]["status"] == "error"
    assert reason in found.record["sources"][0]["reason"]
    assert found.exit_code == 3


@pytest.mark.parametrize(
    ("code", "entry", "reason"),
    [
        ("1 / 0", "acme:read", "can not be loaded: ZeroDivisionError: division by zero"),
        ("import nowhere_at_all", "acme:read", "can not be loaded: ModuleNotFoundError"),
        ("", "acme:read", "can not be loaded: AttributeError"),
        ("read = 7", "acme:read", "is a int, and nothing that can be called"),
    ],
)
def test_what_can_not_be_loaded_shuts_the_gate(
    office: Path, acme: Install, code: str, entry: str, reason: str
) -> None:
    acme(code, {"phasegate.formats": {"columns": entry}})
    found = pg.Project.load(office).check(as_of="2026-03-01")
    assert reason in found.record["sources"][0]["reason"]
    assert found.exit_code == 3


def test_a_built_in_name_is_nobody_elses(office: Path, acme: Install) -> None:
    """Nothing of it is loaded where only that is named; where more of it is, the whole of it is refused."""
    acme(
        "raise SystemError",
        {"phasegate.formats": {"csv": "acme:read"}, "phasegate.reports": {"json": "acme:tell"}},
    )
    told = (office / "phasegate.yaml").read_text(encoding="utf-8")
    (office / "phasegate.yaml").write_text(told.replace("invoices.txt\n    format: columns", "invoices.csv"))
    assert pg.Project.load(office).check(as_of="2026-03-01").outcome == "open"
    (office / "phasegate.yaml").write_text(told)
    acme(READ, {"phasegate.formats": {"csv": "acme:read", "columns": "acme:read"}})
    with pytest.raises(
        pg.PackError, match=r"(?s)phasegate.yaml:7:13 unknown-word .*brings 'csv' too, and that is"
    ):
        pg.Project.load(office)


def test_a_name_that_two_bring_is_refused(office: Path, acme: Install) -> None:
    acme()
    acme(READ, {"phasegate.formats": {"columns": "other:read"}}, name="other")
    with pytest.raises(pg.PackError, match="the format 'columns' is brought by acme and by other"):
        pg.Project.load(office)


def test_a_name_that_nobody_brings(office: Path, acme: Install) -> None:
    with pytest.raises(pg.PackError, match=r"unknown-word  expected 'csv', 'parquet'.*, found 'columns'"):
        pg.Project.load(office)
    acme(READ, {"phasegate.formats": {"column": "acme:read"}})
    with pytest.raises(pg.PackError, match=r"did you mean 'column'\?"):
        pg.Project.load(office)


def test_an_auditor_without_it_is_told(office: Path, acme: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run verifies and is decided again from its facts; but nobody can measure it."""
    acme()
    pg.Project.load(office).check(as_of="2026-03-01", keep=True)

    def said(command: str) -> str:
        out = CliRunner().invoke(cli.main, [command, "--project", str(office)]).output
        return " ".join(out.split())

    assert "acme" not in said("verify") + said("replay")
    acme(READ + "\n# newer\n", version="1.1")
    told = "format 'columns' was acme 1.0 (sha256:"
    assert told in said("verify")
    assert "and is acme 1.1 (sha256:" in said("verify")
    assert told in said("replay")
    (office / "acme-1.1.dist-info" / "entry_points.txt").write_text("")
    forget("acme", monkeypatch)
    for command in ("verify", "replay"):
        assert "which is not installed here: nothing can be measured by it again" in said(command)
        assert "✓" in said(command)


def test_a_format_of_reports(office: Path, acme: Install) -> None:
    acme()
    assert check(office, "--no-ledger", "--format", "chat") == "Office: open\n"
    assert pg.Project.load(office).check(as_of="2026-03-01").report("chat") == "Office: open\n"
    out = office / "chat.json"  # the plugin's own business
    check(office, "--no-ledger", "--format", "chat", "-o", str(out))
    assert out.read_text(encoding="utf-8") == "Office: open\n"
    record = json.loads(check(office, "--no-ledger", "--format", "json"))
    assert [*record["versions"]] == ["durable-rules", "format:columns", "phasegate", "polars"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def tell(record): return {}", "gives a dict, and neither text nor bytes"),
        ("def tell(record): return ''", "gives nothing"),
        ("def tell(record): raise KeyError('x')", "can not tell this record: KeyError: 'x'"),
        ("tell = None", "is a NoneType, and nothing that can be called"),
        ("1 / 0", "can not be loaded: ZeroDivisionError"),
    ],
)
def test_a_report_that_is_none(office: Path, acme: Install, code: str, reason: str) -> None:
    acme(f"{READ}\n{code}\n" if "tell" in code else code, {"phasegate.reports": {"chat": "acme:tell"}})
    (office / "phasegate.yaml").write_text(
        (office / "phasegate.yaml").read_text().replace("invoices.txt\n    format: columns", "invoices.csv")
    )
    result = CliRunner().invoke(
        cli.main, ["check", "--project", str(office), "--no-ledger", "--format", "chat"]
    )
    assert result.exit_code == 2
    assert reason in " ".join(result.output.split())


def test_a_report_can_not_change_what_others_tell(office: Path, acme: Install) -> None:
    acme(READ + "\ndef tell(record):\n    record['outcome'] = 'open'\n    record.clear()\n    return 'x'\n")
    found = pg.Project.load(office).check(as_of="2026-03-01")
    found.report("chat")
    assert found.record["outcome"] == "open"
    assert found.record["requirements"]


def test_a_misspelt_report(office: Path) -> None:
    result = CliRunner().invoke(cli.main, ["check", "--project", str(office), "--format", "chta"])
    assert result.exit_code == 2
    assert "'chta' is not one of 'text'" in " ".join(result.output.split())


SPREAD = """\
from fractions import Fraction

def spread(values):
    return Fraction(values[-1] - values[0]) / 3
"""
MEASURED = """\
phasegate: 1
id: test-spreads
sources:
  invoices:
    path: invoices.csv
    contract:
      title: Invoices
      currency: EUR
      columns:
        no: {type: string}
        amount: {type: decimal, scale: 2, nullable: true}
        team: {type: string, nullable: true}
measures:
  spread: {title: Spread, from: invoices, where: team = 'a', computed: {by: spread, of: amount}}
require: {spread: "<= 200"}
"""
INVOICES = "no,amount,team\nF-1,900.00,a\nF-2,310.50,a\nF-3,95.25,b\n"


@pytest.fixture
def spread(office: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pg.Result]:
    """Decides by a measure that a distribution brings."""

    def made(code: str = SPREAD, csv: str = INVOICES, entry: str = "acme:spread", **given: Any) -> pg.Result:
        install(office, monkeypatch, "acme", code, {"phasegate.measures": {"spread": entry}})
        (office / "phasegate.yaml").write_text(MEASURED, encoding="utf-8")
        (office / "invoices.csv").write_text(csv, encoding="utf-8")
        return pg.Project.load(office).check(as_of="2026-03-01", **given)

    return made


def test_a_measure(spread: Callable[..., pg.Result]) -> None:
    """Exact, of the rows that count, whatever their order."""
    found = spread()
    fact = found.record["facts"][0]
    assert (fact["numerator"], fact["denominator"]) == ("393", "2")
    assert found.outcome == "open"
    assert found.record["versions"]["measure:spread"].startswith("acme 1.0 sha256:")
    again = spread(csv="no,amount,team\nF-2,310.50,a\nF-3,95.25,b\nF-1,900.00,a\n")
    assert again.record["facts"] == found.record["facts"]


@pytest.mark.parametrize(
    ("csv", "verdict", "reason"),
    [
        (INVOICES.replace("95.25,b", "95.25,"), "unknown", "1 row"),  # nobody knows whether it counts
        (INVOICES.replace("310.50", ""), "error", "amount"),
        (INVOICES.replace("0,a", "0,c"), "unknown", "no rows"),
    ],
)
def test_a_measure_of_what_is_missing(
    spread: Callable[..., pg.Result], csv: str, verdict: str, reason: str
) -> None:
    found = spread(csv=csv).record["requirements"][0]
    assert found["verdict"] == verdict
    assert reason in found["reason"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("body", "verdict", "reason"),
    [
        ("return 0.5", "error", "makes a float; an int, a Decimal or a Fraction is asked for"),
        ("return True", "error", "makes a bool"),
        ("return '7'", "error", "makes a str"),
        ("return Decimal('NaN')", "error", "makes no finite number"),
        ("return None", "unknown", "makes no value of these rows"),
        ("raise ZeroDivisionError", "error", "can not compute it: ZeroDivisionError"),
        ("return next(counter)", "error", "makes another value each time"),
        ("values[0] = 7", "error", "can not compute it: TypeError"),
    ],
)
def test_a_measure_that_is_none(
    spread: Callable[..., pg.Result], body: str, verdict: str, reason: str
) -> None:
    code = "from decimal import Decimal\nfrom itertools import count\ncounter = count()\n"
    found = spread(f"{code}def spread(values):\n    {body}\n").record["requirements"][0]
    assert found["verdict"] == verdict
    assert reason in found["reason"]


@pytest.mark.parametrize(
    ("code", "entry", "message"),
    [
        (SPREAD, "nowhere:spread", "there is no module nowhere, which acme names"),
        ("spread = 7", "acme:spread", None),
        ("1 / 0", "acme:spread", None),
    ],
)
def test_a_measure_that_can_not_be_loaded(
    spread: Callable[..., pg.Result], code: str, entry: str, message: str | None
) -> None:
    if message is not None:
        with pytest.raises(pg.PackError, match=message):
            spread(code, entry=entry)
        return
    found = spread(code, entry=entry).record["requirements"][0]
    assert found["verdict"] == "error"
    assert "the measure 'spread' of acme 1.0" in found["reason"]


def test_a_measure_that_nobody_brings(office: Path, spread: Callable[..., pg.Result]) -> None:
    (office / "phasegate.yaml").write_text(MEASURED.replace("by: spread", "by: spraed"), encoding="utf-8")
    with pytest.raises(pg.PackError, match=r"(?s)phasegate.yaml:14:\d+ unknown-word .*the measure 'spraed'"):
        pg.Project.load(office)


def test_a_run_by_a_measure_is_decided_again_without_it(
    office: Path, spread: Callable[..., pg.Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spread(keep=True).run == 1
    (office / "acme-1.0.dist-info" / "entry_points.txt").write_text("")
    forget("acme", monkeypatch)
    for command in ("verify", "replay"):
        out = " ".join(CliRunner().invoke(cli.main, [command, "--project", str(office)]).output.split())
        assert "measure 'spread' was acme 1.0" in out
        assert "✓" in out
