"""Projects decided from a program: what the command decides, with its words, and kept where that is asked."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import phasegate as pg
from phasegate import cli
from phasegate.api import clock

DAY = "2026-03-01"
ROWS = {
    "no": ["F-1", "F-2", "F-3"],
    "amount": [900.0, 310.5, 95.25],
    "status": ["reconciled", "open", "reconciled"],
}


def command(folder: Path, *args: str) -> str:
    return CliRunner().invoke(cli.main, [*args, "--project", str(folder)]).output


def test_it_decides_what_the_command_decides(office: Path) -> None:
    found = pg.Project.load(office).check(as_of=DAY)
    said = json.loads(command(office, "check", "--as-of", DAY, "--no-ledger", "--format", "json"))
    assert found.record == said
    assert (found.outcome, found.exit_code, found.run) == ("open", 0, None)
    assert not (office / ".phasegate").exists()
    assert repr(found) == "<phasegate.Result open as of 2026-03-01, not kept>"


def test_ids_and_today(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 4, 2, 23, 30, tzinfo=dt.UTC))
    project = pg.Project.load(office / "phasegate.yaml")
    assert project.check().record["as_of"] == "2026-04-02"
    assert project.check(["programme"], as_of=dt.date(2026, 3, 1)).record["scope"] == ["programme"]
    with pytest.raises(pg.PhasegateError, match="ids is 'programme'"):
        project.check("programme")


def test_a_table_stands_for_the_file(office: Path) -> None:
    """Its rows are renamed and held to the contract as those of the file."""
    (office / "invoices.csv").unlink()
    project = pg.Project.load(office)
    found = project.check(as_of=DAY, tables={"invoices": pl.DataFrame(ROWS)})
    assert found.outcome == "open"
    source = found.record["sources"][0]
    assert source["table"]["server"] == "memory"
    assert source["table"]["snapshot"] == "polars.DataFrame"
    assert source["reading"] == {"rename": {"no": "invoice"}}
    assert [*source["files"]] == ["memory:invoices"]
    assert project.check(as_of=DAY).verdicts["verdict"].to_list() == ["error", "error"]


def test_the_record_is_as_good_as_of_the_file(office: Path) -> None:
    """All but where the rows were, the lines and the digest of what was read is the same."""
    project = pg.Project.load(office)
    of_file, of_table = (
        project.check(as_of=DAY, tables=each).record
        for each in (None, {"invoices": pl.read_csv(office / "invoices.csv")})
    )
    assert of_table["requirements"] == of_file["requirements"]
    assert of_table["facts"] == of_file["facts"]


def test_frames(office: Path) -> None:
    rows = {**ROWS, "status": ["reconciled", "open", None]}
    found = pg.Project.load(office).check(as_of=DAY, tables={"invoices": pl.DataFrame(rows)})
    verdicts = found.verdicts.select("requirement", "verdict", "value", "limit", "margin")
    assert verdicts.rows() == [
        ("project/requirements/invoices.reconciled", "unknown", None, 60.0, None),
        ("project/requirements/invoices.billed", "pass", 1305.75, 1000.0, 305.75),
    ]
    facts = found.facts.select("id", "low", "high", "undetermined").sort("id")
    low, high = 100 / 3, 200 / 3
    assert facts.row(0) == ("invoices.billed", 1305.75, 1305.75, 0)
    assert facts.row(1) == ("invoices.reconciled", pytest.approx(low), pytest.approx(high), 1)
    assert found.gates.select("id", "state").rows() == [("programme", "undecided")]
    assert found.outcome == "undecided"


@pytest.mark.parametrize(
    "id_", ["project/requirements/invoices.reconciled", "project/requirements", "invoices.reconciled"]
)
def test_failing_rows(office: Path, id_: str) -> None:
    rows = {**ROWS, "status": ["reconciled", "open", None]}
    found = pg.Project.load(office).check(as_of=DAY, tables={"invoices": pl.DataFrame(rows)})
    behind = found.failing_rows(id_)
    assert behind.select("invoice", "may count").rows() == [("F-2", None), ("F-3", "lacks status")]
    assert found.failing_rows("invoices.billed").is_empty()
    with pytest.raises(pg.PhasegateError, match=r"the run decided no 'invoices.billd'\nhelp: did you mean"):
        found.failing_rows("invoices.billd")


def test_no_rows_are_never_taken_for_none_that_fail(office: Path) -> None:
    """Of what does not pass, an empty frame would say that nothing is wrong."""
    file = office / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "evidence_rows: 0\n", encoding="utf-8")
    broken = pl.DataFrame({**ROWS, "amount": [1.0, 2.0, 3.001]})
    missed = pl.DataFrame({**ROWS, "status": ["open", "open", "open"]})
    project = pg.Project.load(office)
    for table in (broken, missed):
        found = project.check(as_of=DAY, tables={"invoices": table})
        with pytest.raises(pg.PhasegateError, match="there are no rows of"):
            found.failing_rows("invoices.reconciled")


def test_what_a_notebook_shows(office: Path) -> None:
    file = office / "phasegate.yaml"
    told = file.read_text(encoding="utf-8").replace("Office", "<script>Office</script>")
    file.write_text(told, encoding="utf-8")
    rows = {**ROWS, "status": ["open", "open", "open"]}
    shown = pg.Project.load(office).check(as_of=DAY, tables={"invoices": pl.DataFrame(rows)})._repr_html_()
    assert "&lt;script&gt;Office" in shown
    assert "<script>" not in shown
    assert "✗ CLOSED" in shown
    assert "Given by a program: invoices." in shown


def test_reports(office: Path) -> None:
    found = pg.Project.load(office).check(as_of=DAY)
    assert found.report().startswith("## ✓ OPEN")  # type: ignore[arg-type]  # text, of such a format
    assert json.loads(found.report("json")) == found.record
    with pytest.raises(
        pg.PhasegateError, match="there is no format 'markdwon'\nhelp: did you mean 'markdown'"
    ):
        found.report("markdwon")


def test_a_run_is_kept_where_that_is_asked(office: Path) -> None:
    """It verifies and replays; its rows can not be read again, and that is told."""
    project = pg.Project.load(office)
    tables = {"invoices": pl.DataFrame({**ROWS, "status": ["open"] * 3})}
    assert project.check(as_of=DAY, tables=tables).run is None
    found = project.check(as_of=DAY, tables=tables, keep=True)
    assert found.run == 1
    assert json.loads(command(office, "show", "--format", "json")) == found.record
    assert "what was kept." in command(office, "verify")
    assert "a program gave its rows then" in command(office, "replay", "--from-sources")
    assert "kept with the run" in command(office, "evidence", "project/requirements")


def test_faults_are_told_as_the_command_tells_them(office: Path) -> None:
    file = office / "phasegate.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("from: invoices", "from: invoice"), encoding="utf-8"
    )
    with pytest.raises(pg.PackError) as raised:
        pg.Project.load(office)
    shown = command(office, "check", "--no-ledger")
    assert str(raised.value).split("\n\nFound")[0].split("\n\n")[0] in shown
    assert "phasegate.yaml:17:11 " in str(raised.value)
    assert "did you mean 'invoices'?" in str(raised.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"as_of": "2026-3-1"}, "'2026-3-1' is not a date"),
        ({"as_of": dt.datetime(2026, 3, 1, 12)}, "is not a date"),
        ({"as_of": 20260301}, "20260301 is not a date"),
        ({"as_of": "0001-01-01"}, "0001-01-01 is out of range"),
        ({"ids": ["9.9.9"]}, "9.9.9"),
        (
            {"tables": {"invoice": pl.DataFrame(ROWS)}},
            "the project has no such source\nhelp: did you mean 'invoices'",
        ),
    ],
)
def test_what_is_refused(office: Path, given: dict[str, object], message: str) -> None:
    project = pg.Project.load(office)
    with pytest.raises(pg.PhasegateError, match=message):
        project.check(**{"as_of": DAY, **given})  # type: ignore[arg-type]  # that is what is tried


def test_a_project_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(pg.PhasegateError, match=r"there is no .*nowhere"):
        pg.Project.load(tmp_path / "nowhere")
    with pytest.raises(pg.PhasegateError, match=r"there is no phasegate\.yaml in"):
        pg.Project.load(tmp_path)
