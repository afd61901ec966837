"""What is told to open the gates of the example opens them: both engines decide facts that are so changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

import pytest
from example_runs import generator, place

from phasegate.engine.opening.ways import Opening, Work, opening, ways
from phasegate.facts.model.fact import Fact, FactSet
from phasegate.records.decide import judge
from phasegate.records.facts import recorded_facts
from phasegate.records.schema import Record
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.model.verdict import BY_WORD, OPEN_STATES
from phasegate.runs.attempt import Attempt
from phasegate.runs.replay import inputs_of
from phasegate.runs.why_not import resolved_again, why_not


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory, as_of: dt.date) -> tuple[Record, LoadedProject]:
    """The gate of the whole programme."""
    folder = place("developer_finance", tmp_path_factory.mktemp("example"))
    generator("developer_finance").generate(folder, as_of)
    moment = dt.datetime.combine(as_of, dt.time(12), dt.UTC)
    under: list[LoadedProject] = []
    attempt = Attempt(("gate", "programme"), folder, moment, {}, kept=False)
    record, _ = attempt.decide(None, gate="programme", under=under)
    return record, under[0]


def test_work_is_told_by_area_with_those_who_do_it(decided: tuple[Record, LoadedProject]) -> None:
    found = why_not(*decided)
    assert found.tasks is not None
    assert found.certain
    assert [(each.area, each.does, each.id, each.slice) for each in found.tasks] == [
        ("1", "renew", "validation", "1.2.2"),
        ("2", "connect", "deliveries", ""),
        ("2", "mend", "platform_cost.owner_coverage", "Microsoft"),
        ("2", "mend", "validation", "2.2.3"),
        ("3", "bring", "systems.registered", "3.2.3"),
        ("3", "bring", "systems.in_production", "3.2.3"),
        ("3", "bring", "systems.on_cadence", "3.2.3"),
        ("3", "bring", "systems.runs_succeeded", "3.2.3"),
        ("4", "repair", "decision_analytics.outcome_attained", ""),
    ]
    assert [each["id"] for each in found.before] == ["2", "3", "4"]


@pytest.mark.slow
def test_all_of_it_opens_the_gate_and_all_but_any_one_does_not(decided: tuple[Record, LoadedProject]) -> None:
    record, loaded = decided
    resolved = resolved_again(record, loaded)
    words = {each["id"]: each["verdict"] for each in record["requirements"]}
    verdicts = [BY_WORD[words[each.id]] for each in resolved.plan.requirements]
    broken = {each["name"] for each in record["sources"] if each["status"] != "ok"}
    found = opening(ways(loaded.pack.pack, resolved, verdicts, broken, ()), resolved, verdicts, "programme")
    assert found is not None
    inputs = inputs_of(record, loaded.pack)
    assert judge(inputs, changed(record, loaded, found, found.work))["outcome"] in OPEN_STATES
    for work in found.work:
        rest = [each for each in found.work if each != work]
        assert judge(inputs, changed(record, loaded, found, rest))["outcome"] not in OPEN_STATES, work


def changed(record: Record, loaded: LoadedProject, found: Opening, done: Collection[Work]) -> FactSet:
    """The facts of a record once something is done."""
    facts = recorded_facts(record["as_of"], record["facts"])
    return FactSet(facts.as_of, dict(_changed(facts, loaded, found, done)), {})


def _changed(
    facts: FactSet, loaded: LoadedProject, found: Opening, done: Collection[Work]
) -> Iterator[tuple[tuple[str, str], Fact]]:
    from dataclasses import replace

    pack = loaded.pack.pack
    for key, fact in facts.facts.items():
        name = measure_of(pack, fact.measure)
        assert name is not None
        change = pack.measures[name].change
        about = {(change.of if change is not None else name, fact.slice)}
        if "deliveries" in fact.reason:
            about = {("deliveries", "")}
        value = found.values.get(fact.id)
        if value is None or not about <= {(each.id, each.slice) for each in done}:
            yield key, fact
            continue
        number, below = value.number or (None, None)
        parts = {"numerator": number, "denominator": below, "truth": value.truth, "text": value.text}
        yield key, replace(fact, status="present", reason="", ends=None, **parts)
