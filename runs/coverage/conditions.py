"""Conditions of a pack, and which of them the rows of cases show to be true, false or undetermined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from phasegate.facts.assemble import sources_read
from phasegate.facts.expressions.expression import Scope, condition
from phasegate.facts.expressions.scopes import scope_of
from phasegate.facts.measures.kinds.consequences import Consequences
from phasegate.facts.measures.kinds.uses import POPULATION, uses
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.yaml.parser import Path
from phasegate.runs.cases.run import CaseResult, Ground, facts_of, prepared
from phasegate.runs.cases.tables import open_cases

STATES = {"true": "({}) IS TRUE", "false": "({}) IS FALSE", "undetermined": "({}) IS NULL"}
"""What a condition can be in a row, and how that is asked."""
Shown = set[tuple[Path, str]]
"""The places of conditions, and what each was shown to be."""


class Condition(NamedTuple):
    """A condition, and the rows in which it is asked.

    Attributes:
        measure: the measure that it belongs to; None for what a contract holds rows to.
        path: where it stands.
        source: the source of its rows.
        sql: it.
        within: the conditions that rows meet in which it is asked.
        nullable: whether it may be undetermined.
    """

    measure: str | None
    path: Path
    source: str
    sql: str
    within: tuple[str, ...]
    nullable: bool

    @property
    def states(self) -> tuple[str, ...]:
        """What it can be."""
        return tuple(state for state in STATES if state != "undetermined" or self.nullable)


def conditions_of(pack: Pack) -> Iterator[Condition]:
    """The conditions of a pack's measures, but for those in queries; then those of its contracts."""
    scopes = {name: scope_of(name, contract, pack) for name, contract in pack.sources.items()}
    consequences = Consequences(pack, scopes)
    for id_, measure in pack.measures.items():
        if not measure.for_information:
            yield from _of_measure(id_, measure, scopes, consequences)
    for name, contract in pack.sources.items():
        for place, sql in enumerate(contract.holds):
            path: Path = ("sources", name, "holds", place)
            yield Condition(None, path, name, sql, (), condition(sql, scopes[name]).nullable)


def _of_measure(
    id_: str, measure: Measure, scopes: Mapping[str, Scope], consequences: Consequences
) -> Iterator[Condition]:
    all_uses = tuple(uses(id_, measure))
    found = [use for use in all_uses if use.wanted == "condition" and use.source in scopes]
    order = {name: place for place, name in enumerate(POPULATION)}  # what is asked of rows comes last
    within: dict[str, tuple[str, ...]] = {}
    for use in sorted(found, key=lambda use: order.get(str(use.path[-1]), len(order))):
        read = condition(use.sql, scopes[use.source])
        nullable = read.nullable and not consequences.decided(measure, use, all_uses)
        yield Condition(id_, use.path, use.source, use.sql, within.get(use.source, ()), nullable)
        if use.path[-1] in order:
            within[use.source] = (*within.get(use.source, ()), use.sql)


def shown_conditions(
    ground: Ground, named: Sequence[tuple[CaseResult, frozenset[str]]], conditions: Sequence[Condition]
) -> Shown:
    """What the rows of cases show of the conditions of those measures that they name.

    Rows that a contract refuses count here, too: they are what shows that it refuses them.

    Args:
        ground: what the cases were decided by.
        named: the cases, and the measures that each names.
        conditions: the conditions that are asked for.
    """
    probes = {
        f"{place}:{state}": (each, state) for place, each in enumerate(conditions) for state in each.states
    }
    probing = replace(ground, rules=replace(ground.rules, pack=_probing(ground.pack, probes)))
    asking = []
    for result, measures in named:
        sources = sources_read(ground.pack, set(measures)) if measures else frozenset()
        mine = {
            name
            for name, (each, _) in probes.items()
            if (each.measure in measures if each.measure is not None else each.source in sources)
        }
        case, pack, asked = prepared(probing, result.case)
        asking.append((case, pack, replace(asked, measures=frozenset(mine))))
    found: Shown = set()
    opened = open_cases(ground.calendar, ground.zone, asking)
    for each, tables in zip(asking, opened, strict=True):
        if not isinstance(tables, PhasegateError):
            facts = facts_of(probing, *each, tables).facts
            rows = {name: fact.extremes for (name, _), fact in facts.items() if fact.status == "present"}
            shown = (probes[name] for name, counted in rows.items() if counted is not None and counted[0] > 0)
            found |= {(condition_.path, state) for condition_, state in shown}
    return found


def _probing(pack: Pack, probes: Mapping[str, tuple[Condition, str]]) -> Pack:
    """A pack that counts the rows in which conditions are so, and holds rows to none of its own."""
    measures = {}
    for name, (each, state) in probes.items():
        where = " AND ".join(f"({sql})" for sql in each.within) or None
        counted = {"count": STATES[state].format(each.sql), "where": where, "from": each.source}
        measures[name] = Measure.model_validate({"title": each.sql, **counted})
    sources = {name: each.model_copy(update={"holds": ()}) for name, each in pack.sources.items()}
    return pack.model_copy(update={"measures": {**pack.measures, **measures}, "sources": sources})
