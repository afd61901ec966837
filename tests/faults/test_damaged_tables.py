"""However a table is damaged, the gate opens only where a plain reading of it says so."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from fractions import Fraction

import pytest
from broken import TODAY, Harbour
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sizes import examples

HEADER = ["invoice", "day", "amount", "currency", "status"]
AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,2})?")
DAYS = st.sampled_from(["2026-03-01", "2026-03-31", "2026-04-01", "2026-02-29", "", "01.03.2026", "2026-3-1"])
AMOUNTS = st.sampled_from(
    ["100.00", "1", "0.01", "-5.00", "0", "1900", "", "NaN", "inf", "1.001", "1,5", "abc", "1" + "0" * 18]
)
CURRENCIES = st.sampled_from(["EUR", "EUR", "EUR", "EUR", "USD", ""])
STATUSES = st.sampled_from(["paid", "paid", "paid", "open", "", "PAID", " paid", 'pa"id', "pa,id", "pa\nid"])


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A table whose rows are mostly sound: at most a few cells or rows of it are damaged."""
    count = draw(st.integers(0, 40))
    open_ = draw(st.integers(0, 3))
    rows = [[f"F-{n}", "2026-03-01", "100.00", "EUR", "open" if n < open_ else "paid"] for n in range(count)]
    for _ in range(draw(st.integers(0, 3)) if rows else 0):
        row = draw(st.integers(0, len(rows) - 1))
        damage = draw(st.integers(0, 7))
        if damage < 4:
            rows[row][1 + damage] = draw((DAYS, AMOUNTS, CURRENCIES, STATUSES)[damage])
        elif damage == 4:
            rows.append(list(rows[row]))
        elif damage == 5:
            rows[row] = rows[row][:-1]
        elif damage == 6:
            rows[row] = [*rows[row], "more"]
        else:
            rows[row][0] = ""
        if len(rows[row]) != len(HEADER):
            break
    return rows


def expected(rows: list[list[str]]) -> int:
    """The exit code by a plain reading: 0 or 1 by the share of paid amounts, 3 where it can not be told."""
    sound: list[tuple[Fraction, bool]] = []
    names, currencies = set(), set()
    for row in rows:
        if len(row) != 5:
            return 3
        name, day, amount, currency, status = row
        try:
            date = dt.date.fromisoformat(day)
        except ValueError:
            return 3
        if date > TODAY:  # it has not happened yet: nothing in it is looked at but its day
            continue
        if not all(row) or name in names or not AMOUNT.fullmatch(amount):
            return 3
        names.add(name)
        currencies.add(currency)
        sound.append((Fraction(amount), status == "paid"))
    whole = sum(amount for amount, _ in sound)
    paid = sum(amount for amount, is_paid in sound if is_paid)
    if not sound or len(currencies) != 1 or whole <= 0 or not 0 <= paid <= whole:
        return 3
    return 0 if paid * 100 >= whole * 95 else 1


SOUND = ["F-1", "2026-03-01", "100.00", "EUR", "paid"]
TOMORROW = {
    "no number": ["F-2", "2026-04-01", "abc", "EUR", "open"],
    "NaN": ["F-2", "2026-04-01", "NaN", "EUR", "open"],
    "too many digits": ["F-2", "2026-04-01", "1.001", "EUR", "open"],
    "nothing": ["F-2", "2026-04-01", "", "", ""],
    "another currency": ["F-2", "2026-04-01", "100.00", "USD", "open"],
    "a key that is taken": ["F-1", "2026-04-01", "100.00", "EUR", "open"],
    "no key": ["", "2026-04-01", "100.00", "EUR", "open"],
}


def told(harbour: Harbour, rows: list[list[str]]) -> tuple[int, str]:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *rows])
    harbour.write("invoices.csv", text.getvalue())
    result = harbour.run("gate", "1", "--no-ledger")
    return result.exit_code, result.output


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", TOMORROW)
def test_what_is_unreadable_in_a_row_after_as_of_is_no_breach(name: str, harbour: Harbour) -> None:
    row = TOMORROW[name]
    assert told(harbour, [SOUND, row])[0] == 0
    today = [row[0], "2026-03-31", *row[2:]]
    assert told(harbour, [SOUND, today])[0] == 3  # what is unreadable in it from its day on
    for day in ("2026-04-31", "tomorrow", ""):  # nobody knows whether it has come
        code, output = told(harbour, [SOUND, [row[0], day, *row[2:]]])
        assert code == 3, output
        assert "invoices" in output
        assert "day: " in output


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=tables())
@example(rows=[["F-0", "2026-04-01", "NaN", "EUR", "paid"], SOUND])
@example(rows=[["F-0", "2026-04-31", "NaN", "EUR", "paid"], SOUND])
def test_a_gate_opens_only_where_a_plain_reading_says_so(harbour: Harbour, rows: list[list[str]]) -> None:
    code, output = told(harbour, rows)
    assert code == expected(rows), output
