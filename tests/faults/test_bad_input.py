"""Bad input, as a user meets it: one clear message that says what, where, and what to do.

What can not be read at all is refused (exit code 2). What can be read and can not be trusted gives
the verdict that is named here; it never opens a gate.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from broken import INVOICES, PACK, PROJECT, Harbour

Break = Callable[[Harbour], None]
HEADER = "invoice,day,amount,currency,status\n"
SHARE = "share: {of: status = 'paid', value: amount}"
FAR = 50 * 2**20


def edit(file: str, old: str, new: str) -> Break:
    """Replaces a text that stands once in a file."""
    return lambda harbour: harbour.edit(file, old, new)


def write(file: str, content: str | bytes) -> Break:
    """Writes a file anew."""
    return lambda harbour: harbour.write(file, content) and None


def rows(*lines: str) -> Break:
    """Adds invoices."""
    return write("invoices.csv", INVOICES + "".join(f"{line}\n" for line in lines))


def value(new: str) -> Break:
    """Writes another amount into the third invoice."""
    return edit("invoices.csv", "F-3,2026-03-03,100.00", f"F-3,2026-03-03,{new}")


def ratio(condition: str) -> Break:
    """Measures how many rows meet a condition, in place of the share."""
    return edit("pack/pack.yaml", SHARE, f'ratio: {{of: "{condition}"}}')


def query(sql: str) -> Break:
    """Measures by a query, in place of the share."""
    return edit("pack/pack.yaml", SHARE, f'sql: "{sql}"\n    unit: "%"')


def both(*breaks: Break) -> Break:
    """One after the other."""

    def all_of_them(harbour: Harbour) -> None:
        for each in breaks:
            each(harbour)

    return all_of_them


def unpaid(harbour: Harbour) -> None:
    """Leaves a second invoice unpaid, so that the first gate closes."""
    harbour.edit("invoices.csv", "F-19,2026-03-19,100.00,EUR,paid", "F-19,2026-03-19,100.00,EUR,open")


def waive(old: str = "", new: str = "") -> Break:
    """Waives the first criterion, which fails."""
    return both(unpaid, lambda harbour: harbour.waive(old, new))


def grow(file: str) -> Break:
    """Makes a file 50 MB long, without writing them."""

    def lengthen(harbour: Harbour) -> None:
        if file == "waivers.yaml":
            harbour.waive()
        with (harbour.root / file).open("ab") as held:
            held.truncate(FAR)

    return lengthen


def link(inside: str, target: str) -> Break:
    """Puts a link in the place of a file of the project, to a copy outside of it or to itself."""

    def replace(harbour: Harbour) -> None:
        if inside == "waivers.yaml":
            harbour.waive()
        path = harbour.root / inside
        outside = harbour.root.parent / target
        if target != path.name:
            path.rename(outside)
            path.symlink_to(outside)
        else:
            path.unlink()
            path.symlink_to(target)

    return replace


def lock(harbour: Harbour) -> None:
    """Makes the invoices unreadable: by their mode, or for root, who may read everything, by a stub."""
    path = harbour.root / "invoices.csv"
    if os.geteuid() != 0:
        path.chmod(0)
        return
    opened = os.open

    def refuse(name: Any, *args: Any, **extra: Any) -> int:
        if str(name).endswith(path.name):
            raise PermissionError(13, "Permission denied", str(name))
        return opened(name, *args, **extra)

    harbour.monkeypatch.setattr(os, "open", refuse)


def parquet(**changed: pl.Expr) -> Break:
    """Delivers the invoices as Parquet, with some columns changed."""

    def convert(harbour: Harbour) -> None:
        frame = pl.read_csv(harbour.root / "invoices.csv", try_parse_dates=True)
        frame = frame.with_columns(pl.col("amount").cast(pl.Decimal(38, 2)))
        frame.with_columns(**changed).write_parquet(harbour.root / "invoices.parquet")
        harbour.edit("phasegate.yaml", "invoices.csv", "invoices.parquet")

    return convert


def inferred(text: str) -> Break:
    """A project without a pack and without a contract, over one column of numbers."""
    project = """\
phasegate: 1
sources: {invoices: {path: invoices.csv}}
measures:
  paid: {title: Paid, from: invoices, share: {of: invoice <> 'x', value: amount}}
