"""The rows behind a fact: exactly those that keep it from being better, each kind against plain Python."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts import evidence_rows
from phasegate.facts.assemble import assemble, parameter_values
from phasegate.facts.contracts.types import polars_type
from phasegate.facts.evidence_rows import LONGEST, SAMPLE, RowsBehind, Wanted, rows_file
from phasegate.facts.expressions.expression import Kind
from phasegate.facts.expressions.scopes import scope_of
from phasegate.facts.measures.kinds.validate import check_pack
from phasegate.facts.model.fact import Fact
from phasegate.facts.sources.open import open_sources
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import EVIDENCE_ROWS, SourceFile

AS_OF = dt.date(2026, 3, 31)
DAY = dt.date(2026, 3, 1)
POINTS = ("1.1", "1.2", "2.1")
DECIMAL = {"type": "decimal", "scale": 2, "nullable": True}
TEXT = {"type": "string", "nullable": True}
LINES = {
    "title": "One line",
    "columns": {
        "point": TEXT,
        "team": TEXT,
        "met": {"type": "boolean", "nullable": True},
        "kind": TEXT,
        "amount": DECIMAL,
        "plan": DECIMAL,
        "units": {"type": "integer", "nullable": True},
        "rate": {"type": "float", "nullable": True},
        "day": {"type": "date"},
        "written": {"type": "date", "nullable": True},
    },
    "event": "day",
    "recorded": "written",
    "point": "point",
}
PLANS = {
    "title": "One plan line",
    "columns": {"point": TEXT, "team": TEXT, "planned": {**DECIMAL, "scale": 4}},
    "point": "point",
}
Row = dict[str, Any]
Rows = list[Row]


@dataclass
class Source:
    """A source whose rows the test gives."""

    name: str
    contract: Contract
    frame: pl.LazyFrame | None
    kinds: dict[str, Kind]
    checks: tuple[pl.LazyFrame, ...] = field(default=())
    exchange: None = None
    size: int = 0

    def settle(self, values: Mapping[str, Any]) -> Any:
        from phasegate.facts.model.fact import SourceState

        return SourceState(self.name, "ok")

    @property
    def left_out(self) -> dict[str, str]:
        return {}

    def numbered(self) -> None:
        return None

    def places(self, rows: Iterable[int]) -> dict[int, Any]:
        return {}

    def diagnose(self) -> None:
        return None

    def recheck(self) -> None:
        return None


def pack_of(definition: Mapping[str, Any], contracts: Mapping[str, Any] | None = None) -> Pack:
    """A pack with one measure, m, over lines and plans."""
    criteria = [{"id": "c", "text": "C", "require": {"m": "true"}}]
    return Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "points": {point: {"title": point, "criteria": criteria} for point in POINTS},
            "sources": {"lines": LINES, "plans": PLANS} | dict(contracts or {}),
            "measures": {"m": {"title": "m", "from": "lines", **definition}},
        }
    )


def frame_of(contract: Contract, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    schema = {name: polars_type(column) for name, column in contract.columns.items()}
    filled = [{name: row.get(name) for name in schema} for row in rows]
    return pl.DataFrame(filled, schema=schema, orient="row")


@dataclass(frozen=True)
class Asked:
    """A measure over some rows: its facts, and the rows behind them."""

    pack: Pack
    opened: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        definition: Mapping[str, Any],
        lines: Iterable[Mapping[str, Any]],
        plans: Iterable[Mapping[str, Any]] = (),
        contracts: Mapping[str, Any] | None = None,
    ) -> Asked:
        pack = pack_of(definition, contracts)
        opened = {}
        for name, rows in {"lines": lines, "plans": plans}.items():
            contract = pack.sources[name]
            kinds = dict(scope_of(name, contract, pack).columns)
            opened[name] = Source(name, contract, frame_of(contract, rows).lazy(), kinds)
        return cls(pack, opened)

    def fact(self, of: str = "", fact: str = "m") -> Fact:
        return assemble(self.pack, self.opened, AS_OF).facts[fact, of]

    def behind(
        self, of: str = "", *, upper: bool = False, fact: str = "m", most: int = EVIDENCE_ROWS
    ) -> RowsBehind | None:
        wanted = Wanted(fact, of, upper)
        return evidence_rows.rows_behind(self.pack, self.opened, AS_OF, {}, [wanted], most).get(wanted)

    def rows(self, of: str = "", *, upper: bool = False, fact: str = "m") -> RowsBehind:
        found = self.behind(of, upper=upper, fact=fact)
        assert found is not None
        assert found.total == found.frame.height
        return found


def counted(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = tuple(LINES["columns"])) -> Counter:  # type: ignore[type-arg, arg-type]  # of tuples
    """Rows as a multiset."""
    return Counter(tuple(row.get(name) for name in columns) for row in rows)


money = st.decimals(-500, 500, places=2)
line_rows = st.lists(
    st.fixed_dictionaries(
        {
            "point": st.sampled_from(["1.1", "1.2", "9.9", None]),
            "team": st.sampled_from(["a", "b", "", "(no value)", None]),
            "met": st.sampled_from([True, False, None]),
            "kind": st.sampled_from(["x", "y", None]),
            "amount": st.none() | money,
            "plan": st.none() | money,
            "units": st.none() | st.integers(-5, 5),
            "rate": st.none() | st.sampled_from([0.5, 0.25]),
            "day": st.dates(dt.date(2026, 2, 1), DAY),
            "written": st.none() | st.dates(dt.date(2026, 2, 20), DAY),
        }
    ),
    max_size=12,
)
Choose = Callable[[Row], bool | None]
"""Whether a row is chosen; None where nobody knows."""


def always(_: Row) -> bool:
    return True


def is_(name: str, value: object) -> Choose:
    """Whether a cell holds a value."""
    return lambda row: None if row[name] is None else row[name] == value


def over(name: str, limit: int) -> Choose:
    """Whether a cell holds more."""
    return lambda row: None if row[name] is None else row[name] > limit


def not_(one: Choose) -> Choose:
    return lambda row: None if (found := one(row)) is None else not found


def either(*each: Choose) -> Choose:
    """Whether one of several is so."""
    return lambda row: (
        True if True in (found := [one(row) for one in each]) else None if None in found else False
    )


def both(*each: Choose) -> Choose:
    """Whether all of several are so."""
    return not_(either(*map(not_, each)))


def less(row: Row) -> bool | None:
    return None if None in (row["amount"], row["plan"]) else row["amount"] < row["plan"]


# The measure, its population, and which rows of that count.
CONDITIONS: dict[str, tuple[dict[str, Any], Choose, Choose]] = {
    "ratio": ({"ratio": {"of": "met"}}, always, is_("met", value=True)),
    "ratio over": (
        {"ratio": {"of": "met", "over": "kind = 'x'"}}, is_("kind", "x"), is_("met", value=True),
    ),
    "ratio over where": (
        {"ratio": {"of": "amount > 10 OR met", "over": "units >= 0"}, "where": "kind <> 'x'"},
        both(not_(is_("kind", "x")), over("units", -1)),
        either(over("amount", 10), is_("met", value=True)),
    ),
    "ratio of a column of the condition": ({"ratio": {"of": "NOT met"}}, always, is_("met", value=False)),
    "share": (
        {"share": {"of": "met", "value": "amount", "over": "amount > 0"}},
        over("amount", 0),
        is_("met", value=True),
    ),
    "count": ({"count": "met", "where": "kind = 'x'"}, is_("kind", "x"), is_("met", value=True)),
    "count of numbers": ({"count": "amount < plan"}, always, less),
    "exists": ({"exists": "units > 2"}, always, over("units", 2)),
}  # fmt: skip
SLICINGS: dict[str, tuple[Sequence[str], Callable[[Row], str | None]]] = {
    "": (("",), lambda r: ""),
    "point": (POINTS, lambda r: r["point"]),
    "team": (
        ("a", "b", "(no value)", '"(no value)"'),
        lambda r: '"(no value)"' if r["team"] == "(no value)" else r["team"] or "(no value)",
    ),
}


@pytest.mark.parametrize("kind", CONDITIONS)
@given(rows=line_rows, slicing=st.sampled_from(sorted(SLICINGS)))
@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
def test_rows_of_the_denominator_that_are_not_in_the_numerator(kind: str, rows: Rows, slicing: str) -> None:
    definition, population, counts = CONDITIONS[kind]
    asked = Asked.of({**definition, **({"by": slicing} if slicing else {})}, rows)
    slices, slice_of = SLICINGS[slicing]
    lower = kind.startswith(("ratio", "share"))
    for name in slices:
        own = [row for row in rows if population(row) and slice_of(row) == name]
        many = asked.rows(name, upper=True)
        assert many.what == "counted"
        assert counted(many.frame.rows(named=True)) == counted(row for row in own if counts(row))
        few = asked.behind(name)
        assert (few is not None) == lower  # of a count, no row that is there keeps it from being greater
        if few is not None:
            assert few.what == "not met"
            assert few.total == few.frame.height
            assert counted(few.frame.rows(named=True)) == counted(row for row in own if counts(row) is False)
        if few is not None and kind.startswith("ratio") and own:
            fact = asked.fact(name)
            assert few.total + many.total + sum(counts(row) is None for row in own) == fact.rows
            if fact.ends is None:
                assert (fact.numerator, fact.denominator) == (many.total, many.total + few.total)


def items(rows: Iterable[Row], plans: Iterable[Row] | None = None) -> dict[str, tuple[Decimal, Decimal]]:
    """Both sums of each team."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    lines = [(row["team"], row["amount"], row["plan"] if plans is None else Decimal(0)) for row in rows]
    for team, actual, planned in [
        *lines,
        *((each["team"], Decimal(0), each["planned"]) for each in plans or ()),
    ]:
        before = found.get(team, (Decimal(0), Decimal(0)))
        found[team] = (before[0] + actual, before[1] + planned)
    return found


