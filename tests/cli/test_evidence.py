"""`phasegate evidence`: the rows behind a verdict, on the screen and as a file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import Result
from syrupy.assertion import SnapshotAssertion

from phasegate.audit.trail import entry_schema as told
from phasegate.runs import evidence_rows

Run = Callable[..., Result]
FAILING = "1.1/systems/invoices.reconciled"
PASSING = "1.2/systems/invoices.reconciled"
AGE = "1.2/systems/invoices.age"
PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berth planning
    criteria:
      - id: systems
        text: Berth systems activated
        require: {invoices.reconciled: ">= 95 %", invoices.late: "<= 3"}
  "1.2":
    title: Crane planning
    criteria:
      - id: systems
        text: Crane systems activated
        require: {invoices.reconciled: ">= 70 %", invoices.age: "<= 10 days", reviews.signed: true}
phases:
  "1": {title: Berths, points: ["1.1"]}
  "2": {title: Cranes, points: ["1.2"], after: ["1"]}
sources:
  invoices:
    title: one invoice
    columns:
      invoice: {type: string}
      clerk: {type: string, personal: true, nullable: true}
      amount: {type: decimal, scale: 2}
      opened: {type: date}
      status: {type: string}
  reviews:
    title: one review
    columns: {signed: {type: boolean}}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {of: status = 'reconciled'}
    items: invoices
  invoices.late: {title: Late ones, from: invoices, count: "opened < DATE '2026-01-15'"}
  invoices.age:
    title: Age of the oldest invoice
    from: invoices
    quantile: {of: "days_between(opened, :as_of)", at: 100 %}
    unit: days
  reviews.signed: {title: Signed reviews, from: reviews, exists: signed}
"""


@pytest.fixture
def harbour(tmp_path: Path, run: Run, kept_worlds: Path) -> Path:
    """A project of which one run is kept: of 60 invoices, 15 are open; there are no reviews."""
    kept = kept_worlds / "harbour"
    if kept.exists():
        return Path(shutil.copytree(kept, tmp_path, dirs_exist_ok=True))
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack.yaml").write_text(PACK, encoding="utf-8")
    (tmp_path / "phasegate.yaml").write_text(
        "phasegate: 1\npack: pack\nsources: {invoices: {path: invoices.csv}}\n", encoding="utf-8"
    )
    write_invoices(tmp_path)
    assert run("check", "--quiet").exit_code == 1
    shutil.copytree(tmp_path, kept)
    return tmp_path


def write_invoices(folder: Path, more: str = "") -> None:
    lines = ["invoice,clerk,amount,opened,status"]
    for n in range(1, 61):
        clerk = f"p-canary-{n}" if n % 8 else ""
        lines.append(f"F-{n:02d},{clerk},{n}.5,2026-01-{n % 28 + 1:02d},{'reconciled' if n % 4 else 'open'}")
    (folder / "invoices.csv").write_text("\n".join(lines) + f"\n{more}", encoding="utf-8")


def shown(run: Run, *args: object) -> str:
    result = run("evidence", *args)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert "canary" not in result.stdout
    return result.stdout


def found(run: Run, *args: object) -> Any:
    return json.loads(shown(run, *args, "--format", "json"))


def test_a_requirement_as_text(harbour: Path, run: Run, snapshot: SnapshotAssertion) -> None:
    assert shown(run, FAILING) == snapshot


def test_a_point_with_what_passes_and_what_has_no_rows(
    harbour: Path, run: Run, snapshot: SnapshotAssertion
) -> None:
    assert shown(run, "1.2") == snapshot


def test_a_requirement_as_json(harbour: Path, run: Run, snapshot: SnapshotAssertion) -> None:
    (one,) = found(run, FAILING)
    one["rows"]["digest"] = one["rows"]["digest"][:7]  # the bytes are those of one version of polars
    one["rows"].pop("size")
    assert one == snapshot


