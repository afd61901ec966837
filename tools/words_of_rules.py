"""The page of the words that rules are written in, held against the code while it is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from phasegate.facts.expressions.engine_dates import clock
from phasegate.facts.expressions.expression import ExpressionError, Kind, Scope, parse
from phasegate.facts.expressions.typed import FUNCTIONS
from phasegate.rules.model.measure_kinds import KINDS
from phasegate.rules.model.verdict import GateState, Verdict
from phasegate.rules.schemas.json_schema import json_schema
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.currencies import CURRENCIES
from phasegate.rules.values.units import KNOWN, PERCENT, Quantity

SCOPE = Scope(
    "invoices",
    {
        "status": Kind("string"),
        "meta": Kind("string"),
        "amount": Kind("decimal", 2),
        "paid": Kind("decimal", 2),
        "signed": Kind("boolean"),
        "due_on": Kind("date"),
        "paid_on": Kind("date"),
        "opened": Kind("datetime"),
        "closed": Kind("datetime"),
    },
)
"""The columns of the examples."""
DATES = {
    "as_of": "the day for which it is decided",
    "cycle_start": "the first day of the cycle, where it has begun",
    "month_start": "the first day of the last month that is over",
    "month_end": "its last day",
    "year_start": "the first day of the twelve months that end with it",
}
CALLED = {
    "abs": ("ABS(amount)", "without its sign"),
    "least": ("LEAST(amount, paid)", "the smallest of several; empty where one is"),
    "greatest": ("GREATEST(amount, paid)", "the greatest of several; empty where one is"),
    "coalesce": ("COALESCE(status, 'none')", "the first that is not empty: the author's word for what is"),
    "nullif": ("NULLIF(status, 'n/a')", "empty where the two are equal"),
    "cast": (
        "CAST(amount AS DECIMAL(38, 2))",
        "as another type: a text as a number",
    ),
    "lower": ("LOWER(status)", "in small letters"),
    "upper": ("UPPER(status)", "in capital letters"),
    "trim": ("TRIM(status)", "without blanks around it"),
    "length": ("LENGTH(status)", "how many characters it has"),
    "month_of": ("month_of(paid_on)", "the month as a number: 202603 for March"),
    "days_between": ("days_between(due_on, paid_on)", "days from the first to the second"),
    "date_plus": ("date_plus(due_on, 31)", "so many days later"),
    "tag": ("tag('owner')", "the value of a key of the JSON text in the column of tags"),
    "replace": ("REPLACE(status, '-', ' ')", "with a text in place of another"),
    "substr": ("SUBSTR(status, 1, 4)", "a part of a text: from which character, how many"),
    "split_part": ("SPLIT_PART(status, '/', 2)", "a part of a text between separators, counted from 1"),
    "seconds_between": ("seconds_between(opened, closed)", "an exact length of time between two moments"),
    "minutes_between": ("minutes_between(opened, closed)", "the same, counted in minutes"),
    "hours_between": ("hours_between(opened, closed)", "the same, counted in hours"),
}
SIGNS = {
    "status = 'open'": "equal; `<>`, `<`, `<=`, `>`, `>=` likewise",
    "amount + paid * 2 - 1": "plus, minus, times",
    "signed AND NOT status = 'open'": "`AND`, `OR`, `NOT`; a missing value never decides (Kleene)",
    "status IN ('open', 'late')": "one of a list",
    "amount BETWEEN 1 AND 5": "between, both included",
    "status LIKE 'F-%'": "like a pattern: `%` any signs, `_` one",
    "paid_on IS NULL": "empty; `IS NOT NULL`",
    "signed IS TRUE": "true, and not empty; `IS FALSE`, `IS NOT TRUE` likewise",
    "CASE WHEN signed THEN amount ELSE 0 END": "one or the other",
    "due_on < :as_of": "a parameter",
    "due_on < :as_of - 31": "a date so many days before another",
}
NOT_THERE = {
    "a query within an expression": "amount > (SELECT 1)",
    "a sum over other rows": "SUM(amount) OVER () > 1",
    "today, but for `:as_of`": "due_on < CURRENT_DATE",
    "a regular expression (a contract's `pattern` is one)": "REGEXP_LIKE(status, 'a+')",
    "rounding": "ROUND(amount, 1) > 1",
    "the parts of a date, but for `month_of`": "EXTRACT(DOW FROM due_on) = 1",
    "chance": "RANDOM() > 1",
    "texts put together": "CONCAT(status, 'x') = 'y'",
    "division, which rounds (`ratio`, `share` and `mean` keep both sides)": "amount / paid > 1",
}
BOUNDS = {
    '">= 95 %"': "at least; `<=`, `>`, `<`, `==`, `!=` likewise",
    '"between 5 and 12"': "from one to the other, both included",
    '"in [confident, calm]"': "one of these texts or numbers",
    "true": "so it is; `false`: so it is not",
    '">= success"': "the success target of the point's area; `kpi` likewise",
    '"<= :close_days"': "a parameter of the pack",
}
VERDICTS = {
    Verdict.PASS: "what is required holds",
    Verdict.WAIVED: "it does not, and a waiver in force covers it",
    Verdict.UNKNOWN: "nobody can tell: no rows, too few, what decides is empty, nobody has attested it",
    Verdict.STALE: "the evidence is older than `max_age`, or an attestation has ended",
    Verdict.ERROR: "the data or the contract are broken, or the engines differ",
    Verdict.FAIL: "what is required does not hold",
    Verdict.NOT_APPLICABLE: "there is nothing to judge, in an extract that is shown to be complete",
}
STATES = {
    GateState.OPEN: "all that applies passes",
    GateState.OPEN_WITH_WAIVERS: "all that applies passes or is waived",
    GateState.UNDECIDED: "nothing fails, and something is unknown, stale or an error",
    GateState.CLOSED: "something fails",
}
FORMS = {
    "%Y": "year, four digits", "%y": "year, two digits", "%m": "month, two digits", "%d": "day, two digits",
    "%b": "month's short name", "%B": "month's name", "%H": "hour, 00 to 23", "%I": "hour, 01 to 12",
    "%p": "AM or PM", "%M": "minute", "%S": "second", "%z": "offset from UTC, as in +0100",
}  # fmt: skip


def words_of_rules(head: str) -> str:
    """The page.

    Raises:
        AssertionError: if the code has a word that the page has not, or the other way round, or takes an
            example otherwise than it says.
    """
    _hold()
    day = dt.date(2026, 5, 15)
    dates = clock(day, dt.date(2026, 4, 6))
    kinds = json_schema("pack")["$defs"]["Measure"]["properties"]
    lines = [head, "# The words of rules", "", "What stands in packs and project files beside keys.", ""]
    lines += [
        "## Parameters of the engine",
        "",
        f"On {day}, in a cycle that began on {dates['cycle_start']}:",
        "",
    ]
    lines += _table("parameter|is|then", ((f"`:{name}`", DATES[name], str(dates[name])) for name in DATES))
    lines += ["Others are those of the pack (`parameters`), by their names.", ""]
    lines += ["## Kinds of measures", ""]
    lines += _table("kind|measures", ((f"`{kind}`", kinds[kind]["description"]) for kind in KINDS))
    lines += ["## Expressions", ""]
    lines += _table("expression|means", ((f"`{sql}`", means) for sql, means in SIGNS.items()))
    lines += ["## Functions", ""]
    lines += _table("function|is", ((f"`{CALLED[name][0]}`", CALLED[name][1]) for name in FUNCTIONS))
    lines += [
        "## What expressions can not say yet",
        "",
        "A measure of the kind `sql` can say some of it.",
        "",
    ]
    lines += _table("what|such as", ((what, f"`{sql}`") for what, sql in NOT_THERE.items()))
    lines += ["## Bounds", ""]
    lines += _table("bound|asks", ((f"`{bound}`", asks) for bound, asks in BOUNDS.items()))
    lines += ["## Units", ""]
    lines += _table("unit|such as", _units())
    lines += [
        "## Dates",
        "",
        "ISO 8601 is read without saying so: `2026-01-31`, `2026-01-31T12:00:00+01:00`.",
    ]
    lines += ["Another form is said by `date_format` or `datetime_format`, as in `%d.%m.%Y`:", ""]
    lines += _table("sign|stands for", ((f"`{sign}`", means) for sign, means in FORMS.items()))
    lines += ["## Verdicts", "", "The worst first.", ""]
    verdicts = sorted(VERDICTS, reverse=True)
    lines += _table(
        "verdict|means|may be waived",
        ((f"`{each.word}`", VERDICTS[each], "yes" if each.waivable else "") for each in verdicts),
    )
    lines += ["## States of a gate", ""]
    lines += _table(
        "state|means|exit code", ((f"`{each.word}`", STATES[each], str(each.exit_code)) for each in GateState)
    )
    return "\n".join(lines)


def _units() -> Iterator[tuple[str, str]]:
    yield f"`{PERCENT}`", "`95 %`"
    for unit in KNOWN:
        if unit != PERCENT:
            yield f"`{unit}`", f"`31 {unit}`"
    yield f"a currency, one of {len(CURRENCIES)} codes of ISO 4217", "`17.3 M USD`, `450 k EUR`, `1 bn JPY`"
    yield "any other word, where a measure declares it", "`20 points`"
    yield "none", "`25`"


def _table(heads: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    names = heads.split("|")
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _hold() -> None:
    """Holds the page against the code."""
    day = dt.date(2026, 5, 15)
    _same("parameters", DATES, clock(day, None))
    _same("functions", CALLED, FUNCTIONS)
    _same("verdicts", VERDICTS, Verdict)
    _same("states", STATES, GateState)
    for name, (sql, _) in CALLED.items():
        if name != "tag":  # it needs a column of tags
            parse(sql, SCOPE)
    for sql in SIGNS:
        parse(sql, SCOPE)
    for sql in NOT_THERE.values():
        try:
            parse(sql, SCOPE)
        except ExpressionError:
            continue
        raise AssertionError(f"{sql} is there by now")
    for bound in BOUNDS:
        Bound.parse(bound.strip('"') if bound != "true" else True)
    for text in ("95 %", "31 days", "17.3 M USD", "450 k EUR", "1 bn JPY", "20 points", "25"):
        Quantity.parse(text)


def _same(what: str, said: Iterable[object], there: Iterable[object]) -> None:
    if other := {*said} ^ {*there}:
        raise AssertionError(f"the page and the code have other {what}: {other}")