KINDS_OF_ITEMS: dict[str, tuple[str, Callable[[Decimal, Decimal], bool]]] = {
    "attainment": ("expected", lambda actual, planned: actual < planned),
    "accuracy": ("forecast", lambda actual, planned: actual != planned),
}
whole_rows = line_rows.map(
    lambda rows: [
        row
        | {
            "amount": row["amount"] or Decimal(0),
            "plan": row["plan"] or Decimal(0),
            "team": row["team"] or "c",
        }
        for row in rows
    ]
)


@pytest.mark.parametrize("kind", KINDS_OF_ITEMS)
@given(rows=whole_rows, slicing=st.sampled_from(["", "point"]))
@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
def test_rows_and_items_that_fall_short(kind: str, rows: Rows, slicing: str) -> None:
    planned, short = KINDS_OF_ITEMS[kind]
    by = {"by": slicing} if slicing else {}
    definition = {kind: {"actual": "amount", planned: "plan"}, "where": "kind IS NULL OR kind = 'x'", **by}
    apart, together = Asked.of(definition, rows), Asked.of({**definition, "grain": "team"}, rows)
    slices, slice_of = SLICINGS[slicing]
    for name in slices:
        own = [row for row in rows if row["kind"] != "y" and slice_of(row) == name]
        found = apart.rows(name)
        assert found.what == "short"
        due = [row for row in own if short(row["amount"], row["plan"])]
        assert counted(found.frame.rows(named=True)) == counted(due)
        added = together.rows(name)
        assert added.frame.columns == ["team", "actual", "planned"]
        assert added.frame.rows() == sorted(
            (team, *sums) for team, sums in items(own).items() if short(*sums)
        )
        assert apart.behind(name, upper=True) is None
        assert together.behind(name, upper=True) is None


