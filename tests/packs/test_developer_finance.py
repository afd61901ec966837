"""The Developer-Finance pack encodes its map: every number, every wording, every kind of criterion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from phasegate.rules.lint.run import lint
from phasegate.rules.loading.pack import LoadedPack, load_pack
from phasegate.rules.model.pack import Criterion, Pack

FRAMEWORK = {
    "framework.documents_in_force": "== 1",
    "framework.finance_approved": True,
    "framework.developer_approved": True,
    "framework.approved_by_two_people": True,
}
CONTROL = {"control.passed": True, "control.independent": True}
SYSTEMS = {
    "systems.registered": ">= 1",
    "systems.in_production": ">= 100 %",
    "systems.on_cadence": ">= 100 %",
    "systems.runs_succeeded": ">= success",
}
VALIDATION = {
    "validation.passed": True,
    "validation.in_cycle": True,
    "validation.sample_sufficient": True,
    "validation.independent": True,
    "validation.signed_off": True,
}
UNSCHEDULED = {"3.2.1", "3.2.2", "3.2.3", "4.1.2", "4.1.3", "4.2.1", "4.2.2", "4.2.3"}
COMMON = ("framework", "protocols", "systems", "validation", "control")


@pytest.fixture(scope="module")
def loaded() -> LoadedPack:
    return load_pack("developer_finance")


@pytest.fixture(scope="module")
def pack(loaded: LoadedPack) -> Pack:
    return loaded.pack


def _criteria(pack: Pack, name: str) -> Iterator[tuple[str, Criterion]]:
    for point_id, point in pack.points.items():
        yield point_id, next(criterion for criterion in point.criteria if criterion.id == name)


def _required(criterion: Criterion) -> dict[str, object]:
    return dict(criterion.require.root)


def _own(pack: Pack, criterion: Criterion) -> list[str]:
    """The measures that the criterion does not share with the other points."""
    return [fact for fact in _required(criterion) if fact.partition(".")[0] not in COMMON]


def test_what_the_map_counts(pack: Pack) -> None:
    assert len(pack.points) == 24
    assert len(list(pack.criteria())) == 96
    assert len(pack.areas) == 4
    assert sum(len(area.sections) for area in pack.areas.values()) == 8
    assert {len(point.flow) for point in pack.points.values()} == {2}
    assert {len(point.frameworks) for point in pack.points.values()} == {2}
    assert list(pack.points) == sorted(pack.points), "points stand in the order of the map"


def test_four_phases_of_four_points_one_after_the_other(pack: Pack) -> None:
    assert {name: phase.weeks for name, phase in pack.phases.items()} == {
        "1": (1, 2),
        "2": (3, 4),
        "3": (5, 6),
        "4": (7, 8),
    }
    assert {name: phase.after for name, phase in pack.phases.items()} == {
        "1": (),
        "2": ("1",),
        "3": ("2",),
        "4": ("3",),
    }
    scheduled = [point for phase in pack.phases.values() for point in phase.points]
    assert [len(phase.points) for phase in pack.phases.values()] == [4, 4, 4, 4]
    assert set(pack.points) - set(scheduled) == UNSCHEDULED
    assert pack.cycle is not None
    assert pack.cycle.weeks == 8


def test_the_figures_of_the_map(pack: Pack) -> None:
    areas = pack.areas.values()
    assert [area.success.bound for area in areas if area.success] == [
        ">= 95 %",
        ">= 90 %",
        ">= 85 %",
        ">= 92 %",
    ]
    assert [area.kpi.bound for area in areas if area.kpi] == [">= 65 %", ">= 60 %", ">= 55 %", ">= 50 %"]
    assert [area.annual_value.bound for area in areas if area.annual_value] == [
        ">= 17.3 M USD",
        ">= 16.1 M USD",
        ">= 14.8 M USD",
        ">= 13.4 M USD",
    ]
    assert {name: target.bound for name, target in pack.programme.targets.items()} == {
        "total_value": ">= 61.6 M USD",
        "roi": ">= 545 %",
    }
    assert pack.map is not None
    assert (pack.map.date, pack.map.owner) == (
        dt.date(2025, 11, 16),
        "Developer-Finance Integration Team",
    )


def test_enforcement(pack: Pack) -> None:
    expected = {"framework": "hard", "protocols": "soft", "systems": "soft", "validation": "hard"}
    for full_id, criterion in pack.criteria():
        assert criterion.enforcement == expected[criterion.id], full_id
    for area in pack.areas.values():
        assert area.success is not None
        assert area.success.enforcement == "hard"
        assert area.kpi is not None
        assert area.kpi.enforcement == "advisory"
        assert area.annual_value is not None
        assert area.annual_value.enforcement == "advisory"
    assert {target.enforcement for target in pack.programme.targets.values()} == {"advisory"}


def test_framework_asks_for_adoption_where_it_is_implemented(pack: Pack) -> None:
    for point, criterion in _criteria(pack, "framework"):
        adopted = {"framework.adoption": ">= success"} if criterion.text.endswith("implemented") else {}
        assert adopted or criterion.text.endswith("established"), point
        assert _required(criterion) == FRAMEWORK | adopted, point


def test_protocols_ask_for_adherence_and_for_a_control_test_or_the_roll_out(pack: Pack) -> None:
    for point, criterion in _criteria(pack, "protocols"):
        (adherence,) = _own(pack, criterion)
        deployed = criterion.text.endswith("established and deployed")
        assert deployed or criterion.text.endswith("implemented and validated"), point
        more = {"protocols.roll_out": ">= success"} if deployed else CONTROL
        assert _required(criterion) == {adherence: ">= success"} | more, point


def test_systems_ask_the_same_everywhere(pack: Pack) -> None:
    for point, criterion in _criteria(pack, "systems"):
        assert criterion.text.endswith("activated"), point
        assert _required(criterion) == SYSTEMS, point


def test_validation_asks_for_the_outcome_and_for_its_change_where_it_is_optimized(pack: Pack) -> None:
    for point, criterion in _criteria(pack, "validation"):
        outcome, *changes = _own(pack, criterion)
        optimized = criterion.text.endswith("completed and optimized")
        assert optimized or criterion.text.endswith("completed and verified"), point
        assert changes == ([f"{outcome}_change"] if optimized else []), point
        expected = VALIDATION | {outcome: ">= success"} | dict.fromkeys(changes, ">= :lowest_change")
        assert _required(criterion) == expected, point
        for change in changes:
            held = pack.measures[change].change
            assert held is not None
            assert (held.of, held.as_) == (outcome, "difference")


def test_each_point_has_an_adherence_and_an_outcome_of_its_own(pack: Pack) -> None:
    own = [
        fact
        for name in ("protocols", "validation")
        for _, criterion in _criteria(pack, name)
        for fact in _own(pack, criterion)
        if not fact.endswith("_change")
    ]
    assert len(own) == 48
    assert len(set(own)) == 48


def test_wordings_are_even(pack: Pack) -> None:
    """Twelve points have each wording."""
    optimized = [criterion for _, criterion in _criteria(pack, "validation") if "optimized" in criterion.text]
    assert len(optimized) == 12


def test_shared_evidence_grows_stale_after_a_month_or_a_quarter(pack: Pack) -> None:
    assert pack.measures["validation"].max_age == "31 days"
    assert pack.measures["control"].max_age == "31 days"
    assert pack.measures["framework"].max_age == "92 days"


@pytest.mark.parametrize(
    ("measure", "sides"),
    [
        ("framework", ("finance_approver", "developer_approver")),
        ("validation", ("tester", "reviewer")),
        ("control", ("tester", "reviewer")),
    ],
)
def test_the_same_person_on_both_sides_is_asked_about(
    pack: Pack, measure: str, sides: tuple[str, str]
) -> None:
    fields = pack.measures[measure].latest
    assert fields is not None
    assert any(f"{sides[0]} <> {sides[1]}" in condition for condition in fields.values())


def test_no_measure_is_a_constant(pack: Pack) -> None:
    """Every measure names a column of its source, or another measure."""
    for name, measure in pack.measures.items():
        if measure.change is not None:
            assert measure.change.of in pack.measures, name
            continue
        assert measure.source is not None, name
        written = str(
            measure.model_dump(exclude={"title", "note", "items", "must", "source"}, exclude_none=True)
        )
        contract = pack.sources[measure.source]
        columns = [*contract.columns, *contract.derive]
        assert any(column in written for column in columns), name


def test_only_what_may_be_empty_may_be_not_applicable(pack: Pack) -> None:
    assert {name for name, measure in pack.measures.items() if measure.when_empty == "not_applicable"} == {
        "risk_assessment.high_risks_on_track",
        "financial_coordination.closed_in_time",
        "investment_excellence.closed_in_time",
    }


def test_people_are_masked_wherever_rows_are_shown(pack: Pack) -> None:
    people = ("approver", "reviewer", "tester", "scorer", "publisher", "analyst", "verifier", "support_owner")
    for name, contract in pack.sources.items():
        for column, rules in contract.columns.items():
            if column.endswith(people) and name != "baseline":
                assert rules.personal, f"{name}.{column}"


def test_costs_take_a_focus_export_as_it_is(pack: Pack) -> None:
    """Column names of FOCUS 1.0, none of them our own."""
    focus = {
        "ProviderName",
        "ChargeCategory",
        "ChargePeriodStart",
        "EffectiveCost",
        "BillingCurrency",
        "Tags",
    }
    assert set(pack.sources["costs"].columns) == focus
    assert pack.sources["costs"].columns["EffectiveCost"].scale == 15


READINGS = {
    # What nobody knows while a reading is missing; everywhere else missing means "not done".
    "platform_efficiency.cost_within_utilisation_band",
    "cost_measurement.values_agree",
    "financial_reporting.reconciled",
    "performance_measurement.within_error_band",
}


def test_a_missing_value_is_left_open_where_it_is_a_reading_and_nowhere_else(pack: Pack) -> None:
    from phasegate.facts.expressions.expression import parse
    from phasegate.facts.expressions.scopes import scope_of
    from phasegate.facts.measures.kinds.validate import uses

    scopes = {name: scope_of(name, contract, pack) for name, contract in pack.sources.items()}
    open_ = {
        name: use.path[-1]
        for name, measure in pack.measures.items()
        if measure.source is not None and measure.sql is None
        for use in uses(name, measure)
        if use.wanted == "condition" and parse(use.sql, scopes[use.source]).kind.nullable
    }
    assert open_ == dict.fromkeys(READINGS, "of")


def test_no_query_reads_a_value_that_may_be_missing(pack: Pack) -> None:
    from phasegate.facts.expressions.query import read_query
    from phasegate.facts.expressions.scopes import scope_of

    scopes = {name: scope_of(name, contract, pack) for name, contract in pack.sources.items()}
    for name, measure in pack.measures.items():
        if measure.sql is not None:
            query = read_query(measure.sql, scopes, measure.unit)
            assert (query.checks, query.people) == ((), ()), name


def test_the_pack_has_no_fault(loaded: LoadedPack) -> None:
    from phasegate.facts.measures.kinds.validate import check_pack

    assert [fault.render() for fault in lint(loaded, check_pack)] == []
