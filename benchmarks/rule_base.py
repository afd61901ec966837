"""durable-rules: the built-in pack compiled to rules and run once, against importing polars."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator

from yardstick import Row, in_turn, run_process, seconds, time_ratio, timed

from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.resolve import Resolved, resolve
from phasegate.engine.scope import everything, measures_in
from phasegate.facts.model.fact import WHOLE, Fact, FactSet
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.values.units import Quantity

BARE = [sys.executable, "-c", "pass"]


def plausible_fact(pack: Pack, name: str, slice_: str) -> Fact:
    """A fact of the form that the measure has: true, or 97 of 100."""
    measure = pack.measures[measure_of(pack, name) or name]
    if measure.kind in ("exists", "latest"):
        return Fact(name, slice_, "present", truth=True)
    return Fact(name, slice_, "present", unit=measure.value_unit, numerator=97, denominator=100)


def whole_pack() -> Resolved:
    """The Developer-Finance pack, all of it, with a fact for each requirement."""
    pack = load_pack("developer_finance").pack
    scope = everything(pack)
    facts = {
        (name, slice_): plausible_fact(pack, name, slice_)
        for name in measures_in(pack, scope)
        for slice_ in (
            pack.points if pack.measures[measure_of(pack, name) or name].by == "point" else [WHOLE]
        )
    }
    parameters = {f":{name}": Quantity.parse(str(each.value)) for name, each in pack.parameters.items()}
    return resolve(pack, FactSet(dt.date(2026, 1, 1), facts, {}), parameters, scope)


def rows(rounds: int) -> Iterator[Row]:
    """Compile and run, against what a bare interpreter needs to import polars."""
    resolved = whole_pack()

    def compile_and_run() -> None:
        with RuleBase(resolved.plan) as rules:
            rules.decide(resolved.observations)

    bare, _ = in_turn(lambda: run_process(BARE), lambda: run_process(BARE), rounds)
    start = min(run.seconds for run in bare)
    ours, imports = in_turn(
        lambda: timed(compile_and_run),
        lambda: run_process([sys.executable, "-c", "import polars"]),
        rounds,
    )
    net = [type(run)(run.seconds - start, run.megabytes) for run in imports]
    yield Row(
        f"durable-rules: compile the pack ({len(resolved.plan.requirements)} requirements) and run it once",
        "`import polars`",
        1,
        time_ratio(ours, net),
        f"{seconds(ours)} against {seconds(net)}",
    )