def test_a_criterion_and_a_point_have_the_rows_of_all_their_requirements(harbour: Path, run: Run) -> None:
    for given in ("1.1", "1.1/systems"):
        names = [each["requirement"] for each in found(run, given)]
        assert names == [FAILING, "1.1/systems/invoices.late"]
    (late,) = found(run, "1.1/systems/invoices.late")
    assert (late["rows"]["what"], late["rows"]["total"], late["kept"]) == ("counted", 32, True)
    assert len(late["rows"]["sample"]) == 10


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("1.1/system", "did you mean '1.1/systems'"),
        ("1.3", "did you mean '1.2'"),
        ("invoices.reconciled", None),
        ("\u202e<x>", None),
        ("", None),
    ],
)
def test_an_id_that_the_run_did_not_decide(given: str, hint: str | None, harbour: Path, run: Run) -> None:
    result = run("evidence", given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the run decided no" in result.stderr
    assert "\u202e" not in result.stderr
    assert hint is None or hint in result.stderr


def test_the_worst_comes_first_and_else_their_order_stays(harbour: Path, run: Run) -> None:
    told = [(each["verdict"], each["requirement"].rpartition("/")[2]) for each in found(run, "programme")]
    assert told == [
        ("fail", "invoices.reconciled"),
        ("fail", "invoices.late"),
        ("fail", "invoices.age"),
        ("unknown", "reviews.signed"),
        ("pass", "invoices.reconciled"),
    ]
    text = shown(run, "programme")
    assert text.index(AGE) < text.index("reviews.signed") < text.index(PASSING)


MAP = """\
areas:
  "1":
    title: Port
    sections: {"1.1": Quay, "1.3": Yard}
    success: {name: Paid, measure: invoices.reconciled, bound: ">= 95 %"}
    kpi: {name: Late, measure: invoices.late, bound: "<= 3"}
points:
"""


@pytest.fixture
def port(harbour: Path, run: Run) -> Path:
    """The same with an area of two sections, its targets, and phases of which one is named as the area."""
    head, points = PACK.split("points:\n", 1)
    for point, (name, section) in {"1.1": ("1.1.1", "1.1"), "1.2": ("1.3.1", "1.3")}.items():
        points = points.replace(f'"{point}":', f'"{name}":\n    area: "1"\n    section: "{section}"')
        points = points.replace(f'points: ["{point}"]', f'points: ["{name}"]')
    (harbour / "pack" / "pack.yaml").write_text(f"{head}{MAP}{points}", encoding="utf-8")
    result = run("check", "--quiet")
    assert result.exit_code == 1, result.output
    return harbour


QUAY, YARD, TARGETS = {"1.1.1/systems"}, {"1.3.1/systems"}, {"1/success", "1/kpi"}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("given", "criteria"),
    [
        ("1.1", QUAY),
        ("1.3", YARD),
        ("1.1.1", QUAY),
        ("1", QUAY | YARD | TARGETS),  # the area, as check takes it
        ("1/kpi", {"1/kpi"}),
        ("phase:1", QUAY | {"1/success"}),
        ("phase:2", QUAY | YARD | {"1/success"}),  # with the gates before it, as check decides it
        ("2", QUAY | YARD | {"1/success"}),
        ("programme", QUAY | YARD | TARGETS),
    ],
)
def test_whatever_check_and_gate_take(given: str, criteria: set[str], port: Path, run: Run) -> None:
    names = {"/".join(each["requirement"].split("/")[:2]) for each in found(run, given)}
    assert names == criteria
    if given != "2":  # `gate 2`
        record = json.loads(run("check", given, "--no-ledger", "--format", "json").stdout)
        assert {each["id"] for each in record["criteria"]} == criteria


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("given", ["phase:3", "3", "1.2", "phase:", "area:1", "1.1.1/other"])
def test_what_names_nothing_is_refused(given: str, port: Path, run: Run) -> None:
    result = run("evidence", given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"the run decided no '{given}'" in result.stderr


# Files


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("line", "then", "says"),
    [
        ("", (), "and 5 more; --output FILE writes all 15 rows as Parquet"),
        ("", ("-o", "r.parquet"), "wrote all 15 rows to r.parquet"),
        ("evidence_rows: 12", (), "and 5 more; --output FILE writes {} as Parquet ({})"),
        ("evidence_rows: 12", ("-o", "r.parquet"), "wrote {} to r.parquet ({})"),
        ("evidence_rows: 15", ("-o", "r.parquet"), "wrote all 15 rows to r.parquet"),
    ],
)
def test_what_a_file_holds_is_told(
    line: str, then: tuple[str, ...], says: str, harbour: Path, run: Run
) -> None:
    with (harbour / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    run("check")
    text = " ".join(shown(run, FAILING, *then).split())
    first = "the first 12 of 15 rows", "evidence_rows in phasegate.yaml sets how many a run keeps"
    assert says.format(*first) in text
    assert ("--output" in text) == (not then)
    assert ("evidence_rows" in text) == (line == "evidence_rows: 12")
    if then:
        assert pl.read_parquet(harbour / "r.parquet").height == (12 if "12" in line else 15)


def test_the_file_has_the_very_bytes_of_the_digest_in_the_record(harbour: Path, run: Run) -> None:
    run("report", "-o", "run.json")
    record = json.loads((harbour / "run.json").read_text(encoding="utf-8"))
    (entry,) = [each for each in record["rows"] if each["requirement"] == FAILING]
    shown(run, FAILING, "-o", "rows.parquet")
    file = (harbour / "rows.parquet").read_bytes()
    assert f"sha256:{hashlib.sha256(file).hexdigest()}" == entry["digest"]
    assert len(file) == entry["size"]
    assert b"canary" not in file
    held = pl.read_parquet(BytesIO(file))
    assert held["invoice"].to_list() == [f"F-{n:02d}" for n in range(4, 61, 4)]
    assert set(held["clerk"]) == {"***", None}
    assert list(harbour.glob(".phasegate-*")) == []


def test_one_file_takes_the_rows_of_one_requirement(harbour: Path, run: Run) -> None:
    result = run("evidence", "1.1", "-o", "rows.parquet")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a file takes the rows of one requirement; those with rows: " in result.stderr
    assert FAILING in result.stderr
    assert "1.1/systems/invoices.late" in result.stderr
    none = run("evidence", AGE, "-o", "rows.parquet")
    assert none.exit_code == 2
    assert "those with rows: none" in none.stderr
    assert not (harbour / "rows.parquet").exists()


@pytest.mark.parametrize("output", ["invoices.csv", "phasegate.yaml", "phasegate.db", ".phasegate/evaluator"])
def test_nothing_that_matters_is_replaced(output: str, harbour: Path, run: Run) -> None:
    assert (harbour / output).exists()
    before = (harbour / output).read_bytes()
    result = run("evidence", FAILING, "-o", output)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the report would replace it" in result.stderr
    assert (harbour / output).read_bytes() == before


def test_a_file_that_can_not_be_written_leaves_nothing(harbour: Path, run: Run) -> None:
    result = run("evidence", FAILING, "-o", "nowhere/rows.parquet")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nowhere/rows.parquet can not be written" in result.stderr
    assert list(harbour.rglob(".phasegate-*")) == []


def test_nobody_who_reads_on_is_no_fault(harbour: Path) -> None:
    command = [sys.executable, "-c", "from phasegate.cli import main; main()", "evidence", "1.1"]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(command, cwd=harbour, stdout=writer, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(writer)
    assert done.stderr == b""


# Rows that are read again


def test_the_rows_of_what_passes_are_read_again(harbour: Path, run: Run) -> None:
    (one,) = found(run, PASSING)
    assert (one["verdict"], one["kept"], one["rows"]["total"]) == ("pass", False, 15)
    assert "read again from the same sources" in shown(run, PASSING)
    (failing,) = found(run, FAILING)
    assert {**one["rows"], "requirement": FAILING} == failing["rows"]


@pytest.mark.parametrize(
    ("where", "name", "most"), [(told, "LARGEST_ROWS", 10), (evidence_rows, "MOST_FACTS", 0)]
)
def test_rows_beyond_what_is_kept_are_read_again(
    where: Any, name: str, most: int, harbour: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = found(run, FAILING)
    monkeypatch.setattr(where, name, most)
    write_invoices(harbour)
    assert run("check", "--as-of", "2026-02-28").exit_code == 1
    (again,) = found(run, FAILING, "-o", "rows.parquet")
    assert again == {**kept, "kept": False}
    file = (harbour / "rows.parquet").read_bytes()
    assert f"sha256:{hashlib.sha256(file).hexdigest()}" == kept["rows"]["digest"]


def test_sources_that_are_others_now_are_refused_by_name(harbour: Path, run: Run) -> None:
    write_invoices(harbour, "F-99,p-canary,1,2026-01-01,open\n")
    result = run("evidence", PASSING, "-o", "rows.parquet")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: the rows are not kept with the run, and its sources are others now: invoices: other content "
        "in invoices.csv (60 rows then, 61 now)\n"
        "help: put back the files that the run was measured from, and ask again\n"
    )
    assert not (harbour / "rows.parquet").exists()
    assert found(run, FAILING)[0]["rows"]["total"] == 15  # kept with the run


def test_another_source_than_those_of_a_fact_may_be_another_one(harbour: Path, run: Run) -> None:
    file = harbour / "phasegate.yaml"
    both = "sources: {invoices: {path: invoices.csv}, reviews: {path: reviews.csv}}"
    file.write_text(file.read_text().replace("sources: {invoices: {path: invoices.csv}}", both))
    (harbour / "reviews.csv").write_text("signed\ntrue\n")
    assert found(run, PASSING)[0]["rows"]["total"] == 15


def test_rows_that_are_kept_are_shown_beside_such_as_can_not_be_read(
    harbour: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two is kept; of the other it is told why it is not there."""
    monkeypatch.setattr(evidence_rows, "MOST_FACTS", 1)
    run("check", "--as-of", "2026-02-28")
    (harbour / "invoices.csv").unlink()
    kept, unread = found(run, "1.1")
    assert (kept["kept"], kept["rows"]["total"], kept["unread"]) == (True, 15, None)
    assert (unread["kept"], unread["rows"]) == (False, None)
    assert "its sources are others now: invoices" in unread["unread"]
    text = shown(run, "1.1")
    assert "15 rows that do not meet the measure's condition" in text
    assert "not shown: the rows are not kept with the run" in text
    alone = run("evidence", "1.1/systems/invoices.late")
    assert (alone.exit_code, alone.stdout) == (2, "")


def test_what_was_kept_needs_no_project(harbour: Path, run: Run, tmp_path: Path) -> None:
    (harbour / "elsewhere").mkdir()
    for name in ("phasegate.yaml", "invoices.csv", "pack/pack.yaml"):
        (harbour / name).unlink()
    ledger = harbour / "phasegate.db"
    assert found(run, FAILING, "--ledger", ledger)[0]["rows"]["total"] == 15
    assert found(run, "1.1", "--ledger", ledger)[0]["kept"]
    assert found(run, "1.2/systems/reviews.signed", "--ledger", ledger)[0]["rows"] is None  # it has no value
    result = run("evidence", PASSING, "--ledger", ledger)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: there is no phasegate.yaml")


def test_no_project_and_no_ledger(run: Run) -> None:
    result = run("evidence", "1.1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: there is no ")


def test_a_file_that_was_taken_out_of_the_ledger(harbour: Path, run: Run) -> None:
    import sqlite3
    from contextlib import closing

    digest = found(run, FAILING)[0]["rows"]["digest"].removeprefix("sha256:")
    with closing(sqlite3.connect(harbour / "phasegate.db", isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM content WHERE digest = ?", (digest,))
    result = run("evidence", FAILING)
    assert (result.exit_code, result.stdout) == (2, "")
    assert digest[:8] in result.stderr


# Other runs


def test_an_older_run_by_its_number(harbour: Path, run: Run) -> None:
    write_invoices(harbour, "F-99,p-canary,1,2026-01-01,open\n")
    run("check")
    assert found(run, FAILING)[0]["rows"]["total"] == 16
    assert found(run, FAILING, "--run", "2")[0]["rows"]["total"] == 16
    assert found(run, FAILING, "--run", "1")[0]["rows"]["total"] == 15
    assert "of run 1;" in shown(run, FAILING, "--run", "1")
    missing = run("evidence", FAILING, "--run", "3")
    assert missing.exit_code == 2
    assert "the ledger has no run" in missing.stderr


def test_a_gate_has_the_rows_of_its_scope(harbour: Path, run: Run) -> None:
    assert run("gate", "1").exit_code == 1
    assert found(run, FAILING)[0]["kept"]
    outside = run("evidence", PASSING)
    assert outside.exit_code == 2
    assert "the run decided no" in outside.stderr
    run("gate", "2")
    assert found(run, PASSING)[0]["rows"]["total"] == 15
    run("check", "1.2")
    assert found(run, PASSING)[0]["rows"]["total"] == 15
    assert run("evidence", FAILING).exit_code == 2


def test_a_waived_requirement_has_its_rows(world: Any) -> None:
    world.approve()
    assert world.waive().exit_code == 0  # from the next day on
    assert world.at("2026-03-02T12:00:00+00:00").gate().exit_code == 0
    (one,) = json.loads(world.run("evidence", FAILING, "--format", "json").stdout)
    assert (one["verdict"], one["kept"], one["rows"]["total"]) == ("waived", True, 2)


def test_a_run_that_is_tried_out_keeps_none(harbour: Path, run: Run) -> None:
    write_invoices(harbour, "F-99,p-canary,1,2026-01-01,open\n")
    run("check", "--no-ledger")
    assert found(run, FAILING)[0]["rows"]["total"] == 15


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("commands", "asked", "given", "named"),
    [
        (["check 1.1"], "latest", PASSING, 1),
        (["check 1.1"], "latest", "1.2", 1),
        (["gate 1"], "2", "phase:2", 1),
        (["check 1.1", "check", "check 1.1"], "2", PASSING, 3),
        (["check 1.1", "check", "check 1.1"], "latest", PASSING, 3),
        (["check 1.1"], "latest", "1.3", None),
    ],
)
def test_a_run_that_lacks_an_id_names_the_newest_one_that_has_it(
    commands: list[str], asked: str, given: str, named: int | None, harbour: Path, run: Run
) -> None:
    for command in commands:
        assert run(*command.split()).exit_code != 2
    result = run("evidence", given, "--run", asked)
    assert (result.exit_code, result.stdout) == (2, "")
    if named is None:
        assert "--run" not in result.stderr
        return
    said = f"run {named} of 2026-03-01 did, the newest: add --run {named}"
    assert result.stderr == f"error: the run decided no {given!r}\nhelp: {said}\n"
    assert run("evidence", given, "--run", named).exit_code == 0