@given(
    rows=whole_rows,
    plans=st.lists(
        st.fixed_dictionaries(
            {"point": st.sampled_from(["1.1", "1.2"]), "team": st.sampled_from(["a", "b", "d"]),
             "planned": st.decimals(0, 500, places=4)}
        ),
        max_size=6,
    ),
    slicing=st.sampled_from(["", "point"]),
    kind=st.sampled_from(sorted(KINDS_OF_ITEMS)),
)  # fmt: skip
@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
def test_items_of_two_sources(rows: Rows, plans: Rows, slicing: str, kind: str) -> None:
    planned, short = KINDS_OF_ITEMS[kind]
    elsewhere = {"from": "plans", "value": "planned", "where": "planned > 1"}
    by = {"by": slicing} if slicing else {}
    asked = Asked.of({kind: {"actual": "amount", planned: elsewhere}, "grain": "team", **by}, rows, plans)
    slices, slice_of = SLICINGS[slicing]
    for name in slices:
        mine = [row for row in rows if slice_of(row) == name]
        theirs = [row for row in plans if row["planned"] > 1 and slice_of(row) == name]
        due = sorted((team, *sums) for team, sums in items(mine, theirs).items() if short(*sums))
        assert asked.rows(name).frame.rows() == due


@given(rows=line_rows, slicing=st.sampled_from(sorted(SLICINGS)))
@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
def test_the_newest_row_or_those_that_are_tied(rows: Rows, slicing: str) -> None:
    by = {"by": slicing} if slicing else {}
    asked = Asked.of({"latest": {"state": "kind", "count": "units"}, "where": "met", **by}, rows)
    slices, slice_of = SLICINGS[slicing]
    for name in slices:
        own = [row for row in rows if row["met"] and slice_of(row) == name]
        newest = [row for row in own if row["day"] == max(each["day"] for each in own)]
        recorded = [row["written"] for row in newest if row["written"] is not None]
        due = [row for row in newest if row["written"] is None or row["written"] == max(recorded)]
        for upper in (False, True):
            found = asked.rows(name, upper=upper, fact="m.state")
            assert found.what == "newest"
            assert counted(found.frame.rows(named=True)) == counted(due)


