"""What PostgreSQL computes over its own tables is what polars computes over their rows, or is refused."""

from __future__ import annotations

import gc
import os
import random
from typing import Any

import pytest
from pushed_down import (
    AS_OF,
    CORPUS,
    LINES,
    REFUSALS,
    REFUSED,
    InPostgres,
    alike,
    alike_rows,
    drawn,
    every_expression,
    held,
    pack_of,
    planned,
    refused,
)
from sizes import seed_of_run

from phasegate.facts.assemble import assemble
from phasegate.facts.evidence_rows import Wanted, rows_behind

pytestmark = pytest.mark.slow
SEED = seed_of_run()
COUNT = int(os.environ.get("PHASEGATE_TEST_COUNT", "400"))


@pytest.mark.parametrize("seed", range(SEED, SEED + 6))
def test_the_corpus(three: InPostgres, seed: int) -> None:
    dice = random.Random(seed)
    three.fill(drawn(dice, dice.choice((0, 1, 5, 60, 400))), planned(dice, 20))
    pushed, refused = held(three, pack_of())
    assert {key[0] for key in refused} <= {"sql.whole"}
    assert {state.reason for state in pushed.sources.values()} == {""}


def test_the_corpus_takes_few_statements(three: InPostgres) -> None:
    dice = random.Random(SEED)
    three.fill(drawn(dice, 300), planned(dice, 20))
    pack = pack_of()
    three.facts(pack, "engine")
    kinds = {measure.kind for measure in pack.measures.values()}
    assert len(CORPUS) == 53
    assert len(kinds) == 13
    assert 0 < three.statements <= 20


