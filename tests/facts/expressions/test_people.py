"""Ids of people: alike to a reader is neither the same nor different."""

from __future__ import annotations

import itertools
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.expressions.expression import Kind, Scope, add_columns, parse
from phasegate.facts.expressions.people import FEW, folded_ids
from phasegate.rules.values.folding import folded

SCOPE = Scope(
    "t",
    {
        "fin": Kind("string", personal=True), "dev": Kind("string", personal=True), "name": Kind("string"),
        "ok": Kind("boolean", nullable=False), "n": Kind("integer", personal=True),
    },
)  # fmt: skip
SCHEMA = {
    "fin": pl.String(), "dev": pl.String(), "name": pl.String(), "ok": pl.Boolean(), "n": pl.Int64(),
}  # fmt: skip


def of(sql: str, **row: Any) -> Any:
    """What an expression yields in a row."""
    frame = pl.LazyFrame([{**dict.fromkeys(SCHEMA), "ok": True, **row}], schema=SCHEMA)
    found = add_columns(frame, {"found": parse(sql, SCOPE)}, {}).collect(engine="streaming")
    assert found.columns == [*SCHEMA, "found"]
    return found["found"][0]


ALIKE = [
    ("F-101", "f-101"), ("josé", "jose\u0301"), ("f-101", "f\u200b-101"), ("f-101", "\u2060f-101"),
    ("ｆ-101", "f-101"), ("straße", "STRASSE"), ("f-101", "f-101\u00ad"), ("ﬁn", "FIN"), ("Σας", "σασ"),
    ("f 1", "f\u00a01"), ("x", "\ufeffX"), ("a", "\u0430"), ("f-101", "f\u2013101"),
]  # fmt: skip
OTHERS = [("f-101", "f-102"), ("f-101", "f101"), ("jose", "josé"), ("o", "0"), ("l", "1"), ("d", "\u0434")]


@pytest.mark.parametrize(("one", "other"), ALIKE, ids=map(ascii, ALIKE))
def test_what_only_seems_to_be_the_same_is_undetermined(one: str, other: str) -> None:
    for fin, dev in ((one, other), (other, one)):
        for sql in ("fin = dev", "fin <> dev", "fin = name", "NOT (name = fin)", "name <> fin"):
            assert of(sql, fin=fin, dev=dev, name=dev) is None, sql


@pytest.mark.parametrize(("one", "other"), OTHERS, ids=map(ascii, OTHERS))
def test_others_are_others(one: str, other: str) -> None:
    assert (of("fin = dev", fin=one, dev=other), of("fin <> dev", fin=one, dev=other)) == (False, True)


CASES = [
    ("fin <> dev", {"fin": "a", "dev": "a"}, False),
    ("fin <> dev", {"fin": "a"}, None),
    ("fin = 'F-1'", {"fin": "f-1"}, None),
    ("fin = 'F-1'", {"fin": "F-1"}, True),
    ("'F-1' <> fin", {"fin": "f-1"}, None),
    ("fin IN ('a', 'B')", {"fin": "b"}, None),
    ("fin IN ('a', 'B')", {"fin": "a"}, True),
    ("fin NOT IN ('a', 'B')", {"fin": "c"}, True),
    ("fin NOT IN ('a', 'B')", {"fin": "A"}, None),
    ("fin IN ('a', 'A')", {"fin": "a"}, True),
    ("fin LIKE 'bot-%'", {"fin": "BOT-1"}, None),
    ("fin NOT LIKE 'bot-%'", {"fin": "BOT-1"}, None),
    ("fin NOT LIKE 'bot-%'", {"fin": "f-1"}, True),
    ("COALESCE(fin, dev) = name", {"dev": "A", "name": "a"}, None),
    ("CASE WHEN ok THEN fin ELSE dev END <> name", {"fin": "A", "name": "a"}, None),
    ("CASE WHEN name = 'X' THEN fin ELSE dev END <> 'a'", {"name": "x", "fin": "a", "dev": "A"}, None),
    ("CASE fin WHEN 'a' THEN 1 ELSE 2 END", {"fin": "A"}, None),
    ("CASE fin WHEN 'a' THEN 1 ELSE 2 END", {"fin": "b"}, 2),
    ("NULLIF(fin, dev) IS NULL", {"fin": "A", "dev": "b"}, False),
    ("NULLIF(fin, dev)", {"fin": "A", "dev": "a"}, None),
    ("fin < dev OR fin > dev", {"fin": "A", "dev": "a"}, None),
    ("fin < dev OR fin > dev", {"fin": "a", "dev": "b"}, True),
    ("fin >= dev AND fin <= dev", {"fin": "A", "dev": "a"}, None),
    ("NOT (fin BETWEEN dev AND dev)", {"fin": "A", "dev": "a"}, None),
    ("fin BETWEEN 'a' AND 'c'", {"fin": "b"}, True),
    ("fin > fin", {"fin": "A"}, False),
    ("LEAST(fin, dev) = LEAST(dev, name)", {"fin": "A", "dev": "b", "name": "a"}, None),
    ("LOWER(fin) <> LOWER(dev)", {"fin": "F-1", "dev": "f-1"}, False),
    ("LOWER(fin) <> LOWER(dev)", {"fin": "F-1", "dev": "f-\u200b1"}, None),
    ("UPPER(TRIM(fin)) = 'F-1'", {"fin": "f-1"}, True),
    ("SPLIT_PART(fin, '@', 1) = dev", {"fin": "Ann@x", "dev": "ann"}, None),
    ("SUBSTR(fin, 1, 3) <> SUBSTR(dev, 1, 3)", {"fin": "Ann@x", "dev": "ann@y"}, None),
    ("REPLACE(fin, 'X-', '') = dev", {"fin": "x-1", "dev": "1"}, None),
    ("(fin <> dev) IS TRUE", {"fin": "A", "dev": "a"}, False),
    ("fin = fin", {"fin": "A"}, True),
    ("name = 'A'", {"name": "a"}, False),
    ("n = 1", {"n": 1}, True),
    ("CAST(n AS VARCHAR) = fin", {"n": 1, "fin": "\uff11"}, None),
]


