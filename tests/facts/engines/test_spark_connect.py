"""What Spark computes over its own tables is what polars computes over their rows, or is refused.

Spark takes its time for each new form of a query: most is asked of Sail, which speaks as it does, and of
Spark what only it does otherwise, and a part of the rest.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from pushed_down import (
    AS_OF,
    CORPUS,
    LINES,
    REFUSALS,
    REFUSED,
    InLake,
    alike_rows,
    drawn,
    every_expression,
    held,
    pack_of,
    planned,
    refused,
)
from sizes import SIZE, examples, seed_of_run

from phasegate.facts.assemble import assemble

pytestmark = pytest.mark.slow
SEED = seed_of_run()
IN_SPARK = pytest.param("spark", marks=pytest.mark.slow(first="Spark"))
BOTH = pytest.mark.parametrize("lake", ["sail", IN_SPARK], indirect=True)
ONLY_SPARK = pytest.mark.parametrize("lake", [IN_SPARK], indirect=True)
WHOLE = pytest.param("spark", id="spark, all of it", marks=pytest.mark.long)


@pytest.mark.parametrize("lake", ["sail", IN_SPARK, WHOLE], indirect=True)
def test_the_corpus(lake: InLake) -> None:
    """53 measures of 13 kinds, in few statements; the record says who computed them.

    In the slow tests Spark has a third of them.
    """
    sail = lake.lake.kind == "sail"
    asked = CORPUS if sail or SIZE == "long" else dict([*CORPUS.items()][SEED % 3 :: 3])
    for rows in (0, 1, 400) if sail else (60,):
        dice = random.Random(SEED + rows)
        lake.fill(drawn(dice, rows), planned(dice, 20))
        pushed, not_there = held(lake, pack_of(asked))
        assert {key[0] for key in not_there} <= {"sql.whole"}
        for state in pushed.sources.values():
            assert (state.status, state.reason) == ("ok", "")
            assert state.table is not None
            assert state.table.strength == "engine"
            assert state.table.server.startswith("Spark")
            assert state.table.snapshot.startswith("files sha256:") or not state.rows
        assert 0 < lake.statements <= 20


@BOTH
def test_every_expression(lake: InLake) -> None:
    spark = lake.lake.kind == "spark"  # which is asked once, of texts of which nothing is refused
    lake.fill(drawn(random.Random(SEED), 60, plain=spark), planned(random.Random(SEED), 5))
    every_expression(lake, SEED, 6 if spark else examples(100), sliced=not spark)


@BOTH
def test_a_digit_far_behind_the_point_counts(lake: InLake) -> None:
    """Left to itself Spark makes both decimals one of fewer digits before it compares them."""
    rows = drawn(random.Random(1), 4)
    for row, plan in zip(rows, ("0.0001", "0", "-0.0001", "999999999999.9999"), strict=True):
        row[5], row[6] = Decimal(0), Decimal(plan)
    lake.fill(rows, planned(random.Random(1), 5))
    pack = pack_of(
        {
            "c.equal": {"count": "amount = plan"},
            "c.less": {"count": "amount < plan"},
            "c.in": {"count": "plan IN (0, 0.00009)"},
            "c.product": {"count": "plan * 0.000000000000001 > 0"},
            "s.product": {"sum": "COALESCE(plan * 0.001, 0)"},
        }
    )
    pushed, not_there = held(lake, pack)
    counts = {name: pushed.facts[name, ""].numerator for name in pack.measures}
    assert not not_there
    assert counts == {"c.equal": 1, "c.less": 2, "c.in": 1, "c.product": 2, "s.product": 9999999999999999}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_otherwise_there_is_refused(lake: InLake, what: str) -> None:
    lake.fill(drawn(random.Random(3), 40), planned(random.Random(1), 5))
    refused(lake, what)


def test_rows_behind_a_value_are_the_same(lake: InLake) -> None:
    dice = random.Random(SEED)
    lake.fill(drawn(dice, 120), planned(dice, 5))
    alike_rows(lake)


BROKEN = {
    "id = 1 WHERE id = 2": ("key id: unique", 2),
    "budget = -1 WHERE id < 3": ("budget: at least 0", 3),
    "paid = NULL WHERE id = 5": ("paid: not null", 1),
    "due = DATE'2019-12-31' WHERE id IN (4, 7)": ("due IS NULL OR due >= '2020-01-01'", 2),
    "team = 'xyz' WHERE id = 6": ("team: like [a-w-]*.?", 1),
    "plan = 0.12345 WHERE id = 6": ("plan: at most 2 digits after the point", 1),
}


@BOTH
def test_a_contract_is_judged_where_the_rows_are(lake: InLake) -> None:
    rows = drawn(random.Random(2), 20)
    for place, row in enumerate(rows):
        row[2], row[6], row[10], row[13] = "a-b", Decimal(place), AS_OF, "secret-person"
    lake.fill(rows, planned(random.Random(1), 5))
    for changed in BROKEN:
        lake.change(changed)
    columns = {
        **LINES["columns"],
        "team": {"type": "string", "nullable": True, "pattern": "[a-w-]*.?"},
        "plan": {"type": "decimal", "scale": 2, "nullable": True},
    }
    pack = pack_of({"c.it": {"count": "met"}}, {**LINES, "columns": columns})
    staged, pushed = (lake.facts(pack, how).sources["lines"] for how in ("staged", "engine"))
    assert pushed.status == "error"
    counted = [[(each.clause, each.rows) for each in state.breaches] for state in (staged, pushed)]
    assert counted[0] == counted[1]
    assert set(counted[1]) >= set(BROKEN.values())
    for one, other in zip(staged.breaches, pushed.breaches, strict=True):
        rows_told = [{name: text for name, text in row.items() if name != "row"} for row in one.sample]
        assert sorted(rows_told, key=repr) == sorted(other.sample, key=repr)
        assert all(row["id"] for row in other.sample), "a row is told by its key"
    assert "secret-person" not in repr(pushed)


@pytest.mark.parametrize("how", ["engine", "mixed"])
def test_a_table_that_changes_between_two_questions_is_an_error(lake: InLake, how: str) -> None:
    """Spark has no snapshot: what was asked last is then of another table than what was asked first."""
    lake.fill(drawn(random.Random(5), 40), planned(random.Random(1), 5))
    measures = {"c.it": {"count": "paid > 1"}, "d.it": {"distinct": "units"}}
    pack = pack_of(measures | {"p.it": {"from": "plans", "count": "planned > 1"}})
    opened = lake.opened(pack, how)
    assert assemble(pack, opened, AS_OF).facts == lake.facts(pack, "staged").facts
    table = lake.table("lines")
    lake.lake.run(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")
    found = assemble(pack, opened, AS_OF)
    statuses = {name: found.facts[name, ""].status for name in pack.measures}
    assert statuses == {"c.it": "error", "d.it": "error", "p.it": "present"}
    assert "changed while it was read" in found.sources["lines"].reason
    assert found.sources["plans"].status == "ok"


def test_a_table_of_no_files_is_refused(lake: InLake) -> None:
    """Nobody knows whether it is the same one each time."""
    lake.fill(drawn(random.Random(5), 5), planned(random.Random(1), 5))
    lake.as_view(drawn(random.Random(5), 1)[0])
    pack = pack_of({"c.it": {"count": "paid > 1"}})
    assert lake.facts(pack, "staged").sources["lines"].status == "ok"
    reason = lake.facts(pack, "engine").sources["lines"].reason
    assert "the server does not tell of which files it is" in reason
    assert REFUSED in reason


@ONLY_SPARK
def test_texts_that_only_spark_has_are_refused(lake: InLake) -> None:
    lake.fill(drawn(random.Random(5), 5), planned(random.Random(1), 5))
    pack: Any = pack_of({"c.it": {"count": "team = 'a'"}})
    lake.change("team = CAST(X'ff41' AS STRING) WHERE id = 1")
    reason = lake.facts(pack, "engine").sources["lines"].reason
    assert "column 'team' has values that no rule can be held against: texts that are not UTF-8" in reason
    lake.change("team = team COLLATE UTF8_LCASE", kind="STRING COLLATE UTF8_LCASE")
    reason = lake.facts(pack, "engine").sources["lines"].reason
    assert "column 'team' is string collate UTF8_LCASE, and string in the contract" in reason
