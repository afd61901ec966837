"""What a case leaves unsaid of its rows: filled in so that the contract is met, always alike."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from case_folder import harvest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.cases.fill import CannotFillError, filled, made_up
from phasegate.rules.cases.model import GivenRow
from phasegate.rules.cases.pattern import text_like
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.pack import Pack

PACK = harvest().pack
DAY = dt.date(2026, 3, 31)
Rows = list[dict[str, object]]


def table(
    source: str, rows: Rows, pack: Pack = PACK, point: str | None = None
) -> list[dict[str, str | None]]:
    return filled(pack, {source: [GivenRow(row) for row in rows]}, DAY, point)[source]


@pytest.mark.parametrize(
    ("source", "row", "expected"),
    [
        (
            "invoices",
            {},
            {
                "invoice": "invoice-1",
                "point": "1.1",
                "day": "2026-03-31",
                "due_on": None,
                "status": "open",
                "amount": "0",
                "customer": "customer-1",
                "region": None,
                "clerk": None,
            },
        ),
        ("invoices", {"due_on": "2026-03-15"}, {"day": "2026-03-15"}),  # as the contract compares them
        ("invoices", {"amount": "a lot", "clerk": None}, {"amount": "a lot", "clerk": None}),
        (
            "deliveries",
            {},
            {"month_start": "2026-03-30", "month_end": "2026-03-30", "ordered": "0", "delivered": None},
        ),
        ("deliveries", {"month_end": "2026-02-28"}, {"month_start": "2026-02-28", "month_end": "2026-02-28"}),
        (
            "ledger",
            {"signed": True},
            {"closed_on": "2026-03-31T00:00:00", "seen_on": "2026-03-31", "signed": "true"},
        ),
        ("letters", {}, {"sent": "false", "weight": None}),
        ("fees", {}, {"day": "2026-03-31", "currency": "EUR", "fee": "0"}),
    ],
)
def test_a_row_is_filled_in_plainly(
    source: str, row: dict[str, object], expected: dict[str, str | None]
) -> None:
    (found,) = table(source, [row])
    assert {name: found[name] for name in expected} == expected
    assert list(found) == list(PACK.sources[source].columns)


def test_the_point_is_that_of_the_case_where_it_is_about_one() -> None:
    assert table("invoices", [{}], point="1.2")[0]["point"] == "1.2"
    assert table("invoices", [{"point": "1.1"}], point="1.2")[0]["point"] == "1.1"


def test_what_tells_rows_apart_is_another_one_in_each() -> None:
    rows = table("invoices", [{"repeat": 20, "row": {"status": "paid"}}, {}])
    assert len({row["invoice"] for row in rows}) == len(rows) == 21
    assert len({row["customer"] for row in table("customers", [{"repeat": 9, "row": {}}])}) == 9


def test_registers_have_what_is_looked_up_in_them_unless_the_case_says_what_they_have() -> None:
    given_rows = {"invoices": [GivenRow({"customer": "c-1"}), GivenRow({"customer": "c-1"}), GivenRow({})]}
    found = filled(PACK, given_rows, DAY)
    assert [row["customer"] for row in found["customers"]] == ["c-1", "customer-3"]
    given_rows["customers"] = [GivenRow({"customer": "c-2"}), GivenRow({"customer": "c-3"})]
    found = filled(PACK, given_rows, DAY)
    assert [row["customer"] for row in found["customers"]] == ["c-2", "c-3"]
    assert [row["customer"] for row in found["invoices"]] == ["c-1", "c-1", "c-2"]


def with_column(column: Column, *, key: bool = False) -> Pack:
    contract = Contract(
        title="t", columns={"c": column, "other": Column(type="string")}, key=("c",) if key else ()
    )
    return PACK.model_copy(update={"sources": {"s": contract}})


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column(type="integer"), ["0", "0"]),
        (Column(type="integer", min=3), ["3", "3"]),
        (Column(type="decimal", max="-5"), ["-5", "-5"]),
        (Column(type="date", max="2026-01-31"), ["2026-01-31", "2026-01-31"]),
        (Column(type="date", min="2027-01-31"), ["2027-01-31", "2027-01-31"]),
        (Column(type="string", allowed=("b", "a")), ["b", "b"]),
        (Column(type="string", pattern="[A-Z]{3}-[0-9]+"), ["AAA-0", "AAA-1"]),
        (Column(type="integer", unique=True), ["1", "2"]),
        (Column(type="string", unique=True, nullable=True), [None, None]),  # several may lack it
        (Column(type="string", unique=True, allowed=("b", "a")), ["b", "a"]),
        (Column(type="boolean"), ["false", "false"]),
    ],
)
def test_a_column_holds_what_its_contract_allows(column: Column, expected: list[str]) -> None:
    rows = table("s", [{}, {}], with_column(column))
    assert [row["c"] for row in rows] == expected


def keyed(key: tuple[str, ...], **columns: Column) -> Pack:
    contract = Contract(title="t", columns=columns, key=key)
    return PACK.model_copy(update={"sources": {"s": contract}})


WORD, OR_NONE = Column(type="string"), Column(type="string", nullable=True)


@pytest.mark.parametrize(
    ("pack", "expected"),
    [
        # A missing value is one of a key as any other: it stays empty where rows are told apart anyway.
        (keyed(("a", "b"), a=WORD, b=OR_NONE), [("a-1", None), ("a-2", None)]),
        (keyed(("a", "b"), a=OR_NONE, b=OR_NONE), [("a-1", "b-1"), ("a-2", "b-2")]),
        (keyed(("a",), a=OR_NONE, b=OR_NONE), [("a-1", None), ("a-2", None)]),
    ],
)
def test_of_a_key_only_what_tells_rows_apart_is_filled_in(
    pack: Pack, expected: list[tuple[str, str]]
) -> None:
    assert [(row["a"], row["b"]) for row in table("s", [{}, {}], pack)] == expected


def test_a_row_belongs_to_the_row_of_a_register_that_has_what_is_given() -> None:
    assert looked_up("word", [{"who": "b"}, {}, {"kind": "x"}, {"who": "z"}]) == [
        ("b", "y"),
        ("b", "y"),
        ("a", "x"),
        ("z", "y"),  # nobody knows it, which the contract tells
    ]


def test_what_may_be_empty_is_not_looked_up_unless_something_is_given() -> None:
    assert looked_up("nullable", [{}, {"kind": "y"}]) == [(None, None), ("b", "y")]


def looked_up(who: str, rows: Rows) -> list[tuple[str | None, str | None]]:
    """Rows that belong to a person of a kind, of whom two are given."""
    own = OR_NONE if who == "nullable" else WORD
    people = Contract(title="p", columns={"name": WORD, "kind": WORD})
    contract = Contract(
        title="t",
        columns={"who": own, "kind": OR_NONE},
        belongs_to={"people": {"who": "name", "kind": "kind"}},
    )
    pack = PACK.model_copy(update={"sources": {"people": people, "s": contract}})
    known = [GivenRow({"name": "a", "kind": "x"}), GivenRow({"name": "b", "kind": "y"})]
    found = filled(pack, {"people": known, "s": [GivenRow(row) for row in rows]}, DAY)["s"]
    return [(row["who"], row["kind"]) for row in found]


def test_days_that_are_the_whole_key_are_different_ones() -> None:
    rows = table("s", [{}, {}], with_column(Column(type="date"), key=True))
    assert [row["c"] for row in rows] == ["2026-03-31", "2026-03-30"]


def test_a_pattern_that_is_not_understood_is_said_to_need_a_value() -> None:
    with pytest.raises(CannotFillError, match="'c'"):
        table("s", [{}], with_column(Column(type="string", pattern="(a|b)+(?=c)")))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[A-Z]{3}", ["AAA", "AAB"]),
        ("[1-4][.][12][.][1-3]", ["1.1.1", "1.1.2"]),
        (r"INV-\d{4}", ["INV-0000", "INV-0001"]),
        (r"\w+x?", ["a", "b"]),
        ("a+b*", ["a", "a"]),
        ("[^a]", [None, None]),
        ("(a|b)", [None, None]),
        ("", [None, None]),
    ],
)
def test_texts_like_a_pattern(pattern: str, expected: list[str | None]) -> None:
    assert [text_like(pattern, number) for number in range(2)] == expected


@given(st.text(st.sampled_from("abAB09[]{}()|.*+?^$\\-,d"), max_size=12), st.integers(0, 1000))
def test_whatever_is_made_up_matches_its_pattern(pattern: str, number: int) -> None:
    made = text_like(pattern, number)
    assert made is None or re.fullmatch(pattern, made)


def test_what_was_made_up_of_columns_that_are_read_is_told() -> None:
    rows = {"invoices": [GivenRow({"point": "1.1"}), GivenRow({"status": "paid", "point": "1.1"})]}
    assert made_up(PACK, rows, DAY, None, ["invoices.paid"]) == [
        "invoices.day: 2026-03-31",
        "invoices.status: open",
    ]
    assert made_up(PACK, rows, DAY, None, ["invoices.value"]) == [
        "invoices.day: 2026-03-31",
        "invoices.amount: 0",
    ]
    assert made_up(PACK, {"customers": []}, DAY, None, ["calls.share"]) == []
