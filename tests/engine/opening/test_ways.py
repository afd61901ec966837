"""Doing what is listed opens a gate, and doing all but any one thing does not: decided anew each time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import SIZE, examples

from phasegate.engine.decide import decide
from phasegate.engine.opening.become import Value
from phasegate.engine.opening.search import Item
from phasegate.engine.opening.ways import Opening, Work, opening, ways
from phasegate.engine.plan import Requirement
from phasegate.engine.resolve import Resolved
from phasegate.engine.scope import for_gate
from phasegate.facts.model.fact import Fact, FactSet
from phasegate.rules.loading.pack import LoadedPack, pack_of
from phasegate.rules.model.requirements import quantities
from phasegate.rules.model.verdict import GateState, Verdict
from phasegate.rules.model.waiver import Waiver

Draw = Any
Key = tuple[str, str]
DAY = dt.date(2026, 3, 1)
LONG = (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
MEASURES: dict[str, dict[str, Any]] = {
    "done": {"from": "rows", "ratio": {"of": "ok"}, "unit": "%", "by": "point"},
    "late": {"from": "rows", "count": "NOT ok"},
    "paid": {"from": "more", "sum": "amount", "unit": "EUR"},
    "there": {"from": "more", "exists": "ok"},
    "last": {"from": "rows", "latest": {"good": "ok", "size": "amount"}},
    "grown": {"change": {"of": "late", "as": "difference"}},
    "said": {"attested": {"by": "auditor"}},
}
BOUNDS: dict[str, list[object]] = {
    "done": [">= 95 %", ">= 50 %", "> 90 %", "<= 75 %", "between 40 % and 60 %"],
    "late": ["<= 3", "< 3", "== 4", "!= 0", ">= 6"],
    "paid": [">= 100 EUR", "< 50.25 EUR", "between 10 EUR and 20 EUR"],
    "there": [True, False],
    "last.good": [True, False],
    "last.size": [">= 5", "<= 2"],
    "grown": ["<= 0", ">= 2"],
    "said": [True],
}
COLUMNS = {
    "point": {"type": "string"},
    "ok": {"type": "boolean"},
    "amount": {"type": "decimal"},
}


@dataclass(frozen=True)
class World:
    """A pack with its facts, the tables that can not be read, and the gate that is asked for."""

    rules: LoadedPack
    facts: FactSet
    broken: frozenset[str]
    gate: str

    def state(self, facts: FactSet, waivers: Sequence[Waiver] = ()) -> GateState:
        """The state of the gate, decided twice."""
        scope = for_gate(self.rules.pack, self.gate)
        found = decide(self.rules, facts, scope, quantities(self.rules.pack), waivers, plainly=True)
        assert found.agreed.disagreements == ()
        return found.agreed.decisions.gates[self.gate].state


@st.composite
def packs(draw: Draw) -> LoadedPack:
    """Two or three points in as many phases, with alternatives, all enforcements, and limits of waivers."""

    def require(depth: int) -> dict[str, object]:
        names = draw(st.lists(st.sampled_from(list(BOUNDS)), min_size=1, max_size=3 - depth, unique=True))
        found: dict[str, object] = {
            name: draw(st.sampled_from([*BOUNDS[name][:1] * 8, *BOUNDS[name]])) for name in names
        }
        if depth < 2 and draw(st.integers(0, 2)) == 0:
            found["any_of"] = [require(depth + 1) for _ in range(draw(st.integers(2, 3)))]
        return found

    points = [str(number) for number in range(1, draw(st.integers(2, 4)))]
    levels = st.sampled_from(["hard", "soft", "soft", "advisory"])
    caps = st.sampled_from([{}, {}, {"max_waivers": 0}, {"max_waivers": 1}])
    written = {
        "pack": "drawn",
        "title": "Drawn",
        "areas": {"a": {"title": "Area"}},
        "points": {
            point: {
                "title": "Point",
                "area": "a",
                "criteria": [
                    {
                        "id": f"c{number}",
                        "text": "it is so",
                        "enforcement": draw(levels),
                        "require": require(0),
                    }
                    for number in range(draw(st.integers(1, 2)))
                ],
            }
            for point in points
        },
        "phases": {point: {"title": "Phase", "points": [point], **draw(caps)} for point in points},
        "sources": {name: {"title": "Rows", "columns": COLUMNS} for name in ("rows", "more")},
        "measures": {name: {"title": name, **each} for name, each in MEASURES.items()},
    }
    return pack_of({"pack.yaml": json.dumps(written).encode()}, "drawn")


@st.composite
def worlds(draw: Draw) -> World:
    """Facts of every status, and values that mostly miss."""
    rules = draw(packs())
    points = list(rules.pack.points)
    broken = frozenset(draw(st.sampled_from([(), (), (), ("more",), ("rows", "more")])))
    found: dict[Key, Fact] = {}
    for name in BOUNDS:
        measure = name.partition(".")[0]
        for part in points if name == "done" else [""]:
            status = draw(st.sampled_from(["present"] * 4 + ["stale", "unknown", "error", "not_applicable"]))
            if {MEASURES[measure].get("from"), "rows" if name == "grown" else None} & broken:
                status = "unknown"
            found[name, part] = drawn(draw, name, part, status)
    return World(
        rules, FactSet(DAY, found, {}), broken, draw(st.sampled_from([*points, points[-1], points[-1]]))
    )


def drawn(draw: Draw, name: str, part: str, status: Any) -> Fact:
    fact = Fact(name, part, status, "" if status == "present" else "why", unit=UNITS.get(name))
    if status not in ("present", "stale"):
        return fact
    if name in ("there", "last.good", "said"):
        return replace(fact, truth=draw(st.booleans()))
    whole = draw(st.sampled_from([1, 4, 10, 20])) if name == "done" else 100 if name == "paid" else 1
    most = whole if name == "done" else 12_000 if name == "paid" else 8
    low = -3 if name == "grown" else 0
    return replace(fact, numerator=draw(st.integers(low, most)), denominator=whole, newest=DAY)


UNITS = {"done": "%", "paid": "EUR"}


def needed(world: World, key: Key) -> set[Item]:
    """What must be done so that a fact becomes another one, said once more."""
    fact, part = key
    measure = {"grown": "late"}.get(fact, fact.partition(".")[0])
    table = MEASURES[measure].get("from")
    if table in world.broken and world.facts.facts[key].status in ("error", "unknown"):
        return {Work("source", table).item}
    return {Work("attestation" if measure == "said" else "rows", measure, part).item}


def done(world: World, found: Opening, items: set[Item]) -> FactSet:
    """The facts once something is done."""
    facts = dict(world.facts.facts)
    for key, fact in facts.items():
        value = found.values.get(fact.id)
        if value is not None and needed(world, key) <= items:
            facts[key] = with_value(fact, value)
    return FactSet(DAY, facts, {})


def with_value(fact: Fact, value: Value) -> Fact:
    number, below = value.number or (None, None)
    return replace(
        fact,
        status="present",
        reason="",
        numerator=number,
        denominator=below,
        truth=value.truth,
        text=value.text,
    )


def granted(world: World, found: Opening, items: set[Item]) -> list[Waiver]:
    """The waivers among what is done."""
    scope = for_gate(world.rules.pack, world.gate)
    seen = decide(world.rules, world.facts, scope, {}, plainly=True)
    facts = done(world, found, items)
    pairs = zip(seen.resolved.plan.requirements, seen.resolved.asked, strict=True)
    return [
        waiver(world, requirement, facts.facts[origin.fact.measure, origin.fact.slice])
        for requirement, origin in pairs
        if Work("waiver", requirement.id).item in items
    ]


def waiver(world: World, requirement: Requirement, fact: Fact, verdict: Verdict = Verdict.FAIL) -> Waiver:
    """A waiver that covers a requirement as its fact is, down to just that value."""
    fails = verdict is Verdict.FAIL and fact.status == "present"
    floor = None
    if fails and fact.value is not None:
        value = fact.value * (100 if fact.unit == "%" else 1)
        floor = f"{decimal(value)}{f' {fact.unit}' if fact.unit else ''}"
    covers = {"stale": "stale", "unknown": "unknown"}.get(fact.status, "fail")
    return Waiver.model_validate(
        {
            "id": f"W-{requirement.id}".replace("/", "-").replace("#", "-"),
            "requirement": requirement.id,
            "pack_digest": world.rules.digest,
            "covers": [covers],
            "floor": floor,
            "reason": "so it is",
            "risk_owner": "r",
            "requester": "q",
            "approver": "a",
            "granted": LONG[0],
            "start": LONG[0],
            "end": LONG[1],
        }
    )


def decimal(value: Fraction) -> str:
    scaled = value * 10_000
    assert scaled.denominator == 1
    sign, digits = "-" if scaled < 0 else "", f"{abs(scaled.numerator):05d}"
    return f"{sign}{digits[:-4]}.{digits[-4:]}"


def found_in(world: World) -> tuple[Opening | None, Resolved]:
    scope = for_gate(world.rules.pack, world.gate)
    seen = decide(world.rules, world.facts, scope, {}, plainly=True)
    verdicts = list(seen.agreed.decisions.requirements.values())
    possible = ways(world.rules.pack, seen.resolved, verdicts, world.broken, ())
    return opening(possible, seen.resolved, verdicts, world.gate), seen.resolved


def test_it_opens_with_all_of_it_and_not_without_any_one() -> None:
    """And waivers may stand where it is said so, and nowhere else."""
    several: list[bool] = []

    @settings(max_examples=examples(60) if SIZE != "fast" else 5, suppress_health_check=list(HealthCheck))
    @given(worlds())
    def of_any(world: World) -> None:
        found, asked = found_in(world)
        several.append(found is not None and len(found.work) > 1)
        if found is not None:
            opens_with_all_of_it(world, found)
            waivers_may_stand(world, found, asked)

    of_any()
    assert sum(several) > len(several) / 3  # or else nothing was tried


def opens_with_all_of_it(world: World, found: Opening) -> None:
    items = {each.item for each in found.work}
    assert world.state(done(world, found, items), granted(world, found, items)) <= GateState.OPEN_WITH_WAIVERS
    for item in items:
        rest = items - {item}
        left = world.state(done(world, found, rest), granted(world, found, rest))
        assert left > GateState.OPEN_WITH_WAIVERS, item
        for other in found.instead[item]:
            others = rest | {other.item}
            assert world.state(done(world, found, others), granted(world, found, others)) <= (
                GateState.OPEN_WITH_WAIVERS
            )


def waivers_may_stand(world: World, found: Opening, asked: Resolved) -> None:
    items = {each.item for each in found.work}
    for item in items - {each.item for each in found.work if each.kind == "waiver"}:
        rest = items - {item}
        instead = [
            waiver(world, asked.plan.requirements[leaf], asked.asked[leaf].fact)
            for leaf in found.leaves[item]
            if asked.asked[leaf].fact.status in ("present", "stale", "unknown")
        ]
        opens = world.state(done(world, found, rest), [*granted(world, found, rest), *instead])
        assert (opens <= GateState.OPEN_WITH_WAIVERS) is (item in found.waivable), item
