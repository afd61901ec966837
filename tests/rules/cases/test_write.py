"""A case that is written is read as the same case."""

from __future__ import annotations

import datetime as dt

from case_folder import harvest, valid_cases
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.cases.load import read_cases
from phasegate.rules.cases.model import Case, Expectation, GivenRow
from phasegate.rules.cases.write import case_text

PACK = harvest().pack
TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20)
HARD = st.sampled_from(
    [
        "true",
        "No",
        "null",
        "~",
        "1",
        "007",
        "1e3",
        "0x1F",
        ".5",
        "- a",
        "a: b",
        "#",
        "{",
        "2026-01-31",
        " a ",
        "'",
        '"',
        "18 of 20",
    ]
)


def read_again(case: Case) -> Case:
    return read_cases(PACK, {"c.yaml": case_text(case, "a case").encode()})[0].case


@given(st.lists(st.one_of(TEXTS, HARD, st.none(), st.booleans(), st.integers(-(10**9), 10**9)), max_size=4))
def test_cells_are_read_as_they_were_written(cells: list[str | int | bool | None]) -> None:
    rows = tuple(GivenRow({"region": cell, "status": "paid"}) for cell in cells)
    case = Case(
        name="n",
        as_of=dt.date(2026, 3, 31),
        given={"invoices": rows},
        expect=Expectation(points={"1.1": "unknown"}),
    )
    again = read_again(case)
    found = [row.cells["region"] for row in again.given["invoices"] for _ in range(row.times)]
    assert [
        str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in found
    ] == [str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in cells]


def test_rows_that_are_equal_and_not_the_same_stay_apart() -> None:
    rows = tuple(GivenRow({"region": cell, "status": "paid"}) for cell in (False, 0, 0, 1, True))
    expect = Expectation(points={"1.1": "unknown"})
    again = read_again(
        Case(name="n", as_of=dt.date(2026, 3, 31), given={"invoices": rows}, expect=expect)
    ).given["invoices"]
    assert (
        repr([(row.cells["region"], row.times) for row in again]) == "[(False, 1), (0, 2), (1, 1), (True, 1)]"
    )


def test_whole_cases_are_read_as_they_were_written() -> None:
    for each in valid_cases():
        if not (each.case.waivers or each.case.attested or each.case.control):
            case = each.case.model_copy(update={"as_of": each.as_of, "parameters": {}})
            again = read_again(case)
            assert again.expect == case.expect
            assert [row.cells for rows in again.given.values() for row in rows for _ in range(row.times)] == [
                row.cells for rows in case.given.values() for row in rows for _ in range(row.times)
            ]
