"""How many rows a table of a real server will have is what its catalogue guesses, and said to be a guess."""

from __future__ import annotations

import datetime as dt

import pytest
from erp_database import Erp

from phasegate.facts.model.progress import Come
from phasegate.facts.sources.open import open_source
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

pytestmark = pytest.mark.slow
MADE = {
    "a table": (
        [
            "CREATE TABLE finance.t AS SELECT generate_series(1, 300) AS i",
            "ANALYZE finance.t",
            "INSERT INTO finance.t VALUES (301)",
        ],
        300,
    ),
    "one that nobody looked at": (
        [
            "CREATE TABLE finance.t (i int) WITH (autovacuum_enabled = off)",
            "INSERT INTO finance.t SELECT generate_series(1, 301)",
        ],
        None,
    ),
    "parts": (
        [
            "CREATE TABLE finance.t (i int) PARTITION BY RANGE (i)",
            "CREATE TABLE finance.low PARTITION OF finance.t FOR VALUES FROM (0) TO (101)",
            "CREATE TABLE finance.high PARTITION OF finance.t FOR VALUES FROM (101) TO (1000)",
            "INSERT INTO finance.t SELECT generate_series(1, 301)",
            "ANALYZE finance.t",
        ],
        301,
    ),
    "a view": (["CREATE VIEW finance.t AS SELECT generate_series(1, 301) AS i"], None),
}


@pytest.mark.parametrize("case", MADE)
def test_rows_are_told_as_they_come(erp: Erp, case: str) -> None:
    statements, expected = MADE[case]
    erp.run(*statements)
    heard: list[str | Come] = []

    class Listener:
        def started(self, name: str) -> None:
            heard.append(name)

        def came(self, so_far: Come) -> None:
            heard.append(so_far)

        def finished(self, name: str) -> None:
            heard.append(name)

    opened = open_source(
        "one",
        Contract(title="t", infer=True),
        SourceFile.model_validate({"from": "erp", "table": "finance.t"}),
        erp.folder,
        dt.date(2026, 6, 1),
        progress=Listener(),
        connections={"erp": Connection(postgres="env:ERP_URL")},
    )
    assert opened.frame is not None
    assert heard == ["one", Come("one", 301, expected, "rows", expected is not None)]
