"""Contracts that rows break: which clause, how many rows, which ones, and nothing personal."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)


def state_of(root: Path, contract: Contract, text: str, **file: Any) -> SourceState:
    (root / "f.csv").write_text(text)
    source = open_source("costs", contract, SourceFile(path="f.csv", **file), root, AS_OF)
    return source.settle(numbers(pl.collect_all(list(source.checks), engine="streaming")))


def contract_of(column: dict[str, Any], **more: Any) -> Contract:
    return Contract(title="a row", columns={"value": Column(**column)}, **more)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("column", "good", "bad", "clause"),
    [
        ({"type": "string"}, ["a"], [""], "value: not null"),
        (
            {"type": "integer"},
            ["1", "-7", "+7", "1.0", "-0.0", "12.00", "5.0000"],
            ["x", "1.5", "1.000", "1.", "1e3", "1.0e0", " 1", "9223372036854775808"],
            "value: integer",
        ),
        (
            {"type": "decimal"},
            ["1", "-.5", "1e2", "12345678901234567890123456789.123456789"],
            ["x", "NaN", "inf", "1,5", "1_000", " 1", "123456789012345678901234567890", "0x1"],
            "value: decimal",
        ),
        (
            {"type": "decimal", "scale": 2},
            ["1.5", "1.500", "1.50000000000", "15e-1"],
            ["1.505", "1.0000000001", "1e-3", "-0.001"],
            "value: at most 2 digits after the point",
        ),
        (
            {"type": "float"},
            ["1", "1e-7", "1e15", "0.1234567890123456789", "-0", "+5", ".5", "5.", "5E+3"],
            ["x", "1,5", "1e300", "1e400", "1_000", " 5", "5 ", "\u0663", "0x10", "5e", "--5", "1e-1e"],
            "value: float",
        ),
        ({"type": "float"}, ["1"], ["NaN", "inf", "-inf", "+Infinity"], "value: finite"),
        ({"type": "boolean"}, ["true", "FALSE", "True", "0", "1"], ["yes", "2", "t"], "value: boolean"),
        (
            {"type": "date"},
            ["2026-01-31", "2024-02-29", "2026-01-31 00:00:00", "2026-01-31T23:59:59.123+02:00"],
            [
                "2026-02-29",
                "31.01.2026",
                "2026-1-1",
                "20260131",
                "0024-01-01",
                "2026-01-31 25:00:00",
                "2026-01-31x",
                "2026-01-31T00:00:00ZZ",
                "46053",
            ],
            "value: date",
        ),
        (
            {"type": "datetime"},
            [
                "2026-01-31 10:00:00",
                "2026-01-31T10:00:00Z",
                "2026-01-31",
                "2026-01-31 10:00",
                "2026-01-31T10:00:00.123456+00:00",
                "2026-01-31T10:00:00+02:00",
            ],
            ["noon", "2026-01-31 24:00:01", "2026-01-31T10:00:00+15:00", "2026-1-31 1:00:00"],
            "value: datetime",
        ),
        ({"type": "integer", "min": 0, "max": 5}, ["0"], ["-1"], "value: at least 0"),
        ({"type": "decimal", "max": "0.1"}, ["0.1", "0.10"], ["0.100000001"], "value: at most 0.1"),
        ({"type": "date", "min": "2026-01-01"}, ["2026-01-01"], ["2025-12-31"], "value: at least 2026-01-01"),
        ({"type": "date", "past": True}, ["2026-03-31"], ["2026-04-01"], "value: not after 2026-03-31"),
        (
            {"type": "datetime", "past": True},
            ["2026-03-31 23:59:59"],
            ["2026-04-01 00:00:00"],
            "value: not after 2026-03-31",
        ),
        ({"type": "string", "allowed": ("a", "b")}, ["a", "b"], ["A", "ab"], "value: one of a, b"),
        ({"type": "decimal", "allowed": ("1.5",)}, ["1.5", "1.50"], ["1.6"], "value: one of 1.5"),
        ({"type": "string", "pattern": "a|b"}, ["a"], ["ab", "xa", "a b"], "value: like a|b"),
    ],
)
def test_each_clause_counts_and_shows_the_rows_that_break_it(
    tmp_path: Path, column: dict[str, Any], good: list[str], bad: list[str], clause: str
) -> None:
    quoted = [f'"{value}"' for value in [*good, *bad]]
    kept = state_of(tmp_path, contract_of(column), "\n".join(["value", *quoted[: len(good)], ""]))
    assert (kept.status, kept.reason) == ("ok", "")
    state = state_of(tmp_path, contract_of(column), "\n".join(["value", *quoted, ""]))
    assert (state.status, len(state.breaches)) == ("error", 1)
    (breach,) = state.breaches
    assert (breach.clause, breach.rows) == (clause, len(bad))
    first = len(good) + 1
    assert [row["row"] for row in breach.sample] == [str(first + n) for n in range(len(bad))][:5]
    assert [row["value"] for row in breach.sample] == bad[:5]
    assert [cell.line for cell in breach.cells] == [first + n + 1 for n in range(len(bad))][:5]
    assert [cell.value or "" for cell in breach.cells] == bad[:5]
    assert {(cell.file, cell.column) for cell in breach.cells} == {("f.csv", "value")}
    assert breach.hint
    assert (
        state.reason.partition("; ")[0]
        == f"{len(bad):,} {'row breaks' if len(bad) == 1 else 'rows break'} the contract: {clause}"
    )


def test_a_null_date_is_a_breach_even_where_the_column_may_be_empty(tmp_path: Path) -> None:
    contract = contract_of({"type": "date", "nullable": True}, event="value")
    state = state_of(tmp_path, contract, "value,x\n2026-01-01,a\n,b\nsoon,c\n2027-01-01,d\n")
    assert [(breach.clause, breach.rows) for breach in state.breaches] == [
        ("value: not null", 1),
        ("value: date", 1),
    ]
    assert (state.rows, state.rows_in_force) == (4, 3)


def test_a_point_is_no_decimal_sign_where_the_comma_is(tmp_path: Path) -> None:
    contract = contract_of({"type": "decimal", "scale": 2})
    state = state_of(
        tmp_path, contract, 'value;x\n"1.234";a\n1,5;b\n1.234,5;c\n', separator=";", decimal_comma=True
    )
    assert [(breach.clause, breach.rows) for breach in state.breaches] == [("value: decimal", 2)]


@pytest.mark.parametrize("number", ["0.1234567890123456789", "12345678901234567890.0000000000000000001"])
def test_a_json_number_with_more_digits_than_it_keeps_is_a_breach(tmp_path: Path, number: str) -> None:
    contract = contract_of({"type": "decimal", "scale": 18})
    text = f'{{"value": 123456789012.345}}\n{{"value": 1234567890123456789}}\n{{"value": {number}}}\n'
    (tmp_path / "f.ndjson").write_text(text)
    source = open_source("costs", contract, SourceFile(path="f.ndjson"), tmp_path, AS_OF)
    state = source.settle(numbers(pl.collect_all(list(source.checks), engine="streaming")))
    assert [breach.rows for breach in state.breaches] == [1]


def test_a_null_text_is_null_and_not_unreadable(tmp_path: Path) -> None:
    contract = contract_of({"type": "decimal"})
    state = state_of(tmp_path, contract, "value,x\nNULL,a\n1,b\n", null_values=("NULL",))
    assert [(breach.clause, breach.rows) for breach in state.breaches] == [("value: not null", 1)]


def test_rows_with_the_same_key_are_a_breach(tmp_path: Path) -> None:
    contract = Contract(
        title="a row",
        key=("team", "month"),
        columns={
            "team": Column(type="string", nullable=True),
            "month": Column(type="integer"),
            "owner": Column(type="string", personal=True, unique=True, nullable=True),
        },
    )
    good = "team,month,owner\na,1,x\nb,1,y\na,2,u\nb,2,v\n,4,w\n"
    assert state_of(tmp_path, contract, good).status == "ok"
    state = state_of(tmp_path, contract, good.replace(",4,w", "a,1,z") + ",3,y\n,3,\n")
    assert [(breach.clause, breach.rows) for breach in state.breaches] == [
        ("key team, month: unique", 4),
        ("owner: unique", 2),
        ("key team, month: unique, and nowhere empty", 2),
        ("owner: unique, and nowhere empty", 1),
    ]
    key, owner, *unlike = state.breaches
    assert [[row["row"] for row in each.sample] for each in unlike] == [["6", "7"], ["7"]]
    assert [row["row"] for row in key.sample] == ["1", "5", "6", "7"]
    assert owner.sample == (
        {"row": "2", "owner": "***", "team": "b", "month": "1"},
        {"row": "6", "owner": "***", "team": "", "month": "3"},
    )


def test_personal_values_are_masked_where_they_are_the_fault(tmp_path: Path) -> None:
    contract = contract_of({"type": "string", "personal": True, "pattern": "p[0-9]+"})
    state = state_of(tmp_path, contract, "value\nAda Lovelace\n")
    assert state.breaches[0].sample == ({"row": "1", "value": "***"},)
    assert "Ada" not in repr(state)


def test_rows_after_as_of_break_nothing(tmp_path: Path) -> None:
    contract = Contract(
        title="a row",
        event="day",
        key=("day",),
        columns={"day": Column(type="date"), "value": Column(type="integer", min=0)},
    )
    text = "day,value\n2026-01-01,1\n2026-04-01,-1\n2026-04-01,x\n"
    assert state_of(tmp_path, contract, text).status == "ok"


@pytest.mark.parametrize(
    ("contract", "reason"),
    [
        (
            contract_of({"type": "string"}, event="day"),
            "event names 'day', which is no column of the contract",
        ),
        (contract_of({"type": "string"}, event="value"), "event names 'value', which is no date but string"),
        (contract_of({"type": "string"}, key=("id",)), "key names 'id', which is no column of the contract"),
        (contract_of({"type": "string", "pattern": "("}), "column 'value': '(' is no pattern"),
        (contract_of({"type": "integer", "pattern": "1"}), "column 'value': a pattern belongs to texts"),
        (contract_of({"type": "integer", "past": True}), "column 'value': 'past' belongs to dates"),
        (
            contract_of({"type": "string", "min": "a"}),
            "column 'value': min and max belong to numbers and dates",
        ),
        (contract_of({"type": "integer", "min": "x"}), "column 'value': 'x' is no integer"),
        (
            contract_of({"type": "decimal", "scale": 1, "max": "0.25"}),
            "'0.25' has more digits than its scale, 1, keeps",
        ),
        (contract_of({"type": "date", "max": "soon"}), "column 'value': 'soon' is no date"),
        (contract_of({"type": "string"}, derive={"d": {"business_days_since": "value"}}), "no date column"),
        (
            contract_of({"type": "date"}, derive={"d": {"business_days_after": "value", "days": ":n"}}),
            "derived column 'd': the parameter :n has no number of days in this run",
        ),
        (contract_of({"type": "date"}, derive={"d": "now()"}), "derived column 'd': "),
        (contract_of({"type": "date"}, derive={"d": "value <"}), "derived column 'd': "),
    ],
)
def test_a_contract_that_no_data_could_meet_is_an_error_not_a_pass(
    tmp_path: Path, contract: Contract, reason: str
) -> None:
    (tmp_path / "f.csv").write_text("value\n")
    source = open_source("costs", contract, SourceFile(path="f.csv"), tmp_path, AS_OF)
    assert source.frame is None
    state = source.settle({})
    assert state.status == "error"
    assert reason in state.reason


def test_many_broken_rows_are_counted_and_few_are_kept(tmp_path: Path) -> None:
    state = state_of(
        tmp_path, contract_of({"type": "integer", "unique": True}), "value\n" + "x\n1\n" * 20_000
    )
    assert [(breach.clause, breach.rows, len(breach.sample)) for breach in state.breaches] == [
        ("value: integer", 20_000, 5),
        ("value: unique", 20_000, 5),
    ]


def test_what_judges_contracts_in_tests_is_not_imported_otherwise(tmp_path: Path) -> None:
    script = (
        "import sys, datetime as dt, polars as pl\n"
        "from pathlib import Path\n"
        "from phasegate.facts.sources.source import numbers\n"
        "from phasegate.facts.sources.open import open_source\n"
        "from phasegate.rules.model.contract import Column, Contract\n"
        "from phasegate.rules.model.project import SourceFile\n"
        "column = Column(type='decimal', min='0', allowed=('1',))\n"
        "contract = Contract(title='t', columns={'value': column})\n"
        "for name, status in (('f', 'ok'), ('g', 'error')):\n"
        "    file = SourceFile(path=f'{name}.csv')\n"
        "    s = open_source('s', contract, file, Path(sys.argv[1]), dt.date(2026, 1, 1))\n"
        "    assert s.settle(numbers(pl.collect_all(list(s.checks)))).status == status\n"
        "print(sorted({'dataframely', 'numpy', 'durable'} & sys.modules.keys()))\n"
    )
    (tmp_path / "f.csv").write_text("value\n1\n")
    (tmp_path / "g.csv").write_text("value\n-1\n")
    found = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