def test_every_expression(three: InPostgres) -> None:
    """Random conditions and amounts, over rows that lack much: each function and operator, nested."""
    three.fill(drawn(random.Random(SEED), 60), planned(random.Random(SEED), 5))
    every_expression(three, SEED, COUNT // 4)


ODD = {
    "NaN": ("plan", "'NaN'", "plan"),
    "NaN with a stated precision": ("amount", "'NaN'", "amount"),
    "an endless day": ("due", "'infinity'", "due"),
    "a day before our era": ("due", "'0044-03-15 BC'", "due"),
    "a year of five digits": ("due", "'12026-01-01'", "due"),
    "an endless moment": ("written", "'-infinity'", "written"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_value_is_an_error(three: InPostgres, what: str) -> None:
    """PostgreSQL counts NaN as greater than every number, and infinity as a day: that would pass."""
    column, value, named = ODD[what]
    three.fill(drawn(random.Random(1), 20), planned(random.Random(1), 5))
    three.erp.run(f"UPDATE finance.lines SET {column} = {value} WHERE id = 3")
    pack = pack_of({"count.it": {"count": f"{column} IS NOT NULL"}})
    for how in ("staged", "engine"):
        found = three.facts(pack, how)
        assert found.sources["lines"].status == "error", how
        assert repr(named) in found.sources["lines"].reason
        assert found.facts["count.it", ""].status == "error"


BROKEN = {
    "id = 1 WHERE id = 2": ("key id: unique", 2),
    "budget = -1 WHERE id < 3": ("budget: at least 0", 3),
    "paid = NULL WHERE id = 5": ("paid: not null", 1),
    "due = '2019-12-31' WHERE id IN (4, 7)": ("due IS NULL OR due >= '2020-01-01'", 2),
}


@pytest.mark.parametrize("changed", BROKEN)
def test_a_contract_is_judged_where_the_rows_are(three: InPostgres, changed: str) -> None:
    three.fill(drawn(random.Random(2), 20), planned(random.Random(1), 5))
    three.erp.run("UPDATE finance.lines SET day = '2026-03-01', owner = 'secret-person'")
    three.erp.run(f"UPDATE finance.lines SET {changed}")
    clause, rows = BROKEN[changed]
    staged, pushed = (three.facts(pack_of(), how).sources["lines"] for how in ("staged", "engine"))
    assert pushed.status == "error"
    counted = [[(each.clause, each.rows) for each in state.breaches] for state in (staged, pushed)]
    assert counted[0] == counted[1]
    assert (clause, rows) in counted[1]
    (breach,) = [each for each in pushed.breaches if each.clause == clause]
    assert len(breach.sample) == min(rows, 5)
    assert "secret-person" not in repr(pushed)


UNSURE: dict[str, tuple[dict[str, Any], str]] = {
    "a condition": ({"holds": ["units > 1", "amount > plan OR met", "paid > budget"]}, "units > 1"),
    "a key": ({"key": ["status", "team"]}, "key status, team: unique, and nowhere empty"),
    "a part of a key": ({"key": ["day", "units"]}, "key day, units: unique, and nowhere empty"),
    "a unique value": (
        {"columns": {**LINES["columns"], "units": {"type": "integer", "nullable": True, "unique": True}}},
        "units: unique, and nowhere empty",
    ),
}
LACKING: dict[str, tuple[dict[str, Any], list[tuple[str, int]]]] = {
    "a condition of what may be empty": ({"holds": ["due >= day"]}, [("due >= day", 2)]),
    "a condition that says what then holds": ({"holds": ["due IS NULL OR due >= day"]}, []),
    "a condition of what must be there": ({"holds": ["budget >= id - 1000"]}, [("budget: not null", 1)]),
    "a key that may be empty": (
        {"key": ["point", "day"]},
        [("key point, day: unique", 2), ("key point, day: unique, and nowhere empty", 2)],
    ),
    "a key of which nothing is certain": (
        {"key": ["due"]},
        [("key due: unique", 2), ("key due: unique, and nowhere empty", 2)],
    ),
    "a key that is certain apart": ({"key": ["id", "due"]}, []),
    "what is to be unique": (
        {"columns": {**LINES["columns"], "units": {"type": "integer", "nullable": True, "unique": True}}},
        [("units: unique, and nowhere empty", 2)],
    ),
    "a key of a column that is not there": (
        {
            "columns": {**LINES["columns"], "gone": {"type": "string", "optional": True}},
            "key": ["id", "gone"],
        },
        [],
    ),
}


@pytest.mark.parametrize("what", UNSURE)
def test_a_row_that_lacks_a_value_breaks_what_nobody_knows_to_hold(three: InPostgres, what: str) -> None:
    asked, clause = UNSURE[what]
    pack = pack_of(None, {**LINES, **asked})
    for rows in (1, 60):
        three.fill(drawn(random.Random(3), rows), planned(random.Random(1), 5))
        states = [three.facts(pack, how).sources["lines"] for how in ("csv", "staged", "engine")]
        counted = [[(each.clause, each.rows, each.hint) for each in state.breaches] for state in states[1:]]
        assert counted[0] == [(*each[:2], each[2].replace("table", "file")) for each in counted[1]]
        assert {state.status for state in states} == {states[0].status}
    assert clause in {breach.clause for breach in states[2].breaches}
    assert all(len(breach.sample) == min(breach.rows, 5) for breach in states[2].breaches)


@pytest.mark.parametrize("what", LACKING)
def test_what_is_empty_does_not_keep_a_contract(three: InPostgres, what: str) -> None:
    """Whether a condition holds there, or a row is another one, nobody knows."""
    three.fill(drawn(random.Random(2), 6), planned(random.Random(1), 5))
    three.erp.run(
        "UPDATE finance.lines SET day = '2026-03-01', due = '2026-03-02'::date + id::int, units = id",
        "UPDATE finance.lines SET point = 'p' || id, budget = 1",
        "UPDATE finance.lines SET due = NULL, point = NULL, units = NULL WHERE id IN (2, 5)",
    )
    changed, expected = LACKING[what]
    if "budget: not null" in dict(expected):
        three.erp.run("UPDATE finance.lines SET budget = NULL WHERE id = 3")
    pack = pack_of({"count.it": {"count": "met"}}, {**LINES, "holds": [], **changed})
    staged, pushed = (three.facts(pack, how).sources["lines"] for how in ("staged", "engine"))
    for state in (staged, pushed):
        assert [(each.clause, each.rows) for each in state.breaches] == expected
        assert state.status == ("error" if expected else "ok")
    for one, other in zip(staged.breaches, pushed.breaches, strict=True):
        if "not null" not in one.clause:
            assert one.hint.replace("file", "table") == other.hint
        rows = [{name: text for name, text in row.items() if name != "row"} for row in one.sample]
        assert sorted(rows, key=repr) == sorted(other.sample, key=repr)


def test_rows_behind_a_value_are_the_same(three: InPostgres) -> None:
    dice = random.Random(SEED)
    three.fill(drawn(dice, 300), planned(dice, 5))
    alike_rows(three)


def column(name: str, **said: Any) -> dict[str, Any]:
    """The contract of lines with a column that is another one."""
    return {**LINES, "columns": {**LINES["columns"], name: {"nullable": True, **said}}}


def test_one_person_in_a_row_is_masked_too(three: InPostgres) -> None:
    three.fill(drawn(random.Random(SEED), 40), planned(random.Random(1), 5))
    pack = pack_of({"count.it": {"count": "paid >= 0"}}, column("approver", type="string"))
    (wanted,) = [Wanted("count.it", "", True, None)]
    staged, pushed = (
        rows_behind(pack, three.opened(pack, how), AS_OF, {}, [wanted], 25)[wanted]
        for how in ("staged", "engine")
    )
    assert staged is not None
    assert pushed is not None
    assert set(pushed.frame["owner"].to_list()) == {"***", None}
    assert staged.parquet() == pushed.parquet()


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_otherwise_there_is_refused(three: InPostgres, what: str) -> None:
    """With the reason, where it stands, and what to do: never with another value."""
    three.fill(drawn(random.Random(3), 40), planned(random.Random(1), 5))
    refused(three, what)


UNFIT: dict[str, tuple[dict[str, Any], dict[str, object], str]] = {
    "a text as a number": (column("team", type="integer"), {}, "team"),
    "a float": (column("amount", type="float"), {}, "amount"),
    "a pattern": (column("team", type="string", pattern=r"\\w+"), {}, "may mean something else"),
    "people as a key": ({**LINES, "key": ["owner"]}, {}, "ids of people"),
    "people who hold": ({**LINES, "holds": ["owner <> approver"]}, {}, "ids of people"),
    "two columns for one": (LINES, {"rename": {"team": "status"}}, "stands for two"),
    "a column that is not there": (column("nobody", type="string"), {}, "no column 'nobody'"),
    "a total that is none": (LINES, {"control": {"sums": {"paid": "many"}}}, "no number"),
    "an option of reading": (LINES, {"trim": True}, "trim"),
    "a zone": (LINES, {"time_zone": "Europe/Berlin"}, "time_zone"),
    "a currency": (
        {**LINES, "currency": "team", "convert": {"to": "EUR", "rates": "plans"}}, {}, "looked up"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", UNFIT)
def test_a_source_that_is_read_otherwise_is_an_error(three: InPostgres, what: str) -> None:
    contract, said, reason = UNFIT[what]
    three.fill(drawn(random.Random(3), 10), planned(random.Random(1), 5))
    found = three.facts(pack_of({"count.it": {"count": "met"}}, contract), "engine", **said)
    reasons = " ".join(state.reason for state in found.sources.values())
    assert reason in reasons
    if what not in ("two columns for one", "a column that is not there", "a total that is none"):
        assert REFUSED in reasons
    assert found.facts["count.it", ""].status == "error"


def test_control_totals_are_those_of_rows_that_are_read(three: InPostgres) -> None:
    lines = [[*row[:7], 3, *row[8:]] for row in drawn(random.Random(3), 10)]
    three.fill(lines, planned(random.Random(1), 10))
    pack = pack_of({"count.it": {"count": "met"}})
    pack = pack.model_copy(update={"sources": {"lines": pack.sources["lines"]}})
    for sums, complete in (({"paid": "30.00"}, True), ({"paid": "31"}, False)):
        for how in ("staged", "engine"):
            state = three.facts(pack, how, control={"rows": 10, "sums": sums}).sources["lines"]
            assert (state.complete, state.totals) == (complete, {"rows": "10", "paid": "30"}), how
            assert state.status == ("ok" if complete else "error")


def test_padded_texts_and_blanks_are_read_as_rows_are(three: InPostgres) -> None:
    three.fill(drawn(random.Random(4), 10), planned(random.Random(1), 5))
    three.erp.run("UPDATE finance.lines SET status = 'open', team = E'\\u2003\\u200b'")
    pack = pack_of({"c.a": {"count": "status = 'open'"}, "c.b": {"count": "team IS NULL", "where": "id > 1"}})
    for how in ("staged", "engine"):
        facts = three.facts(pack, how).facts
        assert facts["c.a", ""].numerator == facts["c.a", ""].rows > 0
        assert facts["c.b", ""].numerator == facts["c.b", ""].rows > 0


def test_an_answer_that_is_not_whole_is_an_error(three: InPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """No rows are no empty answer: a plan that failed, a slice that is missing, a row too many."""
    from phasegate.facts.engines.sql.engine import SqlEngine

    three.fill(drawn(random.Random(5), 40), planned(random.Random(1), 5))
    pack = pack_of({"count.it": {"count": "met", "by": "team"}, "count.all": {"count": "met"}})
    real = SqlEngine.ask
    for spoilt in (
        lambda rows: rows[:-1],
        lambda rows: [row for row in rows if row[1] is None],
        lambda rows: [*rows[:1], *rows],
        list.clear,
    ):

        def ask(self: Any, sql: str, spoilt: Any = spoilt) -> Any:
            rows = real(self, sql)
            return (spoilt(list(rows)) or []) if "AS plan" in sql else rows

        monkeypatch.setattr(SqlEngine, "ask", ask)
        facts = three.facts(pack, "engine").facts
        assert {fact.status for fact in facts.values()} == {"error"}, spoilt


KILLED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'"
MEANWHILE: dict[str, tuple[str, str]] = {
    "nothing": ("SELECT 1", ""),
    "a row is another one": ("UPDATE finance.lines SET paid = paid + 1 WHERE id = 7", "no longer what they"),
    "a row is gone": ("DELETE FROM finance.lines WHERE id = 7", "no longer what they have"),
    "nobody is let in": ("ALTER ROLE reader NOLOGIN", "is refused by the server"),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_connection_that_is_lost_is_taken_up_again(
    three: InPostgres, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same rows, or not at all: what was answered before must be of those that are asked now."""
    monkeypatch.setattr("phasegate.facts.engines.sql.engine._PAUSE", 0.01)
    three.fill(drawn(random.Random(5), 40), planned(random.Random(1), 5))
    pack = pack_of({"count.it": {"count": "paid > 1"}})
    before = three.facts(pack, "staged").facts
    opened = three.opened(pack, "engine")
    statement, said = MEANWHILE[what]
    three.erp.run(KILLED, statement)
    try:
        found = assemble(pack, opened, AS_OF).facts
    finally:
        three.erp.run("ALTER ROLE reader LOGIN")
    if not said:
        assert found == before
        return
    fact = found["count.it", ""]
    assert fact.status == "error"
    assert said in fact.reason
    assert three.erp.server.password not in fact.reason


def test_one_source_stays_and_another_is_read(three: InPostgres) -> None:
    """Of one moment; what needs rows of both is refused."""
    dice = random.Random(SEED)
    three.fill(drawn(dice, 60), planned(dice, 20))
    pack = pack_of()
    staged, mixed = (three.facts(pack, how) for how in ("staged", "mixed"))
    other = (key[0] for key, fact in mixed.facts.items() if not alike(staged.facts[key], fact))
    refused = set(other)
    assert refused == {"attainment.two", "sql.whole"}
    assert all(REFUSED in fact.reason for name in refused for fact in mixed.slices(name))
    tables = [mixed.sources[name].table for name in ("lines", "plans")]
    assert len({table.snapshot for table in tables if table is not None}) == 1
    assert [table.strength for table in tables if table is not None] == ["engine", ""]


def test_its_connection_is_closed_with_its_sources(three: InPostgres) -> None:
    three.fill(drawn(random.Random(5), 5), planned(random.Random(1), 5))
    opened = three.opened(pack_of(), "engine")

    def sessions() -> int:
        import psycopg

        with psycopg.connect(three.erp.server.url(three.erp.name)) as connection:
            own = "usename = 'reader' AND datname = current_database()"
            found = connection.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {own}")  # type: ignore[arg-type]
            return int(found.fetchall()[0][0])

    assert sessions() == 1
    del opened
    gc.collect()
    assert sessions() == 0


def test_a_table_that_is_looked_up_is_read(three: InPostgres) -> None:
    """Else rows that belong nowhere would not be found."""
    three.fill(drawn(random.Random(5), 5), planned(random.Random(1), 5))
    lines = {**LINES, "belongs_to": {"plans": {"team": "team"}}}
    found = three.facts(pack_of({"count.it": {"count": "met"}}, lines), "engine")
    assert {state.status for state in found.sources.values()} == {"error"}
    assert "belongs_to" in found.sources["lines"].reason
    assert "looked up" in found.sources["plans"].reason


def test_a_snapshot_holds(three: InPostgres) -> None:
    """What is written while a run asks changes nothing of it."""
    three.fill(drawn(random.Random(5), 40), planned(random.Random(1), 5))
    pack = pack_of({"count.it": {"count": "paid > 1"}})
    opened = three.opened(pack, "engine")
    before = three.facts(pack, "staged").facts
    three.erp.run("DELETE FROM finance.lines WHERE id % 2 = 0")
    assert assemble(pack, opened, AS_OF).facts == before
    assert three.facts(pack, "engine").facts != before


VIEWS = {"paid + 1": "ok", "paid + floor(random() * 1e6)": "error"}


@pytest.mark.parametrize("amount", VIEWS)
def test_a_view_has_the_same_rows_each_time_or_is_refused(three: InPostgres, amount: str) -> None:
    """Not even of one moment it need have: it may ask for the clock, or for chance."""
    status = VIEWS[amount]
    three.fill(drawn(random.Random(5), 40), planned(random.Random(1), 5))
    others = ", ".join(name for name in LINES["columns"] if name != "paid")
    three.erp.run(
        "ALTER TABLE finance.lines RENAME TO kept",
        f"CREATE VIEW finance.lines AS SELECT {others}, ({amount})::numeric(14,2) AS paid FROM finance.kept",
        "GRANT SELECT ON finance.lines TO reader",
    )
    try:
        found = three.facts(pack_of({"sum.it": {"sum": "paid"}}, {**LINES, "holds": []}), "engine")
    finally:
        three.erp.run("DROP VIEW finance.lines", "DROP TABLE finance.kept")
    assert found.sources["lines"].status == status
    assert (found.facts["sum.it", ""].status == "error") is (status == "error")
    assert ("had other rows when it was asked first" in found.sources["lines"].reason) is (status == "error")


@pytest.mark.parametrize("moment", ["before any of it is asked", "between two questions"])
def test_a_table_that_is_emptied_meanwhile_is_an_error_or_what_it_was(
    three: InPostgres, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A moment keeps no rows of a table that was emptied: it would seem to have none."""
    import psycopg

    from phasegate.facts.connections.postgres import database

    url, tried = three.erp.server.url(three.erp.name), []

    def empty() -> None:
        with psycopg.connect(url, autocommit=True, options="-c lock_timeout=200") as owner:
            try:
                owner.execute("TRUNCATE finance.lines")
                tried.append("emptied")
            except psycopg.errors.LockNotAvailable:
                tried.append("waits until the run is over")

    dice = random.Random(SEED)
    three.fill(drawn(dice, 40), planned(dice, 5))
    pack = pack_of()
    if moment == "between two questions":
        opened = three.opened(pack, "engine")
        empty()
    else:
        begin = database.PostgresSnapshot.open

        def and_empty(snapshot: Any, privileged: bool) -> None:
            begin(snapshot, privileged)
            empty()

        monkeypatch.setattr(database.PostgresSnapshot, "open", and_empty)
        opened = three.opened(pack, "engine")
    state = assemble(pack, opened, AS_OF).sources["lines"]
    if moment == "between two questions":
        assert (tried, state.status, state.rows) == (["waits until the run is over"], "ok", 40)
    else:
        assert (tried, state.status) == (["emptied"] * 3, "error"), "it is tried again as a whole"
        assert "was emptied, filled anew, altered or exchanged" in state.reason