def test_what_has_no_single_rows_at_fault_has_none() -> None:
    lines = [{"point": "1.1", "amount": Decimal(1), "units": 1, "kind": "x", "day": DAY, "met": True}]
    for definition in (
        {"sum": "amount"},
        {"mean": "amount"},
        {"median": "amount"},
        {"quantile": {"of": "amount", "at": "90 %"}},
        {"distinct": "kind"},
        {"sql": "SELECT COUNT(*) AS numerator, COUNT(*) AS rows, MAX(day) AS newest FROM lines"},
    ):
        asked = Asked.of(definition, lines)
        assert asked.fact().status == "present", definition
        assert asked.behind() is None
        assert asked.behind(upper=True) is None


def test_a_fact_that_the_pack_does_not_measure_has_none() -> None:
    assert Asked.of({"count": "met"}, []).behind(fact="another") is None
    assert Asked.of({"ratio": {"of": "nothing > 1"}}, []).behind() is None


def test_a_grain_may_have_the_names_of_the_sums_and_name_a_column_twice() -> None:
    columns = {"actual": TEXT, "planned": TEXT, "amount": DECIMAL, "plan": DECIMAL, "day": {"type": "date"}}
    contracts = {"lines": {"title": "L", "columns": columns, "event": "day"}}
    definition = {
        "attainment": {"actual": "amount", "expected": "plan"},
        "grain": ["actual", "planned", "actual"],
    }
    lines = [{"actual": "a", "planned": "p", "amount": Decimal(1), "plan": Decimal(2), "day": DAY}]
    found = Asked.of(definition, lines, contracts=contracts).rows()
    assert found.frame.rows(named=True) == [
        {"actual": "a", "planned": "p", "actual amount": Decimal(1), "planned amount": Decimal(2)}
    ]


# More rows than are kept


def many(rows: int) -> Rows:
    return [
        {
            "point": f"{n * 7919 % rows:05d}" if n % 50 else None,
            "team": f"t-{n * 7919 % rows:05d}",
            "met": n % 3 == 0,
            "units": n % 5 if n % 4 else None,
            "day": DAY,
        }
        for n in range(rows)
    ]


TOGETHER, NEAR, APART = 10**9, 4_500, 1
"""Values that may be held: those of all rows, of the first ones by their first column, or of single facts."""


