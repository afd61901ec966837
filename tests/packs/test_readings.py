"""How the pack reads its harder criteria, each told by a table small enough to check by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path

import pytest
from finance_tables import AS_OF, pack, parsed
from finance_tables import facts_of as measured

from phasegate.facts.model.fact import Fact


def fact(folder: Path, measure: str, slice_: str = "", **tables: str) -> Fact:
    """One fact, from tables written as CSV."""
    return facts_of(folder, measure, **tables)[measure, slice_]


def facts_of(
    folder: Path, measure: str, as_of: dt.date = AS_OF, **tables: str
) -> dict[tuple[str, str], Fact]:
    """All facts of a measure, the other fields of a `latest` measure included."""
    whole = measure if measure in pack().measures else measure.rpartition(".")[0]
    found = measured(folder, {name: parsed(rows) for name, rows in tables.items()}, whole, as_of=as_of)
    for source in found.sources.values():
        assert source.status != "error", source.reason
    return found.facts


DOCUMENT = (
    "document, version, point, status, valid_from, valid_until, finance_approver, developer_approver,"
    " reviewed_on\n"
)


@pytest.mark.parametrize(
    ("rows", "in_force", "two_people"),
    [
        ("d1, 1, 1.1.1, approved, 2025-01-01, , f1, e1, 2025-10-01", 1, True),
        ("d1, 1, 1.1.1, approved, 2025-01-01, , f1, f1, 2025-10-01", 1, False),
        ("d1, 1, 1.1.1, approved, 2025-01-01, , f1, , 2025-10-01", 1, False),
        ("d1, 1, 1.1.1, draft, , , f1, e1, 2025-10-01", 0, None),
        ("d1, 1, 1.1.1, approved, 2025-11-18, , f1, e1, 2025-10-01", 0, None),
        ("d1, 1, 1.1.1, approved, 2025-01-01, 2025-11-16, f1, e1, 2025-10-01", 0, None),
        (
            (
                "d1, 1, 1.1.1, approved, 2025-01-01, , f1, e1, 2025-10-01\n"
                "d2, 1, 1.1.1, approved, 2025-01-01, , f1, e1, 2025-10-02"
            ),
            2,
            True,
        ),
    ],
    ids=["right", "one person", "one approval", "draft", "not yet", "no more", "two at once"],
)
def test_a_framework_is_one_document_that_two_people_approved(
    tmp_path: Path, rows: str, in_force: int, two_people: bool | None
) -> None:
    assert (
        fact(tmp_path, "framework.documents_in_force", "1.1.1", documents=DOCUMENT + rows).value == in_force
    )
    people = fact(tmp_path, "framework.approved_by_two_people", "1.1.1", documents=DOCUMENT + rows)
    assert people.truth is two_people


def test_a_framework_grows_stale_without_its_quarterly_review(tmp_path: Path) -> None:
    rows = DOCUMENT + "d1, 1, 1.1.1, approved, 2025-01-01, , f1, e1, {}"
    assert fact(tmp_path, "framework.finance_approved", "1.1.1", documents=rows.format("2025-08-17")).truth
    found = fact(tmp_path, "framework.finance_approved", "1.1.1", documents=rows.format("2025-08-16"))
    assert found.status == "stale"


TEAMS = """
    team, in_scope, scope_finance_approver, scope_developer_approver
    a, true, ,
    b, true, ,
    c, true, ,
    d, false, f1, e1
