"""The second look at a CSV file's bytes finds what polars lets pass, and nothing else."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.sources.formats.csv.structure import Structure

CELLS = st.text(alphabet='ab,;"\n é', max_size=6)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str]:
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6))
    text = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(text, lineterminator=ending, quoting=quoting).writerows(rows)
    written = text.getvalue()
    return rows, written.removesuffix(ending) if draw(st.booleans()) else written


def fault_of(text: str, fields: int, sizes: list[int]) -> str | None:
    data = text.encode()
    structure = Structure(fields, ",", '"')
    at = 0
    for size in sizes:
        if chunk := data[at : at + size]:
            structure.see(chunk)
        at += size
    if data[at:]:
        structure.see(data[at:])
    return structure.fault()


SIZES = st.lists(st.integers(1, 9), max_size=20)


@settings(max_examples=examples(300), deadline=None)
@given(tables(), SIZES)
def test_a_whole_table_has_no_fault_however_it_is_cut_into_chunks(
    table: tuple[list[list[str]], str], sizes: list[int]
) -> None:
    rows, text = table
    assert fault_of(text, len(rows[0]), sizes) is None


@settings(max_examples=examples(300), deadline=None)
@given(tables(), SIZES, st.data())
def test_a_line_with_another_number_of_fields_is_a_fault(
    table: tuple[list[list[str]], str], sizes: list[int], data: st.DataObject
) -> None:
    rows, _ = table
    fields = len(rows[0])
    broken = data.draw(st.integers(0, len(rows) - 1))
    other = data.draw(st.sampled_from([fields - 1, fields + 1]))
    rows[broken] = (rows[broken] + ["x"])[:other] if other > fields else rows[broken][:other]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    assert fault_of(text.getvalue(), fields, sizes) is not None


@settings(max_examples=examples(300), deadline=None)
@given(tables(), SIZES)
def test_a_quote_that_is_never_closed_is_a_fault(
    table: tuple[list[list[str]], str], sizes: list[int]
) -> None:
    rows, text = table
    if not text.endswith("\n"):
        text += "\n"
    assert fault_of(text + '"', len(rows[0]), sizes) == "ends inside a quoted text"
