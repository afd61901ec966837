"""What is not accepted, and what its author is told."""

import datetime as dt
from fractions import Fraction

import pytest

from phasegate.facts.expressions.expression import (
    ExpressionError,
    Scope,
    UnboundParameterError,
    condition,
    number,
    parse,
)
from phasegate.rules.values.units import Quantity

HOSTILE: list[tuple[str, str, int]] = [
    # the text, a part of what is said, the character (from 1) that it points at
    ("amount IN (SELECT 1)", "subqueries", 0),
    ("(SELECT MAX(amount) FROM costs) > 1", "subqueries", 0),
    ("EXISTS (SELECT 1)", "", 0),
    ("read_csv('/etc/passwd')", "read_csv reads files", 1),
    ("amount > read_parquet('x')", "reads files", 10),
    ("amount > glob('x')", "", 0),
    ("now() > due", "changes with the clock", 1),
    ("due < current_date", "changes with the clock", 7),
    ("due < CURRENT_TIMESTAMP", "changes with the clock", 7),
    ("random() > 0.5", "by chance", 1),
    ("DROP TABLE costs", "statement", 1),
    ("ok; DROP TABLE costs", "';'", 3),
    ("ok -- always", "comments", 4),
    ("ok /* always */", "comments", 4),
    ("/* or */ ok", "comments", 1),
    ("--", "nothing here", 0),
    ("", "nothing here", 0),
    ("SUM(amount) OVER () > 1", "window", 0),
    ("SUM(amount) > 1", "aggregate", 1),
    ("COUNT(*) > 1", "aggregate", 1),
    ("frobnicate(amount) > 1", "no function", 1),
    ("LOWR(status) = 'a'", "no function", 1),
    ("amount / 2 > 1", "division", 0),
    ("amount % 2 = 1", "division", 0),
    ("ROUND(amount) > 1", "round", 1),
    ('status = "approved"', "no column approved", 10),
    ("statuss = 'a'", "no column statuss", 1),
    ("costs.amount > 1", "stands by itself", 0),
    ("{{ amount }} > 1", "templates", 1),
    ("amount > {% x %}", "templates", 10),
    ("amount > NaN", "no number", 10),
    ("amount > Infinity", "no number", 10),
    ("amount > 1e5", "exactly", 10),
    ("amount > 123456789012345678901", "exactly", 10),
    ("(" * 60 + "ok" + ")" * 60, "deeper than 50", 51),
    ("NOT " * 900 + "ok", "deeper than 50", 0),
    ("ok AND " * 600 + "ok", "more than 1000", 0),
    ("'" + "x" * 9000 + "' = status", "more than 8000", 0),
    ("LEAST(" * 40 + "amount" + ", 1)" * 40, "too large", 0),
    ("status = NULL", "never true", 0),
    ("status IN ('a', NULL)", "never true", 0),
    ("status > 5", "compared with", 0),
    ("ok = 'true'", "compared with", 0),
    ("ok > FALSE", "no order", 0),
    ("due > 'soon'", "no date", 7),
    ("due > '2026-02-30'", "no date", 7),
    ("due > status", "a text is compared with a date", 7),
    ("due - due > 1", "not added or subtracted", 0),
    ("due + 1.5", "whole days", 0),
    ("due >= :as_of - 1000001", "more than any calendar has", 0),
    ("due - 3000000000 days >= :as_of", "more than any calendar has", 0),  # would wrap into a date, or none
    ("status + 1 > 0", "arithmetic", 0),
    ("status || 'x' = 'y'", "joining texts", 0),
    ("status ILIKE 'a'", "ILIKE", 0),
    ("status LIKE owner", "LIKE takes", 0),
    ("status LIKE 'a' ESCAPE '!'", "", 0),
    ("status ~ 'a'", "", 0),
    ("status IN (owner)", "literals only", 12),
    ("TRIM(BOTH 'x' FROM status) = 'a'", "position", 0),
    ("CAST(amount AS DOUBLE) > 1", "not cast", 0),
    ("CAST(amount AS DECIMAL(38, 1)) > 1", "would round", 0),
    ("TRY_CAST(status AS INTEGER) = 1", "no function", 0),
    ("plan * plan * plan * plan > 1", "36 digits", 0),
    (":nope > due", "no parameter :nope", 1),
    ("$1 = 1", "no column", 0),
    ("? = 1", "", 0),
    ("*", "", 0),
    ("[1, 2]", "", 0),
    ("x -> x + 1", "", 0),
    ("tag(1) = 'a'", "in quotes", 0),
    ("""tag('a"]b') = 'a'""", "in quotes", 0),
    ("tag(amount, 'a') = 'a'", "no text column", 0),
    ("date_plus(due) = due", "takes 2 arguments", 0),
    ("CASE WHEN ok THEN 1 ELSE 'x' END = 1", "branches", 0),
    ("CASE WHEN ok THEN NULL END IS NULL", "every branch", 0),
    ("ok ORDER BY 1", "can not be read", 4),
    ("ok UNION SELECT 1", "subqueries", 0),
    ("ok AND", "can not be read", 0),
    ("ok)", "can not be read", 3),
    ("status = 'a", "left open", 0),
    ("amount amount", "a name is left over", 0),
    ("units > 1_000", "1_000 is no number", 9),
    ("units > 12d", "12d is no number", 9),
    ("hours_between(at, at) > 2 days", "these are ", 0),
    ("seconds_between(at, at) - 5 <= 1.5 days", "these are ", 0),
    ("COALESCE(minutes_between(at, at), 2 days) > 5", "these are ", 0),
    ("ABS(hours_between(at, at)) IN (-1 day)", "these are ", 0),
    ("substr(status, 1 days) = 'a'", "whole number", 0),
    ("substr(status, '1') = 'a'", "whole number", 0),
    ("CAST(status AS VARCHAR(1)) = 'a'", "would cut", 0),
    ("CAST(amount AS DECIMAL(1, 2)) > 1", "needs its digits", 0),
    ("ok\x00", "control character", 3),
    ("status = 'a\x1b[2J'", "control character", 12),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "said", "at"), HOSTILE, ids=[case[0][:40] for case in HOSTILE])
