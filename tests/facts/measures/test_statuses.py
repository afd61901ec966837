"""What makes a fact something else than present: each status with its reason."""

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from phasegate.facts.model.fact import Fact, FactSet, SourceState

Rows = list[dict[str, Any]]
One = Callable[..., Fact]
DAY = dt.date(2026, 3, 1)


def _lines(*rows: dict[str, Any]) -> Rows:
    return [{"day": DAY, "point": "1.1", "currency": "USD", **row} for row in rows]


CASES: list[tuple[str, dict[str, Any], Rows, str, str]] = [
    # name, measure, rows, status, reason
    ("no rows", {"count": "TRUE"}, [], "unknown", "no rows"),
    (
        "no rows of the population",
        {"count": "TRUE", "where": "kind = 'x'"},
        _lines({"kind": "y"}),
        "unknown",
        "no rows",
    ),
    (
        "too few rows",
        {"ratio": {"of": "met"}, "min_rows": 3},
        _lines({"met": True}, {"met": True}),
        "unknown",
        "2 rows, fewer than the 3 that it takes",
    ),
    (
        "too few values",
        {"distinct": "kind", "min_rows": 2},
        _lines({"kind": "x"}, {}, {}),
        "unknown",
        "1 rows with a value, fewer than the 2 that it takes",
    ),
    ("a sum of nothing", {"sum": "amount", "where": "FALSE"}, _lines({"amount": 1}), "unknown", "no rows"),
    (
        "a sum of only nulls",
        {"sum": "amount"},
        _lines({}, {}),
        "error",
        "2 rows have no value where one is added up",
    ),
    (
        "a missing operand of a share",
        {"share": {"of": "met", "value": "amount"}},
        _lines({"amount": 1, "met": True}, {"met": True}),
        "error",
        "1 row has no value where one is added up",
    ),
    (
        "a missing operand of an accuracy",
        {"accuracy": {"actual": "amount", "forecast": "plan"}},
        _lines({"amount": 1, "plan": 1}, {"amount": 1}),
        "error",
        "1 row has no value where one is added up",
    ),
    (
        "an item without a name",
        {"attainment": {"actual": "amount", "expected": "plan"}, "grain": "team"},
        _lines({"amount": 1, "plan": 1}),
        "error",
        "1 row has no value where one is added up",
    ),
    (
        "a zero denominator",
        {"share": {"of": "met", "value": "amount"}},
        _lines({"amount": 1, "met": True}, {"amount": -1, "met": True}),
        "unknown",
        "the denominator is zero",
    ),
    (
        "a negative denominator",
        {"share": {"of": "met", "value": "amount"}},
        _lines({"amount": -5, "met": True}, {"amount": -5, "met": False}),
        "error",
        "the denominator is negative, more was credited than charged: ",
    ),
    (
        "a share above 100 %",
        {"share": {"of": "met", "value": "amount"}},
        _lines({"amount": 6, "met": True}, {"amount": -1, "met": False}),
        "error",
        "6 of 5 = 120.00 % is above 100 %: rows counted twice, or negative amounts",
    ),
    (
        "a share below 0 %",
        {"share": {"of": "met", "value": "amount"}},
        _lines({"amount": -1, "met": True}, {"amount": 3, "met": False}),
        "error",
        "-1 of 2 = -50.00 % is below 0 %: negative amounts",
    ),
    (
        "above the valid range",
        {"mean": "amount", "valid": ["0 days", "2 days"], "unit": "days"},
        _lines({"amount": 3}),
        "error",
        "3.00 days is above 2 days, the most that is valid",
    ),
    (
        "below the valid range",
        {"sum": "amount", "valid": ["0", "5"]},
        _lines({"amount": "-0.01"}),
        "error",
        "-0.01 is below 0, the least that is valid",
    ),
    (
        "stale",
        {"count": "TRUE", "max_age": "29 days"},
        _lines({}),
        "stale",
        "the newest row is of 2026-03-01, 30 days old, 29 are allowed",
    ),
]


