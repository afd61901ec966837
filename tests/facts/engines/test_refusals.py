"""What lint tells of tables that stay in their database, before anything is asked of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pushed_down import CORPUS, LINES, pack_of

from phasegate import cli
from phasegate.facts.engines.refusals import refusals
from phasegate.rules.model.connection import DATABASES, DatabaseName
from phasegate.rules.model.project import Project
from phasegate.rules.model.reading import reading_of

ENGINES = [name for name, kind in DATABASES.items() if kind.computes]


def project(engine: str = "postgres", **said: str) -> Project:
    tables = {name: {"from": "erp", "table": f"finance.{name}", **said} for name in ("lines", "plans")}
    return Project.model_validate(
        {"phasegate": 1, "connections": {"erp": {engine: "env:ERP_URL"}}, "sources": tables}
    )


TOLD: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "people": ({"count": "paid > 1 AND owner = 'f-1'"}, ("count",), "ids of people"),
    "a text made a number": (
        {"ratio": {"of": "CAST(team AS INTEGER) > 1"}}, ("ratio", "of"), "a text is made a number"
    ),
    "a tag": ({"sum": "paid", "where": "tag(team, 'x') = 'y'"}, ("where",), "a tag"),
    "a derived column": ({"count": "slow"}, ("count",), "business days"),
    "a query": ({"sql": "SELECT COUNT(*) AS numerator, COUNT(*) AS rows FROM lines"}, ("sql",), "a query"),
}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("what", TOLD)
def test_what_is_refused_is_told_with_its_place(what: str, engine: str) -> None:
    measure, path, reason = TOLD[what]
    derive = {**LINES["derive"], "worked": {"business_days_since": "day"}, "slow": "worked > 3"}
    pack = pack_of({"m.it": measure, "m.fine": {"count": "paid > 1"}}, {**LINES, "derive": derive})
    (told,) = refusals(pack, project(engine, compute="engine"))
    assert told.path == ("measures", "m.it", *path)
    assert reason in told.message
    assert told.severity == "warning"
    assert "compute: engine" in (told.hint or "")
    assert list(refusals(pack, project(engine))) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_else_of_the_corpus_is_refused(engine: str) -> None:
    told = refusals(pack_of(CORPUS), project(engine, compute="engine"))
    assert [each.path[1] for each in told] == ["sql.whole"]


def test_where_facts_are_computed_is_approved() -> None:
    assert reading_of(project(compute="engine"))["sources"]["lines"]["compute"] == "engine"
    assert "compute" not in reading_of(project())["sources"]["lines"]


@pytest.mark.parametrize("kind", DATABASES)
def test_a_database_that_computes_nothing_is_told_of(
    kind: DatabaseName, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("phasegate.yaml").write_text(
        f"""phasegate: 1
id: p-7d20c41f9be65a38
connections: {{erp: {{{kind}: env:ERP_URL}}}}
sources:
  t: {{from: erp, table: a.t, compute: engine, contract: {{title: t, columns: {{i: {{type: integer}}}}}}}}
measures: {{rows: {{title: Rows, from: t, count: i > 0}}}}
require: {{rows: ">= 1"}}
"""
    )
    result = CliRunner().invoke(cli.main, ["lint"])
    told = f"nothing is computed in {DATABASES[kind].title} yet" in result.output
    assert (result.exit_code, told) == ((0, False) if DATABASES[kind].computes else (2, True)), result.output
