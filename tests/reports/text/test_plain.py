"""Text stays text, and sentences read as sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.reports.text.plain import (
    HELD,
    counted,
    encodable,
    held,
    listed,
    released,
    some,
    visible,
)


@given(st.text())
def test_visible_text_is_printable_and_no_longer(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert len(shown) == len(text)


@given(st.text())
def test_spaces_that_hold_together_are_spaces_again(text: str) -> None:
    assert released(held(visible(text))) == visible(text)


def test_quantities_do_not_break() -> None:
    text = "at 95 % of 17.3 M USD or 5,000.10 EUR, in 31 days, 5 MORE"
    assert held(text).replace(HELD, "_") == "at 95_% of 17.3_M_USD or 5,000.10_EUR, in 31 days, 5 MORE"


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("✗ FAIL ≥ 95 %", "utf-8", "✗ FAIL ≥ 95 %"),
        ("✗ FAIL ≥ 95 %", "ascii", "x FAIL >= 95 %"),
        ("✓ Zürich", "latin-1", "+ Zürich"),
        ("✓ 数", None, "+ ?"),
    ],
)
def test_signs_have_an_ascii_form(text: str, encoding: str | None, shown: str) -> None:
    assert encodable(text, encoding) == shown


def test_words() -> None:
    assert [counted(1, "row"), counted(1000, "row"), counted(0, "criterion", "criteria")] == [
        "1 row",
        "1,000 rows",
        "0 criteria",
    ]
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")] == [
        "",
        "a",
        "a and b",
        "a, b or c",
    ]
    assert some(["a", "b", "c"], 2) == "a, b and 1 more"