@pytest.mark.parametrize(
    ("measure_", "rows", "status", "reason"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_status(one: One, measure_: dict[str, Any], rows: Rows, status: str, reason: str) -> None:
    fact = one(measure_, rows)
    assert fact.status == status
    assert reason in fact.reason
    if status != "stale":
        assert (fact.value, fact.truth, fact.text) == (None, None, None)


def test_a_stale_fact_keeps_its_value(one: One) -> None:
    fact = one({"ratio": {"of": "met"}, "max_age": "29 days"}, _lines({"met": True}, {"met": False}))
    assert (fact.status, fact.numerator, fact.denominator, fact.max_age_days) == ("stale", 1, 2, 29)


def test_old_enough_is_not_stale(one: One) -> None:
    assert one({"count": "TRUE", "max_age": "30 days"}, _lines({})).status == "present"


def test_without_an_event_date_nothing_is_fresh(one: One) -> None:
    measure = {"from": "plans", "count": "TRUE", "max_age": "30 days"}
    fact = one(measure, [], [{"point": "1.1", "team": "a"}])
    assert (fact.status, fact.reason) == ("unknown", "no event date tells how old the rows are")


@pytest.mark.parametrize(
    ("complete", "status"), [(True, "not_applicable"), (False, "unknown"), (None, "unknown")]
)
def test_an_empty_set_is_good_only_in_a_complete_extract(
    one: One, complete: bool | None, status: str
) -> None:
    options = {"sources": {"lines": {"complete": complete}}}
    assert one({"count": "TRUE", "when_empty": "not_applicable"}, [], **options).status == status
    assert one({"count": "TRUE"}, [], **options).status == "unknown"


class TestCurrency:
    """Amounts of two currencies are never added up."""

    @pytest.fixture
    def contracts(self) -> dict[str, Any]:
        columns = {
            "point": {"type": "string"}, "team": {"type": "string", "nullable": True},
            "amount": {"type": "decimal"}, "met": {"type": "boolean", "nullable": True},
            "day": {"type": "date"},
            "currency": {"type": "string", "nullable": True},
        }  # fmt: skip
        return {
            "lines": {
                "title": "L",
                "columns": columns,
                "event": "day",
                "point": "point",
                "currency": "currency",
            }
        }

    @pytest.mark.parametrize(
        ("definition", "currencies", "reason"),
        [
            ({"sum": "amount", "unit": "USD"}, ["USD", "EUR"], "amounts in EUR and USD are added up"),
            (
                {"sum": "amount", "unit": "USD"},
                ["EUR", "EUR"],
                "the amounts are in EUR, the measure is in USD",
            ),
            ({"mean": "amount", "unit": "USD"}, ["USD", None], "1 row has an amount without a currency"),
            ({"share": {"of": "met", "value": "amount"}}, ["USD", "EUR"], "without a rate between them"),
            ({"accuracy": {"actual": "amount", "forecast": "amount * 2"}}, ["USD", "EUR"], "without a rate"),
            ({"count": "TRUE"}, ["USD", "EUR"], ""),
            ({"sum": "amount", "unit": "USD", "where": "currency = 'USD'"}, ["USD", "EUR"], ""),
            ({"sum": "amount"}, ["USD", "EUR"], "amounts in EUR and USD"),  # nobody named a unit
            ({"median": "amount"}, ["USD", "EUR"], "amounts in EUR and USD"),
            ({"sum": "amount"}, ["EUR", "EUR"], ""),
            ({"mean": "amount", "unit": "days"}, ["USD", "EUR"], ""),  # no money
        ],
    )
    def test_mixed(
        self,
        one: One,
        contracts: dict[str, Any],
        definition: dict[str, Any],
        currencies: list[str],
        reason: str,
    ) -> None:
        rows = [{"day": DAY, "amount": 1, "point": "1.1", "currency": currency} for currency in currencies]
        fact = one(definition, rows, contracts=contracts)
        assert fact.status == ("error" if reason else "present")
        assert reason in fact.reason

    def test_each_slice_by_itself(self, measure: Callable[..., FactSet], contracts: dict[str, Any]) -> None:
        rows = [
            {"day": DAY, "amount": 1, "point": "1.1", "currency": "USD"},
            {"day": DAY, "amount": 1, "point": "1.2", "currency": "EUR"},
        ]
        facts = measure({"m": {"sum": "amount", "by": "point", "unit": "USD"}}, rows, contracts=contracts)
        assert [fact.status for fact in facts.slices("m")] == ["present", "error", "unknown"]


class TestSources:
    """A source that can not be used makes its facts unknown or an error, and no others."""

    BOTH = {"mine": {"count": "TRUE"}, "theirs": {"from": "plans", "count": "TRUE", "by": "point"}}
    PLANS = [{"point": "1.1", "team": "a"}]

    def test_absent(self, measure: Callable[..., FactSet]) -> None:
        facts = measure(self.BOTH, _lines({}), self.PLANS, sources={"plans": {"absent": True}})
        assert facts.facts["mine", ""].status == "present"
        assert [(fact.slice, fact.status) for fact in facts.slices("theirs")] == [
            ("1.1", "unknown"),
            ("1.2", "unknown"),
            ("2.1", "unknown"),
        ]
        assert facts.facts["theirs", "1.1"].reason == "plans: the project names no file for it"
        assert facts.sources["plans"].status == "absent"

    @pytest.mark.parametrize("size", [0, 2**40])
    def test_broken_contract(self, measure: Callable[..., FactSet], size: int) -> None:
        fault = SourceState("plans", "error", "2 rows break the contract: team: not null")
        facts = measure(self.BOTH, _lines({}), self.PLANS, sources={"plans": {"fault": fault, "size": size}})
        assert facts.facts["mine", ""].status == "present"
        assert {fact.status for fact in facts.slices("theirs")} == {"error"}
        assert facts.facts["theirs", "1.1"].reason == "plans: 2 rows break the contract: team: not null"

    def test_one_of_two_sources(self, measure: Callable[..., FactSet]) -> None:
        definition = {
            "accuracy": {"actual": "amount", "forecast": {"from": "plans", "value": "planned"}},
            "grain": "team",
        }
        facts = measure(
            {"m": definition}, _lines({"amount": 1, "team": "a"}), sources={"plans": {"absent": True}}
        )
        assert facts.facts["m", ""].status == "unknown"
        assert facts.facts["m", ""].sources == ("lines", "plans")
        fault = SourceState("plans", "error", "1 row breaks the contract: planned: finite")
        broken = measure(
            {"m": definition}, _lines({"amount": 1, "team": "a"}), sources={"plans": {"fault": fault}}
        ).facts["m", ""]
        assert (broken.status, broken.value, broken.reason) == ("error", None, f"plans: {fault.reason}")


class TestTwoSources:
    """What is wrong in one of two sources is wrong with the fact, whichever it is."""

    CONTRACTS = {
        name: {
            "title": "One amount",
            "columns": {
                "team": {"type": "string", "nullable": True},
                "amount": {"type": "decimal", "nullable": True},
                "day": {"type": "date"},
                "currency": {"type": "string", "nullable": True},
            },
            "event": "day",
            "currency": "currency",
        }
        for name in ("lines", "plans", "others")
    }
    MEASURE = {
        "attainment": {"actual": "amount", "expected": {"from": "plans", "value": "amount"}},
        "grain": "team",
        "unit": "%",
    }
    GOOD = {"team": "a", "amount": 1, "day": DAY, "currency": "USD"}

    @pytest.mark.parametrize("which", ["lines", "plans"])
    @pytest.mark.parametrize(
        ("bad", "reason", "nulls"),
        [
            ({"amount": None}, "1 row has no value where one is added up", 1),
            ({"team": None}, "1 row has no value where one is added up", 1),
            ({"currency": None}, "1 row has an amount without a currency", 0),
            ({"currency": "EUR"}, "amounts in EUR and USD are added up", 0),
        ],
    )
    def test_a_flaw_of_either(
        self, one: One, which: str, bad: dict[str, Any], reason: str, nulls: int
    ) -> None:
        rows = {"lines": [self.GOOD], "plans": [self.GOOD]}
        assert one(self.MEASURE, **rows, contracts=self.CONTRACTS).status == "present"
        rows[which] = [self.GOOD, {**self.GOOD, **bad}]
        fact = one(self.MEASURE, **rows, contracts=self.CONTRACTS)
        assert (fact.status, fact.nulls) == ("error", nulls)
        assert reason in fact.reason

    @pytest.mark.parametrize(
        ("lines", "plans", "newest"), [(9, 2, 9), (2, 9, 2)], ids=["the other older", "the other newer"]
    )
    def test_its_own_rows_say_how_old_a_fact_is(self, one: One, lines: int, plans: int, newest: int) -> None:
        rows = {
            name: [{**self.GOOD, "day": DAY.replace(day=day)}]
            for name, day in (("lines", lines), ("plans", plans))
        }
        fact = one(self.MEASURE, **rows, contracts=self.CONTRACTS)
        assert (fact.rows, fact.newest) == (1, DAY.replace(day=newest))

    @pytest.mark.parametrize(("plans", "baseline"), [(9, 2), (2, 9)])
    def test_where_both_amounts_stand_elsewhere_the_older_source_says_it(
        self, one: One, plans: int, baseline: int
    ) -> None:
        measure = {
            "attainment": {
                "actual": {"from": "plans", "value": "amount"},
                "expected": {"from": "baseline", "value": "amount"},
            },
            "grain": "team",
            "unit": "%",
        }
        contracts = {**self.CONTRACTS, "baseline": self.CONTRACTS["others"]}
        rows = {
            name: [{**self.GOOD, "day": DAY.replace(day=day)}]
            for name, day in (("lines", 5), ("plans", plans), ("baseline", baseline))
        }
        fact = one(measure, **rows, contracts=contracts)
        assert (fact.rows, fact.newest) == (2, DAY.replace(day=2))

    @pytest.mark.parametrize(
        ("lines", "plans", "status"),
        [
            (True, True, "not_applicable"),
            (True, False, "unknown"),
            (False, True, "unknown"),
            (True, None, "unknown"),
        ],
    )
    def test_an_empty_set_is_good_only_if_both_are_complete(
        self, one: One, lines: bool | None, plans: bool | None, status: str
    ) -> None:
        complete = {"lines": {"complete": lines}, "plans": {"complete": plans}}
        measure = {**self.MEASURE, "when_empty": "not_applicable"}
        assert one(measure, contracts=self.CONTRACTS, sources=complete).status == status


@pytest.mark.parametrize(
    ("rows", "at", "value"),
    [(1, "90 %", 1), (2, "90 %", 2), (3, "50 %", 2), (3, "90 %", 3), (10, "90 %", 9), (11, "90 %", 10)],
)
def test_a_quantile_leaves_no_more_rows_above_it_than_stated(
    one: One, rows: int, at: str, value: int
) -> None:
    fact = one({"quantile": {"of": "amount", "at": at}}, _lines(*({"amount": n + 1} for n in range(rows))))
    assert fact.value == value


class TestUndetermined:
    """Rows of which nobody knows whether they count make no value, and say what to do."""

    CASES: list[tuple[str, dict[str, Any], Rows, str, str]] = [
        # name, measure, rows, status, reason
        (
            "a mean",
            {"mean": "amount", "where": "met"},
            _lines({"amount": 1, "met": True}, {"amount": 1}),
            "unknown",
            "1 row has no `met`: write `nullable: false` for `met` in the contract and fill in",
        ),
        (
            "an accuracy",
            {"accuracy": {"actual": "amount", "forecast": "plan"}, "where": "kind = 'x'"},
            _lines({"amount": 1, "plan": 1, "kind": "x"}, {"amount": 1, "plan": 1}),
            "unknown",
            "1 row has no `kind`: write",
        ),
        (
            "an amount that a row lacks which may be among them",
            {"sum": "amount", "where": "met"},
            _lines({"amount": 1, "met": True}, {}),
            "error",
            "1 row has no value where one is added up",
        ),
        (
            "an item without a name that may be among them",
            {"attainment": {"actual": "amount", "expected": "plan"}, "grain": "team", "where": "met"},
            _lines({"amount": 1, "plan": 1, "met": True, "team": "a"}, {"amount": 1, "plan": 1}),
            "error",
            "1 row has no value where one is added up",
        ),
        (
            "nothing that is sure to count",
            {"count": "TRUE", "where": "met", "when_empty": "not_applicable"},
            _lines({}),
            "unknown",
            "no row is sure to count, 1 may",
        ),
        (
            "too few that are sure to count",
            {"count": "TRUE", "where": "met", "min_rows": 2},
            _lines({"met": True}, {}),
            "unknown",
            "`met` do not belong; 1 row, fewer than the 2 that it takes",
        ),
        (
            "an amount below zero that may count",
            {"share": {"of": "met", "value": "amount"}},
            _lines({"amount": 5, "met": True}, {"amount": -1}),
            "unknown",
            "an amount below zero may count",
        ),
        (
            "credits among what surely counts",
            {"share": {"of": "met", "value": "amount"}},
            _lines({"amount": -1, "met": True}, {"amount": 5, "met": False}, {"amount": 1}),
            "error",
            "-1 of 5 = -20.00 % is below 0 %",
        ),
        (
            "credits where a range lets them in",
            {"share": {"of": "met", "value": "amount"}, "valid": ["-100 %", "200 %"]},
            _lines({"amount": -1, "met": True}, {"amount": 5, "met": False}, {"amount": 1}),
            "unknown",
            "amounts below zero leave both ends open",
        ),
        (
            "an end out of range",
            {"sum": "amount", "where": "met", "valid": ["0", "5"]},
            _lines({"amount": 5, "met": True}, {"amount": 1}),
            "error",
            "6.00 is above 5, the most that is valid",
        ),
        (
            "rows that may be the newest",
            {"latest": {"kind": "kind"}, "where": "met"},
            _lines({"kind": "x", "met": True}, {"kind": "y"}),
            "error",
            "two rows of the same date may disagree on kind",
        ),
        (
            "no cell that is empty",
            {"mean": "amount", "where": "NULLIF(kind, 'y') = 'x'"},
            _lines({"amount": 1, "kind": "x"}, {"amount": 1, "kind": "y"}),
            "unknown",
            "write `(NULLIF(kind, 'y') = 'x') IS TRUE` if no value means not met",
        ),
    ]

    @pytest.mark.parametrize(
        ("measure_", "rows", "status", "reason"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
    )
    def test_status(
        self, measure: Callable[..., FactSet], measure_: dict[str, Any], rows: Rows, status: str, reason: str
    ) -> None:
        complete = {"sources": {"lines": {"complete": True}}}
        (fact,) = measure({"m": measure_}, rows, **complete).facts.values()
        assert (fact.status, fact.extremes, fact.truth, fact.text) == (status, None, None, None)
        assert reason in fact.reason
        assert fact.undetermined == 1

    def test_an_end_that_is_stale_is_told_and_not_compared(self, one: One) -> None:
        fact = one({"count": "met", "max_age": "29 days"}, _lines({"met": True}, {}))
        assert (fact.status, fact.extremes) == ("stale", (1, 2))

    def test_the_newest_date_is_of_what_surely_counts(self, one: One) -> None:
        rows = [*_lines({"met": True}), {"day": dt.date(2026, 3, 30)}]
        assert one({"count": "TRUE", "where": "met", "max_age": "29 days"}, rows).status == "stale"

    def test_the_columns_that_are_empty_most_come_first(self, one: One) -> None:
        rows = _lines({"amount": 1}, {"amount": 1}, {"plan": 1}, {}, {"amount": 1, "plan": 1})
        fact = one({"count": "amount > plan"}, rows)
        assert (fact.undetermined, fact.lacking) == (4, (("plan", 3), ("amount", 2)))
        assert fact.fix == "write `(amount > plan) IS TRUE` if no `amount` or `plan` means not met"

    def test_a_blank_text_is_empty(self, one: One) -> None:
        fact = one({"count": "kind = 'x'"}, _lines({"kind": "x"}, {"kind": None}))
        assert fact.lacking == (("kind", 1),)

    def test_only_the_slice_that_lacks_something_is_open(self, measure: Callable[..., FactSet]) -> None:
        rows = _lines({"team": "a", "met": True}, {"team": "b", "met": True}, {"team": "b"})
        facts = measure({"m": {"ratio": {"of": "met"}, "by": "team"}}, rows).slices("m")
        assert [(fact.slice, fact.value, fact.undetermined) for fact in facts] == [
            ("a", 1, 0),
            ("b", None, 1),
        ]

    def test_a_slice_may_have_no_row_that_is_sure(self, measure: Callable[..., FactSet]) -> None:
        rows = _lines({"team": "a", "met": True}, {"team": "b"})
        facts = measure({"m": {"count": "TRUE", "where": "met", "by": "team"}}, rows).slices("m")
        assert [(fact.slice, fact.status) for fact in facts] == [("a", "present"), ("b", "unknown")]

    def test_a_row_without_a_point_may_belong_to_each(self, measure: Callable[..., FactSet]) -> None:
        rows = _lines({"met": True}, {"met": True, "point": None})
        facts = measure({"m": {"count": "met", "by": "point"}}, rows).slices("m")
        assert [(fact.status, fact.extremes, fact.undetermined) for fact in facts] == [
            ("present", (1, 2), 1), ("unknown", None, 1), ("unknown", None, 1),
        ]  # fmt: skip
        assert {fact.lacking for fact in facts} == {(("point", 1),)}
        assert facts[0].fix == ""  # nothing that an author could write

    def test_its_amount_may_belong_to_each_share(self, measure: Callable[..., FactSet]) -> None:
        rows = _lines({"met": True, "amount": 1}, {"met": False, "amount": 3, "point": None})
        facts = measure({"m": {"share": {"of": "met", "value": "amount"}, "by": "point"}}, rows).slices("m")
        assert [fact.extremes for fact in facts] == [(Fraction(1, 4), 1), None, None]

    @pytest.mark.parametrize(
        ("day", "kind", "status"),
        [(1, "y", "error"), (2, "y", "unknown"), (1, "x", "present")],
    )
    def test_it_may_be_the_newest_of_each(
        self, measure: Callable[..., FactSet], day: int, kind: str, status: str
    ) -> None:
        rows = [*_lines({"kind": "x"}), {"kind": kind, "day": dt.date(2026, 3, day)}]
        found = measure({"m": {"latest": {"kind": "kind"}, "by": "point"}}, rows).facts["m.kind", "1.1"]
        assert found.status == status

    @pytest.mark.parametrize(
        "plans",
        [
            [{"team": "a", "planned": "2", "point": "1.1"}, {"planned": "1", "team": "b", "currency": None}],
            [{"team": "a", "planned": "2", "currency": "USD"}, {"planned": "1", "team": "a"}],
        ],
    )
    def test_the_second_source_may_lack_it_too(self, one: One, plans: Rows) -> None:
        elsewhere = {"from": "plans", "value": "planned", "where": "currency = 'USD'"}
        measure = {"attainment": {"actual": "amount", "expected": elsewhere}, "grain": "team"}
        fact = one(measure, _lines({"amount": 1, "team": "a"}), plans)
        assert fact.status == "unknown"
        assert ("currency", fact.undetermined) in fact.lacking

    def test_a_value_that_is_called_like_no_value_is_another_slice(
        self, measure: Callable[..., FactSet]
    ) -> None:
        names = ["(no value)", None, "", '"(no value)"', "x"]
        rows = _lines(*({"kind": name} for name in names))
        facts = measure({"m": {"count": "TRUE", "by": "kind"}}, rows).slices("m")
        assert [(fact.slice, fact.value) for fact in facts] == [
            ('""(no value)""', 1), ('"(no value)"', 1), ("(no value)", 2), ("x", 1),
        ]  # fmt: skip