def test_refused(scope: Scope, sql: str, said: str, at: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(sql, scope)
    assert said in caught.value.what
    if at:
        assert caught.value.position == at - 1


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("statuss = 'a'", "did you mean status?"),
        ("AMOUNT > 1", "did you mean amount?"),
        ("LOWR(status) = 'a'", "did you mean lower?"),
        (":tolerence > 1", "did you mean tolerance?"),
        ("amount / 2 > 1", "use ratio, share or mean, which keep both sides of a division exact"),
        ("now() > due", "a run decides for one date: write :as_of"),
        ('status = "a"', "a text stands in single quotes: 'a'"),
        ("hours_between(at, at) > 2 days", "write 48, without 'days'"),
        ("seconds_between(at, at) > 1.5 days", "write 129600.0, without 'days'"),
        ("status = 5", "write the text '5' in quotes"),
        ("status = NULL", "use IS NULL or IS NOT NULL"),
        ("call = 'a'", 'for a column of that name write "call"'),
    ],
)
def test_hint(scope: Scope, sql: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(sql, scope)
    assert hint in caught.value.hint


def test_place_in_several_lines(scope: Scope) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("status = 'a'\n  AND now() > due", scope)
    assert caught.value.place == "line 2, character 7"


def test_kind_of_result(scope: Scope) -> None:
    with pytest.raises(ExpressionError, match="must be true or false"):
        condition("amount", scope)
    with pytest.raises(ExpressionError, match="must be a number"):
        number("ok", scope)


def test_parameter_without_a_value(scope: Scope) -> None:
    with pytest.raises(UnboundParameterError, match=":cycle_start has no value"):
        parse("due > :cycle_start", scope).bind({"cycle_start": None})


@pytest.mark.parametrize("value", [1.5, 10**40])
def test_parameter_that_does_not_fit(scope: Scope, value: float) -> None:
    given = {"as_of": dt.date(2026, 1, 1), "window": Fraction(value)}
    with pytest.raises(ExpressionError, match="whole days"):
        parse("due > :as_of - :window", scope).bind(given)


@pytest.mark.parametrize("window", ["14 hours", "14 points", "14 %"])
def test_a_number_of_days_is_in_days(scope: Scope, window: str) -> None:
    given = {"as_of": dt.date(2026, 1, 1), "window": Quantity.parse(window)}
    with pytest.raises(ExpressionError, match="must be a number of days here"):
        parse("due > :as_of - :window", scope).bind(given)


def test_what_is_accepted_never_names_another_column(scope: Scope) -> None:
    """The names of hidden columns can not be written: no contract and no expression knows them."""
    with pytest.raises(ExpressionError):
        parse('"tag:Tags:6f776e6572" IS NULL', scope)
