"""The example of the Developer-Finance pack shows every verdict, on any day."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import polars as pl
import pytest
from example_runs import EXAMPLES, Outcome, generator, place, run

from phasegate.rules.loading.pack import load_pack
from phasegate.rules.loading.project import load_project

GATES = {
    "1": ("open_with_waivers", "open_with_waivers"),
    "2": ("undecided", "undecided"),
    "3": ("closed", "closed"),
    "4": ("closed", "open"),  # closed behind gate 3 only
    "programme": ("closed", "closed"),
}
STORY = {
    "1.1.3/systems/systems.runs_succeeded": "waived",
    **{
        f"1.2.2/validation/validation.{field}": "stale"
        for field in ("passed", "in_cycle", "sample_sufficient", "independent", "signed_off")
    },
    "2.1.2/protocols/developer_efficiency.goal_set_by_both": "unknown",
    "2.1.2/validation/developer_efficiency.goal_met": "unknown",
    "2.1.2/validation/developer_efficiency.goal_met_change": "unknown",
    "2.2.1/protocols/platform_cost.owner_coverage[Microsoft]": "fail",
    "2.2.3/validation/validation.independent": "fail",
    "3.2.3/systems/systems.registered": "unknown",
    "3.2.3/systems/systems.in_production": "unknown",
    "3.2.3/systems/systems.on_cadence": "unknown",
    "3.2.3/systems/systems.runs_succeeded": "unknown",
    "4.2.1/validation/decision_analytics.outcome_attained": "error",
    "4.2.1/validation/decision_analytics.outcome_attained_change": "error",
    "4.2.3/validation/investment_excellence.closed_in_time": "not_applicable",
    "4.2.3/validation/investment_excellence.closed_in_time_change": "not_applicable",
    "2/kpi/area_2.cost_per_unit_fall": "unknown",
    "3/annual_value/area_3.annual_value": "fail",
}
FEW_DAYS = [dt.date(2024, 2, 29), dt.date(2026, 1, 1)]
MANY_DAYS = [
    *(dt.date(2026, month, 1) for month in range(1, 13)),
    *(dt.date(2026, month, 1) - dt.timedelta(days=1) for month in range(2, 13)),
    dt.date(2024, 2, 28),
    dt.date(2026, 12, 31),
    dt.date(2024, 3, 1),
    dt.date(2025, 12, 31),
    dt.date(2026, 6, 13),  # a Saturday
    dt.date(2026, 6, 14),  # a Sunday
    dt.date(2026, 12, 26),  # a holiday after a holiday, on a Saturday
    dt.date(2027, 1, 2),
]


def _made(folder: Path, as_of: dt.date, size: int = 2_000, seed: int = 1) -> Path:
    place("developer_finance", folder)
    generator("developer_finance").generate(folder, as_of, size, seed)
    return folder


def _bytes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, as_of: dt.date) -> Path:
    return _made(tmp_path_factory.mktemp("example"), as_of)


@pytest.fixture(scope="module")
def outcome(project: Path, as_of: dt.date) -> Outcome:
    return run(project, as_of)


def test_the_gates_are_as_the_readers_first_run_should_see_them(outcome: Outcome) -> None:
    assert outcome.gates == GATES


def test_every_reason_is_the_arranged_one(outcome: Outcome) -> None:
    assert outcome.short_of_pass == STORY


def test_every_verdict_is_there(outcome: Outcome) -> None:
    assert {verdict.word for verdict in outcome.decisions.requirements.values()} == {
        "pass",
        "fail",
        "error",
        "stale",
        "unknown",
        "waived",
        "not_applicable",
    }


def test_all_extracts_are_complete_and_keep_their_contracts(outcome: Outcome) -> None:
    sources = outcome.facts.sources.values()
    assert {source.name for source in sources if source.status != "ok"} == {"deliveries"}
    assert all(source.complete for source in sources if source.status == "ok")


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("day", FEW_DAYS, ids=str)
def test_the_same_on_an_odd_day(tmp_path: Path, day: dt.date) -> None:
    found = run(_made(tmp_path, day), day)
    assert (found.gates, found.short_of_pass) == (GATES, STORY)


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(day, id=str(day), marks=pytest.mark.long if place % 6 else pytest.mark.slow)
        for place, day in enumerate(MANY_DAYS)
    ],
)
def test_the_same_on_any_day(tmp_path: Path, day: dt.date) -> None:
    found = run(_made(tmp_path, day), day)
    assert (found.gates, found.short_of_pass) == (GATES, STORY)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "seed"), [(1_000, 1), (1_777, 1), (100_000, 1), (2_000, 2), (2_000, 77)])
def test_the_same_at_any_size_and_seed(tmp_path: Path, as_of: dt.date, size: int, seed: int) -> None:
    found = run(_made(tmp_path, as_of, size, seed), as_of)
    assert (found.gates, found.short_of_pass) == (GATES, STORY)


def test_connecting_the_missing_source_decides_what_hung_on_it(tmp_path: Path, as_of: dt.date) -> None:
    file = _made(tmp_path, as_of) / "phasegate.yaml"
    text = file.read_text(encoding="utf-8")
    assert "  # deliveries:" in text
    file.write_text(text.replace("  # deliveries:", "  deliveries:"), encoding="utf-8")
    found = run(tmp_path, as_of)
    assert found.decisions.points["2.1.2"].word == "pass"
    assert found.decisions.criteria["2/kpi"].word == "pass"
    assert found.gates["2"] == ("undecided", "undecided"), "the validation of 1.2.2 is still out of date"


def test_same_date_size_and_seed_give_the_same_bytes(tmp_path: Path, project: Path, as_of: dt.date) -> None:
    assert _bytes(_made(tmp_path, as_of)) == _bytes(project)


def test_a_smaller_run_leaves_nothing_of_a_larger_one(
    tmp_path: Path, project: Path, as_of: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator("developer_finance")
    import bulk

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "CHUNK", 700)
        _made(tmp_path, as_of, 3_000)
        assert len(list((tmp_path / "data" / "costs").iterdir())) == 5
    assert _bytes(_made(tmp_path, as_of)) == _bytes(project)


def test_chunks_make_the_same_rows_as_a_whole(
    tmp_path: Path, project: Path, as_of: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator("developer_finance")
    import bulk

    monkeypatch.setattr(bulk, "CHUNK", 700)
    _made(tmp_path, as_of)
    parts = pl.read_parquet(tmp_path / "data" / "costs" / "*.parquet")
    assert parts.equals(pl.read_parquet(project / "data" / "costs" / "*.parquet"))
    totals = "data/control-totals.yaml"
    assert (tmp_path / totals).read_bytes() == (project / totals).read_bytes()


def test_the_project_names_every_source_but_one() -> None:
    loaded = load_pack("developer_finance").pack
    text = (EXAMPLES / "developer_finance" / "phasegate.yaml").read_text(encoding="utf-8")
    named = {name for name in loaded.sources if f"\n  {name}:" in text}
    assert set(loaded.sources) - named == {"deliveries"}


def test_the_cycle_is_in_its_eighth_week(project: Path, as_of: dt.date) -> None:
    cycle = load_project(project / "phasegate.yaml").project.cycle
    assert cycle is not None
    assert (as_of - cycle.start).days // 7 + 1 == 8
    assert cycle.start.weekday() == 0


@pytest.mark.parametrize("size", ["999", "1e9", "1500.5"])
def test_an_impossible_size_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        generator("developer_finance").main(["--size", size])
    assert stopped.value.code == 2
    assert "--size must be a whole number from 1000 to 100000000" in capsys.readouterr().err


def test_one_charge_in_another_currency_is_an_error_wherever_costs_are_added_up(
    tmp_path: Path, as_of: dt.date
) -> None:
    file = _made(tmp_path, as_of) / "data" / "costs" / "costs-0000.parquet"
    costs = pl.read_parquet(file).with_row_index("row")
    foreign = pl.when(pl.col("row") == 1).then(pl.lit("EUR")).otherwise("BillingCurrency")
    costs.with_columns(foreign.alias("BillingCurrency")).drop("row").write_parquet(file)
    verdicts = run(tmp_path, as_of).decisions.requirements
    assert {name for name, verdict in verdicts.items() if verdict.word == "error" and name[0] == "2"} == {
        "2.1.1/protocols/cost_planning.mapped_to_plan",
        "2.1.1/validation/cost_planning.forecast_accuracy",
        "2.2.1/protocols/platform_cost.owner_coverage[AWS]",
        "2/success/area_2.efficiency_score",
    }