require: {paid: ">= 95 %"}
"""
    lines = f"invoice,amount\nF-1,1.5\nF-2,{text}\n"
    return both(write("phasegate.yaml", project), write("invoices.csv", lines))


BOMB = "\n".join(
    ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)), ""]
)
DEEP = "title: " + "[" * 1000 + "]" * 1000 + "\n"
NO_CRITERIA = PACK.replace(
    PACK[PACK.index("    criteria:\n") : PACK.index("  crane:\n    title")], "    criteria: []\n"
)
NAMED_ALIKE = PACK.replace("quay", "liquid").replace("crane", "costarring")

REFUSED: dict[str, tuple[Break, str, str]] = {
    # what is done, where it must be said to be, what must be said
    "no project file": (lambda h: (h.root / "phasegate.yaml").unlink(), "", "there is no phasegate.yaml"),
    "an empty project file": (write("phasegate.yaml", ""), "phasegate.yaml:1:1", "the file is empty"),
    "a truncated project file": (
        write("phasegate.yaml", "phasegate: 1\nsources: {invoices: {path: 'inv"),
        "phasegate.yaml:2:",
        "",
    ),
    "a project file in latin1": (
        write("phasegate.yaml", "phasegate: 1\ntitle: Hæfen\n".encode("latin1")),
        "phasegate.yaml:2:9",
        "byte 0xe6 is not UTF-8",
    ),
    "a project file with a byte order mark": (
        write("phasegate.yaml", b"\xef\xbb\xbf" + PROJECT.encode()),
        "phasegate.yaml:1:1",
        "byte order mark",
    ),
    "an alias bomb": (write("phasegate.yaml", BOMB), "phasegate.yaml:2:10", "an alias, '*a0'"),
    "an alias bomb in the pack": (write("pack/pack.yaml", BOMB), "pack/pack.yaml:2:10", "an alias"),
    "a duplicate key": (
        edit("phasegate.yaml", "title: Harbour\n", "title: Harbour\ntitle: Port\n"),
        "phasegate.yaml:3:1",
        "'title' stands twice in this mapping",
    ),
    "a duplicate key in the pack": (
        edit("pack/pack.yaml", '  "2": {', '  "1": {'),
        "pack/pack.yaml:21:3",
        "'1' stands twice",
    ),
    "an unknown key": (
        edit("phasegate.yaml", "title: Harbour", "titel: Harbour"),
        "phasegate.yaml:2:1",
        "did you mean 'title'?",
    ),
    "an unknown key in the pack": (
        edit("pack/pack.yaml", "        enforcement: soft", "        enforcment: soft"),
        "pack/pack.yaml:9:9",
        "did you mean 'enforcement'?",
    ),
    "a tab": (
        edit("phasegate.yaml", "  invoices: {", "\tinvoices: {"),
        "phasegate.yaml:6:1",
        "a tab in the indentation",
    ),
    "a file of 50 MB": (grow("phasegate.yaml"), "phasegate.yaml:1:1", "larger than 1,000,000 bytes"),
    "a pack of 50 MB": (grow("pack/pack.yaml"), "pack/pack.yaml:1:1", "larger than 1,000,000 bytes"),
    "waivers of 50 MB": (grow("waivers.yaml"), "waivers.yaml:1:1", "larger than 1,000,000 bytes"),
    "a depth of 1,000": (write("phasegate.yaml", DEEP), "phasegate.yaml:1:", "more than 50 levels deep"),
    "a depth of 1,000 in the pack": (write("pack/pack.yaml", DEEP), "pack/pack.yaml:1:", "50 levels deep"),
    "a path that leaves the project": (
        edit("phasegate.yaml", "path: invoices.csv", "path: ../invoices.csv"),
        "phasegate.yaml:6:20",
        "leads out of the project's folder",
    ),
    "a path to the system": (
        edit("phasegate.yaml", "path: invoices.csv", "path: /etc/passwd"),
        "phasegate.yaml:6:20",
        "'/etc/passwd' is absolute",
    ),
    "a link that leaves the project": (
        link("invoices.csv", "others.csv"),
        "phasegate.yaml:6:20",
        "is a link that leads out of the project's folder",
    ),
    "waivers behind a link": (
        link("waivers.yaml", "others.yaml"),
        "phasegate.yaml:5:10",
        "is a link that leads out of the project's folder",
    ),
    "a pack behind a link": (link("pack", "others"), "phasegate.yaml:3:7", "leads out of the project"),
    "a pack's file behind a link": (
        link("pack/pack.yaml", "others.yaml"),
        "pack.yaml:1:1",
        "a link that leads out of the pack",
    ),
    "a link to itself": (link("invoices.csv", "invoices.csv"), "phasegate.yaml:6:20", "back to itself"),
    "cyclic phases": (
        edit("pack/pack.yaml", "points: [quay]}", 'points: [quay], after: ["2"]}'),
        "pack/pack.yaml:20:38",
        "phases wait for each other: 1 after 2 after 1",
    ),
    "a point in two phases": (
        edit("pack/pack.yaml", "points: [crane]", "points: [crane, quay]"),
        "pack/pack.yaml:21:40",
        "point quay is scheduled a second time; it is in phase '1'",
    ),
    "no criteria": (write("pack/pack.yaml", NO_CRITERIA), "pack/pack.yaml:6:15", "'criteria' is empty"),
    "no rules": (
        edit("pack/pack.yaml", '          invoices.paid: ">= 95 %"\n', "          {}\n"),
        "pack/pack.yaml:10:9",
        "nothing is required here, which would always pass",
    ),
    "no pack": (lambda h: (h.root / "pack/pack.yaml").unlink(), "", "the folder pack holds no *.yaml file"),
    "a phase that does not exist": (
        edit("pack/pack.yaml", 'after: ["1"]', 'after: ["0"]'),
        "pack/pack.yaml:21:49",
        "there is no phase '0'",
    ),
    "ids with one hash": (
        write("pack/pack.yaml", NAMED_ALIKE),
        "pack/pack.yaml:12:3",
        "'costarring' and 'liquid' have the same 32-bit FNV hash",
    ),
    "a threshold with more digits than are compared": (
        edit("pack/pack.yaml", '">= 95 %"', '">= 0.00000000000000000001 %"'),
        "pack/pack.yaml:11:26",
        "more digits than are compared exactly",
    ),
    "a subquery": (
        ratio("amount IN (SELECT amount FROM invoices)"),
        "pack/pack.yaml:46:17",
        "subqueries are not allowed, at character 19",
    ),
    "a table function": (ratio("read_csv('/etc/passwd') = 1"), "pack/pack.yaml:46:17", "reads files"),
    "a table function in a query": (
        query("SELECT COUNT(*) AS numerator, COUNT(*) AS rows FROM read_csv('/etc/passwd')"),
        "pack/pack.yaml:46:10",
        "read_csv reads files, at character 53",
    ),
    "now()": (ratio("day < now()"), "pack/pack.yaml:46:17", "changes with the clock"),
    "a second statement": (ratio("1 = 1; DROP TABLE invoices"), "pack/pack.yaml:46:17", "a ';' ends the"),
    "an expression 1,000 deep": (
        ratio("(" * 1000 + "amount > 0" + ")" * 1000),
        "pack/pack.yaml:46:17",
        "words and signs, more than 1000",
    ),
    "missing waivers": (
        edit("phasegate.yaml", "sources:\n", "waivers: waivers.yaml\nsources:\n"),
        "phasegate.yaml:5:10",
        "there is no file 'waivers.yaml'",
    ),
    "a waiver without an end": (waive("    end: 2026-05-01T00:00:00Z\n"), "waivers.yaml:2:5", "needs 'end'"),
    "a waiver of errors": (waive("[fail]", "[error]"), "waivers.yaml:5:14", "'fail', 'stale' or 'unknown'"),
    "a waiver that ends on a day": (
        waive("end: 2026-05-01T00:00:00Z", "end: 2026-05-01"),
        "waivers.yaml:13:10",
        "write it as 2026-01-31T00:00:00Z",
    ),
    "a waiver without a zone": (
        waive("end: 2026-05-01T00:00:00Z", "end: 2026-05-01T00:00:00"),
        "waivers.yaml:13:10",
        "end it with Z for UTC",
    ),
    "a waiver that ends before it begins": (
        waive("end: 2026-05-01", "end: 2026-02-01"),
        "waivers.yaml:13:10",
        "the waiver ends before it begins",
    ),
    "a backdated waiver": (
        waive("start: 2026-03-01", "start: 2026-02-01"),
        "waivers.yaml:12:12",
        "begins before it was granted",
    ),
    "two waivers of one id": (
        both(waive(), lambda h: h.write("waivers.yaml", (w := (h.root / "waivers.yaml").read_text())
                                        + w.partition("\n")[2]) and None),
        "waivers.yaml:14:9",
        "waiver 'W-1' is defined a second time",
    ),
}  # fmt: skip
ALSO_SAYS_IT_ALL = {
    "a truncated project file",
    "a waiver without an end",
    "a waiver of errors",
    "no criteria",
}


@pytest.mark.sampled(every=9, whole=True)
@pytest.mark.parametrize("args", [("check",), ("gate", "1")], ids=" ".join)
@pytest.mark.parametrize("what", REFUSED)
def test_what_can_not_be_read_is_refused(harbour: Harbour, what: str, args: tuple[str, ...]) -> None:
    breaks, place, said = REFUSED[what]
    breaks(harbour)
    before = harbour.files()
    result = harbour.run(*args, "-o", "report.txt")
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("error: ") == 1
    assert place in result.stderr
    assert said in result.stderr
    assert "help: " in result.stderr or what in ALSO_SAYS_IT_ALL
    if place and "bomb" not in what:
        assert " has 1 problem\n" in result.stderr
    assert len(result.stderr) < 5_000
    for word in ("Traceback", "unexpected", str(harbour.root)):
        assert word not in result.stderr
    assert harbour.files() == before


JUDGED: dict[str, tuple[Break, int, str, str]] = {
    # what is done, the exit code, the verdict of quay/paid, what must be said
    "a missing source": (
        lambda h: (h.root / "invoices.csv").rename(h.root / "invoice.csv") and None,
        3,
        "error",
        "invoices.csv does not exist",
    ),
    "no file of a glob": (
        edit("phasegate.yaml", "invoices.csv", "invoices-*.csv"),
        3,
        "error",
        "no file matches invoices-*.csv",
    ),
    "a folder": (edit("phasegate.yaml", "invoices.csv", "pack"), 3, "error", "pack is a folder"),
    "an empty source": (write("invoices.csv", ""), 3, "error", "invoices.csv is empty"),
    "a header without rows": (write("invoices.csv", HEADER), 3, "unknown", "no rows"),
    "a truncated source": (
        write("invoices.csv", INVOICES[:-8]),
        3,
        "error",
        "invoices.csv:21 has 4 fields, the header has 5; is it cut off?",
    ),
    "a source truncated in a quoted text": (
        write("invoices.csv", INVOICES + '"F-21,2026-03-21'),
        3,
        "error",
        "invoices.csv ends inside a quoted text that begins in line 22",
    ),
    "a truncated Parquet file": (
        both(parquet(), lambda h: h.write("invoices.parquet", (h.root / "invoices.parquet").read_bytes()[:-9])
             and None),
        3,
        "error",
        "invoices.parquet is no whole Parquet file",
    ),
    "a wrongly encoded source": (
        write("invoices.csv", INVOICES.replace("F-3", "Fähre").encode("latin1")),
        3,
        "error",
        "invoices.csv:4 is not UTF-8 at byte",
    ),
    "a source in UTF-16": (write("invoices.csv", INVOICES.encode("utf-16")), 3, "error", "set encoding"),
    "a locked source": (lock, 3, "error", "invoices.csv can not be read: permission denied"),
    "a compressed source": (
        write("invoices.csv", b"\x1f\x8b\x08\x00" + b"\x00" * 20),
        3,
        "error",
        "is compressed (gzip)",
    ),
    "a missing column": (
        edit("invoices.csv", "currency,status\n", "currency,state\n"),
        3,
        "error",
        "invoices.csv has no column 'status'; did you mean 'state'?",
    ),
    "a column twice": (
        edit("invoices.csv", "currency,status\n", "status,status\n"),
        3,
        "error",
        "invoices.csv",
    ),
    "a retyped column": (value("hundred"), 3, "error", "1 row breaks the contract: amount: decimal"),
    "a retyped column of Parquet": (
        parquet(amount=pl.col("amount") > 0),
        3,
        "error",
        "column 'amount' is retyped: the file has it as boolean, the contract says decimal",
    ),
    "floats with more digits than are kept": (
        parquet(amount=pl.col("amount").cast(pl.Float64) + 0.001),
        3,
        "error",
        "at most 2 digits after the point",
    ),
    "a number with a decimal comma": (value('"100,00"'), 3, "error", "1 row breaks the contract: amount"),
    "a number with thousands": (value('"1,100.00"'), 3, "error", "1 row breaks the contract: amount"),
    "more digits than are kept": (value("100.001"), 3, "error", "at most 2 digits after the point"),
    "a date that is none": (
        edit("invoices.csv", "2026-03-03", "2026-02-30"),
        3,
        "error",
        "1 row breaks the contract: day: date",
    ),
    "duplicate keys": (
        rows("F-1,2026-03-01,100.00,EUR,paid"),
        3,
        "error",
        "2 rows break the contract: key invoice: unique",
    ),
    "nulls everywhere": (
        write("invoices.csv", HEADER + ",,,,\n" * 3),
        3,
        "error",
        "rows break the contract: invoice: not null (3 rows), ",
    ),
    "nulls everywhere they may be": (
        both(
            edit("pack/pack.yaml", "      amount: {type: decimal, scale: 2}",
                 "      amount: {type: decimal, scale: 2, nullable: true}"),
            write("invoices.csv", HEADER + "".join(f"F-{n},2026-03-01,,EUR,paid\n" for n in range(30))),
        ),
        3,
        "error",
        "30 rows have no value where one is added up",
    ),
    "a null date": (
        edit("invoices.csv", "F-3,2026-03-03", "F-3,"),
        3,
        "error",
        "1 row breaks the contract: day: not null",
    ),
    "only dates in the future": (
        write("invoices.csv", INVOICES.replace("2026-03-", "2026-04-")),
        3,
        "unknown",
        "no rows",
    ),
    "mixed currencies": (
        rows("F-21,2026-03-21,100.00,USD,paid"),
        3,
        "error",
        "amounts in EUR and USD are added up, without a rate between them",
    ),
    "another currency than the measure's": (
        both(
            edit("pack/pack.yaml", SHARE, "sum: amount\n    unit: USD"),
            edit("pack/pack.yaml", '">= 95 %"', '">= 1 USD"'),
        ),
        3,
        "error",
        "the amounts are in EUR, the measure is in USD",
    ),
    "an amount without a currency": (
        both(
            edit("pack/pack.yaml", "currency: {type: string}", "currency: {type: string, nullable: true}"),
            rows("F-21,2026-03-21,100.00,,paid"),
        ),
        3,
        "error",
        "1 row has an amount without a currency",
    ),
    "NaN": (value("NaN"), 3, "error", "1 row breaks the contract: amount: decimal"),
    "infinity": (value("inf"), 3, "error", "1 row breaks the contract: amount: decimal"),
    "a share above 100 %": (
        rows("F-21,2026-03-21,-200.00,EUR,open"),
        3,
        "error",
        "is above 100 %: rows counted twice, or negative amounts",
    ),
    "a share below 0 %": (
        rows("F-21,2026-03-21,-1950.00,EUR,paid"),
        3,
        "error",
        "is below 0 %: negative amounts",
    ),
    "a negative denominator": (
        rows("F-21,2026-03-21,-9000.00,EUR,open"),
        3,
        "error",
        "the denominator is negative",
    ),
    "a denominator of zero": (
        rows("F-21,2026-03-21,-2000.00,EUR,open"),
        3,
        "unknown",
        "the denominator is zero",
    ),
    "more slices than are told apart": (
        both(
            edit("pack/pack.yaml", SHARE, f"by: invoice\n    {SHARE}"),
            write("invoices.csv", HEADER + "".join(f"F-{n},2026-03-01,1,EUR,paid\n" for n in range(201))),
        ),
        3,
        "error",
        "201 slices by invoice, more than 200",
    ),
    "a control total that is not met": (
        edit("phasegate.yaml", "{path: invoices.csv}", "{path: invoices.csv, control: {rows: 21}}"),
        3,
        "error",
        "not the whole extract: rows 20, where its control total says 21",
    ),
    "an expired waiver": (waive("end: 2026-05-01", "end: 2026-03-31"), 1, "fail", "W-1 expired"),
    "a future waiver": (waive("start: 2026-03-01", "start: 2026-04-01"), 1, "fail", "W-1 future"),
    "a revoked waiver": (
        waive("end: 2026-05-01T00:00:00Z", "end: 2026-05-01T00:00:00Z\n    revoked: 2026-03-31T12:00:00Z"),
        1,
        "fail",
        "W-1 revoked",
    ),
    "a waiver of nothing": (waive("/invoices.paid", "/invoices.payed"), 1, "fail", "W-1 unknown"),
    "a waiver of another verdict": (waive("[fail]", "[stale]"), 1, "fail", "W-1 unused"),
    "a value below a waiver's floor": (waive("floor: 80 %", "floor: 90.01 %"), 1, "fail", "W-1 unused"),
    "an unused waiver": (lambda h: h.waive(), 0, "pass", "W-1 unused for quay/paid/invoices.paid"),
    "a waiver in force": (waive(), 0, "waived", "f-101 carries the risk up to and including 2026-04-30"),
}  # fmt: skip


@pytest.mark.sampled(every=6, whole=True)
@pytest.mark.parametrize("what", JUDGED)
def test_what_can_not_be_trusted_has_a_verdict(harbour: Harbour, what: str) -> None:
    breaks, code, verdict, said = JUDGED[what]
    breaks(harbour)
    before = harbour.files()
    shown = harbour.run("gate", "1")
    text = " ".join(shown.output.split())
    assert shown.exit_code == code, shown.output
    assert said in text
    for word in ("Traceback", "unexpected", str(harbour.root)):
        assert word not in shown.output
    assert harbour.files() == before
    assert harbour.verdict("quay/paid") == verdict
    others = harbour.run("check", "crane")
    assert others.exit_code == 0, "what is wrong with one source is nothing to the others"


@pytest.mark.parametrize("text", ["NaN", "inf", "-inf", "1e400", "Infinity", "0x10", "٣"])
def test_no_number_is_taken_for_one_where_the_file_decides(harbour: Harbour, text: str) -> None:
    inferred(text)(harbour)
    assert harbour.run("gate", "programme").exit_code != 0


def test_a_date_in_the_future_where_none_may_be(harbour: Harbour) -> None:
    harbour.edit("inspections.csv", "C,2026-03-02,2026-03-05", "C,2026-03-02,2026-04-01")
    result = harbour.run("check", "crane")
    assert result.exit_code == 3
    assert "1 row breaks the contract: reported: not after 2026-03-31" in result.stdout
    assert harbour.run("check", "crane", "--as-of", "2026-04-01").exit_code == 0


def test_floats_that_are_no_numbers(harbour: Harbour) -> None:
    harbour.edit("pack/pack.yaml", "amount: {type: decimal, scale: 2}", "amount: {type: float}")
    assert harbour.run("gate", "1").exit_code == 0
    for text in ("NaN", "inf", "-inf", "1e39"):
        harbour.write("invoices.csv", INVOICES.replace("F-3,2026-03-03,100.00", f"F-3,2026-03-03,{text}"))
        result = harbour.run("gate", "1")
        assert result.exit_code == 3, result.output
        assert harbour.verdict("quay/paid") == "error"


@pytest.mark.parametrize(
    ("rename", "said"),
    [
        (
            "{amount: day}",
            "the column 'amount' is renamed to 'day', and the contract has a column 'amount' too",
        ),
        ("{status: currency}", "the column 'status' is renamed to 'currency'"),
        ("{amount: amount, day: amount}", "rename calls both 'amount' and 'day' 'amount'"),
    ],
)
def test_no_column_is_read_under_two_names(harbour: Harbour, rename: str, said: str) -> None:
    harbour.edit("phasegate.yaml", "{path: invoices.csv}", f"{{path: invoices.csv, rename: {rename}}}")
    result = harbour.run("gate", "1")
    assert result.exit_code == 3, result.output
    assert said in " ".join(result.stdout.split())


@pytest.mark.parametrize("encoding", ["undefined", "rot13", "hex", "nothing"])
def test_encodings_that_are_none(harbour: Harbour, encoding: str) -> None:
    harbour.edit("phasegate.yaml", "{path: invoices.csv}", f"{{path: invoices.csv, encoding: {encoding}}}")
    result = harbour.run("gate", "1")
    assert result.exit_code == 3, result.output
    assert f"encoding '{encoding}' is not known" in " ".join(result.stdout.split())