def held_at_most(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So few values are held; a way of reading that this rules out is an error."""

    def refused(*_: object) -> None:
        raise AssertionError("rows are read in another way than the test is about")

    monkeypatch.setattr(evidence_rows, "CELLS", cells)
    if cells == TOGETHER:
        monkeypatch.setattr(evidence_rows, "_near", refused)
    if cells != APART:
        monkeypatch.setattr(evidence_rows, "_apart", refused)


@pytest.mark.parametrize("cells", [TOGETHER, NEAR, APART])
def test_of_more_rows_than_are_kept_there_are_the_first_ones_in_order(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_at_most(cells, monkeypatch)
    lines = many(600)
    found = Asked.of({"ratio": {"of": "met"}}, lines).behind(most=50)
    assert found is not None
    due = sorted(row["team"] for row in lines if not row["met"] and row["point"] is not None)
    assert (found.total, found.frame.height) == (400, 50)
    assert found.frame["team"].to_list() == due[:50]
    assert [row["team"] for row in found.sample()] == due[:SAMPLE]


def test_whether_rows_are_read_together_or_apart_makes_no_difference() -> None:
    pack = pack_of({"ratio": {"of": "met"}})
    more = {
        "n": pack.measures["m"].model_copy(update={"slicing": "team", "where": "units > 1"}),
        "o": pack.measures["m"].model_copy(update={"where": "units IS NULL"}),
    }
    pack = pack.model_copy(update={"measures": {**pack.measures, **more}})
    lines = [row | {"team": "ab"[n % 2]} for n, row in enumerate(many(900))]
    source = Asked.of({"ratio": {"of": "met"}}, lines).opened
    wanted = [Wanted("m", "", upper) for upper in (False, True)]
    wanted += [Wanted("n", name, False) for name in "ab"] + [Wanted("o", "", True)]
    files = []
    for cells in (APART, NEAR, TOGETHER):
        with pytest.MonkeyPatch.context() as patched:
            held_at_most(cells, patched)
            found = evidence_rows.rows_behind(pack, source, AS_OF, {}, wanted, 50)
        assert list(found) == wanted
        files.append([(rows.total, rows.parquet()) for rows in found.values() if rows is not None])
    assert files[0] == files[1] == files[2]
    some = [row for row in lines if (row["units"] or 0) > 1]
    short = [sum(row["team"] == name and not row["met"] for row in some) for name in "ab"]
    unknown = sum(row["units"] is None and row["met"] for row in lines)
    assert [total for total, _ in files[0]] == [600, 300, *short, unknown]
    assert min(short) > 50


TYPED: dict[str, tuple[dict[str, Any], Any]] = {
    "string": ({}, st.sampled_from(["", "a", "é", "\U0001f600", "a b"])),
    "integer": ({}, st.integers(-(2**63), 2**63 - 1)),
    "decimal": ({"scale": 18}, st.decimals(-(10**19), 10**19, places=18)),
    "boolean": ({}, st.booleans()),
    "date": ({}, st.dates()),
    "datetime": ({}, st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2200, 1, 1))),
}  # fmt: skip


@pytest.mark.parametrize("type_", TYPED)
@given(data=st.data(), near=st.booleans())
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
def test_a_first_column_of_any_type_rules_out_no_row_that_is_among_the_first(
    type_: str, data: st.DataObject, near: bool
) -> None:
    clauses, values = TYPED[type_]
    columns = {"first": {"type": type_, "nullable": True, **clauses}, "met": {"type": "boolean"}}
    columns |= {"n": {"type": "integer"}, "day": {"type": "date"}}
    some = data.draw(st.lists(st.none() | values, max_size=4))
    rows = [
        {"first": some[n % len(some)] if some else None, "met": n % 3 == 0, "n": n % 4, "day": DAY}
        for n in data.draw(st.lists(st.integers(0, 50), max_size=16))
    ]
    contracts = {"lines": {"title": "L", "columns": columns, "event": "day"}}
    asked = Asked.of({"ratio": {"of": "met"}}, rows, contracts=contracts)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(evidence_rows, "CELLS", 40 if near else 10**9)
        found = asked.behind(most=3)
        patched.setattr(evidence_rows, "CELLS", 1)
        apart = asked.behind(most=3)
    assert found is not None
    assert apart is not None
    assert (found.total, found.parquet()) == (apart.total, apart.parquet())


def test_rows_that_can_not_be_read_are_none_and_keep_no_others_from_being_read() -> None:
    asked = Asked.of({"ratio": {"of": "met"}}, many(3))

    def fails(frame: pl.DataFrame) -> pl.DataFrame:
        raise pl.exceptions.ComputeError("p-canary")

    asked.opened["lines"].frame = asked.opened["lines"].frame.map_batches(fails)
    pack = asked.pack.model_copy(
        update={
            "measures": {
                **asked.pack.measures,
                "other": asked.pack.measures["m"].model_copy(
                    update={
                        "source": "plans",
                        "ratio": asked.pack.measures["m"].ratio.model_copy(update={"of": "planned > 1"}),
                    }  # type: ignore[union-attr]  # it has one
                ),
            }
        }
    )
    wanted = [Wanted("m", "", False), Wanted("other", "", False)]
    found = evidence_rows.rows_behind(pack, asked.opened, AS_OF, {}, wanted, EVIDENCE_ROWS)
    assert found[wanted[0]] is None
    assert found[wanted[1]] is not None


# Personal columns


def personal(*names: str, of: Mapping[str, Any] = LINES, **more: Any) -> dict[str, Any]:
    columns = {name: {**column, "personal": name in names} for name, column in of["columns"].items()}
    return {**of, "columns": columns, **more}


def hidden(rows: RowsBehind, *secrets: object) -> None:
    """No secret stands in any form of the rows."""
    shown = json.dumps(rows.sample(), ensure_ascii=False, default=str)
    held = repr(pl.read_parquet(BytesIO(rows.parquet())).rows())
    for secret in secrets:
        assert str(secret) not in shown
        assert str(secret) not in held
        assert str(secret).encode() not in rows.parquet()


PEOPLE = [
    {"team": "p-canary", "kind": "k-1", "amount": Decimal("7654.32"), "plan": Decimal("8765.43"), "day": DAY},
    {"team": None, "kind": "k-2", "amount": Decimal(1), "plan": Decimal(2), "day": DAY},
]


def test_personal_columns_are_masked_and_empty_ones_are_not_filled() -> None:
    found = Asked.of(
        {"ratio": {"of": "met IS TRUE"}}, PEOPLE, contracts={"lines": personal("team", "amount")}
    ).rows()
    assert found.frame.select("team", "amount", "kind").rows() == [
        ("***", "***", "k-1"),
        (None, "***", "k-2"),
    ]
    hidden(found, "p-canary", "7654")


def test_personal_columns_are_masked_where_they_are_the_condition() -> None:
    definition = {"ratio": {"of": "team <> 'p-canary'"}}
    found = Asked.of(definition, PEOPLE[:1], contracts={"lines": personal("team")}).rows()
    assert found.frame["team"].to_list() == ["***"]
    hidden(found, "p-canary")


@pytest.mark.parametrize(
    ("author", "reviewer", "due"),
    [
        ("p-1", "p-1", ("*** A", "*** A")),
        ("p-1", "p-2", ("*** A", "*** B")),
        ("p-2", "p-1", ("*** A", "*** B")),
        (None, "p-1", (None, "*** B")),
        (None, None, (None, None)),
    ],
)
def test_whether_two_people_are_the_same_is_told_and_nothing_else(
    author: str | None, reviewer: str | None, due: tuple[str | None, str | None]
) -> None:
    row = {**PEOPLE[0], "team": author, "kind": reviewer}
    found = Asked.of(
        {"ratio": {"of": "(team <> kind AND met) IS TRUE"}},
        [row],
        contracts={"lines": personal("team", "kind", "amount")},
    ).rows()
    assert found.frame.select("team", "kind", "amount").rows() == [(*due, "***")]
    hidden(found, "p-1", "p-2")


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ({"count": "met", "by": "team"}, "'team' is personal, and would be told as the name of each slice"),
        ({"latest": {"who": "team"}}, "'team' is personal, and would be told as a value"),
        ({"latest": {"much": "amount + 1"}}, "'amount' is personal, and would be told as a value"),
        ({"latest": {"same": "team = kind"}}, None),
    ],
)
def test_a_fact_tells_nothing_that_is_personal(definition: dict[str, Any], told: str | None) -> None:
    """Lint refuses it; where the file alone tells which columns there are, the fact is an error."""
    asked = Asked.of(definition, PEOPLE[:1], contracts={"lines": personal("team", "amount")})
    assert [each[1] for each in check_pack(asked.pack)] == ([told] if told else [])
    facts = assemble(asked.pack, asked.opened, AS_OF).facts
    assert {each.reason for each in facts.values() if each.status == "error"} == ({told} if told else set())
    assert "p-canary" not in repr(facts)


def test_a_grain_and_sums_are_masked_where_they_are_personal() -> None:
    definition = {"attainment": {"actual": "amount", "expected": "plan"}, "grain": ["team", "kind"],
                  "where": "team IS NOT NULL"}  # fmt: skip
    found = Asked.of(definition, PEOPLE, contracts={"lines": personal("team", "plan")}).rows()
    assert found.frame.rows() == [("***", "k-1", Decimal("7654.32"), "***")]
    hidden(found, "p-canary", "8765")


@pytest.mark.parametrize("where", ["lines", "plans"])
def test_a_grain_is_masked_where_one_of_two_sources_calls_it_personal(where: str) -> None:
    elsewhere = {"from": "plans", "value": "planned"}
    definition = {"attainment": {"actual": "amount", "expected": elsewhere}, "grain": "team"}
    contracts = {"lines": LINES, "plans": PLANS}
    contracts[where] = personal("team", of=contracts[where])
    plans = [{"team": "p-canary", "planned": Decimal("9999.5")}]
    found = Asked.of(definition, PEOPLE[:1], plans, contracts=contracts).rows()
    assert found.frame.rows() == [("***", Decimal("7654.32"), Decimal("9999.5"))]
    hidden(found, "p-canary")


def test_a_sum_of_another_source_is_masked_where_it_is_personal_there() -> None:
    elsewhere = {"from": "plans", "value": "planned * 2"}
    definition = {"attainment": {"actual": "amount", "expected": elsewhere}, "grain": "team"}
    contracts = {"plans": personal("planned", of=PLANS)}
    plans = [{"team": "p-canary", "planned": Decimal("7777.5")}]
    found = Asked.of(definition, PEOPLE[:1], plans, contracts=contracts).rows()
    assert found.frame.rows() == [("p-canary", Decimal("7654.32"), "***")]
    hidden(found, "15555", "7777")


def test_what_is_derived_from_a_personal_column_is_personal(tmp_path: Path) -> None:
    derive = {"initial": "UPPER(team)", "twice": "LOWER(initial)"}
    contract = personal("team", derive=derive)
    (tmp_path / "lines.csv").write_text(
        "point,team,met,kind,amount,plan,units,rate,day,written\n1.1,p-canary,true,x,1,2,,,2026-03-01,\n"
    )
    definition = {"attainment": {"actual": "amount", "expected": "plan"}, "grain": "twice"}
    found = files_asked(tmp_path, definition, {"lines": contract}).rows()
    assert found.frame.rows() == [("***", Decimal(1), Decimal(2))]
    plain = files_asked(tmp_path, {"ratio": {"of": "NOT met"}}, {"lines": contract}).rows()
    assert plain.frame.columns == list(LINES["columns"])  # derived ones are not shown
    hidden(plain, "p-canary", "P-CANARY")


# From files: every type, converted amounts, hostile texts, and always the same bytes

ALL = {
    "title": "One of each",
    "columns": {
        "id": {"type": "string"},
        "text": TEXT,
        "whole": {"type": "integer", "nullable": True},
        "money": {"type": "decimal", "scale": 18, "nullable": True},
        "share": {"type": "float", "nullable": True},
        "truth": {"type": "boolean", "nullable": True},
        "day": {"type": "date"},
        "moment": {"type": "datetime", "nullable": True},
    },
    "event": "day",
}


def files_asked(folder: Path, definition: Mapping[str, Any], contracts: Mapping[str, Any]) -> Asked:
    """A measure over the CSV files of a folder that are named like its sources, or lie in such a folder."""
    pack = pack_of(definition, contracts)
    files = {
        name: SourceFile(path=f"{name}.csv" if (folder / f"{name}.csv").exists() else f"{name}/*.csv")
        for name in contracts
    }
    read = {name: pack.sources[name] for name in contracts}
    values = parameter_values(pack, AS_OF, {})
    return Asked(pack, open_sources(read, files, folder, AS_OF, values=values))


HOSTILE = ["<script>alert(1)</script>", "]]>", "=1+1", "a|b`c", "::error::x", "\u202eevil", "\u200b."]
HOSTILE += ["é" * 300, "x" * 1_000_000, "-", "***"]


def test_columns_of_every_type_are_kept_and_shown_exactly(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(
        "id,text,whole,money,share,truth,day,moment\n"
        "1,a,-9007199254740993,12345678901234567890.123456789012345678,0.1,false,2026-03-01,2026-03-01T12:34:56\n"
        "2,,,-1000.5,-0.0,,2026-02-28,\n"
        "3,b,100,100,1e22,true,2026-02-28,2026-03-01T00:00:00.000001\n"
    )
    found = files_asked(tmp_path, {"ratio": {"of": "(whole > 100) IS TRUE"}}, {"lines": ALL}).rows()
    assert found.sample() == [
        {
            "id": "1", "text": "a", "whole": "-9007199254740993",
            "money": "12345678901234567890.123456789012345678", "share": "0.1", "truth": "false",
            "day": "2026-03-01", "moment": "2026-03-01 12:34:56",
        },
        {
            "id": "2", "text": "", "whole": "", "money": "-1000.5", "share": "0", "truth": "",
            "day": "2026-02-28", "moment": "",
        },
        {
            "id": "3", "text": "b", "whole": "100", "money": "100", "share": "10000000000000000000000",
            "truth": "true", "day": "2026-02-28", "moment": "2026-03-01 00:00:00.000001",
        },
    ]  # fmt: skip
    held = pl.read_parquet(BytesIO(found.parquet()))
    assert held.equals(found.frame)
    assert held.schema == found.frame.schema
    assert held.schema["money"] == pl.Decimal(38, 18)


def test_hostile_and_long_texts_are_kept_whole_and_shown_in_part(tmp_path: Path) -> None:
    contract = {**ALL, "columns": {"id": {"type": "string"}, "text": TEXT, "day": {"type": "date"}}}
    lines = [f'{n},"{text}",2026-03-01\n' for n, text in enumerate(HOSTILE)]
    (tmp_path / "lines.csv").write_text("".join(["id,text,day\n", *lines]), encoding="utf-8")
    found = files_asked(tmp_path, {"ratio": {"of": "id = '-1'"}}, {"lines": contract}).rows()
    assert sorted(found.frame["text"].to_list()) == sorted(HOSTILE)
    for row in found.sample():
        whole = HOSTILE[int(row["id"])]
        assert row["text"] == (whole if len(whole) <= LONGEST else whole[: LONGEST - 3] + "...")


def test_converted_amounts_are_shown_in_the_currency_that_they_are_in(tmp_path: Path) -> None:
    columns = {"day": {"type": "date"}, "currency": TEXT, "amount": DECIMAL, "team": TEXT}
    lines = {"title": "L", "columns": columns, "event": "day", "currency": "currency",
             "convert": {"to": "USD", "rates": "fx"}}  # fmt: skip
    rates = {
        "title": "R",
        "columns": {
            "on": {"type": "date"},
            "code": {"type": "string"},
            "rate": {"type": "decimal", "scale": 4},
        },
        "rates": {"date": "on", "currency": "code", "rate": "rate", "to": "USD"},
    }
    (tmp_path / "lines.csv").write_text(
        "day,currency,amount,team\n2026-03-01,EUR,100.00,a\n2026-03-01,USD,100.00,b\n2026-03-01,EUR,7,a\n"
    )
    (tmp_path / "fx.csv").write_text("on,code,rate\n2026-01-01,EUR,1.1\n")
    contracts = {"lines": lines, "fx": rates}
    asked = files_asked(tmp_path, {"ratio": {"of": "amount > 105"}}, contracts)
    assert asked.fact().value == Fraction(1, 3)
    found = asked.rows()
    assert found.frame.columns == ["day", "currency", "amount in USD", "team"]
    assert found.frame.rows() == [
        (DAY, "EUR", Decimal("7.7"), "a"),
        (DAY, "USD", Decimal(100), "b"),
    ]
    share = {"share": {"of": "amount > 105", "value": "amount"}}
    assert files_asked(tmp_path, share, contracts).rows().total == 2


PARTS = """
import datetime as dt, hashlib, sys
sys.path[:0] = [{here!r}, {shared!r}]
from test_evidence_rows import *
if {apart}:
    evidence_rows.CELLS = 1
asked = files_asked(Path({folder!r}), {{"ratio": {{"of": "truth IS TRUE"}}}}, {{"lines": ALL}})
rows = asked.behind()
print(rows.total, hashlib.sha256(rows.parquet()).hexdigest())
"""


def write_parts(folder: Path, order: Iterable[int]) -> None:
    (folder / "lines").mkdir(exist_ok=True)
    for place, number in enumerate(order):
        rows = []
        for n in range(number * 4_000, (number + 1) * 4_000):
            zero = ("0.0", "-0.0")[n % 2]
            truth = ("true", "false", "")[n % 3]
            rows.append(f"same,,{n % 7},{n % 13}.5,{zero},{truth},2026-03-0{1 + n % 3},\n")
        text = "".join(["id,text,whole,money,share,truth,day,moment\n", *rows[:: -1 if place % 2 else 1]])
        (folder / "lines" / f"{place}.csv").write_text(text)


@pytest.mark.slow
def test_the_same_rows_give_the_same_bytes_however_they_are_read(tmp_path: Path) -> None:
    """More rows than are kept, many of them alike, in other files and orders, by other threads, apart."""
    seen = set()
    for order, threads, apart in [((0, 1, 2), "1", False), ((2, 0, 1), "7", True), ((1, 2, 0), "2", False)]:
        write_parts(tmp_path, order)
        run = PARTS.format(
            here=str(Path(__file__).parent),
            shared=str(Path(__file__).parents[1] / "shared"),
            apart=apart,
            folder=str(tmp_path),
        )
        done = subprocess.run(
            [sys.executable, "-c", run], capture_output=True, timeout=120, check=True,
            env={**os.environ, "POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": threads},
        )  # fmt: skip
        seen.add(done.stdout)
    assert len(seen) == 1
    assert seen.pop().startswith(b"8000 ")


def test_a_file_of_rows_is_read_back_or_is_none() -> None:
    found = Asked.of({"ratio": {"of": "met"}}, many(600)).behind(most=100)
    assert found is not None
    file = found.parquet()
    assert rows_file(file) == (100, list(LINES["columns"]), found.sample())
    for damaged in (b"", b"PAR1", b"{}", file[:-1], file[: len(file) // 2], file[:-40] + b"x" * 40):
        assert rows_file(damaged) is None