"""


def test_adoption_counts_teams_in_scope_whether_they_have_a_row_or_not(tmp_path: Path) -> None:
    found = fact(
        tmp_path,
        "framework.adoption",
        "1.1.2",
        teams=TEAMS,
        adoption="""
            team, point, framework_adopted_on, protocols_rolled_out_on, recorded_on
            a, 1.1.2, 2025-09-01, , 2025-09-02
            b, 1.1.2, 2025-12-01, , 2025-09-02
            d, 1.1.2, 2025-09-01, , 2025-09-02
        """,
    )
    assert (found.numerator, found.denominator) == (1, 3)


SYSTEMS = (
    "system, point, status, cadence_days, cadence_calendar, registered_on, retired_on,"
    " retire_finance_approver, retire_developer_approver\n"
)
RUNS = "run, system, finished_on, succeeded\n"


@pytest.mark.parametrize(
    ("system", "last_success", "on_cadence"),
    [
        ("s, 1.1.1, production, 3, calendar, 2025-01-01, , ,", "2025-11-14", 1),
        ("s, 1.1.1, production, 2, calendar, 2025-01-01, , ,", "2025-11-14", 0),
        ("s, 1.1.1, production, 1, business, 2025-01-01, , ,", "2025-11-14", 1),  # from Friday to Monday
        ("s, 1.1.1, production, 1, business, 2025-01-01, , ,", "2025-11-13", 0),
    ],
)
def test_a_system_goes_by_the_calendar_that_it_declares(
    tmp_path: Path, system: str, last_success: str, on_cadence: int
) -> None:
    runs = f"r1, s, {last_success}, true\nr2, s, 2025-11-17, false"
    found = fact(tmp_path, "systems.on_cadence", "1.1.1", systems=SYSTEMS + system, system_runs=RUNS + runs)
    assert (found.numerator, found.denominator) == (on_cadence, 1)


def test_a_system_that_never_ran_is_late(tmp_path: Path) -> None:
    found = fact(
        tmp_path,
        "systems.on_cadence",
        "1.1.1",
        systems=SYSTEMS
        + "s, 1.1.1, production, 1, calendar, 2025-01-01, , ,\n"
        + "t, 1.1.1, production, 1, calendar, 2025-01-01, , ,",
        system_runs=RUNS + "r1, s, 2025-11-17, true",
    )
    assert (found.numerator, found.denominator) == (1, 2)


def test_the_worst_system_speaks_for_the_point(tmp_path: Path) -> None:
    busy = "".join(f"b{number}, busy, 2025-11-10, true\n" for number in range(50))
    found = fact(
        tmp_path,
        "systems.runs_succeeded",
        "1.1.1",
        systems=SYSTEMS
        + "busy, 1.1.1, production, 1, calendar, 2025-01-01, , ,\n"
        + "idle, 1.1.1, production, 7, calendar, 2025-01-01, , ,\n"
        + "gone, 1.1.1, retired, 7, calendar, 2025-01-01, 2025-02-03, f1, e1",
        system_runs=RUNS
        + busy
        + "i1, idle, 2025-11-10, true\ni2, idle, 2025-11-03, false\ng1, gone, 2025-11-03, false",
    )
    assert (found.numerator, found.denominator) == (1, 2)


def test_runs_are_counted_over_two_cadences_where_those_are_longer(tmp_path: Path) -> None:
    runs = "r1, s, 2025-11-10, true\nr2, s, 2025-09-20, false\nr3, s, 2025-09-17, false"
    for cadence, counted in ((10, 1), (29, 2), (31, 3)):  # 20 days, 58 days, 62 days back
        found = fact(
            tmp_path,
            "systems.runs_succeeded",
            "1.1.1",
            systems=f"{SYSTEMS}s, 1.1.1, production, {cadence}, calendar, 2025-01-01, , ,",
            system_runs=RUNS + runs,
        )
        assert found.denominator == counted, cadence


VALIDATION = (
    "validation, kind, point, validated_on, recorded_on, passed, population, sample, tester, reviewer,"
    " signed_off_on, population_finance_approver, population_developer_approver\n"
)


@pytest.mark.parametrize(
    ("row", "field", "expected"),
    [
        ("v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 400, 25, q1, q2, 2025-11-04", "", None),
        ("v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 12, 12, q1, q2, 2025-11-04, f1, e1", "", None),
        (
            "v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 12, 11, q1, q2, 2025-11-04, f1, e1",
            "sample_sufficient",
            False,
        ),
        (
            "v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 400, 24, q1, q2, 2025-11-04",
            "sample_sufficient",
            False,
        ),
        (
            "v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 0, 0, q1, q2, 2025-11-04",
            "sample_sufficient",
            False,
        ),
        (
            "v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 400, 25, q1, q1, 2025-11-04",
            "independent",
            False,
        ),
        (
            "v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 400, 25, q1, , 2025-11-04",
            "independent",
            False,
        ),
        ("v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 400, 25, q1, q2, ", "signed_off", False),
        (
            "v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 400, 25, q1, q2, 2025-11-18",
            "signed_off",
            False,
        ),
        (
            "v, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 400, 25, q1, q2, 2025-11-02",
            "signed_off",
            False,
        ),
        ("v, validation, 1.1.1, 2025-11-03, 2025-11-03, false, 400, 25, q1, q2, 2025-11-04", "passed", False),
    ],
)
def test_a_validation_holds_in_all_its_parts(
    tmp_path: Path, row: str, field: str, expected: bool | None
) -> None:
    row += ", " * (VALIDATION.count(",") - row.count(","))
    facts = facts_of(tmp_path, "validation.passed", validations=VALIDATION + row)
    for one in ("passed", "in_cycle", "sample_sufficient", "independent", "signed_off"):
        found = facts[f"validation.{one}", "1.1.1"]
        if one == field:
            assert found.truth is expected
        elif not (field == "independent" and one == "signed_off"):  # nobody reviewed, so nobody signed
            assert found.truth is True, one


def test_an_older_validation_lends_nothing_to_the_latest(tmp_path: Path) -> None:
    rows = (
        "old, validation, 1.1.1, 2025-11-03, 2025-11-03, true, 400, 40, q1, q2, 2025-11-04, ,\n"
        "new, validation, 1.1.1, 2025-11-10, 2025-11-10, true, 400, 3, q1, q2, 2025-11-11, ,\n"
        "test, control_test, 1.1.1, 2025-11-12, 2025-11-12, true, 400, 40, q1, q2, 2025-11-13, ,"
    )
    found = fact(tmp_path, "validation.sample_sufficient", "1.1.1", validations=VALIDATION + rows)
    assert found.truth is False


def test_approval_counts_from_the_day_before_by_two_people_and_by_value(tmp_path: Path) -> None:
    rows = """
        investment, kind, status, registered_on, committed_value, currency, committed_on, finance_approver, finance_approved_on, developer_approver, developer_approved_on
        a, other, committed, 2025-01-02, 1000, USD, 2025-06-10, f1, 2025-06-09, e1, 2025-06-09
        b, other, committed, 2025-01-02, 100, USD, 2025-06-10, f1, 2025-06-10, e1, 2025-06-09
        c, other, committed, 2025-01-02, 10, USD, 2025-06-10, f1, 2025-06-09, f1, 2025-06-09
        d, other, committed, 2025-01-02, 1, USD, 2025-06-10, f1, 2025-06-09, e1,
        e, other, committed, 2025-01-02, 5000, USD, 2025-06-10, f1, 2025-06-09, e1, 2025-06-09
    """  # noqa: E501
    found = fact(tmp_path, "investment_planning.approved_before_commitment", investments=rows)
    assert found.value == Fraction(6000, 6111)


RECOGNITION = (
    "item, period_end, metered, posted, posted_on, delivered, recognised, recognised_on,"
    " finance_identified_by, developer_identified_by, currency\n"
)


def test_the_close_is_five_business_days_and_too_much_is_as_wrong_as_too_little(tmp_path: Path) -> None:
    """31 October 2025 is a Friday; its books close on Friday, 7 November."""
    items = [
        "i01, 2025-10-31, 100, 100, 2025-11-07, 100, 110, 2025-11-07, f1, e1, USD",
        "i02, 2025-10-31, 100, 100, 2025-11-08, 100, , , f1, e1, USD",
        *(
            f"i{number}, 2025-10-31, 100, 100, 2025-11-03, 100, 100, 2025-11-03, f1, e1, USD"
            for number in range(10, 18)
        ),
    ]
    rows = RECOGNITION + "\n".join(items)
    posted = fact(tmp_path, "financial_reporting.posted_within_close", recognition=rows)
    assert posted.value is not None
    assert posted.value * 10 == 9
    accuracy = fact(tmp_path, "area_3.recognition_accuracy", recognition=rows)
    assert accuracy.value is not None
    assert accuracy.value * 1000 == 1000 - 110
    recognised = fact(tmp_path, "value_recognition.recognised", recognition=rows)
    assert recognised.value is not None
    assert recognised.value * 10 == 9


@pytest.mark.parametrize(
    ("measure", "status", "column"),
    [
        ("investment_planning.approved_before_commitment", "live", "committed_on"),
        ("investment_roi.reviewed_in_time", "finished", "finished_on"),
    ],
)
def test_a_missing_date_does_not_take_an_investment_out_of_sight(
    tmp_path: Path, measure: str, status: str, column: str
) -> None:
    head = "investment, kind, status, registered_on, committed_value, currency, committed_on, finished_on, "
    head += "finance_approver, finance_approved_on, developer_approver, developer_approved_on, "
    head += "return_reviewed_on, finance_return_reviewer, developer_return_reviewer\n"
    done = "f1, 2025-02-03, e1, 2025-02-03, 2025-03-10, f1, e1\n"
    dates = "2025-03-03, 2025-03-03" if column == "finished_on" else "2025-03-03,"
    rows = "".join(f"i{n}, platform, {status}, 2025-01-01, 100, USD, {dates}, {done}" for n in range(4))
    rows += f"i9, platform, {status}, 2025-01-01, 100, USD, , , {done}"
    rows += f"i10, platform, proposed, 2025-01-01, , USD, , , {done}"
    assert fact(tmp_path, measure, investments=head + rows).value == Fraction(4, 5)


def test_planned_returns_are_those_of_live_investments(tmp_path: Path) -> None:
    register = """
        investment, kind, status, registered_on, currency, finished_on, cancel_finance_approver, cancel_developer_approver
        i0, other, live, 2025-01-01, USD, , ,
        i1, other, live, 2025-01-01, USD, , ,
        i2, other, live, 2025-01-01, USD, , ,
        i8, other, finished, 2025-01-01, USD, 2025-06-02, ,
        i9, other, cancelled, 2025-01-01, USD, , f1, e1
    """  # noqa: E501
    tracking = """
        investment, period_end, planned_return, actual_return, currency, planned_set_on, planned_finance_approver, planned_developer_approver
        i0, 2025-10-31, 100, 90, USD, 2025-09-30, f1, e1
        i1, 2025-10-31, 100, 300, USD, 2025-09-30, f1, e1
        i2, 2025-10-31, 100, -10, USD, 2025-09-30, f1, e1
        i8, 2025-10-31, 5000, 5000, USD, 2025-09-30, f1, e1
        i9, 2025-10-31, 100, 0, USD, 2025-09-30, f1, e1
    """  # noqa: E501
    found = fact(tmp_path, "performance_tracking.return_attained", investments=register, tracking=tracking)
    assert found.value == Fraction(90 + 100 - 10, 300)
    assert found.rows == 3


TODAY, YESTERDAY = AS_OF.isoformat(), (AS_OF - dt.timedelta(days=1)).isoformat()
ACTIONS = "action, forum, raised_on, owner, due_on, closed_on\n"
ENDED = "investment, kind, status, registered_on, currency, finished_on, return_reviewed_on, "
ENDED += "finance_return_reviewer, developer_return_reviewer\n"
RETURNS = "investment, kind, computed_on, due_on, forecast_return, actual_return, currency, committed_on, "
RETURNS += "forecast_set_on, forecast_finance_approver, forecast_developer_approver\n"
FORECAST = "USD, 2025-02-03, 2025-02-02, f1, e1\n"
DUE: dict[str, tuple[str, str, str, int]] = {
    # By measure: its table with everything done, a row that is due on a day and not done, and how many
    # rows were done in time.
    "platform_investment.milestones_reached": (
        "milestones",
        "milestone, investment, investment_kind, due_on, reached_on\n"
        + "".join(f"m{n}, i1, platform, 2025-10-0{n}, 2025-10-01\n" for n in range(1, 6)),
        "m9, i1, platform, {due}, \n",
        5,
    ),
    "success_tracking.criteria_met": (
        "success_criteria",
        "criterion, investment, investment_kind, recorded_on, due_on, met_on\n"
        + "".join(f"c{n}, i1, platform, 2025-09-01, 2025-10-0{n}, 2025-10-01\n" for n in range(1, 4)),
        "c9, i1, platform, 2025-09-01, {due}, \n",
        3,
    ),
    "financial_coordination.closed_in_time": (
        "actions",
        ACTIONS + "a1, joint_review, 2025-09-01, f1, 2025-10-01, 2025-10-01\n",
        "a9, joint_review, 2025-09-01, f1, {due}, \n",
        1,
    ),
    "investment_excellence.closed_in_time": (
        "actions",
        ACTIONS + "a1, excellence, 2025-09-01, f1, 2025-10-01, 2025-10-01\n",
        "a9, excellence, 2025-09-01, f1, {due}, \n",
        1,
    ),
    "performance_measurement.refreshed_on_schedule": (
        "performance_measures",
        "measure, due_on, refreshed_on, error, error_band\n"
        + "".join(f"p{n}, 2025-10-0{n}, 2025-10-01, 0, 0.1\n" for n in range(1, 6)),
        "p9, {due}, , , 0.1\n",
        5,
    ),
    "performance_measurement.within_error_band": (
        "performance_measures",
        "measure, due_on, refreshed_on, error, error_band\n"
        + "".join(f"p{n}, 2025-10-0{n}, 2025-10-01, 0, 0.1\n" for n in range(1, 6)),
        "p9, {due}, , , 0.1\n",
        5,
    ),
    "investment_roi.reviewed_in_time": (
        "investments",
        ENDED
        + "".join(
            f"i{n}, other, finished, 2025-01-01, USD, 2025-06-02, 2025-06-02, f1, e1\n" for n in range(3)
        ),
        # Finished 90 days before it is due, and not reviewed.
        "i9, other, finished, 2025-01-01, USD, {finished}, , , \n",
        3,
    ),
    "investment_roi.return_attained": (
        "returns",
        RETURNS + "".join(f"i{n}, other, 2025-11-01, 2025-10-0{n}, 1, 1, {FORECAST}" for n in range(1, 6)),
        "i9, other, 2025-11-01, {due}, 5, 0, " + FORECAST,
        5,
    ),
    "investment_optimization.return_attained": (
        "returns",
        RETURNS
        + "".join(f"i{n}, enhancement, 2025-11-01, 2025-10-0{n}, 1, 1, {FORECAST}" for n in range(1, 6)),
        "i9, enhancement, 2025-11-01, {due}, 5, 0, " + FORECAST,
        5,
    ),
    "platform_cost.savings_attained": (
        "savings",
        "saving, agreed_on, due_on, agreed, realised, realised_on, currency, finance_approver,"
        " developer_approver\n"
        + "".join(f"s{n}, 2025-01-01, 2025-10-0{n}, 1, 1, 2025-10-01, USD, f1, e1\n" for n in range(1, 4)),
        "s9, 2025-01-01, {due}, 3, , , USD, f1, e1\n",
        3,
    ),
    "decision_analytics.outcome_attained": (
        "decisions",
        "decision, decided_on, analytics_attached_on, due_on, reviewed_on, expected_outcome, actual_outcome,"
        " currency, expected_set_on, expected_finance_approver, expected_developer_approver\n"
        + "".join(
            f"d{n}, 2025-01-02, 2025-01-01, 2025-10-0{n}, 2025-10-01, 1, 1, USD, 2025-01-02, f1, e1\n"
            for n in range(1, 4)
        ),
        "d9, 2025-01-02, 2025-01-01, {due}, 2025-10-01, 3, 0, USD, 2025-01-02, f1, e1\n",
        3,
    ),
}


def _register_of(rows: str) -> str:
    """The investments that some rows name."""
    named = {
        (row["investment"], row.get("investment_kind", row.get("kind", ""))): 1
        for row in parsed(rows)
        if "investment" in row
    }
    lines = [f"{name}, {kind}, live, 2025-01-01, USD, 2025-02-03" for name, kind in named]
    return "\n".join(["investment, kind, status, registered_on, currency, committed_on", *lines])


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("measure", DUE)
def test_what_is_due_on_the_day_is_missed_once_it_is_over(tmp_path: Path, measure: str) -> None:
    table, done, due, met = DUE[measure]
    finished = (AS_OF - dt.timedelta(days=90), AS_OF - dt.timedelta(days=91))
    for day, gone, missed in zip((TODAY, YESTERDAY), finished, (False, True), strict=True):
        rows = done + due.format(due=day, finished=gone.isoformat())
        found = fact(tmp_path, measure, **{"investments": _register_of(rows), table: rows})
        assert found.status == "present", found.reason
        assert found.value is not None
        assert (found.value < 1) is missed, day
        if not missed:
            assert found.rows == met


def test_the_close_is_over_once_its_last_day_is(tmp_path: Path) -> None:
    # Five business days after October 31, 2025, a Friday, is Friday, November 7.
    rows = RECOGNITION + "\n".join(f"i{n}, 2025-10-31, 1, , , 1, , , f1, e1, USD" for n in range(10))
    for day, counted in ((dt.date(2025, 11, 7), 0), (dt.date(2025, 11, 8), 10)):
        facts = facts_of(tmp_path, "value_recognition.identified_by_both", as_of=day, recognition=rows)
        assert facts["value_recognition.identified_by_both", ""].rows == counted