@pytest.mark.parametrize(("sql", "row", "expected"), CASES, ids=[f"{case[0]} {case[1]!a}" for case in CASES])
def test_comparisons(sql: str, row: dict[str, Any], expected: Any) -> None:
    assert of(sql, **row) == expected


@pytest.mark.parametrize(
    ("sql", "people"),
    [
        ("fin = dev", ("dev", "fin")),
        ("fin = name", ("fin", "name")),
        ("fin IS NOT NULL", ()),
        ("name = 'x'", ()),
    ],
)
def test_only_what_is_compared_is_folded(sql: str, people: tuple[str, ...]) -> None:
    assert parse(sql, SCOPE).people == people


def test_a_comparison_of_people_may_be_null_where_no_cell_is_empty() -> None:
    filled = Scope("t", {name: Kind("string", nullable=False, personal=True) for name in ("fin", "dev")})
    found = parse("fin <> dev", filled)
    assert (found.nullable, found.deciding) == (True, ())
    assert found.otherwise == ("ids of people that only seem to be the same",)


def test_a_derived_id_is_one_too() -> None:
    kind = parse("COALESCE(fin, dev)", SCOPE).kind
    assert kind.personal
    assert not parse("LENGTH(fin)", SCOPE).kind.personal
    assert not parse("CASE WHEN fin = dev THEN 'one' ELSE 'two' END", SCOPE).kind.personal


ids = st.text(st.sampled_from("aAbBßéÉe\u0301\u200b\u00ad ｆFΣς-1İi\x1c"), max_size=5)


@given(texts=st.lists(ids | st.text(max_size=5), max_size=8))
@settings(max_examples=examples(200), deadline=None)
def test_columns_and_literals_are_folded_alike(texts: list[str]) -> None:
    expected = [folded(text) for text in texts]
    for more in ([], [""] * FEW):  # few are looked at one by one, many by polars
        frame = pl.LazyFrame({"t": [*texts, *more]}, schema={"t": pl.String})
        assert frame.select(folded_ids(pl.col("t"))).collect()["t"].to_list() == [*expected, *more]


@given(texts=st.lists(ids.filter(lambda text: bool(folded(text))), min_size=2, max_size=4))
@settings(max_examples=examples(100), deadline=None)
def test_kleene(texts: list[str]) -> None:
    pairs = list(itertools.product(texts, texts))
    frame = pl.LazyFrame([{**dict.fromkeys(SCHEMA), "fin": a, "dev": b} for a, b in pairs], schema=SCHEMA)
    wanted = {"same": parse("fin = dev", SCOPE), "apart": parse("fin <> dev", SCOPE)}
    found = add_columns(frame, wanted, {}).collect().select("same", "apart").rows()
    for (fin, dev), (same, apart) in zip(pairs, found, strict=True):
        assert same is (True if fin == dev else None if folded(fin) == folded(dev) else False)
        assert apart is (None if same is None else not same)
